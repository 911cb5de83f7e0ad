//! One spelling for everything that only looks alike, with a map back to the input.

use std::ops::Range;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Where each stretch of normalised text came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    /// `(normalised byte, input byte)` wherever the distance between the two changes; ascending.
    steps: Vec<(usize, usize)>,
}

impl OffsetMap {
    /// The input byte that the normalised byte `offset` came from.
    #[must_use]
    pub fn original(&self, offset: usize) -> usize {
        let next = self.steps.partition_point(|&(normalised, _)| normalised <= offset);
        match next.checked_sub(1).map(|last| self.steps[last]) {
            Some((normalised, input)) => input + (offset - normalised),
            None => offset,
        }
    }

    /// The input bytes that a normalised range came from.
    #[must_use]
    pub fn original_range(&self, range: Range<usize>) -> Range<usize> {
        self.original(range.start)..self.original(range.end)
    }

    fn step(&mut self, normalised: usize, input: usize) {
        if self.original(normalised) != input {
            if self.steps.last().is_some_and(|&(last, _)| last == normalised) {
                self.steps.pop();
            }
            self.steps.push((normalised, input));
        }
    }
}

/// Normalises line ends, invisible and control characters, all kinds of spaces, ligatures and Unicode composition (NFC).
///
/// Runs of spaces become one, no line begins or ends with one, at most one empty line stands between two others, and
/// the ends are trimmed. Applying it again changes nothing.
#[must_use]
pub fn normalise(input: &str) -> (String, OffsetMap) {
    let (text, map) = tidy(input);
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => (text, map),
        IsNormalized::No | IsNormalized::Maybe => compose(&text, &map),
    }
}

/// What becomes of one character.
enum Becomes {
    Itself,
    Space,
    LineBreak,
    Nothing,
    Letters(&'static str),
}

fn fate(c: char) -> Becomes {
    match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Becomes::LineBreak,
        '\t'
        | ' '
        | '\u{a0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}' => Becomes::Space,
        // zero-width, soft hyphen, bidirectional controls, byte-order mark, replacement of undecodable bytes
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffc}'
        | '\u{fe00}'..='\u{fe0f}' => Becomes::Nothing,
        '\u{fb00}' => Becomes::Letters("ff"),
        '\u{fb01}' => Becomes::Letters("fi"),
        '\u{fb02}' => Becomes::Letters("fl"),
        '\u{fb03}' => Becomes::Letters("ffi"),
        '\u{fb04}' => Becomes::Letters("ffl"),
        '\u{2011}' => Becomes::Letters("-"),
        '\u{f0b7}' | '\u{f0a7}' => Becomes::Letters("•"),
        c if c.is_control() => Becomes::Nothing,
        _ => Becomes::Itself,
    }
}

fn tidy(input: &str) -> (String, OffsetMap) {
    let mut text = String::with_capacity(input.len());
    let mut map = OffsetMap::default();
    let mut breaks = 0;
    let mut space = false;
    let mut chars = input.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match fate(c) {
            Becomes::Nothing => {}
            Becomes::Space => space = true,
            Becomes::LineBreak => {
                if c == '\r' && chars.peek().is_some_and(|&(_, next)| next == '\n') {
                    chars.next();
                }
                breaks += 1;
            }
            kept @ (Becomes::Itself | Becomes::Letters(_)) => {
                if !text.is_empty() {
                    match breaks {
                        0 if space => text.push(' '),
                        0 => {}
                        1 => text.push('\n'),
                        _ => text.push_str("\n\n"),
                    }
                }
                (breaks, space) = (0, false);
                map.step(text.len(), at);
                if let Becomes::Letters(letters) = kept {
                    text.push_str(letters);
                } else {
                    text.push(c);
                }
            }
        }
    }
    (text, map)
}

/// NFC, run by run: a run is an ASCII character with the others behind it, so that the map stays exact outside runs.
fn compose(text: &str, map: &OffsetMap) -> (String, OffsetMap) {
    let mut composed = String::with_capacity(text.len());
    let mut composed_map = OffsetMap::default();
    let mut rest = text;
    while !rest.is_empty() {
        let at = text.len() - rest.len();
        let ascii = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        // The last ASCII character may take a combining mark from what follows.
        let plain = if ascii < rest.len() { ascii.saturating_sub(1) } else { ascii };
        for (offset, c) in rest[..plain].char_indices() {
            composed_map.step(composed.len(), map.original(at + offset));
            composed.push(c);
        }
        let run = rest[plain..]
            .char_indices()
            .skip(1)
            .find(|(_, c)| c.is_ascii())
            .map_or(rest.len(), |(offset, _)| plain + offset);
        if run > plain {
            composed_map.step(composed.len(), map.original(at + plain));
            composed.extend(rest[plain..run].nfc());
        }
        rest = &rest[run.max(plain)..];
    }
    (composed, composed_map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(normalise(input).0, expected);
    }

    #[test]
    fn line_ends_spaces_and_invisible_characters_have_one_spelling() {
        check("a\r\nb\rc\u{2028}d", "a\nb\nc\nd");
        check("  a \u{a0}\t b  \n\n \n c ", "a b\n\nc");
        check("soft\u{ad}ware\u{200b} o\u{fb03}ce", "software office");
        check("cafe\u{301}", "café");
    }

    #[test]
    fn a_mark_that_loses_its_zero_width_neighbour_still_composes() {
        check("e\u{200b}\u{301}", "é");
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(input in "\\PC{0,40}[ \t\r\n\u{a0}e\u{301}\u{200b}]{0,12}\\PC{0,40}") {
            let once = normalise(&input).0;
            prop_assert_eq!(&normalise(&once).0, &once);
        }

        #[test]
        fn every_kept_ascii_letter_maps_back_to_itself(input in "[a-z \u{a0}\r\n\u{200b}é]{0,60}") {
            let (text, map) = normalise(&input);
            for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()) {
                prop_assert_eq!(input[map.original(at)..].chars().next(), Some(c));
            }
        }
    }
}
