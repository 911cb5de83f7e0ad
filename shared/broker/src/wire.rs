//! What a message looks like on the wire: properties, headers, compression.
//!
//! Our headers begin with `rolemill-`. Of the broker's own (`x-…`) none is ever carried on: an `x-death` that is published anew makes
//! the broker drop the message as a cycle.

use contract::{RunId, Stage};
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use pipeline::{Address, Letter, Outgoing, POSTING_KIND};
use serde::Serialize;
use std::borrow::Cow;
use std::io::Read as _;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::settings::BrokerSettings;
use crate::topology::{Names, retry_key, stage_key};

/// A body longer than this many bytes travels compressed.
const COMPRESSED_FROM: usize = 64 << 10;
/// No body is longer than this many bytes when it is unpacked.
const LONGEST_BODY: u64 = 64 << 20;
/// A header that came from elsewhere is carried on up to this many bytes.
const LONGEST_HEADER: usize = 512;
const JSON: &str = "application/json";
const TRY: &str = "rolemill-try";
const ATTEMPT: &str = "rolemill-attempt";
const FIRST_SEEN: &str = "rolemill-first-seen";
const REPLAY_BATCH: &str = "rolemill-replay-batch";
const SOURCE: &str = "rolemill-source";
const IDEMPOTENCY_KEY: &str = "rolemill-idempotency-key";
const ZSTD: &str = "zstd";

/// Which of a stage's two queues a message travels in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Nobody waits at the other end.
    Bulk,
    /// Somebody does: few messages, never behind a batch.
    Priority,
    /// One at a time: messages that were in flight when a worker died.
    Suspect,
}

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

/// What a message's headers say of its way so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) lane: Lane,
    /// Which try of this attempt the delivery is; the first is 1.
    pub(crate) tries: u32,
    /// Which pass of the run it is, where a header says so.
    pub(crate) attempt: Option<u32>,
    /// When the run was first seen.
    first_seen: String,
    /// W3C trace context: the sender's, or one that is made of the run's id.
    pub(crate) trace_parent: Option<String>,
    pub(crate) trace_state: Option<String>,
    replay_of: Option<String>,
    pub(crate) replay_batch: Option<String>,
    /// Who sent a posting, and its key for it: of use until it is an envelope.
    pub(crate) source: Option<String>,
    pub(crate) key: Option<String>,
}

impl Way {
    pub(crate) fn of(delivery: &Delivery, lane: Lane) -> Self {
        let carried = |name| header(delivery, name).filter(|value| value.len() <= LONGEST_HEADER);
        Self {
            lane,
            tries: number(delivery, TRY).unwrap_or(1).max(1),
            attempt: number(delivery, ATTEMPT),
            first_seen: carried(FIRST_SEEN).unwrap_or_else(written_now),
            trace_parent: carried("traceparent").filter(|value| is_trace_parent(value)),
            trace_state: carried("tracestate"),
            replay_of: carried("rolemill-replay-of"),
            replay_batch: carried(REPLAY_BATCH),
            source: carried(SOURCE).or_else(|| system_of(delivery.routing_key.as_str())),
            key: carried(IDEMPOTENCY_KEY),
        }
    }

    /// A run that came without a trace is one: its id is as good as any, and the same in every stage.
    pub(crate) fn traced(&mut self, run: RunId) {
        self.trace_parent.get_or_insert_with(|| trace_of(run));
    }

    fn headers(&self, attempt: Option<u32>, tries: u32) -> FieldTable {
        let mut table = FieldTable::default();
        say(&mut table, FIRST_SEEN, Some(&self.first_seen));
        say(&mut table, "traceparent", self.trace_parent.as_deref());
        say(&mut table, "tracestate", self.trace_state.as_deref());
        say(&mut table, "rolemill-replay-of", self.replay_of.as_deref());
        say(&mut table, REPLAY_BATCH, self.replay_batch.as_deref());
        table.insert(TRY.into(), AMQPValue::LongUInt(tries));
        if let Some(attempt) = attempt {
            table.insert(ATTEMPT.into(), AMQPValue::LongUInt(attempt));
        }
        table
    }
}

fn say(table: &mut FieldTable, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        table.insert(name.into(), AMQPValue::LongString(value.into()));
    }
}

/// The sender's name in the key of a posting: `jd.<source>`, `jd.<source>.priority`.
fn system_of(routing_key: &str) -> Option<String> {
    let rest = routing_key.strip_prefix("jd.")?;
    Some(rest.strip_suffix(".priority").unwrap_or(rest).to_owned())
}

/// The trace context of a run that came without one.
fn trace_of(run: RunId) -> String {
    let (high, low) = run.0.as_u64_pair();
    format!("00-{high:016x}{low:016x}-{:016x}-01", low | 1)
}

/// `00-<32 hex>-<16 hex>-<2 hex>`.
fn is_trace_parent(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    matches!(parts.as_slice(), [version, trace, span, flags, ..]
        if version.len() == 2 && trace.len() == 32 && span.len() == 16 && flags.len() == 2
            && [*version, *trace, *span, *flags].into_iter().all(is_hex))
}

/// A delivery as the pipeline reads it; `body` is the unpacked one.
pub(crate) fn letter<'a>(delivery: &'a Delivery, way: &'a Way, body: &'a [u8]) -> Letter<'a> {
    let properties = &delivery.properties;
    Letter {
        kind: properties.kind().as_ref().map(ShortString::as_str),
        content_type: properties.content_type().as_ref().map(ShortString::as_str),
        message_id: properties.message_id().as_ref().map(ShortString::as_str),
        idempotency_key: way.key.as_deref(),
        system: way.source.as_deref(),
        attempt: way.attempt,
        sent_at: properties
            .timestamp()
            .and_then(|seconds| i64::try_from(seconds).ok())
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()),
        body,
    }
}

/// A header's words.
pub(crate) fn header(delivery: &Delivery, name: &str) -> Option<String> {
    match delivery.properties.headers().as_ref()?.inner().get(name)? {
        AMQPValue::LongString(words) => std::str::from_utf8(words.as_bytes()).ok().map(str::to_owned),
        AMQPValue::ShortString(words) => Some(words.as_str().to_owned()),
        _ => None,
    }
}

fn number(delivery: &Delivery, name: &str) -> Option<u32> {
    match *delivery.properties.headers().as_ref()?.inner().get(name)? {
        AMQPValue::LongUInt(number) => Some(number),
        AMQPValue::LongInt(number) => u32::try_from(number).ok(),
        AMQPValue::LongLongInt(number) => u32::try_from(number).ok(),
        AMQPValue::ShortUInt(number) => Some(number.into()),
        AMQPValue::ShortInt(number) => u32::try_from(number).ok(),
        _ => None,
    }
}

/// The body of a delivery, unpacked.
pub(crate) fn unpacked(delivery: &Delivery) -> Result<Cow<'_, [u8]>, String> {
    match delivery.properties.content_encoding().as_ref().map(ShortString::as_str) {
        None | Some("" | "identity" | "utf-8" | "UTF-8") => Ok(Cow::Borrowed(&delivery.data)),
        Some(ZSTD) => unpack(&delivery.data).map(Cow::Owned),
        Some(other) => Err(format!("its content encoding \"{other}\" is not known")),
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, String> {
    let broken = |error: std::io::Error| format!("its body is not zstd: {error}");
    let mut body = Vec::new();
    let reader = zstd::stream::read::Decoder::new(packed).map_err(broken)?;
    reader.take(LONGEST_BODY + 1).read_to_end(&mut body).map_err(broken)?;
    if body.len() as u64 > LONGEST_BODY {
        return Err(format!("its body has more than {LONGEST_BODY} bytes when it is unpacked"));
    }
    Ok(body)
}

/// Body and content encoding.
fn packed(body: Vec<u8>) -> (Vec<u8>, Option<ShortString>) {
    if body.len() > COMPRESSED_FROM {
        // Packing in memory does not fail; a body that it failed for travels as it is.
        if let Ok(packed) = zstd::bulk::compress(&body, 1) {
            return (packed, Some(ZSTD.into()));
        }
    }
    (body, None)
}

fn properties(kind: &str, id: Uuid, run: Option<RunId>, encoding: Option<ShortString>, headers: FieldTable) -> BasicProperties {
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

fn written_now() -> String {
    now().format(&Rfc3339).unwrap_or_default()
}

pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_a_trace_parent_is_one() {
        assert!(is_trace_parent(&trace_of(RunId::mint())));
        assert!(is_trace_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
        assert!(!is_trace_parent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
        assert!(!is_trace_parent("hello"));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = zstd::bulk::compress(&vec![0; LONGEST_BODY as usize + 1], 1).unwrap();
        assert!(bomb.len() < 64 << 10);
        assert!(unpack(&bomb).unwrap_err().contains("unpacked"));
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(body in proptest::collection::vec(any::<u8>(), 0..200_000)) {
            let (sent, encoding) = packed(body.clone());
            prop_assert_eq!(encoding.is_some(), body.len() > COMPRESSED_FROM);
            prop_assert_eq!(if encoding.is_some() { unpack(&sent).unwrap() } else { sent }, body);
        }

        #[test]
        fn whatever_is_unpacked_is_a_body_or_an_error(junk in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _body: Result<Vec<u8>, String> = unpack(&junk);
        }
    }
}
