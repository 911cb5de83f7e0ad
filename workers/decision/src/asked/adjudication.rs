//! Which of the roles that are tied or in conflict it is.
//!
//! A model is asked twice, the second time with the roles in the opposite order: what depends on the order is no reason.

use contract::{Adjudication, Adjudicator, ModelUse, Parse, Slug, Span};
use library::Library;
use model::{ModelError, Question, Session};
use schemars::JsonSchema;
use serde::Deserialize;
use std::fmt::Write as _;

use super::statements::Statements;
use crate::finding::Finding;
use crate::settle::{SURE_ENOUGH, Settled};

/// What a model says when it is none of the roles.
const NONE: &str = "NONE";
/// With fewer quotes a choice is not supported.
const FEWEST_QUOTES: usize = 2;
/// The most scalars of the paragraph that says what a role is.
const PARAGRAPH: usize = 240;
/// The most key result areas that are shown of a role.
const KRAS: usize = 5;
/// The most scalars that are shown of one.
const KRA: usize = 110;
/// The most core skills that are shown of a role.
const SKILLS: usize = 10;

/// The answer that is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
struct Choice {
    #[schemars(length(max = 80))]
    role: String,
    #[schemars(range(min = 0.0, max = 1.0))]
    confidence: f32,
    #[schemars(length(max = 4), inner(length(max = 300)))]
    quotes: Vec<String>,
}

/// What is believed of an answer.
#[derive(Clone, Debug, PartialEq)]
struct Word {
    /// None when it is none of the roles.
    role: Option<Slug>,
    /// 0 to 1.
    confidence: f32,
    /// Distinct places of the posting.
    quotes: Vec<Span>,
}

/// Settles a tie by a model's word; none where the vote is to do it.
pub(super) async fn settle(
    session: &mut Session<'_>,
    library: &Library,
    parse: &Parse,
    finding: &Finding<'_>,
) -> Result<Option<Settled>, ModelError> {
    let statements = Statements::of(parse);
    if statements.is_empty() {
        return Ok(None);
    }
    let mut cohort = finding.cohort();
    let Some(first) = ask(session, library, &statements, &cohort).await? else { return Ok(None) };
    if let Some(why) = first.shortcoming() {
        return Ok(Some(settled(&cohort, Err(why), &[first])));
    }
    cohort.reverse();
    let second = ask(session, library, &statements, &cohort).await?;
    cohort.reverse();
    let Some(second) = second else { return Ok(None) };
    let verdict = agreed(&first, &second);
    Ok(Some(settled(&cohort, verdict, &[first, second])))
}

async fn ask(
    session: &mut Session<'_>,
    library: &Library,
    statements: &Statements,
    cohort: &[&str],
) -> Result<Option<Word>, ModelError> {
    let question = Question::<Choice>::new(ModelUse::Adjudication)
        .show("posting", statements.shown())
        .show("roles", roles(library, cohort))
        .allow("role", cohort.iter().copied().chain([NONE]));
    let Some(choice) = session.ask(question).await? else { return Ok(None) };
    let (word, dropped) = believe(statements, cohort, &choice);
    session.dropped(dropped);
    Ok(Some(word))
}

/// What each role is, does and knows.
fn roles(library: &Library, cohort: &[&str]) -> String {
    let mut shown = String::new();
    for role in cohort.iter().filter_map(|slug| library.role_named(slug)).map(|id| library.role(id)) {
        let kras: Vec<&str> = role.kras.iter().take(KRAS).map(|kra| cut(kra, KRA)).collect();
        let core = role.core.iter().take(SKILLS);
        let skills: Vec<&str> = core.map(|&skill| library.skill(skill).name.as_str()).collect();
        writeln!(
            shown,
            "{}: {}\nis: {}\ndoes: {}\nknows: {}\n",
            role.slug,
            role.name,
            cut(&role.text, PARAGRAPH),
            kras.join("; "),
            skills.join(", ")
        )
        .ok();
    }
    shown.trim_end().to_owned()
}

/// The whole words of a text's first scalars.
fn cut(words: &str, most: usize) -> &str {
    match words.char_indices().nth(most) {
        None => words,
        Some((end, _)) => words[..end].rsplit_once(' ').map_or(&words[..end], |(whole, _)| whole),
    }
}

/// What an answer says, without what nothing supports; and how much that was.
fn believe(statements: &Statements, cohort: &[&str], choice: &Choice) -> (Word, usize) {
    let role = cohort.contains(&choice.role.as_str()).then(|| choice.role.clone());
    let is_offered = role.is_some() || choice.role == NONE;
    let is_share = (0.0..=1.0).contains(&choice.confidence);
    let (quotes, without_place) = statements.places(choice.quotes.iter().map(String::as_str));
    let dropped = usize::from(!is_offered) + usize::from(!is_share) + without_place;
    (Word { role, confidence: if is_share { choice.confidence } else { 0.0 }, quotes }, dropped)
}

impl Word {
    /// Why it settles nothing.
    fn shortcoming(&self) -> Option<String> {
        if self.role.is_none() {
            Some("the language model takes it for none of them".to_owned())
        } else if self.confidence < SURE_ENOUGH {
            Some("the language model is not sure enough".to_owned())
        } else if self.quotes.len() < FEWEST_QUOTES {
            Some("the language model supports its choice by too few words of the posting".to_owned())
        } else {
            None
        }
    }
}

/// The role of two words that say the same; else why there is none.
fn agreed(first: &Word, second: &Word) -> Result<Slug, String> {
    if let Some(why) = second.shortcoming() {
        return Err(format!("with the roles in the opposite order {why}"));
    }
    match &first.role {
        Some(role) if first.role == second.role => Ok(role.clone()),
        Some(_) | None => {
            Err("the language model chooses another when the roles change their order".to_owned())
        }
    }
}

fn settled(cohort: &[&str], verdict: Result<Slug, String>, words: &[Word]) -> Settled {
    let mut quotes: Vec<Span> = words.iter().flat_map(|word| word.quotes.iter().cloned()).collect();
    quotes.sort_unstable();
    quotes.dedup();
    let confidence = words.iter().map(|word| word.confidence).fold(1.0, f32::min);
    let (answer, why_not) = match verdict {
        Ok(role) => (Some(role), None),
        Err(why) => (None, Some(why)),
    };
    let adjudication = Adjudication {
        by: Adjudicator::Model,
        cohort: cohort.iter().map(|&role| role.to_owned()).collect(),
        answer,
        confidence: contract::rounded(confidence),
        quotes,
    };
    Settled { adjudication, why_not }
}

#[cfg(test)]
mod tests;
