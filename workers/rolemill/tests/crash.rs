//! Killed at any instruction, and run again: the database is what it would have been.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/postings.rs"]
mod postings;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::{Fresh, Kind};
use tempfile::TempDir;

const POSTINGS: usize = 200;
const KILLS: usize = 30;

/// What a run leaves, without keys, times and ids that were drawn: queries whose rows are texts in a fixed order.
const LEFT: [&str; 9] = [
    "SELECT coalesce(external_id, '') || ' ' || status || ' ' || attempt || ' ' || coalesce(decision_case, '') || ' ' \
     || coalesce(title, '') || ' ' || coalesce(company, '') || ' ' || coalesce(band, '') FROM runs ORDER BY 1",
    "SELECT r.external_id || ' ' || a.attempt || ' ' || a.status || ' ' || a.input_hash FROM run_attempts a \
     JOIN runs r ON r.run_id = a.run_id ORDER BY 1",
    "SELECT r.external_id || ' ' || l.skill || ' ' || l.dimension || ' ' || l.skill_dimension || ' ' || l.role_dimension || ' ' \
     || l.outcome_line FROM link_outcomes l JOIN runs r ON r.run_id = l.run_id ORDER BY 1",
    "SELECT r.external_id || ' ' || a.kind || ' ' || a.name FROM run_artifacts a JOIN runs r ON r.run_id = a.run_id ORDER BY 1",
    "SELECT r.external_id || ' ' || f.external_id FROM near_duplicates d JOIN runs r ON r.run_id = d.run_id \
     JOIN runs f ON f.run_id = d.first_run_id ORDER BY 1",
    "SELECT r.external_id || ' ' || o.slug FROM centroid_updates c JOIN runs r ON r.run_id = c.run_id \
     JOIN roles o ON o.id = c.role_id ORDER BY 1",
    "SELECT kind || ' ' || merge_key || ' ' || title || ' ' || jds || ' ' || companies || ' ' || status FROM review_items ORDER BY 1",
    "SELECT i.merge_key || ' ' || r.external_id || ' ' || coalesce(e.quote, '') FROM review_evidence e \
     JOIN review_items i ON i.id = e.item_id JOIN runs r ON r.run_id = e.run_id ORDER BY 1",
    "SELECT o.slug || ' ' || d.slug || ' ' || l.origin FROM role_dimensions l JOIN roles o ON o.id = l.role_id \
     JOIN dimensions d ON d.id = l.dimension_id ORDER BY 1",
];

async fn left(database: &Fresh) -> Vec<String> {
    let mut all = Vec::new();
    for query in LEFT {
        all.extend(database.texts(query).await);
    }
    all
}

fn rolemill(database: &Fresh) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolemill"));
    command
        .env("ROLEMILL_DB", &database.url)
        .env_remove("ROLEMILL_LIBRARY")
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn finish(mut command: Command) {
    let output = command.stdout(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn run(database: &Fresh, batch: &Path) -> Command {
    let mut command = rolemill(database);
    command.arg("run").arg("--format").arg("jsonl").arg(batch);
    command
}

/// Kills a run with SIGKILL when it has written so many answers.
fn kill_after(answers: usize, mut running: Child) {
    let lines = BufReader::new(running.stdout.take().unwrap()).lines();
    for line in lines.take(answers) {
        line.unwrap();
    }
    running.kill().unwrap();
    running.wait().unwrap();
}

fn batch(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("batch.jsonl");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(postings::postings(POSTINGS).as_bytes()).unwrap();
    path
}

async fn survives_thirty_kills(kind: Kind) {
    let folder = TempDir::new().unwrap();
    let batch = batch(&folder);
    let (quiet, shaken) = (Fresh::new(kind).await, Fresh::new(kind).await);
    for database in [&quiet, &shaken] {
        let mut migrate = rolemill(database);
        migrate.arg("migrate");
        finish(migrate);
    }
    finish(run(&quiet, &batch));
    for kill in 0..KILLS {
        // What was answered before is answered from the store: each kill comes a little later, some before the first answer.
        let point = (kill * POSTINGS / KILLS).saturating_sub(kill * 5 % 11);
        let running = run(&shaken, &batch).stdout(Stdio::piped()).spawn().unwrap();
        kill_after(point, running);
    }
    finish(run(&shaken, &batch));
    let (expected, found) = (left(&quiet).await, left(&shaken).await);
    assert!(expected.len() > POSTINGS * 10, "{} rows are left by an undisturbed run", expected.len());
    similar(&expected, &found);

    // Once more, undisturbed: nothing changes.
    finish(run(&shaken, &batch));
    similar(&expected, &left(&shaken).await);
}

fn similar(expected: &[String], found: &[String]) {
    let first = expected.iter().zip(found).find(|(expected, found)| expected != found);
    assert_eq!(first, None, "the first row that differs, of {} and {}", expected.len(), found.len());
    assert_eq!(expected.len(), found.len());
}

#[tokio::test]
async fn a_batch_that_was_killed_thirty_times_leaves_what_an_undisturbed_one_leaves_in_sqlite() {
    survives_thirty_kills(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_batch_that_was_killed_thirty_times_leaves_what_an_undisturbed_one_leaves_in_postgresql() {
    survives_thirty_kills(Kind::Postgres).await;
}
