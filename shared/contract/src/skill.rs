//! A skill found in a posting.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::vocabulary::closed;
use crate::{Necessity, Polarity, Slug, Span};

closed! { "snake_case",
    /// How a skill was found.
    Method {
        /// One of the library's aliases stands there.
        Alias,
        /// A misspelt alias.
        Fuzzy,
        /// Linked by meaning.
        Linker,
        /// Not in the library: a phrase that stands where skills stand.
        Candidate,
        /// Read by a language model and verified against the text.
        Llm,
    }
}

/// One skill with all the places where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Skill {
    /// The library's slug; null for a candidate.
    pub canonical_id: Option<Slug>,
    /// The library's name, or the candidate's words.
    pub skill_name: String,
    /// The words of the first span.
    pub surface: String,
    /// The strongest necessity over all spans.
    pub necessity: Necessity,
    /// Required, or asked for again in the responsibilities.
    pub is_primary: bool,
    /// Skills with the same number are alternatives of one another.
    pub any_of_group: Option<u32>,
    /// Years of it, where the posting says so.
    pub min_years: Option<f32>,
    /// How well, as written.
    pub level: Option<String>,
    /// Version, as written.
    pub version: Option<String>,
    /// Wanted or ruled out.
    pub polarity: Polarity,
    /// Every place, in order.
    pub spans: Vec<Span>,
    /// 4 explicit, 3 implied, 2 near, 1 prior, 0 none.
    pub evidence_grade: u8,
    /// Probability that this skill is meant, 0 to 1.
    pub confidence: f32,
    /// How it was found.
    pub method: Method,
    /// The same skill in other schemes.
    pub external: Vec<ExternalId>,
}

/// A skill's or role's name in another scheme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExternalId {
    /// The scheme: `esco`, `onet`.
    pub scheme: String,
    /// Its identifier there.
    pub uri: String,
    /// Its label there.
    pub label: String,
}
