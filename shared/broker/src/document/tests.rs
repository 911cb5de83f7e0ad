//! What is published is what the document says.

use super::*;
use crate::parcel::{self, Parcel, Posted, Replayed, event};
use crate::wire::Way;
use contract::{
    Content, Document, Envelope, Fault, Options, PersistenceTotals, RunId, Source, Status, Versions,
};
use lapin::message::Delivery;
use lapin::types::AMQPType;
use std::time::Duration;
use time::OffsetDateTime;

fn settings() -> BrokerSettings {
    BrokerSettings { prefix: "mill".to_owned(), ..BrokerSettings::usual("amqp://mq".parse().unwrap()) }
}

/// A message on its third try, of a replay, with a trace.
fn delivery() -> Delivery {
    let mut delivery = Delivery::mock(1, "mill.in".into(), "jd.board".into(), false, b"{}".to_vec());
    let mut headers = FieldTable::default();
    for (name, value) in [
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("tracestate", "a=b"),
        ("rolemill-first-seen", "2026-03-01T12:00:00Z"),
        ("rolemill-replay-of", "1"),
        ("rolemill-replay-batch", "7"),
        ("rolemill-source", "board"),
        ("rolemill-idempotency-key", "k"),
    ] {
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    }
    headers.insert("rolemill-attempt".into(), AMQPValue::LongUInt(2));
    headers.insert("rolemill-try".into(), AMQPValue::LongUInt(3));
    delivery.properties =
        lapin::BasicProperties::default().with_type(Posting::KIND.into()).with_headers(headers);
    delivery
}

fn parcels() -> Vec<Parcel> {
    let (settings, run, delivery) = (settings(), RunId::derived("board", "k"), delivery());
    let way = Way::of(&delivery, Lane::Bulk);
    let ahead = Way::of(&delivery, Lane::Priority);
    let source = Source { system: "board".into(), external_id: None, idempotency_key: Some("k".into()) };
    let document = Document::new(Content::Text("We hire.".into()), None);
    let accepted = Envelope::accept(run, source.clone(), document, Options::default(), Versions::default());
    let finished = RunFinished {
        run_id: run,
        attempt: 2,
        answered_by: None,
        status: Status::Completed,
        source,
        reason: None,
        role: None,
        case: None,
        confidence: None,
        band: None,
        totals: PersistenceTotals::default(),
        outputs: None,
        link: RunFinished::link_to(run),
    };
    let failed = RunFailed {
        run_id: run,
        attempt: 2,
        source: None,
        stage: Stage::Parse,
        code: "stage_failed".into(),
        message: "no".into(),
        fingerprint: "f".into(),
    };
    let changed = LibraryChanged { from: None, to: "2".into() };
    let dead = DeadLetter {
        fault: Fault {
            stage: Stage::Signals,
            code: "stage_failed".into(),
            message: "no".into(),
            fingerprint: "f".into(),
            at: OffsetDateTime::UNIX_EPOCH,
            worker: "w".into(),
            retryable: false,
            tries: 3,
        },
        run_id: Some(run),
        attempt: Some(2),
        kind: None,
        content_type: None,
        message_id: None,
        routing_key: "signals".into(),
        source: None,
        idempotency_key: None,
        trace_parent: None,
        replay_batch: None,
        body: Content::Text("{}".into()),
    };
    let posted = |lane| Posted {
        system: "board".into(),
        key: Some("k".into()),
        content_type: Some("application/json".into()),
        lane,
        run_id: None,
        attempt: 0,
        body: b"{}".to_vec(),
    };
    let replayed = Replayed {
        stage: Stage::Persistence,
        kind: Rejected::KIND.to_owned(),
        run_id: run,
        attempt: 2,
        replay_of: 1,
        batch: Some(7),
        body: b"{}".to_vec(),
    };
    vec![
        posted(Lane::Bulk).addressed(&settings),
        posted(Lane::Priority).addressed(&settings),
        replayed.addressed(&settings),
        parcel::onward(&settings, &way, &accepted).unwrap(),
        parcel::onward(&settings, &ahead, &accepted).unwrap(),
        parcel::onward(&settings, &way, &finished).unwrap(),
        parcel::buried(&settings, Stage::Signals, &way, &dead).unwrap(),
        event(&settings, RunFailed::KEY, RunFailed::KIND, (run, 2), &failed).unwrap(),
        event(&settings, LibraryChanged::KEY, LibraryChanged::KIND, (run, 0), &changed).unwrap(),
        parcel::again(&settings, Stage::Parse, &way, delivery, Some((run, 2)), 4, Duration::from_secs(20)),
    ]
}

/// Whether a routing key is one of those that an address stands for.
fn fits(address: &str, key: &str) -> bool {
    let (address, key): (Vec<&str>, Vec<&str>) = (address.split('.').collect(), key.split('.').collect());
    address.len() == key.len()
        && address.iter().zip(&key).all(|(part, word)| part.starts_with('{') || part == word)
}

#[test]
fn whatever_is_published_has_its_channel_its_message_and_its_headers_in_the_document() {
    let document = asyncapi(&settings());
    for parcel in parcels() {
        let kind = parcel.properties.kind().as_ref().unwrap().as_str().to_owned();
        let at = format!("{kind} to {} as {}", parcel.exchange, parcel.routing_key);
        let channels = document["channels"].as_object().unwrap();
        let channel = channels.values().find(|channel| {
            channel["bindings"]["amqp"]["exchange"]["name"] == parcel.exchange
                && channel["address"].as_str().is_some_and(|address| fits(address, &parcel.routing_key))
        });
        let messages =
            channel.unwrap_or_else(|| panic!("no channel for {at}"))["messages"].as_object().unwrap();
        let mut carried = messages.keys().map(|name| &document["components"]["messages"][name]);
        let message = carried.find(|message| message["bindings"]["amqp"]["messageType"] == kind);
        let headers = &message.unwrap_or_else(|| panic!("no message for {at}"))["headers"];
        let sent = parcel.properties.headers().as_ref().unwrap().inner();
        for (name, value) in sent {
            let known = [
                ("string", AMQPType::LongString),
                ("integer", AMQPType::LongUInt),
                ("boolean", AMQPType::Boolean),
            ];
            let written =
                known.iter().find(|(_, kind)| *kind == value.get_type()).map(|(written, _)| *written);
            assert!(written.is_some(), "{name} of {at} is of a type that is not described");
            assert_eq!(headers["properties"][name.as_str()]["type"].as_str(), written, "{name} of {at}");
        }
        for required in headers["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(sent.contains_key(required), "{required} of {at}");
        }
    }
}

#[test]
fn every_message_that_is_sent_has_a_sender_and_every_queue_says_what_it_holds() {
    let document = asyncapi(&settings());
    let operations = document["operations"].to_string();
    for (name, message) in document["components"]["messages"].as_object().unwrap() {
        assert!(operations.contains(&format!("/messages/{name}\"")), "{name}: nobody sends or receives it");
        assert!(message["payload"].is_object(), "{name}");
    }
    for (id, channel) in document["channels"].as_object().unwrap() {
        assert!(!channel["messages"].as_object().unwrap().is_empty(), "{id} holds nothing");
        let amqp = &channel["bindings"]["amqp"];
        let what = if amqp["is"] == "queue" { "queue" } else { "exchange" };
        assert!(amqp[what]["name"].is_string(), "{id} is of nothing that is declared");
    }
}
