//! The stages with a language model beside them: what it is asked, what is paid, and what becomes of runs when it fails.

use contract::Stage;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;
use support::model::{Asked, Said, StubModel};
use support::{wait_for, wait_until};
use tests::answers::least;
use tests::postings::posting;
use tests::stand::Stand;

const SOON: Duration = Duration::from_secs(60);
/// A posting with one of these words has the model fail in that way.
const FAILING: [&str; 9] =
    ["refusing", "misshapen", "truncated", "cutting", "failing", "flaky", "hanging", "limited", "proxied"];

/// What a question is for.
fn purpose(asked: &Asked) -> &str {
    asked.body["response_format"]["json_schema"]["name"].as_str().unwrap()
}

/// An answer that says as little as its schema allows.
fn nothing(asked: &Asked) -> Said {
    Said::Json(least(asked.schema().unwrap()))
}

/// A stand whose workers ask `stub` as the settings say.
async fn stand(stub: &StubModel, folder: &Path, uses: &[&str], more: &str) -> Stand {
    let mut settings = format!(
        "base_url = \"{}\"\ncalls_per_question = 2\ntimeout_seconds = 1\npatience_seconds = 2\n{more}\n",
        stub.base_url()
    );
    for name in uses {
        writeln!(settings, "[uses.{name}]\non = true\nmodel = \"m\"\non_failure = \"retry\"").unwrap();
    }
    let file = folder.join("models.toml");
    std::fs::write(&file, settings).unwrap();
    Stand::new().await.with("ROLEMILL_MODELS", &file.to_string_lossy())
}

/// Publishes postings; each has a word of its own in its text.
fn publish(stand: &Stand, folder: &Path, words: &[&str]) {
    let lines: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(n, word)| posting(n).replace("Nice to have", &format!("Nice to have {word}")))
        .collect();
    let file = folder.join("postings.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    stand.publish(&file);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_after_an_answer_was_paid_for_does_not_pay_again() {
    let (stub, folder) = (StubModel::start().await, tempfile::tempdir().unwrap());
    stub.chat.answer(|asked| if purpose(asked) == "hidden_skills" { Said::Hang } else { nothing(asked) });
    let prices = "[prices.m]\ninput = 1.0\noutput = 1.0";
    let uses = ["nano_parse", "hidden_skills"];
    let stand = stand(&stub, folder.path(), &uses, &format!("{prices}\n")).await;
    let mut killed = stand.start(Stage::Parse).await;
    publish(&stand, folder.path(), &["one"]);
    let kept = "SELECT count(*) FROM model_answers";
    wait_until("the first question is paid for and the second is asked", SOON, async || {
        stand.count(kept).await == 1 && stub.chat.in_flight() == 1
    })
    .await;
    killed.worker.kill();
    let asked = |name: &str| {
        stub.chat.requests().iter().filter(|it| it["response_format"]["json_schema"]["name"] == name).count()
    };
    assert_eq!(asked("nano_parse"), 1);
    stub.chat.answer(nothing);
    let _all = stand.start_all().await;
    stand.ended(1, SOON).await;
    assert_eq!(asked("nano_parse"), 1, "what was paid for is not asked again");
    let ledger = stand
        .texts(
            "SELECT purpose || ' ' || is_cached || ' ' || (cost_usd > 0) FROM model_calls ORDER BY position",
        )
        .await;
    assert_eq!(
        ledger[..2],
        ["nano_parse false true".to_owned(), "nano_parse true false".to_owned()],
        "one paid, one from the store: {ledger:?}"
    );
    let paid = stand.texts("SELECT (SELECT sum(cost_usd) FROM model_calls)::text").await;
    let counted = stand.texts("SELECT (SELECT cost_usd FROM runs)::text").await;
    assert_eq!(paid, counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_of_the_model_comes_to_the_end_that_its_kind_has() {
    let (stub, folder) = (StubModel::start().await, tempfile::tempdir().unwrap());
    let seen = std::sync::Mutex::new(std::collections::HashMap::<&str, usize>::new());
    stub.chat.answer(move |asked| {
        let Some(word) = FAILING.iter().find(|word| asked.mentions(word)) else { return nothing(asked) };
        let count = {
            let mut seen = seen.lock().unwrap();
            let count = seen.entry(word).or_default();
            *count += 1;
            *count
        };
        match (*word, count) {
            ("refusing", _) => Said::Refusal("I would rather not".to_owned()),
            ("misshapen", _) => Said::Json(serde_json::json!({ "something": "else" })),
            ("truncated", _) => Said::Text("{\"entr".to_owned()),
            ("cutting", _) => Said::Cut("{\"entr".to_owned()),
            ("failing", _) => Said::Broken(500),
            ("flaky", 1..=2) => Said::Broken(503),
            ("hanging", 1) => Said::Hang,
            ("limited", 1) => Said::TooMany { retry_after: Some("0.2") },
            ("proxied", 1..=2) => Said::Html(502),
            (_, _) => nothing(asked),
        }
    });
    let stand = stand(&stub, folder.path(), &["nano_parse"], "breaker_failures = 100").await;
    let _all = stand.start_all().await;
    let words = [&FAILING[..], &["plain"]].concat();
    publish(&stand, folder.path(), &words);
    stand.ended(5, Duration::from_secs(90)).await;
    wait_for("five runs are given up", Duration::from_secs(90), async || {
        (stand.count("SELECT count(*) FROM dead_letters").await == 5).then_some(())
    })
    .await;
    let completed = stand.count("SELECT count(*) FROM runs WHERE status = 'completed'").await;
    assert_eq!(completed, 5, "those whose failure passed, and the one without");
    let given_up = stand.texts("SELECT code || ' after ' || tries FROM dead_letters ORDER BY 1").await;
    let permanent = "stage_failed after 1".to_owned();
    let spent = "stage_gave_up after 5".to_owned();
    assert_eq!(given_up, [vec![permanent; 4], vec![spent]].concat());
    let calls = |word: &str| {
        let of = |it: &serde_json::Value| it["messages"][1]["content"].as_str().unwrap().contains(word);
        stub.chat.requests().iter().filter(|it| of(it)).count()
    };
    assert_eq!(calls("failing"), 10, "two calls a try, five tries");
    assert_eq!((calls("refusing"), calls("cutting")), (1, 1));
    assert_eq!((calls("misshapen"), calls("truncated")), (2, 2), "one repair");
    assert!(calls("hanging") == 2 && calls("limited") == 2 && calls("plain") == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_budget_waits_and_goes_on_when_there_is_one() {
    let (stub, folder) = (StubModel::start().await, tempfile::tempdir().unwrap());
    stub.chat.answer(nothing);
    let budget = |usd: &str| {
        format!("[budget]\nper_run = {usd}\nover = \"wait\"\n[prices.m]\ninput = 1.0\noutput = 1.0")
    };
    let stand = stand(&stub, folder.path(), &["nano_parse"], &budget("0.000001")).await;
    let mut all = stand.start_all().await;
    publish(&stand, folder.path(), &["one"]);
    let state = "SELECT state FROM accepted_runs";
    wait_until("the run waits", SOON, async || stand.texts(state).await == ["waiting_budget"]).await;
    assert_eq!(stub.chat.calls(), 0, "nothing is spent that there is no money for");

    let file = folder.path().join("models.toml");
    let richer = std::fs::read_to_string(&file).unwrap().replace("0.000001", "1.0");
    std::fs::write(&file, richer).unwrap();
    all[0].worker.kill();
    all.push(stand.start(Stage::Parse).await);
    stand.ended(1, SOON).await;
    wait_until("it is settled", SOON, async || stand.texts(state).await == ["completed"]).await;
}
