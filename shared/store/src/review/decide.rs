//! Deciding. Who decides names the revision that was looked at; whoever is second is told, and nothing is lost.

use contract::{ReviewStatus, VersionKind};
use library::{Edit, Library};
use migration::Word;
use migration::entity::{library_change, library_version, review_item};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ActiveValue::Unchanged, ColumnTrait as _, DatabaseTransaction,
    EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
};
use serde_json::json;
use time::OffsetDateTime;

use super::merge::{priority, recounted};
use crate::library::NewVersion;
use crate::{Store, StoreError, audit};

/// Who looked at which state of an item.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The item.
    pub id: i64,
    /// Its revision.
    pub revision: i32,
    /// Who.
    pub reviewer: String,
}

/// What accepting an item does to the library.
pub struct Acceptance<'a> {
    /// The version it was prepared for.
    pub parent: i64,
    /// What is changed.
    pub edits: Vec<Edit>,
    /// What the parent's content and the edits make.
    pub library: &'a Library,
    /// Why, in words.
    pub note: String,
}

impl Store {
    /// Says that somebody is looking at an item.
    ///
    /// # Errors
    /// When it was decided or taken since, or the database is lost.
    pub async fn take(&self, looked: &Looked) -> Result<(), StoreError> {
        self.settle(looked, ReviewStatus::InReview, None, |_| {}).await
    }

    /// Keeps an item out of the library.
    ///
    /// # Errors
    /// When it was decided since, or the database is lost.
    pub async fn reject(&self, looked: &Looked, reason: &str) -> Result<(), StoreError> {
        self.settle(looked, ReviewStatus::Rejected, Some(reason), |_| {}).await
    }

    /// Puts an item off.
    ///
    /// # Errors
    /// When it was decided since, or the database is lost.
    pub async fn snooze(&self, looked: &Looked, until: OffsetDateTime) -> Result<(), StoreError> {
        self.settle(looked, ReviewStatus::Snoozed, None, |item| item.snoozed_until = Set(Some(until))).await
    }

    /// Says that an item is the same as another of its queue. Its evidence counts there, and so does what later runs bring.
    ///
    /// # Errors
    /// When it was decided since, the other is of another queue or itself merged, or the database is lost.
    pub async fn merge_into(&self, looked: &Looked, into: i64) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let item = open(&tx, looked).await?;
        let target = find(&tx, into).await?;
        if target.id == item.id || target.kind != item.kind || target.merged_into.is_some() {
            return Err(StoreError::Conflict(format!(
                "item {} cannot be merged into {into}: that is {}",
                item.id,
                if target.id == item.id {
                    "itself".to_owned()
                } else if target.kind != item.kind {
                    format!("in the queue of {}s", target.kind.0)
                } else {
                    "merged into another one itself".to_owned()
                }
            )));
        }
        write(&tx, looked, ReviewStatus::MergedInto, None, |change| change.merged_into = Set(Some(into)))
            .await?;
        // What was merged into the item follows it.
        review_item::Entity::update_many()
            .col_expr(review_item::Column::MergedInto, Expr::value(into))
            .filter(review_item::Column::MergedInto.eq(item.id))
            .exec(&tx)
            .await?;
        recount(&tx, &target).await?;
        tell(&tx, looked, "merge", json!({ "into": into })).await?;
        Ok(tx.commit().await?)
    }

    /// Writes an item's edits as a new library version, and the item as accepted, in one transaction.
    ///
    /// # Errors
    /// When the item was decided or the library changed since, or the database is lost; nothing is written then.
    pub async fn accept(&self, looked: &Looked, acceptance: Acceptance<'_>) -> Result<i64, StoreError> {
        let tx = self.begin().await?;
        open(&tx, looked).await?;
        let new = NewVersion {
            kind: VersionKind::Accept,
            note: acceptance.note,
            actor: looked.reviewer.clone(),
            parent: acceptance.parent,
            edits: acceptance.edits,
        };
        let version = Self::append(&tx, &new, acceptance.library).await?;
        write(&tx, looked, ReviewStatus::Accepted, None, |item| item.library_version_id = Set(Some(version)))
            .await?;
        tell(&tx, looked, "accept", json!({ "library": acceptance.library.version() })).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Takes a decision back: the item is open again, and the library is without what accepting it wrote.
    ///
    /// # Errors
    /// When the item is open, was changed since, later changes of the library need what it wrote, or the database is lost.
    pub async fn undo(&self, looked: &Looked) -> Result<Option<String>, StoreError> {
        let item = find(&self.db, looked.id).await?;
        if item.status.0.is_open() && item.status.0 != ReviewStatus::Snoozed {
            return Err(StoreError::Conflict(format!(
                "item {} is open: there is nothing to take back",
                item.id
            )));
        }
        let unwritten = match (item.status.0, item.library_version_id) {
            (ReviewStatus::Accepted, Some(version)) => Some(self.without(version, looked).await?),
            _ => None,
        };
        let tx = self.begin().await?;
        write(&tx, looked, ReviewStatus::Pending, None, |change| {
            change.merged_into = Set(None);
            change.library_version_id = Set(None);
            change.snoozed_until = Set(None);
            change.decided_at = Set(None);
        })
        .await?;
        if let Some(into) = item.merged_into {
            let target = find(&tx, into).await?;
            recount(&tx, &target).await?;
        }
        let name = match unwritten {
            Some((new, library)) => {
                Self::append(&tx, &new, &library).await?;
                Some(library.version().to_owned())
            }
            None => None,
        };
        tell(&tx, looked, "undo", json!({ "was": item.status.0, "library": name })).await?;
        tx.commit().await?;
        Ok(name)
    }

    /// The newest library without what one version changed.
    async fn without(&self, version: i64, looked: &Looked) -> Result<(NewVersion, Library), StoreError> {
        let missing = || StoreError::Missing(format!("library version {version}"));
        let name =
            library_version::Entity::find_by_id(version).one(&self.db).await?.ok_or_else(missing)?.name;
        let own = library_change::Entity::find()
            .filter(library_change::Column::VersionId.eq(version))
            .filter(library_change::Column::Edit.is_not_null())
            .count(&self.db)
            .await? as usize;
        let (then, now) = (self.library(Some(&name)).await?, self.library(None).await?);
        let edits = Library::inverses(&then.listed(), &then.edits, then.edits.len() - own)?;
        let all: Vec<Edit> = now.edits.iter().chain(&edits).cloned().collect();
        let next = Self::next_name(&now.name, &Library::version_of(&now.listed()));
        let library = Library::build_with(&now.listed(), &all, next).map_err(|error| {
            StoreError::Conflict(format!(
                "{name} cannot be taken back, the library needs what it wrote: {error}"
            ))
        })?;
        let new = NewVersion {
            kind: VersionKind::Undo,
            note: format!("without {name}"),
            actor: looked.reviewer.clone(),
            parent: now.version_id,
            edits,
        };
        Ok((new, library))
    }

    async fn settle(
        &self,
        looked: &Looked,
        status: ReviewStatus,
        reason: Option<&str>,
        more: impl FnOnce(&mut review_item::ActiveModel),
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        open(&tx, looked).await?;
        write(&tx, looked, status, reason, more).await?;
        tell(&tx, looked, &status.to_string(), json!({ "reason": reason })).await?;
        Ok(tx.commit().await?)
    }
}

async fn find(db: &impl sea_orm::ConnectionTrait, id: i64) -> Result<review_item::Model, StoreError> {
    review_item::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| StoreError::Missing(format!("review item {id}")))
}

/// The item, if it still is what was looked at, and open.
async fn open(tx: &DatabaseTransaction, looked: &Looked) -> Result<review_item::Model, StoreError> {
    let item = find(tx, looked.id).await?;
    if item.revision != looked.revision
        || !item.status.0.is_open() && item.status.0 != ReviewStatus::AutoRejected
    {
        return Err(beaten(&item, looked));
    }
    Ok(item)
}

fn beaten(item: &review_item::Model, looked: &Looked) -> StoreError {
    let who = item.reviewer.as_deref().unwrap_or("somebody");
    let when = item
        .decided_at
        .map(|when| format!(" at {}", when.replace_nanosecond(0).unwrap_or(when)))
        .unwrap_or_default();
    StoreError::Conflict(format!(
        "item {} is {} (by {who}{when}): you looked at revision {}, it is at {}",
        item.id, item.status.0, looked.revision, item.revision
    ))
}

/// Writes a decision if the item is at the revision that was looked at.
async fn write(
    tx: &DatabaseTransaction,
    looked: &Looked,
    status: ReviewStatus,
    reason: Option<&str>,
    more: impl FnOnce(&mut review_item::ActiveModel),
) -> Result<(), StoreError> {
    let mut change = review_item::ActiveModel {
        status: Set(Word(status)),
        reason: Set(reason.map(str::to_owned)),
        reviewer: Set(Some(looked.reviewer.clone())),
        decided_at: Set(Some(OffsetDateTime::now_utc())),
        revision: Set(looked.revision + 1),
        ..Default::default()
    };
    more(&mut change);
    let done = review_item::Entity::update_many()
        .set(change)
        .filter(review_item::Column::Id.eq(looked.id).and(review_item::Column::Revision.eq(looked.revision)))
        .exec(tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(beaten(&find(tx, looked.id).await?, looked));
    }
    Ok(())
}

async fn recount(tx: &DatabaseTransaction, item: &review_item::Model) -> Result<(), StoreError> {
    let (jds, companies) = recounted(tx, item.id).await?;
    review_item::ActiveModel {
        id: Unchanged(item.id),
        jds: Set(jds),
        companies: Set(companies),
        priority: Set(priority(companies, item.novelty, item.max_similarity)),
        ..Default::default()
    }
    .update(tx)
    .await?;
    Ok(())
}

async fn tell(
    tx: &DatabaseTransaction,
    looked: &Looked,
    action: &str,
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    audit::tell(
        tx,
        &looked.reviewer,
        &format!("review.{action}"),
        format!("review item {}", looked.id),
        detail,
    )
    .await
}
