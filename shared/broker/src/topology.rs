//! Everything that is on the broker, in one table.
//!
//! All queues are durable quorum queues. Those that dead-letter do so at least once, which RabbitMQ does only where a full queue
//! rejects publishes (`overflow=reject-publish`). What leaves a retry queue has waited long enough. What leaves a work queue was
//! delivered too often, as the message that kills its worker is, but also those that were in flight beside it: all of them are
//! suspects, which one worker of the stage takes one at a time (`single-active-consumer`). The innocent go on; what leaves the
//! suspects has killed a worker alone.

use contract::Stage;
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};
use std::time::Duration;
use strum::VariantArray as _;

use crate::link::{BrokerError, Link, within};
use crate::settings::BrokerSettings;
use crate::wire::Lane;

/// An exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Its name.
    pub name: String,
    /// How it routes: `topic`, `direct` or `fanout`.
    pub kind: &'static str,
    /// Where what it cannot route goes.
    pub alternate: Option<String>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How long a message stays in it before it goes on.
    pub delay: Option<Duration>,
    /// Exchange and routing key of what leaves it otherwise than by an acknowledgement.
    pub onwards: Option<(String, String)>,
    /// How often a message is delivered again before it goes onwards.
    pub delivery_limit: Option<u32>,
    /// Whether only one of its consumers is served at a time.
    pub is_single: bool,
}

/// From exchange by key to queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The queue.
    pub queue: String,
    /// The exchange.
    pub exchange: String,
    /// The routing key, or its pattern.
    pub key: String,
}

/// What there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Exchanges.
    pub exchanges: Vec<Exchange>,
    /// Queues.
    pub queues: Vec<Queue>,
    /// Bindings.
    pub bindings: Vec<Binding>,
    /// `quorum`, or `classic` for comparisons.
    pub queue_type: &'static str,
}

/// Names of what is on the broker, under one prefix.
#[derive(Clone, Debug)]
pub(crate) struct Names<'a>(pub(crate) &'a str);

impl Names<'_> {
    /// The public entrance: `jd.<source>` and `jd.<source>.priority`.
    pub(crate) fn entrance(&self) -> String {
        format!("{}.in", self.0)
    }

    /// From stage to stage.
    pub(crate) fn stage(&self) -> String {
        format!("{}.stage", self.0)
    }

    pub(crate) fn retry(&self) -> String {
        format!("{}.retry", self.0)
    }

    pub(crate) fn dead(&self) -> String {
        format!("{}.dead", self.0)
    }

    pub(crate) fn events(&self) -> String {
        format!("{}.events", self.0)
    }

    pub(crate) fn unrouted(&self) -> String {
        format!("{}.unrouted", self.0)
    }

    pub(crate) fn ledger(&self) -> String {
        format!("{}.ledger", self.0)
    }

    pub(crate) fn webhooks(&self) -> String {
        format!("{}.webhooks", self.0)
    }

    pub(crate) fn work(&self, stage: Stage, lane: Lane) -> String {
        match lane {
            Lane::Bulk => format!("{}.{stage}.work", self.0),
            Lane::Priority => format!("{}.{stage}.priority", self.0),
            Lane::Suspect => format!("{}.{stage}.suspects", self.0),
        }
    }

    pub(crate) fn waiting(&self, stage: Stage, delay: Duration) -> String {
        format!("{}.{stage}.retry.{}", self.0, written(delay))
    }

    pub(crate) fn parked(&self, stage: Stage) -> String {
        format!("{}.{stage}.parked", self.0)
    }
}

/// The key under which the stage exchange finds a stage's queue.
pub(crate) fn stage_key(stage: Stage, lane: Lane) -> String {
    match lane {
        // A suspect that was none goes on as any other.
        Lane::Bulk | Lane::Suspect => stage.to_string(),
        Lane::Priority => format!("{stage}.priority"),
    }
}

/// What a stage's suspects are dead-lettered as when they were delivered too often there as well.
const CRASHED: &str = "crashed";
/// How often a suspect is delivered again. One try alone is enough; a limit of nothing is none on RabbitMQ 3.10.
const SUSPECT_LIMIT: u32 = 1;

/// The key under which the retry exchange finds a waiting queue.
pub(crate) fn retry_key(stage: Stage, delay: Duration) -> String {
    format!("{stage}.{}", written(delay))
}

/// Under which keys postings come in: `jd.<source>`, and for the priority lane `jd.<source>.priority`.
const fn entrance_key(lane: Lane) -> &'static str {
    match lane {
        Lane::Bulk | Lane::Suspect => "jd.*",
        Lane::Priority => "jd.*.priority",
    }
}

/// The events that upstream systems are told of.
const RUN_EVENTS: &str = "run.*";

/// `5s`, `30m`, `250ms`.
pub(crate) fn written(delay: Duration) -> String {
    let ms = delay.as_millis();
    match ms {
        0 => "0ms".to_owned(),
        _ if ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        _ if ms.is_multiple_of(1_000) => format!("{}s", ms / 1_000),
        _ => format!("{ms}ms"),
    }
}

impl Topology {
    /// What there has to be for these settings.
    #[must_use]
    pub fn of(settings: &BrokerSettings) -> Self {
        let names = Names(&settings.prefix);
        let exchange = |name, kind| Exchange { name, kind, alternate: None };
        let exchanges = vec![
            exchange(names.unrouted(), "fanout"),
            Exchange { alternate: Some(names.unrouted()), ..exchange(names.entrance(), "topic") },
            exchange(names.stage(), "direct"),
            exchange(names.retry(), "direct"),
            exchange(names.dead(), "topic"),
            exchange(names.events(), "topic"),
        ];
        let plain = |name| Queue { name, delay: None, onwards: None, delivery_limit: None, is_single: false };
        let mut queues = vec![plain(names.unrouted()), plain(names.ledger()), plain(names.webhooks())];
        let bind = |queue: &str, exchange: String, key: &str| Binding {
            queue: queue.to_owned(),
            exchange,
            key: key.to_owned(),
        };
        let mut bindings = vec![
            bind(&names.unrouted(), names.unrouted(), ""),
            bind(&names.webhooks(), names.events(), RUN_EVENTS),
            // The same keys as the parse queues: what no stage takes is unrouted, not noted as accepted.
            bind(&names.ledger(), names.entrance(), entrance_key(Lane::Bulk)),
            bind(&names.ledger(), names.entrance(), entrance_key(Lane::Priority)),
        ];
        for &stage in Stage::VARIANTS {
            for lane in [Lane::Bulk, Lane::Priority] {
                let queue = Queue {
                    onwards: Some((String::new(), names.work(stage, Lane::Suspect))),
                    delivery_limit: Some(settings.delivery_limit),
                    ..plain(names.work(stage, lane))
                };
                bindings.push(bind(&queue.name, names.stage(), &stage_key(stage, lane)));
                if stage == Stage::Parse {
                    bindings.push(bind(&queue.name, names.entrance(), entrance_key(lane)));
                }
                queues.push(queue);
            }
            queues.push(Queue {
                onwards: Some((names.dead(), format!("{stage}.{CRASHED}"))),
                delivery_limit: Some(SUSPECT_LIMIT),
                is_single: true,
                ..plain(names.work(stage, Lane::Suspect))
            });
            for &delay in &settings.delays {
                let queue = Queue {
                    delay: Some(delay),
                    onwards: Some((names.stage(), stage_key(stage, Lane::Bulk))),
                    ..plain(names.waiting(stage, delay))
                };
                bindings.push(bind(&queue.name, names.retry(), &retry_key(stage, delay)));
                queues.push(queue);
            }
            let parked = plain(names.parked(stage));
            bindings.push(bind(&parked.name, names.dead(), &format!("{stage}.#")));
            queues.push(parked);
        }
        let queue_type = if settings.classic_queues { "classic" } else { "quorum" };
        Self { exchanges, queues, bindings, queue_type }
    }

    /// Every queue's name.
    pub fn queue_names(&self) -> impl Iterator<Item = &str> {
        self.queues.iter().map(|queue| queue.name.as_str())
    }

    /// Declares what is missing. A user who may not declare only looks whether all of it is there.
    ///
    /// # Errors
    /// When something of the name is there and differs, or is missing and may not be made, or the broker is lost.
    pub(crate) async fn ensure(&self, link: &Link, patience: Duration) -> Result<(), BrokerError> {
        // A question that is answered with no closes its channel.
        let channel = link.another_channel(patience).await?;
        match self.declare(&channel, patience).await {
            Err(BrokerError::Forbidden(error)) => {
                let missing = self.missing(link, patience).await?;
                if missing.is_empty() { Ok(()) } else { Err(BrokerError::Forbidden(error)) }
            }
            done => {
                // It is not needed any more; a broker that is lost here is lost for whoever asks next, too.
                within(patience, channel.close(200, "done".into())).await.ok();
                done
            }
        }
    }

    /// Declares what is missing.
    async fn declare(&self, channel: &Channel, patience: Duration) -> Result<(), BrokerError> {
        for exchange in &self.exchanges {
            let kind = match exchange.kind {
                "fanout" => ExchangeKind::Fanout,
                "direct" => ExchangeKind::Direct,
                _ => ExchangeKind::Topic,
            };
            let mut arguments = FieldTable::default();
            if let Some(alternate) = &exchange.alternate {
                arguments.insert("alternate-exchange".into(), words(alternate));
            }
            let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
            within(
                patience,
                channel.exchange_declare(exchange.name.as_str().into(), kind, options, arguments),
            )
            .await?;
        }
        for queue in &self.queues {
            let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
            within(
                patience,
                channel.queue_declare(queue.name.as_str().into(), options, queue.arguments(self.queue_type)),
            )
            .await?;
        }
        for Binding { queue, exchange, key } in &self.bindings {
            let bound = channel.queue_bind(
                queue.as_str().into(),
                exchange.as_str().into(),
                key.as_str().into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            );
            within(patience, bound).await?;
        }
        Ok(())
    }
}

/// Declares what is missing on a broker.
///
/// # Errors
/// When something of a name is there and differs, or the broker cannot be reached.
pub async fn apply(settings: &BrokerSettings) -> Result<Topology, BrokerError> {
    let topology = Topology::of(settings);
    let link = Link::open(settings, "topology").await?;
    topology.ensure(&link, settings.patience).await?;
    link.close(settings.patience).await;
    Ok(topology)
}

/// Looks whether everything is there, and changes nothing; the names of what is missing.
///
/// # Errors
/// When the broker cannot be reached.
pub async fn missing(settings: &BrokerSettings) -> Result<Vec<String>, BrokerError> {
    let link = Link::open(settings, "topology").await?;
    let missing = Topology::of(settings).missing(&link, settings.patience).await?;
    link.close(settings.patience).await;
    Ok(missing)
}

fn is_missing(answer: Result<(), BrokerError>) -> Result<bool, BrokerError> {
    match answer {
        Ok(()) => Ok(false),
        Err(BrokerError::Missing(_)) => Ok(true),
        Err(error) => Err(error),
    }
}

impl Topology {
    async fn missing(&self, link: &Link, patience: Duration) -> Result<Vec<String>, BrokerError> {
        let mut missing = Vec::new();
        for exchange in &self.exchanges {
            // A question that is answered with no closes its channel.
            let channel = link.another_channel(patience).await?;
            let options =
                ExchangeDeclareOptions { passive: true, durable: true, ..ExchangeDeclareOptions::default() };
            let name = exchange.name.as_str().into();
            let asked = channel.exchange_declare(name, ExchangeKind::Topic, options, FieldTable::default());
            if is_missing(within(patience, asked).await)? {
                missing.push(format!("exchange {}", exchange.name));
            }
        }
        for queue in self.queue_names() {
            let channel = link.another_channel(patience).await?;
            let options =
                QueueDeclareOptions { passive: true, durable: true, ..QueueDeclareOptions::default() };
            let asked = channel.queue_declare(queue.into(), options, FieldTable::default());
            if is_missing(within(patience, asked).await.map(|_| ()))? {
                missing.push(format!("queue {queue}"));
            }
        }
        Ok(missing)
    }
}

impl Queue {
    pub(crate) fn arguments(&self, queue_type: &str) -> FieldTable {
        let mut arguments = FieldTable::default();
        let is_quorum = queue_type == "quorum";
        arguments.insert("x-queue-type".into(), words(queue_type));
        if let Some((exchange, key)) = &self.onwards {
            arguments.insert("x-dead-letter-exchange".into(), words(exchange));
            arguments.insert("x-dead-letter-routing-key".into(), words(key));
            arguments.insert("x-overflow".into(), words("reject-publish"));
            if is_quorum {
                arguments.insert("x-dead-letter-strategy".into(), words("at-least-once"));
            }
        }
        if let Some(limit) = self.delivery_limit.filter(|_| is_quorum) {
            arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(limit.into()));
        }
        if self.is_single {
            arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
        }
        if let Some(delay) = self.delay {
            let ms = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
            arguments.insert("x-message-ttl".into(), AMQPValue::LongLongInt(ms));
        }
        arguments
    }
}

fn words(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binding_joins_things_that_are_there() {
        let topology = Topology::of(&BrokerSettings::usual("amqp://mq".parse().unwrap()));
        for binding in &topology.bindings {
            assert!(topology.queues.iter().any(|queue| queue.name == binding.queue), "{binding:?}");
            assert!(
                topology.exchanges.iter().any(|exchange| exchange.name == binding.exchange),
                "{binding:?}"
            );
        }
    }

    #[test]
    fn delays_are_written_as_people_do() {
        let names = Names("rolemill");
        assert_eq!(names.waiting(Stage::Parse, Duration::from_secs(5)), "rolemill.parse.retry.5s");
        assert_eq!(names.waiting(Stage::Parse, Duration::from_secs(1800)), "rolemill.parse.retry.30m");
        assert_eq!(names.waiting(Stage::Parse, Duration::from_millis(250)), "rolemill.parse.retry.250ms");
    }
}
