//! What is declared on the broker and what travels there, as an AsyncAPI 3.0 document.
//!
//! For each exchange the document has a channel by routing key, or by the pattern of one; for each queue it has one with the
//! queue's arguments and bindings. The operations say which program sends and receives what. The bodies' schemas are files
//! beside the document.

mod messages;

use contract::{
    DeadLetter, Decided, Enriched, LibraryChanged, Parsed, Posting, Received, Rejected, RunFailed,
    RunFinished, Signalled, Stage, State,
};
use lapin::types::{AMQPValue, FieldTable};
use messages::{CLOUD_EVENT, DOCUMENT, name_of};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use strum::VariantArray as _;

use crate::settings::BrokerSettings;
use crate::topology::{Exchange, Names, Queue, Topology, stage_key, written};
use crate::wire::Lane;

/// Of AsyncAPI's AMQP bindings.
const BINDING_VERSION: &str = "0.3.0";
/// The archive worker.
const ARCHIVE: &str = "rolemill-archive";
/// Whoever hands postings in: the command line, the gateway, or any upstream system.
const SENDER: &str = "sender";

/// The document for a broker with these settings.
#[must_use]
pub fn asyncapi(settings: &BrokerSettings) -> Value {
    let topology = Topology::of(settings);
    let roads = roads(settings);
    let contents = contents(settings);
    let mut channels: Map<String, Value> =
        roads.iter().map(|road| (road.id.clone(), road.channel(&topology))).collect();
    for queue in &topology.queues {
        let held = contents.get(&queue.name).map(Vec::as_slice).unwrap_or_default();
        channels.insert(queue_id(settings, &queue.name), queue_channel(&topology, queue, held));
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Rolemill on RabbitMQ",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0" },
            "description": "Postings come in at the exchange `in`, and a run goes from stage to stage. Upstream systems publish \
                to `in` and bind queues of their own to `events`; everything else belongs to the workers. Messages are \
                persistent, their `message_id` is the same whenever the same message is sent again, and their \
                `correlation_id` is the run. A body of more than 64 KiB travels as zstd, and `content_encoding` says so.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "localhost:5672",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "The broker that ROLEMILL_AMQP names; amqps for TLS.",
            },
        },
        "channels": channels,
        "operations": operations(settings, &roads, &contents),
        "components": {
            "correlationIds": {
                "run": {
                    "location": "$message.header#/correlation_id",
                    "description": "The run, in the AMQP property correlation_id.",
                },
            },
            "messages": messages::all(),
        },
    })
}

/// An exchange with the keys that messages of some kinds are published under.
struct Road {
    /// The channel's name.
    id: String,
    exchange: String,
    /// A routing key with parameters in braces; none where the key does not matter.
    key: Option<String>,
    /// Name and meaning of the parameters.
    parameters: Vec<(&'static str, String)>,
    carries: Vec<&'static str>,
    summary: String,
}

/// An envelope in one state: the message, the stage that reads it, the stage that makes it.
fn envelope<S: State>(made_by: Option<Stage>) -> (&'static str, Option<Stage>, Option<Stage>) {
    (name_of(S::KIND), S::NEXT, made_by)
}

fn envelopes() -> [(&'static str, Option<Stage>, Option<Stage>); 6] {
    [
        envelope::<Received>(None),
        envelope::<Parsed>(Some(Stage::Parse)),
        envelope::<Rejected>(Some(Stage::Parse)),
        envelope::<Signalled>(Some(Stage::Signals)),
        envelope::<Decided>(Some(Stage::Decision)),
        envelope::<Enriched>(Some(Stage::Enrichment)),
    ]
}

/// What may come in.
fn postings() -> Vec<&'static str> {
    vec![name_of(Posting::KIND), CLOUD_EVENT, DOCUMENT]
}

/// The envelopes that a stage reads.
fn envelopes_for(stage: Stage) -> Vec<&'static str> {
    envelopes().into_iter().filter(|(_, next, _)| *next == Some(stage)).map(|(name, ..)| name).collect()
}

/// Everything that a stage reads.
fn read_by(stage: Stage) -> Vec<&'static str> {
    let postings = if stage == Stage::Parse { postings() } else { Vec::new() };
    postings.into_iter().chain(envelopes_for(stage)).collect()
}

fn roads(settings: &BrokerSettings) -> Vec<Road> {
    let names = Names(&settings.prefix);
    let source = || ("source", "The sending system, as one word.".to_owned());
    let road = |id: &str, exchange: &str, key: &str, carries: Vec<&'static str>, summary: &str| Road {
        id: id.to_owned(),
        exchange: exchange.to_owned(),
        key: Some(key.to_owned()),
        parameters: Vec::new(),
        carries,
        summary: summary.to_owned(),
    };
    let (entrance, events) = (names.entrance(), names.events());
    let mut roads = vec![
        Road {
            parameters: vec![source()],
            ..road("in", &entrance, "jd.{source}", postings(), "The public entrance.")
        },
        Road {
            parameters: vec![source()],
            ..road(
                "in.priority",
                &entrance,
                "jd.{source}.priority",
                postings(),
                "The small lane: never behind a batch.",
            )
        },
        Road {
            key: None,
            ..road(
                "unrouted",
                &names.unrouted(),
                "",
                postings(),
                "What came in under no key that a stage takes.",
            )
        },
    ];
    for (kind, key, summary) in [
        (RunFinished::KIND, RunFinished::KEY, "A run has ended; its result, or a link to it."),
        (RunFailed::KIND, RunFailed::KEY, "A run was given up."),
        (LibraryChanged::KIND, LibraryChanged::KEY, "Runs are pinned to a new library version from now on."),
    ] {
        roads.push(road(&format!("events.{key}"), &events, key, vec![name_of(kind)], summary));
    }
    let delays: Vec<String> = settings.delays.iter().map(|&delay| written(delay)).collect();
    for &stage in Stage::VARIANTS {
        for lane in [Lane::Bulk, Lane::Priority] {
            let key = stage_key(stage, lane);
            let summary = format!("Into the {stage} stage.");
            roads.push(road(&format!("stage.{key}"), &names.stage(), &key, envelopes_for(stage), &summary));
        }
        roads.push(Road {
            parameters: vec![("delay", format!("How long it waits: one of {}.", delays.join(", ")))],
            ..road(
                &format!("retry.{stage}"),
                &names.retry(),
                &format!("{stage}.{{delay}}"),
                read_by(stage),
                &format!("Back into the {stage} stage after a while."),
            )
        });
        roads.push(Road {
            parameters: vec![("code", "The cause by its stable name.".to_owned())],
            ..road(
                &format!("dead.{stage}"),
                &names.dead(),
                &format!("{stage}.{{code}}"),
                given_up(stage),
                &format!("What the {stage} stage gave up."),
            )
        });
    }
    roads
}

/// What is found where a stage parks what it gave up: what killed its worker was parked by the broker, as it was.
fn given_up(stage: Stage) -> Vec<&'static str> {
    std::iter::once(name_of(DeadLetter::KIND)).chain(read_by(stage)).collect()
}

/// What each queue holds.
fn contents(settings: &BrokerSettings) -> BTreeMap<String, Vec<&'static str>> {
    let names = Names(&settings.prefix);
    let mut contents = BTreeMap::from([
        (names.unrouted(), postings()),
        (names.ledger(), postings()),
        (names.webhooks(), vec![name_of(RunFinished::KIND), name_of(RunFailed::KIND)]),
    ]);
    for &stage in Stage::VARIANTS {
        for lane in [Lane::Bulk, Lane::Priority, Lane::Suspect] {
            contents.insert(names.work(stage, lane), read_by(stage));
        }
        for &delay in &settings.delays {
            contents.insert(names.waiting(stage, delay), read_by(stage));
        }
        contents.insert(names.parked(stage), given_up(stage));
    }
    contents
}

/// A queue's channel.
fn queue_id(settings: &BrokerSettings, queue: &str) -> String {
    let rest = queue.strip_prefix(&settings.prefix).and_then(|rest| rest.strip_prefix('.'));
    format!("queue.{}", rest.unwrap_or(queue))
}

/// References to messages, as a channel has them.
fn carried(messages: &[&str]) -> Map<String, Value> {
    let reference = |name: &str| json!({ "$ref": format!("#/components/messages/{name}") });
    messages.iter().map(|name| ((*name).to_owned(), reference(name))).collect()
}

impl Road {
    fn channel(&self, topology: &Topology) -> Value {
        let exchange = topology.exchanges.iter().find(|exchange| exchange.name == self.exchange);
        let parameters: Map<String, Value> = self
            .parameters
            .iter()
            .map(|(name, meaning)| ((*name).to_owned(), json!({ "description": meaning })))
            .collect();
        let mut channel = json!({
            "address": self.key,
            "summary": self.summary,
            "messages": carried(&self.carries),
            "bindings": { "amqp": { "is": "routingKey", "exchange": exchange.map(declared), "bindingVersion": BINDING_VERSION } },
        });
        if !parameters.is_empty() {
            channel["parameters"] = Value::Object(parameters);
        }
        if let Some(alternate) = exchange.and_then(|exchange| exchange.alternate.as_ref()) {
            channel["x-arguments"] = json!({ "alternate-exchange": alternate });
        }
        channel
    }
}

fn declared(exchange: &Exchange) -> Value {
    json!({ "name": exchange.name, "type": exchange.kind, "durable": true, "autoDelete": false })
}

fn queue_channel(topology: &Topology, queue: &Queue, held: &[&str]) -> Value {
    let bindings: Vec<Value> = topology
        .bindings
        .iter()
        .filter(|binding| binding.queue == queue.name)
        .map(|binding| json!({ "exchange": binding.exchange, "routingKey": binding.key }))
        .collect();
    let declared = json!({ "name": queue.name, "durable": true, "exclusive": false, "autoDelete": false });
    json!({
        "address": queue.name,
        "messages": carried(held),
        "bindings": { "amqp": { "is": "queue", "queue": declared, "bindingVersion": BINDING_VERSION } },
        "x-arguments": as_json(&queue.arguments(topology.queue_type)),
        "x-bindings": bindings,
    })
}

/// The arguments that something is declared with: words, numbers, yes and no.
fn as_json(table: &FieldTable) -> Value {
    let value = |value: &AMQPValue| {
        if let AMQPValue::Boolean(yes) = value {
            json!(yes)
        } else if let AMQPValue::LongLongInt(number) = value {
            json!(number)
        } else {
            json!(value.as_long_string().map(ToString::to_string))
        }
    };
    table.inner().iter().map(|(name, argument)| (name.as_str().to_owned(), value(argument))).collect()
}

/// Who does what.
fn operations(
    settings: &BrokerSettings,
    roads: &[Road],
    contents: &BTreeMap<String, Vec<&'static str>>,
) -> Map<String, Value> {
    let names = Names(&settings.prefix);
    let mut operations = Map::new();
    let mut receives = |program: &str, queue: &str| {
        let id = queue_id(settings, queue);
        let held = contents.get(queue).map(Vec::as_slice).unwrap_or_default();
        operations.insert(format!("{program}.receive.{id}"), operation("receive", program, &id, held));
    };
    for &stage in Stage::VARIANTS {
        for lane in [Lane::Bulk, Lane::Priority, Lane::Suspect] {
            receives(&worker(stage), &names.work(stage, lane));
        }
        receives(ARCHIVE, &names.parked(stage));
    }
    receives(ARCHIVE, &names.ledger());
    receives(ARCHIVE, &names.webhooks());
    for road in roads {
        for (program, sent) in senders(road) {
            operations
                .insert(format!("{program}.send.{}", road.id), operation("send", &program, &road.id, &sent));
        }
    }
    operations
}

fn worker(stage: Stage) -> String {
    format!("rolemill-{stage}")
}

/// Who publishes on a road, and what.
fn senders(road: &Road) -> Vec<(String, Vec<&'static str>)> {
    let mut senders: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    let mut sends = |program: String, message| senders.entry(program).or_default().push(message);
    let (kind, _) = road.id.split_once('.').unwrap_or((&road.id, ""));
    let is_bulk = !road.id.ends_with(".priority");
    for &message in &road.carries {
        match kind {
            // A posting that is replayed comes in once more.
            "in" if is_bulk => {
                sends(SENDER.to_owned(), message);
                sends(ARCHIVE.to_owned(), message);
            }
            "in" => sends(SENDER.to_owned(), message),
            "stage" => {
                let made_by = envelopes()
                    .into_iter()
                    .find(|(name, ..)| *name == message)
                    .and_then(|(.., made_by)| made_by);
                made_by.into_iter().for_each(|stage| sends(worker(stage), message));
                if is_bulk {
                    sends(ARCHIVE.to_owned(), message);
                }
            }
            "events" if message == name_of(RunFinished::KIND) => sends(worker(Stage::Persistence), message),
            "events" => sends(ARCHIVE.to_owned(), message),
            "retry" => road.stage().into_iter().for_each(|stage| sends(worker(stage), message)),
            "dead" if message == name_of(DeadLetter::KIND) => {
                road.stage().into_iter().for_each(|stage| sends(worker(stage), message));
            }
            // What is left is moved by the broker itself.
            _ => {}
        }
    }
    senders.into_iter().collect()
}

impl Road {
    /// The stage that a road of one stage is of.
    fn stage(&self) -> Option<Stage> {
        self.id.split_once('.').and_then(|(_, stage)| stage.parse().ok())
    }
}

fn operation(action: &str, program: &str, channel: &str, messages: &[&str]) -> Value {
    let reference = |name: &&str| json!({ "$ref": format!("#/channels/{channel}/messages/{name}") });
    let amqp = match action {
        "send" => json!({
            // Events are for whoever wants to know: nobody need to.
            "deliveryMode": 2, "mandatory": !channel.starts_with("events."), "timestamp": true,
            "bindingVersion": BINDING_VERSION,
        }),
        _ => json!({ "ack": true, "bindingVersion": BINDING_VERSION }),
    };
    json!({
        "action": action,
        "channel": { "$ref": format!("#/channels/{channel}") },
        "messages": messages.iter().map(reference).collect::<Vec<_>>(),
        "tags": [{ "name": program }],
        "bindings": { "amqp": amqp },
    })
}

#[cfg(test)]
mod tests;
