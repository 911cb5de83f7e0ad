//! Sourced facts on technologies: how old, how widely used, by whom kept, for how long.

use contract::Slug;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The facts as they are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenTechnologies {
    /// The state of the facts, `YYYY-MM`.
    pub(crate) date: String,
    pub(crate) sources: Vec<TechnologySource>,
    pub(crate) entries: BTreeMap<Slug, Technology>,
}

/// Where facts come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TechnologySource {
    /// A short name.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its release.
    pub version: String,
    /// Its date.
    pub date: String,
}

/// What is known of one technology; none where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Technology {
    /// Year of the first public release.
    pub first_release: Option<u16>,
    /// Who makes it.
    pub vendor: Option<String>,
    /// SPDX identifier, or `proprietary`.
    pub licence: Option<String>,
    /// Who decides on it.
    pub governance: Option<Governance>,
    /// How widely it is used, 0 to 1.
    pub adoption: Option<f32>,
    /// How its use grows, 0 to 1.
    pub momentum: Option<f32>,
    /// Whether its maker keeps it.
    pub support: Option<Support>,
    /// Whether its use is known to shrink.
    #[serde(rename = "declining")]
    pub is_declining: bool,
}

/// Who decides on a technology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Governance {
    /// A body that makes standards.
    StandardsBody,
    /// A foundation.
    Foundation,
    /// Those who work on it.
    Community,
    /// One company.
    Company,
    /// One person.
    Single,
}

/// Whether a technology's maker keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// New releases come.
    Active,
    /// Only what is broken is mended.
    Maintenance,
    /// Nothing comes any more.
    Ended,
}

impl Governance {
    /// Its part of maturity, 0 to 1.
    #[must_use]
    pub const fn part(self) -> f32 {
        match self {
            Self::StandardsBody => 1.0,
            Self::Foundation => 0.9,
            Self::Community => 0.7,
            Self::Company => 0.6,
            Self::Single => 0.3,
        }
    }
}

impl Support {
    /// Its part of maturity, 0 to 1.
    #[must_use]
    pub const fn part(self) -> f32 {
        match self {
            Self::Active => 1.0,
            Self::Maintenance => 0.5,
            Self::Ended => 0.0,
        }
    }
}
