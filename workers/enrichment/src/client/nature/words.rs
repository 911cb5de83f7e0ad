//! A statement cut into words, each with what stands before it and what the lexicon knows of it.

use super::lexicon::{Class, Entry, Form, Lexicon, VerbId};

/// What separates a word from the one before it, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    Space,
    Slash,
    Comma,
    Dash,
    Colon,
    /// End of a sentence, a semicolon, or a bullet.
    Stop,
}

/// One word.
pub(crate) struct Word {
    /// First byte in the statement.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
    /// What stands before it.
    pub(crate) gap: Gap,
    /// Whether it stands in brackets.
    pub(crate) in_brackets: bool,
    /// What is known of it.
    pub(crate) entry: Option<&'static Entry>,
}

impl Word {
    /// Whether the word belongs to a class of small words.
    pub(crate) fn is(&self, class: Class) -> bool {
        self.entry.is_some_and(|entry| entry.is(class))
    }

    /// The verb that the word is this form of, with its base.
    pub(crate) fn form(&self, form: Form) -> Option<(VerbId, &'static str)> {
        self.entry.and_then(|entry| entry.form(form))
    }
}

/// A statement and its words.
pub(crate) struct Words<'a> {
    pub(crate) text: &'a str,
    /// The text in ASCII lower case: no byte moves.
    lower: String,
    list: Vec<Word>,
}

impl<'a> Words<'a> {
    /// Cuts a statement.
    pub(crate) fn of(text: &'a str) -> Self {
        let lexicon = Lexicon::shared();
        let lower = text.to_ascii_lowercase();
        let mut list: Vec<Word> = Vec::with_capacity(text.len() / 6 + 1);
        let (mut gap, mut depth, mut at) = (Gap::Space, 0u32, 0);
        while let Some(first) = text[at..].chars().next() {
            let end = word_end(text, at, first);
            if end > at {
                let entry = lexicon.entry(&lower[at..end]);
                list.push(Word { start: at, end, gap, in_brackets: depth > 0, entry });
                (gap, at) = (Gap::Space, end);
                continue;
            }
            let next = at + first.len_utf8();
            match first {
                // A bracket that nothing closes is a slip of the pen.
                '(' | '[' if text[next..].contains([')', ']']) => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            gap = gap.max(separator(text, at, first));
            at = next;
        }
        Self { text, lower, list }
    }

    /// The words.
    pub(crate) fn list(&self) -> &[Word] {
        &self.list
    }

    /// A word in lower case.
    pub(crate) fn lower(&self, index: usize) -> &str {
        let word = &self.list[index];
        &self.lower[word.start..word.end]
    }

    /// A word as it is written.
    pub(crate) fn written(&self, index: usize) -> &'a str {
        let word = &self.list[index];
        &self.text[word.start..word.end]
    }
}

/// Where the word that begins at `at` ends; `at` itself where none begins.
fn word_end(text: &str, at: usize, first: char) -> usize {
    if !(first.is_alphanumeric() || first == '&') {
        return at;
    }
    let mut end = at;
    let mut chars = text[at..].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let here = at + offset;
        let next = chars.peek().map(|&(_, next)| next);
        let inside = c.is_alphanumeric()
            || matches!(c, '+' | '#' | '&')
            || matches!(c, '-' | '\'' | '’' | '_') && next.is_some_and(char::is_alphanumeric)
            || c == '.' && next.is_some_and(|next| next.is_lowercase() || next.is_ascii_digit());
        if !inside {
            return here;
        }
        end = here + c.len_utf8();
    }
    end
}

/// What a sign between words separates.
fn separator(text: &str, at: usize, sign: char) -> Gap {
    match sign {
        ';' | '!' | '?' | '•' | '·' | '*' | '|' | '●' | '▪' | '◦' | '>' | '…' => Gap::Stop,
        '.' if ends_abbreviation(text, at) => Gap::Space,
        '.' => Gap::Stop,
        ':' => Gap::Colon,
        '–' | '—' => Gap::Dash,
        '-' => Gap::Dash,
        ',' => Gap::Comma,
        '/' => Gap::Slash,
        _ => Gap::Space,
    }
}

/// `e.g.`, `i.e.`, `vs.`, and `etc.` before a sentence goes on.
fn ends_abbreviation(text: &str, stop: usize) -> bool {
    let before = text[..stop].rsplit(|c: char| !(c.is_alphanumeric() || c == '.')).next().unwrap_or_default();
    let goes_on = text[stop + 1..].trim_start().starts_with(|c: char| c.is_lowercase() || matches!(c, ',' | ')'));
    matches!(before.to_ascii_lowercase().as_str(), "e.g" | "i.e" | "vs" | "no" | "st") || before == "etc" && goes_on
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[(&str, Gap)]) {
        let words = Words::of(text);
        let found: Vec<_> = (0..words.list().len()).map(|i| (words.written(i), words.list()[i].gap)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn signs_separate_by_their_weight() {
        check(
            "Write C++, e.g. tools; ship e2e-tests. Rest/eat",
            &[
                ("Write", Gap::Space),
                ("C++", Gap::Space),
                ("e.g", Gap::Comma),
                ("tools", Gap::Space),
                ("ship", Gap::Stop),
                ("e2e-tests", Gap::Space),
                ("Rest", Gap::Stop),
                ("eat", Gap::Slash),
            ],
        );
    }

    proptest! {
        #[test]
        fn words_lie_in_order_inside_any_text(text in "\\PC{0,80}") {
            let words = Words::of(&text);
            let mut last = 0;
            for (index, word) in words.list().iter().enumerate() {
                prop_assert!(word.start >= last && word.end > word.start);
                prop_assert_eq!(words.written(index).to_ascii_lowercase(), words.lower(index));
                last = word.end;
            }
        }
    }
}
