//! What a replay would send, looked at without a batch.

use contract::{RunId, Stage};
use migration::entity::replay_item;
use sea_orm::{ActiveValue::Set, TransactionTrait as _, TryIntoModel as _};

use super::claim::origin;
use super::freeze::items;
use super::select::select;
use super::{ClaimedItem, Plan, ReplayWish};
use crate::{Store, StoreError};

/// What a replay would come to, with its first items.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// What the whole replay would come to.
    pub plan: Plan,
    /// The first items. They belong to no batch: their keys are 0.
    pub items: Vec<ClaimedItem>,
    /// Those of the first items whose message cannot be made.
    pub unreadable: Vec<UnreadableItem>,
}

/// An item that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct UnreadableItem {
    /// The run; none where its message could not be read.
    pub run_id: Option<RunId>,
    /// The dead letter.
    pub dead_letter_id: Option<i64>,
    /// From which stage.
    pub stage: Stage,
    /// What is missing.
    pub why: String,
}

impl Store {
    /// What a replay would come to if it were frozen now, and the first `limit` items with all that their messages are made of.
    /// Nothing is written, and nobody is kept from anything.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn preview_replay(&self, wish: &ReplayWish, limit: u64) -> Result<Preview, StoreError> {
        let tx = self.db.begin().await?;
        let mut selection = select(&tx, wish).await?;
        let plan = selection.plan(&tx).await?;
        selection.chosen.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let mut preview = Preview { plan, items: Vec::new(), unreadable: Vec::new() };
        for row in items(&tx, 0, &selection.chosen).await? {
            let item = replay_item::ActiveModel { id: Set(0), ..row }.try_into_model()?;
            match origin(&tx, &item).await {
                Ok(origin) => preview.items.push(ClaimedItem {
                    id: item.id,
                    batch_id: item.batch_id,
                    run_id: item.run_id.map(RunId),
                    from_attempt: item.from_attempt.map(i32::unsigned_abs),
                    attempt: item.attempt.unsigned_abs(),
                    stage: item.stage.0,
                    depth: wish.depth,
                    versions: wish.versions.clone(),
                    is_again: false,
                    origin,
                }),
                Err(error @ (StoreError::Missing(_) | StoreError::Unreadable { .. })) => {
                    preview.unreadable.push(UnreadableItem {
                        run_id: item.run_id.map(RunId),
                        dead_letter_id: item.dead_letter_id,
                        stage: item.stage.0,
                        why: error.to_string(),
                    });
                }
                Err(error) => return Err(error),
            }
        }
        tx.rollback().await?;
        Ok(preview)
    }
}
