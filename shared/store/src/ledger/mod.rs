//! The ledger of accepted runs: one line for everything that came in, until it is known how it ended.

mod change;
mod read;
mod write;

use contract::{RunId, Status};
use migration::Word;
use sea_orm::FromQueryResult;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::find::Cursor;

pub(crate) use change::erase;
pub(crate) use write::answered_by_others;

/// Lines of one statement.
const CHUNK: usize = 1_000;
/// Lines that may come to another end yet: a run that was given up can be replayed.
pub(crate) const CHANGING: [Word<Status>; 4] =
    [Word(Status::Accepted), Word(Status::Stranded), Word(Status::WaitingBudget), Word(Status::DeadLettered)];
/// How a run ends.
const ENDS: [Status; 4] = [Status::Completed, Status::Rejected, Status::DeadLettered, Status::Cancelled];

/// A posting as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedRun {
    /// The run that it is.
    pub run_id: RunId,
    /// Who sent it.
    pub source: String,
    /// The sender's id of it.
    pub external_id: Option<String>,
    /// Where it was published.
    pub routing_key: String,
    /// MIME type of the body.
    pub content_type: Option<String>,
    /// What of its headers is needed to send it once more.
    pub headers: BTreeMap<String, String>,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// When it came.
    pub accepted_at: OffsetDateTime,
}

/// A run that has no rows of its own, because another one had answered the same input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The run.
    pub run_id: RunId,
    /// The one that holds the answer.
    pub answered_by: RunId,
    /// How that one ended.
    pub status: Status,
}

/// How many lines came to each end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SettledRuns {
    /// Completed.
    pub completed: u64,
    /// Stopped by the gate.
    pub rejected: u64,
    /// Given up.
    pub dead_lettered: u64,
    /// Cancelled.
    pub cancelled: u64,
}

/// A line of the ledger without its body.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
struct Row {
    run_id: Uuid,
    source_system: String,
    external_id: Option<String>,
    routing_key: String,
    content_type: Option<String>,
    body_bytes: i64,
    accepted_at: OffsetDateTime,
    sent_at: OffsetDateTime,
    state: Word<Status>,
    settled_at: Option<OffsetDateTime>,
    answered_by: Option<Uuid>,
    emitted: i32,
    forgotten_at: Option<OffsetDateTime>,
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LedgerLine {
    /// The run.
    pub run_id: RunId,
    /// Who sent it; empty where only its answer is known yet.
    pub source: String,
    /// The sender's id of it.
    pub external_id: Option<String>,
    /// Where it was published.
    pub routing_key: String,
    /// MIME type of the body.
    pub content_type: Option<String>,
    /// How long the body was, in bytes.
    pub body_bytes: u64,
    /// When it came.
    #[serde(with = "time::serde::rfc3339")]
    pub accepted_at: OffsetDateTime,
    /// When it was sent into the pipeline last.
    #[serde(with = "time::serde::rfc3339")]
    pub sent_at: OffsetDateTime,
    /// Where it stands.
    pub state: Status,
    /// When its end was seen.
    #[serde(with = "time::serde::rfc3339::option")]
    pub settled_at: Option<OffsetDateTime>,
    /// The run that holds its answer, where that is another one.
    pub answered_by: Option<RunId>,
    /// How often it was sent once more.
    pub emitted: u32,
    /// When its body was forgotten.
    #[serde(with = "time::serde::rfc3339::option")]
    pub forgotten_at: Option<OffsetDateTime>,
}

/// A line of the ledger with everything that is needed to send it once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// What lists show.
    pub line: LedgerLine,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body; none where only its answer is known, and once it was forgotten.
    pub body: Option<Vec<u8>>,
}

/// Which lines are wanted. Nothing named is no restriction.
#[derive(Clone, Debug, Default)]
pub struct LedgerFilter {
    /// Where they stand.
    pub state: Option<Status>,
    /// Who sent them.
    pub source: Option<String>,
    /// Accepted before this.
    pub before: Option<OffsetDateTime>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// The most lines of a page.
    pub limit: u64,
}

impl From<Row> for LedgerLine {
    fn from(row: Row) -> Self {
        Self {
            run_id: RunId(row.run_id),
            source: row.source_system,
            external_id: row.external_id,
            routing_key: row.routing_key,
            content_type: row.content_type,
            body_bytes: row.body_bytes.unsigned_abs(),
            accepted_at: row.accepted_at,
            sent_at: row.sent_at,
            state: row.state.0,
            settled_at: row.settled_at,
            answered_by: row.answered_by.map(RunId),
            emitted: row.emitted.unsigned_abs(),
            forgotten_at: row.forgotten_at,
        }
    }
}
