//! The published JSON Schemas are those of the code.

use contract::schema::MESSAGES;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where schemas are published.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/messages")
}

/// Compares a published document with the code's, after it was written where `make schema` asks for that.
#[expect(clippy::disallowed_methods, reason = "`make schema` asks for the files to be written")]
pub(crate) fn is_published(name: &str, document: &serde_json::Value) {
    let generated = serde_json::to_string_pretty(document).unwrap() + "\n";
    let path = folder().join(name);
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        fs::write(&path, &generated).unwrap();
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == generated,
        "{name} differs from the code: look at the change, then call `make schema`"
    );
}

#[test]
fn the_published_schemas_are_those_of_the_code() {
    for message in MESSAGES {
        is_published(message.file, &message.schema());
    }
}

#[test]
fn every_message_has_a_schema_of_its_own_and_no_schema_is_of_no_message() {
    let kinds: BTreeSet<&str> = MESSAGES.iter().map(|message| message.kind).collect();
    assert_eq!(kinds.len(), MESSAGES.len(), "a kind names one message");
    for file in fs::read_dir(folder()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let is_known = MESSAGES.iter().any(|message| message.file == name);
        assert!(is_known || !name.ends_with(".v1.json"), "{name} is of no message");
    }
}
