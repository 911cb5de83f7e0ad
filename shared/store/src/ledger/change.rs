//! How lines end, and what else becomes of them.

use contract::{RunId, Status};
use migration::Word;
use migration::entity::{accepted_run, run};
use sea_orm::sea_query::{Expr, ExprTrait as _, JoinType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect,
};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::read::entry;
use super::{CHANGING, CHUNK, ENDS, LedgerEntry, SettledRuns};
use crate::dead::signed;
use crate::{Store, StoreError, audit};

impl Store {
    /// Writes down how the lines ended whose runs have ended, some at a time, each some in one transaction.
    ///
    /// # Errors
    /// When the database is lost; what was settled before stays so.
    pub async fn settle_ledger(&self) -> Result<SettledRuns, StoreError> {
        let mut settled = SettledRuns::default();
        loop {
            let mut ended = accepted_run::Entity::find()
                .select_only()
                .column(accepted_run::Column::RunId)
                .expr(Expr::col((run::Entity, run::Column::Status)))
                .filter(accepted_run::Column::State.is_in(CHANGING))
                .filter(Expr::col((run::Entity, run::Column::Status)).is_in(ENDS.map(Word)))
                .filter(
                    Expr::col((run::Entity, run::Column::Status))
                        .not_equals((accepted_run::Entity, accepted_run::Column::State)),
                )
                .limit(CHUNK as u64);
            QuerySelect::query(&mut ended).join(
                JoinType::InnerJoin,
                run::Entity,
                Expr::col((run::Entity, run::Column::RunId))
                    .equals((accepted_run::Entity, accepted_run::Column::RunId)),
            );
            let page: Vec<(Uuid, Word<Status>)> = ended.into_tuple().all(&self.db).await?;
            if page.is_empty() {
                return Ok(settled);
            }
            let tx = self.begin().await?;
            for end in ENDS {
                let ids: Vec<Uuid> =
                    page.iter().filter(|(_, status)| status.0 == end).map(|(run, _)| *run).collect();
                let count = match end {
                    Status::Completed => &mut settled.completed,
                    Status::Rejected => &mut settled.rejected,
                    Status::DeadLettered => &mut settled.dead_lettered,
                    Status::Cancelled => &mut settled.cancelled,
                    Status::Accepted | Status::Stranded | Status::WaitingBudget => continue,
                };
                *count += set_state(&tx, ids, &CHANGING, end, true).await?;
            }
            tx.commit().await?;
            if page.len() < CHUNK {
                return Ok(settled);
            }
        }
    }

    /// Calls accepted runs stranded, of which nothing is known any more; tells how many were.
    ///
    /// # Errors
    /// When the database is lost; no line is changed then.
    pub async fn strand(&self, runs: &[RunId]) -> Result<u64, StoreError> {
        let tx = self.begin().await?;
        let ids = runs.iter().map(|run| run.0).collect();
        let stranded = set_state(&tx, ids, &[Word(Status::Accepted)], Status::Stranded, false).await?;
        tx.commit().await?;
        Ok(stranded)
    }

    /// Notes that a run waits for money to be answered by a language model.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn waits_for_budget(&self, run_id: RunId) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let from = [Word(Status::Accepted), Word(Status::Stranded)];
        set_state(&tx, vec![run_id.0], &from, Status::WaitingBudget, false).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a stranded run to send it once more: it is an accepted one again, and counted as sent. Of two who take it one
    /// has it.
    ///
    /// # Errors
    /// When there is no such line, it is not stranded, its body is not there, or the database is lost.
    pub async fn re_emit(&self, run_id: RunId, actor: &str) -> Result<LedgerEntry, StoreError> {
        let tx = self.begin().await?;
        let missing = |what: &str| StoreError::Missing(format!("{what} run {run_id}"));
        let row = accepted_run::Entity::find_by_id(run_id.0)
            .one(&tx)
            .await?
            .ok_or_else(|| missing("line in the ledger for"))?;
        let mut entry = entry(row)?;
        if entry.body.is_none() {
            return Err(missing("body in the ledger for"));
        }
        let now = OffsetDateTime::now_utc();
        let taken = accepted_run::Entity::update_many()
            .set(accepted_run::ActiveModel {
                state: Set(Word(Status::Accepted)),
                sent_at: Set(now),
                settled_at: Set(None),
                emitted: Set(signed(entry.line.emitted) + 1),
                ..Default::default()
            })
            .filter(accepted_run::Column::RunId.eq(run_id.0))
            .filter(accepted_run::Column::State.eq(Word(Status::Stranded)))
            .exec(&tx)
            .await?;
        if taken.rows_affected == 0 {
            return Err(StoreError::Conflict(format!(
                "run {run_id} is not stranded: it is {}",
                if entry.line.state == Status::Stranded { Status::Accepted } else { entry.line.state }
            )));
        }
        let detail = json!({ "emitted": entry.line.emitted + 1 });
        audit::tell(&tx, actor, "ledger.re_emit", format!("run {run_id}"), detail).await?;
        tx.commit().await?;
        entry.line.state = Status::Accepted;
        entry.line.sent_at = now;
        entry.line.emitted += 1;
        Ok(entry)
    }

    /// Forgets the bodies and headers of what was accepted before a time, some at a time; tells how many.
    ///
    /// # Errors
    /// When the database is lost; what was forgotten before stays so.
    pub async fn forget_bodies(
        &self,
        accepted_before: OffsetDateTime,
        actor: &str,
    ) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let tx = self.begin().await?;
            let ids: Vec<Uuid> = accepted_run::Entity::find()
                .select_only()
                .column(accepted_run::Column::RunId)
                .filter(accepted_run::Column::AcceptedAt.lt(accepted_before))
                .filter(accepted_run::Column::ForgottenAt.is_null())
                .order_by_asc(accepted_run::Column::AcceptedAt)
                .limit(CHUNK as u64)
                .into_tuple()
                .all(&tx)
                .await?;
            if ids.is_empty() {
                return Ok(total);
            }
            let forgotten = erase(&tx, &ids).await?;
            let detail = json!({ "accepted_before": accepted_before.to_string() });
            audit::tell(&tx, actor, "ledger.forget", format!("{forgotten} accepted runs"), detail).await?;
            tx.commit().await?;
            total += forgotten;
        }
    }
}

/// Takes body and headers out of lines of the ledger; tells of how many.
pub(crate) async fn erase(tx: &DatabaseTransaction, runs: &[Uuid]) -> Result<u64, StoreError> {
    let done = accepted_run::Entity::update_many()
        .set(accepted_run::ActiveModel {
            body: Set(None),
            headers: Set(json!({})),
            forgotten_at: Set(Some(OffsetDateTime::now_utc())),
            ..Default::default()
        })
        .filter(accepted_run::Column::RunId.is_in(runs.iter().copied()))
        .filter(accepted_run::Column::ForgottenAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Moves lines from some states to another one; tells how many were moved.
async fn set_state(
    tx: &DatabaseTransaction,
    mut runs: Vec<Uuid>,
    from: &[Word<Status>],
    to: Status,
    is_end: bool,
) -> Result<u64, StoreError> {
    runs.sort_unstable();
    let settled_at = is_end.then(OffsetDateTime::now_utc);
    let mut moved = 0;
    for chunk in runs.chunks(CHUNK) {
        let done = accepted_run::Entity::update_many()
            .set(accepted_run::ActiveModel {
                state: Set(Word(to)),
                settled_at: Set(settled_at),
                ..Default::default()
            })
            .filter(accepted_run::Column::RunId.is_in(chunk.iter().copied()))
            .filter(accepted_run::Column::State.is_in(from.iter().copied()))
            .exec(tx)
            .await?;
        moved += done.rows_affected;
    }
    Ok(moved)
}
