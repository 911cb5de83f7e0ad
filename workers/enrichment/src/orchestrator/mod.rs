//! Places skills that the library does not know.

use contract::{Skill, SkillDetail, SkillProfile};
use library::{Embedder, Library};

use crate::view::View;

/// Everything that placing needs of a library version, prepared once.
pub(crate) struct Orchestrator {}

impl Orchestrator {
    pub(crate) fn build(_library: &Library, _embedder: &dyn Embedder) -> Self {
        Self {}
    }

    /// An unknown skill with a proposed place.
    pub(crate) fn place(&self, _view: &View<'_>, skill: &Skill, context_tags: Vec<String>) -> SkillDetail {
        SkillDetail {
            skill_name: skill.skill_name.clone(),
            canonical_id: None,
            matched_via: None,
            aliases: Vec::new(),
            profile: SkillProfile::default(),
            dimensions: Vec::new(),
            context_tags,
            orchestration: None,
        }
    }
}
