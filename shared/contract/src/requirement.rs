//! What is asked of the candidate, with the posting's own ANDs and ORs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::vocabulary::closed;
use crate::{Necessity, Polarity, Span};

closed! { "snake_case",
    /// What a leaf asks for.
    RequirementKind {
        Skill, Education, Experience, Certification, Language, Clearance, Travel,
        /// Anything else that the posting accepts instead: "equivalent experience".
        Equivalent,
    }
}

/// A node of the requirement tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// Every one of these.
    AllOf(Vec<Requirement>),
    /// One of these is enough.
    AnyOf(Vec<Requirement>),
    /// This must not be.
    Not(Box<Requirement>),
    /// Something of the same worth as its siblings is accepted.
    EquivalentTo(Box<Requirement>),
    /// One thing.
    #[serde(untagged)]
    Leaf(RequirementLeaf),
}

impl Requirement {
    /// The leaves in reading order.
    pub fn leaves(&self) -> Box<dyn Iterator<Item = &RequirementLeaf> + '_> {
        match self {
            Self::AllOf(parts) | Self::AnyOf(parts) => Box::new(parts.iter().flat_map(Self::leaves)),
            Self::Not(part) | Self::EquivalentTo(part) => part.leaves(),
            Self::Leaf(leaf) => Box::new(std::iter::once(leaf)),
        }
    }
}

/// One thing that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementLeaf {
    /// What sort of thing.
    pub kind: RequirementKind,
    /// The thing itself, in the library's or the posting's words.
    pub value: String,
    /// Years of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_years: Option<f32>,
    /// How well, as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// How strongly.
    pub necessity: Necessity,
    /// Wanted or ruled out.
    pub polarity: Polarity,
    /// Where it stands.
    pub spans: Vec<Span>,
}
