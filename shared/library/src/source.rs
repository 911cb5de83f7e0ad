//! A library as it is written: TOML files, one a domain. What stands here is what a curator may write.

use contract::{Archetype, DifficultyHint, Lifespan, Nature, SkillType, Slug, VersionStrategy, Volatility};
use serde::Deserialize;
use std::collections::BTreeMap;

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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenDomain {
    pub(crate) slug: Slug,
    pub(crate) name: String,
    /// Domains of one family are asked for together; its own slug where it is not written.
    pub(crate) family: Option<Slug>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenDimension {
    pub(crate) name: String,
    pub(crate) cluster: Slug,
    pub(crate) difficulty: DifficultyHint,
    pub(crate) rationale: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenCategory {
    #[expect(dead_code, reason = "shown by the console and stored with the library version")]
    pub(crate) name: String,
    pub(crate) sub: BTreeMap<Slug, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenSkill {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) skill_type: SkillType,
    pub(crate) nature: Option<Nature>,
    pub(crate) volatility: Option<Volatility>,
    pub(crate) lifespan: Option<Lifespan>,
    pub(crate) versions: Option<VersionStrategy>,
    pub(crate) dims: Vec<Slug>,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    #[serde(default)]
    pub(crate) with: Vec<String>,
    #[serde(default)]
    pub(crate) without: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenRole {
    pub(crate) name: String,
    pub(crate) archetype: Archetype,
    pub(crate) parent: Option<Slug>,
    #[serde(default)]
    pub(crate) branchable: bool,
    pub(crate) soc: String,
    pub(crate) isco: String,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    pub(crate) dims: BTreeMap<Slug, f32>,
    pub(crate) core: Vec<Slug>,
    pub(crate) kras: Vec<String>,
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

impl LibraryFile<'_> {
    pub(crate) fn parse(&self) -> Result<Written, SourceError> {
        toml::from_str(self.content)
            .map_err(|error| SourceError { file: self.name.to_owned(), message: error.to_string() })
    }
}
