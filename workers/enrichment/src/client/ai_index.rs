//! Output 3: how much of the role's work AI can touch, and how much AI skill the posting asks for. The two are never mixed.

use contract::{AiIndex, Assessed, Necessity, SourceRef, Span, rounded};
use library::SkillId;
use std::collections::BTreeMap;

use crate::view::{View, cannot_assess, library_source};

const SCALE: &str = "0 to 100 each";
const METHOD: &str = "exposure: published share of the occupation's tasks × 100; demand: 100 × (1 − exp(−Σ / 2)), Σ = 1 per required AI skill, .5 preferred, .2 context";
/// The library's domain of AI skills.
const AI: &str = "ai";
/// The most spans of evidence.
const SPANS: usize = 5;

pub(crate) fn assess(view: &View<'_>) -> Assessed<AiIndex> {
    if view.parse.skills.is_empty() && view.role().is_none() {
        return cannot_assess(SCALE, METHOD, "neither a role nor a skill was found");
    }
    let library = view.library;
    let mut evidence: Vec<Span> = Vec::new();
    let mut alone = 0.0;
    let mut choices: BTreeMap<u32, f32> = BTreeMap::new();
    for (_, skill) in view.known_skills().filter(|&(id, _)| is_of_ai(view, id)) {
        let weight = match skill.necessity {
            Necessity::Required | Necessity::Responsibility => 1.0,
            Necessity::Preferred => 0.5,
            Necessity::Context => 0.2,
        };
        match skill.any_of_group {
            Some(group) => {
                let heaviest = choices.entry(group).or_insert(0.0_f32);
                *heaviest = heaviest.max(weight);
            }
            None => alone += weight,
        }
        evidence.extend(skill.spans.first().cloned());
    }
    evidence.truncate(SPANS);
    let sum: f32 = alone + choices.values().sum::<f32>();
    let figures = view.role().and_then(|role| library.exposure(&role.soc));
    let percent = |share: f32| rounded(share * 100.0);
    let mut sources = vec![library_source(library)];
    sources.extend(figures.map(|figures| SourceRef {
        name: figures.source.to_string(),
        version: String::new(),
        date: figures.date.to_string(),
    }));
    Assessed {
        value: Some(AiIndex {
            ai_exposure: figures.map(|figures| percent(figures.value)),
            ai_exposure_interval: figures.map(|figures| (percent(figures.lowest), percent(figures.highest))),
            ai_demand: rounded(100.0 * (1.0 - (-sum / 2.0).exp())),
        }),
        cannot_assess: None,
        scale: SCALE.to_owned(),
        // The exposure is of the chosen role: it is as sure as that.
        confidence: if figures.is_some() { view.decision.confidence } else { 0.5 },
        evidence,
        method: METHOD.to_owned(),
        sources,
    }
}

/// Whether a dimension of the skill belongs to the library's AI domain.
fn is_of_ai(view: &View<'_>, id: SkillId) -> bool {
    let library = view.library;
    library.skill(id).dimensions.iter().any(|&dimension| {
        let cluster = library.dimensions()[dimension as usize].cluster;
        library.domains()[library.clusters()[cluster as usize].domain as usize].slug == AI
    })
}
