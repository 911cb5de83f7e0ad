//! Word-level helpers that every scanner shares.

use std::ops::Range;

/// The byte ranges of the tokens that have a letter or digit, split at white space.
pub fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let base = text.as_ptr() as usize;
    text.split_whitespace().filter(|token| token.chars().any(char::is_alphanumeric)).map(move |token| {
        let start = token.as_ptr() as usize - base;
        start..start + token.len()
    })
}

/// Number of tokens with a letter or digit.
#[must_use]
pub fn word_count(text: &str) -> u32 {
    tokens(text).count() as u32
}

/// Lower-case words of letters and digits; `+`, `#` and inner apostrophes stay with their word.
pub fn lower_words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '#' | '\'' | '’')))
        .map(|word| word.trim_matches(['\'', '’']))
        .filter(|word| !word.is_empty())
        .map(|word| word.replace('’', "'").to_lowercase())
}

/// Folds a text for comparison without moving a byte: ASCII lower case, hyphens as spaces.
///
/// Only characters of equal length are exchanged, so offsets in the result are offsets in the text.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = text.to_owned();
    folded.make_ascii_lowercase();
    // '’' and '–' have three bytes: they are left alone and the lexicons list what they need.
    folded.replace('-', " ")
}

/// The first and last five words, for a section's marker.
#[must_use]
pub fn first_and_last_words(text: &str, count: usize) -> (String, String) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let first = &words[..words.len().min(count)];
    let last = &words[words.len().saturating_sub(count)..];
    (first.join(" "), last.join(" "))
}
