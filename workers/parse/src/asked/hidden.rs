//! Skills that stand in the text under no name that the library has.

use contract::{ModelUse, Parse};
use library::Library;
use model::{ModelError, Question, Session};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Words;
use crate::apart::Apart;
use crate::skills::{self, Named, Place};

/// The most names of known skills that are shown.
const MOST_SHOWN: usize = 120;

/// What a model names.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Hidden {
    #[schemars(length(max = 20))]
    pub(super) skills: Vec<Name>,
}

/// One skill.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Name {
    #[schemars(length(max = 80))]
    pub(super) name: String,
    #[schemars(length(max = 300))]
    pub(super) quote: String,
}

/// The places of all skills with those that are believed; none where nothing was asked or nothing came of it.
pub(super) async fn ask(
    apart: &Apart,
    parse: &Parse,
    library: &Library,
    text: &str,
    session: &mut Session<'_>,
) -> Result<Option<Vec<Place>>, ModelError> {
    let known: Vec<&str> =
        parse.skills.iter().map(|skill| skill.skill_name.as_str()).take(MOST_SHOWN).collect();
    let question = Question::<Hidden>::new(ModelUse::HiddenSkills)
        .show("skills already found", known.join(", "))
        .show("posting", text);
    let Some(answer) = session.ask(question).await? else { return Ok(None) };
    let (places, dropped) = believe(apart, library, &answer);
    session.dropped(dropped);
    Ok((places.len() > apart.places.len()).then_some(places))
}

/// The places of all skills, with those of every name that stands in its quote, and how many names were dropped. A name that is known
/// already says nothing new and nothing wrong: it is not counted.
pub(super) fn believe(apart: &Apart, library: &Library, answer: &Hidden) -> (Vec<Place>, usize) {
    let posting = apart.posting();
    let words = Words::of(&posting, apart);
    let mut places = apart.places.clone();
    let mut dropped = 0;
    for Name { name, quote } in &answer.skills {
        let name = skills::bare(name);
        let ranges = words.all(name);
        let is_quoted = words.all(quote).into_iter().any(|quote| {
            let states = !posting.kind_at(quote.start).asks_nothing();
            states && ranges.iter().any(|range| quote.start <= range.start && range.end <= quote.end)
        });
        let named = if is_quoted {
            skills::add(&posting, library, &apart.fields, &mut places, name, &ranges)
        } else {
            Named::Refused
        };
        dropped += usize::from(named == Named::Refused);
    }
    (places, dropped)
}
