//! Patterns for posting text: the constants of the readers, compiled for speed.
//!
//! Unicode word boundaries and classes make the engine leave its fast automata as soon as a text holds one curly quote. The
//! readers look for English words, numbers and signs, so `\b`, `\d`, `\w` and `\s` mean their ASCII members here.

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// The largest compiled pattern, in bytes; a constant that exceeds it fails its first test.
const SIZE: usize = 1 << 24;

/// Compiles a constant pattern.
///
/// # Panics
/// When the pattern is malformed: a defect that the first use in any test shows.
#[must_use]
#[expect(clippy::expect_used, reason = "patterns are constants and tests compile them")]
pub fn pattern(source: &str) -> Regex {
    RegexBuilder::new(&ascii(source)).size_limit(SIZE).build().expect("a constant pattern")
}

/// Compiles constant patterns that are looked for together.
///
/// # Panics
/// As [`pattern`].
#[must_use]
#[expect(clippy::expect_used, reason = "patterns are constants and tests compile them")]
pub fn patterns<S: AsRef<str>>(sources: impl IntoIterator<Item = S>) -> RegexSet {
    let sources = sources.into_iter().map(|source| ascii(source.as_ref()));
    RegexSetBuilder::new(sources).size_limit(SIZE).build().expect("constant patterns")
}

/// Writes the ASCII meaning of the short classes out; nested classes are legal, so this holds inside brackets too.
fn ascii(source: &str) -> String {
    let mut out = String::with_capacity(source.len() * 2);
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => out.push_str(r"(?-u:\b)"),
            Some('B') => out.push_str(r"(?-u:\B)"),
            Some('d') => out.push_str("[0-9]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('s') => out.push_str(r"[\t\n\r\x20]"),
            Some('S') => out.push_str(r"[^\t\n\r\x20]"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_classes_are_ascii_inside_and_outside_of_brackets() {
        let years = pattern(r"(?i)\b(\d+)[\s-]years?\b");
        assert_eq!(&years.captures("’5 years’").unwrap()[1], "5");
        assert!(pattern(r"^[\w.+-]+$").is_match("a.b+c-d_9"));
        assert!(!pattern(r"^\w+$").is_match("é"));
    }
}
