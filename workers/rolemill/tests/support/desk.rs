//! An analyst's desk: a database of its own, and the command line on it.
#![allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]

use broker::BrokerSettings;
use broker::topology::Topology;
use contract::{Content, DeadLetter, Fault, Received, Record, RunId, Stage, State as _};
use pipeline::Letter;
use rolemill::{Engine, EngineConfig};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use store::{AcceptedRun, BuriedLetter, Place, ReplayOf, ReplayWish, RunPick, Store};
use support::broker::{Client, Prefix};
use support::{Fresh, Kind};
use tempfile::TempDir;
use text::read::Reader;
use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

/// How long a command may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
/// When everything happens.
const NOON: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

/// The desk of `ada`.
pub struct Desk {
    pub database: Fresh,
    pub store: Store,
    folder: TempDir,
}

impl Desk {
    /// A desk with an empty database that has the shipped library.
    pub async fn new(kind: Kind) -> Self {
        let database = Fresh::new(kind).await;
        let store = Store::connect(&Place::read(&database.url).unwrap()).await.unwrap();
        let desk = Self { database, store, folder: TempDir::new().unwrap() };
        desk.said(&["migrate"]);
        desk
    }

    pub fn rolemill(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts a command that runs beside the test.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running(self.command(arguments).stdout(Stdio::piped()).spawn().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolemill"));
        for variable in ["ROLEMILL_LIBRARY", "ROLEMILL_AMQP", "ROLEMILL_PREFIX", "ROLEMILL_LOG"] {
            command.env_remove(variable);
        }
        command
            .args(arguments)
            .env("ROLEMILL_DB", &self.database.url)
            .env("ROLEMILL_RETRY_DELAYS", "1s")
            .env("USER", "ada")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// The exit code.
    pub fn code(&self, arguments: &[&str]) -> i32 {
        self.rolemill(arguments).status.code().unwrap()
    }

    /// Standard output of a command that succeeds.
    pub fn said(&self, arguments: &[&str]) -> String {
        let output = self.rolemill(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.said(arguments)).unwrap()
    }

    pub fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        self.said(arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn write(&self, name: &str, content: &str) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }

    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Runs a JD and stores its answer.
    pub fn ran(&self, jd: &Value) -> RunId {
        self.write("one.jsonl", &jd.to_string());
        let answer = self.lines(&["run", "--format", "jsonl", "one.jsonl"]).remove(0);
        assert_eq!(answer["status"], "completed", "{answer}");
        RunId(answer["run_id"].as_str().unwrap().parse().unwrap())
    }

    /// What the workers make of an envelope that the parse stage reads, as it is saved.
    pub async fn answer(&self, envelope: &[u8]) -> Record {
        let library = self.store.library(None).await.unwrap().build().unwrap();
        let engine = Engine::new(EngineConfig {
            library: Arc::new(library),
            reader: Reader::in_process(),
            model: None,
        });
        let letter = Letter { kind: Some(Received::KIND), body: envelope, ..Letter::default() };
        let finished = engine.resume(Stage::Parse, &letter).await.unwrap();
        engine.record(&finished).unwrap().unwrap()
    }

    /// Stores the next attempt of a run, which differs from the one before in the chosen role's slug alone.
    pub async fn saved_otherwise(&self, run: RunId) {
        let wish = ReplayWish::new(ReplayOf::Runs(RunPick::Ids(vec![run])), "ada");
        let item = self.store.preview_replay(&wish, 1).await.unwrap().items.remove(0);
        let attempt = item.attempt;
        let replay::Message::Envelope(envelope) = replay::message(item).unwrap() else { panic!("a posting") };
        let mut record = self.answer(&envelope.body).await;
        let mut outputs: Value = serde_json::from_str(&record.outputs).unwrap();
        assert_eq!(outputs["decision"]["chosen_role"]["slug"], "data-engineer");
        outputs["decision"]["chosen_role"]["slug"] = json!("night-baker");
        record.outputs = outputs.to_string();
        let saved = self.store.save(&[record]).await.unwrap();
        assert_eq!((saved[0].attempt, saved[0].is_new), (attempt, true));
    }
}

/// A command that runs beside the test. Dropped, it is killed.
pub struct Running(Child);

impl Running {
    /// Waits for its end; gives its exit code and its standard output.
    pub async fn end(&mut self) -> (Option<i32>, String) {
        let status =
            support::wait_for("the command ends", PATIENCE, async || self.0.try_wait().unwrap()).await;
        let mut said = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        (status.code(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

pub fn run(n: usize) -> RunId {
    RunId::derived("board", &n.to_string())
}

/// A JD that every stage has something to say of.
pub fn jd() -> Value {
    json!({ "id": "1", "source": "board", "title": "Data Engineer", "company": "Grain House", "text":
        "Data Engineer\nGrain House moves grain by river.\n\nResponsibilities\n- Build and run the pipelines that load our \
         warehouse every night\n- Model data for the planners\n- Keep the loads complete and on time\n\nRequirements\n\
         - 3+ years of experience with Python and SQL\n- Apache Airflow, Apache Spark and PostgreSQL\n- Knowledge of dbt\n" })
}

/// The dead letter of a run that a stage gave up; its envelope has no outputs.
pub fn letter(n: usize, stage: Stage, code: &str, message: &str) -> BuriedLetter {
    let envelope = json!({
        "schema_version": "1.0",
        "run_id": run(n),
        "attempt": 0,
        "created_at": "2026-03-01T11:00:00Z",
        "source": { "system": "board", "external_id": n.to_string() },
        "document": { "text": "We hire.", "sha256": "…", "title_hint": format!("Hint {n}") },
        "versions": { "pipeline": "1", "library": "x" },
        "outputs": { "parse": {}, "signals": {}, "decision": {} },
    });
    let kind = match stage {
        Stage::Parse => "rolemill.run.parse.v1",
        Stage::Signals => "rolemill.run.signals.v1",
        Stage::Decision => "rolemill.run.decision.v1",
        Stage::Enrichment => "rolemill.run.enrichment.v1",
        Stage::Persistence => "rolemill.run.persistence.v1",
    };
    buried(n, stage, code, message, Some(kind), envelope.to_string())
}

/// The dead letter of a posting that the parse stage gave up.
pub fn posting(n: usize, posting: Value, code: &str) -> BuriedLetter {
    let message = "the message cannot be read: it has no text";
    buried(n, Stage::Parse, code, message, None, posting.to_string())
}

fn buried(
    n: usize,
    stage: Stage,
    code: &str,
    message: &str,
    kind: Option<&str>,
    body: String,
) -> BuriedLetter {
    BuriedLetter {
        letter_id: Uuid::new_v5(&run(n).0, code.as_bytes()),
        letter: DeadLetter {
            fault: Fault {
                stage,
                code: code.to_owned(),
                message: message.to_owned(),
                fingerprint: format!("{stage}-{code}"),
                at: NOON + time::Duration::seconds(n as i64),
                worker: "worker-1".to_owned(),
                retryable: false,
                tries: 1,
            },
            run_id: Some(run(n)),
            attempt: Some(0),
            kind: kind.map(str::to_owned),
            content_type: Some("application/json".to_owned()),
            message_id: None,
            routing_key: "jd.board".to_owned(),
            source: Some("board".to_owned()),
            idempotency_key: None,
            trace_parent: None,
            replay_batch: None,
            body: Content::Text(body),
        },
        trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
    }
}

/// A posting as the ledger has it.
pub fn accepted(n: usize) -> AcceptedRun {
    AcceptedRun {
        run_id: run(n),
        source: "board".to_owned(),
        external_id: Some(n.to_string()),
        routing_key: "jd.board".to_owned(),
        content_type: Some("application/json".to_owned()),
        headers: BTreeMap::new(),
        body: json!({ "id": n, "title": "Baker", "text": "We bake." }).to_string().into_bytes(),
        accepted_at: NOON,
    }
}

/// Names of the test's own on the shared broker.
pub struct Broker {
    pub prefix: Prefix,
    pub client: Client,
}

impl Broker {
    pub async fn new() -> Self {
        let prefix = Prefix::new();
        let mut settings = BrokerSettings::usual(prefix.url().parse().unwrap());
        settings.prefix = prefix.to_string();
        settings.delays = vec![std::time::Duration::from_secs(1)];
        let topology = Topology::of(&settings);
        prefix.delete(topology.queue_names());
        prefix.delete(topology.exchanges.iter().map(|exchange| exchange.name.as_str()));
        broker::topology::apply(&settings).await.unwrap();
        let client = Client::connect(prefix.url()).await;
        Self { prefix, client }
    }

    /// A command with the flags that say where the broker is.
    pub fn flags<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        [arguments, &["--amqp", self.prefix.url(), "--prefix", self.prefix.as_str()]].concat()
    }
}
