//! A broker, a database and all workers, of the test's own.

use contract::Stage;
use std::time::{Duration, Instant};
use strum::VariantArray as _;
use support::broker::Prefix;
use support::cluster::{Cluster, ClusterOptions};
use support::node::{Node, NodeOptions};
use support::process::Worker;
use support::wait_for;
use tempfile::TempDir;
use tests::postings;
use tests::stand::{Running, Stand};
use tokio::process::{Child, Command};

/// Where it happens.
pub(crate) struct Scene {
    pub(crate) stand: Stand,
    pub(crate) node: Node,
    pub(crate) cluster: Cluster,
    folder: TempDir,
    begun: Instant,
}

impl Scene {
    pub(crate) async fn set(options: NodeOptions) -> Self {
        let (node, cluster) = tokio::join!(Node::start(options), Cluster::start(ClusterOptions::default()));
        let stand = Stand::on(Prefix::on(&node.amqp_url()), cluster.url());
        Self { stand, node, cluster, folder: tempfile::tempdir().unwrap(), begun: Instant::now() }
    }

    /// Begins to publish so many postings; the process ends when all are confirmed.
    pub(crate) fn publish(&self, count: usize, rate: Option<u32>) -> Child {
        let file = self.folder.path().join("postings.jsonl");
        postings::write(&file, count);
        let mut command = Command::new(support::process::bin("rolemill"));
        command
            .arg("publish")
            .arg(&file)
            .args(rate.map(|rate| format!("--rate={rate}")))
            .env("ROLEMILL_AMQP", self.stand.prefix.url())
            .env("ROLEMILL_PREFIX", self.stand.prefix.as_str())
            .env("ROLEMILL_PATIENCE_SECONDS", "5")
            .kill_on_drop(true);
        command.spawn().unwrap()
    }

    /// Waits until so many runs are done, and says how long everything took.
    pub(crate) async fn all_ended(&self, runs: usize, deadline: Duration) {
        let mut said = Instant::now();
        wait_for(&format!("all {runs} runs have ended"), deadline, async || {
            let ended = self.stand.count(ENDED).await;
            if said.elapsed() > Duration::from_secs(10) {
                said = Instant::now();
                println!("{:>5.0} s  {ended} of {runs} have ended", self.begun.elapsed().as_secs_f64());
            }
            (ended >= runs as i64).then_some(())
        })
        .await;
        println!("{:>5.0} s  all {runs} have ended", self.begun.elapsed().as_secs_f64());
    }

    /// What must hold whatever happened: each run ended once and well, and its rows are there once.
    pub(crate) async fn nothing_lost_nothing_twice(&self, runs: usize) {
        let stand = &self.stand;
        let count = async |query: &str| stand.count(query).await;
        let runs = runs as i64;
        assert_eq!(count(ENDED).await, runs, "runs that ended well");
        assert_eq!(count("SELECT count(*) FROM runs").await, runs, "rows");
        assert_eq!(count("SELECT count(*) FROM run_attempts").await, runs, "attempts");
        assert_eq!(count("SELECT count(*) FROM documents").await, runs, "documents");
        assert_eq!(count("SELECT count(*) FROM dead_letters").await, 0, "dead letters");
        let doubled = "SELECT count(*) FROM (SELECT run_id, skill, dimension FROM link_outcomes GROUP BY 1, 2, 3 HAVING count(*) > 1) x";
        println!(
            "       {} link lines, {} of them doubled within a run",
            count("SELECT count(*) FROM link_outcomes").await,
            count(doubled).await
        );
        let samples = count("SELECT count(*) FROM centroid_updates").await;
        let owed = "SELECT count(*) FROM runs r WHERE band = 'auto' AND NOT EXISTS (SELECT 1 FROM near_duplicates d WHERE d.run_id = r.run_id)";
        assert_eq!(samples, count(owed).await, "centroid samples");
        let counted = "SELECT count(*) FROM review_items i WHERE jds <> (SELECT count(DISTINCT e.run_id) FROM review_evidence e WHERE e.item_id = i.id)";
        assert_eq!(count(counted).await, 0, "review items that miscount their runs");
        wait_for("the ledger knows all ends", Duration::from_secs(120), async || {
            let settled = "SELECT count(*) FROM accepted_runs WHERE state IN ('completed', 'rejected')";
            (stand.count(settled).await == runs).then_some(())
        })
        .await;
        let left: u64 = self
            .node
            .queue_depths()
            .await
            .into_iter()
            .filter(|(queue, _)| !queue.ends_with(".webhooks"))
            .map(|(_, depth)| depth)
            .sum();
        println!("       {runs} runs ended, 0 lost, 0 doubled, {samples} samples, {left} messages left");
        assert_eq!(left, 0, "messages left");
    }
}

/// Runs that ended as they should.
pub(crate) const ENDED: &str = "SELECT count(*) FROM runs WHERE status IN ('completed', 'rejected')";

/// Every stage so many times, and one archive.
pub(crate) async fn crew(stand: &Stand, replicas: usize) -> Vec<(String, Running)> {
    let stages = Stage::VARIANTS.iter().flat_map(|stage| vec![format!("rolemill-{stage}"); replicas]);
    let names: Vec<String> = stages.chain(["rolemill-archive".to_owned()]).collect();
    let mut crew: Vec<(String, Running)> =
        names.into_iter().map(|name| (name.clone(), stand.start_unready(&name))).collect();
    for (_, running) in &mut crew {
        running.worker.wait_ready(running.health, Duration::from_secs(90)).await;
    }
    crew
}

/// What a worker answers about its readiness.
pub(crate) async fn readiness(running: &Running) -> String {
    support::process::http_get(running.health, "/readyz")
        .await
        .map_or_else(|error| error.to_string(), |(_, body)| body)
}

/// Ends a worker as an operator does, and looks at how it ended.
pub(crate) async fn ends_well(worker: &mut Worker) {
    let status = worker.terminate(Duration::from_secs(30)).await;
    assert!(status.success(), "{status}: {}", worker.stderr());
}
