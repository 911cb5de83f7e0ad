//! The calibrated vote of the four signals over all roles.

use contract::{RankedRole, Signals, rounded};
use library::Library;
use std::collections::HashMap;

use crate::fitted::VoteWeights;

/// One role's four scores; none where a signal said nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Scores {
    alias: Option<f32>,
    trusted: bool,
    skill: Option<f32>,
    kra: Option<f32>,
    domain: Option<f32>,
    similarity: Option<f32>,
}

/// All roles with their share of the vote, best first.
pub(crate) fn count(library: &Library, signals: &Signals, weights: &VoteWeights) -> Vec<RankedRole> {
    let mut scores: HashMap<&str, Scores> = HashMap::with_capacity(library.roles().len());
    for score in &signals.alias {
        let entry = scores.entry(&score.slug).or_default();
        entry.alias = signals.notes.title.is_some().then_some(score.score);
        entry.trusted = score.trusted;
    }
    let has_skills = signals.skill.iter().any(|score| score.score > 0.0);
    for score in signals.skill.iter().filter(|_| has_skills) {
        scores.entry(&score.slug).or_default().skill = Some(score.score);
    }
    for score in &signals.kra {
        scores.entry(&score.slug).or_default().kra = score.score;
    }
    for score in &signals.domain {
        let entry = scores.entry(&score.slug).or_default();
        entry.domain = Some(score.score);
        entry.similarity = Some(score.similarity);
    }
    let skill = Standard::of(scores.values().filter_map(|scores| scores.skill));
    let kra = Standard::of(scores.values().filter_map(|scores| scores.kra));
    let domain = Standard::of(scores.values().filter_map(|scores| scores.similarity));
    let mut votes: Vec<(RankedRole, f32)> = library
        .roles()
        .iter()
        .map(|role| {
            let scores = scores.get(role.slug.as_str()).copied().unwrap_or_default();
            let logit = weights.trusted * f32::from(u8::from(scores.trusted))
                + weights.alias * scores.alias.unwrap_or(0.0)
                + weights.skill * scores.skill.map_or(0.0, |score| skill.of_score(score))
                + weights.kra * scores.kra.map_or(0.0, |score| kra.of_score(score))
                + weights.domain * scores.similarity.map_or(0.0, |score| domain.of_score(score))
                + weights.skill_raw * scores.skill.unwrap_or(0.0)
                + weights.kra_raw * scores.kra.unwrap_or(0.0);
            let Scores { alias, skill, kra, domain, .. } = scores;
            (RankedRole { slug: role.slug.clone(), score: 0.0, alias, skill, kra, domain }, logit)
        })
        .collect();
    votes.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| a.slug.cmp(&b.slug)));
    let most = votes.first().map_or(0.0, |&(_, logit)| logit);
    let total: f32 = votes.iter().map(|&(_, logit)| (logit - most).exp()).sum();
    votes
        .into_iter()
        .map(|(role, logit)| RankedRole { score: rounded((logit - most).exp() / total), ..role })
        .collect()
}

/// A signal's spread over the roles of one posting.
struct Standard {
    mean: f32,
    deviation: f32,
}

impl Standard {
    fn of(scores: impl Iterator<Item = f32>) -> Self {
        let mut scores: Vec<f32> = scores.collect();
        // The map behind has no order of its own; sums must not depend on it.
        scores.sort_by(f32::total_cmp);
        let count = scores.len().max(1) as f32;
        let mean = scores.iter().sum::<f32>() / count;
        let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f32>() / count;
        Self { mean, deviation: variance.sqrt().max(1e-4) }
    }

    fn of_score(&self, score: f32) -> f32 {
        (score - self.mean) / self.deviation
    }
}
