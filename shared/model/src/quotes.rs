//! Quote or drop: whether the text has the words that an answer quotes.

use contract::Span;

/// A text in which quotes are looked up. A quote is found when the text has its words in their order; white space, letter case and
/// the form of quotation marks, dashes and apostrophes may differ. What is found is quoted as the text has it.
#[derive(Clone, Debug)]
pub struct Quotes {
    text: Vec<char>,
    /// The text folded for comparison, and for each of its scalars the one of the text that it comes from.
    folded: Vec<char>,
    places: Vec<u32>,
}

impl Quotes {
    /// Prepares a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text: Vec<char> = text.chars().collect();
        let (folded, places) = fold(text.iter().copied());
        Self { text, folded, places }
    }

    /// Every place where the text has the words, in order; none where it has not, or they are but white space.
    #[must_use]
    pub fn all(&self, quote: &str) -> Vec<Span> {
        let (mut words, _) = fold(quote.chars());
        while words.last() == Some(&' ') {
            words.pop();
        }
        if words.first() == Some(&' ') {
            words.remove(0);
        }
        if !words.iter().any(|c| c.is_alphanumeric()) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = self.folded[from..].windows(words.len()).position(|window| window == words) {
            let (start, last) = (from + at, from + at + words.len() - 1);
            if self.is_whole(start, last) {
                found.push(self.span(self.places[start], self.places[last] + 1));
                from = last + 1;
            } else {
                from = start + 1;
            }
        }
        found
    }

    /// The first place where the text has the words.
    #[must_use]
    pub fn first(&self, quote: &str) -> Option<Span> {
        self.all(quote).into_iter().next()
    }

    /// The wire's span of a range of scalars.
    #[must_use]
    pub fn span(&self, start: u32, end: u32) -> Span {
        Span { start, end, quote: self.text[start as usize..end as usize].iter().collect() }
    }

    /// Whether the words are whole: no letter or digit of the text goes on before or behind them.
    fn is_whole(&self, start: usize, last: usize) -> bool {
        let goes_on = |a: Option<&char>, b: Option<&char>| {
            a.zip(b).is_some_and(|(a, b)| a.is_alphanumeric() && b.is_alphanumeric())
        };
        let before = start.checked_sub(1).and_then(|before| self.folded.get(before));
        !goes_on(before, self.folded.get(start)) && !goes_on(self.folded.get(last), self.folded.get(last + 1))
    }
}

/// Lower case, one space for any white space, plain marks; with the place of each scalar.
fn fold(text: impl Iterator<Item = char>) -> (Vec<char>, Vec<u32>) {
    let (mut folded, mut places) = (Vec::new(), Vec::new());
    for (place, c) in text.enumerate() {
        let plain = match c {
            '‘' | '’' | '‚' | '′' | '`' => '\'',
            '“' | '”' | '„' | '″' => '"',
            '‐' | '‑' | '‒' | '–' | '—' => '-',
            c if c.is_whitespace() => ' ',
            // One that has no single lower-case form stays as it is: places must not shift.
            c => {
                let mut lower = c.to_lowercase();
                match (lower.next(), lower.next()) {
                    (Some(lower), None) => lower,
                    (_, _) => c,
                }
            }
        };
        if plain == ' ' && folded.last() == Some(&' ') {
            continue;
        }
        folded.push(plain);
        places.push(place as u32);
    }
    (folded, places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_case_and_white_space_may_differ_and_words_may_not() {
        let quotes = Quotes::of("We’re  hiring:\na “C++” developer – remote.");
        let found = quotes.first("we're hiring: a \"c++\" DEVELOPER - remote").unwrap();
        assert_eq!(found.quote, "We’re  hiring:\na “C++” developer – remote");
        assert!(quotes.first("hiring a C++ developer").is_none());
        assert!(quotes.first("develop").is_none(), "half a word is no quote");
        assert!(quotes.first(" \n").is_none() && quotes.first("").is_none() && quotes.first("–").is_none());
    }

    #[test]
    fn all_places_are_found() {
        let places: Vec<u32> =
            Quotes::of("Go, go; ergo Go").all("go").iter().map(|span| span.start).collect();
        assert_eq!(places, [0, 4, 13]);
    }

    proptest! {
        #[test]
        fn a_span_quotes_what_stands_there(text in "[a-zA-ZİßéE’ \n\"–]{0,60}", quote in "[a-zé' ]{1,4}") {
            let scalars: Vec<char> = text.chars().collect();
            for span in Quotes::of(&text).all(&quote) {
                let there: String = scalars[span.start as usize..span.end as usize].iter().collect();
                prop_assert_eq!(&there, &span.quote);
                prop_assert_eq!(fold(there.trim().chars()).0, fold(quote.trim().chars()).0);
            }
        }
    }
}
