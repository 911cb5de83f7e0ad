//! Saving runs: many in one transaction, each once.

mod duplicates;
mod ids;
mod known;
mod links;
mod rows;

use contract::{Artifact, Persistence, PersistenceTotals, Record, RunId, Saved};
use uuid::Uuid;

use crate::ledger;
use crate::review::{self, Proposed};
use crate::{Answered, Store, StoreError};
use duplicates::Duplicate;
use known::Standing;
use rows::Packed;

pub(crate) use ids::Ids;

/// How often a batch is tried whose rows another writer touches at the same time.
const TRIES: u32 = 4;

/// A record that is written now.
struct Fresh<'a> {
    record: &'a Record,
    /// The attempt it becomes: one more than asked for where that number is taken by another input.
    attempt: i32,
    duplicate: Option<Duplicate>,
}

impl Fresh<'_> {
    fn run_id(&self) -> Uuid {
        self.record.run_id.0
    }

    /// Whether the run gives samples and evidence: once, and not as a copy of another.
    fn counts(&self) -> bool {
        self.attempt == 0 && self.duplicate.is_none()
    }
}

impl Store {
    /// Saves runs with everything that they leave behind, in one transaction, in their order. An attempt that is there, and
    /// an input that was answered before, is not written again; its stored answer is returned.
    ///
    /// Of two writers of the same run one is second: it looks again, and finds the run there.
    ///
    /// # Errors
    /// When the database is lost or refuses; nothing is written then.
    pub async fn save(&self, records: &[Record]) -> Result<Vec<Saved>, StoreError> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let mut tries = 1;
        loop {
            match self.write(records).await {
                Err(StoreError::Busy(_) | StoreError::Refused(_)) if tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn write(&self, records: &[Record]) -> Result<Vec<Saved>, StoreError> {
        let ids = self.ids_for(records).await?;
        let packed = rows::pack(records)?;
        let tx = self.begin().await?;
        let standings = known::standings(&tx, records).await?;
        let mut fresh: Vec<Fresh<'_>> = Vec::new();
        let mut fresh_packed: Vec<&Packed> = Vec::new();
        for ((record, standing), packed) in records.iter().zip(&standings).zip(&packed) {
            if let Standing::New { attempt } = *standing {
                fresh.push(Fresh { record, attempt, duplicate: None });
                fresh_packed.push(packed);
            }
        }
        duplicates::find(&tx, &mut fresh).await?;
        rows::runs(&tx, &ids, &fresh).await?;
        let items = review::merge(&tx, &proposed(&fresh)).await?;
        let lines = links::lines(&tx, &ids, &fresh).await?;
        let sampled = links::samples(&tx, &ids, &fresh).await?;
        let answers = answers(&fresh, items, lines, sampled);
        rows::attempts(&tx, &fresh, &fresh_packed, &answers).await?;
        rows::left_behind(&tx, &fresh, &answers).await?;
        ledger::answered_by_others(&tx, &answered(records, &standings)).await?;
        tx.commit().await?;

        let mut answers = fresh.iter().zip(answers).map(|(fresh, persistence)| Saved {
            run_id: fresh.record.run_id,
            attempt: fresh.attempt as u32,
            status: fresh.record.status,
            persistence,
            is_new: true,
        });
        let mut saved: Vec<Saved> = Vec::with_capacity(records.len());
        for standing in standings {
            let next = match standing {
                Standing::New { .. } => answers.next(),
                Standing::Known(known) => Some(*known),
                Standing::SameAs(earlier) => {
                    saved.get(earlier).map(|saved| Saved { is_new: false, ..saved.clone() })
                }
            };
            saved.extend(next);
        }
        Ok(saved)
    }
}

/// The records whose answer is another run's.
fn answered(records: &[Record], standings: &[Standing]) -> Vec<Answered> {
    let holder = |standing: &Standing| match standing {
        Standing::New { .. } => None,
        Standing::Known(saved) => Some((saved.run_id, saved.status)),
        Standing::SameAs(earlier) => records.get(*earlier).map(|record| (record.run_id, record.status)),
    };
    records
        .iter()
        .zip(standings)
        .filter_map(|(record, standing)| {
            let (answered_by, status) = holder(standing)?;
            (answered_by != record.run_id).then_some(Answered { run_id: record.run_id, answered_by, status })
        })
        .collect()
}

fn proposed<'a>(fresh: &'a [Fresh<'_>]) -> Vec<Proposed<'a>> {
    fresh
        .iter()
        .flat_map(|run| {
            run.record.proposals.iter().map(|proposal| Proposed {
                run_id: run.run_id(),
                counts: run.duplicate.is_none(),
                company: run.record.facts.company.as_deref(),
                seen_at: run.record.created_at,
                proposal,
            })
        })
        .collect()
}

/// What is told of each run; the totals are counted from what is told.
fn answers(
    fresh: &[Fresh<'_>],
    items: Vec<i64>,
    lines: Vec<Vec<contract::LinkLine>>,
    sampled: Vec<bool>,
) -> Vec<Persistence> {
    let mut items = items.into_iter();
    fresh
        .iter()
        .zip(lines)
        .zip(sampled)
        .map(|((run, links), centroid_sampled)| {
            let artifacts: Vec<Artifact> = run
                .record
                .proposals
                .iter()
                .map(|proposal| Artifact {
                    kind: proposal.artifact,
                    name: proposal.title.clone(),
                    review_item: items.next(),
                })
                .collect();
            let totals = PersistenceTotals::of(&links, &artifacts, &run.record.ledger);
            let duplicate_of = run.duplicate.as_ref().map(|duplicate| RunId(duplicate.first));
            Persistence { duplicate_of, links, artifacts, centroid_sampled, totals }
        })
        .collect()
}
