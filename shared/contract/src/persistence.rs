//! What the database did with a run. The only place where integer keys appear.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::vocabulary::closed;
use crate::{ModelCall, RunId, Slug, Stage, cost_usd};

closed! { "snake_case",
    /// What became of a link.
    LinkOutcome {
        /// Newly written.
        Saved,
        /// It was there already.
        Unchanged,
        /// The rules forbid it.
        Skipped,
        /// It waits for a person.
        NotSaved,
    }
    /// What the run proposes to or adds to the library.
    ArtifactKind {
        CanonicalSkillProposed, AliasProposed, AliasAdded, DimensionProposed, DimensionCreated, KraProposed, RoleProposed,
        CollisionLogged,
    }
}

/// Everything the persistence stage did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Persistence {
    /// The run that this one says nearly the same as, in other words or for another place.
    pub duplicate_of: Option<RunId>,
    /// One line per skill and dimension.
    pub links: Vec<LinkLine>,
    /// One entry per proposal or addition.
    pub artifacts: Vec<Artifact>,
    /// Whether the run gave its role's centroid a sample.
    pub centroid_sampled: bool,
    /// Totals; they equal the sums over the lists.
    pub totals: PersistenceTotals,
}

/// What became of one skill in one dimension: of the skill's link to it, and of the chosen role's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkLine {
    /// The skill's name as in the parse.
    pub skill: String,
    /// Its slug, where the library has it.
    pub skill_slug: Option<Slug>,
    /// Its key.
    pub skill_id: Option<i64>,
    /// The dimension's name.
    pub dimension: String,
    /// Its slug, where the library has it.
    pub dimension_slug: Option<Slug>,
    /// Its key.
    pub dimension_id: Option<i64>,
    /// The chosen role's key.
    pub role_id: Option<i64>,
    /// What became of the skill's link.
    pub skill_dimension: LinkOutcome,
    /// What became of the role's link.
    pub role_dimension: LinkOutcome,
    /// The same in the older service's words.
    pub outcome_line: String,
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

/// Sums over the lists; an outcome or kind that did not occur has no entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PersistenceTotals {
    /// Lines.
    pub items: u32,
    /// Skill↔dimension links by outcome; sums to `items`.
    pub skill_dimension: BTreeMap<LinkOutcome, u32>,
    /// Role↔dimension links by outcome; sums to `items`.
    pub role_dimension: BTreeMap<LinkOutcome, u32>,
    /// Artifacts by kind.
    pub artifacts: BTreeMap<ArtifactKind, u32>,
    /// What the stages' calls of language models cost, in US dollars; null for a stage that has a call without a price.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub llm_cost_usd: BTreeMap<Stage, Option<f64>>,
    /// Their sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llm_cost_total_usd: Option<f64>,
}

impl PersistenceTotals {
    /// Counts the lists and the ledger.
    #[must_use]
    pub fn of(links: &[LinkLine], artifacts: &[Artifact], ledger: &[ModelCall]) -> Self {
        let mut totals = Self { items: links.len() as u32, ..Self::default() };
        for call in ledger {
            let cost = totals.llm_cost_usd.entry(call.stage).or_insert(Some(0.0));
            *cost = cost.zip(call.cost_usd).map(|(sum, cost)| sum + cost);
        }
        if !ledger.is_empty() {
            totals.llm_cost_total_usd = cost_usd(ledger);
        }
        for line in links {
            *totals.skill_dimension.entry(line.skill_dimension).or_default() += 1;
            *totals.role_dimension.entry(line.role_dimension).or_default() += 1;
        }
        for artifact in artifacts {
            *totals.artifacts.entry(artifact.kind).or_default() += 1;
        }
        totals
    }
}
