//! What a message looks like on the wire: properties, headers, compression.
//!
//! Our headers begin with `rolemill-`. Of the broker's own (`x-…`) none is ever carried on: an `x-death` that is published anew makes
//! the broker drop the message as a cycle.

use contract::RunId;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use pipeline::Letter;
use std::borrow::Cow;
use std::io::Read as _;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A body longer than this many bytes travels compressed.
const COMPRESSED_FROM: usize = 64 << 10;
/// No body is longer than this many bytes when it is unpacked.
const LONGEST_BODY: u64 = 64 << 20;
/// A header that came from elsewhere is carried on up to this many bytes.
const LONGEST_HEADER: usize = 512;
pub(crate) const TRY: &str = "rolemill-try";
pub(crate) const ATTEMPT: &str = "rolemill-attempt";
pub(crate) const FIRST_SEEN: &str = "rolemill-first-seen";
pub(crate) const REPLAY_BATCH: &str = "rolemill-replay-batch";
pub(crate) const SOURCE: &str = "rolemill-source";
pub(crate) const IDEMPOTENCY_KEY: &str = "rolemill-idempotency-key";
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

    pub(crate) fn headers(&self, attempt: Option<u32>, tries: u32) -> FieldTable {
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

pub(crate) fn say(table: &mut FieldTable, name: &str, value: Option<&str>) {
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
pub(crate) fn trace_of(run: RunId) -> String {
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
    let value = delivery.properties.headers().as_ref()?.inner().get(name)?;
    match (value.as_long_string(), value.as_short_string()) {
        (Some(words), _) => std::str::from_utf8(words.as_bytes()).ok().map(str::to_owned),
        (None, Some(words)) => Some(words.as_str().to_owned()),
        (None, None) => None,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever is no whole number is no number here")]
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
pub(crate) fn packed(body: Vec<u8>) -> (Vec<u8>, Option<ShortString>) {
    if body.len() > COMPRESSED_FROM {
        // Packing in memory does not fail; a body that it failed for travels as it is.
        if let Ok(packed) = zstd::bulk::compress(&body, 1) {
            return (packed, Some(ZSTD.into()));
        }
    }
    (body, None)
}

pub(crate) fn written_now() -> String {
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
