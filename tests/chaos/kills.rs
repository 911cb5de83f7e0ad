//! Workers that are killed all the time.

use std::time::{Duration, Instant};
use support::node::NodeOptions;
use tokio::time::{MissedTickBehavior, interval};

use crate::scene::{ENDED, Scene, crew};

const RUNS: usize = 10_000;
const KILL_EVERY: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_runs_survive_workers_that_are_killed_every_two_seconds() {
    let scene = Scene::set(NodeOptions::default()).await;
    let mut crew = crew(&scene.stand, 1).await;
    let mut publish = scene.publish(RUNS, None);
    let begun = Instant::now();
    let mut every = interval(KILL_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    every.tick().await;
    let (mut kills, mut chance) = (0_u64, 7_u64);
    while scene.stand.count(ENDED).await < RUNS as i64 {
        every.tick().await;
        assert!(begun.elapsed() < Duration::from_secs(1_500), "it takes too long; {kills} kills");
        // A linear congruential generator (Knuth's MMIX constants): another worker each time, the same on every machine.
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = (chance >> 33) as usize % crew.len();
        let (name, running) = &mut crew[place];
        running.worker.kill();
        *running = scene.stand.start_unready(name);
        kills += 1;
    }
    assert!(publish.wait().await.unwrap().success());
    println!("{kills} kills in {:.0} s", begun.elapsed().as_secs_f64());
    for (_, running) in &mut crew {
        running.worker.wait_ready(running.health, Duration::from_secs(60)).await;
    }
    scene.nothing_lost_nothing_twice(RUNS).await;
}
