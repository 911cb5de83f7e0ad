//! What a posting says of the work and asks of the person: the part of it that a model is shown here, and may quote.

use contract::{ItemKind, Parse, Section, Span};
use model::Quotes;

/// The most scalars of a posting that are shown.
const SHOWN: usize = 6_000;
/// A quote without a word of so many letters says nothing.
const LETTERS: usize = 4;

/// The responsibilities and requirements of a posting, contacts blanked, in its order; as many as may be shown.
pub(super) struct Statements {
    quotes: Quotes,
    /// Each with its first scalar and one past the last.
    ranges: Vec<(u32, u32)>,
    contacts: Vec<(u32, u32)>,
    shown: String,
}

impl Statements {
    pub(super) fn of(parse: &Parse) -> Self {
        let text: Vec<char> = model::posting(parse).chars().collect();
        let mut ranges = Vec::new();
        let mut shown = String::new();
        let mut left = SHOWN;
        for item in &parse.items {
            let is_one = matches!(item.kind, ItemKind::Responsibility | ItemKind::Requirement);
            let section = parse.sections.get(item.section as usize);
            if !is_one || section.is_some_and(asks_nothing) {
                continue;
            }
            let Some(words) = text.get(item.start as usize..item.end as usize) else { continue };
            let Some(rest) = left.checked_sub(words.len()) else { break };
            left = rest;
            ranges.push((item.start, item.end));
            shown.extend(words.iter().map(|&c| if c.is_whitespace() { ' ' } else { c }));
            shown.push('\n');
        }
        let contacts = parse.fields.contact.iter().flat_map(|contact| contact.evidence.spans());
        Self {
            quotes: Quotes::of(&parse.text),
            ranges,
            contacts: contacts.map(|span| (span.start, span.end)).collect(),
            shown,
        }
    }

    /// One a line.
    pub(super) fn shown(&self) -> &str {
        self.shown.trim_end()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The places of quotes: each the first within a statement that no quote before it has; none for words that say nothing,
    /// stand elsewhere or name a contact. With the number of quotes that have no place.
    pub(super) fn places<'q>(&self, quotes: impl IntoIterator<Item = &'q str>) -> (Vec<Span>, usize) {
        let mut places: Vec<Span> = Vec::new();
        let mut dropped = 0;
        for quote in quotes {
            let says = text::lower_words(quote).any(|word| word.chars().count() >= LETTERS);
            let place = says.then(|| self.quotes.all(quote)).into_iter().flatten().find(|span| {
                let meets = |&(start, end): &(u32, u32)| span.start < end && start < span.end;
                self.ranges.iter().any(|&(start, end)| start <= span.start && span.end <= end)
                    && !self.contacts.iter().any(meets)
                    && !places.iter().any(|place| meets(&(place.start, place.end)))
            });
            match place {
                Some(place) => places.push(place),
                None => dropped += 1,
            }
        }
        (places, dropped)
    }
}

fn asks_nothing(section: &Section) -> bool {
    section.kind.asks_nothing()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asked::given;

    #[test]
    fn a_quote_is_believed_where_work_is_described_and_no_contact_is_named() {
        let parse = given::parse();
        let statements = Statements::of(&parse);
        let (places, dropped) = statements.places([
            "keep the hives of four orchards",
            "KEEP the  hives",                 // within the first
            "Ask Ada Wren",                    // a contact
            "we have kept bees since",         // about the company
            "keep the hives of five orchards", // nowhere
            "for 3",                           // says nothing
        ]);
        assert_eq!((places.len(), dropped), (1, 5), "{places:?}");
        assert_eq!(places[0].quote, "Keep the hives of four orchards");
    }

    #[test]
    fn the_same_words_twice_are_two_places_and_no_more() {
        let parse = given::parse();
        let (places, dropped) = Statements::of(&parse).places(["wax moths", "wax moths", "wax moths"]);
        assert_eq!((places.len(), dropped), (2, 1), "{places:?}");
    }

    #[test]
    fn contacts_are_blanked_and_what_asks_nothing_is_not_shown() {
        let parse = given::parse();
        let statements = Statements::of(&parse);
        assert!(statements.shown().contains("Ask ### ####"), "{}", statements.shown());
        assert!(!statements.shown().contains("since 1961"), "{}", statements.shown());
    }

    #[test]
    fn a_long_posting_is_shown_up_to_the_bound() {
        let mut parse = given::parse();
        parse.text = "Move the hives at night\n".repeat(1_000);
        parse.items = (0..1_000)
            .map(|n| contract::Item { start: n * 24, end: n * 24 + 23, ..parse.items[1].clone() })
            .collect();
        let statements = Statements::of(&parse);
        assert!(statements.shown().chars().count() < SHOWN + 400);
        assert!(!statements.is_empty());
    }
}
