//! Groups: dead letters of one cause.

use contract::Stage;
use migration::Word;
use migration::entity::{dead_group, dead_letter};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, Order,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::json;
use std::collections::HashMap;
use time::OffsetDateTime;

use super::DeadFilter;
use crate::{Store, StoreError, audit};

/// Hours of a trend.
const HOURS: usize = 24;

/// Dead letters of one cause.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeadGroup {
    /// What they have in common.
    pub fingerprint: String,
    /// The stage that gave them up.
    pub stage: Stage,
    /// The cause.
    pub code: String,
    /// The newest one's message.
    pub message: String,
    /// How many there are.
    pub count: u64,
    /// When the first was given up.
    #[serde(with = "time::serde::rfc3339")]
    pub first: OffsetDateTime,
    /// When the last was.
    #[serde(with = "time::serde::rfc3339")]
    pub last: OffsetDateTime,
    /// How many in each of the last 24 hours, the present one last.
    pub trend: [u64; HOURS],
    /// What somebody wrote of it.
    pub note: Option<String>,
    /// Who wrote it.
    pub noted_by: Option<String>,
}

/// Where a page of groups ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCursor {
    /// How many the last group had.
    pub count: u64,
    /// Which it was.
    pub fingerprint: String,
}

#[derive(FromQueryResult)]
struct Counted {
    fingerprint: String,
    letters: i64,
    first_at: OffsetDateTime,
    last_at: OffsetDateTime,
    newest: i64,
}

impl Store {
    /// A page of groups, the largest first: of the dead letters that a filter matches, whose limit is the most groups of the
    /// page.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn dead_groups(
        &self,
        filter: &DeadFilter,
        after: Option<&GroupCursor>,
    ) -> Result<Vec<DeadGroup>, StoreError> {
        use dead_letter::Column as C;
        let letters = || Expr::col((dead_letter::Entity, C::Id)).count();
        let next = after.map(|GroupCursor { count, fingerprint }| {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            letters().lt(count).or(letters().eq(count).and(C::Fingerprint.gt(fingerprint.as_str())))
        });
        let counted: Vec<Counted> = dead_letter::Entity::find()
            .select_only()
            .column(C::Fingerprint)
            .expr_as(letters(), "letters")
            .expr_as(Expr::col(C::OccurredAt).min(), "first_at")
            .expr_as(Expr::col(C::OccurredAt).max(), "last_at")
            .expr_as(Expr::col(C::Id).max(), "newest")
            .filter(filter.condition())
            .group_by(C::Fingerprint)
            .having(Condition::all().add_option(next))
            .order_by(letters(), Order::Desc)
            .order_by(C::Fingerprint, Order::Asc)
            .limit(filter.limit)
            .into_model()
            .all(&self.db)
            .await?;
        let prints = || counted.iter().map(|group| group.fingerprint.as_str());
        type Sample = (i64, Word<Stage>, String, String);
        let samples: Vec<Sample> = dead_letter::Entity::find()
            .select_only()
            .columns([C::Id, C::Stage, C::Code, C::Message])
            .filter(C::Id.is_in(counted.iter().map(|group| group.newest)))
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut samples: HashMap<i64, (Stage, String, String)> =
            samples.into_iter().map(|(id, stage, code, message)| (id, (stage.0, code, message))).collect();
        let mut notes: HashMap<String, dead_group::Model> = dead_group::Entity::find()
            .filter(dead_group::Column::Fingerprint.is_in(prints()))
            .all(&self.db)
            .await?
            .into_iter()
            .map(|note| (note.fingerprint.clone(), note))
            .collect();
        let hour = OffsetDateTime::now_utc().unix_timestamp().div_euclid(60 * 60);
        let by_hour: Vec<(String, i64, i64)> = dead_letter::Entity::find()
            .select_only()
            .columns([C::Fingerprint, C::OccurredHour])
            .expr(letters())
            .filter(filter.condition())
            .filter(C::OccurredHour.gt(hour - HOURS as i64))
            .filter(C::Fingerprint.is_in(prints()))
            .group_by(C::Fingerprint)
            .group_by(C::OccurredHour)
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut trends: HashMap<&str, [u64; HOURS]> = HashMap::new();
        for (print, at, count) in &by_hour {
            let slot = usize::try_from(HOURS as i64 - 1 - (hour - at)).ok();
            let trend = trends.entry(print).or_default();
            if let Some(slot) = slot.and_then(|slot| trend.get_mut(slot)) {
                *slot = count.unsigned_abs();
            }
        }
        Ok(counted
            .iter()
            .filter_map(|group| {
                // A group whose newest letter was deleted meanwhile is not shown.
                let (stage, code, message) = samples.remove(&group.newest)?;
                let note = notes.remove(&group.fingerprint);
                let (note, noted_by) = note.map(|note| (note.note, note.updated_by)).unzip();
                Some(DeadGroup {
                    fingerprint: group.fingerprint.clone(),
                    stage,
                    code,
                    message,
                    count: group.letters.unsigned_abs(),
                    first: group.first_at,
                    last: group.last_at,
                    trend: trends.get(group.fingerprint.as_str()).copied().unwrap_or_default(),
                    note,
                    noted_by,
                })
            })
            .collect())
    }

    /// Writes what is known of a group, in place of what was written before.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn note_group(&self, fingerprint: &str, note: &str, actor: &str) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let row = dead_group::ActiveModel {
            fingerprint: Set(fingerprint.to_owned()),
            note: Set(note.to_owned()),
            updated_by: Set(actor.to_owned()),
            updated_at: Set(OffsetDateTime::now_utc()),
        };
        let there = OnConflict::column(dead_group::Column::Fingerprint)
            .update_columns([
                dead_group::Column::Note,
                dead_group::Column::UpdatedBy,
                dead_group::Column::UpdatedAt,
            ])
            .to_owned();
        dead_group::Entity::insert(row).on_conflict(there).exec_without_returning(&tx).await?;
        let subject = format!("dead group {fingerprint}");
        audit::tell(&tx, actor, "dead.note", subject, json!({ "note": note })).await?;
        Ok(tx.commit().await?)
    }
}
