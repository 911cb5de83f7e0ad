//! Writing what is believed into a skill's entry.

use contract::{
    Adjudicator, DimensionProposal, Neighbour, Reconciliation, SkillDetail, SkillDimension, SkillFacts,
    SkillProfile, rounded,
};
use library::SkillId;

use super::believe::Placing;
use crate::client::maturity;
use crate::orchestrator::{BY_A_SECOND_POSTING, dimensions_of, profile_of, profile_of_type};
use crate::view::View;

/// What a reviewer should know.
const BY_A_MODEL: &str = "placed by a language model";

/// Fills what the vote left open.
pub(super) fn place(view: &View<'_>, detail: &mut SkillDetail, placing: &Placing) {
    match *placing {
        Placing::Alias(id, likeness) => as_alias(view, detail, id, likeness),
        Placing::Place { skill_type, category, dimension, is_held_back, confidence } => {
            if let Some(skill_type) = skill_type {
                let SkillProfile { skill_type, nature, .. } = profile_of_type(skill_type);
                detail.profile = SkillProfile { skill_type, nature, ..std::mem::take(&mut detail.profile) };
            }
            if let Some(category) = category.filter(|_| detail.profile.category.is_none()) {
                let category = &view.library.categories()[category as usize];
                let mut subs = category.subs.keys();
                detail.profile.category = Some(category.slug.clone());
                // One of several is not the model's to choose: it was not shown them.
                detail.profile.sub_category = subs.next().filter(|_| subs.next().is_none()).cloned();
            }
            if let Some(dimension) = dimension {
                in_dimension(view, detail, dimension, rounded(confidence));
            }
            if is_held_back {
                warn(detail, BY_A_SECOND_POSTING);
            }
        }
    }
    warn(detail, BY_A_MODEL);
    if let Some(orchestration) = &mut detail.orchestration {
        orchestration.by = Adjudicator::Model;
    }
}

/// As a misspelt skill: its own entry says what it is.
fn as_alias(view: &View<'_>, detail: &mut SkillDetail, id: SkillId, likeness: f32) {
    detail.profile = profile_of(view.library, id);
    detail.dimensions = dimensions_of(view.library, id);
    if let Some(orchestration) = &mut detail.orchestration {
        let slug = view.library.skill(id).slug.clone();
        orchestration.alias_of = Some(Neighbour { slug, similarity: rounded(likeness) });
        orchestration.proposals.clear();
        let is_ambiguous = orchestration.facts.is_ambiguous;
        orchestration.facts = SkillFacts { is_ambiguous, ..maturity::facts_of(view, id) };
    }
}

fn in_dimension(view: &View<'_>, detail: &mut SkillDetail, dimension: u32, confidence: f32) {
    let dimension = &view.library.dimensions()[dimension as usize];
    detail.dimensions = vec![SkillDimension {
        slug: Some(dimension.slug.clone()),
        display_name: dimension.name.clone(),
        is_primary: true,
        reconciliation: Some(Reconciliation::Merge),
        confidence,
    }];
    if let Some(orchestration) = &mut detail.orchestration {
        // What the library has need not be made.
        orchestration.proposals = vec![DimensionProposal {
            display_name: dimension.name.clone(),
            reconciliation: Reconciliation::Merge,
            into: vec![dimension.slug.clone()],
            confidence,
        }];
    }
}

fn warn(detail: &mut SkillDetail, warning: &str) {
    if let Some(orchestration) = &mut detail.orchestration
        && orchestration.warnings.iter().all(|known| known != warning)
    {
        orchestration.warnings.push(warning.to_owned());
    }
}
