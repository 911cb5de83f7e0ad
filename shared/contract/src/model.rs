//! What language models are asked for, and what every call of one cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::vocabulary::closed;
use crate::{RunId, Stage};

closed! { "snake_case",
    /// What a stage asks a language model for.
    ModelUse {
        /// Fields that the built-in reader left open.
        NanoParse,
        /// Skills that stand in the text under no name that the library has.
        HiddenSkills,
        /// The role family that the whole text speaks of.
        Domain,
        /// One of several roles that are tied or in conflict.
        Adjudication,
        /// What a role that the library lacks would be.
        RolePlan,
        /// A place for skills that the library lacks.
        Orchestrator,
        /// Responsibilities in few words.
        KraDescriptions,
        /// Vectors of texts.
        Embedding,
    }
    /// What became of a call.
    CallOutcome {
        /// An answer of the shape that was asked for.
        Answered,
        /// An answer of another shape.
        Invalid,
        /// The model would not answer.
        Refused,
        /// The answer was longer than allowed.
        CutShort,
        /// No answer.
        Failed,
    }
}

closed! { "snake_case",
    /// Where a run's model answers may come from.
    #[derive(Default)]
    Answers {
        /// A stored answer to the same request, else the server.
        #[default]
        Stored,
        /// The server, even where an answer is stored.
        Fresh,
        /// Stored answers only: free, and the same as before.
        Recorded,
    }
}

impl Answers {
    /// Whether it is what is usual.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl ModelUse {
    /// The stage that asks; none for what serves several.
    #[must_use]
    pub const fn stage(self) -> Option<Stage> {
        match self {
            Self::NanoParse | Self::HiddenSkills => Some(Stage::Parse),
            Self::Domain => Some(Stage::Signals),
            Self::Adjudication | Self::RolePlan => Some(Stage::Decision),
            Self::Orchestrator | Self::KraDescriptions => Some(Stage::Enrichment),
            Self::Embedding => None,
        }
    }
}

/// One call of a language model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelCall {
    /// The stage that called.
    pub stage: Stage,
    /// What for.
    pub purpose: ModelUse,
    /// Model id as it was asked for.
    pub model: String,
    /// SHA-256 of the request.
    pub request_hash: String,
    /// Tokens sent; null when the server did not say.
    pub input_tokens: Option<u32>,
    /// Tokens received.
    pub output_tokens: Option<u32>,
    /// Wall-clock time in milliseconds.
    pub ms: f64,
    /// Price in US dollars, 0 for a stored answer; null when no price is configured.
    pub cost_usd: Option<f64>,
    /// Whether a stored answer was used.
    pub cached: bool,
    /// What became of it.
    pub outcome: CallOutcome,
    /// How many values of the answer were dropped because no text supports them.
    #[serde(default)]
    pub dropped: u32,
    /// What was wrong, in words; null for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What calls cost together, in US dollars: 0 for none, null when one of them has no price.
#[must_use]
pub fn cost_usd(ledger: &[ModelCall]) -> Option<f64> {
    // Not `sum`, which makes −0 of nothing.
    ledger.iter().try_fold(0.0, |total, call| Some(total + call.cost_usd?))
}

closed! { "snake_case",
    /// How an answer ended.
    AnswerEnd {
        /// The model was done.
        Stop,
        /// It was cut at the most tokens that were allowed.
        Length,
        /// The model, or a filter before it, would not.
        Refusal,
    }
}

/// An answer that was paid for, kept so that the same request is never paid for again.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAnswer {
    /// SHA-256 of the request.
    pub request_hash: String,
    /// The run that paid for it.
    pub run_id: RunId,
    /// Which pass of it.
    pub attempt: u32,
    /// The stage that asked.
    pub stage: Stage,
    /// What for.
    pub purpose: ModelUse,
    /// Model id as it was asked for.
    pub model: String,
    /// What the model said, or why it would not.
    pub content: String,
    /// How it ended.
    pub end: AnswerEnd,
    /// Tokens sent; null when the server did not say.
    pub input_tokens: Option<u32>,
    /// Tokens received.
    pub output_tokens: Option<u32>,
    /// Wall-clock time in milliseconds.
    pub ms: f64,
    /// Price in US dollars; null when no price is configured.
    pub cost_usd: Option<f64>,
}

/// Room in the budgets that is asked for before a call.
#[derive(Clone, Debug, PartialEq)]
pub struct SpendWish {
    /// The run that is to pay.
    pub run_id: RunId,
    /// Which pass of it.
    pub attempt: u32,
    /// The most that the call can cost, in US dollars.
    pub usd: f64,
    /// What this pass of the run may cost in all.
    pub run_limit_usd: Option<f64>,
    /// What all calls of a day (UTC) may cost.
    pub day_limit_usd: Option<f64>,
}

/// Which budget has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
    /// The run's.
    Run,
    /// The day's.
    Day,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// The room that had been reserved for it.
    pub reservation: Option<Uuid>,
    /// The run that pays.
    pub run_id: RunId,
    /// Which pass of it.
    pub attempt: u32,
    /// What it cost, in US dollars.
    pub usd: f64,
    /// The answer, where there is one.
    pub answer: Option<KeptAnswer>,
}
