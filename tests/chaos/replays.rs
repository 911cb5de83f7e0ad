//! A bulk replay that is clicked twice, edited under way, and whose worker is killed.

use contract::Stage;
use std::time::Duration;
use support::node::NodeOptions;
use support::process::{Worker, bin};
use support::wait_until;

use crate::scene::{Scene, crew};

const LETTERS: usize = 1_000;
const LONG: Duration = Duration::from_secs(300);
const RATE: f64 = 100.0;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_replays_clicked_twice_go_once_each_though_their_worker_is_killed_midway() {
    let scene = Scene::set(NodeOptions::default()).await;
    let stand = &scene.stand;
    let mut crew = crew(stand, 1).await;
    // Persistence is replaced by a stage that fails, so that every run dies there.
    let persistence = crew.iter().position(|(name, _)| name == "rolemill-persistence").unwrap();
    crew.remove(persistence).1.worker.kill();
    let mut settings = stand.settings.clone();
    settings.insert("FAULTY_STAGE".to_owned(), Stage::Persistence.to_string());
    settings.insert("FAULTY_ALWAYS".to_owned(), "the disk is full".to_owned());
    settings.insert("ROLEMILL_AMQP".to_owned(), stand.prefix.url().to_owned());
    settings.insert("ROLEMILL_PREFIX".to_owned(), stand.prefix.as_str().to_owned());
    let mut faulty = Worker::start(&bin("rolemill-faulty"), &[], settings);
    assert!(scene.publish(LETTERS, None).wait().await.unwrap().success());
    let letters = "SELECT count(*) FROM dead_letters";
    wait_until("all are archived", LONG, async || stand.count(letters).await == LETTERS as i64).await;
    faulty.kill();
    let _persistence = stand.start(Stage::Persistence).await;

    let replay = ["dead", "replay", "--all", "--yes", "--rate", "100"];
    let begun = std::time::Instant::now();
    let clicks = std::thread::scope(|scope| {
        let click = || stand.rolemill(&replay);
        let (one, other) = (scope.spawn(click), scope.spawn(click));
        [one.join().unwrap(), other.join().unwrap()]
    });
    for click in &clicks {
        println!("       {}", String::from_utf8_lossy(&click.stdout).lines().next().unwrap_or_default());
    }
    let sent = "SELECT count(*) FROM replay_items WHERE state NOT IN ('pending', 'claimed')";
    wait_until("half is sent", LONG, async || stand.count(sent).await > LETTERS as i64 / 2).await;
    let archive = crew.iter().position(|(name, _)| name == "rolemill-archive").unwrap();
    crew[archive].1.worker.kill();
    crew[archive].1 = stand.start_unready("rolemill-archive");
    let ended = "SELECT count(*) FROM runs WHERE attempt = 1 AND status IN ('completed', 'rejected')";
    wait_until("all have ended well", LONG, async || stand.count(ended).await == LETTERS as i64).await;
    let seconds = begun.elapsed().as_secs_f64();
    println!("       {LETTERS} replayed in {seconds:.0} s at {RATE} a second");
    assert!(seconds > LETTERS as f64 / RATE * 0.9, "the rate is held");
    assert_eq!(stand.count("SELECT count(*) FROM replay_items").await, LETTERS as i64, "each once");
    assert_eq!(stand.count("SELECT count(*) FROM run_attempts").await, LETTERS as i64, "one effect each");
}
