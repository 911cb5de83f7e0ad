//! Output 4: how mature the technologies are that the posting names.

use contract::{Assessed, Maturity, SourceRef, Span, StackMaturity, TechnologyMaturity, rounded};
use library::{Governance, SkillId, Support, Technology};
use std::collections::BTreeMap;

use super::weights;
use crate::view::{View, cannot_assess, library_source};

const SCALE: &str = "0 to 1 each; stages EXPERIMENTAL < .25, EMERGING < .45, GROWING < .65, MAINSTREAM < .85, MATURE; DECLINING and END_OF_LIFE override";
const METHOD: &str = ".25 age (1 − exp(−years / 6)) + .30 adoption + .15 momentum + .20 support + .10 governance over the known parts, three at least";
/// Fewer known parts say nothing.
const FEWEST_PARTS: usize = 3;
/// Years after which the part for age has come to 63 %.
const YEARS: f32 = 6.0;
/// The most spans of evidence.
const SPANS: usize = 5;

const AGE: (&str, f32) = ("age", 0.25);
const ADOPTION: (&str, f32) = ("adoption", 0.30);
const MOMENTUM: (&str, f32) = ("momentum", 0.15);
const SUPPORT: (&str, f32) = ("support", 0.20);
const GOVERNANCE: (&str, f32) = ("governance", 0.10);

pub(crate) fn assess(view: &View<'_>) -> Assessed<StackMaturity> {
    let library = view.library;
    let mut technologies: BTreeMap<String, TechnologyMaturity> = BTreeMap::new();
    let mut flags = Vec::new();
    let mut evidence: Vec<Span> = Vec::new();
    let (mut sum, mut total, mut minimum): (f32, f32, f32) = (0.0, 0.0, 1.0);
    let mut named = 0;
    for (id, found, weight) in weights::of_known(view) {
        let skill = library.skill(id);
        if skill.skill_type.is_lasting() || skill.skill_type == contract::SkillType::Certification {
            continue;
        }
        named += 1;
        let standing = standing(library.technology(id), library.technology_year());
        if let (Some(stage), Some(score)) = (standing.stage, standing.score) {
            sum += weight * score;
            total += weight;
            minimum = minimum.min(score);
            evidence.extend(found.spans.first().cloned());
            let flag = match stage {
                Maturity::EndOfLife => Some("end_of_life"),
                Maturity::Declining => Some("declining"),
                Maturity::Experimental => Some("experimental"),
                Maturity::Emerging | Maturity::Growing | Maturity::Mainstream | Maturity::Mature => None,
            };
            flags.extend(flag.map(|flag| format!("{flag}: {}", skill.slug)));
        }
        technologies.insert(skill.slug.clone(), standing);
    }
    if total <= 0.0 {
        let why = if named == 0 {
            "the posting names no technology"
        } else {
            "too little is known of the technologies that it names"
        };
        return cannot_assess(SCALE, METHOD, why);
    }
    let assessed = technologies.values().filter(|standing| standing.stage.is_some()).count();
    evidence.truncate(SPANS);
    let mut sources = vec![library_source(library)];
    sources.extend(library.technology_sources().iter().map(|source| SourceRef {
        name: source.name.clone(),
        version: source.version.clone(),
        date: source.date.clone(),
    }));
    Assessed {
        value: Some(StackMaturity {
            technologies,
            mean: rounded(sum / total),
            minimum: rounded(minimum),
            flags,
        }),
        cannot_assess: None,
        scale: SCALE.to_owned(),
        // The share of the technologies that could be assessed.
        confidence: rounded(assessed as f32 / named as f32),
        evidence,
        method: METHOD.to_owned(),
        sources,
    }
}

/// One technology's parts and what they come to. Years are counted to the date of the facts, so that an answer stays the same.
fn standing(technology: Option<&Technology>, year: u16) -> TechnologyMaturity {
    let known = technology.map(|facts| {
        [
            (
                AGE,
                facts.first_release.map(|first| 1.0 - (-f32::from(year.saturating_sub(first)) / YEARS).exp()),
            ),
            (ADOPTION, facts.adoption),
            (MOMENTUM, facts.momentum),
            (SUPPORT, facts.support.map(Support::part)),
            (GOVERNANCE, facts.governance.map(Governance::part)),
        ]
    });
    let parts = known.unwrap_or([AGE, ADOPTION, MOMENTUM, SUPPORT, GOVERNANCE].map(|part| (part, None)));
    let unknown =
        parts.iter().filter(|(_, value)| value.is_none()).map(|((name, _), _)| (*name).to_owned()).collect();
    let known: Vec<((&str, f32), f32)> =
        parts.iter().filter_map(|&(part, value)| Some((part, value?))).collect();
    let weight: f32 = known.iter().map(|((_, weight), _)| weight).sum();
    let score = (known.len() >= FEWEST_PARTS)
        .then(|| known.iter().map(|((_, weight), value)| weight * value).sum::<f32>() / weight);
    let stage = score.map(|score| match technology {
        Some(facts) if facts.support == Some(Support::Ended) => Maturity::EndOfLife,
        Some(facts) if facts.is_declining => Maturity::Declining,
        Some(_) | None => stage(score),
    });
    TechnologyMaturity {
        stage,
        score: score.map(rounded),
        parts: known.into_iter().map(|((name, _), value)| (name.to_owned(), rounded(value))).collect(),
        unknown,
    }
}

fn stage(score: f32) -> Maturity {
    match score {
        score if score < 0.25 => Maturity::Experimental,
        score if score < 0.45 => Maturity::Emerging,
        score if score < 0.65 => Maturity::Growing,
        score if score < 0.85 => Maturity::Mainstream,
        _ => Maturity::Mature,
    }
}

/// Named here so that the view's callers need not know where facts of a skill are kept.
pub(crate) fn facts_of(view: &View<'_>, id: SkillId) -> contract::SkillFacts {
    let Some(facts) = view.library.technology(id) else { return contract::SkillFacts::default() };
    contract::SkillFacts {
        vendor: facts.vendor.clone(),
        licence: facts.licence.clone(),
        first_release: facts.first_release,
        maturity: standing(Some(facts), view.library.technology_year()).stage,
        ..contract::SkillFacts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Technology {
        Technology {
            first_release: Some(1996),
            adoption: Some(0.8),
            support: Some(Support::Active),
            governance: Some(Governance::Community),
            ..Technology::default()
        }
    }

    #[test]
    fn the_known_parts_are_weighted_anew() {
        let standing = standing(Some(&facts()), 2026);
        let age = 1.0 - (-30.0_f32 / 6.0).exp();
        let expected = (0.25 * age + 0.30 * 0.8 + 0.20 * 1.0 + 0.10 * 0.7) / 0.85;
        assert_eq!((standing.score, standing.stage), (Some(rounded(expected)), Some(Maturity::Mature)));
        assert_eq!(standing.unknown, ["momentum"]);
    }

    #[test]
    fn two_parts_say_nothing() {
        let two = Technology { adoption: None, support: None, ..facts() };
        let standing = standing(Some(&two), 2026);
        assert_eq!((standing.score, standing.stage), (None, None));
        assert_eq!(standing.unknown, ["adoption", "momentum", "support"]);
    }

    #[test]
    fn what_its_maker_ended_is_at_its_end_however_well_known() {
        let ended = Technology { support: Some(Support::Ended), ..facts() };
        assert_eq!(standing(Some(&ended), 2026).stage, Some(Maturity::EndOfLife));
        let shrinking = Technology { is_declining: true, ..facts() };
        assert_eq!(standing(Some(&shrinking), 2026).stage, Some(Maturity::Declining));
    }
}
