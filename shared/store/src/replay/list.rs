//! Looking at batches.

use contract::{ItemState, RunId, Stage};
use migration::Word;
use migration::entity::{replay_batch, replay_item};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, HashMap};
use time::OffsetDateTime;

use super::{ReplayBatch, batch_of, missing};
use crate::{Store, StoreError};

/// An item of a batch as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ItemLine {
    /// Its key.
    pub id: i64,
    /// Its place in the batch, from 0.
    pub position: u32,
    /// The run; none where its message could not be read.
    pub run_id: Option<RunId>,
    /// The dead letter; none for a stored run, and once it was deleted.
    pub dead_letter_id: Option<i64>,
    /// The attempt that is replayed.
    pub from_attempt: Option<u32>,
    /// The attempt that it becomes.
    pub attempt: u32,
    /// From which stage.
    pub stage: Stage,
    /// Where it stands.
    pub state: ItemState,
    /// When it was sent.
    #[serde(with = "time::serde::rfc3339::option")]
    pub sent_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
    /// What else is to be said.
    pub note: Option<String>,
}

/// Which items of a batch are wanted, in their order.
#[derive(Clone, Copy, Debug, Default)]
pub struct ItemCursor {
    /// In this state; in any where none is named.
    pub state: Option<ItemState>,
    /// The position of the last one of the page before.
    pub after: Option<u32>,
    /// The most items of a page.
    pub limit: u64,
}

impl Store {
    /// A page of batches, the newest first; `before` is the last key of the page before.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn batches(&self, before: Option<i64>, limit: u64) -> Result<Vec<ReplayBatch>, StoreError> {
        let rows = replay_batch::Entity::find()
            .filter(Condition::all().add_option(before.map(|before| replay_batch::Column::Id.lt(before))))
            .order_by_desc(replay_batch::Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        self.counted(rows).await
    }

    /// The batches in some states, the oldest first: what a worker has to look after.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn batches_in(
        &self,
        states: &[contract::BatchState],
        limit: u64,
    ) -> Result<Vec<ReplayBatch>, StoreError> {
        let rows = replay_batch::Entity::find()
            .filter(replay_batch::Column::State.is_in(states.iter().map(|&state| Word(state))))
            .order_by_asc(replay_batch::Column::Id)
            .limit(limit)
            .all(&self.db)
            .await?;
        self.counted(rows).await
    }

    /// One batch.
    ///
    /// # Errors
    /// When there is none, or the database is lost.
    pub async fn batch(&self, id: i64) -> Result<ReplayBatch, StoreError> {
        let row = replay_batch::Entity::find_by_id(id).one(&self.db).await?.ok_or_else(|| missing(id))?;
        self.counted(vec![row]).await?.pop().ok_or_else(|| missing(id))
    }

    /// A page of a batch's items, in their order.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn batch_items(&self, id: i64, cursor: &ItemCursor) -> Result<Vec<ItemLine>, StoreError> {
        use replay_item::Column as C;
        let wanted = Condition::all()
            .add(C::BatchId.eq(id))
            .add_option(cursor.state.map(|state| C::State.eq(Word(state))))
            .add_option(cursor.after.map(|after| C::Position.gt(i64::from(after))));
        let rows = replay_item::Entity::find()
            .filter(wanted)
            .order_by_asc(C::Position)
            .limit(cursor.limit)
            .all(&self.db)
            .await?;
        let line = |row: replay_item::Model| ItemLine {
            id: row.id,
            position: row.position.unsigned_abs(),
            run_id: row.run_id.map(RunId),
            dead_letter_id: row.dead_letter_id,
            from_attempt: row.from_attempt.map(i32::unsigned_abs),
            attempt: row.attempt.unsigned_abs(),
            stage: row.stage.0,
            state: row.state.0,
            sent_at: row.sent_at,
            ended_at: row.ended_at,
            note: row.note,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// Batches with the numbers of their items.
    async fn counted(&self, rows: Vec<replay_batch::Model>) -> Result<Vec<ReplayBatch>, StoreError> {
        let counted: Vec<(i64, Word<ItemState>, i64)> = replay_item::Entity::find()
            .select_only()
            .columns([replay_item::Column::BatchId, replay_item::Column::State])
            .expr(Expr::col(replay_item::Column::Id).count())
            .filter(replay_item::Column::BatchId.is_in(rows.iter().map(|batch| batch.id)))
            .group_by(replay_item::Column::BatchId)
            .group_by(replay_item::Column::State)
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut counts: HashMap<i64, BTreeMap<ItemState, u64>> = HashMap::new();
        for (batch, state, count) in counted {
            counts.entry(batch).or_default().insert(state.0, count.unsigned_abs());
        }
        rows.into_iter()
            .map(|row| {
                let counts = counts.remove(&row.id).unwrap_or_default();
                batch_of(row, counts)
            })
            .collect()
    }
}
