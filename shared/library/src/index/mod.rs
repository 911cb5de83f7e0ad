//! A library version, built once and then only read.

mod build;
mod entries;

use contract::Slug;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use crate::alias::AliasIndex;
use crate::edit::EditError;
use crate::kra::KraMatrix;
use crate::ordinary;
use crate::profile::Profiles;
use crate::source::SourceError;
use crate::technology::{Technology, TechnologySource};

pub use entries::{Category, Cluster, Company, Dimension, Domain, Exposure, Role, RoleId, Skill, SkillId};

/// Why a library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Two entries of one kind have the same slug.
    #[error("{kind} \"{slug}\" is written twice")]
    Twice {
        /// What kind of entry.
        kind: &'static str,
        /// Its slug.
        slug: Slug,
    },
    /// An entry names another that does not exist.
    #[error("{entry} names the {kind} \"{slug}\", which does not exist")]
    Missing {
        /// The entry that names it.
        entry: String,
        /// What kind of thing is missing.
        kind: &'static str,
        /// Its slug.
        slug: Slug,
    },
    /// A pattern alias does not compile.
    #[error("the alias pattern /{alias}/ cannot be used")]
    Pattern {
        /// The pattern.
        alias: String,
        /// Why.
        source: Box<regex::Error>,
    },
    /// A change makes no sense.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The aliases do not fit one automaton.
    #[error("the aliases cannot be compiled")]
    Automaton(#[source] Box<aho_corasick::BuildError>),
}

/// A library version in memory.
pub struct Library {
    version: String,
    domains: Vec<Domain>,
    categories: Vec<Category>,
    clusters: Vec<Cluster>,
    dimensions: Vec<Dimension>,
    skills: Vec<Skill>,
    roles: Vec<Role>,
    companies: Vec<Company>,
    skill_by_slug: HashMap<Slug, SkillId>,
    role_by_slug: HashMap<Slug, RoleId>,
    aliases: AliasIndex,
    profiles: Profiles,
    kras: KraMatrix,
    /// One row per role: the mean of its key result areas and its text.
    centroids: Vec<f32>,
    background: Vec<String>,
    exposure: BTreeMap<String, Exposure>,
    technologies: HashMap<SkillId, Technology>,
    technology_sources: Vec<TechnologySource>,
    technology_year: u16,
    ordinary: OnceLock<HashSet<String>>,
}

impl Library {
    /// Name and content hash of the version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The families.
    #[must_use]
    pub fn domains(&self) -> &[Domain] {
        &self.domains
    }

    /// The parts of the domains' skills.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The sets of dimensions.
    #[must_use]
    pub fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// The areas of competence.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The skills, in order of their number.
    #[must_use]
    pub fn skills(&self) -> &[Skill] {
        &self.skills
    }

    /// The roles, in order of their number.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The employers.
    #[must_use]
    pub fn companies(&self) -> &[Company] {
        &self.companies
    }

    /// Every role's number.
    pub fn role_ids(&self) -> impl Iterator<Item = RoleId> + '_ {
        (0..self.roles.len() as u32).map(RoleId)
    }

    /// The family of a skill's domain.
    #[must_use]
    pub fn family(&self, id: SkillId) -> &str {
        &self.domains[self.skill(id).domain as usize].family
    }

    /// One skill.
    #[must_use]
    pub fn skill(&self, id: SkillId) -> &Skill {
        &self.skills[id.0 as usize]
    }

    /// One role.
    #[must_use]
    pub fn role(&self, id: RoleId) -> &Role {
        &self.roles[id.0 as usize]
    }

    /// A skill by its slug.
    #[must_use]
    pub fn skill_named(&self, slug: &str) -> Option<SkillId> {
        self.skill_by_slug.get(slug).copied()
    }

    /// A role by its slug.
    #[must_use]
    pub fn role_named(&self, slug: &str) -> Option<RoleId> {
        self.role_by_slug.get(slug).copied()
    }

    /// The aliases of the skills.
    #[must_use]
    pub fn aliases(&self) -> &AliasIndex {
        &self.aliases
    }

    /// The skill side of the roles.
    #[must_use]
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The key result areas of the roles.
    #[must_use]
    pub fn kras(&self) -> &KraMatrix {
        &self.kras
    }

    /// A role's centroid, of length 1.
    #[must_use]
    pub fn centroid(&self, role: RoleId) -> &[f32] {
        let dimensions = self.centroids.len() / self.roles.len();
        &self.centroids[role.0 as usize * dimensions..(role.0 as usize + 1) * dimensions]
    }

    /// Whether a word, in lower case, is one of everyday work and so names no product: the library's own sentences use it.
    #[must_use]
    pub fn is_ordinary(&self, word: &str) -> bool {
        self.ordinary.get_or_init(|| ordinary::words(self)).contains(word)
    }

    /// The generic sentences.
    #[must_use]
    pub fn background(&self) -> &[String] {
        &self.background
    }

    /// What is known of a technology.
    #[must_use]
    pub fn technology(&self, id: SkillId) -> Option<&Technology> {
        self.technologies.get(&id)
    }

    /// Where the facts on technologies come from.
    #[must_use]
    pub fn technology_sources(&self) -> &[TechnologySource] {
        &self.technology_sources
    }

    /// The year to which the facts on technologies hold.
    #[must_use]
    pub fn technology_year(&self) -> u16 {
        self.technology_year
    }

    /// Published exposure of an occupation (SOC code) to language models.
    #[must_use]
    pub fn exposure(&self, soc: &str) -> Option<&Exposure> {
        self.exposure.get(soc)
    }
}
