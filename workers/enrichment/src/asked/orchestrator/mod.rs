//! A place for the unknown skills that the vote of their neighbours left open.
//!
//! A model chooses among what the library has: it is shown a list of dimensions, a list of categories, and for each skill the
//! few library skills whose names are like its own. It states no fact of a skill.

mod believe;
mod meaning;
mod offer;
mod place;

use contract::{ModelUse, SkillDetail, SkillType};
use model::{ModelError, Question, Session};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::orchestrator::Orchestrator;
use crate::view::View;
use believe::believe;
use meaning::Meaning;
use offer::{Candidates, Offer};

/// The most skills of one question.
const SKILLS: usize = 16;
/// The most questions of one posting.
const QUESTIONS: usize = 3;

/// The answer that is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
struct Answer {
    #[schemars(length(max = 16))]
    skills: Vec<Place>,
}

/// Where one skill belongs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
struct Place {
    /// Its number on the list.
    #[schemars(range(min = 1, max = 16))]
    number: u32,
    skill_type: Option<SkillType>,
    #[schemars(length(max = 80))]
    category: Option<String>,
    #[schemars(length(max = 80))]
    dimension: Option<String>,
    #[schemars(length(max = 80))]
    alias_of: Option<String>,
    #[schemars(range(min = 0.0, max = 1.0))]
    confidence: f32,
}

/// Asks for the skills that are open, a few at a time.
pub(super) async fn place(
    view: &View<'_>,
    orchestrator: &Orchestrator,
    session: &mut Session<'_>,
    details: &mut [SkillDetail],
) -> Result<(), ModelError> {
    if !session.is_on(ModelUse::Orchestrator) {
        return Ok(());
    }
    let candidates = Candidates::of(view, orchestrator, details, SKILLS * QUESTIONS);
    let (names, dimensions) = candidates.names(view.library);
    let vectors = session.embed(&names).await?;
    let meaning = Meaning::of(view.embedder, names, dimensions, vectors);
    for group in candidates.open.chunks(SKILLS) {
        let offer = Offer::of(view.library, &candidates, &meaning, group);
        let question = Question::<Answer>::new(ModelUse::Orchestrator)
            .show("skills", offer.skills(view.library))
            .show("dimensions", offer.dimensions(view.library))
            .show("categories", offer.categories(view.library))
            .allow("dimension", offer.dimension_slugs(view.library))
            .allow("category", offer.category_slugs(view.library))
            .allow("alias_of", offer.alias_slugs(view.library));
        let Some(answer) = session.ask(question).await? else { return Ok(()) };
        let (placings, dropped) = believe(view.library, &offer, &answer);
        session.dropped(dropped);
        for (skill, placing) in placings {
            place::place(view, &mut details[skill], &placing);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
