//! Reading queues in batches: for whoever writes many messages in one transaction.

use contract::DeadLetter;
use futures::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use pipeline::{Letter, chain};
use runtime::patience::Waits;
use std::future::Future;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

use crate::dead;
use crate::health::{Counted, Health, Readiness};
use crate::link::{BrokerError, Link, within};
use crate::settings::BrokerSettings;
use crate::topology::{Names, Topology};
use crate::wire::{self, Lane, Way};
use crate::work::stopped;

/// A queue that is read in batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gathered {
    /// Copies of all that came in.
    Ledger,
    /// What a stage gave up.
    Parked(contract::Stage),
    /// What upstream systems are told of runs.
    Webhooks,
}

/// A message of a batch.
#[derive(Debug)]
pub struct Taken {
    /// Its id; of a message without one, a hash of its body.
    pub message_id: Uuid,
    /// Its body, unpacked; of one that cannot be unpacked, as it came.
    pub body: Vec<u8>,
    /// The key that it was published under.
    pub routing_key: String,
    /// Whether the body could be unpacked.
    pub is_unpacked: bool,
    delivery: Delivery,
    way: Way,
}

impl Taken {
    fn of(delivery: Delivery) -> Self {
        let way = Way::of(&delivery, Lane::Bulk);
        let unpacked = wire::unpacked(&delivery);
        let is_unpacked = unpacked.is_ok();
        let body = unpacked.map_or_else(|_| delivery.data.clone(), std::borrow::Cow::into_owned);
        let id = delivery.properties.message_id().as_ref().and_then(|id| id.as_str().parse().ok());
        let message_id = id.unwrap_or_else(|| Uuid::new_v5(&Uuid::NAMESPACE_OID, &body));
        let routing_key = delivery.routing_key.as_str().to_owned();
        Self { message_id, body, routing_key, is_unpacked, delivery, way }
    }

    /// As the pipeline reads it.
    #[must_use]
    pub fn letter(&self) -> Letter<'_> {
        wire::letter(&self.delivery, &self.way, &self.body)
    }

    /// Its content type.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.delivery.properties.content_type().as_ref().map(ShortString::as_str)
    }

    /// When it was sent, as its sender says.
    #[must_use]
    pub fn sent_at(&self) -> Option<OffsetDateTime> {
        self.letter().sent_at
    }

    /// The key under which its sender counts it as the same posting.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&str> {
        self.way.key.as_deref()
    }

    /// The dead letter in it, and its id. One that the broker itself gave up holds the message that took its worker down.
    #[must_use]
    pub fn dead_letter(self, stage: contract::Stage, worker: &str) -> (Uuid, DeadLetter) {
        if self.delivery.properties.kind().as_ref().map(ShortString::as_str) == Some(DeadLetter::KIND)
            && let Ok(letter) = serde_json::from_slice::<DeadLetter>(&self.body)
        {
            return (self.message_id, letter);
        }
        let letter = dead::crashed(stage, worker, &self.way, &self.delivery, &self.body);
        (crate::parcel::dead_letter_id(stage, &letter), letter)
    }
}

/// Reads queues in batches of at most `most` until `stop` turns true. A batch is acknowledged when `write` has it; while that
/// fails the same batch is tried again, with waits, and nothing more is taken.
///
/// # Errors
/// When the broker has something else under the names that are needed.
pub async fn gather<W, F, E>(
    what: Gathered,
    settings: &BrokerSettings,
    most: u16,
    write: W,
    health: &Health,
    mut stop: watch::Receiver<bool>,
) -> Result<(), BrokerError>
where
    W: Fn(Vec<Taken>) -> F,
    F: Future<Output = Result<(), E>>,
    E: std::error::Error + 'static,
{
    let mut waits = Waits::default();
    while !*stop.borrow() {
        let session = Session { what, settings, most, write: &write, health };
        let error = match session.run(&mut stop, &mut waits).await {
            Ok(()) => break,
            Err(Interrupted::Broker(error)) if error.is_final() => return Err(error),
            Err(Interrupted::Broker(error)) => chain(&error),
            Err(Interrupted::Write(words)) => words,
        };
        let wait = waits.next_wait();
        tracing::warn!(error, ?wait, ?what, "reading is interrupted; what was not written comes again");
        health.count(Counted::Rebuilt);
        health.is(Readiness::NotReady(error));
        tokio::select! {
            () = sleep(wait) => {}
            () = stopped(&mut stop) => {}
        }
    }
    health.is(Readiness::NotReady("it is stopping".to_owned()));
    Ok(())
}

struct Session<'a, W> {
    what: Gathered,
    settings: &'a BrokerSettings,
    most: u16,
    write: &'a W,
    health: &'a Health,
}

enum Interrupted {
    Broker(BrokerError),
    Write(String),
}

impl From<BrokerError> for Interrupted {
    fn from(error: BrokerError) -> Self {
        Self::Broker(error)
    }
}

impl<W, F, E> Session<'_, W>
where
    W: Fn(Vec<Taken>) -> F,
    F: Future<Output = Result<(), E>>,
    E: std::error::Error + 'static,
{
    async fn run(self, stop: &mut watch::Receiver<bool>, waits: &mut Waits) -> Result<(), Interrupted> {
        let settings = self.settings;
        let patience = settings.patience;
        let names = Names(&settings.prefix);
        let queue = match self.what {
            Gathered::Ledger => names.ledger(),
            Gathered::Parked(stage) => names.parked(stage),
            Gathered::Webhooks => names.webhooks(),
        };
        let link = Link::open(settings, "gather").await?;
        Topology::of(settings).ensure(&link, patience).await?;
        within(patience, link.channel.basic_qos(self.most, BasicQosOptions::default())).await?;
        let consumer = link.channel.basic_consume(
            queue.as_str().into(),
            "".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        );
        let mut batches = within(patience, consumer).await?.ready_chunks(self.most.into());
        self.health.is(Readiness::Ready);
        loop {
            let batch = tokio::select! {
                biased;
                () = stopped(stop) => break,
                batch = batches.next() => batch,
            };
            let Some(batch) = batch else { return Err(BrokerError::Stalled("the stream ended").into()) };
            let deliveries = batch.into_iter().collect::<Result<Vec<_>, _>>().map_err(BrokerError::from)?;
            let Some(last) = deliveries.last().map(|delivery| delivery.acker.clone()) else { continue };
            let count = deliveries.len();
            let taken: Vec<Taken> = deliveries.into_iter().map(Taken::of).collect();
            (self.write)(taken).await.map_err(|error| Interrupted::Write(chain(&error)))?;
            for _ in 0..count {
                self.health.count(Counted::Received);
            }
            // All of this channel up to the last one: the batch, and nothing before it is open.
            within(patience, last.ack(BasicAckOptions { multiple: true })).await?;
            waits.reset();
        }
        link.close(patience).await;
        Ok(())
    }
}

/// How many messages are ready in each of the queues.
///
/// # Errors
/// When a queue is missing or the broker does not answer.
pub async fn depths(settings: &BrokerSettings) -> Result<Vec<(String, u32)>, BrokerError> {
    use lapin::options::QueueDeclareOptions;
    let link = Link::open(settings, "look").await?;
    let mut depths = Vec::new();
    for queue in Topology::of(settings).queue_names() {
        let options = QueueDeclareOptions { passive: true, durable: true, ..QueueDeclareOptions::default() };
        let asked = link.channel.queue_declare(queue.into(), options, FieldTable::default());
        depths.push((queue.to_owned(), within(settings.patience, asked).await?.message_count()));
    }
    link.close(settings.patience).await;
    Ok(depths)
}

/// Why the broker gave a message up, as its own header says.
pub(crate) fn reason(delivery: &Delivery) -> String {
    wire::header(delivery, "x-first-death-reason").unwrap_or_else(|| "no reason given".to_owned())
}
