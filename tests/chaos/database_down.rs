//! A database that is away.

use contract::Stage;
use std::time::Duration;
use support::cluster::Stop;
use support::node::NodeOptions;
use support::proxy::Proxy;
use support::{wait_for, wait_until};
use tokio::time::sleep;

use crate::scene::{ENDED, Scene, crew, readiness};

const RUNS: usize = 1_500;
const LONG: Duration = Duration::from_secs(400);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_for_60_seconds_is_waited_for_and_no_run_is_given_up() {
    let mut scene = Scene::set(NodeOptions::default()).await;
    let crew = crew(&scene.stand, 1).await;
    let mut publish = scene.publish(RUNS, Some(100));
    wait_until("the load is under way", LONG, async || scene.stand.count(ENDED).await > 100).await;
    scene.cluster.stop(Stop::Immediate).await;
    let persistence = &crew.iter().find(|(name, _)| name == "rolemill-persistence").unwrap().1;
    let said = wait_for("the worker says why it is not ready", Duration::from_secs(40), async || {
        Some(readiness(persistence).await).filter(|words| words.contains("not ready"))
    })
    .await;
    println!("       while away: {}", said.trim());
    sleep(Duration::from_secs(60)).await;
    scene.cluster.start_again().await;
    assert!(publish.wait().await.unwrap().success());
    scene.all_ended(RUNS, LONG).await;
    scene.nothing_lost_nothing_twice(RUNS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_lost_at_commit_gets_no_row_twice() {
    const ROUNDS: usize = 10;
    let scene = Scene::set(NodeOptions::default()).await;
    let proxy = Proxy::start(scene.cluster.address()).await;
    let mut crew = crew(&scene.stand, 1).await;
    let place = crew.iter().position(|(name, _)| name == "rolemill-persistence").unwrap();
    // The persistence worker meets the database through what cuts it off.
    let mut through = scene.stand.settings.clone();
    through.insert("ROLEMILL_DB".to_owned(), proxy.url(&scene.cluster.url()));
    crew[place].1 = scene.stand.start_with(&format!("rolemill-{}", Stage::Persistence), through);
    let mut publish = scene.publish(RUNS, Some(100));
    for round in 0..ROUNDS {
        let lost = if round % 2 == 0 { proxy.cut_after(b"COMMIT") } else { proxy.cut_before(b"COMMIT") };
        lost.caught(LONG).await;
        proxy.heal().await;
    }
    assert!(publish.wait().await.unwrap().success());
    scene.all_ended(RUNS, LONG).await;
    println!("       the database was lost {ROUNDS} times at COMMIT");
    scene.nothing_lost_nothing_twice(RUNS).await;
}
