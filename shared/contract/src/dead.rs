//! The words of dead letters, of their replay, and of what the workers share by the database.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::Versions;
use crate::vocabulary::closed;

closed! { "snake_case",
    /// Where a dead letter stands.
    DeadState {
        /// It waits for somebody.
        Parked,
        /// A replay batch has it, and has not sent it yet.
        Queued,
        /// It was sent again.
        Replayed,
        /// Somebody put it away.
        Archived,
    }
    /// Where a replay batch stands.
    BatchState {
        /// Its items are being sent.
        Running,
        /// Somebody halted it.
        Paused,
        /// The first items are sent; somebody has to say whether the others shall follow.
        AwaitingGo,
        /// Somebody stopped it for good.
        Cancelled,
        /// Every item has ended.
        Finished,
    }
    /// What a replay does.
    ReplayDepth {
        /// A new attempt, stored like any other.
        Real,
        /// The work is done and compared, nothing is stored.
        Shadow,
    }
    /// Where an item of a replay batch stands.
    ItemState {
        /// It waits for its turn.
        Pending,
        /// A worker is about to send it.
        Claimed,
        /// It is on its way.
        Sent,
        /// Its run was completed.
        Completed,
        /// The gate stopped its run.
        Rejected,
        /// It was given up once more.
        DeadLettered,
        /// It was not sent, because its batch was stopped.
        Cancelled,
        /// It was not sent, because it could not be.
        Skipped,
    }
    /// Why something that was asked for is not in a replay batch.
    SkipReason {
        /// Another batch has it.
        Queued,
        /// It was sent again before.
        Replayed,
        /// It was put away.
        Archived,
        /// There is no such dead letter or run.
        Missing,
        /// Its text was erased.
        Erased,
        /// Its run is in a batch, by another dead letter or by itself.
        SameRun,
        /// No attempt of the run is stored.
        NotStored,
        /// The stage before the wanted one never gave an output.
        StageNotReached,
        /// Nobody could read the message, so it can only go where it came from.
        Unreadable,
        /// The batch is full.
        OverCap,
    }
    /// Whether a dependency may be called.
    BreakerState {
        Closed,
        /// Not before a given time.
        Open,
        /// One caller tries whether it is back.
        HalfOpen,
    }
    /// What a webhook may be told of, named by the key that the event is published under.
    WebhookEvent {
        /// A run has ended.
        #[serde(rename = "run.finished")]
        #[strum(serialize = "run.finished")]
        RunFinished,
        /// A run was given up.
        #[serde(rename = "run.failed")]
        #[strum(serialize = "run.failed")]
        RunFailed,
    }
    /// Where the delivery of an event to a webhook stands.
    WebhookState {
        /// It waits for its next try.
        Pending,
        /// The receiver has it.
        Delivered,
        /// There is no further try.
        Dead,
    }
}

impl ItemState {
    /// Whether nothing more becomes of the item.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        !matches!(self, Self::Pending | Self::Claimed | Self::Sent)
    }
}

/// Versions that a replay uses in place of those that the run was pinned to. Nothing named leaves them as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VersionOverride {
    /// Version of the code and its fitted constants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// The library version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// Prompt file → version; prompts that are not named stay.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prompts: BTreeMap<String, String>,
    /// Use → model id; uses that are not named stay.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, String>,
}

impl VersionOverride {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The versions of a replay of a run that was pinned to `pinned`.
    #[must_use]
    pub fn over(&self, pinned: &Versions) -> Versions {
        let mut versions = pinned.clone();
        versions.pipeline = self.pipeline.clone().unwrap_or(versions.pipeline);
        versions.library = self.library.clone().unwrap_or(versions.library);
        versions.prompts.extend(self.prompts.clone());
        versions.models.extend(self.models.clone());
        versions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_told_of_what_is_published_under_these_keys() {
        use crate::{RunFailed, RunFinished};
        assert_eq!(WebhookEvent::RunFinished.to_string(), RunFinished::KEY);
        assert_eq!(RunFailed::KEY.parse(), Ok(WebhookEvent::RunFailed));
    }

    #[test]
    fn an_override_changes_what_it_names_and_nothing_else() {
        let pinned = Versions {
            pipeline: "1".into(),
            library: "a".into(),
            prompts: BTreeMap::new(),
            models: [("parse".to_owned(), "small".to_owned()), ("rank".to_owned(), "small".to_owned())]
                .into(),
        };
        assert_eq!(VersionOverride::default().over(&pinned), pinned);
        let wish = VersionOverride {
            library: Some("b".into()),
            models: [("rank".to_owned(), "large".to_owned())].into(),
            ..VersionOverride::default()
        };
        let versions = wish.over(&pinned);
        assert_eq!((versions.pipeline.as_str(), versions.library.as_str()), ("1", "b"));
        assert_eq!((versions.models["parse"].as_str(), versions.models["rank"].as_str()), ("small", "large"));
    }
}
