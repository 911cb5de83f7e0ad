//! JSON Schemas of everything that travels, generated from the types.

use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use crate::{
    DeadLetter, Decided, Enriched, Envelope, LibraryChanged, Parsed, Persisted, Posting, Received, Rejected,
    RunFailed, RunFinished, Signalled, State,
};

/// A message and the schema of its body.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// Name and version of the message: its `type` on the wire.
    pub kind: &'static str,
    /// The file that its schema is published as.
    pub file: &'static str,
    schema: fn() -> Value,
}

impl Message {
    const fn of<T: JsonSchema>(kind: &'static str, file: &'static str) -> Self {
        Self { kind, file, schema: || schema_for!(T).to_value() }
    }

    const fn run<O: State + JsonSchema>(file: &'static str) -> Self {
        Self::of::<Envelope<O>>(O::KIND, file)
    }

    /// The schema of its body.
    #[must_use]
    pub fn schema(&self) -> Value {
        (self.schema)()
    }
}

/// Every message: what comes in, the envelope in each of its states, what is told, what is given up.
pub const MESSAGES: [Message; 12] = [
    Message::of::<Posting>(Posting::KIND, "posting.v1.json"),
    Message::run::<Received>("run.received.v1.json"),
    Message::run::<Parsed>("run.parsed.v1.json"),
    Message::run::<Rejected>("run.rejected.v1.json"),
    Message::run::<Signalled>("run.signalled.v1.json"),
    Message::run::<Decided>("run.decided.v1.json"),
    Message::run::<Enriched>("run.enriched.v1.json"),
    Message::run::<Persisted>("run.persisted.v1.json"),
    Message::of::<RunFinished>(RunFinished::KIND, "run.finished.v1.json"),
    Message::of::<RunFailed>(RunFailed::KIND, "run.failed.v1.json"),
    Message::of::<LibraryChanged>(LibraryChanged::KIND, "library.changed.v1.json"),
    Message::of::<DeadLetter>(DeadLetter::KIND, "dead_letter.v1.json"),
];
