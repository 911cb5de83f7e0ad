//! JSON Schemas of everything that travels, generated from the types.

use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use crate::{Decided, Enriched, Envelope, Parsed, Persisted, Received, Rejected, Signalled};

/// File name → schema, for every state of the envelope.
#[must_use]
pub fn messages() -> Vec<(&'static str, Value)> {
    fn of<O: JsonSchema>() -> Value {
        schema_for!(Envelope<O>).to_value()
    }
    vec![
        ("run.received.v1.json", of::<Received>()),
        ("run.parsed.v1.json", of::<Parsed>()),
        ("run.rejected.v1.json", of::<Rejected>()),
        ("run.signalled.v1.json", of::<Signalled>()),
        ("run.decided.v1.json", of::<Decided>()),
        ("run.enriched.v1.json", of::<Enriched>()),
        ("run.persisted.v1.json", of::<Persisted>()),
    ]
}
