//! Replay: a selection is frozen into a batch first, and its items are then sent one after the other, each once.

mod claim;
mod control;
mod ended;
mod freeze;
mod list;
mod preview;
mod select;

use contract::{
    BatchState, Document, ItemState, Options, ReplayDepth, RunId, SkipReason, Source, Stage, Status,
    VersionOverride, Versions,
};
use migration::entity::replay_batch;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use time::OffsetDateTime;

use crate::find::read;
use crate::{DeadPick, RunFilter, StoreError};

pub use ended::SettledBatches;
pub(crate) use ended::{letters_died, run_cancelled};
pub(crate) use freeze::highest_attempts;
pub use list::{ItemCursor, ItemLine};
pub use preview::{Preview, UnreadableItem};

/// The rate of a batch where nothing else is wanted, in items a second.
pub const USUAL_RATE: f64 = 10.0;

/// What is to be sent once more, and how.
#[derive(Clone, Debug)]
pub struct ReplayWish {
    /// Of what.
    pub what: ReplayOf,
    /// From which stage; where a message died, and from parse for a run, where none is named.
    pub from: Option<Stage>,
    /// Versions in place of those that the runs were pinned to.
    pub versions: VersionOverride,
    /// The most items that are sent in a second; above zero. A second's worth may go at once.
    pub rate_per_second: f64,
    /// The most items of the batch.
    pub cap: Option<u64>,
    /// After so many items somebody is asked whether the others shall follow.
    pub canary: Option<u32>,
    /// For real, or to compare.
    pub depth: ReplayDepth,
    /// Who wants it.
    pub actor: String,
}

/// What is to be sent once more.
#[derive(Clone, Debug)]
pub enum ReplayOf {
    /// Dead letters that wait.
    Dead(DeadPick),
    /// Stored runs, however they ended; the newest attempt of each.
    Runs(RunPick),
}

/// Some runs.
#[derive(Clone, Debug)]
pub enum RunPick {
    /// These.
    Ids(Vec<RunId>),
    /// Everything that a filter matches, whatever its page.
    Matching(RunFilter),
}

impl ReplayWish {
    /// A replay for real of all that is named, as it was.
    #[must_use]
    pub fn new(what: ReplayOf, actor: impl Into<String>) -> Self {
        Self {
            what,
            from: None,
            versions: VersionOverride::default(),
            rate_per_second: USUAL_RATE,
            cap: None,
            canary: None,
            depth: ReplayDepth::Real,
            actor: actor.into(),
        }
    }
}

/// What a replay would come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// How many items it has.
    pub total: u64,
    /// How many begin at each stage.
    pub by_stage: BTreeMap<Stage, u64>,
    /// How many there are of each cause; runs that are no dead letters have none.
    pub by_code: BTreeMap<String, u64>,
    /// What was asked for and is not in it.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// What the earlier attempts cost on average, for every item, in US dollars; none where nothing is known.
    pub estimated_cost_usd: Option<f64>,
}

/// A batch, and what was and was not taken into it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Frozen {
    /// The batch.
    pub batch: ReplayBatch,
    /// What it comes to.
    pub plan: Plan,
}

/// A batch of replays.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayBatch {
    /// Its key.
    pub id: i64,
    /// When it was frozen.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// By whom.
    pub actor: String,
    /// Where it stands.
    pub state: BatchState,
    /// What it does.
    pub depth: ReplayDepth,
    /// From which stage; none for where each item's message died.
    pub from: Option<Stage>,
    /// Versions in place of those that the runs were pinned to.
    pub versions: VersionOverride,
    /// The most items that are sent in a second.
    pub rate_per_second: f64,
    /// The most items that it was to have.
    pub cap: Option<u64>,
    /// After so many items somebody is asked.
    pub canary: Option<u32>,
    /// What was asked for.
    pub filter: serde_json::Value,
    /// How many items it has.
    pub total: u64,
    /// How many items stand where.
    pub counts: BTreeMap<ItemState, u64>,
    /// When somebody said that the others shall follow.
    #[serde(with = "time::serde::rfc3339::option")]
    pub went_at: Option<OffsetDateTime>,
    /// When it was finished or stopped.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
}

/// What is taken from a batch, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The batch.
    pub batch_id: i64,
    /// The most items; the batch's rate may allow fewer.
    pub most: u64,
    /// After this time an item that was not sent may be taken by another worker.
    pub lease: Duration,
}

/// An item that is to be sent now, with all that its message is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedItem {
    /// Its key.
    pub id: i64,
    /// Its batch.
    pub batch_id: i64,
    /// The run; none where its message could not be read.
    pub run_id: Option<RunId>,
    /// The attempt that is replayed.
    pub from_attempt: Option<u32>,
    /// The attempt that it becomes.
    pub attempt: u32,
    /// The stage that it is sent to.
    pub stage: Stage,
    /// For real, or to compare.
    pub depth: ReplayDepth,
    /// Versions in place of those that the run was pinned to.
    pub versions: VersionOverride,
    /// Whether another worker had it before: it may have been sent.
    pub is_again: bool,
    /// What its message is made of.
    pub origin: Origin,
}

/// What a message is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// A dead letter.
    Letter(Box<LetterOrigin>),
    /// A stored run.
    Run(Box<RunOrigin>),
}

/// A dead letter as it is sent once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterOrigin {
    /// Its key.
    pub dead_letter_id: i64,
    /// The stage that gave it up.
    pub died_at: Stage,
    /// The message's `type`.
    pub kind: Option<String>,
    /// Its content type.
    pub content_type: Option<String>,
    /// Where it had been published.
    pub routing_key: String,
    /// Its id, as its sender gave it.
    pub message_id: Option<String>,
    /// The trace that it belongs to.
    pub trace_id: Option<String>,
    /// W3C trace context that it came with.
    pub trace_parent: Option<String>,
    /// Who sent the posting.
    pub source: Option<String>,
    /// The sender's key for it.
    pub idempotency_key: Option<String>,
    /// Its body: the edited one where there is one.
    pub body: Vec<u8>,
    /// Whether somebody edited it.
    pub is_edited: bool,
}

/// A stored run as it is sent once more.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOrigin {
    /// When the run was accepted.
    pub created_at: OffsetDateTime,
    /// Who sent it; its idempotency key is not stored.
    pub source: Source,
    /// What was sent. Its content is empty when it was purged, which only a replay from a later stage than parse survives.
    pub document: Document,
    /// How the attempt ended.
    pub status: Status,
    /// What was asked for.
    pub options: Options,
    /// What it was pinned to.
    pub versions: Versions,
    /// Canonical JSON of the outputs of all its stages but persistence; `{}` where they were erased.
    pub outputs: String,
}

/// An item that has come to an end without a row in another table that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedItem {
    /// Its key.
    pub id: i64,
    /// How it ended.
    pub state: ItemState,
    /// What else is to be said: why it could not be sent, or how the shadow differs.
    pub note: Option<String>,
}

/// The subject of a batch's lines in the audit log.
fn subject(batch: i64) -> String {
    format!("replay batch {batch}")
}

fn missing(batch: i64) -> StoreError {
    StoreError::Missing(subject(batch))
}

fn batch_of(row: replay_batch::Model, counts: BTreeMap<ItemState, u64>) -> Result<ReplayBatch, StoreError> {
    Ok(ReplayBatch {
        id: row.id,
        created_at: row.created_at,
        actor: row.actor,
        state: row.state.0,
        depth: row.depth.0,
        from: row.stage.map(|stage| stage.0),
        versions: overrides(row.versions)?,
        rate_per_second: row.rate_per_second,
        cap: row.cap.map(i64::unsigned_abs),
        canary: row.canary.map(i32::unsigned_abs),
        filter: row.filter,
        total: row.total.unsigned_abs(),
        counts,
        went_at: row.went_at,
        ended_at: row.ended_at,
    })
}

fn overrides(stored: Option<serde_json::Value>) -> Result<VersionOverride, StoreError> {
    stored.map(|value| read("a batch's versions", value)).transpose().map(Option::unwrap_or_default)
}
