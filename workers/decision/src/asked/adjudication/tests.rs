use contract::DecisionCase;
use model::{Enquiry, Scripted};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::asked::given::{self, TIED};

const QUOTES: [&str; 2] = ["Harvest the honey in July", "Keep the hives of four orchards"];

fn answer(role: &str, confidence: f32, quotes: &[&str]) -> Result<Option<Value>, ModelError> {
    Ok(Some(json!({ "role": role, "confidence": confidence, "quotes": quotes })))
}

/// The slugs of the roles in the order in which they are shown.
fn order(enquiry: &Enquiry) -> Vec<String> {
    let roles = &enquiry.data[1].data;
    let paragraphs = roles.split("\n\n").filter_map(|role| role.split_once(": "));
    paragraphs.map(|(slug, _)| slug.to_owned()).collect()
}

/// What is decided of the tie by a model that answers so, and how often it was asked.
async fn settled_by(
    script: impl Fn(&Enquiry) -> Result<Option<Value>, ModelError> + Send + Sync + 'static,
) -> (contract::Decision, usize, u32) {
    let model = Arc::new(Scripted::new(script));
    let run = given::decided_by(Arc::clone(&model), given::tie()).await.unwrap();
    let dropped = run.ledger.iter().map(|call| call.dropped).sum();
    (run.outputs.decision, model.asked().len(), dropped)
}

#[tokio::test]
async fn two_answers_that_agree_settle_a_tie_and_leave_the_confidence() {
    let (decision, asked, dropped) = settled_by(|enquiry| {
        let is_first = order(enquiry)[0] == given::built_in(&given::tie()).adjudication.unwrap().cohort[0];
        answer(
            TIED[1],
            if is_first { 0.9 } else { 0.8 },
            if is_first { &QUOTES } else { &["wax moths", QUOTES[0]] },
        )
    })
    .await;
    let built_in = given::built_in(&given::tie());
    assert_eq!((asked, dropped), (2, 0));
    assert_eq!(decision.case, DecisionCase::AliasCollision);
    assert_eq!(decision.chosen_role.as_ref().unwrap().slug, TIED[1]);
    let adjudication = decision.adjudication.unwrap();
    assert_eq!(adjudication.by, Adjudicator::Model);
    assert_eq!(adjudication.answer.as_deref(), Some(TIED[1]));
    assert_eq!(adjudication.confidence, 0.8);
    let quotes: Vec<&str> = adjudication.quotes.iter().map(|span| span.quote.as_str()).collect();
    assert_eq!(quotes, [QUOTES[1], "wax moths", QUOTES[0]], "in order, each once");
    assert_eq!(adjudication.cohort, built_in.adjudication.unwrap().cohort);
    assert!(decision.confidence <= 0.60, "one signal agrees: {}", decision.confidence);
    assert_eq!(decision.ranked, built_in.ranked);
}

#[tokio::test]
async fn the_second_question_has_the_roles_in_the_opposite_order() {
    let model = Arc::new(Scripted::new(|_| answer(TIED[0], 0.9, &QUOTES)));
    given::decided_by(Arc::clone(&model), given::tie()).await.unwrap();
    let asked = model.asked();
    let mut reversed = order(&asked[1]);
    reversed.reverse();
    assert_eq!(order(&asked[0]), reversed);
    assert!((2..=5).contains(&reversed.len()));
    let lists = asked[0].data[1].data.chars().count();
    assert!(lists < 6_000, "about four scalars are a token: {lists}");
    assert!(!asked[0].data[0].data.contains("Ada Wren"));
}

#[tokio::test]
async fn a_choice_that_changes_with_the_order_settles_nothing() {
    let (decision, asked, _) = settled_by(|enquiry| answer(&order(enquiry)[0], 0.95, &QUOTES)).await;
    assert_eq!((asked, decision.case), (2, DecisionCase::LowSignal));
    assert!(
        decision.rule.ends_with("chooses another when the roles change their order"),
        "{}",
        decision.rule
    );
    let adjudication = decision.adjudication.unwrap();
    assert_eq!((adjudication.by, adjudication.answer), (Adjudicator::Model, None));
}

#[tokio::test]
async fn what_falls_short_is_said_and_not_asked_again() {
    let invented = ["Write services in Go", QUOTES[0]];
    let elsewhere = ["We have kept bees since 1961", QUOTES[0]];
    let once = ["the honey in July", QUOTES[0]];
    for (role, confidence, quotes, why, dropped) in [
        ("NONE", 0.9, &QUOTES, "none of them", 0),
        (TIED[0], 0.69, &QUOTES, "not sure enough", 0),
        (TIED[0], 0.9, &invented, "too few words of the posting", 1),
        (TIED[0], 0.9, &elsewhere, "too few words of the posting", 1),
        (TIED[0], 0.9, &once, "too few words of the posting", 1),
    ] {
        let quotes = quotes.map(str::to_owned);
        let (decision, asked, count) =
            settled_by(move |_| answer(role, confidence, &[&quotes[0], &quotes[1]])).await;
        assert_eq!((asked, count, decision.case), (1, dropped, DecisionCase::LowSignal), "{why}");
        assert!(decision.rule.ends_with(why), "{}", decision.rule);
        assert_eq!(decision.nearest.len(), 3);
    }
}

#[tokio::test]
async fn a_second_answer_that_falls_short_settles_nothing() {
    let (decision, asked, _) = settled_by(|enquiry| {
        let is_first = order(enquiry)[0] == given::built_in(&given::tie()).adjudication.unwrap().cohort[0];
        answer(TIED[0], if is_first { 0.99 } else { 0.5 }, &QUOTES)
    })
    .await;
    assert_eq!((asked, decision.case), (2, DecisionCase::LowSignal));
    assert!(
        decision.rule.contains("in the opposite order the language model is not sure"),
        "{}",
        decision.rule
    );
    assert_eq!(decision.adjudication.unwrap().confidence, 0.5);
}

#[tokio::test]
async fn without_an_answer_the_vote_settles_it() {
    let (decision, asked, _) = settled_by(|_| Ok(None)).await;
    assert_eq!((decision, asked), (given::built_in(&given::tie()), 1));
}

#[tokio::test]
async fn an_error_is_handed_on() {
    let minute = Duration::from_secs(60);
    let model = Scripted::new(move |_| Err(ModelError::RateLimited { retry_after: minute }));
    let error = given::decided(model, given::tie()).await.unwrap_err();
    assert!(matches!(error, ModelError::RateLimited { retry_after } if retry_after == minute));
    let model = Scripted::new(|_| answer("pope", 1.0, &QUOTES));
    let error = given::decided(model, given::tie()).await.unwrap_err();
    assert!(matches!(error, ModelError::Invalid(_)), "no such role is offered");
}

#[test]
fn what_was_not_offered_is_not_believed() {
    let statements = Statements::of(&given::parse());
    for (role, confidence) in [("pope", 0.9), (TIED[0], 7.0), (TIED[0], -1.0), (TIED[0], f32::NAN)] {
        let quotes = QUOTES.map(str::to_owned).to_vec();
        let choice = Choice { role: role.to_owned(), confidence, quotes };
        let (word, dropped) = believe(&statements, &TIED, &choice);
        assert_eq!(dropped, 1, "{role} {confidence}");
        assert!(word.shortcoming().is_some());
    }
}
