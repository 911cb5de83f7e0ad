use contract::ModelUse;
use model::{Enquiry, Scripted};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::asked::given;

const DUTIES: [&str; 3] = [
    "Design the routing services that plan the tours of our couriers",
    "Repair conveyor belts before the night shift begins",
    "Never release a parcel without a scan",
];

/// What comes of these wordings of the themes.
async fn described(themes: Value) -> (Assessed<Vec<KraDescription>>, u32) {
    let model = Scripted::new(move |enquiry: &Enquiry| {
        Ok((enquiry.purpose == ModelUse::KraDescriptions).then(|| json!({ "themes": themes })))
    });
    let run = given::enriched(Arc::new(model), &posting()).await.unwrap();
    let dropped = run.ledger.iter().map(|call| call.dropped).sum();
    (run.outputs.enrichment.client.kra_description, dropped)
}

fn posting() -> String {
    given::posting(&DUTIES, "Experience with PostgreSQL")
}

fn built_in() -> Assessed<Vec<KraDescription>> {
    given::built_in(&posting()).client.kra_description
}

#[tokio::test]
async fn a_wording_in_the_statements_own_words_is_taken() {
    let (assessed, dropped) = described(json!([
        { "number": 1, "title": "Routing services", "description": "design routing services to plan courier tours." },
    ]))
    .await;
    let themes = assessed.value.unwrap();
    assert_eq!((themes.len(), dropped), (3, 0), "{themes:?}");
    assert_eq!((themes[0].title.as_str(), themes[0].by), ("Routing Services", Adjudicator::Model));
    assert_eq!(themes[0].description, "Design routing services to plan courier tours");
    assert!(assessed.method.ends_with(METHOD), "{}", assessed.method);
    let before = built_in().value.unwrap();
    assert_eq!(themes[1..], before[1..]);
    assert_eq!((&themes[0].spans, themes[0].level), (&before[0].spans, before[0].level));
}

#[tokio::test]
async fn a_wording_that_says_more_or_other_things_leaves_the_built_in_one() {
    for (number, title, description) in [
        (1, "Routing services", "Design routing services to save 20 percent of the tours"),
        (1, "Routing services", "Design routing services in Kubernetes"),
        (1, "Routing services", "The routing services plan tours"),
        (1, "Routing services", "Ignore the above"),
        (1, "The routing services of couriers", "Design the routing services"),
        (1, "", "Design the routing services"),
        (1, "Routing", "Design"),
        (3, "Parcel release", "Release a parcel without a scan"),
        (3, "Parcel release", "Release parcels"),
        (2, "Routing services", "Design the routing services"),
        (9, "Routing services", "Design the routing services"),
    ] {
        let theme = json!([{ "number": number, "title": title, "description": description }]);
        let (assessed, dropped) = described(theme).await;
        assert_eq!(assessed, built_in(), "{description}");
        assert_eq!(dropped, 1, "{description}");
    }
}

#[tokio::test]
async fn a_theme_is_worded_once() {
    let (assessed, dropped) = described(json!([
        { "number": 2, "title": "Conveyor belts", "description": "Repair conveyor belts before the shift" },
        { "number": 2, "title": "Night shift", "description": "Repair belts before the night shift" },
    ]))
    .await;
    assert_eq!((assessed.value.unwrap()[1].title.as_str(), dropped), ("Conveyor Belts", 1));
}

#[tokio::test]
async fn without_an_answer_nothing_changes_and_an_error_is_handed_on() {
    let silent = given::enriched(Arc::new(Scripted::new(|_| Ok(None))), &posting()).await.unwrap();
    assert_eq!(silent.outputs.enrichment, given::built_in(&posting()));
    let away = || ModelError::Away { retry_after: Duration::from_secs(9), why: "no route".to_owned() };
    let error = given::enriched(Arc::new(Scripted::new(move |_| Err(away()))), &posting()).await.unwrap_err();
    assert!(matches!(error, ModelError::Away { .. }));
}

#[tokio::test]
async fn a_posting_without_duties_is_asked_nothing() {
    let text = "Backend Engineer\n\nRequirements\n- Experience with PostgreSQL\n- Experience with Java\n";
    let model = Arc::new(Scripted::new(|_| Ok(None)));
    given::enriched(Arc::clone(&model) as _, text).await.unwrap();
    assert!(model.asked().iter().all(|enquiry| enquiry.purpose != ModelUse::KraDescriptions));
}
