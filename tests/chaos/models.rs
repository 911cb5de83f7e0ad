//! A language model that takes its time, and one that allows so many calls a minute.

use broker::{Publisher, Replayed};
use contract::{RunId, Stage};
use std::time::Duration;
use support::model::{Said, StubModel};
use support::wait_until;
use tests::answers::least;
use tests::stand::{Running, Stand};
use tokio::time::{Instant, sleep};

const LONG: Duration = Duration::from_secs(300);

async fn stand(stub: &StubModel, folder: &std::path::Path, more: &str) -> Stand {
    stub.chat.answer(|asked| Said::Json(least(asked.schema().unwrap())));
    let settings = format!(
        "base_url = \"{}\"\n{more}\n[uses.adjudication]\non = true\nmodel = \"m\"\non_failure = \"retry\"",
        stub.base_url()
    );
    let file = folder.join("models.toml");
    std::fs::write(&file, settings).unwrap();
    Stand::new().await.with("ROLEMILL_MODELS", &file.to_string_lossy()).with("ROLEMILL_LOG", "warn")
}

/// Sends so many messages to the stage that asks, each with words of its own.
async fn send(stand: &Stand, count: usize) {
    let settings = stand.broker();
    broker::topology::apply(&settings).await.unwrap();
    let publisher = Publisher::new(settings.clone());
    let parcels: Vec<_> = (0..count)
        .map(|n| {
            let run_id = RunId::mint();
            let words = format!("Posting {n}. ").repeat(60);
            let body = serde_json::json!({ "run_id": run_id, "attempt": 0, "words": words }).to_string();
            let kind = "rolemill.test.plain.v1".to_owned();
            let sent = Replayed {
                stage: Stage::Decision,
                kind,
                run_id,
                attempt: 0,
                replay_of: 0,
                batch: None,
                body: body.into_bytes(),
            };
            sent.addressed(&settings)
        })
        .collect();
    for some in parcels.chunks(500) {
        for sent in futures::future::join_all(some.iter().map(|parcel| publisher.deliver(parcel))).await {
            sent.unwrap();
        }
    }
    publisher.close().await;
}

async fn askers(stand: &Stand, count: usize) -> Vec<Running> {
    let mut askers: Vec<Running> = (0..count).map(|_| stand.start_unready("rolemill-asker")).collect();
    for asker in &mut askers {
        asker.worker.wait_ready(asker.health, Duration::from_secs(60)).await;
    }
    askers
}

#[tokio::test(flavor = "multi_thread")]
async fn one_worker_has_a_thousand_calls_in_flight_in_little_memory() {
    const MESSAGES: usize = 12_000;
    let (stub, folder) = (StubModel::start().await, tempfile::tempdir().unwrap());
    let stand = stand(&stub, folder.path(), "concurrency = 1500").await.with("ROLEMILL_PREFETCH", "1500");
    stub.chat.set_latency(Duration::from_secs(1));
    send(&stand, MESSAGES).await;
    let begun = Instant::now();
    let asker = askers(&stand, 1).await.remove(0);
    let mut most_kib = 0;
    wait_until("all are answered", LONG, async || {
        most_kib = most_kib.max(asker.worker.rss_kib());
        stub.chat.calls() >= MESSAGES && stub.chat.in_flight() == 0
    })
    .await;
    let peak = stub.chat.peak_in_flight();
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = asker.worker.cpu_seconds() * 1e3 / MESSAGES as f64;
    println!(
        "       {MESSAGES} answers of one second each in {seconds:.1} s, {peak} at once, {} MB, {cpu:.2} ms of CPU a call",
        most_kib / 1024
    );
    assert!(peak >= 1_000, "{peak} at once");
    assert!(most_kib < 200 * 1024, "{most_kib} KiB");
    assert_eq!(stub.chat.calls(), MESSAGES, "each is asked once");
}

#[tokio::test(flavor = "multi_thread")]
async fn four_workers_share_a_limit_of_calls_a_minute() {
    const LIMIT: usize = 600;
    let (stub, folder) = (StubModel::start().await, tempfile::tempdir().unwrap());
    let limit = format!("calls_per_minute = {LIMIT}\npatience_seconds = 20");
    let stand = stand(&stub, folder.path(), &limit).await.with("ROLEMILL_PREFETCH", "64");
    send(&stand, 3 * LIMIT).await;
    let begun = Instant::now();
    let _askers = askers(&stand, 4).await;
    sleep(Duration::from_secs(185).saturating_sub(begun.elapsed())).await;
    let times = stub.chat.call_times();
    let minute = Duration::from_secs(60);
    let most = times
        .iter()
        .map(|&from| times.iter().filter(|&&at| at >= from && at < from + minute).count())
        .max()
        .unwrap();
    // Three minutes, the first of which gives all that it has at once.
    let first = times[0];
    let in_three: usize = times.iter().filter(|&&at| at < first + 3 * minute).count();
    println!("       {most} calls in the fullest minute of {LIMIT}, {in_three} in three minutes");
    assert!(most <= LIMIT, "{most} in one minute");
    assert!(in_three as f64 >= 3.0 * LIMIT as f64 * 0.95, "{in_three} in three minutes");
}
