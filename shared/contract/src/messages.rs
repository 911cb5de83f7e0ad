//! What crosses the broker beside the envelopes: events for upstream systems, and dead letters.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use time::OffsetDateTime;

use crate::{ConfidenceBand, Content, DecisionCase, PersistenceTotals, RunId, Slug, Source, Stage, Status};

/// A run has ended and its rows are written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunFinished {
    /// The run.
    pub run_id: RunId,
    /// Which pass of it.
    pub attempt: u32,
    /// The run that holds the answer, where the same input had been answered before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<RunId>,
    /// How it ended.
    pub status: Status,
    /// Who sent it.
    pub source: Source,
    /// Why the gate stopped it, if it did.
    pub reason: Option<String>,
    /// The chosen role.
    pub role: Option<Slug>,
    /// The rule that chose it.
    pub case: Option<DecisionCase>,
    /// How sure, 0 to 1.
    pub confidence: Option<f32>,
    /// What that allows.
    pub band: Option<ConfidenceBand>,
    /// What the database did, in numbers.
    pub totals: PersistenceTotals,
    /// The outputs of all stages but persistence; none where they are longer than [`RunFinished::LONGEST_OUTPUTS`] bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Json>,
    /// Where the whole run can be read, relative to the service.
    pub link: String,
}

impl RunFinished {
    /// Name and version of the message.
    pub const KIND: &'static str = "rolemill.run.finished.v1";
    /// The key that it is published under.
    pub const KEY: &'static str = "run.finished";
    /// Outputs of up to this many bytes travel with the event.
    pub const LONGEST_OUTPUTS: usize = 64 << 10;

    /// Where a run can be read.
    #[must_use]
    pub fn link_to(run_id: RunId) -> String {
        format!("/v1/runs/{run_id}")
    }
}

/// A run was given up and waits in the dead-letter archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunFailed {
    /// The run.
    pub run_id: RunId,
    /// Which pass of it.
    pub attempt: u32,
    /// Who sent it, as far as that is known.
    pub source: Option<String>,
    /// The stage that gave it up.
    pub stage: Stage,
    /// A stable name of the cause.
    pub code: String,
    /// The error with all its causes.
    pub message: String,
    /// Equal for runs of one cause.
    pub fingerprint: String,
}

impl RunFailed {
    /// Name and version of the message.
    pub const KIND: &'static str = "rolemill.run.failed.v1";
    /// The key that it is published under.
    pub const KEY: &'static str = "run.failed";
}

/// The library has a new version; runs that are accepted from now on are pinned to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LibraryChanged {
    /// The version before, where it is known.
    pub from: Option<String>,
    /// The version now.
    pub to: String,
}

impl LibraryChanged {
    /// Name and version of the message.
    pub const KIND: &'static str = "rolemill.library.changed.v1";
    /// The key that it is published under.
    pub const KEY: &'static str = "library.changed";
}

/// JSON that is carried as it is, unread.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "serde_json::Value")]
pub struct Json(String);

impl Json {
    /// Carries a text, if it is JSON.
    ///
    /// # Errors
    /// When it is not.
    pub fn of(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<&RawValue>(&text)?;
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Box::<RawValue>::deserialize(deserializer)?.get().to_owned()))
    }
}

/// Why a message was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// The stage that gave it up.
    pub stage: Stage,
    /// A stable name of the cause.
    pub code: String,
    /// The error with all its causes.
    pub message: String,
    /// Equal for faults of one cause: a hash of stage, code and the message without what differs from run to run.
    pub fingerprint: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String")]
    pub at: OffsetDateTime,
    /// Which process.
    pub worker: String,
    /// Whether it may succeed another time.
    pub retryable: bool,
    /// How often it was tried.
    pub tries: u32,
}

/// A message that was given up, with everything that is needed to send it once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetter {
    /// Why.
    pub fault: Fault,
    /// The run, where the message could be read so far.
    pub run_id: Option<RunId>,
    /// Which pass of it.
    pub attempt: Option<u32>,
    /// The message's `type`.
    pub kind: Option<String>,
    /// Its content type.
    pub content_type: Option<String>,
    /// Its id, as its sender gave it.
    pub message_id: Option<String>,
    /// Where it had been published.
    pub routing_key: String,
    /// The sending system, where the message says.
    pub source: Option<String>,
    /// The sender's key for the posting, where the message says.
    pub idempotency_key: Option<String>,
    /// W3C trace context that it came with.
    pub trace_parent: Option<String>,
    /// The replay batch that sent it.
    pub replay_batch: Option<String>,
    /// Its body, decompressed where it could be.
    pub body: Content,
}

impl DeadLetter {
    /// Name and version of the message.
    pub const KIND: &'static str = "rolemill.dead_letter.v1";
}
