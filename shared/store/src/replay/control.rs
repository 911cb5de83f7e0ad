//! Halting batches, letting them go on, and stopping them.

use contract::{BatchState, ItemState};
use migration::Word;
use migration::entity::{replay_batch, replay_item};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde_json::json;
use time::OffsetDateTime;

use super::ended::follow;
use super::{missing, subject};
use crate::dead::{CHUNK, alone};
use crate::{Store, StoreError, audit};

impl Store {
    /// Halts a batch that runs.
    ///
    /// # Errors
    /// When there is none, it does not run, or the database is lost.
    pub async fn pause_batch(&self, id: i64, actor: &str) -> Result<(), StoreError> {
        self.steer(id, &[BatchState::Running], BatchState::Paused, actor, "pause").await
    }

    /// Lets a halted batch go on.
    ///
    /// # Errors
    /// When there is none, it is not halted, or the database is lost.
    pub async fn resume_batch(&self, id: i64, actor: &str) -> Result<(), StoreError> {
        self.steer(id, &[BatchState::Paused], BatchState::Running, actor, "resume").await
    }

    /// Lets the others follow the first items of a batch.
    ///
    /// # Errors
    /// When there is none, it does not wait for this, or the database is lost.
    pub async fn go_batch(&self, id: i64, actor: &str) -> Result<(), StoreError> {
        self.steer(id, &[BatchState::AwaitingGo], BatchState::Running, actor, "go").await
    }

    /// Stops a batch for good: what waits in it is not sent, and its dead letters wait as before. What a worker has taken may
    /// still be sent; tells how many items are not.
    ///
    /// # Errors
    /// When there is none, it is over, or the database is lost; nothing is changed then.
    pub async fn cancel_batch(&self, id: i64, actor: &str) -> Result<u64, StoreError> {
        let under_way = [BatchState::Running, BatchState::Paused, BatchState::AwaitingGo];
        let now = OffsetDateTime::now_utc();
        let tx = self.begin().await?;
        alone(&tx).await?;
        let stopped = replay_batch::Entity::update_many()
            .set(replay_batch::ActiveModel {
                state: Set(Word(BatchState::Cancelled)),
                ended_at: Set(Some(now)),
                ..Default::default()
            })
            .filter(replay_batch::Column::Id.eq(id))
            .filter(replay_batch::Column::State.is_in(under_way.map(Word)))
            .exec(&tx)
            .await?;
        if stopped.rows_affected == 0 {
            return Err(Self::standing(&tx, id).await?);
        }
        let ids: Vec<i64> = replay_item::Entity::find()
            .select_only()
            .column(replay_item::Column::Id)
            .filter(replay_item::Column::BatchId.eq(id))
            .filter(replay_item::Column::State.eq(Word(ItemState::Pending)))
            .into_tuple()
            .all(&tx)
            .await?;
        for chunk in ids.chunks(CHUNK) {
            replay_item::Entity::update_many()
                .set(replay_item::ActiveModel {
                    state: Set(Word(ItemState::Cancelled)),
                    ended_at: Set(Some(now)),
                    ..Default::default()
                })
                .filter(replay_item::Column::Id.is_in(chunk.iter().copied()))
                .exec(&tx)
                .await?;
            follow(&tx, chunk).await?;
        }
        audit::tell(&tx, actor, "replay.cancel", subject(id), json!({ "not_sent": ids.len() })).await?;
        tx.commit().await?;
        Ok(ids.len() as u64)
    }

    async fn steer(
        &self,
        id: i64,
        from: &[BatchState],
        to: BatchState,
        actor: &str,
        verb: &str,
    ) -> Result<(), StoreError> {
        let mut change = replay_batch::ActiveModel { state: Set(Word(to)), ..Default::default() };
        if from.contains(&BatchState::AwaitingGo) {
            change.went_at = Set(Some(OffsetDateTime::now_utc()));
        }
        let tx = self.begin().await?;
        let done = replay_batch::Entity::update_many()
            .set(change)
            .filter(replay_batch::Column::Id.eq(id))
            .filter(replay_batch::Column::State.is_in(from.iter().map(|&state| Word(state))))
            .exec(&tx)
            .await?;
        if done.rows_affected == 0 {
            return Err(Self::standing(&tx, id).await?);
        }
        audit::tell(&tx, actor, &format!("replay.{verb}"), subject(id), json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// Why a batch cannot be steered so.
    async fn standing(tx: &sea_orm::DatabaseTransaction, id: i64) -> Result<StoreError, StoreError> {
        let Some(batch) = replay_batch::Entity::find_by_id(id).one(tx).await? else {
            return Ok(missing(id));
        };
        Ok(StoreError::Conflict(format!("replay batch {id} is {}", batch.state.0)))
    }
}
