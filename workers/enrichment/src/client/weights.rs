//! How much a skill of the posting weighs.

use contract::{Necessity, Skill};
use library::SkillId;
use std::collections::BTreeMap;

use crate::view::View;

/// Weight of a necessity, as the skill signal has it.
pub(super) const fn of_necessity(necessity: Necessity) -> f32 {
    match necessity {
        Necessity::Required => 1.0,
        Necessity::Responsibility => 0.7,
        Necessity::Preferred => 0.5,
        Necessity::Context => 0.1,
    }
}

/// The wanted skills that the library knows with their weights: necessity × grade / 4. A choice of several weighs as much as its
/// heaviest member, and its members share that.
pub(super) fn of_known<'a>(view: &'a View<'_>) -> Vec<(SkillId, &'a Skill, f32)> {
    let mut weighed: Vec<(SkillId, &Skill, f32)> = view
        .known_skills()
        .map(|(id, skill)| (id, skill, of_necessity(skill.necessity) * f32::from(skill.evidence_grade) / 4.0))
        .collect();
    let mut choices: BTreeMap<u32, (f32, usize)> = BTreeMap::new();
    for (_, skill, weight) in &weighed {
        if let Some(group) = skill.any_of_group {
            let (heaviest, members) = choices.entry(group).or_insert((0.0, 0));
            *heaviest = heaviest.max(*weight);
            *members += 1;
        }
    }
    for (_, skill, weight) in &mut weighed {
        if let Some((heaviest, members)) = skill.any_of_group.and_then(|group| choices.get(&group)) {
            *weight = heaviest / *members as f32;
        }
    }
    weighed
}
