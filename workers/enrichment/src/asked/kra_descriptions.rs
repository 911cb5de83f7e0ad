//! The responsibilities in few words: a model words the themes that the built-in engine found.
//!
//! A wording is believed when it says nothing that the theme's own statements do not: see [`Said`].

mod said;

use contract::{Adjudicator, Assessed, KraDescription, ModelUse};
use model::{ModelError, Question, Session};
use schemars::JsonSchema;
use serde::Deserialize;
use std::fmt::Write as _;

use crate::client::kras::{self, DESCRIPTION, TITLE};
use crate::client::nature;
use crate::view::View;
use said::Said;

/// The most themes of the question.
const THEMES: usize = 12;
/// The most scalars of a theme that are shown.
const SHOWN: usize = 420;
/// A description of fewer words says nothing.
const FEWEST_WORDS: usize = 3;
/// What is added to the method where a model worded any theme.
const METHOD: &str = ", or, where it says so, worded by a language model in nothing but their words";

/// The answer that is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
struct Answer {
    #[schemars(length(max = 12))]
    themes: Vec<Wording>,
}

/// One theme in few words.
#[derive(Debug, Deserialize, JsonSchema)]
struct Wording {
    /// Its number on the list.
    #[schemars(range(min = 1, max = 12))]
    number: u32,
    #[schemars(length(max = 80))]
    title: String,
    #[schemars(length(max = 300))]
    description: String,
}

/// Words the themes.
pub(super) async fn describe(
    view: &View<'_>,
    session: &mut Session<'_>,
    assessed: &mut Assessed<Vec<KraDescription>>,
) -> Result<(), ModelError> {
    let Some(themes) = &mut assessed.value else { return Ok(()) };
    let statements = statements(view, themes);
    let question = Question::<Answer>::new(ModelUse::KraDescriptions).show("themes", shown(&statements));
    let Some(answer) = session.ask(question).await? else { return Ok(()) };
    let (wordings, dropped) = believe(&statements, &answer);
    session.dropped(dropped);
    if !wordings.is_empty() {
        assessed.method.push_str(METHOD);
    }
    for (theme, title, description) in wordings {
        let theme = &mut themes[theme];
        (theme.title, theme.description, theme.by) = (title, description, Adjudicator::Model);
    }
    Ok(())
}

/// The statements of each theme, contacts blanked.
fn statements(view: &View<'_>, themes: &[KraDescription]) -> Vec<Vec<String>> {
    let text: Vec<char> = model::posting(view.parse).chars().collect();
    let words = |start: u32, end: u32| {
        let words: String = text.get(start as usize..end as usize).unwrap_or_default().iter().collect();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let of_theme =
        |theme: &KraDescription| theme.spans.iter().map(|span| words(span.start, span.end)).collect();
    themes.iter().take(THEMES).map(of_theme).collect()
}

/// The themes as the model is shown them, each with its number.
fn shown(statements: &[Vec<String>]) -> String {
    let mut shown = String::new();
    for (place, theme) in statements.iter().enumerate() {
        let words: String = theme.join(" / ").chars().take(SHOWN).collect();
        writeln!(shown, "{}. {words}", place + 1).ok();
    }
    shown.trim_end().to_owned()
}

/// The wordings that a theme's statements entail, with the theme's place; and how many they do not.
fn believe(statements: &[Vec<String>], answer: &Answer) -> (Vec<(usize, String, String)>, usize) {
    let mut believed: Vec<(usize, String, String)> = Vec::new();
    let mut dropped = 0;
    for wording in &answer.themes {
        let place = (wording.number as usize).checked_sub(1);
        let fresh = place.filter(|place| believed.iter().all(|(known, _, _)| known != place));
        let worded = fresh.and_then(|place| {
            let (title, description) = worded(statements.get(place)?, wording)?;
            Some((place, title, description))
        });
        match worded {
            Some(worded) => believed.push(worded),
            None => dropped += 1,
        }
    }
    (believed, dropped)
}

/// A title and a description as the built-in engine writes them, if they may be believed.
fn worded(statements: &[String], wording: &Wording) -> Option<(String, String)> {
    let said = Said::of(statements);
    let (title, description) = (wording.title.trim(), wording.description.trim());
    let title_words = title.split_whitespace().count();
    let words = description.split_whitespace().count();
    let fits = (1..=TITLE).contains(&title_words) && (FEWEST_WORDS..=DESCRIPTION).contains(&words);
    let is_believed = fits
        && said.entails_title(title)
        && said.entails(description)
        && said.denies_as(description)
        && begins_with_a_verb(statements, description);
    is_believed.then(|| (kras::capitalised(title), kras::as_description(description)))
}

/// Whether the first word is a known verb, or one that a statement begins with.
fn begins_with_a_verb(statements: &[String], description: &str) -> bool {
    let Some(first) = text::lower_words(description).next() else { return false };
    let opens = |statement: &String| {
        text::lower_words(kras::body(statement)).next().is_some_and(|word| said::same_stem(&word, &first))
    };
    nature::is_verb(&first) || statements.iter().any(opens)
}

#[cfg(test)]
mod tests;
