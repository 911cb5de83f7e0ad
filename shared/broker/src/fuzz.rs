//! A million broken messages: none panics, and each that is not understood says why.

use contract::{
    Content, Document, Enriched, Envelope, Options, Parsed, Received, RunId, Source, State as _, Versions,
};
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable};
use pipeline::{Arrival, Incoming, Letter};

use crate::wire::{self, Lane, Way};

/// Steele, Lea and Flood's splitmix64: the same messages on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A sound message with some of it overwritten, cut out, doubled, or all of it noise.
    fn broken(&mut self, sound: &[u8]) -> Vec<u8> {
        if self.below(16) == 0 {
            return (0..self.below(64)).map(|_| self.next() as u8).collect();
        }
        let mut bytes = sound.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let end = (at + 1 + self.below(12)).min(bytes.len());
            match self.below(5) {
                0 => bytes[at..end].fill(self.next() as u8),
                1 => drop(bytes.drain(at..end)),
                2 => bytes.truncate(at.max(1)),
                3 => {
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
                _ => {
                    let token = *self.of(&[
                        &b"null"[..],
                        b"-1",
                        b"1e999",
                        b"\"\\ud800\"",
                        b"[[[[",
                        b"{\"a\":",
                        b"\xff\xfe",
                        b"\"2.0\"",
                    ]);
                    bytes.splice(at..end, token.iter().copied());
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        bytes
    }

    fn value(&mut self) -> AMQPValue {
        match self.below(8) {
            0 => AMQPValue::LongLongInt(self.next() as i64),
            1 => AMQPValue::LongUInt(self.next() as u32),
            2 => AMQPValue::ShortInt(self.next() as i16),
            3 => AMQPValue::Boolean(true),
            4 => AMQPValue::Void,
            5 => AMQPValue::Double(f64::NAN),
            6 => AMQPValue::LongString(
                (0..self.below(2_000)).map(|_| self.next() as u8).collect::<Vec<u8>>().into(),
            ),
            _ => AMQPValue::LongString((*self.of(&["7", "00-zz-1", "", "2026-13-45", "x"])).into()),
        }
    }
}

const HEADERS: [&str; 9] = [
    "rolemill-try",
    "rolemill-attempt",
    "rolemill-first-seen",
    "rolemill-source",
    "rolemill-idempotency-key",
    "traceparent",
    "tracestate",
    "rolemill-replay-batch",
    "x-death",
];
const KINDS: [Option<&str>; 6] = [
    None,
    Some(Received::KIND),
    Some(Parsed::KIND),
    Some(Enriched::KIND),
    Some("rolemill.posting.v1"),
    Some("other"),
];
const TYPES: [Option<&str>; 6] = [
    None,
    Some("application/json"),
    Some("application/cloudevents+json"),
    Some("text/html; charset=utf-8"),
    Some(""),
    Some("a/b"),
];
const ENCODINGS: [Option<&str>; 5] = [None, None, Some("zstd"), Some("gzip"), Some("utf-8")];

fn sound() -> Vec<Vec<u8>> {
    let source = Source { system: "ats".into(), external_id: Some("7".into()), idempotency_key: None };
    let document =
        Document::new(Content::Text("Backend Engineer. We use Rust.".into()), Some("text/plain".into()));
    let run = Envelope::accept(RunId::mint(), source, document, Options::default(), Versions::default());
    let event = br#"{"specversion":"1.0","id":"e","source":"/s","type":"t","datacontenttype":"text/plain","data":"We hire."}"#;
    let envelope = serde_json::to_vec(&run).unwrap();
    vec![
        zstd::bulk::compress(&envelope, 1).unwrap(),
        envelope,
        br#"{"id":7,"title":"Cook","company":null,"source":"ats","text":"We hire a cook.","other":[1,{"a":2}]}"#.to_vec(),
        event.to_vec(),
    ]
}

fn opened<I: Incoming>(letter: &Letter<'_>) {
    if let Err(malformed) = I::open(letter) {
        assert!(!malformed.to_string().trim().is_empty());
        // Whatever it is, asking which run it is of is answered.
        I::run_of(letter);
    }
}

#[test]
fn a_million_broken_messages_end_with_a_cause_and_without_a_panic() {
    let mut chance = Chance(20_261_127);
    let sound = sound();
    for _ in 0..1_000_000 {
        let sample = chance.below(sound.len());
        let body = chance.broken(&sound[sample]);
        let mut properties = BasicProperties::default();
        if let Some(kind) = chance.of(&KINDS) {
            properties = properties.with_type((*kind).into());
        }
        if let Some(content_type) = chance.of(&TYPES) {
            properties = properties.with_content_type((*content_type).into());
        }
        if let Some(encoding) = chance.of(&ENCODINGS) {
            properties = properties.with_content_encoding((*encoding).into());
        }
        let mut headers = FieldTable::default();
        for _ in 0..chance.below(4) {
            headers.insert((*chance.of(&HEADERS)).into(), chance.value());
        }
        let key = *chance.of(&["jd.board", "jd.", "jd.a.priority", "parse", ""]);
        let mut delivery = Delivery::mock(1, "in".into(), key.into(), false, body);
        delivery.properties = properties.with_headers(headers);
        let way = Way::of(&delivery, Lane::Bulk);
        assert!(way.tries >= 1);
        match wire::unpacked(&delivery) {
            Err(words) => assert!(!words.is_empty()),
            Ok(body) => {
                let letter = wire::letter(&delivery, &way, &body);
                opened::<Arrival>(&letter);
                opened::<Envelope<Parsed>>(&letter);
            }
        }
    }
}
