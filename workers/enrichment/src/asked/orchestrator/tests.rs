use contract::{Adjudicator, Enrichment, ModelUse, Options, Reconciliation, Versions};
use futures::future::BoxFuture;
use model::{Asker, Enquiry, Model, Reply, Scripted};
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

/// A misspelling among skills of another kind.
const MISSPELT: &str = "Experience with Salesforce, PostgreSQL, Kuberneties, React and Photoshop";

fn another_name_of(slug: &str) -> Value {
    let mut place = place(Value::Null, Value::Null, Value::Null);
    place["alias_of"] = json!(slug);
    place
}

#[tokio::test]
async fn a_name_that_is_like_another_in_its_letters_may_be_another_name_of_it() {
    let (detail, dropped) = placed(MISSPELT, another_name_of("kubernetes")).await;
    assert_eq!(dropped, 0);
    let orchestration = detail.orchestration.unwrap();
    let known = orchestration.alias_of.unwrap();
    assert_eq!((known.slug.as_str(), orchestration.by), ("kubernetes", Adjudicator::Model));
    assert!(known.similarity > 0.9 && orchestration.proposals.is_empty());
    assert_eq!(detail.profile.skill_type, Some(SkillType::Platform));
    assert_eq!(detail.dimensions[0].slug.as_deref(), Some("containers-orchestration"));
}

/// Says the same as another model, and has vectors.
struct WithVectors(Scripted, fn(usize, &str) -> usize);

impl Model for WithVectors {
    fn pin(&self, options: &Options, versions: &mut Versions) {
        self.0.pin(options, versions);
    }

    fn ask<'a>(&'a self, asker: &'a Asker, enquiry: &'a Enquiry) -> BoxFuture<'a, Reply> {
        self.0.ask(asker, enquiry)
    }

    fn embed<'a>(&'a self, _: &'a Asker, texts: &'a [String]) -> BoxFuture<'a, Reply<Vec<Vec<f32>>>> {
        assert!(texts.len() <= 150);
        let vectors = texts.iter().enumerate().map(|(place, text)| {
            let mut vector = vec![0.0; 151];
            vector[(self.1)(place, text)] = 1.0;
            vector
        });
        Box::pin(std::future::ready(Reply { calls: Vec::new(), answer: Ok(Some(vectors.collect())) }))
    }

    fn is_ready(&self) -> BoxFuture<'_, bool> {
        self.0.is_ready()
    }
}

#[tokio::test]
async fn a_name_that_is_like_another_in_meaning_only_takes_vectors_that_say_so() {
    const OTHER: &str = "kubernetes-networking";
    let of = |name: &str| {
        let library = given::library();
        library.skill(library.skill_named(name).unwrap()).name.clone()
    };
    let apart = |place: usize, _: &str| place;
    let together = |place: usize, text: &str| if text.starts_with("Kubernet") { 150 } else { place };
    assert!(of(OTHER).starts_with("Kubernet"));
    let (detail, dropped) = placed(MISSPELT, another_name_of(OTHER)).await;
    assert_eq!((&detail, dropped), (&built_in(MISSPELT), 1), "the built-in table does not");
    for (vectors, dropped) in [(apart as fn(usize, &str) -> usize, 1), (together, 0)] {
        let model = WithVectors(saying(another_name_of(OTHER)), vectors);
        let run = given::enriched(Arc::new(model), &posting(MISSPELT)).await.unwrap();
        assert_eq!(run.ledger.iter().map(|call| call.dropped).sum::<u32>(), dropped);
        let known = unknown(&run.outputs.enrichment).orchestration.unwrap().alias_of;
        assert_eq!(known.map(|known| known.slug), (dropped == 0).then(|| OTHER.to_owned()));
    }
}

#[tokio::test]
async fn many_skills_take_several_questions_and_not_more_than_three() {
    let mut run = given::decided(&posting(ODD));
    let skills = &mut run.outputs.parse.skills;
    let one = skills.iter().find(|skill| skill.canonical_id.is_none()).unwrap().clone();
    let more = (0..60u8).map(|n| contract::Skill {
        skill_name: format!("Zentarrow {}{}", char::from(b'p' + n / 10), char::from(b'k' + n % 10)),
        ..one.clone()
    });
    skills.extend(more);
    let model = Arc::new(Scripted::new(|enquiry| {
        let last = place(json!("Tool"), Value::Null, Value::Null);
        Ok((enquiry.purpose == ModelUse::Orchestrator).then(|| json!({ "skills": [last] })))
    }));
    let run = given::enriched_run(Arc::clone(&model) as _, run).await.unwrap();
    let asked = model.asked();
    let questions: Vec<&Enquiry> =
        asked.iter().filter(|enquiry| enquiry.purpose == ModelUse::Orchestrator).collect();
    assert_eq!(questions.len(), 3);
    for question in questions {
        let lists: usize = question.data.iter().map(|list| list.data.chars().count()).sum();
        assert_eq!(question.data[0].data.matches("\n   in: ").count(), 16);
        assert!(lists < 6_000, "about four scalars are a token: {lists}");
    }
    let details = &run.outputs.enrichment.skills_detail;
    let by_model = details.iter().filter_map(|detail| detail.orchestration.as_ref());
    assert_eq!(by_model.filter(|orchestration| orchestration.by == Adjudicator::Model).count(), 3);
}

#[tokio::test]
async fn an_answer_that_was_not_asked_for_is_dropped() {
    let decided = given::decided(&posting(ODD)).outputs;
    let stage = crate::Enrichment::new(given::library(), library::StaticTable::shared());
    let view = stage.view(&decided.parse, &decided.decision);
    let details = stage.built_in(&view).skills_detail;
    let candidates = Candidates::of(&view, &stage.orchestrator, &details, SKILLS);
    let (names, dimensions) = candidates.names(view.library);
    let meaning = Meaning::of(view.embedder, names, dimensions, None);
    let offer = Offer::of(view.library, &candidates, &meaning, &candidates.open);
    let good = Place {
        number: 1,
        skill_type: Some(SkillType::Tool),
        category: None,
        dimension: None,
        alias_of: None,
        confidence: 0.9,
    };
    let slug = |slug: &str| Some(slug.to_owned());
    for hostile in [
        Place { number: 0, ..good.clone() },
        Place { number: 2, ..good.clone() },
        Place { confidence: 1.1, ..good.clone() },
        Place { confidence: f32::NAN, ..good.clone() },
        Place { dimension: slug("tax-law"), ..good.clone() },
        Place { category: slug("'; DROP TABLE skills"), ..good.clone() },
        Place { alias_of: slug("postgresql"), ..good.clone() },
    ] {
        let (_, dropped) = believe(view.library, &offer, &Answer { skills: vec![hostile.clone()] });
        assert_eq!(dropped, 1, "{hostile:?}");
    }
    let (placings, dropped) = believe(view.library, &offer, &Answer { skills: vec![good.clone(), good] });
    assert_eq!((placings.len(), dropped), (1, 1), "each once");
}
