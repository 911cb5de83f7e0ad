//! Memory that does not grow.

use std::time::Duration;
use support::node::NodeOptions;
use support::wait_until;

use crate::scene::{ENDED, Scene, crew, ends_well};

const RUNS: usize = 20_000;
const WARM: i64 = 4_000;
/// What an allocator may keep beyond what it needs.
const SLACK: f64 = 1.15;

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_flat_over_twenty_thousand_runs() {
    let scene = Scene::set(NodeOptions::default()).await;
    let mut crew = crew(&scene.stand, 1).await;
    let mut publish = scene.publish(RUNS, None);
    let long = Duration::from_secs(1_200);
    wait_until("the workers are warm", long, async || scene.stand.count(ENDED).await > WARM).await;
    let warm: Vec<u64> = crew.iter().map(|(_, running)| running.worker.rss_kib()).collect();
    assert!(publish.wait().await.unwrap().success());
    scene.all_ended(RUNS, long).await;
    let mut grown = Vec::new();
    for ((name, running), warm) in crew.iter().zip(warm) {
        let end = running.worker.rss_kib();
        let cpu = running.worker.cpu_seconds() * 1e3 / RUNS as f64;
        println!(
            "       {name:<22} {:>4} MB after {WARM} runs, {:>4} MB after {RUNS}; {cpu:.2} ms of CPU a run",
            warm / 1024,
            end / 1024
        );
        if end as f64 > warm as f64 * SLACK + 16_384.0 {
            grown.push(name);
        }
    }
    assert!(grown.is_empty(), "{grown:?} grew");
    scene.nothing_lost_nothing_twice(RUNS).await;
    for (_, running) in &mut crew {
        ends_well(&mut running.worker).await;
    }
}
