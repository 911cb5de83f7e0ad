//! Looking at dead letters.

use contract::{Content, DeadState, ItemState, ReplayDepth, RunId, Stage, Status};
use migration::Word;
use migration::entity::{audit_entry, dead_letter, replay_batch, replay_item, run_attempt};
use sea_orm::sea_query::{Expr, ExprTrait as _, JoinType};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect,
};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{DeadFilter, subject};
use crate::bytes::decompressed;
use crate::{Store, StoreError};

/// A dead letter as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeadLine {
    /// Its key.
    pub id: i64,
    /// The run, where the message could be read so far.
    pub run_id: Option<RunId>,
    /// Which pass of it.
    pub attempt: Option<u32>,
    /// The stage that gave it up.
    pub stage: Stage,
    /// The cause.
    pub code: String,
    /// Equal for letters of one cause.
    pub fingerprint: String,
    /// The error with all its causes.
    pub message: String,
    /// Which process gave it up.
    pub worker: String,
    /// How often it was tried.
    pub tries: u32,
    /// Whether it may succeed another time.
    pub retryable: bool,
    /// Who sent it.
    pub source: Option<String>,
    /// Where it stands.
    pub state: DeadState,
    /// One more with every edit.
    pub revision: i32,
    /// When it was given up.
    #[serde(with = "time::serde::rfc3339")]
    pub occurred_at: OffsetDateTime,
    /// When it was stored.
    #[serde(with = "time::serde::rfc3339")]
    pub stored_at: OffsetDateTime,
    /// Who changed it last.
    pub changed_by: Option<String>,
    /// When.
    #[serde(with = "time::serde::rfc3339::option")]
    pub changed_at: Option<OffsetDateTime>,
    /// Why it was put away.
    pub reason: Option<String>,
    /// Until when it is kept.
    #[serde(with = "time::serde::rfc3339::option")]
    pub keep_until: Option<OffsetDateTime>,
    /// The replay batch that has it, or had it last.
    pub batch_id: Option<i64>,
}

/// Everything of a dead letter.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct DeadDetail {
    /// What lists show.
    #[serde(flatten)]
    pub line: DeadLine,
    /// The message's `type`.
    pub kind: Option<String>,
    /// Its content type.
    pub content_type: Option<String>,
    /// Where it had been published.
    pub routing_key: String,
    /// Its id, as its sender gave it.
    pub message_id: Option<String>,
    /// The sender's key for the posting.
    pub idempotency_key: Option<String>,
    /// The trace that it belongs to.
    pub trace_id: Option<String>,
    /// The replay batch that had sent it.
    pub replay_batch: Option<String>,
    /// Its body; none once it was erased.
    pub body: Option<Content>,
    /// The body that goes in its place.
    pub edited_body: Option<String>,
    /// Every stored attempt of its run, the first one first.
    pub attempts: Vec<RunAttemptLine>,
    /// Every dead letter of its run but itself, the first one first.
    pub siblings: Vec<DeadLine>,
    /// Every replay of it and of its run, the first one first.
    pub replays: Vec<RunReplayLine>,
    /// What was done with it, the first first.
    pub audit: Vec<AuditLine>,
}

/// A stored attempt of a run, in a line.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct RunAttemptLine {
    /// The attempt.
    pub attempt: u32,
    /// The attempt that it replays.
    pub replay_of: Option<u32>,
    /// How it ended.
    pub status: Status,
    /// What its model calls cost, in US dollars.
    pub cost_usd: Option<f64>,
    /// When it was stored.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// A replay of a run, in a line.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RunReplayLine {
    /// The batch.
    pub batch_id: i64,
    /// Who wanted it.
    pub actor: String,
    /// What it does.
    pub depth: ReplayDepth,
    /// The new attempt.
    pub attempt: u32,
    /// From which stage.
    pub stage: Stage,
    /// Where it stands.
    pub state: ItemState,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// What else is to be said.
    pub note: Option<String>,
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct AuditLine {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Who.
    pub actor: String,
    /// Did what.
    pub action: String,
    /// With what.
    pub detail: Value,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    run_id: Option<Uuid>,
    attempt: Option<i32>,
    stage: Word<Stage>,
    code: String,
    fingerprint: String,
    message: String,
    worker: String,
    tries: i32,
    retryable: bool,
    source_system: Option<String>,
    state: Word<DeadState>,
    revision: i32,
    occurred_at: OffsetDateTime,
    stored_at: OffsetDateTime,
    changed_by: Option<String>,
    changed_at: Option<OffsetDateTime>,
    reason: Option<String>,
    keep_until: Option<OffsetDateTime>,
    batch_id: Option<i64>,
}

impl From<Row> for DeadLine {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            run_id: row.run_id.map(RunId),
            attempt: row.attempt.map(i32::cast_unsigned),
            stage: row.stage.0,
            code: row.code,
            fingerprint: row.fingerprint,
            message: row.message,
            worker: row.worker,
            tries: row.tries.cast_unsigned(),
            retryable: row.retryable,
            source: row.source_system,
            state: row.state.0,
            revision: row.revision,
            occurred_at: row.occurred_at,
            stored_at: row.stored_at,
            changed_by: row.changed_by,
            changed_at: row.changed_at,
            reason: row.reason,
            keep_until: row.keep_until,
            batch_id: row.batch_id,
        }
    }
}

/// Letters without their bodies.
fn lines() -> sea_orm::Select<dead_letter::Entity> {
    use dead_letter::Column as C;
    dead_letter::Entity::find().select_only().columns([
        C::Id,
        C::RunId,
        C::Attempt,
        C::Stage,
        C::Code,
        C::Fingerprint,
        C::Message,
        C::Worker,
        C::Tries,
        C::Retryable,
        C::SourceSystem,
        C::State,
        C::Revision,
        C::OccurredAt,
        C::StoredAt,
        C::ChangedBy,
        C::ChangedAt,
        C::Reason,
        C::KeepUntil,
        C::BatchId,
    ])
}

#[derive(FromQueryResult)]
struct Bodies {
    kind: Option<String>,
    content_type: Option<String>,
    routing_key: String,
    message_id: Option<String>,
    idempotency_key: Option<String>,
    trace_id: Option<String>,
    replay_batch: Option<String>,
    is_text: bool,
    body: Option<Vec<u8>>,
    edited_body: Option<Vec<u8>>,
}

impl Store {
    /// A page of dead letters, those that were stored last first.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn dead_letters(&self, filter: &DeadFilter) -> Result<Vec<DeadLine>, StoreError> {
        let condition =
            filter.condition().add_option(filter.after.map(|after| dead_letter::Column::Id.lt(after)));
        let rows = lines()
            .filter(condition)
            .order_by_desc(dead_letter::Column::Id)
            .limit(filter.limit)
            .into_model::<Row>()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(DeadLine::from).collect())
    }

    /// Everything of one dead letter.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or the database is lost.
    pub async fn dead_letter(&self, id: i64) -> Result<DeadDetail, StoreError> {
        use dead_letter::Column as C;
        let missing = || StoreError::Missing(subject(id));
        let row = lines().filter(C::Id.eq(id)).into_model::<Row>().one(&self.db).await?;
        let line = DeadLine::from(row.ok_or_else(missing)?);
        let bodies: Bodies = dead_letter::Entity::find_by_id(id)
            .select_only()
            .columns([
                C::Kind,
                C::ContentType,
                C::RoutingKey,
                C::MessageId,
                C::IdempotencyKey,
                C::TraceId,
                C::ReplayBatch,
                C::IsText,
                C::Body,
                C::EditedBody,
            ])
            .into_model()
            .one(&self.db)
            .await?
            .ok_or_else(missing)?;
        let siblings = match line.run_id {
            Some(run) => lines()
                .filter(C::RunId.eq(run.0))
                .filter(C::Id.ne(id))
                .order_by_asc(C::Id)
                .into_model::<Row>()
                .all(&self.db)
                .await?
                .into_iter()
                .map(DeadLine::from)
                .collect(),
            None => Vec::new(),
        };
        Ok(DeadDetail {
            body: bodies.body.map(|bytes| content(&bytes, bodies.is_text)).transpose()?,
            edited_body: bodies.edited_body.map(|bytes| text(&bytes)).transpose()?,
            kind: bodies.kind,
            content_type: bodies.content_type,
            routing_key: bodies.routing_key,
            message_id: bodies.message_id,
            idempotency_key: bodies.idempotency_key,
            trace_id: bodies.trace_id,
            replay_batch: bodies.replay_batch,
            attempts: self.attempts_of(line.run_id).await?,
            siblings,
            replays: self.replays_of(id, line.run_id).await?,
            audit: self.audit_of(&subject(id)).await?,
            line,
        })
    }

    async fn attempts_of(&self, run: Option<RunId>) -> Result<Vec<RunAttemptLine>, StoreError> {
        use run_attempt::Column as C;
        type Attempt = (i32, Option<i32>, Word<Status>, Option<f64>, OffsetDateTime);
        let Some(run) = run else { return Ok(Vec::new()) };
        let rows: Vec<Attempt> = run_attempt::Entity::find()
            .select_only()
            .columns([C::Attempt, C::ReplayOf, C::Status, C::CostUsd, C::CreatedAt])
            .filter(C::RunId.eq(run.0))
            .order_by_asc(C::Attempt)
            .into_tuple()
            .all(&self.db)
            .await?;
        let line = |(attempt, replay_of, status, cost_usd, created_at): Attempt| RunAttemptLine {
            attempt: attempt.cast_unsigned(),
            replay_of: replay_of.map(i32::cast_unsigned),
            status: status.0,
            cost_usd,
            created_at,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    async fn replays_of(&self, letter: i64, run: Option<RunId>) -> Result<Vec<RunReplayLine>, StoreError> {
        let own = replay_item::Column::DeadLetterId.eq(letter);
        let of_run = run.map(|run| replay_item::Column::RunId.eq(run.0));
        let mut query = replay_item::Entity::find()
            .select_only()
            .columns([
                replay_item::Column::BatchId,
                replay_item::Column::Attempt,
                replay_item::Column::Stage,
                replay_item::Column::State,
                replay_item::Column::Note,
            ])
            .expr(Expr::col((replay_batch::Entity, replay_batch::Column::Actor)))
            .expr(Expr::col((replay_batch::Entity, replay_batch::Column::Depth)))
            .expr(Expr::col((replay_batch::Entity, replay_batch::Column::CreatedAt)))
            .filter(sea_orm::Condition::any().add(own).add_option(of_run))
            .order_by_asc(replay_item::Column::Id);
        QuerySelect::query(&mut query).join(
            JoinType::InnerJoin,
            replay_batch::Entity,
            Expr::col((replay_batch::Entity, replay_batch::Column::Id))
                .equals((replay_item::Entity, replay_item::Column::BatchId)),
        );
        type Replay = (
            i64,
            i32,
            Word<Stage>,
            Word<ItemState>,
            Option<String>,
            String,
            Word<ReplayDepth>,
            OffsetDateTime,
        );
        let rows: Vec<Replay> = query.into_tuple().all(&self.db).await?;
        let line =
            |(batch_id, attempt, stage, state, note, actor, depth, created_at): Replay| RunReplayLine {
                batch_id,
                actor,
                depth: depth.0,
                attempt: attempt.cast_unsigned(),
                stage: stage.0,
                state: state.0,
                created_at,
                note,
            };
        Ok(rows.into_iter().map(line).collect())
    }

    async fn audit_of(&self, subject: &str) -> Result<Vec<AuditLine>, StoreError> {
        let rows = audit_entry::Entity::find()
            .filter(audit_entry::Column::Subject.eq(subject))
            .order_by_asc(audit_entry::Column::Id)
            .all(&self.db)
            .await?;
        let line = |row: audit_entry::Model| AuditLine {
            at: row.at,
            actor: row.actor,
            action: row.action,
            detail: row.detail,
        };
        Ok(rows.into_iter().map(line).collect())
    }
}

/// A stored body as it came.
pub(crate) fn content(packed: &[u8], is_text: bool) -> Result<Content, StoreError> {
    if is_text {
        text(packed).map(Content::Text)
    } else {
        decompressed("a dead letter's body", packed).map(Content::Bytes)
    }
}

fn text(packed: &[u8]) -> Result<String, StoreError> {
    let what = "a dead letter's body";
    String::from_utf8(decompressed(what, packed)?)
        .map_err(|error| StoreError::Unreadable { what: what.to_owned(), why: error.to_string() })
}
