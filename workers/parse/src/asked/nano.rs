//! Fields that the built-in readers left open.

use contract::{Fields, ModelUse};
use library::Library;
use model::{ModelError, Question, Session};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Words;
use crate::apart::Apart;
use crate::fields::{self, Open};

/// What a model fills in.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Filled {
    #[schemars(length(max = 16))]
    pub(super) fields: Vec<Entry>,
}

/// One field.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Entry {
    /// One of those that are open.
    #[schemars(length(max = 24))]
    pub(super) field: String,
    #[schemars(length(max = 120))]
    pub(super) value: String,
    #[schemars(length(max = 300))]
    pub(super) quote: String,
}

/// The fields with what is believed of the answer; none where nothing was asked or nothing came of it.
pub(super) async fn ask(
    apart: &Apart,
    library: &Library,
    text: &str,
    session: &mut Session<'_>,
) -> Result<Option<Fields>, ModelError> {
    let open = fields::open(&apart.fields);
    if open.is_empty() {
        return Ok(None);
    }
    let lines: Vec<String> = open.iter().map(|open| format!("{}: {}", open.name(), open.meaning())).collect();
    let question = Question::<Filled>::new(ModelUse::NanoParse)
        .show("open fields", lines.join("\n"))
        .show("posting", text)
        .allow("field", open.iter().map(|open| open.name()));
    let Some(answer) = session.ask(question).await? else { return Ok(None) };
    let (fields, dropped) = believe(apart, library, &answer);
    session.dropped(dropped);
    Ok((fields != apart.fields).then_some(fields))
}

/// The fields with every value that its quote states, and how many values were dropped.
pub(super) fn believe(apart: &Apart, library: &Library, answer: &Filled) -> (Fields, usize) {
    let posting = apart.posting();
    let words = Words::of(&posting, apart);
    let open = fields::open(&apart.fields);
    let mut believed = apart.fields.clone();
    let mut filled: Vec<Open> = Vec::new();
    let mut dropped = 0;
    for Entry { field, value, quote } in &answer.fields {
        let Some(&open) = open.iter().find(|open| open.name() == field) else {
            dropped += 1;
            continue;
        };
        // A job has one title, and may be done in several places.
        if filled.contains(&open) && open != Open::Location {
            continue;
        }
        let values = words.all(value);
        let is_taken = words.all(quote).into_iter().any(|quote| {
            let inside = values.iter().find(|at| quote.start <= at.start && at.end <= quote.end);
            fields::fill(&posting, library, &mut believed, open, value, inside.cloned(), quote)
        });
        if is_taken {
            filled.push(open);
        } else {
            dropped += 1;
        }
    }
    fields::settle(&posting, library, &mut believed, &filled);
    (believed, dropped)
}
