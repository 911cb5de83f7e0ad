//! The same posting again, with another date or city.

use contract::Signature;
use migration::entity::{document, document_band, near_duplicate, run};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QuerySelect as _,
};
use std::collections::{HashMap, HashSet};
use text::shingles::{bands, similarity};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Fresh;
use super::rows::{signature_bytes, signature_of};
use crate::StoreError;

/// Postings that share this part of their shingles are the same one.
const SAME: f32 = 0.8;

/// The run that a run repeats.
pub(super) struct Duplicate {
    pub(super) first: Uuid,
    pub(super) similarity: f32,
}

/// A run whose text others are compared with. A repeated one never is: whatever repeats it repeats the first.
struct First {
    run_id: Uuid,
    created_at: OffsetDateTime,
    signature: Signature,
    title: Option<String>,
    company: Option<String>,
}

/// Finds, for every first attempt, the run that it repeats: among those stored, and among those before it in the batch.
pub(super) async fn find(tx: &DatabaseTransaction, fresh: &mut [Fresh<'_>]) -> Result<(), StoreError> {
    let mut firsts = stored(tx, fresh).await?;
    let mut by_band: HashMap<i64, Vec<usize>> = HashMap::new();
    for (place, first) in firsts.iter().enumerate() {
        for band in bands(&first.signature) {
            by_band.entry(band).or_default().push(place);
        }
    }
    for run in fresh.iter_mut().filter(|run| run.attempt == 0) {
        let Some(signature) = run.record.signature else { continue };
        let facts = &run.record.facts;
        let own = First {
            run_id: run.record.run_id.0,
            created_at: run.record.created_at,
            signature,
            title: facts.title.as_deref().map(text::fold),
            company: facts.company.as_deref().map(text::fold),
        };
        let candidates: HashSet<usize> =
            bands(&signature).iter().filter_map(|band| by_band.get(band)).flatten().copied().collect();
        let found = candidates
            .into_iter()
            .map(|place| &firsts[place])
            .filter(|first| {
                may_be_equal(&first.title, &own.title) && may_be_equal(&first.company, &own.company)
            })
            .map(|first| (similarity(&first.signature, &signature), first))
            .filter(|(similarity, _)| *similarity >= SAME)
            .max_by(|(a, first), (b, second)| {
                a.total_cmp(b)
                    .then(second.created_at.cmp(&first.created_at))
                    .then(second.run_id.cmp(&first.run_id))
            });
        match found {
            Some((similarity, first)) => run.duplicate = Some(Duplicate { first: first.run_id, similarity }),
            None => {
                for band in bands(&signature) {
                    by_band.entry(band).or_default().push(firsts.len());
                }
                firsts.push(own);
            }
        }
    }
    Ok(())
}

/// Titles or companies that are not both known and different.
fn may_be_equal(a: &Option<String>, b: &Option<String>) -> bool {
    a.as_ref().zip(b.as_ref()).is_none_or(|(a, b)| a == b)
}

/// The stored runs that share a band with one of the batch.
async fn stored(tx: &DatabaseTransaction, fresh: &[Fresh<'_>]) -> Result<Vec<First>, StoreError> {
    let wanted: HashSet<i64> = fresh
        .iter()
        .filter(|run| run.attempt == 0)
        .filter_map(|run| run.record.signature)
        .flat_map(|signature| bands(&signature))
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let near: HashSet<Uuid> = document_band::Entity::find()
        .select_only()
        .column(document_band::Column::RunId)
        .filter(document_band::Column::Band.is_in(wanted))
        .into_tuple::<Uuid>()
        .all(tx)
        .await?
        .into_iter()
        .collect();
    if near.is_empty() {
        return Ok(Vec::new());
    }
    let signatures: Vec<(Uuid, Option<Vec<u8>>)> = document::Entity::find()
        .select_only()
        .columns([document::Column::RunId, document::Column::Signature])
        .filter(document::Column::RunId.is_in(near.iter().copied()))
        .into_tuple()
        .all(tx)
        .await?;
    let runs: Vec<(Uuid, OffsetDateTime, Option<String>, Option<String>)> = run::Entity::find()
        .select_only()
        .columns([run::Column::RunId, run::Column::CreatedAt, run::Column::Title, run::Column::Company])
        .filter(run::Column::RunId.is_in(near))
        .into_tuple()
        .all(tx)
        .await?;
    let mut facts: HashMap<Uuid, _> = runs
        .into_iter()
        .map(|(run, created_at, title, company)| (run, (created_at, title, company)))
        .collect();
    let mut firsts: Vec<First> = signatures
        .into_iter()
        .filter_map(|(run_id, bytes)| {
            let (created_at, title, company) = facts.remove(&run_id)?;
            let signature = signature_of(&bytes?)?;
            let [title, company] = [title, company].map(|words| words.map(|words| text::fold(&words)));
            Some(First { run_id, created_at, signature, title, company })
        })
        .collect();
    firsts.sort_by_key(|first| (first.created_at, first.run_id));
    Ok(firsts)
}

/// The rows that make this batch's runs comparable, and those that say which repeat another.
pub(super) fn rows(
    fresh: &[Fresh<'_>],
) -> (Vec<document_band::ActiveModel>, Vec<near_duplicate::ActiveModel>) {
    let mut band_rows = Vec::new();
    let mut duplicate_rows = Vec::new();
    for run in fresh.iter().filter(|run| run.attempt == 0) {
        match (&run.duplicate, run.record.signature) {
            (Some(duplicate), _) => duplicate_rows.push(near_duplicate::ActiveModel {
                run_id: Set(run.run_id()),
                first_run_id: Set(duplicate.first),
                similarity: Set(duplicate.similarity),
            }),
            (None, Some(signature)) => {
                let distinct: HashSet<i64> = bands(&signature).into_iter().collect();
                band_rows.extend(
                    distinct.into_iter().map(|band| document_band::ActiveModel {
                        band: Set(band),
                        run_id: Set(run.run_id()),
                    }),
                );
            }
            (None, None) => {}
        }
    }
    (band_rows, duplicate_rows)
}

/// A signature as it is stored.
pub(super) fn packed(signature: Option<&Signature>) -> Option<Vec<u8>> {
    signature.map(signature_bytes)
}
