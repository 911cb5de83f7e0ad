//! What a library holds: entries as the engine reads them.

use contract::{Archetype, DifficultyHint, Lifespan, Nature, SkillType, Slug, VersionStrategy, Volatility};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A skill's number in one library version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SkillId(pub u32);

/// A role's number in one library version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleId(pub u32);

/// A family of roles and skills: one file of the library.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its slug.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Domains of one family are asked for together in one posting.
    pub family: Slug,
}

/// A part of a domain's skills.
#[derive(Clone, Debug)]
pub struct Category {
    /// Its slug; unique in its domain.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Number of its domain.
    pub domain: u32,
    /// Its sub-categories: slug → name.
    pub subs: BTreeMap<Slug, String>,
}

/// A set of dimensions.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its slug.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Number of its domain.
    pub domain: u32,
}

/// A named area of competence.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// Its slug.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Number of its cluster.
    pub cluster: u32,
    /// How hard it is to find people for.
    pub difficulty: DifficultyHint,
    /// What it is and why it is one.
    pub rationale: String,
}

/// A skill.
#[derive(Clone, Debug)]
pub struct Skill {
    /// Its slug.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Number of its domain.
    pub domain: u32,
    /// Category.
    pub category: Slug,
    /// Sub-category.
    pub sub_category: Slug,
    /// Type.
    pub skill_type: SkillType,
    /// Nature.
    pub nature: Nature,
    /// How fast it changes.
    pub volatility: Volatility,
    /// How long it stays of use.
    pub lifespan: Lifespan,
    /// What happens to its versions.
    pub version_strategy: VersionStrategy,
    /// Numbers of its dimensions, primary first.
    pub dimensions: Vec<u32>,
    /// Words that confirm an ambiguous alias.
    pub with: Vec<String>,
    /// Words that refute it.
    pub without: Vec<String>,
}

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its slug.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Number of its domain.
    pub domain: u32,
    /// Its kind of work.
    pub archetype: Archetype,
    /// A broader role.
    pub parent: Option<Slug>,
    /// Whether it may be split into narrower roles by the review queue.
    pub branchable: bool,
    /// US SOC 2018.
    pub soc: String,
    /// ISCO-08.
    pub isco: String,
    /// What the role is, in a paragraph.
    pub text: String,
    /// Titles that mean it.
    pub aliases: Vec<String>,
    /// Dimensions with their weight, heaviest first.
    pub dimensions: Vec<(u32, f32)>,
    /// Core skills, most typical first.
    pub core: Vec<SkillId>,
    /// Key result areas.
    pub kras: Vec<String>,
}

/// An employer.
#[derive(Clone, Debug)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// Its industry, in words.
    pub industry: String,
    /// NAICS 2022, four digits.
    pub naics: String,
    /// Other names.
    pub aliases: Vec<String>,
}

/// How much of an occupation's work a language model can touch; shares of its tasks, 0 to 1.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// The figure.
    pub value: f32,
    /// The lowest of the published ones.
    pub lowest: f32,
    /// The highest of them.
    pub highest: f32,
    /// Where they were published.
    pub source: Arc<str>,
    /// When.
    pub date: Arc<str>,
}
