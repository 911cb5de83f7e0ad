//! How items end, and what becomes of their dead letters and batches then.

use contract::{BatchState, DeadState, ItemState, ReplayDepth, Status};
use migration::Word;
use migration::entity::{dead_letter, replay_batch, replay_item, run_attempt};
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoCondition as _, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QuerySelect,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::EndedItem;
use crate::dead::CHUNK;
use crate::{Store, StoreError};

/// An item that was claimed so long ago, in a batch that was stopped since, is not sent any more.
const ABANDONED: Duration = Duration::minutes(10);

/// How many items and batches came to an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct SettledBatches {
    /// Items whose run was completed.
    pub completed: u64,
    /// Items whose run the gate stopped.
    pub rejected: u64,
    /// Items that were given up once more.
    pub dead_lettered: u64,
    /// Items that a stopped batch's worker never sent.
    pub cancelled: u64,
    /// Batches whose first items are sent, and that wait for somebody now.
    pub awaiting_go: u64,
    /// Batches that are finished.
    pub finished: u64,
}

impl Store {
    /// Writes down how the items ended that were sent, some at a time, each some in one transaction, and what follows from it
    /// for their dead letters and batches.
    ///
    /// # Errors
    /// When the database is lost; what was settled before stays so.
    pub async fn settle_batches(&self) -> Result<SettledBatches, StoreError> {
        let note = "taken by a worker that never sent it";
        let completed = self.settle_items(stored_as(Status::Completed), ItemState::Completed, None).await?;
        let rejected = self.settle_items(stored_as(Status::Rejected), ItemState::Rejected, None).await?;
        let dead_lettered = self.settle_items(died(), ItemState::DeadLettered, None).await?;
        let cancelled = self.settle_items(abandoned(), ItemState::Cancelled, Some(note)).await?;
        let tx = self.begin().await?;
        let awaiting_go = wait_for_go(&tx).await?;
        let finished = finish(&tx).await?;
        tx.commit().await?;
        Ok(SettledBatches { completed, rejected, dead_lettered, cancelled, awaiting_go, finished })
    }

    /// Says how items ended of which no other table tells: shadows, and what could not be sent. Those that have ended stay as
    /// they are.
    ///
    /// # Errors
    /// When a state is none that an item ends in, or the database is lost; nothing is changed then.
    pub async fn end_items(&self, items: &[EndedItem]) -> Result<(), StoreError> {
        if let Some(item) = items.iter().find(|item| !item.state.has_ended()) {
            return Err(StoreError::Refused(format!("item {} cannot end as {}", item.id, item.state)));
        }
        let now = OffsetDateTime::now_utc();
        let tx = self.begin().await?;
        for item in items {
            replay_item::Entity::update_many()
                .set(replay_item::ActiveModel {
                    state: Set(Word(item.state)),
                    ended_at: Set(Some(now)),
                    note: Set(item.note.as_deref().map(crate::dead::storable)),
                    ..Default::default()
                })
                .filter(replay_item::Column::Id.eq(item.id))
                .filter(live())
                .exec(&tx)
                .await?;
        }
        let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
        for chunk in ids.chunks(CHUNK) {
            follow(&tx, chunk).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Moves the items under way that a condition holds for to their end; tells how many.
    async fn settle_items(
        &self,
        ended: Condition,
        state: ItemState,
        note: Option<&str>,
    ) -> Result<u64, StoreError> {
        let under_way = [Word(ItemState::Claimed), Word(ItemState::Sent)];
        let mut total = 0;
        loop {
            let page: Vec<i64> = replay_item::Entity::find()
                .select_only()
                .column(replay_item::Column::Id)
                .filter(replay_item::Column::State.is_in(under_way))
                .filter(ended.clone())
                .limit(CHUNK as u64)
                .into_tuple()
                .all(&self.db)
                .await?;
            if page.is_empty() {
                return Ok(total);
            }
            let tx = self.begin().await?;
            let done = replay_item::Entity::update_many()
                .set(replay_item::ActiveModel {
                    state: Set(Word(state)),
                    ended_at: Set(Some(OffsetDateTime::now_utc())),
                    note: note.map_or(sea_orm::NotSet, |note| Set(Some(note.to_owned()))),
                    ..Default::default()
                })
                .filter(replay_item::Column::Id.is_in(page.iter().copied()))
                .filter(replay_item::Column::State.is_in(under_way))
                .exec(&tx)
                .await?;
            follow(&tx, &page).await?;
            tx.commit().await?;
            total += done.rows_affected;
            if page.len() < CHUNK {
                return Ok(total);
            }
        }
    }
}

/// Ends the items whose new attempt is what some dead letters are of.
pub(crate) async fn letters_died(tx: &DatabaseTransaction, letters: &[i64]) -> Result<(), StoreError> {
    for chunk in letters.chunks(CHUNK) {
        let of_these = letters_of_item()
            .and_where(Expr::col((dead_letter::Entity, dead_letter::Column::Id)).is_in(chunk.iter().copied()))
            .take();
        let ended = replay_item::Entity::update_many()
            .set(replay_item::ActiveModel {
                state: Set(Word(ItemState::DeadLettered)),
                ended_at: Set(Some(OffsetDateTime::now_utc())),
                ..Default::default()
            })
            .filter(replay_item::Column::State.is_in([Word(ItemState::Claimed), Word(ItemState::Sent)]))
            .filter(Expr::exists(of_these).into_condition())
            .exec_with_returning(tx)
            .await?;
        let ids: Vec<i64> = ended.iter().map(|item| item.id).collect();
        follow(tx, &ids).await?;
    }
    Ok(())
}

/// Ends the items of a run that somebody cancelled: what is on its way is not stored any more.
pub(crate) async fn run_cancelled(tx: &DatabaseTransaction, run: Uuid) -> Result<(), StoreError> {
    let ended = replay_item::Entity::update_many()
        .set(replay_item::ActiveModel {
            state: Set(Word(ItemState::Cancelled)),
            ended_at: Set(Some(OffsetDateTime::now_utc())),
            note: Set(Some("its run was cancelled".to_owned())),
            ..Default::default()
        })
        .filter(replay_item::Column::RunId.eq(run))
        .filter(live())
        .exec_with_returning(tx)
        .await?;
    let ids: Vec<i64> = ended.iter().map(|item| item.id).collect();
    follow(tx, &ids).await
}

/// Items that have not ended.
pub(super) fn live() -> Condition {
    Condition::all().add(replay_item::Column::State.is_in([
        Word(ItemState::Pending),
        Word(ItemState::Claimed),
        Word(ItemState::Sent),
    ]))
}

/// Gives the dead letters of some items the state that follows from their items': what was sent for real is replayed, and what
/// was not, or only in the shadow, waits again.
pub(super) async fn follow(tx: &DatabaseTransaction, items: &[i64]) -> Result<(), StoreError> {
    if items.is_empty() {
        return Ok(());
    }
    let of_items = |states: &[ItemState], depth: Option<ReplayDepth>| -> SelectStatement {
        Query::select()
            .column((replay_item::Entity, replay_item::Column::DeadLetterId))
            .from(replay_item::Entity)
            .inner_join(
                replay_batch::Entity,
                Expr::col((replay_batch::Entity, replay_batch::Column::Id))
                    .equals((replay_item::Entity, replay_item::Column::BatchId)),
            )
            .and_where(Expr::col((replay_item::Entity, replay_item::Column::Id)).is_in(items.iter().copied()))
            .and_where(Expr::col((replay_item::Entity, replay_item::Column::DeadLetterId)).is_not_null())
            .and_where(
                Expr::col((replay_item::Entity, replay_item::Column::State))
                    .is_in(states.iter().map(|&state| Word(state))),
            )
            .and_where_option(
                depth.map(|depth| {
                    Expr::col((replay_batch::Entity, replay_batch::Column::Depth)).eq(Word(depth))
                }),
            )
            .take()
    };
    let outcomes = [ItemState::Completed, ItemState::Rejected, ItemState::DeadLettered];
    let sent = [ItemState::Sent, ItemState::Completed, ItemState::Rejected, ItemState::DeadLettered];
    let unsent = [ItemState::Cancelled, ItemState::Skipped];
    set_letters(tx, of_items(&sent, Some(ReplayDepth::Real)), DeadState::Replayed).await?;
    set_letters(tx, of_items(&outcomes, Some(ReplayDepth::Shadow)), DeadState::Parked).await?;
    set_letters(tx, of_items(&unsent, None), DeadState::Parked).await
}

async fn set_letters(
    tx: &DatabaseTransaction,
    of_items: SelectStatement,
    state: DeadState,
) -> Result<(), StoreError> {
    // Another batch may have the letter by now: an item has no say over that.
    let still_ours = of_items
        .clone()
        .and_where(
            Expr::col((replay_item::Entity, replay_item::Column::DeadLetterId))
                .equals((dead_letter::Entity, dead_letter::Column::Id)),
        )
        .and_where(
            Expr::col((replay_item::Entity, replay_item::Column::BatchId))
                .equals((dead_letter::Entity, dead_letter::Column::BatchId)),
        )
        .take();
    dead_letter::Entity::update_many()
        .set(dead_letter::ActiveModel {
            state: Set(Word(state)),
            changed_at: Set(Some(OffsetDateTime::now_utc())),
            ..Default::default()
        })
        .filter(dead_letter::Column::State.eq(Word(DeadState::Queued)))
        .filter(dead_letter::Column::Id.in_subquery(of_items))
        .filter(Expr::exists(still_ours).into_condition())
        .exec(tx)
        .await?;
    Ok(())
}

/// The stored attempts that an item became, which ended so.
fn stored_as(status: Status) -> Condition {
    let attempts = Query::select()
        .expr(Expr::val(1))
        .from(run_attempt::Entity)
        .and_where(
            Expr::col((run_attempt::Entity, run_attempt::Column::RunId))
                .equals((replay_item::Entity, replay_item::Column::RunId)),
        )
        .and_where(
            Expr::col((run_attempt::Entity, run_attempt::Column::Attempt))
                .equals((replay_item::Entity, replay_item::Column::Attempt)),
        )
        .and_where(Expr::col((run_attempt::Entity, run_attempt::Column::Status)).eq(Word(status)))
        .take();
    Expr::exists(attempts).into_condition()
}

/// The dead letters that an item became.
fn letters_of_item() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(dead_letter::Entity)
        .and_where(
            Expr::col((dead_letter::Entity, dead_letter::Column::RunId))
                .equals((replay_item::Entity, replay_item::Column::RunId)),
        )
        .and_where(
            Expr::col((dead_letter::Entity, dead_letter::Column::Attempt))
                .equals((replay_item::Entity, replay_item::Column::Attempt)),
        )
        .take()
}

fn died() -> Condition {
    Expr::exists(letters_of_item()).into_condition()
}

/// Items that were claimed long ago in a batch that was stopped since.
fn abandoned() -> Condition {
    let stopped = Query::select()
        .column(replay_batch::Column::Id)
        .from(replay_batch::Entity)
        .and_where(Expr::col(replay_batch::Column::State).eq(Word(BatchState::Cancelled)))
        .take();
    Condition::all()
        .add(replay_item::Column::State.eq(Word(ItemState::Claimed)))
        .add(replay_item::Column::ClaimedAt.lt(OffsetDateTime::now_utc() - ABANDONED))
        .add(replay_item::Column::BatchId.in_subquery(stopped))
}

/// Items of a batch in some states, of which more can be asked.
fn items_of_batch(states: &[ItemState]) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(replay_item::Entity)
        .and_where(
            Expr::col((replay_item::Entity, replay_item::Column::BatchId))
                .equals((replay_batch::Entity, replay_batch::Column::Id)),
        )
        .and_where(
            Expr::col((replay_item::Entity, replay_item::Column::State))
                .is_in(states.iter().map(|&state| Word(state))),
        )
        .take()
}

/// Halts the batches whose canary is sent, and that have more.
async fn wait_for_go(tx: &DatabaseTransaction) -> Result<u64, StoreError> {
    let unsent = [ItemState::Pending, ItemState::Claimed];
    let canary = || Expr::col((replay_batch::Entity, replay_batch::Column::Canary));
    let position = || Expr::col((replay_item::Entity, replay_item::Column::Position));
    let first = items_of_batch(&unsent).and_where(position().lt(canary())).take();
    let others = items_of_batch(&unsent).and_where(position().gte(canary())).take();
    let done = replay_batch::Entity::update_many()
        .set(replay_batch::ActiveModel { state: Set(Word(BatchState::AwaitingGo)), ..Default::default() })
        .filter(replay_batch::Column::State.eq(Word(BatchState::Running)))
        .filter(replay_batch::Column::Canary.is_not_null())
        .filter(replay_batch::Column::WentAt.is_null())
        .filter(Expr::exists(first).not().into_condition())
        .filter(Expr::exists(others).into_condition())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Ends the batches without an item under way.
async fn finish(tx: &DatabaseTransaction) -> Result<u64, StoreError> {
    let open = items_of_batch(&[ItemState::Pending, ItemState::Claimed, ItemState::Sent]);
    let done = replay_batch::Entity::update_many()
        .set(replay_batch::ActiveModel {
            state: Set(Word(BatchState::Finished)),
            ended_at: Set(Some(OffsetDateTime::now_utc())),
            ..Default::default()
        })
        .filter(replay_batch::Column::State.is_in([Word(BatchState::Running), Word(BatchState::Paused)]))
        .filter(Expr::exists(open).not().into_condition())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
