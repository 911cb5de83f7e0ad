//! The messages of the document: headers, properties, and where the schema of the body is.

use contract::schema::MESSAGES;
use contract::{
    DeadLetter, Decided, Enriched, LibraryChanged, Parsed, Posting, Received, Rejected, RunFailed,
    RunFinished, Signalled, State as _,
};
use serde_json::{Map, Value, json};

use super::BINDING_VERSION;

/// A posting as a CloudEvent.
pub(super) const CLOUD_EVENT: &str = "posting.cloudevent";
/// A posting as a document of some format.
pub(super) const DOCUMENT: &str = "posting.document";

/// A message's name in the document: that of its schema's file.
pub(super) fn name_of(kind: &'static str) -> &'static str {
    let known = MESSAGES.iter().find(|message| message.kind == kind);
    known.and_then(|message| message.file.strip_suffix(".json")).unwrap_or(kind)
}

/// Which headers a message has.
#[derive(Clone, Copy)]
enum Headers {
    /// Those of a message that anybody may send.
    Entrance,
    /// Those that travel with a run from stage to stage.
    Run,
    /// The same, and why it was given up.
    Dead,
    /// A trace, no more.
    Event,
}

/// A header: name, type, meaning.
type Header = (&'static str, &'static str, &'static str);

const SENDER: [Header; 2] = [
    ("rolemill-source", "string", "The sending system; without it, the second word of the routing key."),
    (
        "rolemill-idempotency-key",
        "string",
        "The sender's key: two messages of one system with the same key are the same run.",
    ),
];
const TRACE: [Header; 2] = [
    ("traceparent", "string", "W3C trace context."),
    ("tracestate", "string", "W3C trace context of other systems."),
];
const WAY: [Header; 5] = [
    ("rolemill-attempt", "integer", "Which pass of the run it is: 0 first, one more with every replay."),
    (
        "rolemill-try",
        "integer",
        "Which try of this attempt the delivery is: 1 first. Waiting for something that is away is no try.",
    ),
    ("rolemill-first-seen", "string", "When the run was first seen, RFC 3339."),
    ("rolemill-replay-of", "string", "The attempt that this one replays."),
    ("rolemill-replay-batch", "string", "The replay batch that sent it."),
];
const FAULT: [Header; 7] = [
    ("rolemill-fault-stage", "string", "The stage that gave it up."),
    ("rolemill-fault-code", "string", "A stable name of the cause."),
    (
        "rolemill-fault-message",
        "string",
        "The error with its causes, cut after 1 KiB; the whole of it is in the body.",
    ),
    ("rolemill-fault-fingerprint", "string", "Equal for faults of one cause."),
    ("rolemill-fault-at", "string", "When, RFC 3339."),
    ("rolemill-fault-worker", "string", "Which process."),
    ("rolemill-fault-retryable", "boolean", "Whether it may succeed another time."),
];

impl Headers {
    fn listed(self) -> Vec<Header> {
        match self {
            Self::Entrance => [&SENDER[..], &TRACE, &WAY].concat(),
            Self::Run => [&TRACE[..], &WAY].concat(),
            Self::Dead => [&TRACE[..], &WAY, &FAULT].concat(),
            Self::Event => TRACE[..1].to_vec(),
        }
    }

    /// Those without which it is not sent.
    fn required(self) -> Vec<&'static str> {
        match self {
            Self::Entrance | Self::Event => Vec::new(),
            Self::Run => vec!["rolemill-attempt", "rolemill-first-seen", "rolemill-try"],
            Self::Dead => FAULT.iter().map(|(name, ..)| *name).collect(),
        }
    }

    fn schema(self) -> Value {
        let properties: Map<String, Value> = self
            .listed()
            .into_iter()
            .map(|(name, kind, meaning)| (name.to_owned(), json!({ "type": kind, "description": meaning })))
            .collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        let required = self.required();
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    }
}

/// All of them, by name.
pub(super) fn all() -> Map<String, Value> {
    use Headers::{Dead, Entrance, Event, Run};
    let ours = [
        (Posting::KIND, Entrance, "A posting as one JSON object."),
        (Received::KIND, Run, "A run that was accepted and not read yet: a replay from the first stage."),
        (Parsed::KIND, Run, "A run that was read and let through by the gate."),
        (Rejected::KIND, Run, "A run that the gate stopped."),
        (Signalled::KIND, Run, "A run whose roles have their scores."),
        (Decided::KIND, Run, "A run for which a role was chosen, or said to be missing."),
        (Enriched::KIND, Run, "A run that is complete but for its rows."),
        (DeadLetter::KIND, Dead, "A message that a stage gave up, whole, with the cause."),
        (RunFinished::KIND, Run, "A run has ended and its rows are written."),
        (RunFailed::KIND, Event, "A run was given up and waits in the dead-letter archive."),
        (LibraryChanged::KIND, Event, "The library has a new version."),
    ];
    let mut all: Map<String, Value> = ours
        .into_iter()
        .map(|(kind, headers, summary)| (name_of(kind).to_owned(), ours_as_json(kind, headers, summary)))
        .collect();
    all.insert(CLOUD_EVENT.to_owned(), cloud_event());
    all.insert(DOCUMENT.to_owned(), document());
    all
}

fn ours_as_json(kind: &'static str, headers: Headers, summary: &str) -> Value {
    let name = name_of(kind);
    json!({
        "name": kind,
        "title": name,
        "summary": summary,
        "contentType": "application/json",
        "correlationId": { "$ref": "#/components/correlationIds/run" },
        "headers": headers.schema(),
        "payload": { "$ref": format!("./{name}.json") },
        "bindings": { "amqp": { "messageType": kind, "bindingVersion": BINDING_VERSION } },
    })
}

fn cloud_event() -> Value {
    let text = |meaning: &str| json!({ "type": "string", "description": meaning });
    json!({
        "name": "CloudEvent",
        "title": CLOUD_EVENT,
        "summary": "A posting in a CloudEvent 1.x in structured JSON mode; its source and id name the run.",
        "contentType": "application/cloudevents+json",
        "headers": Headers::Entrance.schema(),
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type"],
            "properties": {
                "specversion": { "type": "string", "pattern": r"^1\." },
                "id": text("The sender's name of the event."),
                "source": text("The sending system."),
                "type": text("Of no meaning here."),
                "datacontenttype": text("MIME type of the data; application/json where it is missing."),
                "data": { "description": "A posting as a JSON object, or a document as a string." },
                "data_base64": text("A document as base64, in place of data."),
            },
        },
    })
}

fn document() -> Value {
    json!({
        "name": "Document",
        "title": DOCUMENT,
        "summary": "A posting as it is: text, Markdown, HTML, PDF or DOCX, under its MIME type or none. Without an idempotency \
                    key its content names the run.",
        "contentType": "application/octet-stream",
        "headers": Headers::Entrance.schema(),
        "payload": { "type": "string", "format": "binary", "maxLength": contract::MAX_DOCUMENT_BYTES },
    })
}
