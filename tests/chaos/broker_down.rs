//! A broker that stops, freezes, runs out of memory, and loses patience.

use contract::Stage;
use std::time::Duration;
use support::node::NodeOptions;
use support::{wait_for, wait_until};
use tokio::time::sleep;

use crate::scene::{ENDED, Scene, crew, readiness};

const RUNS: usize = 2_000;
const LONG: Duration = Duration::from_secs(400);

async fn under_way(scene: &Scene) {
    wait_until("the load is under way", LONG, async || scene.stand.count(ENDED).await > 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_stops_and_starts_under_load_loses_nothing() {
    let mut scene = Scene::set(NodeOptions::default()).await;
    let _crew = crew(&scene.stand, 1).await;
    let mut publish = scene.publish(RUNS, Some(150));
    under_way(&scene).await;
    scene.node.stop().await;
    scene.node.start_again().await;
    under_way(&scene).await;
    scene.node.kill();
    scene.node.start_again().await;
    assert!(publish.wait().await.unwrap().success());
    scene.all_ended(RUNS, LONG).await;
    scene.nothing_lost_nothing_twice(RUNS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_frozen_for_35_seconds_is_given_up_by_our_deadline_and_found_again() {
    let mut scene = Scene::set(NodeOptions::default()).await;
    let _crew = crew(&scene.stand, 1).await;
    let mut publish = scene.publish(RUNS, Some(150));
    under_way(&scene).await;
    scene.node.freeze();
    sleep(Duration::from_secs(35)).await;
    scene.node.thaw();
    assert!(publish.wait().await.unwrap().success());
    scene.all_ended(RUNS, LONG).await;
    scene.nothing_lost_nothing_twice(RUNS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_short_of_memory_for_60_seconds_makes_workers_unready_and_recovers_alone() {
    let scene = Scene::set(NodeOptions::default()).await;
    let crew = crew(&scene.stand, 1).await;
    // Slow enough to be under way when the alarm comes: a broker blocks whoever publishes, and nobody else.
    let mut publish = scene.publish(RUNS, Some(50));
    under_way(&scene).await;
    scene.node.set_memory_alarm(true).await;
    let said = wait_for("a worker says why it is not ready", Duration::from_secs(40), async || {
        for (_, running) in &crew {
            let words = readiness(running).await;
            if words.contains("takes no messages") {
                return Some(words);
            }
        }
        None
    })
    .await;
    println!("       while blocked: {}", said.trim());
    sleep(Duration::from_secs(60)).await;
    scene.node.set_memory_alarm(false).await;
    assert!(publish.wait().await.unwrap().success());
    scene.all_ended(RUNS, LONG).await;
    scene.nothing_lost_nothing_twice(RUNS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_outlasts_the_acknowledgement_timeout_is_run_again_with_one_effect() {
    const TIMEOUT_MS: u64 = 5_000;
    let options = NodeOptions { consumer_timeout_ms: Some(TIMEOUT_MS), ..NodeOptions::default() };
    let scene = Scene::set(options).await;
    let mut crew = crew(&scene.stand, 1).await;
    // A worker that does not answer for longer than the broker waits.
    let place = crew.iter().position(|(name, _)| name == &format!("rolemill-{}", Stage::Decision)).unwrap();
    let mut publish = scene.publish(600, Some(60));
    under_way(&scene).await;
    crew[place].1.worker.freeze();
    sleep(Duration::from_millis(TIMEOUT_MS * 3)).await;
    crew[place].1.worker.thaw();
    assert!(publish.wait().await.unwrap().success());
    scene.all_ended(600, LONG).await;
    scene.nothing_lost_nothing_twice(600).await;
}
