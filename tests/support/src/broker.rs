//! The RabbitMQ that tests share, and a plain client to look at any broker with.
//!
//! It is expected at `ROLEMILL_TEST_AMQP`, else at `amqp://guest:guest@127.0.0.1:5672`; a test without it fails and says so. Tests
//! that stop or change a broker start one of their own: [`crate::node`].

pub use lapin;

use futures::StreamExt as _;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions,
    QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer, ExchangeKind,
};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

use crate::wait::answer;

/// How long a broker is waited for, whatever it is asked.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the shared broker is.
#[must_use]
pub fn url() -> String {
    #[expect(clippy::disallowed_methods, reason = "tests have no settings")]
    std::env::var("ROLEMILL_TEST_AMQP").unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672".to_owned())
}

/// What a test's names on the broker begin with. Dropped, it deletes the queues and exchanges that it was told of.
#[derive(Debug)]
pub struct Prefix {
    text: String,
    url: String,
    names: Mutex<BTreeSet<String>>,
}

impl Default for Prefix {
    fn default() -> Self {
        Self::new()
    }
}

impl Prefix {
    /// A new one on the shared broker.
    #[must_use]
    pub fn new() -> Self {
        Self::on(&url())
    }

    /// A new one on this broker.
    #[must_use]
    pub fn on(url: &str) -> Self {
        let id = Uuid::new_v4().simple().to_string();
        Self { text: format!("t{}", &id[..12]), url: url.to_owned(), names: Mutex::default() }
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The broker that it is for.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `<prefix>.<rest>`, which is deleted in the end.
    #[must_use]
    pub fn name(&self, rest: &str) -> String {
        let name = format!("{}.{rest}", self.text);
        self.delete([name.clone()]);
        name
    }

    /// Has queues and exchanges of these names deleted in the end; it does not matter whether there are any.
    pub fn delete(&self, names: impl IntoIterator<Item = impl Into<String>>) {
        let mut known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(names.into_iter().map(Into::into));
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        let names = std::mem::take(&mut *self.names.lock().unwrap_or_else(PoisonError::into_inner));
        if names.is_empty() {
            return;
        }
        let url = std::mem::take(&mut self.url);
        // A test's runtime may be the current one: the work is done from a thread of its own.
        let deleted = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // The broker may be a node that is gone by now, with all that was on it.
            runtime.block_on(async { timeout(PATIENCE, delete(&url, &names)).await.ok() });
        });
        deleted.join().ok();
    }
}

async fn delete(url: &str, names: &BTreeSet<String>) -> lapin::Result<()> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    for name in names {
        channel.exchange_delete(name.as_str().into(), ExchangeDeleteOptions::default()).await?;
        channel.queue_delete(name.as_str().into(), QueueDeleteOptions::default()).await?;
    }
    connection.close(200, "done".into()).await
}

/// A connection with one channel, in confirm mode. All of its methods panic when the broker refuses, or is silent for 20 seconds.
pub struct Client {
    connection: Connection,
    channel: Channel,
}

async fn within<T>(what: &str, asked: impl Future<Output = lapin::Result<T>>) -> T {
    match timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => panic!("{what}: {error}"),
        Err(_) => panic!("{what}: no answer within {PATIENCE:?}"),
    }
}

impl Client {
    /// Connects.
    pub async fn connect(url: &str) -> Self {
        let what = format!("no RabbitMQ at {url} (set ROLEMILL_TEST_AMQP, or start one)");
        let connection = within(&what, Connection::connect(url, ConnectionProperties::default())).await;
        let channel = within("a channel", connection.create_channel()).await;
        within("confirm mode", channel.confirm_select(ConfirmSelectOptions::default())).await;
        Self { connection, channel }
    }

    /// Its channel, for whatever else is to be done.
    #[must_use]
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Whether the broker takes nothing from this connection for want of memory or disk. It says so only after something was
    /// published.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    /// Declares a durable quorum queue.
    pub async fn declare(&self, queue: &str) {
        self.declare_with(queue, FieldTable::default()).await;
    }

    /// Declares a durable quorum queue with further arguments.
    pub async fn declare_with(&self, queue: &str, mut arguments: FieldTable) {
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        let declared = self.channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments);
        within(&format!("declaring the queue {queue}"), declared).await;
    }

    /// Declares a durable exchange.
    pub async fn declare_exchange(&self, exchange: &str, kind: ExchangeKind) {
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let declared = self.channel.exchange_declare(exchange.into(), kind, options, FieldTable::default());
        within(&format!("declaring the exchange {exchange}"), declared).await;
    }

    /// Binds a queue to an exchange.
    pub async fn bind(&self, queue: &str, exchange: &str, key: &str) {
        let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
        let bound = self.channel.queue_bind(queue.into(), exchange.into(), key.into(), options, arguments);
        within(&format!("binding {queue} to {exchange}"), bound).await;
    }

    /// Deletes a queue with what is in it.
    pub async fn delete_queue(&self, queue: &str) {
        let deleted = self.channel.queue_delete(queue.into(), QueueDeleteOptions::default());
        within(&format!("deleting the queue {queue}"), deleted).await;
    }

    /// Publishes a persistent message and waits for the broker's word. It is mandatory: a message that fits no queue is confirmed
    /// with itself returned.
    pub async fn publish(
        &self,
        exchange: &str,
        key: &str,
        body: &[u8],
        properties: BasicProperties,
    ) -> Confirmation {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let properties = properties.with_delivery_mode(2);
        let confirmed = async {
            self.channel.basic_publish(exchange.into(), key.into(), options, body, properties).await?.await
        };
        within(&format!("publishing to {exchange:?} with the key {key:?}"), confirmed).await
    }

    /// Puts a message into a queue.
    ///
    /// # Panics
    /// When it does not arrive there.
    pub async fn put(&self, queue: &str, body: &[u8]) {
        let confirmation = self.publish("", queue, body, BasicProperties::default()).await;
        assert!(matches!(confirmation, Confirmation::Ack(None)), "{queue} did not take it: {confirmation:?}");
    }

    /// Takes the next message out of a queue, if one is there now; it is acknowledged.
    pub async fn get(&self, queue: &str) -> Option<Delivery> {
        let got = self.channel.basic_get(queue.into(), BasicGetOptions { no_ack: true });
        within(&format!("a message of {queue}"), got).await.map(|message| message.delivery)
    }

    /// Waits for the next message of a queue and takes it out; it is acknowledged.
    ///
    /// # Panics
    /// When none comes within the deadline.
    pub async fn take(&self, queue: &str, deadline: Duration) -> Delivery {
        let taken = answer(deadline, async || self.get(queue).await).await;
        taken.unwrap_or_else(|| panic!("no message in {queue} within {deadline:?}"))
    }

    /// Takes as many messages out of a queue; they are acknowledged.
    ///
    /// # Panics
    /// When fewer come within the deadline.
    pub async fn take_many(&self, queue: &str, count: usize, deadline: Duration) -> Vec<Delivery> {
        let channel = within("a channel", self.connection.create_channel()).await;
        let mut inbox = consumer(&channel, queue, 100).await;
        let end = Instant::now() + deadline;
        let mut taken = Vec::new();
        while taken.len() < count {
            let Ok(next) = timeout_at(end, inbox.next()).await else {
                panic!("{} of {count} messages in {queue} within {deadline:?}", taken.len());
            };
            let delivery = next.unwrap().unwrap();
            within("an acknowledgement", delivery.ack(BasicAckOptions::default())).await;
            taken.push(delivery);
        }
        // What was handed out beyond that goes back.
        within("closing a channel", channel.close(200, "done".into())).await;
        taken
    }

    /// Has a queue's messages handed out, so many unacknowledged at a time.
    pub async fn consume(&self, queue: &str, prefetch: u16) -> Consumer {
        consumer(&self.channel, queue, prefetch).await
    }

    /// How many messages of a queue are ready to be handed out; none if there is no such queue.
    pub async fn ready(&self, queue: &str) -> Option<u32> {
        // Asking for a queue that is not there closes the channel: it has one of its own.
        let channel = within("a channel", self.connection.create_channel()).await;
        let asked = channel.queue_declare(
            queue.into(),
            QueueDeclareOptions::durable().passive(),
            FieldTable::default(),
        );
        let found = timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| panic!("{queue}: no answer within {PATIENCE:?}"));
        match found {
            Ok(found) => {
                within("closing a channel", channel.close(200, "done".into())).await;
                Some(found.message_count())
            }
            Err(error) if error.is_amqp_soft_error() => None,
            Err(error) => panic!("{queue}: {error}"),
        }
    }

    /// How many messages of a queue are ready to be handed out.
    ///
    /// # Panics
    /// When there is no such queue.
    pub async fn depth(&self, queue: &str) -> u32 {
        self.ready(queue).await.unwrap_or_else(|| panic!("there is no queue {queue}"))
    }

    /// Closes the connection.
    pub async fn close(self) {
        within("closing", self.connection.close(200, "done".into())).await;
    }
}

async fn consumer(channel: &Channel, queue: &str, prefetch: u16) -> Consumer {
    within("a limit", channel.basic_qos(prefetch, BasicQosOptions::default())).await;
    let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
    within(&format!("consuming {queue}"), channel.basic_consume(queue.into(), "".into(), options, arguments))
        .await
}
