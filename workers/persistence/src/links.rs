//! Which skill, dimension and role are to be linked, and in which words the older service said so.

use contract::{
    ConfidenceBand, Decision, Enrichment, LinkOutcome, LinkWish, Necessity, OutcomeWords, Parse, Polarity,
};
use library::{Library, Role, SkillId};
use std::collections::{BTreeSet, HashMap};

/// So many of a posting's wanted skills make a dimension part of what its role does.
const SKILLS_OF_A_DIMENSION: usize = 2;

/// One wish per skill and dimension, in the order of the skills.
pub(crate) fn wishes(
    library: &Library,
    parse: &Parse,
    decision: &Decision,
    enrichment: &Enrichment,
) -> Vec<LinkWish> {
    let chosen = decision.chosen_role.as_ref().and_then(|role| library.role_named(&role.slug));
    let role = chosen.map(|id| library.role(id));
    let standing = Standing { library, role, decision, asked_for: asked_for(library, parse) };
    let mut wishes = Vec::new();
    for detail in &enrichment.skills_detail {
        for dimension in &detail.dimensions {
            let (role_dimension, role_words) = standing.of_role(dimension.slug.as_deref());
            wishes.push(LinkWish {
                skill: detail.skill_name.clone(),
                skill_slug: detail.canonical_id.clone(),
                dimension: dimension.display_name.clone(),
                dimension_slug: dimension.slug.clone(),
                skill_dimension: match detail.canonical_id {
                    Some(_) => LinkOutcome::Unchanged,
                    None => LinkOutcome::NotSaved,
                },
                role_dimension,
                outcome: OutcomeWords {
                    skill: match (&detail.canonical_id, &dimension.slug) {
                        (Some(_), _) => "Existing dimension (library)",
                        (None, Some(_)) => "Existing dimension (library) · Skill↔dimension not saved — new skill (human review)",
                        (None, None) => "New dimension (proposed) · Skill↔dimension not saved — new skill (human review)",
                    },
                    role: role_words,
                },
            });
        }
    }
    wishes
}

/// What decides on the role's links.
struct Standing<'a> {
    library: &'a Library,
    role: Option<&'a Role>,
    decision: &'a Decision,
    /// Dimension → how many of the wanted skills it is the first of.
    asked_for: HashMap<u32, usize>,
}

impl Standing<'_> {
    fn of_role(&self, dimension: Option<&str>) -> (LinkOutcome, &'static str) {
        let Some(role) = self.role else {
            return (LinkOutcome::NotSaved, "chosen role not in DB (human review)");
        };
        let number = dimension.and_then(|slug| {
            self.library
                .dimensions()
                .iter()
                .position(|dimension| dimension.slug == slug)
                .map(|number| number as u32)
        });
        let Some(number) = number else {
            return (LinkOutcome::NotSaved, "dimension not in DB (human review)");
        };
        if role.dimensions.iter().any(|&(linked, _)| linked == number) {
            return (LinkOutcome::Unchanged, "already linked");
        }
        let belongs = self.asked_for.get(&number).is_some_and(|&skills| skills >= SKILLS_OF_A_DIMENSION)
            && self.family(self.cluster_domain(number)) == self.family(role.domain);
        match (belongs, self.decision.confidence_band) {
            (false, _) => (LinkOutcome::Skipped, "dimension not under chosen role"),
            (true, ConfidenceBand::Auto) => (LinkOutcome::Saved, ""),
            (true, ConfidenceBand::Provisional | ConfidenceBand::Review) => {
                (LinkOutcome::NotSaved, "chosen role not confirmed (human review)")
            }
        }
    }

    fn cluster_domain(&self, dimension: u32) -> u32 {
        self.library.clusters()[self.library.dimensions()[dimension as usize].cluster as usize].domain
    }

    fn family(&self, domain: u32) -> &str {
        &self.library.domains()[domain as usize].family
    }
}

fn asked_for(library: &Library, parse: &Parse) -> HashMap<u32, usize> {
    let wanted: BTreeSet<SkillId> = parse
        .skills
        .iter()
        .filter(|skill| {
            skill.polarity == Polarity::Positive
                && matches!(skill.necessity, Necessity::Required | Necessity::Responsibility)
        })
        .filter_map(|skill| library.skill_named(skill.canonical_id.as_deref()?))
        .collect();
    let mut counts = HashMap::new();
    for first in wanted.into_iter().filter_map(|skill| library.skill(skill).dimensions.first()) {
        *counts.entry(*first).or_default() += 1;
    }
    counts
}
