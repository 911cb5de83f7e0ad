//! What the stage asks of a language model: fields that the built-in readers left open, then skills that no alias names.
//!
//! A model only points at words. What it names counts when the text has the words that it quotes, and the built-in readers, run on
//! those very words, say the same; how strongly something is asked for, and where else it stands, they read for themselves.

mod hidden;
mod nano;
#[cfg(test)]
mod tests;

use contract::Parse;
use library::Library;
use model::{ModelError, Quotes, Session};
use std::ops::Range;

use crate::apart::Apart;
use crate::posting::Posting;

/// Asks whatever is on for the run, and reads again what depends on the answers.
pub(crate) async fn ask(
    apart: &mut Apart,
    parse: &mut Parse,
    library: &Library,
    session: &mut Session<'_>,
) -> Result<(), ModelError> {
    let text = model::posting(parse);
    if let Some(fields) = nano::ask(apart, library, &text, session).await? {
        apart.fields = fields;
        *parse = apart.parse(library);
    }
    if let Some(places) = hidden::ask(apart, parse, library, &text, session).await? {
        apart.places = places;
        *parse = apart.parse(library);
    }
    Ok(())
}

/// Where quoted words stand that may be believed.
struct Words<'p, 'a> {
    posting: &'p Posting<'a>,
    quotes: Quotes,
    /// Names and addresses of people, which were not shown.
    contacts: Vec<Range<u32>>,
}

impl<'p, 'a> Words<'p, 'a> {
    fn of(posting: &'p Posting<'a>, apart: &Apart) -> Self {
        let contacts = apart.fields.contact.iter().flat_map(|contact| contact.evidence.spans());
        let contacts = contacts.map(|span| span.start..span.end).collect();
        Self { posting, quotes: Quotes::of(&posting.text.whole()), contacts }
    }

    /// The places of some words in what is read, in order: none in what addresses a machine, none with a contact.
    fn all(&self, words: &str) -> Vec<Range<usize>> {
        let is_contact = |place: &Range<u32>| {
            self.contacts.iter().any(|contact| contact.start < place.end && place.start < contact.end)
        };
        self.quotes
            .all(words)
            .into_iter()
            .map(|span| span.start..span.end)
            .filter(|place| !is_contact(place))
            .filter_map(|place| self.posting.text.range(place))
            .collect()
    }
}
