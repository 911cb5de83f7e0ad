//! Changing dead letters: editing, putting away, taking back, forgetting.

use contract::{DeadState, RunId};
use migration::Word;
use migration::entity::dead_letter;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::bury::Glance;
use super::{CHUNK, DeadPick, alone, erase, signed, subject, tell_each};
use crate::bytes::compressed;
use crate::{Store, StoreError, audit};

impl Store {
    /// Gives a dead letter another body, which goes in place of the original; the answer is its new revision. Who edits names
    /// the revision that was looked at.
    ///
    /// # Errors
    /// When there is none, it was edited since or does not wait any more, or the database is lost.
    pub async fn edit_dead(
        &self,
        id: i64,
        revision: i32,
        new_body: &str,
        actor: &str,
    ) -> Result<i32, StoreError> {
        let packed = compressed(new_body.as_bytes())?;
        let glance = Glance::at(new_body.as_bytes());
        let tx = self.begin().await?;
        let mut change = dead_letter::ActiveModel {
            edited_body: Set(Some(packed)),
            revision: Set(revision + 1),
            changed_by: Set(Some(actor.to_owned())),
            changed_at: Set(Some(OffsetDateTime::now_utc())),
            ..Default::default()
        };
        // A message that nobody could read may be of a run now.
        let nameless = dead_letter::Entity::find_by_id(id)
            .select_only()
            .column(dead_letter::Column::Id)
            .filter(dead_letter::Column::RunId.is_null())
            .into_tuple::<i64>()
            .one(&tx)
            .await?
            .is_some();
        if let Some(run) = glance.run_id.filter(|_| nameless) {
            change.run_id = Set(Some(run));
            change.attempt = Set(glance.attempt.map(signed));
        }
        let edited = dead_letter::Entity::update_many()
            .set(change)
            .filter(dead_letter::Column::Id.eq(id))
            .filter(dead_letter::Column::Revision.eq(revision))
            .filter(dead_letter::Column::State.eq(Word(DeadState::Parked)))
            .exec(&tx)
            .await?;
        if edited.rows_affected == 0 {
            return Err(beaten(&tx, id, revision).await?);
        }
        let detail = json!({ "revision": revision + 1, "bytes": new_body.len() });
        audit::tell(&tx, actor, "dead.edit", subject(id), detail).await?;
        tx.commit().await?;
        Ok(revision + 1)
    }

    /// Puts away those of some dead letters that wait, in one transaction, until a time or for good; tells how many there
    /// were.
    ///
    /// # Errors
    /// When the database is lost; nothing is changed then.
    pub async fn archive_dead(
        &self,
        pick: &DeadPick,
        reason: &str,
        keep_until: Option<OffsetDateTime>,
        actor: &str,
    ) -> Result<u64, StoreError> {
        let change = dead_letter::ActiveModel {
            state: Set(Word(DeadState::Archived)),
            reason: Set(Some(reason.to_owned())),
            keep_until: Set(keep_until),
            ..Default::default()
        };
        let detail = json!({ "reason": reason, "keep_until": keep_until.map(|until| until.to_string()) });
        self.move_dead(pick, DeadState::Parked, change, actor, "dead.archive", detail).await
    }

    /// Takes back those of some dead letters that were put away, in one transaction; tells how many there were.
    ///
    /// # Errors
    /// When the database is lost; nothing is changed then.
    pub async fn restore_dead(&self, pick: &DeadPick, actor: &str) -> Result<u64, StoreError> {
        let change = dead_letter::ActiveModel {
            state: Set(Word(DeadState::Parked)),
            reason: Set(None),
            keep_until: Set(None),
            ..Default::default()
        };
        self.move_dead(pick, DeadState::Archived, change, actor, "dead.restore", json!({})).await
    }

    async fn move_dead(
        &self,
        pick: &DeadPick,
        from: DeadState,
        change: dead_letter::ActiveModel,
        actor: &str,
        action: &str,
        detail: serde_json::Value,
    ) -> Result<u64, StoreError> {
        let change = dead_letter::ActiveModel {
            changed_by: Set(Some(actor.to_owned())),
            changed_at: Set(Some(OffsetDateTime::now_utc())),
            ..change
        };
        let tx = self.begin().await?;
        alone(&tx).await?;
        let ids = picked(&tx, pick, from).await?;
        let mut moved = 0;
        for chunk in ids.chunks(CHUNK) {
            let done = dead_letter::Entity::update_many()
                .set(change.clone())
                .filter(dead_letter::Column::Id.is_in(chunk.iter().copied()))
                .filter(dead_letter::Column::State.eq(Word(from)))
                .exec(&tx)
                .await?;
            moved += done.rows_affected;
        }
        tell_each(&tx, actor, action, &ids, &detail).await?;
        tx.commit().await?;
        Ok(moved)
    }

    /// Deletes dead letters that were put away until a time that is past, and those that were sent again before `replayed_before`,
    /// some at a time; tells how many.
    ///
    /// # Errors
    /// When the database is lost; what was deleted before stays so.
    pub async fn forget_dead(&self, replayed_before: OffsetDateTime, actor: &str) -> Result<u64, StoreError> {
        use dead_letter::Column as C;
        let old = Condition::any()
            .add(C::State.eq(Word(DeadState::Archived)).and(C::KeepUntil.lt(OffsetDateTime::now_utc())))
            .add(C::State.eq(Word(DeadState::Replayed)).and(C::ChangedAt.lt(replayed_before)));
        let mut total = 0;
        loop {
            let tx = self.begin().await?;
            alone(&tx).await?;
            let ids: Vec<i64> = dead_letter::Entity::find()
                .select_only()
                .column(C::Id)
                .filter(old.clone())
                .limit(CHUNK as u64)
                .into_tuple()
                .all(&tx)
                .await?;
            if ids.is_empty() {
                return Ok(total);
            }
            let done = dead_letter::Entity::delete_many().filter(C::Id.is_in(ids)).exec(&tx).await?;
            let detail = json!({ "replayed_before": replayed_before.to_string() });
            let subject = format!("{} dead letters", done.rows_affected);
            audit::tell(&tx, actor, "dead.forget", subject, detail).await?;
            tx.commit().await?;
            total += done.rows_affected;
        }
    }

    /// Takes the text of some runs out of the ledger and out of their dead letters, in one transaction; tells of how many
    /// lines and letters.
    ///
    /// # Errors
    /// When the database is lost; nothing is changed then.
    pub async fn erase_messages(&self, runs: &[RunId], actor: &str) -> Result<u64, StoreError> {
        let runs: Vec<Uuid> = runs.iter().map(|run| run.0).collect();
        let tx = self.begin().await?;
        let erased = erase(&tx, &runs).await?;
        let detail = json!({ "runs": runs });
        audit::tell(&tx, actor, "messages.erase", format!("{} runs", runs.len()), detail).await?;
        tx.commit().await?;
        Ok(erased)
    }
}

/// The keys of those of a pick that are in a state, in order.
async fn picked(tx: &DatabaseTransaction, pick: &DeadPick, state: DeadState) -> Result<Vec<i64>, StoreError> {
    let of = |condition: Condition| {
        dead_letter::Entity::find()
            .select_only()
            .column(dead_letter::Column::Id)
            .filter(condition.add(dead_letter::Column::State.eq(Word(state))))
            .order_by_asc(dead_letter::Column::Id)
            .into_tuple::<i64>()
    };
    match pick {
        DeadPick::Matching(filter) => Ok(of(filter.condition()).all(tx).await?),
        DeadPick::Ids(ids) => {
            let mut found = Vec::new();
            for chunk in ids.chunks(CHUNK) {
                let these = dead_letter::Column::Id.is_in(chunk.iter().copied());
                found.extend(of(Condition::all().add(these)).all(tx).await?);
            }
            found.sort_unstable();
            found.dedup();
            Ok(found)
        }
    }
}

/// Why a dead letter cannot be edited.
async fn beaten(tx: &DatabaseTransaction, id: i64, revision: i32) -> Result<StoreError, StoreError> {
    use dead_letter::Column as C;
    type Standing = (Word<DeadState>, i32, Option<String>, Option<i64>);
    let found: Option<Standing> = dead_letter::Entity::find_by_id(id)
        .select_only()
        .columns([C::State, C::Revision, C::ChangedBy, C::BatchId])
        .into_tuple()
        .one(tx)
        .await?;
    let Some((state, newest, by, batch)) = found else {
        return Ok(StoreError::Missing(subject(id)));
    };
    let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
    Ok(StoreError::Conflict(if state.0 == DeadState::Parked {
        format!("dead letter {id} was edited{by}: you looked at revision {revision}, it is at {newest}")
    } else {
        let batch = batch.map(|batch| format!(" (batch {batch})")).unwrap_or_default();
        format!("dead letter {id} was {state}{by}{batch}: it cannot be edited", state = state.0)
    }))
}
