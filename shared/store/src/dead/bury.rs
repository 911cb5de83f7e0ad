//! Storing dead letters as they arrive, each once however often it is delivered.

use contract::{Content, DeadLetter, DeadState, ReplayDepth, Status};
use migration::Word;
use migration::entity::{accepted_run, dead_letter, replay_batch, replay_item, run};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QuerySelect as _,
};
use serde::Deserialize;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::{CHUNK, alone, signed, storable};
use crate::bytes::compressed;
use crate::{Store, StoreError};

/// The most characters of a fault that the list of runs shows.
const REASON_CHARS: usize = 500;
/// Letters of one statement: SQLite takes 32,766 values, and a letter has more than thirty.
const LETTERS: usize = 500;
/// Who sent it, where nothing says so.
const UNKNOWN: &str = "unknown";

/// A dead letter as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuriedLetter {
    /// Its own message id: equal when it is delivered once more.
    pub letter_id: Uuid,
    /// What it says.
    pub letter: DeadLetter,
    /// The trace that it belongs to, where that is another one than the message's own.
    pub trace_id: Option<String>,
}

impl BuriedLetter {
    fn trace_id(&self) -> Option<&str> {
        let own = || self.letter.trace_parent.as_deref()?.split('-').nth(1);
        self.trace_id.as_deref().or_else(own)
    }
}

/// What of a message tells whose it is: an envelope's members, or a posting's.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Glance {
    pub(super) run_id: Option<Uuid>,
    pub(super) attempt: Option<u32>,
    created_at: Option<String>,
    source: Option<SourceGlance>,
    document: Option<DocumentGlance>,
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SourceGlance {
    Envelope { system: String, external_id: Option<String> },
    Posting(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DocumentGlance {
    title_hint: Option<String>,
}

impl Glance {
    /// What can be told of a body; nothing of one that is not JSON of the kind.
    pub(crate) fn at(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    fn created_at(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::parse(self.created_at.as_deref()?, &Rfc3339).ok()
    }

    /// The title that it was given.
    pub(crate) fn title(&self) -> Option<String> {
        let hint = self.document.as_ref().and_then(|document| document.title_hint.clone());
        hint.or_else(|| self.title.clone()).filter(|title| !title.trim().is_empty())
    }

    /// Who sent it: by its own word, else by the message's, else by the key under which it came in.
    fn system(&self, letter: &DeadLetter) -> Option<String> {
        let says_something = |system: &String| !system.trim().is_empty();
        let entrance = || {
            let word = letter.routing_key.strip_prefix("jd.")?;
            Some(word.strip_suffix(".priority").unwrap_or(word).to_owned())
        };
        let own = match &self.source {
            Some(SourceGlance::Envelope { system, .. } | SourceGlance::Posting(system)) => {
                Some(system.clone())
            }
            None => None,
        };
        own.filter(says_something)
            .or_else(|| letter.source.clone().filter(says_something))
            .or_else(entrance)
            .filter(says_something)
    }

    fn external_id(&self) -> Option<String> {
        match &self.source {
            Some(SourceGlance::Envelope { external_id, .. }) => external_id.clone(),
            Some(SourceGlance::Posting(_)) | None => None,
        }
    }
}

impl Store {
    /// Stores dead letters with what follows from them, in one transaction: their runs are given up, unless that attempt or a
    /// newer one came to another end, and so are the replay items that they are of. One that is there is not stored again. The
    /// answer is the key of each, in their order.
    ///
    /// # Errors
    /// When the database is lost or refuses; nothing is written then.
    pub async fn bury(&self, letters: &[BuriedLetter]) -> Result<Vec<i64>, StoreError> {
        if letters.is_empty() {
            return Ok(Vec::new());
        }
        let now = OffsetDateTime::now_utc();
        let mut glances: HashMap<Uuid, Glance> = HashMap::new();
        let mut rows: Vec<(OffsetDateTime, dead_letter::ActiveModel)> = Vec::with_capacity(letters.len());
        for buried in letters {
            if let Entry::Vacant(new) = glances.entry(buried.letter_id) {
                let glance = new.insert(Glance::at(buried.letter.body.as_bytes()));
                rows.push((buried.letter.fault.at, row(buried, glance, now)?));
            }
        }
        // Lists follow the keys: whatever died first comes first.
        rows.sort_by_key(|(at, _)| *at);
        let tx = self.begin().await?;
        alone(&tx).await?;
        for chunk in rows.chunks(LETTERS) {
            let there = OnConflict::column(dead_letter::Column::LetterId).do_nothing().to_owned();
            dead_letter::Entity::insert_many(chunk.iter().map(|(_, row)| row.clone()))
                .on_conflict(there)
                .exec_without_returning(&tx)
                .await?;
        }
        let keys = keys(&tx, letters).await?;
        give_up_runs(&tx, letters, &glances, now).await?;
        let ids: Vec<i64> = keys.values().copied().collect();
        crate::replay::letters_died(&tx, &ids).await?;
        tx.commit().await?;
        letters
            .iter()
            .map(|buried| {
                let missing = || StoreError::Missing(format!("dead letter {}", buried.letter_id));
                keys.get(&buried.letter_id).copied().ok_or_else(missing)
            })
            .collect()
    }
}

fn row(
    buried: &BuriedLetter,
    glance: &Glance,
    now: OffsetDateTime,
) -> Result<dead_letter::ActiveModel, StoreError> {
    let letter = &buried.letter;
    let fault = &letter.fault;
    Ok(dead_letter::ActiveModel {
        letter_id: Set(buried.letter_id),
        run_id: Set(letter.run_id.map(|run| run.0)),
        attempt: Set(letter.attempt.map(signed)),
        stage: Set(Word(fault.stage)),
        code: Set(storable(&fault.code)),
        fingerprint: Set(storable(&fault.fingerprint)),
        message: Set(storable(&fault.message)),
        worker: Set(storable(&fault.worker)),
        tries: Set(signed(fault.tries)),
        retryable: Set(fault.retryable),
        kind: Set(letter.kind.as_deref().map(storable)),
        content_type: Set(letter.content_type.as_deref().map(storable)),
        routing_key: Set(storable(&letter.routing_key)),
        message_id: Set(letter.message_id.as_deref().map(storable)),
        idempotency_key: Set(letter.idempotency_key.as_deref().map(storable)),
        trace_id: Set(buried.trace_id().map(storable)),
        trace_parent: Set(letter.trace_parent.as_deref().map(storable)),
        replay_batch: Set(letter.replay_batch.as_deref().map(storable)),
        source_system: Set((letter.source.clone())
            .or_else(|| glance.system(letter))
            .map(|system| storable(&system))),
        body: Set(Some(compressed(letter.body.as_bytes())?)),
        is_text: Set(matches!(letter.body, Content::Text(_))),
        edited_body: Set(None),
        revision: Set(0),
        state: Set(Word(DeadState::Parked)),
        occurred_at: Set(fault.at),
        occurred_hour: Set(fault.at.unix_timestamp().div_euclid(60 * 60)),
        stored_at: Set(now),
        changed_by: Set(None),
        changed_at: Set(None),
        reason: Set(None),
        keep_until: Set(None),
        batch_id: Set(None),
        ..Default::default()
    })
}

async fn keys(tx: &DatabaseTransaction, letters: &[BuriedLetter]) -> Result<HashMap<Uuid, i64>, StoreError> {
    let mut keys = HashMap::with_capacity(letters.len());
    for chunk in letters.chunks(CHUNK) {
        let found: Vec<(Uuid, i64)> = dead_letter::Entity::find()
            .select_only()
            .columns([dead_letter::Column::LetterId, dead_letter::Column::Id])
            .filter(dead_letter::Column::LetterId.is_in(chunk.iter().map(|buried| buried.letter_id)))
            .into_tuple()
            .all(tx)
            .await?;
        keys.extend(found);
    }
    Ok(keys)
}

/// What the list of runs is told of a run's newest dead letter.
struct GivenUp<'a> {
    attempt: u32,
    buried: &'a BuriedLetter,
}

async fn give_up_runs(
    tx: &DatabaseTransaction,
    letters: &[BuriedLetter],
    glances: &HashMap<Uuid, Glance>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    // A statement may touch a row once: of several letters of one run the newest stands for it.
    let mut newest: BTreeMap<Uuid, GivenUp<'_>> = BTreeMap::new();
    for buried in letters {
        let Some(run) = buried.letter.run_id else { continue };
        let given_up = GivenUp { attempt: buried.letter.attempt.unwrap_or(0), buried };
        let order = |of: &GivenUp<'_>| (of.attempt, of.buried.letter.fault.at);
        if newest.get(&run.0).is_none_or(|known| order(known) < order(&given_up)) {
            newest.insert(run.0, given_up);
        }
    }
    let shadows = shadows(tx, &newest).await?;
    newest.retain(|run, given_up| !shadows.contains(&(*run, signed(given_up.attempt))));
    let accepted = accepted(tx, newest.keys().copied().collect()).await?;
    let nothing = Glance::default();
    let rows: Vec<run::ActiveModel> = newest
        .into_iter()
        .map(|(run_id, GivenUp { attempt, buried })| {
            let letter = &buried.letter;
            let glance = glances.get(&buried.letter_id).unwrap_or(&nothing);
            let line = accepted.get(&run_id);
            let system = glance.system(letter);
            let system = system.or_else(|| line.map(|line| line.0.clone()));
            let created_at = glance.created_at().or_else(|| line.map(|line| line.2));
            run::ActiveModel {
                run_id: Set(run_id),
                status: Set(Word(Status::DeadLettered)),
                attempt: Set(signed(attempt)),
                source_system: Set(storable(&system.unwrap_or_else(|| UNKNOWN.to_owned()))),
                external_id: Set(glance
                    .external_id()
                    .or_else(|| line.and_then(|line| line.1.clone()))
                    .map(|id| storable(&id))),
                jd_type: Set(None),
                reason: Set(Some(reason(letter))),
                title: Set(glance.title().map(|title| storable(&title))),
                company: Set(None),
                role_id: Set(None),
                decision_case: Set(None),
                confidence: Set(None),
                band: Set(None),
                library_version_id: Set(None),
                cost_usd: Set(None),
                created_at: Set(created_at.unwrap_or(letter.fault.at)),
                finished_at: Set(now),
                erased_at: Set(None),
            }
        })
        .collect();
    for chunk in rows.chunks(CHUNK) {
        let (own, new) =
            (|column| Expr::col((run::Entity, column)), Expr::col(("excluded", run::Column::Attempt)));
        // An attempt that ended well is not given up by a letter that is late, nor by one that was delivered twice.
        let overtaken = own(run::Column::Attempt).gt(new.clone()).or(own(run::Column::Attempt).gte(new).and(
            own(run::Column::Status).is_in([
                Word(Status::Completed),
                Word(Status::Rejected),
                Word(Status::Cancelled),
            ]),
        ));
        let newer = OnConflict::column(run::Column::RunId)
            .update_columns([
                run::Column::Status,
                run::Column::Attempt,
                run::Column::Reason,
                run::Column::FinishedAt,
            ])
            .action_and_where(overtaken.not())
            .to_owned();
        run::Entity::insert_many(chunk.iter().cloned()).on_conflict(newer).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The attempts among these that are shadows of stored ones: what becomes of them says nothing of their runs.
async fn shadows(
    tx: &DatabaseTransaction,
    runs: &BTreeMap<Uuid, GivenUp<'_>>,
) -> Result<HashSet<(Uuid, i32)>, StoreError> {
    let of_shadows = Query::select()
        .column(replay_batch::Column::Id)
        .from(replay_batch::Entity)
        .and_where(Expr::col(replay_batch::Column::Depth).eq(Word(ReplayDepth::Shadow)))
        .take();
    let ids: Vec<Uuid> = runs.keys().copied().collect();
    let mut shadows = HashSet::new();
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<(Uuid, i32)> = replay_item::Entity::find()
            .select_only()
            .columns([replay_item::Column::RunId, replay_item::Column::Attempt])
            .filter(replay_item::Column::RunId.is_in(chunk.iter().copied()))
            .filter(replay_item::Column::BatchId.in_subquery(of_shadows.clone()))
            .into_tuple()
            .all(tx)
            .await?;
        shadows.extend(found);
    }
    Ok(shadows)
}

/// Sender, sender's id and time of acceptance, as the ledger has them.
async fn accepted(
    tx: &DatabaseTransaction,
    runs: Vec<Uuid>,
) -> Result<HashMap<Uuid, (String, Option<String>, OffsetDateTime)>, StoreError> {
    use accepted_run::Column as C;
    let mut accepted = HashMap::new();
    for chunk in runs.chunks(CHUNK) {
        let found: Vec<(Uuid, String, Option<String>, OffsetDateTime)> = accepted_run::Entity::find()
            .select_only()
            .columns([C::RunId, C::SourceSystem, C::ExternalId, C::AcceptedAt])
            .filter(Condition::all().add(C::RunId.is_in(chunk.iter().copied())).add(C::SourceSystem.ne("")))
            .into_tuple()
            .all(tx)
            .await?;
        accepted.extend(found.into_iter().map(|(run, system, id, at)| (run, (system, id, at))));
    }
    Ok(accepted)
}

/// Why the run ended, in a line.
fn reason(letter: &DeadLetter) -> String {
    let words = format!("{}: {}", letter.fault.code, letter.fault.message);
    storable(&words.chars().take(REASON_CHARS).collect::<String>())
}
