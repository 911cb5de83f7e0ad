//! What the stage asks of a language model: which role the posting as a whole speaks of.
//!
//! Its word counts for half of the domain signal, and only when the posting has the words that it quotes, in two statements of
//! different places that say something about the job.

use contract::{Adjudicator, ModelUse, Parse, SectionKind, Signals};
use library::Library;
use model::{ModelError, Question, Quotes, Session};
use schemars::JsonSchema;
use serde::Deserialize;
use std::ops::Range;
use text::Text;

use crate::domain;

/// How many roles are shown: those that the built-in engine gives most.
const SHOWN: usize = 20;
/// The most of a role's description that is shown, in scalars.
const LONGEST_LINE: usize = 110;
/// How many quotes have to hold.
const LEAST_QUOTES: usize = 2;
/// A quote of fewer words describes nothing.
const LEAST_WORDS: u32 = 3;

/// What a model says.
#[derive(Debug, Deserialize, JsonSchema)]
struct Word {
    /// One of the roles that were shown.
    #[schemars(length(max = 80))]
    role: String,
    #[schemars(range(min = 0.0, max = 1.0))]
    confidence: f32,
    #[schemars(length(min = 2, max = 3), inner(length(max = 300)))]
    quotes: Vec<String>,
}

/// Mixes a model's word into the domain signal, where it is believed.
pub(crate) async fn domain(
    parse: &Parse,
    library: &Library,
    signals: &mut Signals,
    session: &mut Session<'_>,
) -> Result<(), ModelError> {
    let offered: Vec<String> = signals.domain.iter().take(SHOWN).map(|score| score.slug.clone()).collect();
    let lines: Vec<String> = offered.iter().filter_map(|slug| line(library, slug)).collect();
    let question = Question::<Word>::new(ModelUse::Domain)
        .show("roles", lines.join("\n"))
        .show("posting", model::posting(parse))
        .allow("role", offered.iter().map(String::as_str));
    let Some(word) = session.ask(question).await? else { return Ok(()) };
    if believe(parse, &offered, &word) {
        signals.domain = domain::mixed(std::mem::take(&mut signals.domain), &word.role, word.confidence);
        signals.notes.domain_by = Adjudicator::Model;
    } else {
        session.dropped(1);
    }
    Ok(())
}

/// A role in one line.
fn line(library: &Library, slug: &str) -> Option<String> {
    let role = library.role(library.role_named(slug)?);
    let sentence = role.text.split_inclusive(". ").next().unwrap_or_default();
    let short: String = sentence.trim().chars().take(LONGEST_LINE).collect();
    Some(format!("{slug}: {}. {short}", role.name))
}

/// Whether a word is about an offered role and enough of its quotes hold.
fn believe(parse: &Parse, offered: &[String], word: &Word) -> bool {
    let text = Text::heard(parse.text.clone());
    let quotes = Quotes::of(&parse.text);
    let mut statements: Vec<usize> = Vec::new();
    for quote in word.quotes.iter().filter(|quote| text::word_count(quote) >= LEAST_WORDS) {
        let places = quotes.all(quote).into_iter().map(|span| span.start..span.end);
        // Of several places, one in a statement that no other quote has.
        let mut found = places.filter_map(|place| statement(parse, &text, &place));
        statements.extend(found.find(|statement| !statements.contains(statement)));
    }
    offered.contains(&word.role) && (0.0..=1.0).contains(&word.confidence) && statements.len() >= LEAST_QUOTES
}

/// The statement that a place lies in; none where it says nothing about the work: in a title, where nothing is asked, in words to a
/// machine, or with somebody's name in it.
fn statement(parse: &Parse, text: &Text, place: &Range<u32>) -> Option<usize> {
    let mut contacts = parse.fields.contact.iter().flat_map(|contact| contact.evidence.spans());
    let is_contact = contacts.any(|contact| contact.start < place.end && place.start < contact.end);
    let heard = text.range(place.clone()).filter(|_| !is_contact);
    let (index, item) = parse
        .items
        .iter()
        .enumerate()
        .find(|(_, item)| item.start <= place.start && place.start < item.end)
        .filter(|_| heard.is_some())?;
    let kind = parse.sections.get(item.section as usize)?.kind;
    (!kind.asks_nothing() && kind != SectionKind::Title && kind != SectionKind::Hashtags).then_some(index)
}

#[cfg(test)]
mod tests;
