//! A library as it is written: TOML files, one a domain. What stands here is what a curator may write.

use contract::{Archetype, DifficultyHint, Lifespan, Nature, SkillType, Slug, VersionStrategy, Volatility};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::technology::WrittenTechnologies;

/// One file of a library.
#[derive(Clone, Copy, Debug)]
pub struct LibraryFile<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// What is written in it.
    pub content: &'a str,
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {message}")]
pub struct SourceError {
    /// The file's name.
    pub file: String,
    /// What is wrong, with line and column.
    pub message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Written {
    pub(crate) domain: Option<WrittenDomain>,
    pub(crate) clusters: BTreeMap<Slug, String>,
    pub(crate) dimensions: BTreeMap<Slug, WrittenDimension>,
    pub(crate) categories: BTreeMap<Slug, WrittenCategory>,
    pub(crate) skills: BTreeMap<Slug, BTreeMap<Slug, BTreeMap<Slug, WrittenSkill>>>,
    pub(crate) roles: BTreeMap<Slug, WrittenRole>,
    /// Generic sentences against which key result areas are measured.
    pub(crate) sentences: Vec<String>,
    pub(crate) companies: BTreeMap<Slug, WrittenCompany>,
    /// Exposure figures of the roles' occupations.
    pub(crate) exposure: Option<WrittenExposure>,
    /// Facts on technologies.
    pub(crate) technologies: Option<WrittenTechnologies>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenDomain {
    pub(crate) slug: Slug,
    pub(crate) name: String,
    /// Domains of one family are asked for together; its own slug where it is not written.
    pub(crate) family: Option<Slug>,
}

/// An area of competence as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenDimension {
    /// Its name.
    pub name: String,
    /// The cluster it belongs to.
    pub cluster: Slug,
    /// How hard it is to find people for.
    pub difficulty: DifficultyHint,
    /// What it is and why it is one.
    pub rationale: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenCategory {
    pub(crate) name: String,
    pub(crate) sub: BTreeMap<Slug, String>,
}

/// A skill as it is written; what is left out follows from its type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenSkill {
    /// Its name.
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    pub skill_type: SkillType,
    /// Nature.
    pub nature: Option<Nature>,
    /// How fast it changes.
    pub volatility: Option<Volatility>,
    /// How long it stays of use.
    pub lifespan: Option<Lifespan>,
    /// What happens to its versions.
    pub versions: Option<VersionStrategy>,
    /// Its dimensions, primary first.
    pub dims: Vec<Slug>,
    /// Other ways to write it, with the files' signs.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Words that confirm an ambiguous alias.
    #[serde(default)]
    pub with: Vec<String>,
    /// Words that refute an ambiguous alias.
    #[serde(default)]
    pub without: Vec<String>,
}

/// A role as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenRole {
    /// Its name.
    pub name: String,
    /// Its kind of work.
    pub archetype: Archetype,
    /// A broader role.
    pub parent: Option<Slug>,
    /// Whether it may be split into narrower roles.
    #[serde(default)]
    pub branchable: bool,
    /// US SOC 2018.
    pub soc: String,
    /// ISCO-08.
    pub isco: String,
    /// What the role is, in a paragraph.
    pub text: String,
    /// Titles that mean it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Dimensions with their weight, 0 to 1.
    pub dims: BTreeMap<Slug, f32>,
    /// Core skills, most typical first.
    pub core: Vec<Slug>,
    /// Key result areas.
    pub kras: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenCompany {
    pub(crate) name: String,
    pub(crate) industry: String,
    pub(crate) naics: String,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenExposure {
    pub(crate) source: String,
    pub(crate) date: String,
    /// SOC code → value, lowest, highest; 0 to 1.
    pub(crate) occupations: BTreeMap<String, [f32; 3]>,
}

impl Written {
    /// The slug of its domain; none for a file that has none.
    pub(crate) fn slug(&self) -> Option<&str> {
        self.domain.as_ref().map(|domain| domain.slug.as_str())
    }
}

impl LibraryFile<'_> {
    pub(crate) fn parse(&self) -> Result<Written, SourceError> {
        toml::from_str(self.content)
            .map_err(|error| SourceError { file: self.name.to_owned(), message: error.to_string() })
    }
}
