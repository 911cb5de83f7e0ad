//! Cutting words into the pieces that the embedding table has rows for.

use std::collections::HashMap;

/// Greedy longest-match word pieces over an uncased BERT vocabulary.
pub(crate) struct WordPieces {
    /// Pieces that begin a word.
    initial: HashMap<&'static str, u32>,
    /// Pieces that continue one, without their `##`.
    inner: HashMap<&'static str, u32>,
    longest: usize,
}

/// A word of more characters has no pieces: it is a key, a hash or a joke.
const LONGEST_WORD: usize = 100;

impl WordPieces {
    pub(crate) fn new(vocabulary: &'static str) -> Self {
        let mut pieces = Self {
            initial: HashMap::with_capacity(32_000),
            inner: HashMap::with_capacity(8_000),
            longest: 0,
        };
        for (id, piece) in (0u32..).zip(vocabulary.lines()) {
            pieces.longest = pieces.longest.max(piece.len());
            match piece.strip_prefix("##") {
                Some(inner) => pieces.inner.insert(inner, id),
                None => pieces.initial.insert(piece, id),
            };
        }
        pieces
    }

    /// Calls `take` with the id of every piece of the text.
    pub(crate) fn each(&self, text: &str, mut take: impl FnMut(u32)) {
        let lower = text.to_lowercase();
        for word in lower.split_whitespace() {
            let mut rest = word;
            while let Some(first) = rest.chars().next() {
                let end = if first.is_alphanumeric() {
                    rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())
                } else {
                    first.len_utf8()
                };
                self.word(&rest[..end], &mut take);
                rest = &rest[end..];
            }
        }
    }

    fn word(&self, word: &str, take: &mut impl FnMut(u32)) {
        if word.len() > LONGEST_WORD {
            return;
        }
        let mut found = [0u32; LONGEST_WORD];
        let (mut count, mut at) = (0, 0);
        while at < word.len() {
            let pieces = if at == 0 { &self.initial } else { &self.inner };
            let mut end = word.len().min(at + self.longest);
            let id = loop {
                if end <= at {
                    // A word with an unknown part is unknown as a whole, as in the vocabulary's own tokenizer.
                    return;
                }
                if word.is_char_boundary(end)
                    && let Some(&id) = pieces.get(&word[at..end])
                {
                    break id;
                }
                end -= 1;
            };
            found[count] = id;
            count += 1;
            at = end;
        }
        found[..count].iter().for_each(|&id| take(id));
    }
}
