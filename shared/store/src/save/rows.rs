//! The rows of a run.

use contract::{Content, Persistence, Record, SIGNATURE_HASHES, Signature, Status};
use migration::Word;
use migration::entity::{
    collision, document, document_band, link_outcome, model_call, near_duplicate, run, run_artifact,
    run_attempt,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait,
    IntoActiveModel, Iterable as _,
};
use serde_json::json;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Fresh, Ids, duplicates};
use crate::StoreError;
use crate::bytes::{compressed, json_of};

/// The most values of one statement; SQLite takes 32,766 and PostgreSQL 65,535.
const VALUES: usize = 30_000;

/// What is compressed before the transaction begins.
pub(super) struct Packed {
    outputs: Vec<u8>,
    document: Vec<u8>,
}

/// Compresses what is large.
pub(super) fn pack(records: &[Record]) -> Result<Vec<Packed>, StoreError> {
    records
        .iter()
        .map(|record| {
            Ok(Packed {
                outputs: compressed(record.outputs.as_bytes())?,
                document: compressed(record.document.content.as_bytes())?,
            })
        })
        .collect()
}

/// Inserts rows in as many statements as they need.
pub(super) async fn insert<A>(tx: &DatabaseTransaction, rows: Vec<A>) -> Result<(), StoreError>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let columns = <A::Entity as EntityTrait>::Column::iter().count();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(VALUES / columns).collect();
        A::Entity::insert_many(chunk).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// One row a run; a newer attempt takes the place of an older one.
pub(super) async fn runs(tx: &DatabaseTransaction, ids: &Ids, fresh: &[Fresh<'_>]) -> Result<(), StoreError> {
    if fresh.is_empty() {
        return Ok(());
    }
    let now = OffsetDateTime::now_utc();
    // A statement may touch a row once: of several attempts of one run the newest, which comes last, stands for it.
    let newest: HashMap<Uuid, i32> = fresh.iter().map(|run| (run.run_id(), run.attempt)).collect();
    let rows = fresh.iter().filter(|run| newest.get(&run.run_id()) == Some(&run.attempt)).map(|fresh| {
        let Record { facts, source, .. } = fresh.record;
        run::ActiveModel {
            run_id: Set(fresh.run_id()),
            status: Set(Word(fresh.record.status)),
            attempt: Set(fresh.attempt),
            source_system: Set(source.system.clone()),
            external_id: Set(source.external_id.clone()),
            jd_type: Set(facts.jd_type.map(Word)),
            reason: Set(facts.reason.clone()),
            title: Set(facts.title.clone()),
            company: Set(facts.company.clone()),
            role_id: Set(facts.role.as_deref().and_then(|slug| ids.role(slug))),
            decision_case: Set(facts.case.map(Word)),
            confidence: Set(facts.confidence),
            band: Set(facts.band.map(Word)),
            library_version_id: Set(ids.version(&fresh.record.versions.library)),
            cost_usd: Set(cost(fresh.record)),
            created_at: Set(fresh.record.created_at),
            finished_at: Set(now),
            erased_at: Set(None),
        }
    });
    let kept =
        [run::Column::RunId, run::Column::CreatedAt, run::Column::SourceSystem, run::Column::ExternalId];
    let newer = OnConflict::column(run::Column::RunId)
        .update_columns(run::Column::iter().filter(|column| !kept.iter().any(|kept| same(kept, column))))
        .action_and_where(
            Expr::col(("excluded", run::Column::Attempt))
                .gt(Expr::col((run::Entity, run::Column::Attempt)))
                // A copy of the message was given up, this one was not.
                .or(Expr::col(("excluded", run::Column::Attempt))
                    .eq(Expr::col((run::Entity, run::Column::Attempt)))
                    .and(Expr::col((run::Entity, run::Column::Status)).eq(Word(Status::DeadLettered)))),
        )
        .to_owned();
    run::Entity::insert_many(rows).on_conflict(newer).exec_without_returning(tx).await?;
    Ok(())
}

fn same(a: &run::Column, b: &run::Column) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// The attempts with their outputs and with what is told of them.
pub(super) async fn attempts(
    tx: &DatabaseTransaction,
    fresh: &[Fresh<'_>],
    packed: &[&Packed],
    answers: &[Persistence],
) -> Result<(), StoreError> {
    let now = OffsetDateTime::now_utc();
    let mut rows = Vec::with_capacity(fresh.len());
    for ((run, packed), answer) in fresh.iter().zip(packed).zip(answers) {
        let record = run.record;
        let replays = record.replay_of.map(|attempt| attempt as i32);
        rows.push(run_attempt::ActiveModel {
            run_id: Set(run.run_id()),
            attempt: Set(run.attempt),
            replay_of: Set(replays.or((run.attempt > 0).then(|| run.attempt - 1))),
            status: Set(Word(record.status)),
            input_hash: Set(Some(record.input_hash.clone())),
            options: Set(json_of(&record.options)?),
            versions: Set(json_of(&record.versions)?),
            outputs: Set(Some(packed.outputs.clone())),
            persistence: Set(Some(json_of(answer)?)),
            timings: Set(json_of(&record.timings)?),
            cost_usd: Set(cost(record)),
            created_at: Set(now),
        });
    }
    insert(tx, rows).await?;
    documents(tx, fresh, packed).await
}

async fn documents(
    tx: &DatabaseTransaction,
    fresh: &[Fresh<'_>],
    packed: &[&Packed],
) -> Result<(), StoreError> {
    let mut last: HashMap<Uuid, document::ActiveModel> = HashMap::new();
    for (run, packed) in fresh.iter().zip(packed) {
        let document = &run.record.document;
        last.insert(
            run.run_id(),
            document::ActiveModel {
                run_id: Set(run.run_id()),
                sha256: Set(document.sha256.clone()),
                bytes: Set(document.content.as_bytes().len() as i64),
                content_type: Set(document.content_type.clone()),
                hints: Set(Some(json!({
                    "title": document.title_hint,
                    "company": document.company_hint,
                    "location": document.location_hint,
                }))),
                is_text: Set(matches!(document.content, Content::Text(_))),
                content: Set(Some(packed.document.clone())),
                signature: Set(duplicates::packed(run.record.signature.as_ref())),
                created_at: Set(run.record.created_at),
                purged_at: Set(None),
            },
        );
    }
    if last.is_empty() {
        return Ok(());
    }
    // A later attempt of the same run may bring another document.
    let newer = OnConflict::column(document::Column::RunId)
        .update_columns([
            document::Column::Sha256,
            document::Column::Bytes,
            document::Column::ContentType,
            document::Column::Hints,
            document::Column::IsText,
            document::Column::Content,
            document::Column::PurgedAt,
        ])
        .to_owned();
    let rows = fresh.iter().filter_map(|run| last.remove(&run.run_id()));
    document::Entity::insert_many(rows.collect::<Vec<_>>())
        .on_conflict(newer)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Everything that hangs on an attempt.
pub(super) async fn left_behind(
    tx: &DatabaseTransaction,
    fresh: &[Fresh<'_>],
    answers: &[Persistence],
) -> Result<(), StoreError> {
    let (bands, duplicates): (Vec<document_band::ActiveModel>, Vec<near_duplicate::ActiveModel>) =
        duplicates::rows(fresh);
    insert(tx, bands).await?;
    insert(tx, duplicates).await?;
    let mut links = Vec::new();
    let mut artifacts = Vec::new();
    let mut collisions = Vec::new();
    let mut calls = Vec::new();
    for (run, answer) in fresh.iter().zip(answers) {
        let (run_id, attempt) = (run.run_id(), run.attempt);
        links.extend(answer.links.iter().map(|line| link_outcome::ActiveModel {
            run_id: Set(run_id),
            attempt: Set(attempt),
            skill: Set(line.skill.clone()),
            skill_id: Set(line.skill_id),
            dimension: Set(line.dimension.clone()),
            dimension_id: Set(line.dimension_id),
            role_id: Set(line.role_id),
            skill_dimension: Set(Word(line.skill_dimension)),
            role_dimension: Set(Word(line.role_dimension)),
            outcome_line: Set(line.outcome_line.clone()),
            ..Default::default()
        }));
        artifacts.extend(answer.artifacts.iter().map(|artifact| run_artifact::ActiveModel {
            run_id: Set(run_id),
            attempt: Set(attempt),
            kind: Set(Word(artifact.kind)),
            name: Set(artifact.name.clone()),
            review_item_id: Set(artifact.review_item),
            ..Default::default()
        }));
        collisions.extend(run.record.collision.iter().map(|found| collision::ActiveModel {
            run_id: Set(run_id),
            attempt: Set(attempt),
            alias_text: Set(found.alias.clone()),
            roles: Set(json!(found.roles)),
            chosen: Set(found.chosen.clone()),
            resolution: Set(found.resolution.clone()),
            ..Default::default()
        }));
        calls.extend(run.record.ledger.iter().enumerate().map(|(position, call)| model_call::ActiveModel {
            run_id: Set(run_id),
            attempt: Set(attempt),
            position: Set(position as i32),
            stage: Set(Word(call.stage)),
            purpose: Set(call.purpose.to_string()),
            model: Set(call.model.clone()),
            request_hash: Set(call.request_hash.clone()),
            input_tokens: Set(call.input_tokens.map(i64::from)),
            output_tokens: Set(call.output_tokens.map(i64::from)),
            ms: Set(call.ms),
            cost_usd: Set(call.cost_usd),
            is_cached: Set(call.cached),
            outcome: Set(Word(call.outcome)),
            dropped: Set(call.dropped as i32),
            why: Set(call.why.clone()),
            ..Default::default()
        }));
    }
    insert(tx, links).await?;
    insert(tx, artifacts).await?;
    insert(tx, collisions).await?;
    insert(tx, calls).await
}

/// What the calls cost; null when one has no price.
fn cost(record: &Record) -> Option<f64> {
    record.ledger.iter().try_fold(0.0, |total, call| Some(total + call.cost_usd?))
}

/// Little-endian, as every vector is stored.
pub(super) fn vector_bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub(super) fn signature_bytes(signature: &Signature) -> Vec<u8> {
    signature.iter().flat_map(|hash| hash.to_le_bytes()).collect()
}

pub(super) fn signature_of(bytes: &[u8]) -> Option<Signature> {
    let mut signature = [0; SIGNATURE_HASHES];
    if bytes.len() != SIGNATURE_HASHES * 4 {
        return None;
    }
    for (hash, bytes) in signature.iter_mut().zip(bytes.chunks_exact(4)) {
        *hash = u32::from_le_bytes(bytes.try_into().ok()?);
    }
    Some(signature)
}
