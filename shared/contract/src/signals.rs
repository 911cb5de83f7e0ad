//! The four kinds of evidence for a role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::vocabulary::closed;
use crate::{Adjudicator, Slug, Span};

closed! { "snake_case",
    /// A kind of evidence for a role.
    SignalKind { Alias, Skill, Kra, Domain }
}

/// Every role's score under each signal, best first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Signals {
    /// The title.
    pub alias: Vec<AliasScore>,
    /// The skills.
    pub skill: Vec<SkillScore>,
    /// The responsibilities and requirements against each role's key result areas. Empty when the posting has too few.
    pub kra: Vec<KraScore>,
    /// The whole text against each role's library text.
    pub domain: Vec<DomainScore>,
    /// What holds for a signal as a whole.
    pub notes: SignalNotes,
}

/// What holds for the signals of one posting as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignalNotes {
    /// The title that the alias signal compared: printed or given, never inferred.
    pub title: Option<String>,
    /// The title without level words, brackets, places and gender tails.
    pub title_core: Option<String>,
    /// Share of the posting's skills that the library knows.
    pub skill_coverage: f32,
    /// Whether that share is too small for the skill signal to lead.
    pub skill_is_weak: bool,
    /// Why the KRA signal is silent, when it is.
    pub kra_reason: Option<String>,
    /// Who said which role family the text speaks of; the built-in engine where nothing is said.
    #[serde(default, skip_serializing_if = "Adjudicator::is_vote")]
    pub domain_by: Adjudicator,
}

/// How well the title names a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AliasScore {
    /// The role.
    pub slug: Slug,
    /// 1 the title is the role's name or alias; .9 it is without level words; at most .8 it is similar. Divided by the roles that claim it.
    pub score: f32,
    /// Whether it may decide by itself: an exact hit that is not on the stop-list.
    pub trusted: bool,
    /// The alias that was hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// How well the skills fit a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillScore {
    /// The role.
    pub slug: Slug,
    /// Weighted cosine, 0 to 1.
    pub score: f32,
    /// How many of the posting's skills stand in the role's profile.
    pub matched_count: u32,
    /// How many skills of the posting the library knows.
    pub total_count: u32,
    /// Known skills over all skills of the posting.
    pub coverage: f32,
    /// The skills that weigh most; for the first roles only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched_skills: Vec<Slug>,
}

/// How well the work fits a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KraScore {
    /// The role.
    pub slug: Slug,
    /// Mean of the best three pairs of a one-to-one assignment, background taken off; null for a role with under three KRAs.
    pub score: Option<f32>,
    /// The older measure: mean of the best three similarities, a KRA may count again.
    pub score_plain: Option<f32>,
    /// The three pairs; for the first roles only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<KraPair>,
}

/// One KRA and the sentence that speaks of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KraPair {
    /// The role's KRA.
    pub kra: String,
    /// The posting's sentence.
    pub sentence: Span,
    /// Similarity above the background.
    pub similarity: f32,
}

/// How well the whole text fits a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DomainScore {
    /// The role.
    pub slug: Slug,
    /// Probability among all roles, 0 to 1.
    pub score: f32,
    /// Cosine of the text with the role's library text, 0 to 1.
    pub similarity: f32,
    /// The role's family.
    pub domain: Slug,
}
