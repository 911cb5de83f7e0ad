//! What becomes of single messages: tried again, given up, delivered twice, handed back.

use broker::{BrokerSettings, Health, Publisher, Replayed, work};
use contract::{RunId, Stage as Name};
use pipeline::{Failure, Fate, Stage};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::broker::{Client, Prefix};
use support::process::{Worker, bin};
use support::proxy::Proxy;
use support::{wait_for, wait_until};
use tests::plain::{PassThrough, Passed, Plain};
use tokio::sync::watch;

const SOON: Duration = Duration::from_secs(40);

/// A broker's corner with everything declared in it.
pub(crate) struct Corner {
    pub(crate) settings: BrokerSettings,
    pub(crate) client: Client,
    /// Deletes what was declared, in the end.
    _prefix: Prefix,
}

impl Corner {
    pub(crate) async fn new() -> Self {
        let prefix = Prefix::new();
        let settings = BrokerSettings {
            prefix: prefix.as_str().to_owned(),
            prefetch: 8,
            delays: [100, 300, 600].map(Duration::from_millis).to_vec(),
            delivery_limit: 3,
            patience: Duration::from_secs(5),
            grace: Duration::from_secs(10),
            watch_every: Duration::from_secs(1),
            ..BrokerSettings::usual(prefix.url().parse().unwrap())
        };
        let topology = broker::topology::apply(&settings).await.unwrap();
        prefix.delete(topology.queue_names());
        prefix.delete(topology.exchanges.iter().map(|exchange| exchange.name.clone()));
        let client = Client::connect(prefix.url()).await;
        Self { settings, client, _prefix: prefix }
    }

    /// Sends envelopes with these words to a stage; tells their runs.
    pub(crate) async fn send(&self, stage: Name, words: impl IntoIterator<Item = String>) -> Vec<RunId> {
        let publisher = Publisher::new(self.settings.clone());
        let mut runs = Vec::new();
        for words in words {
            let run_id = RunId::mint();
            let body = serde_json::json!({ "schema_version": "1.0", "run_id": run_id, "attempt": 0, "words": words });
            let body = body.to_string().into_bytes();
            let kind = "rolemill.run.test.v1".to_owned();
            let sent = Replayed { stage, kind, run_id, attempt: 0, replay_of: 0, batch: None, body };
            publisher.deliver(&sent.addressed(&self.settings)).await.unwrap();
            runs.push(run_id);
        }
        publisher.close().await;
        runs
    }

    /// A process with a faulty stage.
    pub(crate) fn faulty(&self, stage: Name, amqp: &str, extra: &[(&str, &str)]) -> Worker {
        let delays: Vec<String> =
            self.settings.delays.iter().map(|delay| format!("{}ms", delay.as_millis())).collect();
        let mut settings = BTreeMap::from([
            ("FAULTY_STAGE".to_owned(), stage.to_string()),
            ("ROLEMILL_AMQP".to_owned(), amqp.to_owned()),
            ("ROLEMILL_PREFIX".to_owned(), self.settings.prefix.clone()),
            ("ROLEMILL_PREFETCH".to_owned(), self.settings.prefetch.to_string()),
            ("ROLEMILL_DELIVERY_LIMIT".to_owned(), self.settings.delivery_limit.to_string()),
            ("ROLEMILL_RETRY_DELAYS".to_owned(), delays.join(",")),
            ("ROLEMILL_PATIENCE_SECONDS".to_owned(), "5".to_owned()),
            ("ROLEMILL_WATCH_SECONDS".to_owned(), "1".to_owned()),
        ]);
        settings.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Worker::start(&bin("rolemill-faulty"), &[], settings)
    }

    pub(crate) async fn depth(&self, stage: Name, rest: &str) -> u32 {
        self.client.depth(&format!("{}.{stage}.{rest}", self.settings.prefix)).await
    }
}

/// Counts its tries, and fails the first so many of every run.
#[derive(Clone)]
struct Failing {
    times: u32,
    tries: Arc<Mutex<BTreeMap<RunId, u32>>>,
    next: Option<Name>,
}

#[derive(Debug, thiserror::Error)]
#[error("not yet: this is try {0}")]
struct NotYet(u32);

impl Failure for NotYet {
    fn fate(&self) -> Fate {
        // Over all three delays, and over the longest again.
        Fate::Transient { retry_after: Duration::from_millis(u64::from(self.0) * 150) }
    }
}

impl Stage for Failing {
    type Input = Plain;
    type Output = Passed;
    type Error = NotYet;
    const TRIES: u32 = 6;

    async fn run(&self, plain: Plain) -> Result<Passed, NotYet> {
        let tries = {
            let mut tries = self.tries.lock().unwrap();
            let tries = tries.entry(plain.run_id).or_default();
            *tries += 1;
            *tries
        };
        if tries <= self.times { Err(NotYet(tries)) } else { Ok(Passed { plain, next: self.next }) }
    }
}

/// Works in the test's own process until the answer is dropped.
fn worker<S>(corner: &Corner, stage: S, name: Name) -> watch::Sender<bool>
where
    S: Stage<Input = Plain, Output = Passed>,
{
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(work(stage, name, corner.settings.clone(), Health::of("test"), stopped));
    stop
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_over_three_delays_end_well_and_no_message_vanishes() {
    let corner = Corner::new().await;
    let failing = Failing { times: 5, tries: Arc::default(), next: Some(Name::Signals) };
    let runs = corner.send(Name::Parse, ["a", "b", "c"].map(str::to_owned)).await;
    let _stop = worker(&corner, failing.clone(), Name::Parse);
    let out = corner.client.take_many(&format!("{}.signals.work", corner.settings.prefix), 3, SOON).await;
    assert_eq!(out.len(), 3);
    let tries = failing.tries.lock().unwrap().clone();
    assert_eq!(tries, runs.iter().map(|run| (*run, 6)).collect());
    assert_eq!(corner.depth(Name::Parse, "parked").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_fails_too_often_is_parked_with_its_cause() {
    let corner = Corner::new().await;
    let failing = Failing { times: 6, tries: Arc::default(), next: Some(Name::Signals) };
    let runs = corner.send(Name::Parse, ["a".to_owned()]).await;
    let _stop = worker(&corner, failing.clone(), Name::Parse);
    let parked = corner.client.take(&format!("{}.parse.parked", corner.settings.prefix), SOON).await;
    let letter: contract::DeadLetter = serde_json::from_slice(&parked.data).unwrap();
    assert_eq!(
        (letter.run_id, letter.fault.code.as_str(), letter.fault.tries),
        (Some(runs[0]), "stage_gave_up", 6)
    );
    assert!(letter.fault.message.contains("this is try 6") && letter.fault.retryable);
    assert_eq!(failing.tries.lock().unwrap()[&runs[0]], 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_whose_next_queue_is_gone_parks_its_runs_as_unroutable() {
    let corner = Corner::new().await;
    // Nobody declares anything anew: the next stage has no worker.
    corner.client.delete_queue(&format!("{}.signals.work", corner.settings.prefix)).await;
    let publisher = Publisher::new(corner.settings.clone());
    let lost = Replayed {
        stage: Name::Signals,
        kind: "rolemill.run.test.v1".to_owned(),
        run_id: RunId::mint(),
        attempt: 0,
        replay_of: 0,
        batch: None,
        body: b"{}".to_vec(),
    };
    let refused = publisher.publish(&lost.addressed(&corner.settings)).await.unwrap_err();
    assert!(matches!(refused, broker::PublishError::Unroutable { .. }), "{refused}");
    publisher.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_deleted_under_a_worker_is_declared_again_and_read() {
    let corner = Corner::new().await;
    let _stop = worker(&corner, PassThrough { next: Some(Name::Signals) }, Name::Parse);
    corner.send(Name::Parse, ["a".to_owned()]).await;
    let out = format!("{}.signals.work", corner.settings.prefix);
    corner.client.take(&out, SOON).await;
    let queue = format!("{}.parse.work", corner.settings.prefix);
    corner.client.delete_queue(&queue).await;
    wait_until("the queue is there again", SOON, async || corner.client.ready(&queue).await.is_some()).await;
    corner.send(Name::Parse, ["b".to_owned()]).await;
    corner.client.take(&out, SOON).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_lost_between_the_next_stages_confirm_and_its_ack_sends_the_same_message_twice() {
    /// The method `basic.ack` as it goes over the wire.
    const BASIC_ACK: [u8; 4] = [0, 60, 0, 80];
    let corner = Corner::new().await;
    let url = corner.settings.url.clone();
    let proxy = Proxy::start(([127, 0, 0, 1], 5672).into()).await;
    let lost = proxy.cut_before(&BASIC_ACK);
    let amqp = proxy.url(&support::broker::url());
    let _worker = corner.faulty(Name::Parse, &amqp, &[]);
    let runs = corner.send(Name::Parse, ["a".to_owned()]).await;
    let out = format!("{}.signals.work", corner.settings.prefix);
    let first = corner.client.take(&out, SOON).await;
    lost.caught(SOON).await;
    proxy.heal().await;
    let second = corner.client.take(&out, SOON).await;
    let id = |delivery: &lapin::message::Delivery| delivery.properties.message_id().clone().unwrap();
    assert_eq!(id(&first), id(&second), "{url}");
    assert_eq!(id(&first).as_str(), runs[0].message_id(Name::Signals, 0).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_kills_its_worker_is_parked_and_its_neighbours_go_on() {
    let corner = Corner::new().await;
    let words = (0..8).map(|n| if n == 3 { "ABORT".to_owned() } else { n.to_string() });
    let runs = corner.send(Name::Parse, words).await;
    let amqp = support::broker::url();
    let mut worker = corner.faulty(Name::Parse, &amqp, &[]);
    let mut deaths = 0;
    let parked = format!("{}.parse.parked", corner.settings.prefix);
    // Whoever supervises workers starts a dead one again.
    let killer = wait_for("the killer is parked", SOON, async || {
        if worker.ended().is_some() {
            deaths += 1;
            worker = corner.faulty(Name::Parse, &amqp, &[]);
        }
        corner.client.get(&parked).await
    })
    .await;
    let out = corner.client.take_many(&format!("{}.signals.work", corner.settings.prefix), 7, SOON).await;
    let id =
        |delivery: &lapin::message::Delivery| delivery.properties.message_id().as_ref().unwrap().to_string();
    let mut passed: Vec<String> = out.iter().map(id).collect();
    passed.sort();
    passed.dedup();
    assert_eq!(passed.len(), 7, "{deaths} deaths");
    assert!(!passed.contains(&runs[3].message_id(Name::Signals, 0).to_string()));
    assert_eq!(id(&killer), runs[3].message_id(Name::Parse, 0).to_string());
    // The limit of the work queue, its first delivery, and one try alone with one more.
    assert!(deaths <= 3 + 1 + 2, "{deaths} deaths");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_told_to_stop_under_load_finishes_what_it_has_and_hands_back_the_rest() {
    const MESSAGES: usize = 1_500;
    let corner = Corner::new().await;
    corner.send(Name::Parse, (0..MESSAGES).map(|n| n.to_string())).await;
    let amqp = support::broker::url();
    let mut worker = corner.faulty(Name::Parse, &amqp, &[]);
    let out = format!("{}.signals.work", corner.settings.prefix);
    wait_until("some are done", SOON, async || corner.client.depth(&out).await > 100).await;
    let status = worker.terminate(SOON).await;
    assert!(status.success(), "{status}: {}", worker.stderr());
    let left = corner.depth(Name::Parse, "work").await;
    assert!(left > 0, "it was stopped in the middle");
    // Nothing is lost, and nothing was done twice: what was begun is out, what was not is still there.
    wait_until("the broker has counted", SOON, async || {
        corner.client.depth(&out).await + corner.depth(Name::Parse, "work").await == MESSAGES as u32
    })
    .await;
    let _again = corner.faulty(Name::Parse, &amqp, &[]);
    let all = corner.client.take_many(&out, MESSAGES, SOON).await;
    let ids: std::collections::BTreeSet<String> =
        all.iter().map(|delivery| delivery.properties.message_id().as_ref().unwrap().to_string()).collect();
    assert_eq!(ids.len(), MESSAGES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_ends_one_run_and_not_the_worker() {
    struct Panics;
    impl Stage for Panics {
        type Input = Plain;
        type Output = Passed;
        type Error = NotYet;
        async fn run(&self, plain: Plain) -> Result<Passed, NotYet> {
            assert!(!plain.body.windows(5).any(|word| word == b"PANIC"), "asked to");
            Ok(Passed { plain, next: Some(Name::Signals) })
        }
    }
    let corner = Corner::new().await;
    corner.send(Name::Parse, ["PANIC".to_owned(), "a".to_owned()]).await;
    let _stop = worker(&corner, Panics, Name::Parse);
    corner.client.take(&format!("{}.signals.work", corner.settings.prefix), SOON).await;
    let parked = corner.client.take(&format!("{}.parse.parked", corner.settings.prefix), SOON).await;
    let letter: contract::DeadLetter = serde_json::from_slice(&parked.data).unwrap();
    assert_eq!(letter.fault.code, "stage_panicked");
}
