//! Dead letters of a faulty dependency, and their replay.

use contract::Stage;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::process::{Worker, bin};
use support::wait_until;
use tests::stand::{Running, Stand};

const SOON: Duration = Duration::from_secs(120);
const LETTERS: i64 = 500;
const CAUSES: [&str; 4] = ["store", "mail", "index", "cache"];

/// Postings whose signals fail for as long as a file of their cause exists, four causes in turn.
fn postings(folder: &Path) -> PathBuf {
    let file = folder.join("postings.jsonl");
    let lines: String = (0..LETTERS as usize)
        .map(|n| {
            let away = folder.join(CAUSES[n % CAUSES.len()]);
            let text = format!(
                "Backend Engineer, team {n}\n\nWhat you do\n- Build services in Rust\n- Review code\n- Note AWAY {};\n\n\
                 Requirements\n- Five years of Rust\n- PostgreSQL",
                away.display()
            );
            format!("{}\n", serde_json::json!({ "id": n, "source": "replays", "text": text }))
        })
        .collect();
    std::fs::write(&file, lines).unwrap();
    file
}

/// Signals that fail where they are asked to, and pass on.
fn faulty_signals(stand: &Stand) -> Worker {
    let mut settings: BTreeMap<String, String> = stand.settings.clone();
    settings.insert("FAULTY_STAGE".to_owned(), Stage::Signals.to_string());
    settings.insert("ROLEMILL_AMQP".to_owned(), stand.prefix.url().to_owned());
    settings.insert("ROLEMILL_PREFIX".to_owned(), stand.prefix.as_str().to_owned());
    Worker::start(&bin("rolemill-faulty"), &[], settings)
}

/// Everything but the signals.
async fn others(stand: &Stand) -> Vec<Running> {
    let names = ["parse", "decision", "enrichment", "persistence", "archive"];
    let mut workers: Vec<Running> =
        names.iter().map(|name| stand.start_unready(&format!("rolemill-{name}"))).collect();
    for running in &mut workers {
        running.worker.wait_ready(running.health, SOON).await;
    }
    workers
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_dead_letters_of_four_causes_are_replayed_once_after_the_fix() {
    let stand = Stand::new().await;
    let folder = tempfile::tempdir().unwrap();
    for cause in CAUSES {
        std::fs::write(folder.path().join(cause), "").unwrap();
    }
    let _others = others(&stand).await;
    let mut faulty = faulty_signals(&stand);
    stand.publish(&postings(folder.path()));
    wait_until("all are archived", SOON, async || {
        stand.count("SELECT count(*) FROM dead_letters").await == LETTERS
    })
    .await;
    assert_eq!(stand.count("SELECT count(DISTINCT fingerprint) FROM dead_letters").await, 4);
    // The fix: what was away is back, and a sound program takes the place of the faulty one.
    faulty.terminate(SOON).await;
    let _signals = stand.start(Stage::Signals).await;

    let edited: String = stand.texts("SELECT id::text FROM dead_letters ORDER BY id LIMIT 1").await.remove(0);
    let patch = folder.path().join("patch.json");
    let change =
        r#"[{"op": "replace", "path": "/outputs/parse/fields/title/value", "value": "Rust Engineer"}]"#;
    std::fs::write(&patch, change).unwrap();
    stand.rolemill(&["dead", "edit", &edited, "--revision", "0", "--patch", &patch.to_string_lossy()]);

    let replay = ["dead", "replay", "--all", "--rate", "250", "--yes"];
    let planned = stand.rolemill(&[&replay[..], &["--plan"]].concat());
    let planned = String::from_utf8_lossy(&planned.stdout).into_owned();
    assert!(planned.contains(&LETTERS.to_string()), "{planned}");
    stand.rolemill(&replay);
    stand.rolemill(&replay);
    assert_eq!(
        stand.count("SELECT count(*) FROM replay_items").await,
        LETTERS,
        "a second click replays nothing"
    );
    wait_until("all have ended well", SOON, async || {
        let ended = "SELECT count(*) FROM runs WHERE attempt = 1 AND status = 'completed'";
        stand.count(ended).await == LETTERS
    })
    .await;
    assert_eq!(stand.count("SELECT count(*) FROM run_attempts").await, LETTERS);
    assert_eq!(
        stand.count("SELECT count(*) FROM runs WHERE title = 'Rust Engineer'").await,
        1,
        "the edited one went"
    );
    wait_until("the batch knows", SOON, async || {
        stand.count("SELECT count(*) FROM replay_items WHERE state = 'completed'").await == LETTERS
    })
    .await;
}
