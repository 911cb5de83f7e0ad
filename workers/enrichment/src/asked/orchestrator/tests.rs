use contract::{Adjudicator, Enrichment, ModelUse, Reconciliation};
use model::{Enquiry, Scripted};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::asked::given;

/// Neighbours of every kind: they agree on nothing.
const ODD: &str = "Experience with Photoshop, Zentarrow, PostgreSQL, Kubernetes and Java";

fn posting(requirement: &str) -> String {
    given::posting(&["Build the services of our depots", "Review code"], requirement)
}

/// A model that says this of the first skill, and nothing else.
fn saying(place: Value) -> Scripted {
    Scripted::new(move |enquiry: &Enquiry| {
        Ok((enquiry.purpose == ModelUse::Orchestrator).then(|| json!({ "skills": [place] })))
    })
}

fn place(skill_type: Value, category: Value, dimension: Value) -> Value {
    json!({
        "number": 1, "skill_type": skill_type, "category": category, "dimension": dimension,
        "alias_of": null, "confidence": 0.8,
    })
}

/// The unknown skill of a posting, and how much of the answer was dropped.
async fn placed(requirement: &str, place: Value) -> (SkillDetail, u32) {
    let run = given::enriched(Arc::new(saying(place)), &posting(requirement)).await.unwrap();
    let dropped = run.ledger.iter().map(|call| call.dropped).sum();
    (unknown(&run.outputs.enrichment), dropped)
}

fn unknown(enrichment: &Enrichment) -> SkillDetail {
    let mut unknown = enrichment.skills_detail.iter().filter(|detail| detail.canonical_id.is_none());
    let found = unknown.next().unwrap().clone();
    assert!(unknown.next().is_none());
    found
}

fn built_in(requirement: &str) -> SkillDetail {
    unknown(&given::built_in(&posting(requirement)))
}

#[tokio::test]
async fn what_the_vote_left_open_is_placed() {
    let (detail, dropped) =
        placed(ODD, place(json!("Datastore"), json!("databases"), json!("relational-databases"))).await;
    assert_eq!(dropped, 0);
    assert_eq!(detail.profile.skill_type, Some(SkillType::Datastore));
    assert_eq!(detail.profile.category.as_deref(), Some("databases"));
    assert_eq!(detail.profile.sub_category, None, "it has several");
    assert_eq!((detail.profile.volatility, detail.profile.lifespan), (None, None));
    let [dimension] = &detail.dimensions[..] else { panic!("{detail:?}") };
    assert_eq!(dimension.slug.as_deref(), Some("relational-databases"));
    assert_eq!((dimension.is_primary, dimension.confidence), (true, 0.8));
    let (before, after) = (built_in(ODD).orchestration.unwrap(), detail.orchestration.unwrap());
    assert_eq!((after.by, after.agreement), (Adjudicator::Model, before.agreement));
    assert_eq!(after.proposals[0].reconciliation, Reconciliation::Merge);
    assert_eq!(after.facts, before.facts);
    assert!(after.warnings.contains(&"placed by a language model".to_owned()));
}

#[tokio::test]
async fn the_question_is_small_and_shows_where_the_skill_stands() {
    let model = Arc::new(saying(place(Value::Null, Value::Null, Value::Null)));
    given::enriched(Arc::clone(&model) as _, &posting(ODD)).await.unwrap();
    let asked = model.asked();
    let enquiry = asked.iter().find(|enquiry| enquiry.purpose == ModelUse::Orchestrator).unwrap();
    let [skills, dimensions, categories] = &enquiry.data[..] else { panic!("{enquiry:?}") };
    assert!(skills.data.starts_with("1. Zentarrow"), "{}", skills.data);
    assert!(skills.data.contains("Photoshop, Zentarrow, PostgreSQL"), "{}", skills.data);
    for near in ["relational-databases", "design-tools"] {
        assert!(dimensions.data.contains(near), "{}", dimensions.data);
    }
    assert!(categories.data.contains("databases"), "{}", categories.data);
    assert_eq!((dimensions.data.lines().count(), categories.data.lines().count()), (25, 15));
    assert!(
        !enquiry.shape.schema().to_string().contains("Zentarrow"),
        "strangers' words stay in their fence"
    );
}

#[tokio::test]
async fn where_the_vote_is_sure_nobody_is_asked() {
    let sure = "Experience with PostgreSQL, MySQL, Zentarrow, Oracle Database and SQL Server";
    let model = Arc::new(saying(place(json!("Tool"), Value::Null, Value::Null)));
    let run = given::enriched(Arc::clone(&model) as _, &posting(sure)).await.unwrap();
    assert!(model.asked().iter().all(|enquiry| enquiry.purpose != ModelUse::Orchestrator));
    assert_eq!(unknown(&run.outputs.enrichment), built_in(sure));
}

#[tokio::test]
async fn what_does_not_go_together_is_dropped() {
    // The library has no certification among its databases.
    let (detail, dropped) = placed(ODD, place(json!("Certification"), json!("databases"), Value::Null)).await;
    assert_eq!((detail.profile.category, dropped), (None, 1));
    assert_eq!(detail.profile.skill_type, Some(SkillType::Certification));
    // Another domain's dimension.
    let (detail, dropped) =
        placed(ODD, place(json!("Datastore"), json!("databases"), json!("design-tools"))).await;
    assert_eq!((detail.profile.category, dropped, detail.dimensions.len()), (None, 1, 1));
    // Without a type it may be a practice.
    let (detail, dropped) = placed(ODD, place(Value::Null, json!("databases"), json!("design-tools"))).await;
    assert_eq!((&detail, dropped), (&built_in(ODD), 2));
}

#[tokio::test]
async fn a_practice_is_linked_to_no_technology() {
    let (detail, dropped) =
        placed(ODD, place(json!("Practice"), Value::Null, json!("relational-databases"))).await;
    assert_eq!((detail.dimensions.len(), dropped), (0, 0));
    let warnings = detail.orchestration.unwrap().warnings;
    assert!(warnings.iter().any(|warning| warning.contains("by a second posting")), "{warnings:?}");
}

#[tokio::test]
async fn a_doubtful_place_is_none() {
    let mut doubtful = place(json!("Datastore"), Value::Null, Value::Null);
    doubtful["confidence"] = json!(0.59);
    assert_eq!(placed(ODD, doubtful).await, (built_in(ODD), 0));
}

#[tokio::test]
async fn no_name_is_taken_for_another_that_is_not_like_it() {
    let mut other = place(json!("Tool"), Value::Null, Value::Null);
    other["alias_of"] = json!("postgresql");
    let model = Arc::new(saying(other));
    let error = given::enriched(Arc::clone(&model) as _, &posting(ODD)).await.unwrap_err();
    assert!(matches!(error, ModelError::Invalid(_)), "it was not offered");
}

#[tokio::test]
async fn without_an_answer_nothing_changes_and_an_error_is_handed_on() {
    let silent = given::enriched(Arc::new(Scripted::new(|_| Ok(None))), &posting(ODD)).await.unwrap();
    assert_eq!(silent.outputs.enrichment, given::built_in(&posting(ODD)));
    let limited = |_: &Enquiry| Err(ModelError::RateLimited { retry_after: Duration::from_secs(7) });
    let error = given::enriched(Arc::new(Scripted::new(limited)), &posting(ODD)).await.unwrap_err();
    assert!(matches!(error, ModelError::RateLimited { .. }));
}
