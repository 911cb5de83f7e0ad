//! Which role it is, how sure that is, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::vocabulary::closed;
use crate::{Archetype, SignalKind, Slug, Span};

closed! { "SCREAMING_SNAKE_CASE",
    /// The named rule that chose the role. The first whose condition holds wins.
    DecisionCase {
        AliasCollision, AliasConflict, AliasConfirmed, AliasOnly, Converged, SkillLed, SkillTieKra, KraLed,
        DomainConfirmed, Domain, MultiTie, TaxonomyNew, NewRole, LowSignal,
    }
}

closed! { "snake_case",
    /// What may be done with an answer of this confidence.
    ConfidenceBand {
        /// Without a person.
        Auto,
        /// Until somebody says otherwise.
        Provisional,
        /// Only after a person looked.
        Review,
    }
    /// Who settled it.
    #[derive(Default)]
    Adjudicator {
        #[default]
        Vote,
        Model,
    }
}

impl Adjudicator {
    /// Whether the built-in engine did.
    #[must_use]
    pub const fn is_vote(&self) -> bool {
        matches!(self, Self::Vote)
    }
}

/// The decision with everything it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The rule that fired.
    pub case: DecisionCase,
    /// What the rule saw, in words.
    pub rule: String,
    /// The role; null when no library role is meant.
    pub chosen_role: Option<ChosenRole>,
    /// Calibrated probability that the role is right.
    pub confidence: f32,
    /// What that allows.
    pub confidence_band: ConfidenceBand,
    /// Signals that lead with the chosen role.
    pub agreeing: Vec<SignalKind>,
    /// All roles by the calibrated vote of the four signals, best first.
    pub ranked: Vec<RankedRole>,
    /// Nothing in the library fits, and the title names what would.
    pub is_new_role: bool,
    /// Every signal is below its floor.
    pub no_role_fits: bool,
    /// Whether a person should look because the rule says so, whatever the confidence.
    pub provisional: bool,
    /// A role that the library lacks.
    pub proposal: Option<RoleProposal>,
    /// The nearest roles where none was chosen.
    pub nearest: Vec<Slug>,
    /// How a tie or conflict was settled.
    pub adjudication: Option<Adjudication>,
    /// What small change would change the rule.
    pub counterfactual: Option<Counterfactual>,
}

/// The role that was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChosenRole {
    /// Its slug.
    pub slug: Slug,
    /// Its name.
    pub display_name: String,
    /// Its family.
    pub domain: Slug,
    /// Its kind of work.
    pub archetype: Archetype,
}

/// A role's place in the vote with its four scores; null where a signal said nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RankedRole {
    /// The role.
    pub slug: Slug,
    /// Its share of the vote; all roles sum to one.
    pub score: f32,
    /// Alias score.
    pub alias: Option<f32>,
    /// Skill score.
    pub skill: Option<f32>,
    /// KRA score.
    pub kra: Option<f32>,
    /// Domain score.
    pub domain: Option<f32>,
}

/// A role that the library should perhaps have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleProposal {
    /// Its title as the posting has it.
    pub title: String,
    /// The external occupation it maps to, if one fits.
    pub occupation: Option<String>,
    /// The library's nearest role.
    pub nearest: Option<Slug>,
    /// What it would be, as a language model proposes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<RolePlan>,
}

/// What a role that the library lacks would be. Nothing of it is written without a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolePlan {
    /// Its name, of words that the posting has.
    pub display_name: String,
    /// Its kind of work.
    pub archetype: Archetype,
    /// The library's family that it would belong to.
    pub domain: Slug,
    /// The posting's statements that would be its key result areas.
    pub kras: Vec<Span>,
}

/// How a tie or conflict was settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Adjudication {
    /// Who.
    pub by: Adjudicator,
    /// The roles that stood for choice, at most five.
    pub cohort: Vec<Slug>,
    /// The answer; null when none of them.
    pub answer: Option<Slug>,
    /// How sure, 0 to 1.
    pub confidence: f32,
    /// The words it rests on.
    pub quotes: Vec<Span>,
}

/// The nearest change of the input that would have fired another rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counterfactual {
    /// The change, in words.
    pub change: String,
    /// The rule that would have fired.
    pub case: DecisionCase,
    /// The role that would have been chosen.
    pub role: Option<Slug>,
}
