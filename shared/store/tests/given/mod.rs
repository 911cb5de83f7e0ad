//! What the tests of messages begin with.
#![allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]

use contract::{
    Content, DeadLetter, DeadState, Document, Fault, ModelCall, Options, Record, RunFacts, RunId, Source,
    Stage, Status, Versions,
};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use std::time::Duration;
use store::{
    BuriedLetter, Claim, ClaimedItem, DeadFilter, DeadPick, Place, ReplayOf, ReplayWish, RunPick, Store,
};
use support::{Fresh, Kind};
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

/// When everything happens.
pub const NOON: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

/// A database with one library version, named `test-1`.
pub async fn database(kind: Kind) -> (Fresh, Store) {
    let fresh = Fresh::new(kind).await;
    let store = another(&fresh).await;
    store.migrate().await.unwrap();
    execute(
        &fresh,
        "INSERT INTO library_versions (name, kind, base_hash, note, actor, created_at) \
         VALUES ('test-1', 'import', 'x', '', 'test', '2026-01-01 00:00:00+00:00')",
    )
    .await;
    (fresh, store)
}

/// Another process at the same database.
pub async fn another(fresh: &Fresh) -> Store {
    Store::connect(&Place::read(&fresh.url).unwrap()).await.unwrap()
}

pub async fn execute(fresh: &Fresh, statement: &str) {
    let db = fresh.connect().await;
    db.execute_unprepared(statement).await.unwrap();
    db.close().await.unwrap();
}

pub fn run(n: usize) -> RunId {
    RunId::derived("test", &n.to_string())
}

/// An attempt of a run, as it is saved.
pub fn record(n: usize, attempt: u32, status: Status) -> Record {
    Record {
        run_id: run(n),
        attempt,
        replay_of: attempt.checked_sub(1),
        created_at: NOON + time::Duration::minutes(n as i64),
        source: Source { system: "board".into(), external_id: Some(n.to_string()), idempotency_key: None },
        status,
        facts: RunFacts { title: Some(format!("Title {n}")), ..RunFacts::default() },
        input_hash: format!("{n}/{attempt}"),
        options: Options { fragment: true, ..Options::default() },
        versions: Versions { pipeline: "1".into(), library: "test-1".into(), ..Versions::default() },
        outputs: json!({ "parse": { "text": format!("Text {n}") } }).to_string(),
        timings: Vec::new(),
        ledger: vec![ModelCall {
            stage: Stage::Parse,
            purpose: contract::ModelUse::HiddenSkills,
            model: "small".into(),
            request_hash: "r".into(),
            input_tokens: None,
            output_tokens: None,
            ms: 1.0,
            cost_usd: Some(0.5),
            cached: false,
            outcome: contract::CallOutcome::Answered,
            dropped: 0,
            why: None,
        }],
        document: Document {
            title_hint: Some(format!("Hint {n}")),
            ..Document::new(Content::Text(format!("Text {n}")), Some("text/plain".into()))
        },
        signature: None,
        links: Vec::new(),
        proposals: Vec::new(),
        collision: None,
        centroid: None,
    }
}

/// The dead letter of an attempt that the signals stage gave up.
pub fn letter(n: usize, attempt: u32) -> BuriedLetter {
    let body = json!({
        "schema_version": "1.0",
        "run_id": run(n),
        "attempt": attempt,
        "created_at": "2026-03-01T11:00:00Z",
        "source": { "system": "board", "external_id": n.to_string() },
        "document": { "text": "…", "sha256": "…", "title_hint": format!("Hint {n}") },
    });
    BuriedLetter {
        letter_id: Uuid::new_v5(&run(n).0, &attempt.to_le_bytes()),
        letter: DeadLetter {
            fault: Fault {
                stage: Stage::Signals,
                code: "stage_failed".into(),
                message: format!("row {n} is bad: no vector"),
                fingerprint: "f1".into(),
                at: NOON + time::Duration::seconds(n as i64),
                worker: "signals-1".into(),
                retryable: false,
                tries: 5,
            },
            run_id: Some(run(n)),
            attempt: Some(attempt),
            kind: Some("rolemill.run.signals.v1".into()),
            content_type: Some("application/json".into()),
            message_id: Some(run(n).message_id(Stage::Signals, attempt).to_string()),
            routing_key: "signals".into(),
            source: None,
            idempotency_key: Some(n.to_string()),
            trace_parent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
            replay_batch: None,
            body: Content::Text(body.to_string()),
        },
        trace_id: None,
    }
}

/// The same with another cause.
pub fn letter_of(n: usize, change: impl FnOnce(&mut DeadLetter)) -> BuriedLetter {
    let mut buried = letter(n, 0);
    change(&mut buried.letter);
    buried
}

/// A replay of every dead letter that waits, as fast as it goes.
pub fn all_dead() -> ReplayWish {
    let what = ReplayOf::Dead(DeadPick::Matching(DeadFilter::default()));
    ReplayWish { rate_per_second: 1e6, ..ReplayWish::new(what, "ada") }
}

/// After this time another worker may take what one has taken and not sent.
const LEASE: Duration = Duration::from_secs(60);

/// What a worker asks for.
pub fn claim(batch_id: i64, most: u64) -> Claim {
    Claim { batch_id, most, lease: LEASE }
}

/// A replay of these dead letters, as fast as it goes.
pub fn of_letters(ids: &[i64]) -> ReplayWish {
    ReplayWish { what: ReplayOf::Dead(DeadPick::Ids(ids.to_vec())), ..all_dead() }
}

/// A replay of these stored runs, as fast as it goes.
pub fn of_runs(runs: &[usize], from: Option<Stage>) -> ReplayWish {
    let ids = runs.iter().map(|&n| run(n)).collect();
    ReplayWish { what: ReplayOf::Runs(RunPick::Ids(ids)), from, ..all_dead() }
}

pub fn ids(items: &[ClaimedItem]) -> Vec<i64> {
    items.iter().map(|item| item.id).collect()
}

/// Dead letters of as many runs.
pub async fn buried(store: &Store, count: usize) -> Vec<i64> {
    let letters: Vec<_> = (0..count).map(|n| letter(n, 0)).collect();
    store.bury(&letters).await.unwrap()
}

/// Where a dead letter stands.
pub async fn state(store: &Store, letter: i64) -> DeadState {
    store.dead_letter(letter).await.unwrap().line.state
}
