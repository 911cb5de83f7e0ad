//! The skills as evidence: weighted cosine against each role's profile.

use contract::{Necessity, Polarity, Skill, SkillScore, SkillType, rounded};
use library::{Library, SkillId};
use std::collections::BTreeMap;

/// Below this share of known skills the signal is too thin to lead.
const WEAK_COVERAGE: f32 = 0.3;

/// Habits and traits stand in every posting.
const SOFT_SKILL: f32 = 0.5;

/// What a skill weighs by how strongly it is asked for.
const fn weight(necessity: Necessity) -> f32 {
    match necessity {
        Necessity::Required => 1.0,
        Necessity::Responsibility => 0.7,
        Necessity::Preferred => 0.5,
        Necessity::Context => 0.1,
    }
}

/// The result for all roles.
pub(crate) struct Scored {
    pub(crate) scores: Vec<SkillScore>,
    pub(crate) coverage: f32,
    pub(crate) is_weak: bool,
}

/// Alternatives stand together and count once.
type Group = Vec<(SkillId, f32)>;

/// Every role's score, best first.
pub(crate) fn score(library: &Library, skills: &[Skill]) -> Scored {
    let wanted: Vec<&Skill> = skills.iter().filter(|skill| skill.polarity == Polarity::Positive).collect();
    let known: Vec<(&Skill, SkillId)> = wanted
        .iter()
        .filter_map(|skill| Some((*skill, library.skill_named(skill.canonical_id.as_deref()?)?)))
        .collect();
    let coverage = if wanted.is_empty() { 0.0 } else { known.len() as f32 / wanted.len() as f32 };
    let groups = groups(library, &known);
    let length = groups
        .iter()
        .map(|group| group.iter().map(|&(_, weight)| weight).fold(0.0, f32::max).powi(2))
        .sum::<f32>()
        .sqrt();
    let profiles = library.profiles();
    let mut scores: Vec<(SkillScore, Vec<(f32, SkillId)>)> = library
        .role_ids()
        .map(|role| {
            let mut matched: Vec<(f32, SkillId)> = Vec::new();
            for group in &groups {
                let best = group
                    .iter()
                    .filter_map(|&(skill, weight)| Some((weight * profiles.weight(role, skill)?, skill)))
                    .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
                matched.extend(best);
            }
            let product: f32 = matched.iter().map(|&(share, _)| share).sum();
            let norm = length * profiles.length(role);
            let score = SkillScore {
                slug: library.role(role).slug.clone(),
                score: if norm > 0.0 { rounded((product / norm).clamp(0.0, 1.0)) } else { 0.0 },
                matched_count: matched.len() as u32,
                total_count: known.len() as u32,
                coverage: rounded(coverage),
                matched_skills: Vec::new(),
            };
            (score, matched)
        })
        .collect();
    scores.sort_by(|(a, _), (b, _)| b.score.total_cmp(&a.score).then_with(|| a.slug.cmp(&b.slug)));
    for (score, matched) in scores.iter_mut().take(5) {
        matched.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        score.matched_skills =
            matched.iter().take(10).map(|&(_, skill)| library.skill(skill).slug.clone()).collect();
    }
    Scored {
        scores: scores.into_iter().map(|(score, _)| score).collect(),
        is_weak: coverage < WEAK_COVERAGE,
        coverage: rounded(coverage),
    }
}

fn groups(library: &Library, known: &[(&Skill, SkillId)]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut numbered: BTreeMap<u32, usize> = BTreeMap::new();
    for &(skill, id) in known {
        let repeated = 1.0 + 0.25 * (skill.spans.len() as f32).ln();
        let common = if library.skill(id).skill_type == SkillType::SoftSkill { SOFT_SKILL } else { 1.0 };
        let member = (id, library.profiles().idf(id) * weight(skill.necessity) * repeated * common);
        match skill.any_of_group {
            Some(number) => {
                let index = *numbered.entry(number).or_insert_with(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                });
                groups[index].push(member);
            }
            None => groups.push(vec![member]),
        }
    }
    groups
}
