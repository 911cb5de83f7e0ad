//! Each skill of the posting beside its library entry.

use contract::{MatchedVia, Method, SkillDetail, SkillDimension, SkillProfile};
use library::{Library, SkillId};

use crate::orchestrator::Orchestrator;
use crate::view::View;

/// One entry per skill of the parse, in its order.
pub(crate) fn skills(view: &View<'_>, orchestrator: &Orchestrator) -> Vec<SkillDetail> {
    let tags = context_tags(view);
    view.parse
        .skills
        .iter()
        .map(|skill| match skill.canonical_id.as_deref().and_then(|slug| view.library.skill_named(slug)) {
            Some(id) => known(view.library, id, skill, tags.clone()),
            None => orchestrator.place(view, skill, tags.clone()),
        })
        .collect()
}

fn known(library: &Library, id: SkillId, found: &contract::Skill, context_tags: Vec<String>) -> SkillDetail {
    let skill = library.skill(id);
    let via = match found.method {
        Method::Fuzzy => MatchedVia::Fuzzy,
        Method::Linker => MatchedVia::Embedding,
        Method::Alias | Method::Candidate | Method::Llm if found.surface == skill.name => {
            MatchedVia::DisplayName
        }
        Method::Alias | Method::Candidate | Method::Llm => MatchedVia::Alias,
    };
    SkillDetail {
        skill_name: found.skill_name.clone(),
        canonical_id: found.canonical_id.clone(),
        matched_via: Some(via),
        aliases: library.aliases().of(id).map(|alias| alias.text.clone()).collect(),
        profile: SkillProfile {
            category: Some(skill.category.clone()),
            sub_category: Some(skill.sub_category.clone()),
            skill_type: Some(skill.skill_type),
            nature: Some(skill.nature),
            volatility: Some(skill.volatility),
            lifespan: Some(skill.lifespan),
            version_strategy: Some(skill.version_strategy),
        },
        dimensions: skill
            .dimensions
            .iter()
            .enumerate()
            .map(|(place, &number)| {
                let dimension = &library.dimensions()[number as usize];
                SkillDimension {
                    slug: Some(dimension.slug.clone()),
                    display_name: dimension.name.clone(),
                    is_primary: place == 0,
                    reconciliation: None,
                    confidence: 1.0,
                }
            })
            .collect(),
        context_tags,
        orchestration: None,
    }
}

/// What the posting around a skill is about: the chosen role and its domain.
fn context_tags(view: &View<'_>) -> Vec<String> {
    view.decision
        .chosen_role
        .as_ref()
        .map(|role| vec![role.domain.clone(), role.slug.clone()])
        .unwrap_or_default()
}
