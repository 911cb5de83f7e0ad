//! What the database did with a run. The only place where integer keys appear.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Slug;
use crate::vocabulary::closed;

closed! { "snake_case",
    /// What was linked.
    LinkKind { SkillDimension, RoleDimension }
    /// What became of a link.
    LinkOutcome { Saved, Unchanged, Skipped, NotSaved }
    /// What the run proposes to or adds to the library.
    ArtifactKind { CanonicalSkillProposed, AliasAdded, DimensionCreated, KraProposed, RoleProposed, CollisionLogged }
}

/// Everything the persistence stage did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Persistence {
    /// One line per link that was tried.
    pub links: Vec<LinkLine>,
    /// One entry per proposal or addition.
    pub artifacts: Vec<Artifact>,
    /// Totals; they equal the sums over the lists.
    pub totals: PersistenceTotals,
}

/// What became of one link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkLine {
    /// What was linked.
    pub kind: LinkKind,
    /// Skill or role.
    pub from: Slug,
    /// Dimension.
    pub to: Slug,
    /// What happened.
    pub outcome: LinkOutcome,
    /// The same in the older service's words.
    pub outcome_line: String,
    /// The link's key.
    pub id: Option<i64>,
}

/// A proposal or addition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    /// What it is.
    pub kind: ArtifactKind,
    /// What it is about.
    pub name: String,
    /// The review item that holds it.
    pub review_item: Option<i64>,
}

/// Sums over the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersistenceTotals {
    /// Links newly written.
    pub saved: u32,
    /// Links that were there already.
    pub unchanged: u32,
    /// Links that the rules forbid.
    pub skipped: u32,
    /// Links that wait for a person.
    pub not_saved: u32,
    /// Proposals and additions.
    pub artifacts: u32,
}
