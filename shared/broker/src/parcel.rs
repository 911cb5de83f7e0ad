//! What is published: each kind of message with its address, its properties and its headers.

use contract::{RunId, Stage};
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use pipeline::{Address, Outgoing, POSTING_KIND};
use serde::Serialize;
use std::time::Duration;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::settings::BrokerSettings;
use crate::topology::{Names, retry_key, stage_key};
use crate::wire::{
    ATTEMPT, FIRST_SEEN, IDEMPOTENCY_KEY, Lane, REPLAY_BATCH, SOURCE, TRY, Way, now, packed, say, trace_of,
    written_now,
};

const JSON: &str = "application/json";

/// A message ready to be published.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub(crate) exchange: String,
    pub(crate) routing_key: String,
    /// Whether it must reach a queue.
    pub(crate) mandatory: bool,
    pub(crate) properties: BasicProperties,
    pub(crate) body: Vec<u8>,
}

fn properties(
    kind: &str,
    id: Uuid,
    run: Option<RunId>,
    encoding: Option<ShortString>,
    headers: FieldTable,
) -> BasicProperties {
    let mut properties = BasicProperties::default()
        .with_delivery_mode(2)
        .with_content_type(JSON.into())
        .with_message_id(id.to_string().into())
        .with_type(kind.into())
        .with_timestamp(now().unix_timestamp().unsigned_abs())
        .with_headers(headers);
    if let Some(run) = run {
        properties = properties.with_correlation_id(run.to_string().into());
    }
    if let Some(encoding) = encoding {
        properties = properties.with_content_encoding(encoding);
    }
    properties
}

/// What a stage hands on, addressed.
pub(crate) fn onward<O: Outgoing>(
    settings: &BrokerSettings,
    way: &Way,
    output: &O,
) -> Result<Parcel, serde_json::Error> {
    let names = Names(&settings.prefix);
    let (run, attempt) = (output.run_id(), output.attempt());
    let (exchange, routing_key, mandatory, id) = match output.address() {
        Address::Stage(stage) => {
            (names.stage(), stage_key(stage, way.lane), true, run.message_id(stage, attempt))
        }
        Address::Events(key) => (names.events(), key.to_owned(), false, event_id(run, key, attempt)),
    };
    let (body, encoding) = packed(output.seal()?);
    let properties = properties(output.kind(), id, Some(run), encoding, way.headers(Some(attempt), 1));
    Ok(Parcel { exchange, routing_key, mandatory, properties, body })
}

/// Equal whenever the same is told of the same attempt.
fn event_id(run: RunId, key: &str, attempt: u32) -> Uuid {
    Uuid::new_v5(&run.0, format!("{key}/{attempt}").as_bytes())
}

/// The same message, packed as it is, for the retry queue whose delay comes nearest to `wait` from above. Nothing that the broker
/// or the sender wrote about its way goes with it: not the broker's own headers, and no expiry.
pub(crate) fn again(
    settings: &BrokerSettings,
    stage: Stage,
    way: &Way,
    delivery: Delivery,
    run: Option<(RunId, u32)>,
    tries: u32,
    wait: Duration,
) -> Parcel {
    let fitting = settings.delays.iter().find(|&&delay| delay >= wait).or(settings.delays.last());
    let delay = fitting.copied().unwrap_or(wait);
    let mut headers = way.headers(run.map(|(_, attempt)| attempt), tries);
    say(&mut headers, SOURCE, way.source.as_deref());
    say(&mut headers, IDEMPOTENCY_KEY, way.key.as_deref());
    let came = delivery.properties;
    let mut properties = BasicProperties::default().with_delivery_mode(2).with_headers(headers);
    let words = |value: &Option<ShortString>| value.clone();
    if let Some(kind) = words(came.kind()) {
        properties = properties.with_type(kind);
    }
    if let Some(id) = words(came.message_id()) {
        properties = properties.with_message_id(id);
    }
    if let Some(id) = words(came.correlation_id()) {
        properties = properties.with_correlation_id(id);
    }
    if let Some(content_type) = words(came.content_type()) {
        properties = properties.with_content_type(content_type);
    }
    if let Some(encoding) = words(came.content_encoding()) {
        properties = properties.with_content_encoding(encoding);
    }
    if let Some(sent_at) = *came.timestamp() {
        properties = properties.with_timestamp(sent_at);
    }
    Parcel {
        exchange: Names(&settings.prefix).retry(),
        routing_key: retry_key(stage, delay),
        mandatory: true,
        properties,
        body: delivery.data,
    }
}

/// A dead letter, addressed. `fault` goes into headers too, cut: a header over a frame would close the connection, for ever.
pub(crate) fn buried(
    settings: &BrokerSettings,
    stage: Stage,
    way: &Way,
    letter: &contract::DeadLetter,
) -> Result<Parcel, serde_json::Error> {
    const LONGEST_MESSAGE: usize = 1 << 10;
    let fault = &letter.fault;
    let mut headers = way.headers(letter.attempt, way.tries);
    let mut fault_says = |name: &str, value: &str| {
        let cut = value.floor_char_boundary(value.len().min(LONGEST_MESSAGE));
        say(&mut headers, &format!("rolemill-fault-{name}"), Some(&value[..cut]));
    };
    fault_says("stage", &stage.to_string());
    fault_says("code", &fault.code);
    fault_says("message", &fault.message);
    fault_says("fingerprint", &fault.fingerprint);
    fault_says("at", &fault.at.format(&Rfc3339).unwrap_or_default());
    fault_says("worker", &fault.worker);
    headers.insert("rolemill-fault-retryable".into(), AMQPValue::Boolean(fault.retryable));
    let id = dead_letter_id(stage, letter);
    let (body, encoding) = packed(serde_json::to_vec(letter)?);
    let properties = properties(contract::DeadLetter::KIND, id, letter.run_id, encoding, headers);
    Ok(Parcel {
        exchange: Names(&settings.prefix).dead(),
        routing_key: format!("{stage}.{}", fault.code),
        mandatory: true,
        properties,
        body,
    })
}

/// Equal whenever the same attempt is given up by the same stage: whoever keeps dead letters keeps one.
pub(crate) fn dead_letter_id(stage: Stage, letter: &contract::DeadLetter) -> Uuid {
    match (letter.run_id, letter.attempt) {
        (Some(run), Some(attempt)) => Uuid::new_v5(&run.0, format!("dead/{stage}/{attempt}").as_bytes()),
        (_, _) => Uuid::new_v5(&Uuid::NAMESPACE_OID, letter.body.as_bytes()),
    }
}

/// A posting for the public entrance: any bytes of a known format, under the sender's key. Sent twice it is one run.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The sending system.
    pub system: String,
    /// Its key for the posting; without one the posting is another run every time that it is sent.
    pub key: Option<String>,
    /// MIME type of the body, where it is known.
    pub content_type: Option<String>,
    /// Whether somebody waits for the answer.
    pub lane: Lane,
    /// The run, where its id is chosen already.
    pub run_id: Option<RunId>,
    /// Which pass of the run it is; 0 is the first.
    pub attempt: u32,
    /// The document, or the JSON object that holds it.
    pub body: Vec<u8>,
}

impl Posted {
    /// The run that it will be.
    #[must_use]
    pub fn run_id(&self) -> RunId {
        match (&self.run_id, &self.key) {
            (Some(run), _) => *run,
            (None, Some(key)) => RunId::derived(&self.system, key),
            (None, None) => RunId::mint(),
        }
    }

    /// Addressed to the public entrance.
    #[must_use]
    pub fn addressed(self, settings: &BrokerSettings) -> Parcel {
        let run = self.run_id();
        let word = routing_word(&self.system);
        let mut headers = FieldTable::default();
        say(&mut headers, SOURCE, Some(&self.system));
        say(&mut headers, IDEMPOTENCY_KEY, self.key.as_deref());
        say(&mut headers, FIRST_SEEN, Some(&written_now()));
        say(&mut headers, "traceparent", Some(&trace_of(run)));
        headers.insert(ATTEMPT.into(), AMQPValue::LongUInt(self.attempt));
        let (body, encoding) = packed(self.body);
        let mut properties = properties(POSTING_KIND, run.0, Some(run), encoding, headers);
        properties = properties.with_content_type(self.content_type.unwrap_or_default().into());
        Parcel {
            exchange: Names(&settings.prefix).entrance(),
            routing_key: match self.lane {
                Lane::Bulk | Lane::Suspect => format!("jd.{word}"),
                Lane::Priority => format!("jd.{word}.priority"),
            },
            mandatory: true,
            properties,
            body,
        }
    }
}

/// A system's name as one word of a routing key.
fn routing_word(system: &str) -> String {
    const LONGEST: usize = 100;
    let word: String =
        system.chars().take(LONGEST).map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let end = word.floor_char_boundary(word.len().min(LONGEST));
    if end == 0 { "_".to_owned() } else { word[..end].to_owned() }
}

/// An envelope for a stage, as a replay sends it. `batch` names the replay.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The stage that it is for.
    pub stage: Stage,
    /// Its `type`: what that stage reads.
    pub kind: String,
    /// The run.
    pub run_id: RunId,
    /// Which pass of it this is.
    pub attempt: u32,
    /// The pass that it replays.
    pub replay_of: u32,
    /// The replay batch.
    pub batch: Option<i64>,
    /// The envelope as JSON.
    pub body: Vec<u8>,
}

impl Replayed {
    /// Addressed to its stage.
    #[must_use]
    pub fn addressed(self, settings: &BrokerSettings) -> Parcel {
        let mut headers = FieldTable::default();
        say(&mut headers, FIRST_SEEN, Some(&written_now()));
        say(&mut headers, "traceparent", Some(&trace_of(self.run_id)));
        say(&mut headers, "rolemill-replay-of", Some(&self.replay_of.to_string()));
        say(&mut headers, REPLAY_BATCH, self.batch.map(|batch| batch.to_string()).as_deref());
        headers.insert(TRY.into(), AMQPValue::LongUInt(1));
        headers.insert(ATTEMPT.into(), AMQPValue::LongUInt(self.attempt));
        let (body, encoding) = packed(self.body);
        let id = self.run_id.message_id(self.stage, self.attempt);
        Parcel {
            exchange: Names(&settings.prefix).stage(),
            routing_key: stage_key(self.stage, Lane::Bulk),
            mandatory: true,
            properties: properties(&self.kind, id, Some(self.run_id), encoding, headers),
            body,
        }
    }
}

/// An event for whoever wants to know; the same event told twice has one id.
pub fn event<E: Serialize>(
    settings: &BrokerSettings,
    key: &str,
    kind: &str,
    about: (RunId, u32),
    event: &E,
) -> Result<Parcel, serde_json::Error> {
    let (run, attempt) = about;
    let mut headers = FieldTable::default();
    say(&mut headers, "traceparent", Some(&trace_of(run)));
    let (body, encoding) = packed(serde_json::to_vec(event)?);
    Ok(Parcel {
        exchange: Names(&settings.prefix).events(),
        routing_key: key.to_owned(),
        mandatory: false,
        properties: properties(kind, event_id(run, key, attempt), Some(run), encoding, headers),
        body,
    })
}
