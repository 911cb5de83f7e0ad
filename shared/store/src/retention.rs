//! Forgetting: what was erased leaves counts, no text.

use contract::{ReviewStatus, RunId};
use migration::Word;
use migration::entity::{
    collision, document, document_band, model_answer, model_call, review_evidence, review_item, run,
    run_artifact, run_attempt,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoCondition as _, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, Condition, DatabaseTransaction, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _,
};
use serde_json::json;
use std::collections::BTreeSet;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Store, StoreError, audit};

/// What stands where a text stood.
const ERASED: &str = "(erased)";
/// Runs of one transaction.
const BATCH: u64 = 500;

/// What is to be forgotten.
#[derive(Clone, Debug)]
pub struct Purge {
    /// Which runs.
    pub of: PurgeOf,
    /// How much of them.
    pub depth: PurgeDepth,
    /// Count only.
    pub dry_run: bool,
    /// Who wants it.
    pub actor: String,
}

/// Which runs.
#[derive(Clone, Debug, Default)]
pub struct PurgeOf {
    /// These; empty for any.
    pub ids: Vec<RunId>,
    /// Of this sender.
    pub source: Option<String>,
    /// Accepted before this.
    pub before: Option<OffsetDateTime>,
}

/// How much is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurgeDepth {
    /// The document as it came; the answer stays.
    Documents,
    /// Every text: document, outputs, quotes, titles, model answers.
    Everything,
}

/// What was forgotten, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Purged {
    /// Runs that lost something.
    pub runs: u64,
    /// Documents.
    pub documents: u64,
    /// Quotes in the review queues.
    pub quotes: u64,
}

impl PurgeOf {
    /// Whether it names nothing at all, which would be everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.ids.is_empty() && self.source.is_none() && self.before.is_none()
    }

    fn condition(&self) -> Condition {
        Condition::all()
            .add_option(
                (!self.ids.is_empty()).then(|| run::Column::RunId.is_in(self.ids.iter().map(|id| id.0))),
            )
            .add_option(self.source.as_ref().map(|source| run::Column::SourceSystem.eq(source.as_str())))
            .add_option(self.before.map(|before| run::Column::CreatedAt.lt(before)))
    }
}

impl Store {
    /// Forgets the text of runs, a few hundred in a transaction, each with a line in the audit log. Doing it again finds nothing.
    ///
    /// # Errors
    /// When the database is lost; what was forgotten before stays so.
    pub async fn purge(&self, purge: &Purge) -> Result<Purged, StoreError> {
        let mut total = Purged::default();
        if purge.dry_run {
            let left = run::Entity::find().filter(self.left(purge)).count(&self.db).await?;
            let runs: SelectStatement = runs_of(self.left(purge));
            let documents = document::Entity::find()
                .filter(document::Column::RunId.in_subquery(runs.clone()))
                .filter(document::Column::Content.is_not_null())
                .count(&self.db)
                .await?;
            let quotes = match purge.depth {
                PurgeDepth::Documents => 0,
                PurgeDepth::Everything => {
                    review_evidence::Entity::find()
                        .filter(review_evidence::Column::RunId.in_subquery(runs))
                        .filter(review_evidence::Column::Quote.is_not_null())
                        .count(&self.db)
                        .await?
                }
            };
            return Ok(Purged { runs: left, documents, quotes });
        }
        loop {
            let tx = self.begin().await?;
            let ids: Vec<Uuid> = run::Entity::find()
                .select_only()
                .column(run::Column::RunId)
                .filter(self.left(purge))
                .limit(BATCH)
                .into_tuple()
                .all(&tx)
                .await?;
            if ids.is_empty() {
                return Ok(total);
            }
            let documents = forget_documents(&tx, &ids).await?;
            let quotes = match purge.depth {
                PurgeDepth::Documents => 0,
                PurgeDepth::Everything => forget_everything(&tx, &ids).await?,
            };
            let action = match purge.depth {
                PurgeDepth::Documents => "runs.purge_documents",
                PurgeDepth::Everything => "runs.purge",
            };
            let detail = json!({ "runs": ids, "documents": documents, "quotes": quotes });
            audit::tell(&tx, &purge.actor, action, format!("{} runs", ids.len()), detail).await?;
            tx.commit().await?;
            total.runs += ids.len() as u64;
            total.documents += documents;
            total.quotes += quotes;
        }
    }

    /// The runs that still have what is to be forgotten.
    fn left(&self, purge: &Purge) -> Condition {
        let left = match purge.depth {
            PurgeDepth::Everything => run::Column::ErasedAt.is_null(),
            PurgeDepth::Documents => run::Column::RunId.in_subquery(
                Query::select()
                    .column(document::Column::RunId)
                    .from(document::Entity)
                    .and_where(document::Column::Content.is_not_null())
                    .take(),
            ),
        };
        purge.of.condition().add(left)
    }
}

fn runs_of(condition: Condition) -> SelectStatement {
    Query::select().column(run::Column::RunId).from(run::Entity).cond_where(condition).take()
}

async fn forget_documents(tx: &DatabaseTransaction, ids: &[Uuid]) -> Result<u64, StoreError> {
    let done = document::Entity::update_many()
        .col_expr(document::Column::Content, Expr::value(None::<Vec<u8>>))
        .col_expr(document::Column::PurgedAt, Expr::value(OffsetDateTime::now_utc()))
        .filter(document::Column::RunId.is_in(ids.iter().copied()))
        .filter(document::Column::Content.is_not_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Takes every text of the runs out of every table; tells how many quotes there were.
async fn forget_everything(tx: &DatabaseTransaction, ids: &[Uuid]) -> Result<u64, StoreError> {
    let none = || Expr::value(None::<String>);
    let of = || ids.iter().copied();
    crate::dead::erase(tx, ids).await?;
    run::Entity::update_many()
        .col_expr(run::Column::Title, none())
        .col_expr(run::Column::Company, none())
        .col_expr(run::Column::Reason, none())
        .col_expr(run::Column::ErasedAt, Expr::value(OffsetDateTime::now_utc()))
        .filter(run::Column::RunId.is_in(of()))
        .exec(tx)
        .await?;
    run_attempt::Entity::update_many()
        .col_expr(run_attempt::Column::Outputs, Expr::value(None::<Vec<u8>>))
        .col_expr(run_attempt::Column::Persistence, Expr::value(None::<serde_json::Value>))
        // What is erased must not answer for the same text another time.
        .col_expr(run_attempt::Column::InputHash, none())
        .filter(run_attempt::Column::RunId.is_in(of()))
        .exec(tx)
        .await?;
    document::Entity::update_many()
        .col_expr(document::Column::Hints, Expr::value(None::<serde_json::Value>))
        .col_expr(document::Column::Signature, Expr::value(None::<Vec<u8>>))
        .col_expr(document::Column::Sha256, Expr::value(ERASED))
        .filter(document::Column::RunId.is_in(of()))
        .exec(tx)
        .await?;
    document_band::Entity::delete_many().filter(document_band::Column::RunId.is_in(of())).exec(tx).await?;
    run_artifact::Entity::update_many()
        .col_expr(run_artifact::Column::Name, Expr::value(ERASED))
        .filter(run_artifact::Column::RunId.is_in(of()))
        .exec(tx)
        .await?;
    collision::Entity::update_many()
        .col_expr(collision::Column::AliasText, Expr::value(ERASED))
        .filter(collision::Column::RunId.is_in(of()))
        .exec(tx)
        .await?;
    // An answer's words may repeat the text's; what it cost stays with the call.
    model_answer::Entity::delete_many().filter(model_answer::Column::RunId.is_in(of())).exec(tx).await?;
    model_call::Entity::update_many()
        .col_expr(model_call::Column::Why, none())
        .filter(model_call::Column::RunId.is_in(of()))
        .exec(tx)
        .await?;
    let quotes = review_evidence::Entity::find()
        .filter(review_evidence::Column::RunId.is_in(of()))
        .filter(review_evidence::Column::Quote.is_not_null())
        .count(tx)
        .await?;
    let items: BTreeSet<i64> = review_evidence::Entity::find()
        .select_only()
        .column(review_evidence::Column::ItemId)
        .filter(review_evidence::Column::RunId.is_in(of()))
        .into_tuple::<i64>()
        .all(tx)
        .await?
        .into_iter()
        .collect();
    review_evidence::Entity::update_many()
        .col_expr(review_evidence::Column::Quote, none())
        .col_expr(review_evidence::Column::Company, none())
        .col_expr(review_evidence::Column::SpanStart, Expr::value(None::<i32>))
        .col_expr(review_evidence::Column::SpanEnd, Expr::value(None::<i32>))
        .filter(review_evidence::Column::RunId.is_in(of()))
        .exec(tx)
        .await?;
    forget_proposals(tx, items).await?;
    Ok(quotes)
}

/// A proposal that only erased postings made is in their words: it goes with them unless somebody has decided on it.
async fn forget_proposals(tx: &DatabaseTransaction, items: BTreeSet<i64>) -> Result<(), StoreError> {
    if items.is_empty() {
        return Ok(());
    }
    let still_has_a_run = Query::select()
        .expr(Expr::val(1))
        .from(review_evidence::Entity)
        .inner_join(
            run::Entity,
            Expr::col((run::Entity, run::Column::RunId))
                .equals((review_evidence::Entity, review_evidence::Column::RunId)),
        )
        .and_where(
            Expr::col((review_evidence::Entity, review_evidence::Column::ItemId))
                .equals((review_item::Entity, review_item::Column::Id)),
        )
        .and_where(Expr::col((run::Entity, run::Column::ErasedAt)).is_null())
        .take();
    review_item::Entity::update_many()
        .col_expr(review_item::Column::Title, Expr::value(ERASED))
        // The key is in the posting's words too; the number keeps it unique.
        .col_expr(
            review_item::Column::MergeKey,
            Expr::val(ERASED).binary(
                sea_orm::sea_query::BinOper::Custom("||"),
                Expr::col(review_item::Column::Id).cast_as("text"),
            ),
        )
        .col_expr(review_item::Column::Suggestion, Expr::value(json!({})))
        .col_expr(review_item::Column::Status, Expr::value(Word(ReviewStatus::AutoRejected)))
        .col_expr(review_item::Column::Reason, Expr::value("all postings that named it were erased"))
        .filter(review_item::Column::Id.is_in(items))
        .filter(review_item::Column::Status.is_in([
            Word(ReviewStatus::Pending),
            Word(ReviewStatus::InReview),
            Word(ReviewStatus::Snoozed),
            Word(ReviewStatus::AutoRejected),
        ]))
        .filter(Expr::exists(still_has_a_run).not().into_condition())
        .exec(tx)
        .await?;
    Ok(())
}
