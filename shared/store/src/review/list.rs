//! Looking at the queues.

use contract::{Neighbour, ReviewKind, ReviewStatus, RunId, SuggestedAction};
use migration::Word;
use migration::entity::{review_evidence, review_item};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LikeExpr};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::Value;
use time::OffsetDateTime;

use crate::find::read;
use crate::{Store, StoreError};

/// Which items are wanted.
#[derive(Clone, Debug, Default)]
pub struct ReviewFilter {
    /// Of this queue.
    pub kind: Option<ReviewKind>,
    /// In this state; those that wait for somebody where none is named.
    pub status: Option<ReviewStatus>,
    /// With these words in the title, letter case apart.
    pub text: Option<String>,
    /// Where the page before ended.
    pub after: Option<ReviewCursor>,
    /// The most items of a page.
    pub limit: u64,
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReviewCursor {
    /// The last item's priority.
    pub priority: f64,
    /// Its key.
    pub id: i64,
}

/// An item as lists show it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ReviewLine {
    /// Its key.
    pub id: i64,
    /// Its queue.
    pub kind: ReviewKind,
    /// What it is called.
    pub title: String,
    /// Where it stands.
    pub status: ReviewStatus,
    /// What a reviewer is advised to do.
    pub suggested_action: SuggestedAction,
    /// How many JDs name it.
    pub jds: i32,
    /// How many employers.
    pub companies: i32,
    /// How much it asks to be looked at.
    pub priority: f64,
    /// One more with every decision.
    pub revision: i32,
    /// Who looked at it last.
    pub reviewer: Option<String>,
    /// Why it was decided so.
    pub reason: Option<String>,
    /// When the last JD that names it was accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen: OffsetDateTime,
}

/// Everything of an item.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ReviewDetail {
    /// What lists show.
    #[serde(flatten)]
    pub line: ReviewLine,
    /// What makes it the same proposal in another run.
    pub key: String,
    /// What would be written, as far as it is known.
    pub suggestion: Value,
    /// The nearest library entries.
    pub nearest: Vec<Neighbour>,
    /// The words of the first JDs that name it.
    pub evidence: Vec<ReviewEvidence>,
    /// The item that it was merged into.
    pub merged_into: Option<i64>,
    /// The library version that has it.
    pub library_version_id: Option<i64>,
    /// When it comes back.
    #[serde(with = "time::serde::rfc3339::option")]
    pub snoozed_until: Option<OffsetDateTime>,
    /// When it was decided.
    #[serde(with = "time::serde::rfc3339::option")]
    pub decided_at: Option<OffsetDateTime>,
}

/// The words of one JD.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ReviewEvidence {
    /// The run.
    pub run_id: RunId,
    /// The employer.
    pub company: Option<String>,
    /// First scalar in the run's text.
    pub start: i32,
    /// One past the last.
    pub end: i32,
    /// The words.
    pub quote: String,
}

impl From<review_item::Model> for ReviewLine {
    fn from(row: review_item::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind.0,
            title: row.title,
            status: row.status.0,
            suggested_action: row.suggested_action.0,
            jds: row.jds,
            companies: row.companies,
            priority: row.priority,
            revision: row.revision,
            reviewer: row.reviewer,
            reason: row.reason,
            last_seen: row.last_seen,
        }
    }
}

impl Store {
    /// A page of a queue, what asks most to be looked at first.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn reviews(&self, filter: &ReviewFilter) -> Result<Vec<ReviewLine>, StoreError> {
        let wanted = match filter.status {
            Some(wanted) => Condition::all().add(review_item::Column::Status.eq(Word(wanted))),
            // Their order is that of an index, so that a page costs what it shows.
            None => Condition::all().add(Expr::cust(migration::WAITS)).add(
                review_item::Column::Status
                    .ne(Word(ReviewStatus::Snoozed))
                    .or(review_item::Column::SnoozedUntil.lt(OffsetDateTime::now_utc())),
            ),
        };
        let page = Condition::all()
            .add(wanted)
            .add_option(filter.kind.map(|kind| review_item::Column::Kind.eq(Word(kind))))
            .add_option(filter.text.as_ref().map(|words| {
                let escaped = words.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
                Expr::expr(Func::lower(Expr::col(review_item::Column::Title)))
                    .like(LikeExpr::new(format!("%{escaped}%")).escape('!'))
            }))
            .add_option(filter.after.map(|ReviewCursor { priority, id }| {
                review_item::Column::Priority
                    .lt(priority)
                    .or(review_item::Column::Priority.eq(priority).and(review_item::Column::Id.lt(id)))
            }));
        let rows = review_item::Entity::find()
            .filter(page)
            .order_by_desc(review_item::Column::Priority)
            .order_by_desc(review_item::Column::Id)
            .limit(filter.limit)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(ReviewLine::from).collect())
    }

    /// Everything of one item.
    ///
    /// # Errors
    /// When there is none, or the database is lost.
    pub async fn review(&self, id: i64) -> Result<ReviewDetail, StoreError> {
        let missing = || StoreError::Missing(format!("review item {id}"));
        let row = review_item::Entity::find_by_id(id).one(&self.db).await?.ok_or_else(missing)?;
        let quoted = review_evidence::Entity::find()
            .filter(review_evidence::Column::ItemId.eq(id))
            .filter(review_evidence::Column::Quote.is_not_null())
            .order_by_asc(review_evidence::Column::RunId)
            .all(&self.db)
            .await?;
        Ok(ReviewDetail {
            key: row.merge_key.clone(),
            suggestion: row.suggestion.clone(),
            nearest: read("a review item's nearest entries", row.nearest.clone())?,
            evidence: quoted
                .into_iter()
                .map(|row| ReviewEvidence {
                    run_id: RunId(row.run_id),
                    company: row.company,
                    start: row.span_start.unwrap_or_default(),
                    end: row.span_end.unwrap_or_default(),
                    quote: row.quote.unwrap_or_default(),
                })
                .collect(),
            merged_into: row.merged_into,
            library_version_id: row.library_version_id,
            snoozed_until: row.snoozed_until,
            decided_at: row.decided_at,
            line: row.into(),
        })
    }
}
