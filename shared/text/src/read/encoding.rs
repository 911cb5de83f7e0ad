//! From bytes to characters: UTF-8, UTF-16 with a byte order mark, or the character set that is named.
//! Bytes that fit nowhere are an error with their place, never mojibake.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::{memchr, memmem};

use super::error::{NotText, ReadError};

/// One control character in so many is too many.
const CONTROL_SHARE: usize = 20;

/// The text of a document that is no binary format.
pub(super) fn decode(bytes: &[u8], charset: Option<&str>) -> Result<String, ReadError> {
    let text = decode_as_it_claims(bytes, charset)?;
    check(&text)?;
    if text.trim().is_empty() { Err(ReadError::Empty) } else { Ok(text) }
}

/// Refuses what is characters and still no text.
pub(super) fn check(text: &str) -> Result<(), ReadError> {
    if let Some(offset) = memchr(0, text.as_bytes()) {
        return Err(ReadError::NotText(NotText::Nul { offset }));
    }
    let is_odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}');
    let (all, odd) = text.chars().fold((0, 0), |(all, odd), c| (all + 1, odd + usize::from(is_odd(c))));
    if odd * CONTROL_SHARE > all {
        let percent = odd * 100 / all;
        return Err(ReadError::NotText(NotText::ControlCharacters { percent }));
    }
    Ok(())
}

fn decode_as_it_claims(bytes: &[u8], charset: Option<&str>) -> Result<String, ReadError> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decode_with(encoding, &bytes[mark..], mark);
    }
    let named = charset.and_then(|label| Encoding::for_label(label.as_bytes()));
    if let Some(wide) = named.filter(|named| *named == UTF_16LE || *named == UTF_16BE) {
        return decode_with(wide, bytes, 0);
    }
    // What is UTF-8 is UTF-8, whatever it is called: other encodings hardly ever look like it by chance.
    let Err(error) = std::str::from_utf8(bytes) else { return decode_with(UTF_8, bytes, 0) };
    if let Some(offset) = memchr(0, bytes) {
        return Err(ReadError::NotText(NotText::Nul { offset }));
    }
    match named.or_else(|| named_in_the_page(bytes)).filter(|named| *named != UTF_8) {
        Some(named) => decode_with(named, bytes, 0),
        None if is_windows_1252(bytes) => decode_with(WINDOWS_1252, bytes, 0),
        None => Err(ReadError::InvalidEncoding { encoding: "UTF-8", offset: error.valid_up_to() }),
    }
}

/// Without replacement characters: `skipped` bytes stand before these in the document.
fn decode_with(encoding: &'static Encoding, bytes: &[u8], skipped: usize) -> Result<String, ReadError> {
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(invalid(encoding, skipped + error.valid_up_to())),
        };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or_default();
    let mut text = String::with_capacity(room);
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (encoding_rs::DecoderResult::InputEmpty, _) => Ok(text),
        (encoding_rs::DecoderResult::Malformed(length, after), read) => {
            Err(invalid(encoding, skipped + read.saturating_sub(usize::from(length) + usize::from(after))))
        }
        (encoding_rs::DecoderResult::OutputFull, read) => Err(invalid(encoding, skipped + read)),
    }
}

fn invalid(encoding: &'static Encoding, offset: usize) -> ReadError {
    ReadError::InvalidEncoding { encoding: encoding.name(), offset }
}

/// `<meta charset=…>` or `<meta … content="text/html; charset=…">` among the first bytes.
fn named_in_the_page(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(1024)].to_ascii_lowercase();
    memmem::find(&head, b"<meta")?;
    let rest = &head[memmem::find(&head, b"charset=")? + 8..];
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:".contains(byte));
    Encoding::for_label(&rest[..end.unwrap_or(rest.len())])
}

/// Whether bytes that are no UTF-8 are plainly English text as Windows writes it: few bytes are not ASCII,
/// each of them is typographic or a letter beside a letter, and none belongs to a UTF-8 character.
fn is_windows_1252(bytes: &[u8]) -> bool {
    let letter = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte >= 0xc0)
    };
    let (mut high, mut odd) = (0, 0);
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| !byte.is_ascii()) {
        high += 1;
        odd += usize::from(match byte {
            0x80
            | 0x85
            | 0x91..=0x97
            | 0x99
            | 0xa0
            | 0xa3
            | 0xa7
            | 0xa9
            | 0xab
            | 0xae
            | 0xb0
            | 0xb7
            | 0xbb => false,
            0xc0..=0xff => !(letter(at.checked_sub(1)) || letter(Some(at + 1))),
            0x81..=0xbf => true,
            0x00..=0x7f => false,
        });
    }
    let utf_8 = bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    !utf_8 && high * 5 <= bytes.len() && odd * 10 <= high
}
