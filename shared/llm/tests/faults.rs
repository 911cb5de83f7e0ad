//! A server that fails in every way that servers do: each failure comes to its own fate, and never with more calls than configured.
#![allow(clippy::unwrap_used, reason = "a test")]

use contract::{
    Answers, CallOutcome, Content, Document, Engine, Envelope, ModelCall, ModelUse, Options, Received, RunId,
    Source, Stage, Versions,
};
use llm::{Books, Consultant, MemoryBooks, ModelSettings};
use model::{Model, ModelError, Question, Session};
use pipeline::{Failure as _, Fate};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use support::model::{Said, StubModel};

const CALLS: usize = 3;

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Ruling {
    role: String,
    #[schemars(range(min = 0.0, max = 1.0))]
    confidence: f32,
}

/// A stub, somebody who asks it, and the run on whose behalf.
struct Scene {
    stub: StubModel,
    books: Arc<MemoryBooks>,
    settings: String,
}

/// What came of a question.
struct Came {
    answer: Result<Option<Ruling>, ModelError>,
    calls: Vec<ModelCall>,
}

impl Scene {
    async fn set(more: &str) -> Self {
        let stub = StubModel::start().await;
        let settings = format!(
            "base_url = \"{}\"\ncalls_per_question = {CALLS}\ntimeout_seconds = 0.4\npatience_seconds = 2\n\
             breaker_seconds = 60\n{more}\n[uses.adjudication]\non = true\nmodel = \"m\"\nanswer_tokens = 100\n",
            stub.base_url()
        );
        Self { stub, books: Arc::default(), settings }
    }

    fn consultant(&self, on_failure: &str) -> Consultant {
        let settings = format!("{}on_failure = \"{on_failure}\"", self.settings);
        let settings = ModelSettings::read(&settings, Some("sk-hush".into())).unwrap();
        let books: Arc<dyn Books> = self.books.clone();
        Consultant::new(settings, books).unwrap()
    }

    async fn ask(&self, on_failure: &str) -> Came {
        ask(&self.consultant(on_failure), &run(Options::default())).await
    }
}

fn run(options: Options) -> Envelope<Received> {
    let source = Source { system: "test".into(), external_id: None, idempotency_key: None };
    let document = Document::new(Content::Text("We hire a welder.".into()), None);
    Envelope::accept(RunId::mint(), source, document, options, Versions::default())
}

async fn ask(consultant: &Consultant, run: &Envelope<Received>) -> Came {
    let mut run = run.clone();
    consultant.pin(&run.options, &mut run.versions);
    let mut session = Session::open(Some(consultant), Stage::Decision, &run).unwrap().unwrap();
    let question = Question::<Ruling>::new(ModelUse::Adjudication)
        .show("posting", "We hire a welder.")
        .allow("role", ["welder", "nurse"]);
    let answer = session.ask(question).await;
    Came { answer, calls: session.close() }
}

fn good() -> Said {
    Said::Json(json!({ "role": "welder", "confidence": 0.9 }))
}

fn bad() -> Said {
    Said::Json(json!({ "role": "cook", "confidence": 0.9 }))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Transient,
    Waiting,
    Permanent,
}

fn kind(error: &ModelError) -> Kind {
    match error.fate() {
        Fate::Transient { .. } => Kind::Transient,
        Fate::Waiting { .. } | Fate::Deferred { .. } => Kind::Waiting,
        Fate::Permanent => Kind::Permanent,
    }
}

#[tokio::test]
async fn every_failure_comes_to_its_fate_in_no_more_calls_than_configured() {
    let cut = || Said::Text("{\"role\": \"wel".to_owned());
    let cases: Vec<(&str, Said, Kind, usize, CallOutcome)> = vec![
        ("429, soon", Said::TooMany { retry_after: Some("0.1") }, Kind::Waiting, 3, CallOutcome::Failed),
        (
            "429, in a minute",
            Said::TooMany { retry_after: Some("60") },
            Kind::Waiting,
            1,
            CallOutcome::Failed,
        ),
        ("quota", Said::QuotaSpent, Kind::Waiting, 1, CallOutcome::Failed),
        ("key", Said::Denied(401), Kind::Waiting, 1, CallOutcome::Failed),
        ("500", Said::Broken(500), Kind::Transient, 3, CallOutcome::Failed),
        ("hang", Said::Hang, Kind::Transient, 3, CallOutcome::Failed),
        ("no answer", Said::HangUp, Kind::Transient, 3, CallOutcome::Failed),
        ("half an answer", Said::HangUpHalfWay, Kind::Transient, 3, CallOutcome::Failed),
        ("a proxy's 502", Said::Html(502), Kind::Transient, 3, CallOutcome::Failed),
        ("a proxy's 200", Said::Html(200), Kind::Transient, 3, CallOutcome::Failed),
        ("a proxy's 403", Said::Html(403), Kind::Transient, 3, CallOutcome::Failed),
        ("truncated JSON", cut(), Kind::Permanent, 2, CallOutcome::Invalid),
        ("wrong schema", bad(), Kind::Permanent, 2, CallOutcome::Invalid),
        ("refusal", Said::Refusal("I cannot".into()), Kind::Permanent, 1, CallOutcome::Refused),
        ("filter", Said::ContentFilter, Kind::Permanent, 1, CallOutcome::Refused),
        ("length", Said::Cut("{\"role\":".into()), Kind::Permanent, 1, CallOutcome::CutShort),
        ("too long", Said::ContextExceeded, Kind::Permanent, 1, CallOutcome::Failed),
        ("another 400", Said::Raw(400, json!({ "error": "no" })), Kind::Permanent, 1, CallOutcome::Failed),
    ];
    let tried = cases.into_iter().map(async |(name, said, fate, calls, outcome)| {
        let scene = Scene::set("breaker_failures = 9").await;
        scene.stub.chat.answer(move |_| said.clone());
        let came = scene.ask("retry").await;
        let error = came.answer.unwrap_err();
        assert_eq!((kind(&error), scene.stub.chat.calls()), (fate, calls), "{name}: {error}");
        assert!(came.calls.len() == calls && came.calls.iter().all(|call| call.outcome == outcome), "{name}");
        assert!(!format!("{error} {:?}", came.calls).contains("hush"), "{name}");

        // The same, where the built-in engine is to answer: it does, but nobody skips a queue.
        let scene_calls = scene.stub.chat.calls();
        let fresh = Scene { books: Arc::default(), ..scene };
        let answer = fresh.ask("builtin").await.answer;
        if matches!(error, ModelError::RateLimited { .. }) {
            assert!(answer.is_err(), "{name}");
        } else {
            assert_eq!(answer.unwrap(), None, "{name}");
        }
        assert!(fresh.stub.chat.calls() - scene_calls <= CALLS, "{name}");
    });
    futures::future::join_all(tried).await;
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_waited_for() {
    let scene = Scene::set("").await;
    let consultant = scene.consultant("retry");
    drop(scene.stub);
    let error = ask(&consultant, &run(Options::default())).await.answer.unwrap_err();
    assert_eq!(kind(&error), Kind::Waiting, "{error}");
}

#[tokio::test]
async fn what_passes_within_moments_is_answered_all_the_same() {
    let scene = Scene::set("").await;
    scene.stub.chat.answer(|asked| match asked.ordinal {
        1 => Said::TooMany { retry_after: Some("0.05") },
        2 => Said::Broken(503),
        _ => good(),
    });
    let came = scene.ask("retry").await;
    assert_eq!(came.answer.unwrap().unwrap().role, "welder");
    let outcomes: Vec<CallOutcome> = came.calls.iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, [CallOutcome::Failed, CallOutcome::Failed, CallOutcome::Answered]);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_mended_once_and_told_what_is_wrong_with_it() {
    let scene = Scene::set("").await;
    scene.stub.chat.answer(|asked| if asked.ordinal == 1 { bad() } else { good() });
    let came = scene.ask("retry").await;
    assert_eq!(came.answer.unwrap().unwrap().role, "welder");
    let outcomes: Vec<CallOutcome> = came.calls.iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, [CallOutcome::Invalid, CallOutcome::Answered]);
    let second = &scene.stub.chat.requests()[1]["messages"];
    assert_eq!(second.as_array().unwrap().len(), 4, "{second}");
    assert!(second[3]["content"].as_str().unwrap().contains("/role"), "{second}");
}

#[tokio::test]
async fn after_failures_in_a_row_nobody_calls_and_one_tries_later() {
    let scene = Scene::set("breaker_failures = 3").await;
    scene.stub.chat.answer(|_| Said::Broken(500));
    let consultant = scene.consultant("retry");
    let run = run(Options::default());
    assert!(matches!(ask(&consultant, &run).await.answer, Err(ModelError::Server { .. })));
    let away = ask(&consultant, &run).await;
    assert!(matches!(away.answer, Err(ModelError::Away { .. })) && away.calls.is_empty());
    assert!(!consultant.is_ready().await && scene.stub.chat.calls() == CALLS);
    let url = scene.stub.base_url();
    scene.books.open(&format!("model {url}"), Duration::ZERO, "over").await.unwrap();
    scene.stub.chat.answer(|_| good());
    // What the books said a moment ago is believed for a second.
    let back = async || ask(&consultant, &run).await.answer.is_ok();
    support::wait_until("one tries", Duration::from_secs(10), back).await;
    assert!(consultant.is_ready().await);
}

#[tokio::test]
async fn a_request_that_was_paid_for_is_never_paid_for_again() {
    let scene = Scene::set("[prices.m]\ninput = 1.0\noutput = 2.0").await;
    scene.stub.chat.answer(|_| good().with_usage(1_000, 10));
    let consultant = scene.consultant("retry");
    let first_run = run(Options::default());
    let first = ask(&consultant, &first_run).await;
    assert!((contract::cost_usd(&first.calls).unwrap() - 0.001_02).abs() < 1e-12);

    // The same pass of the run, interrupted and begun again: what it paid stays on its ledger.
    let again = ask(&consultant, &first_run).await;
    assert_eq!(again.answer.unwrap(), first.answer.unwrap());
    let cached: Vec<bool> = again.calls.iter().map(|call| call.cached).collect();
    assert_eq!(
        (cached, contract::cost_usd(&again.calls)),
        (vec![false, true], contract::cost_usd(&first.calls))
    );

    // Another run with the same question.
    let recorded = Options { answers: Answers::Recorded, ..Options::default() };
    let other = ask(&consultant, &run(recorded.clone())).await;
    assert!(other.answer.unwrap().is_some() && other.calls.len() == 1 && other.calls[0].cached);
    assert_eq!((contract::cost_usd(&other.calls), scene.stub.chat.calls()), (Some(0.0), 1));

    let fresh = Options { answers: Answers::Fresh, ..Options::default() };
    assert!(ask(&consultant, &run(fresh)).await.answer.unwrap().is_some());
    assert_eq!(scene.stub.chat.calls(), 2);

    // Nothing is recorded for another prompt or model.
    let nothing = Scene { books: Arc::default(), ..scene };
    let unknown = ask(&nothing.consultant("retry"), &run(recorded)).await;
    assert!(matches!(unknown.answer, Err(ModelError::NotRecorded)) && nothing.stub.chat.calls() == 2);
}

#[tokio::test]
async fn no_run_spends_more_than_its_budget() {
    for over in ["builtin", "wait"] {
        let budget =
            format!("[budget]\nper_run = 0.001\nover = \"{over}\"\n[prices.m]\ninput = 0.05\noutput = 4.0");
        let scene = Scene::set(&budget).await;
        // Dearer than anybody thought: as many tokens as are allowed.
        scene.stub.chat.answer(|_| good().with_usage(400, 100));
        let consultant = scene.consultant("retry");
        let run = run(Options { answers: Answers::Fresh, ..Options::default() });
        let mut spent = 0.0;
        let mut last = None;
        for _ in 0..6 {
            let came = ask(&consultant, &run).await;
            spent += contract::cost_usd(&came.calls).unwrap();
            last = Some(came.answer);
        }
        assert!(spent > 0.0 && spent <= 0.001, "{spent}");
        match (over, last.unwrap()) {
            ("builtin", Ok(None)) => {}
            ("wait", Err(error)) => assert_eq!(kind(&error), Kind::Waiting, "{error}"),
            (_, other) => panic!("{over}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_option_of_the_run_switches_a_stage_to_the_model_and_back() {
    let scene = Scene::set("[uses.domain]\non = true\nmodel = \"m\"").await;
    let consultant = scene.consultant("retry");
    let pinned = |engine: &[(Stage, Engine)]| {
        let mut versions = Versions::default();
        let options = Options { engine: engine.iter().copied().collect(), ..Options::default() };
        consultant.pin(&options, &mut versions);
        versions.models.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(pinned(&[]), ["adjudication", "domain"]);
    assert_eq!(pinned(&[(Stage::Decision, Engine::Builtin)]), ["domain"]);
    assert_eq!(
        pinned(&[(Stage::Decision, Engine::Builtin), (Stage::Parse, Engine::Openai)]),
        ["domain", "hidden_skills", "nano_parse"]
    );
}

#[tokio::test]
async fn a_limit_that_the_server_says_is_spent_is_waited_for_before_the_next_call() {
    let scene = Scene::set("").await;
    let spent = [
        ("x-ratelimit-remaining-requests", "0".to_owned()),
        ("x-ratelimit-reset-requests", "300ms".to_owned()),
    ];
    scene.stub.chat.answer(move |_| good().with_headers(spent.clone()));
    let consultant = scene.consultant("retry");
    let fresh = run(Options { answers: Answers::Fresh, ..Options::default() });
    for _ in 0..2 {
        ask(&consultant, &fresh).await.answer.unwrap();
    }
    let times = scene.stub.chat.call_times();
    assert!(times[1] - times[0] >= Duration::from_millis(300), "{:?}", times[1] - times[0]);
}

#[tokio::test]
async fn vectors_come_in_the_order_of_their_texts_and_have_length_one() {
    let scene = Scene::set("[uses.embedding]\non = true\nmodel = \"e\"").await;
    let consultant = scene.consultant("retry");
    let mut run = run(Options::default());
    consultant.pin(&run.options, &mut run.versions);
    let mut session = Session::open(Some(&consultant), Stage::Decision, &run).unwrap().unwrap();
    let texts: Vec<String> = (0..70).map(|n| format!("text {n}")).collect();
    let vectors = session.embed(&texts).await.unwrap().unwrap();
    assert_eq!((vectors.len(), scene.stub.embeddings.calls()), (70, 2));
    for (text, vector) in texts.iter().zip(&vectors) {
        let theirs = support::model::vector(text);
        assert!(vector.iter().zip(theirs).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-5), "{text}");
    }
    let again = session.embed(&texts).await.unwrap().unwrap();
    assert!(again == vectors && scene.stub.embeddings.calls() == 2);
}
