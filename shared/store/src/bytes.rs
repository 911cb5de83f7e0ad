//! What is stored as bytes.

use sea_orm::JsonValue;
use serde::Serialize;

use crate::StoreError;

/// Level 3 halves what level 1 leaves of JSON's repetitions at a third of a millisecond a run.
const LEVEL: i32 = 3;
/// Nothing that was stored is larger once it is unpacked: outputs of a 256 KiB text with all their spans.
const LARGEST: usize = 64 << 20;

/// zstd of some bytes.
pub(crate) fn compressed(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::bulk::compress(bytes, LEVEL).map_err(|error| unreadable("bytes to compress", &error))
}

/// What was compressed.
pub(crate) fn decompressed(what: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::bulk::Decompressor::upper_bound(bytes)
        .filter(|&length| length <= LARGEST)
        .ok_or_else(|| unreadable(what, &"its length is not plausible"))
        .and_then(|length| zstd::bulk::decompress(bytes, length).map_err(|error| unreadable(what, &error)))
}

/// A value for a JSON column.
pub(crate) fn json_of<T: Serialize>(value: &T) -> Result<JsonValue, StoreError> {
    serde_json::to_value(value).map_err(|error| unreadable("a value to write as JSON", &error))
}

fn unreadable(what: &str, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unreadable { what: what.to_owned(), why: why.to_string() }
}
