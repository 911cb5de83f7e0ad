//! Freezing a selection into a batch.

use contract::{BatchState, DeadState, ItemState, SkipReason};
use migration::Word;
use migration::entity::{dead_letter, replay_batch, replay_item, run, run_attempt};
use sea_orm::sea_query::Expr;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter as _, QuerySelect as _,
    TransactionTrait as _,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use time::OffsetDateTime;
use uuid::Uuid;

use super::select::{Chosen, Selection, select};
use super::{Frozen, Plan, ReplayOf, ReplayWish, RunPick, batch_of, subject};
use crate::bytes::json_of;
use crate::dead::{CHUNK, alone, signed};
use crate::{RunFilter, Store, StoreError, audit};

impl Store {
    /// What a replay would come to, if it were frozen now. Nothing is written.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn plan_replay(&self, wish: &ReplayWish) -> Result<Plan, StoreError> {
        let tx = self.db.begin().await?;
        let plan = select(&tx, wish).await?.plan(&tx).await?;
        tx.rollback().await?;
        Ok(plan)
    }

    /// Makes a batch of all that a wish names and that can be sent once more, in one transaction: every item has its new
    /// attempt then, and no dead letter is in two batches. What another batch has is left out, so that asking twice gives an
    /// empty batch the second time.
    ///
    /// # Errors
    /// When the rate is not above zero, or the database is lost; nothing is written then.
    pub async fn freeze_replay(&self, wish: &ReplayWish) -> Result<Frozen, StoreError> {
        if !(wish.rate_per_second.is_finite() && wish.rate_per_second > 0.0) {
            let rate = wish.rate_per_second;
            return Err(StoreError::Refused(format!(
                "a rate of {rate} items a second: it must be above zero"
            )));
        }
        let now = OffsetDateTime::now_utc();
        let tx = self.begin().await?;
        alone(&tx).await?;
        let mut selection = select(&tx, wish).await?;
        let batch = replay_batch::Entity::insert(batch_row(wish, now)?).exec_with_returning(&tx).await?;
        take_letters(&tx, wish, batch.id, now, &mut selection).await?;
        let plan = selection.plan(&tx).await?;
        let items = items(&tx, batch.id, &selection.chosen).await?;
        for chunk in items.chunks(CHUNK) {
            replay_item::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(&tx).await?;
        }
        let is_empty = plan.total == 0;
        let batch = replay_batch::Entity::update_many()
            .set(replay_batch::ActiveModel {
                total: Set(plan.total.cast_signed()),
                state: Set(Word(if is_empty { BatchState::Finished } else { BatchState::Running })),
                ended_at: Set(is_empty.then_some(now)),
                ..Default::default()
            })
            .filter(replay_batch::Column::Id.eq(batch.id))
            .exec_with_returning(&tx)
            .await?
            .pop()
            .unwrap_or(batch);
        let detail = json!({
            "total": plan.total,
            "skipped": plan.skipped,
            "depth": wish.depth,
            "filter": batch.filter,
            "versions": batch.versions,
        });
        audit::tell(&tx, &wish.actor, "replay.freeze", subject(batch.id), detail).await?;
        tx.commit().await?;
        let counts = if is_empty { BTreeMap::new() } else { [(ItemState::Pending, plan.total)].into() };
        Ok(Frozen { batch: batch_of(batch, counts)?, plan })
    }
}

fn batch_row(wish: &ReplayWish, now: OffsetDateTime) -> Result<replay_batch::ActiveModel, StoreError> {
    Ok(replay_batch::ActiveModel {
        created_at: Set(now),
        actor: Set(wish.actor.clone()),
        state: Set(Word(BatchState::Running)),
        depth: Set(Word(wish.depth)),
        stage: Set(wish.from.map(Word)),
        versions: Set((!wish.versions.is_empty()).then(|| json_of(&wish.versions)).transpose()?),
        rate_per_second: Set(wish.rate_per_second),
        cap: Set(wish.cap.map(|cap| i64::try_from(cap).unwrap_or(i64::MAX))),
        canary: Set(wish.canary.map(signed)),
        filter: Set(asked(&wish.what)?),
        total: Set(0),
        due_ms: Set(0),
        went_at: Set(None),
        ended_at: Set(None),
        ..Default::default()
    })
}

/// What was asked for, to be read later.
fn asked(what: &ReplayOf) -> Result<Value, StoreError> {
    Ok(match what {
        ReplayOf::Dead(pick) => json!({ "dead": json_of(pick)? }),
        ReplayOf::Runs(RunPick::Ids(ids)) => json!({ "runs": { "ids": ids } }),
        ReplayOf::Runs(RunPick::Matching(filter)) => {
            let RunFilter { status, role, case, band, source, text, before, after: _, limit: _ } = filter;
            let asked = json!({
                "status": status,
                "role": role,
                "case": case,
                "band": band,
                "source": source,
                "text": text,
                "before": before.map(|before| before.to_string()),
            });
            json!({ "runs": { "matching": asked } })
        }
    })
}

/// Marks the dead letters of a selection as the batch's; what somebody else has by now is left out.
async fn take_letters(
    tx: &DatabaseTransaction,
    wish: &ReplayWish,
    batch: i64,
    now: OffsetDateTime,
    selection: &mut Selection,
) -> Result<(), StoreError> {
    let ids: Vec<i64> = selection.chosen.iter().filter_map(|chosen| chosen.dead_letter_id).collect();
    let mut taken = 0;
    for chunk in ids.chunks(CHUNK) {
        let done = dead_letter::Entity::update_many()
            .set(dead_letter::ActiveModel {
                state: Set(Word(DeadState::Queued)),
                batch_id: Set(Some(batch)),
                changed_by: Set(Some(wish.actor.clone())),
                changed_at: Set(Some(now)),
                ..Default::default()
            })
            .filter(dead_letter::Column::Id.is_in(chunk.iter().copied()))
            .filter(dead_letter::Column::State.eq(Word(DeadState::Parked)))
            .exec(tx)
            .await?;
        taken += done.rows_affected;
    }
    if taken < ids.len() as u64 {
        let ours: HashSet<i64> = dead_letter::Entity::find()
            .select_only()
            .column(dead_letter::Column::Id)
            .filter(dead_letter::Column::BatchId.eq(batch))
            .into_tuple::<i64>()
            .all(tx)
            .await?
            .into_iter()
            .collect();
        selection.chosen.retain(|chosen| chosen.dead_letter_id.is_none_or(|id| ours.contains(&id)));
        selection.skip(SkipReason::Queued, ids.len() as u64 - taken);
    }
    Ok(())
}

/// The items of a batch, each with the number after all that its run has had.
pub(super) async fn items(
    tx: &DatabaseTransaction,
    batch: i64,
    chosen: &[Chosen],
) -> Result<Vec<replay_item::ActiveModel>, StoreError> {
    let runs: Vec<Uuid> = chosen.iter().filter_map(|chosen| chosen.run_id).collect();
    let newest = highest_attempts(tx, &runs).await?;
    let items = chosen.iter().enumerate().map(|(position, chosen)| replay_item::ActiveModel {
        batch_id: Set(batch),
        position: Set(i32::try_from(position).unwrap_or(i32::MAX)),
        run_id: Set(chosen.run_id),
        dead_letter_id: Set(chosen.dead_letter_id),
        from_attempt: Set(chosen.from_attempt),
        attempt: Set(chosen
            .run_id
            .map_or(0, |run| newest.get(&run).map_or(0, |newest| newest.saturating_add(1)))),
        stage: Set(Word(chosen.stage)),
        state: Set(Word(ItemState::Pending)),
        claimed_at: Set(None),
        sent_at: Set(None),
        ended_at: Set(None),
        note: Set(None),
        ..Default::default()
    });
    Ok(items.collect())
}

/// The highest attempt of each run that anything knows of.
pub(crate) async fn highest_attempts(
    tx: &DatabaseTransaction,
    runs: &[Uuid],
) -> Result<HashMap<Uuid, i32>, StoreError> {
    let mut newest: HashMap<Uuid, i32> = HashMap::with_capacity(runs.len());
    for chunk in runs.chunks(CHUNK) {
        let sources = [
            highest::<run::Entity>(tx, chunk, run::Column::RunId, run::Column::Attempt).await?,
            highest::<run_attempt::Entity>(
                tx,
                chunk,
                run_attempt::Column::RunId,
                run_attempt::Column::Attempt,
            )
            .await?,
            highest::<dead_letter::Entity>(
                tx,
                chunk,
                dead_letter::Column::RunId,
                dead_letter::Column::Attempt,
            )
            .await?,
            highest::<replay_item::Entity>(
                tx,
                chunk,
                replay_item::Column::RunId,
                replay_item::Column::Attempt,
            )
            .await?,
        ];
        for (run, attempt) in sources.into_iter().flatten() {
            newest.entry(run).and_modify(|newest| *newest = Ord::max(*newest, attempt)).or_insert(attempt);
        }
    }
    Ok(newest)
}

/// The highest attempt of each run that a table knows of.
async fn highest<E: EntityTrait>(
    tx: &DatabaseTransaction,
    runs: &[Uuid],
    run_id: E::Column,
    attempt: E::Column,
) -> Result<Vec<(Uuid, i32)>, StoreError> {
    let found: Vec<(Uuid, Option<i32>)> = E::find()
        .select_only()
        .column(run_id)
        .expr_as(Expr::col(attempt).max(), "attempt")
        .filter(run_id.is_in(runs.iter().copied()))
        .group_by(run_id)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().filter_map(|(run, attempt)| Some((run, attempt?))).collect())
}
