//! What is stored as bytes.

use sea_orm::JsonValue;
use serde::Serialize;
use std::io::Read as _;

use crate::StoreError;

/// Level 3 halves what level 1 leaves of JSON's repetitions at a third of a millisecond a run.
const LEVEL: i32 = 3;
/// Nothing that was stored is larger once it is unpacked: outputs of a 256 KiB text with all their spans.
const LARGEST: u64 = 64 << 20;

/// zstd of some bytes.
pub(crate) fn compressed(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::bulk::compress(bytes, LEVEL).map_err(|error| unreadable("bytes to compress", &error))
}

/// What was compressed.
pub(crate) fn decompressed(what: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut plain = Vec::with_capacity(bytes.len() * 4);
    zstd::stream::Decoder::new(bytes)
        .and_then(|decoder| decoder.take(LARGEST + 1).read_to_end(&mut plain))
        .map_err(|error| unreadable(what, &error))?;
    if plain.len() as u64 > LARGEST {
        Err(unreadable(what, &"it is too large once unpacked"))
    } else {
        Ok(plain)
    }
}

/// A value for a JSON column.
pub(crate) fn json_of<T: Serialize>(value: &T) -> Result<JsonValue, StoreError> {
    serde_json::to_value(value).map_err(|error| unreadable("a value to write as JSON", &error))
}

fn unreadable(what: &str, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unreadable { what: what.to_owned(), why: why.to_string() }
}
