//! What of a batch is there already.

use contract::{Persistence, Record, RunId, Saved, Status};
use migration::Word;
use migration::entity::{run, run_attempt};
use sea_orm::{
    ColumnTrait as _, Condition, DatabaseTransaction, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

use crate::StoreError;

/// How a record stands to what is stored.
pub(super) enum Standing {
    /// It is to be written, as this attempt.
    New { attempt: i32 },
    /// It is there, or its input was answered by another run.
    Known(Box<Saved>),
    /// An earlier record of the same batch has the same input.
    SameAs(usize),
}

/// Run, attempt, how it ended, hash of its input, what the database did.
type Row = (Uuid, i32, Word<Status>, Option<String>, Option<serde_json::Value>);

/// The runs of a batch that somebody cancelled, each with the last attempt that this holds for.
async fn cancelled(tx: &DatabaseTransaction, records: &[Record]) -> Result<HashMap<Uuid, i32>, StoreError> {
    let rows: Vec<(Uuid, i32)> = run::Entity::find()
        .select_only()
        .columns([run::Column::RunId, run::Column::Attempt])
        .filter(run::Column::RunId.is_in(records.iter().map(|record| record.run_id.0)))
        .filter(run::Column::Status.eq(Word(Status::Cancelled)))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(rows.into_iter().collect())
}

/// How every record of a batch stands, in its order.
pub(super) async fn standings(
    tx: &DatabaseTransaction,
    records: &[Record],
) -> Result<Vec<Standing>, StoreError> {
    let cancelled = cancelled(tx, records).await?;
    let rows: Vec<Row> = run_attempt::Entity::find()
        .select_only()
        .columns([
            run_attempt::Column::RunId,
            run_attempt::Column::Attempt,
            run_attempt::Column::Status,
            run_attempt::Column::InputHash,
            run_attempt::Column::Persistence,
        ])
        .filter(
            Condition::any()
                .add(run_attempt::Column::RunId.is_in(records.iter().map(|record| record.run_id.0)))
                .add(
                    run_attempt::Column::InputHash
                        .is_in(records.iter().map(|record| record.input_hash.as_str())),
                ),
        )
        .into_tuple()
        .all(tx)
        .await?;
    let mut newest: HashMap<Uuid, i32> = HashMap::new();
    let mut by_hash: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, (run, attempt, _, hash, _)) in rows.iter().enumerate() {
        newest.entry(*run).and_modify(|newest| *newest = (*newest).max(*attempt)).or_insert(*attempt);
        if let Some(hash) = hash {
            by_hash.entry(hash).or_default().push(place);
        }
    }
    let taken: HashSet<(Uuid, i32)> = rows.iter().map(|(run, attempt, ..)| (*run, *attempt)).collect();
    let mut in_batch: HashMap<&str, usize> = HashMap::new();
    records
        .iter()
        .enumerate()
        .map(|(place, record)| {
            let run = record.run_id.0;
            if cancelled.get(&run).is_some_and(|&until| until >= record.attempt as i32) {
                return Ok(Standing::Known(Box::new(Saved {
                    run_id: record.run_id,
                    attempt: record.attempt,
                    status: Status::Cancelled,
                    persistence: Persistence::default(),
                    is_new: false,
                })));
            }
            let same_input = by_hash.get(record.input_hash.as_str()).map_or(&[][..], Vec::as_slice);
            let is_replay = record.replay_of.is_some();
            let own = same_input
                .iter()
                .find(|&&row| rows[row].0 == run && (!is_replay || rows[row].1 == record.attempt as i32));
            let answer = own.or_else(|| same_input.first().filter(|_| !is_replay));
            if let Some(&row) = answer {
                let (run, attempt, status, _, persistence) = &rows[row];
                return Ok(Standing::Known(Box::new(Saved {
                    run_id: RunId(*run),
                    attempt: *attempt as u32,
                    status: status.0,
                    persistence: stored(persistence.clone())?,
                    is_new: false,
                })));
            }
            if let Some(&earlier) = in_batch.get(record.input_hash.as_str()).filter(|_| !is_replay) {
                return Ok(Standing::SameAs(earlier));
            }
            in_batch.insert(&record.input_hash, place);
            let asked = record.attempt as i32;
            let attempt = match newest.get(&run) {
                // The number is taken by another input: the run is taken up again. A replay has a number of its own, and may be
                // overtaken by the next one.
                Some(&newest) if newest >= asked && (!is_replay || taken.contains(&(run, asked))) => {
                    newest + 1
                }
                Some(_) | None => asked,
            };
            newest.entry(run).and_modify(|newest| *newest = (*newest).max(attempt)).or_insert(attempt);
            Ok(Standing::New { attempt })
        })
        .collect()
}

/// What the database did, as it was told; nothing is left of it once the run was erased.
fn stored(persistence: Option<serde_json::Value>) -> Result<Persistence, StoreError> {
    let Some(value) = persistence else { return Ok(Persistence::default()) };
    serde_json::from_value(value).map_err(|error| StoreError::Unreadable {
        what: "a run's persistence".to_owned(),
        why: error.to_string(),
    })
}
