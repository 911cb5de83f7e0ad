//! The product as processes: workers on a broker and a PostgreSQL database, each of the test's own.

use broker::{BrokerSettings, Topology};
use contract::Stage;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;
use strum::VariantArray as _;
use support::broker::Prefix;
use support::process::{Worker, bin, free_port};
use support::{Fresh, Kind, wait_for};

/// How long a worker may take until it is ready.
const UP: Duration = Duration::from_secs(60);

/// Where the workers of a test meet.
pub struct Stand {
    /// What every name on the broker begins with.
    pub prefix: Prefix,
    /// The database, as `--db` takes it.
    pub db: String,
    /// Settings that all workers get, beside where broker and database are.
    pub settings: BTreeMap<String, String>,
    fresh: Option<Fresh>,
}

/// A worker with the address of its health.
pub struct Running {
    /// The process.
    pub worker: Worker,
    /// Where it answers.
    pub health: SocketAddr,
}

impl Stand {
    /// On the broker that is there, with a fresh database.
    pub async fn new() -> Self {
        let fresh = Fresh::new(Kind::Postgres).await;
        let mut stand = Self::on(Prefix::new(), fresh.url.clone());
        stand.fresh = Some(fresh);
        stand
    }

    /// On a broker and a database of the test's own; the database is migrated.
    #[must_use]
    pub fn on(prefix: Prefix, db: String) -> Self {
        let usual = [
            ("ROLEMILL_RETRY_DELAYS", "200ms,1s"),
            ("ROLEMILL_PATIENCE_SECONDS", "5"),
            ("ROLEMILL_WATCH_SECONDS", "2"),
            ("ROLEMILL_GRACE_SECONDS", "10"),
            ("ROLEMILL_AUDIT_SECONDS", "0.5"),
            ("ROLEMILL_LOG", "info"),
        ];
        let settings = usual.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let stand = Self { prefix, db, settings, fresh: None };
        stand.rolemill(&["migrate", "--db", &stand.db]);
        stand
    }

    /// A setting of all workers that are started from now on.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// As the workers have them.
    #[must_use]
    pub fn broker(&self) -> BrokerSettings {
        BrokerSettings {
            prefix: self.prefix.as_str().to_owned(),
            delays: vec![Duration::from_millis(200), Duration::from_secs(1)],
            patience: Duration::from_secs(5),
            watch_every: Duration::from_secs(2),
            grace: Duration::from_secs(10),
            ..BrokerSettings::usual(self.prefix.url().parse().unwrap())
        }
    }

    /// Starts the worker of a stage.
    pub async fn start(&self, stage: Stage) -> Running {
        self.start_program(&format!("rolemill-{stage}")).await
    }

    /// Starts a worker without waiting until it is ready.
    #[must_use]
    pub fn start_unready(&self, program: &str) -> Running {
        self.start_with(program, self.settings.clone())
    }

    /// Starts a worker with settings of its own; where they do not say otherwise, on the stand's broker and database.
    #[must_use]
    pub fn start_with(&self, program: &str, mut settings: BTreeMap<String, String>) -> Running {
        let health = SocketAddr::from(([127, 0, 0, 1], free_port()));
        for (name, value) in [
            ("ROLEMILL_AMQP", self.prefix.url().to_owned()),
            ("ROLEMILL_PREFIX", self.prefix.as_str().to_owned()),
            ("ROLEMILL_DB", self.db.clone()),
            ("ROLEMILL_HEALTH", health.to_string()),
        ] {
            settings.entry(name.to_owned()).or_insert(value);
        }
        Running { worker: Worker::start(&bin(program), &[], settings), health }
    }

    /// Starts a worker by its program's name, and waits until it is ready.
    pub async fn start_program(&self, program: &str) -> Running {
        let mut running = self.start_unready(program);
        running.worker.wait_ready(running.health, UP).await;
        running
    }

    /// Starts the five stages and the archive.
    pub async fn start_all(&self) -> Vec<Running> {
        let programs = Stage::VARIANTS.iter().map(|stage| format!("rolemill-{stage}"));
        let mut all: Vec<Running> = programs
            .chain(["rolemill-archive".to_owned()])
            .map(|program| self.start_unready(&program))
            .collect();
        for running in &mut all {
            running.worker.wait_ready(running.health, UP).await;
        }
        all
    }

    /// Runs a command of the command line, on the stand's broker; it must succeed.
    pub fn rolemill(&self, arguments: &[&str]) -> Output {
        let output = self.try_rolemill(arguments);
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "rolemill {arguments:?} ended with {}: {words}", output.status);
        output
    }

    /// Runs a command of the command line, on the stand's broker.
    pub fn try_rolemill(&self, arguments: &[&str]) -> Output {
        Command::new(bin("rolemill"))
            .args(arguments)
            .env("ROLEMILL_AMQP", self.prefix.url())
            .env("ROLEMILL_PREFIX", self.prefix.as_str())
            .env("ROLEMILL_DB", &self.db)
            // Its queues are those of the workers: others nobody would delete.
            .env("ROLEMILL_RETRY_DELAYS", &self.settings["ROLEMILL_RETRY_DELAYS"])
            .output()
            .unwrap()
    }

    /// Publishes a file of postings.
    pub fn publish(&self, file: &Path) {
        self.rolemill(&["publish", &file.to_string_lossy()]);
    }

    /// The number that a query counts.
    pub async fn count(&self, query: &str) -> i64 {
        self.rows(query).await.first().and_then(|row| row.try_get_by_index(0).ok()).unwrap_or_default()
    }

    /// The rows of a query; none while the database is away.
    pub async fn rows(&self, query: &str) -> Vec<sea_orm::QueryResult> {
        use sea_orm::{ConnectionTrait as _, Database, Statement};
        let Ok(db) = Database::connect(&self.db).await else { return Vec::new() };
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await;
        db.close().await.ok();
        rows.unwrap_or_default()
    }

    /// The first column of a query's rows.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        self.rows(query).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// Waits until so many runs have ended, one way or the other.
    pub async fn ended(&self, runs: i64, deadline: Duration) {
        wait_for(&format!("{runs} runs have ended"), deadline, async || {
            (self.count("SELECT count(*) FROM runs").await >= runs).then_some(())
        })
        .await;
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        let topology = Topology::of(&self.broker());
        let names: Vec<String> = topology
            .queue_names()
            .map(str::to_owned)
            .chain(topology.exchanges.iter().map(|it| it.name.clone()))
            .collect();
        self.prefix.delete(names);
        drop(self.fresh.take());
    }
}
