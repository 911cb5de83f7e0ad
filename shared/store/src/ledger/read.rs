//! Looking at lines.

use contract::{RunId, Status};
use migration::Word;
use migration::entity::accepted_run;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::BTreeMap;
use time::OffsetDateTime;

use super::{LedgerEntry, LedgerFilter, LedgerLine, Row};
use crate::bytes::decompressed;
use crate::find::{Cursor, read};
use crate::{Store, StoreError};

impl Store {
    /// Lines that were sent before a time and of which nothing is known, the oldest first. Those that were called stranded are
    /// not among them.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn overdue(
        &self,
        sent_before: OffsetDateTime,
        limit: u64,
    ) -> Result<Vec<LedgerLine>, StoreError> {
        let rows = lines()
            .filter(accepted_run::Column::State.eq(Word(Status::Accepted)))
            .filter(accepted_run::Column::SentAt.lt(sent_before))
            .order_by_asc(accepted_run::Column::SentAt)
            .order_by_asc(accepted_run::Column::RunId)
            .limit(limit)
            .into_model::<Row>()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(LedgerLine::from).collect())
    }

    /// When the run came in that came last of those that have ended; none before any has.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn last_settled_acceptance(&self) -> Result<Option<OffsetDateTime>, StoreError> {
        let last = accepted_run::Entity::find()
            .select_only()
            .column(accepted_run::Column::SentAt)
            .filter(accepted_run::Column::State.is_in([Word(Status::Completed), Word(Status::Rejected)]))
            .filter(accepted_run::Column::AnsweredBy.is_null())
            // The priority lane overtakes the other one.
            .filter(accepted_run::Column::RoutingKey.not_like("%.priority"))
            .order_by_desc(accepted_run::Column::SentAt)
            .limit(1)
            .into_tuple()
            .one(&self.db)
            .await?;
        Ok(last)
    }

    /// How many lines stand where, of those accepted since a time.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn ledger_counts(
        &self,
        since: Option<OffsetDateTime>,
    ) -> Result<BTreeMap<Status, u64>, StoreError> {
        let counts: Vec<(Word<Status>, i64)> = accepted_run::Entity::find()
            .select_only()
            .column(accepted_run::Column::State)
            .expr(Expr::col(accepted_run::Column::RunId).count())
            .filter(
                Condition::all().add_option(since.map(|since| accepted_run::Column::AcceptedAt.gte(since))),
            )
            .group_by(accepted_run::Column::State)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(counts.into_iter().map(|(state, count)| (state.0, count.unsigned_abs())).collect())
    }

    /// A page of the ledger, the newest first.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<LedgerLine>, StoreError> {
        let wanted = Condition::all()
            .add_option(filter.state.map(|state| accepted_run::Column::State.eq(Word(state))))
            .add_option(
                filter.source.as_ref().map(|source| accepted_run::Column::SourceSystem.eq(source.as_str())),
            )
            .add_option(filter.before.map(|before| accepted_run::Column::AcceptedAt.lt(before)))
            .add_option(filter.after.map(|Cursor { created_at, run_id }| {
                accepted_run::Column::AcceptedAt.lt(created_at).or(accepted_run::Column::AcceptedAt
                    .eq(created_at)
                    .and(accepted_run::Column::RunId.lt(run_id.0)))
            }));
        let rows = lines()
            .filter(wanted)
            .order_by_desc(accepted_run::Column::AcceptedAt)
            .order_by_desc(accepted_run::Column::RunId)
            .limit(filter.limit)
            .into_model::<Row>()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(LedgerLine::from).collect())
    }

    /// One line with its body.
    ///
    /// # Errors
    /// When the database is lost, or the body cannot be read.
    pub async fn accepted(&self, run_id: RunId) -> Result<Option<LedgerEntry>, StoreError> {
        accepted_run::Entity::find_by_id(run_id.0).one(&self.db).await?.map(entry).transpose()
    }
}

/// Lines without their bodies.
fn lines() -> sea_orm::Select<accepted_run::Entity> {
    use accepted_run::Column as C;
    accepted_run::Entity::find().select_only().columns([
        C::RunId,
        C::SourceSystem,
        C::ExternalId,
        C::RoutingKey,
        C::ContentType,
        C::BodyBytes,
        C::AcceptedAt,
        C::SentAt,
        C::State,
        C::SettledAt,
        C::AnsweredBy,
        C::Emitted,
        C::ForgottenAt,
    ])
}

pub(super) fn entry(mut row: accepted_run::Model) -> Result<LedgerEntry, StoreError> {
    let body = row.body.take().map(|bytes| decompressed("an accepted run's body", &bytes)).transpose()?;
    let headers = read("an accepted run's headers", row.headers)?;
    let line = LedgerLine::from(Row {
        run_id: row.run_id,
        source_system: row.source_system,
        external_id: row.external_id,
        routing_key: row.routing_key,
        content_type: row.content_type,
        body_bytes: row.body_bytes,
        accepted_at: row.accepted_at,
        sent_at: row.sent_at,
        state: row.state,
        settled_at: row.settled_at,
        answered_by: row.answered_by,
        emitted: row.emitted,
        forgotten_at: row.forgotten_at,
    });
    Ok(LedgerEntry { line, headers, body })
}
