//! Writing lines.

use contract::Status;
use migration::Word;
use migration::entity::accepted_run;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QuerySelect as _,
};
use serde_json::json;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AcceptedRun, Answered, CHANGING, CHUNK};
use crate::bytes::{compressed, json_of};
use crate::dead::storable;
use crate::{Store, StoreError};

impl Store {
    /// Writes postings into the ledger, in one transaction; tells how many were not in it. A line that is there keeps all it
    /// has, but for one that was written by its answer alone: it is completed.
    ///
    /// # Errors
    /// When the database is lost or refuses; nothing is written then.
    pub async fn accept_runs(&self, runs: &[AcceptedRun]) -> Result<u64, StoreError> {
        // In the order of their keys: two writers that wait for one another would wait for ever.
        let mut rows: BTreeMap<Uuid, accepted_run::ActiveModel> = BTreeMap::new();
        for run in runs {
            rows.insert(run.run_id.0, row(run)?);
        }
        let rows: Vec<(Uuid, accepted_run::ActiveModel)> = rows.into_iter().collect();
        let tx = self.begin().await?;
        let mut new = 0;
        for chunk in rows.chunks(CHUNK) {
            let there = OnConflict::column(accepted_run::Column::RunId).do_nothing().to_owned();
            new += accepted_run::Entity::insert_many(chunk.iter().map(|(_, row)| row.clone()))
                .on_conflict(there)
                .exec_without_returning(&tx)
                .await?;
        }
        if new < rows.len() as u64 {
            complete(&tx, &rows).await?;
        }
        tx.commit().await?;
        Ok(new)
    }

    /// Says which run answered others, in one transaction. A line is made where there is none yet; one that has come to an
    /// end of its own stays.
    ///
    /// # Errors
    /// When the database is lost or refuses; nothing is written then.
    pub async fn mark_answered(&self, answered: &[Answered]) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        answered_by_others(&tx, answered).await?;
        Ok(tx.commit().await?)
    }
}

/// Says which run answered others, in the transaction that saves the answer.
pub(crate) async fn answered_by_others(
    tx: &DatabaseTransaction,
    answered: &[Answered],
) -> Result<(), StoreError> {
    let answered: BTreeMap<Uuid, &Answered> = answered.iter().map(|line| (line.run_id.0, line)).collect();
    let now = OffsetDateTime::now_utc();
    let rows: Vec<accepted_run::ActiveModel> = answered
        .into_values()
        .map(|line| accepted_run::ActiveModel {
            run_id: Set(line.run_id.0),
            source_system: Set(String::new()),
            external_id: Set(None),
            routing_key: Set(String::new()),
            content_type: Set(None),
            headers: Set(json!({})),
            body: Set(None),
            body_bytes: Set(0),
            accepted_at: Set(now),
            sent_at: Set(now),
            state: Set(Word(line.status)),
            settled_at: Set(Some(now)),
            answered_by: Set(Some(line.answered_by.0)),
            emitted: Set(0),
            forgotten_at: Set(None),
        })
        .collect();
    for chunk in rows.chunks(CHUNK) {
        let open = OnConflict::column(accepted_run::Column::RunId)
            .update_columns([
                accepted_run::Column::State,
                accepted_run::Column::SettledAt,
                accepted_run::Column::AnsweredBy,
            ])
            .action_and_where(Expr::col((accepted_run::Entity, accepted_run::Column::State)).is_in(CHANGING))
            .to_owned();
        accepted_run::Entity::insert_many(chunk.iter().cloned())
            .on_conflict(open)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn row(run: &AcceptedRun) -> Result<accepted_run::ActiveModel, StoreError> {
    let headers: BTreeMap<String, String> =
        run.headers.iter().map(|(name, value)| (storable(name), storable(value))).collect();
    Ok(accepted_run::ActiveModel {
        run_id: Set(run.run_id.0),
        source_system: Set(storable(&run.source)),
        external_id: Set(run.external_id.as_deref().map(storable)),
        routing_key: Set(storable(&run.routing_key)),
        content_type: Set(run.content_type.as_deref().map(storable)),
        headers: Set(json_of(&headers)?),
        body: Set(Some(compressed(&run.body)?)),
        body_bytes: Set(run.body.len() as i64),
        accepted_at: Set(run.accepted_at),
        sent_at: Set(run.accepted_at),
        state: Set(Word(Status::Accepted)),
        settled_at: Set(None),
        answered_by: Set(None),
        emitted: Set(0),
        forgotten_at: Set(None),
    })
}

/// Gives lines that were written by their answer alone what came with the posting.
async fn complete(
    tx: &DatabaseTransaction,
    rows: &[(Uuid, accepted_run::ActiveModel)],
) -> Result<(), StoreError> {
    for chunk in rows.chunks(CHUNK) {
        let bare: Vec<Uuid> = accepted_run::Entity::find()
            .select_only()
            .column(accepted_run::Column::RunId)
            .filter(accepted_run::Column::RunId.is_in(chunk.iter().map(|(run, _)| *run)))
            .filter(accepted_run::Column::Body.is_null())
            .filter(accepted_run::Column::ForgottenAt.is_null())
            .into_tuple()
            .all(tx)
            .await?;
        for (run, row) in chunk.iter().filter(|(run, _)| bare.contains(run)) {
            let change = accepted_run::ActiveModel {
                source_system: row.source_system.clone(),
                external_id: row.external_id.clone(),
                routing_key: row.routing_key.clone(),
                content_type: row.content_type.clone(),
                headers: row.headers.clone(),
                body: row.body.clone(),
                body_bytes: row.body_bytes.clone(),
                accepted_at: row.accepted_at.clone(),
                sent_at: row.sent_at.clone(),
                ..Default::default()
            };
            accepted_run::Entity::update_many()
                .set(change)
                .filter(accepted_run::Column::RunId.eq(*run))
                .filter(accepted_run::Column::Body.is_null())
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}
