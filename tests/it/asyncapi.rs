//! The published AsyncAPI document is that of the code, and says of the broker what is declared there.

use broker::{BrokerSettings, Topology, asyncapi};
use contract::schema::MESSAGES;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::schema;

const FILE: &str = "asyncapi.v3.json";

fn settings() -> BrokerSettings {
    BrokerSettings::usual("amqp://localhost".parse().unwrap())
}

fn published() -> Value {
    serde_json::from_slice(&std::fs::read(schema::folder().join(FILE)).unwrap()).unwrap()
}

/// The channels whose address is a queue, or a routing key.
fn channels<'a>(document: &'a Value, is: &'a str) -> impl Iterator<Item = &'a Value> {
    let channels = document["channels"].as_object().unwrap().values();
    channels.filter(move |channel| channel["bindings"]["amqp"]["is"] == is)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn the_document_beside_the_schemas_is_that_of_the_code() {
    schema::is_published(FILE, &asyncapi(&settings()));
}

#[test]
fn the_exchanges_of_the_document_are_those_that_are_declared() {
    let document = published();
    let said: BTreeSet<(String, String, Option<String>)> = channels(&document, "routingKey")
        .map(|channel| {
            let exchange = &channel["bindings"]["amqp"]["exchange"];
            assert_eq!(exchange["durable"], true);
            let alternate = channel["x-arguments"]["alternate-exchange"].as_str().map(str::to_owned);
            (text(&exchange["name"]), text(&exchange["type"]), alternate)
        })
        .collect();
    let declared = Topology::of(&settings()).exchanges;
    assert_eq!(declared.len(), said.len());
    for exchange in declared {
        assert!(
            said.contains(&(exchange.name.clone(), exchange.kind.to_owned(), exchange.alternate.clone())),
            "{exchange:?}"
        );
    }
}

#[test]
fn the_queues_of_the_document_are_those_that_are_declared() {
    let document = published();
    let said: BTreeMap<String, &Value> = channels(&document, "queue")
        .map(|channel| (text(&channel["bindings"]["amqp"]["queue"]["name"]), &channel["x-arguments"]))
        .collect();
    let declared = Topology::of(&settings());
    assert_eq!(declared.queues.len(), said.len());
    for queue in declared.queues {
        let said = said[&queue.name];
        let (exchange, key) = queue.onwards.clone().unzip();
        assert_eq!(said["x-queue-type"], declared.queue_type, "{queue:?}");
        assert_eq!(said["x-dead-letter-exchange"], json!(exchange), "{queue:?}");
        assert_eq!(said["x-dead-letter-routing-key"], json!(key), "{queue:?}");
        let is_safe =
            said["x-overflow"] == "reject-publish" && said["x-dead-letter-strategy"] == "at-least-once";
        assert!(is_safe || queue.onwards.is_none(), "{queue:?}");
        assert_eq!(
            said["x-message-ttl"],
            json!(queue.delay.map(|delay| delay.as_millis() as u64)),
            "{queue:?}"
        );
        assert_eq!(said["x-delivery-limit"], json!(queue.delivery_limit), "{queue:?}");
        assert_eq!(said["x-single-active-consumer"] == true, queue.is_single, "{queue:?}");
    }
}

#[test]
fn the_bindings_of_the_document_are_those_that_are_declared() {
    let document = published();
    let said: BTreeSet<(String, String, String)> = channels(&document, "queue")
        .flat_map(|channel| {
            let queue = text(&channel["address"]);
            let bindings = channel["x-bindings"].as_array().unwrap();
            bindings
                .iter()
                .map(move |bound| (queue.clone(), text(&bound["exchange"]), text(&bound["routingKey"])))
        })
        .collect();
    let declared = Topology::of(&settings()).bindings;
    let declared =
        declared.into_iter().map(|binding| (binding.queue, binding.exchange, binding.key)).collect();
    assert_eq!(said, declared);
}

#[test]
fn every_kind_of_message_that_is_published_is_described() {
    let document = published();
    let messages = document["components"]["messages"].as_object().unwrap();
    let published: BTreeSet<&str> =
        messages.values().filter_map(|message| message["bindings"]["amqp"]["messageType"].as_str()).collect();
    let known: BTreeSet<&str> = MESSAGES.iter().map(|message| message.kind).collect();
    let unpublished: Vec<&str> = known.difference(&published).copied().collect();
    // What the command line keeps of a run that ended in process; workers tell of it as finished.
    assert_eq!(unpublished, ["rolemill.run.persisted.v1"]);
    assert!(published.is_subset(&known), "{published:?}");
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn check(value: &Value, document: &Value) {
        if let Some(reference) = value["$ref"].as_str() {
            let is_there = match reference.strip_prefix('#') {
                Some(pointer) => document.pointer(pointer).is_some(),
                None => schema::folder().join(Path::new(reference)).is_file(),
            };
            assert!(is_there, "{reference} leads nowhere");
        }
        let members = value.as_object().into_iter().flat_map(|members| members.values());
        members.chain(value.as_array().into_iter().flatten()).for_each(|member| check(member, document));
    }
    let document = published();
    check(&document, &document);
}
