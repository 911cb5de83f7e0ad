//! Cancelling a run: whatever is on its way for it leaves nothing behind any more.

use contract::{DeadState, RunId, Status};
use migration::Word;
use migration::entity::{accepted_run, dead_letter, run};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QuerySelect as _,
};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::bytes::decompressed;
use crate::dead::{Glance, alone, storable, tell_each};
use crate::ledger::CHANGING;
use crate::replay::{highest_attempts, run_cancelled};
use crate::{Store, StoreError, audit};

/// Ends that no cancelling changes.
const ENDS: [Word<Status>; 3] = [Word(Status::Completed), Word(Status::Rejected), Word(Status::Cancelled)];
/// Who sent it, where nothing says so.
const UNKNOWN: &str = "unknown";

/// What cancelling a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CancelledRun {
    /// The run.
    pub run_id: RunId,
    /// The last attempt that it holds for: neither this one nor an earlier one is stored any more.
    pub attempt: u32,
    /// How many dead letters of it were put away.
    pub archived: u64,
}

impl Store {
    /// Cancels a run that has not come to an end of its own, in one transaction: attempts up to the newest one are not stored any
    /// more, its replays end, and its dead letters are put away with the reason. A replay that is asked for later is a new attempt,
    /// and stored.
    ///
    /// # Errors
    /// When nothing is known of the run, it was completed, rejected or cancelled before, or the database is lost; nothing is
    /// changed then.
    pub async fn cancel_run(
        &self,
        run_id: RunId,
        reason: &str,
        actor: &str,
    ) -> Result<CancelledRun, StoreError> {
        let now = OffsetDateTime::now_utc();
        let tx = self.begin().await?;
        alone(&tx).await?;
        let line = accepted_run::Entity::find_by_id(run_id.0).one(&tx).await?;
        let newest = highest_attempts(&tx, &[run_id.0]).await?.remove(&run_id.0);
        if line.is_none() && newest.is_none() {
            return Err(StoreError::Missing(format!("run {run_id}")));
        }
        let row = row(run_id, newest.unwrap_or(0), reason, line.as_ref(), now)?;
        let there = status(&tx, run_id).await?;
        // What another run answered has no row of its own: the ledger alone knows how it ended.
        let ended = there.or(line.as_ref().map(|line| line.state)).filter(|status| ENDS.contains(status));
        if let Some(status) = ended {
            return Err(over(run_id, status.0));
        }
        let open = OnConflict::column(run::Column::RunId)
            .update_columns([
                run::Column::Status,
                run::Column::Attempt,
                run::Column::Reason,
                run::Column::FinishedAt,
            ])
            .action_and_where(Expr::col((run::Entity, run::Column::Status)).is_not_in(ENDS))
            .to_owned();
        let written = run::Entity::insert_many([row]).on_conflict(open).exec_without_returning(&tx).await?;
        if written == 0 {
            // It ended between the two.
            let status = status(&tx, run_id).await?.map_or(Status::Completed, |status| status.0);
            return Err(over(run_id, status));
        }
        run_cancelled(&tx, run_id.0).await?;
        let archived = put_away(&tx, run_id, reason, actor, now).await?;
        accepted_run::Entity::update_many()
            .set(accepted_run::ActiveModel {
                state: Set(Word(Status::Cancelled)),
                settled_at: Set(Some(now)),
                ..Default::default()
            })
            .filter(accepted_run::Column::RunId.eq(run_id.0))
            .filter(accepted_run::Column::State.is_in(CHANGING))
            .exec(&tx)
            .await?;
        let attempt = newest.unwrap_or(0).unsigned_abs();
        let detail = json!({ "reason": reason, "attempt": attempt, "archived": archived });
        audit::tell(&tx, actor, "run.cancel", format!("run {run_id}"), detail).await?;
        tx.commit().await?;
        Ok(CancelledRun { run_id, attempt, archived })
    }
}

/// The row of a run that nothing was stored of yet; of one that has a row only its end is taken.
fn row(
    run_id: RunId,
    attempt: i32,
    reason: &str,
    line: Option<&accepted_run::Model>,
    now: OffsetDateTime,
) -> Result<run::ActiveModel, StoreError> {
    let body = line
        .and_then(|line| line.body.as_deref())
        .map(|body| decompressed("an accepted run's body", body))
        .transpose()?;
    let title = body.and_then(|body| Glance::at(&body).title());
    let system = line.map(|line| line.source_system.clone()).filter(|system| !system.is_empty());
    Ok(run::ActiveModel {
        run_id: Set(run_id.0),
        status: Set(Word(Status::Cancelled)),
        attempt: Set(attempt),
        source_system: Set(system.unwrap_or_else(|| UNKNOWN.to_owned())),
        external_id: Set(line.and_then(|line| line.external_id.clone())),
        jd_type: Set(None),
        reason: Set(Some(storable(reason))),
        title: Set(title.map(|title| storable(&title))),
        company: Set(None),
        role_id: Set(None),
        decision_case: Set(None),
        confidence: Set(None),
        band: Set(None),
        library_version_id: Set(None),
        cost_usd: Set(None),
        created_at: Set(line.map_or(now, |line| line.accepted_at)),
        finished_at: Set(now),
        erased_at: Set(None),
    })
}

async fn status(tx: &DatabaseTransaction, run_id: RunId) -> Result<Option<Word<Status>>, StoreError> {
    let status = run::Entity::find_by_id(run_id.0)
        .select_only()
        .column(run::Column::Status)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(status)
}

fn over(run_id: RunId, status: Status) -> StoreError {
    StoreError::Conflict(format!("run {run_id} cannot be cancelled: it was {status}"))
}

/// Puts the dead letters of a run away that wait; tells how many did.
async fn put_away(
    tx: &DatabaseTransaction,
    run_id: RunId,
    reason: &str,
    actor: &str,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let RunId(run): RunId = run_id;
    let waiting = |run: Uuid| {
        dead_letter::Column::RunId.eq(run).and(dead_letter::Column::State.eq(Word(DeadState::Parked)))
    };
    let moved = dead_letter::Entity::update_many()
        .set(dead_letter::ActiveModel {
            state: Set(Word(DeadState::Archived)),
            reason: Set(Some(storable(reason))),
            keep_until: Set(None),
            changed_by: Set(Some(actor.to_owned())),
            changed_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(waiting(run))
        .exec_with_returning(tx)
        .await?;
    let mut ids: Vec<i64> = moved.iter().map(|letter| letter.id).collect();
    ids.sort_unstable();
    tell_each(tx, actor, "dead.archive", &ids, &json!({ "reason": reason, "run": run })).await?;
    Ok(ids.len() as u64)
}
