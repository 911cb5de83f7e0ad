//! Why there is no answer, and what becomes of the run.

use pipeline::{Failure, Fate};
use std::error::Error;
use std::time::Duration;

/// After what time a server that failed is asked again.
const SOON: Duration = Duration::from_secs(5);
/// After what time it is looked whether a key or an account was put right.
const LATER: Duration = Duration::from_secs(300);

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The server, or our own limit, allows no more calls for now.
    #[error("the language model's rate limit is reached")]
    RateLimited {
        /// Not before this time has passed.
        retry_after: Duration,
    },
    /// The account has no money or quota left.
    #[error("the language model's account is spent: {0}")]
    QuotaSpent(String),
    /// The server was found away a moment ago.
    #[error("the language model is away: {why}")]
    Away {
        /// Not before this time has passed.
        retry_after: Duration,
        /// What was found.
        why: String,
    },
    /// The server takes the key, the account or the address for wrong.
    #[error("the language model refuses access ({status}): {message}")]
    Denied {
        /// HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// The day's budget has no room for the call.
    #[error("the day's budget for language models is spent")]
    DayBudget {
        /// Not before this time has passed.
        retry_after: Duration,
    },
    /// The run's own budget has no room for the call.
    #[error("the run's budget of ${budget_usd} has no room for a call of at most ${call_usd}")]
    RunBudget {
        /// What the run may cost.
        budget_usd: f64,
        /// What the call could cost.
        call_usd: f64,
    },
    /// No answer in time.
    #[error("the language model did not answer within {0:?}")]
    TimedOut(Duration),
    /// The server failed.
    #[error("the language model's server failed ({status}): {message}")]
    Server {
        /// HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// What answered speaks another language: a proxy's page, for one.
    #[error("what answered is not the language model's server: {0}")]
    Garbled(String),
    /// The connection broke.
    #[error("the connection to the language model broke: {0}")]
    Broken(String),
    /// What calls cost and answered is kept somewhere that is away.
    #[error("the record of model calls cannot be had")]
    Books(#[source] Box<dyn Error + Send + Sync>),
    /// The server takes the request for wrong.
    #[error("the language model takes the request for wrong ({status}): {message}")]
    Rejected {
        /// HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// The question is longer than the model can read.
    #[error("the question is longer than the language model reads: {0}")]
    TooLong(String),
    /// The answer is longer than allowed.
    #[error("the language model's answer was cut at {0} tokens")]
    CutShort(u32),
    /// The model would not answer.
    #[error("the language model refused: {0}")]
    Refused(String),
    /// The answer has not the shape that was asked for, nor had the repaired one.
    #[error("the language model's answer has another shape: {0}")]
    Invalid(String),
    /// Only recorded answers may be used, and there is none.
    #[error("no answer of the language model is recorded for this")]
    NotRecorded,
    /// A run is to be answered by a model, and none is set up here.
    #[error("the run asks for a language model, and none is set up here")]
    NotSetUp,
    /// The run is pinned to a prompt that this version does not have.
    #[error("the prompt {name} has no version {version} here")]
    UnknownPrompt {
        /// Of which prompt.
        name: &'static str,
        /// Which.
        version: String,
    },
}

impl Failure for ModelError {
    fn fate(&self) -> Fate {
        match self {
            Self::RateLimited { retry_after }
            | Self::Away { retry_after, .. }
            | Self::DayBudget { retry_after } => Fate::Waiting { retry_after: *retry_after },
            Self::QuotaSpent(_) | Self::Denied { .. } => Fate::Waiting { retry_after: LATER },
            Self::Books(_) => Fate::Waiting { retry_after: SOON },
            Self::RunBudget { .. } => Fate::Deferred { retry_after: LATER },
            Self::TimedOut(_) | Self::Server { .. } | Self::Garbled(_) | Self::Broken(_) => {
                Fate::Transient { retry_after: SOON }
            }
            Self::Rejected { .. }
            | Self::TooLong(_)
            | Self::CutShort(_)
            | Self::Refused(_)
            | Self::Invalid(_)
            | Self::NotRecorded
            | Self::NotSetUp
            | Self::UnknownPrompt { .. } => Fate::Permanent,
        }
    }
}

impl ModelError {
    /// Whether another call of the same may succeed within moments.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self.fate(), Fate::Transient { .. })
    }

    /// Whether it is money that lacks.
    #[must_use]
    pub const fn is_budget(&self) -> bool {
        matches!(self, Self::DayBudget { .. } | Self::RunBudget { .. })
    }

    /// A stable name, for traces.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::QuotaSpent(_) => "quota_spent",
            Self::Away { .. } => "away",
            Self::Denied { .. } => "denied",
            Self::DayBudget { .. } => "day_budget",
            Self::RunBudget { .. } => "run_budget",
            Self::TimedOut(_) => "timeout",
            Self::Server { .. } => "server",
            Self::Garbled(_) => "garbled",
            Self::Broken(_) => "broken",
            Self::Books(_) => "books",
            Self::Rejected { .. } => "rejected",
            Self::TooLong(_) => "too_long",
            Self::CutShort(_) => "cut_short",
            Self::Refused(_) => "refused",
            Self::Invalid(_) => "invalid",
            Self::NotRecorded => "not_recorded",
            Self::NotSetUp => "not_set_up",
            Self::UnknownPrompt { .. } => "unknown_prompt",
        }
    }
}
