//! What is said of a message that is given up.

use contract::{Content, DeadLetter, Envelope, Fault, Received, RunId, Stage};
use lapin::message::Delivery;
use lapin::types::ShortString;
use pipeline::{Arrival, Cause, Incoming as _};
use sha2::{Digest, Sha256};

use crate::gather::reason;
use crate::wire::{Way, letter as letter_of, now, unpacked};

/// The dead letter of a delivery.
pub(crate) fn letter(
    stage: Stage,
    worker: &str,
    way: &Way,
    delivery: &Delivery,
    run: Option<(RunId, u32)>,
    cause: &Cause,
) -> DeadLetter {
    let body = unpacked(delivery).map_or_else(|_| delivery.data.clone(), std::borrow::Cow::into_owned);
    let fault = Fault {
        stage,
        code: cause.code().to_owned(),
        fingerprint: String::new(),
        message: cause.to_string(),
        at: now(),
        worker: worker.to_owned(),
        retryable: cause.is_retryable(),
        tries: way.tries,
    };
    of(fault, way, delivery, run, body)
}

/// What a message is accused of that took its worker down when it was alone.
const CRASHED: &str = "worker_crashed";

/// The dead letter of a message that the broker gave up, found by whoever archives it.
pub(crate) fn crashed(stage: Stage, worker: &str, way: &Way, delivery: &Delivery, body: &[u8]) -> DeadLetter {
    let letter = letter_of(delivery, way, body);
    // An envelope of any stage says which run it is; a posting is the run that the entrance makes of it.
    let run = Envelope::<Received>::run_of(&letter).or_else(|| Arrival::run_of(&letter));
    let fault = Fault {
        stage,
        code: CRASHED.to_owned(),
        fingerprint: String::new(),
        message: format!("its worker died of it, again when it was alone ({})", reason(delivery)),
        at: now(),
        worker: worker.to_owned(),
        retryable: false,
        tries: way.tries,
    };
    of(fault, way, delivery, run, body.to_vec())
}

fn of(fault: Fault, way: &Way, delivery: &Delivery, run: Option<(RunId, u32)>, body: Vec<u8>) -> DeadLetter {
    let words = |value: &Option<ShortString>| value.as_ref().map(|words| words.as_str().to_owned());
    DeadLetter {
        fault: Fault { fingerprint: fingerprint(fault.stage, &fault.code, &fault.message), ..fault },
        run_id: run.map(|(run, _)| run),
        attempt: run.map(|(_, attempt)| attempt),
        kind: words(delivery.properties.kind()),
        content_type: words(delivery.properties.content_type()),
        message_id: words(delivery.properties.message_id()),
        routing_key: delivery.routing_key.as_str().to_owned(),
        source: way.source.clone(),
        idempotency_key: way.key.clone(),
        trace_parent: way.trace_parent.clone(),
        replay_batch: way.replay_batch.clone(),
        body: String::from_utf8(body).map_or_else(|error| Content::Bytes(error.into_bytes()), Content::Text),
    }
}

/// Equal for faults of one cause.
pub(crate) fn fingerprint(stage: Stage, code: &str, message: &str) -> String {
    let digest = Sha256::digest(format!("{stage}\n{code}\n{}", normalised(message)));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A message without what differs from run to run: numbers, ids, and what stands in quotes.
fn normalised(message: &str) -> String {
    let mut normal = String::with_capacity(message.len());
    let mut quoted = false;
    for word in message.split_inclusive(|c: char| c.is_whitespace()) {
        let opens = word.matches('"').count() % 2 == 1;
        if quoted || opens || word.matches('"').count() > 0 {
            if !quoted {
                normal.push_str("\"…\" ");
            }
            quoted ^= opens;
            continue;
        }
        if word.contains(|c: char| c.is_ascii_digit()) {
            normal.push_str("# ");
        } else {
            normal.push_str(word.trim());
            normal.push(' ');
        }
    }
    normal.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_quotes_make_no_other_cause() {
        let of = |message| fingerprint(Stage::Parse, "stage_failed", message);
        assert_eq!(of("row 17 of \"a b\" is bad"), of("row 3 of \"c\" is bad"));
        assert_ne!(of("row 17 is bad"), of("row 17 is worse"));
        assert_ne!(of("bad"), fingerprint(Stage::Signals, "stage_failed", "bad"));
    }
}
