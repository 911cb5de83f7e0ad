//! What of all that is asked for can be sent once more. A plan and a batch are made by the same selection, so their numbers
//! are the same.

use contract::{BatchState, DeadState, ItemState, SkipReason, Stage, Status};
use migration::Word;
use migration::entity::{dead_letter, document, replay_batch, replay_item, run, run_attempt};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, Condition, DatabaseTransaction, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

use super::{Plan, ReplayOf, ReplayWish, RunPick};
use crate::dead::CHUNK;
use crate::{DeadFilter, DeadPick, StoreError};

/// Something that is to be sent once more.
pub(super) struct Chosen {
    pub(super) run_id: Option<Uuid>,
    pub(super) dead_letter_id: Option<i64>,
    pub(super) from_attempt: Option<i32>,
    pub(super) stage: Stage,
    pub(super) code: Option<String>,
}

/// What is taken of all that was asked for, and why the rest is not.
#[derive(Default)]
pub(super) struct Selection {
    pub(super) chosen: Vec<Chosen>,
    pub(super) skipped: BTreeMap<SkipReason, u64>,
}

impl Selection {
    pub(super) fn skip(&mut self, reason: SkipReason, count: u64) {
        if count > 0 {
            *self.skipped.entry(reason).or_default() += count;
        }
    }

    /// Leaves out what another one of the batch, or of one that is under way, does for the same run.
    fn without_the_busy(&mut self, busy: &HashSet<Uuid>) {
        let before = self.chosen.len();
        let age = |chosen: &Chosen| (chosen.from_attempt, chosen.dead_letter_id);
        let mut newest: HashMap<Uuid, (Option<i32>, Option<i64>)> = HashMap::new();
        for chosen in &self.chosen {
            let Some(run) = chosen.run_id else { continue };
            newest
                .entry(run)
                .and_modify(|known| *known = Ord::max(*known, age(chosen)))
                .or_insert(age(chosen));
        }
        self.chosen.retain(|chosen| {
            chosen.run_id.is_none_or(|run| !busy.contains(&run) && newest.get(&run) == Some(&age(chosen)))
        });
        self.skip(SkipReason::SameRun, (before - self.chosen.len()) as u64);
    }

    fn no_more_than(&mut self, cap: Option<u64>) {
        let cap = cap.and_then(|cap| usize::try_from(cap).ok()).unwrap_or(usize::MAX);
        self.skip(SkipReason::OverCap, self.chosen.len().saturating_sub(cap) as u64);
        self.chosen.truncate(cap);
    }

    /// What it comes to.
    pub(super) async fn plan(&self, tx: &DatabaseTransaction) -> Result<Plan, StoreError> {
        let mut plan = Plan {
            total: self.chosen.len() as u64,
            skipped: self.skipped.clone(),
            estimated_cost_usd: cost(tx, &self.chosen).await?,
            ..Plan::default()
        };
        for chosen in &self.chosen {
            *plan.by_stage.entry(chosen.stage).or_default() += 1;
            if let Some(code) = &chosen.code {
                *plan.by_code.entry(code.clone()).or_default() += 1;
            }
        }
        Ok(plan)
    }
}

/// Selects what a wish names, the oldest first.
pub(super) async fn select(tx: &DatabaseTransaction, wish: &ReplayWish) -> Result<Selection, StoreError> {
    let mut selection = match &wish.what {
        ReplayOf::Dead(pick) => letters(tx, pick, wish.from).await?,
        ReplayOf::Runs(pick) => runs(tx, pick, wish.from.unwrap_or(Stage::Parse)).await?,
    };
    let named: Vec<Uuid> = selection.chosen.iter().filter_map(|chosen| chosen.run_id).collect();
    let busy = busy(tx, &named).await?;
    selection.without_the_busy(&busy);
    selection.no_more_than(wish.cap);
    Ok(selection)
}

#[derive(FromQueryResult)]
struct Letter {
    id: i64,
    run_id: Option<Uuid>,
    attempt: Option<i32>,
    stage: Word<Stage>,
    code: String,
    state: Word<DeadState>,
    is_erased: bool,
}

async fn letters(
    tx: &DatabaseTransaction,
    pick: &DeadPick,
    from: Option<Stage>,
) -> Result<Selection, StoreError> {
    use dead_letter::Column as C;
    let of = |condition: Condition| {
        dead_letter::Entity::find()
            .select_only()
            .columns([C::Id, C::RunId, C::Attempt, C::Stage, C::Code, C::State])
            .expr_as(Expr::col(C::Body).is_null(), "is_erased")
            .filter(condition)
            .order_by_asc(C::Id)
            .into_model::<Letter>()
    };
    let mut selection = Selection::default();
    let mut found = Vec::new();
    match pick {
        DeadPick::Matching(filter @ DeadFilter { state: Some(_), .. }) => {
            found = of(filter.condition()).all(tx).await?;
        }
        // What was sent or put away before is not meant by a filter that names no state.
        DeadPick::Matching(filter) => {
            let open = C::State.is_in([Word(DeadState::Parked), Word(DeadState::Queued)]);
            found = of(filter.condition().add(open)).all(tx).await?;
        }
        DeadPick::Ids(ids) => {
            let ids: Vec<i64> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
            for chunk in ids.chunks(CHUNK) {
                found.extend(of(Condition::all().add(C::Id.is_in(chunk.iter().copied()))).all(tx).await?);
            }
            selection.skip(SkipReason::Missing, (ids.len() - found.len()) as u64);
        }
    }
    for letter in found {
        let died_at = letter.stage.0;
        let stage = from.unwrap_or(died_at);
        let obstacle = match letter.state.0 {
            DeadState::Queued => Some(SkipReason::Queued),
            DeadState::Replayed => Some(SkipReason::Replayed),
            DeadState::Archived => Some(SkipReason::Archived),
            DeadState::Parked if letter.is_erased => Some(SkipReason::Erased),
            // Its envelope holds the outputs of the stages before the one that gave it up, and no others.
            DeadState::Parked if stage > died_at => Some(SkipReason::StageNotReached),
            DeadState::Parked if stage != died_at && letter.run_id.is_none() => Some(SkipReason::Unreadable),
            DeadState::Parked => None,
        };
        match obstacle {
            Some(reason) => selection.skip(reason, 1),
            None => selection.chosen.push(Chosen {
                run_id: letter.run_id,
                dead_letter_id: Some(letter.id),
                from_attempt: letter.attempt,
                stage,
                code: Some(letter.code),
            }),
        }
    }
    Ok(selection)
}

/// The newest stored attempt of a run, and whether its texts are there.
#[derive(FromQueryResult)]
struct Stored {
    run_id: Uuid,
    attempt: i32,
    status: Word<Status>,
    has_outputs: bool,
}

async fn runs(tx: &DatabaseTransaction, pick: &RunPick, stage: Stage) -> Result<Selection, StoreError> {
    let mut selection = Selection::default();
    let of = |condition: Condition| {
        run::Entity::find()
            .select_only()
            .column(run::Column::RunId)
            .filter(condition)
            .order_by_asc(run::Column::CreatedAt)
            .order_by_asc(run::Column::RunId)
            .into_tuple::<Uuid>()
    };
    let found: Vec<Uuid> = match pick {
        RunPick::Matching(filter) => {
            let whole = crate::RunFilter { after: None, ..filter.clone() };
            of(whole.condition()).all(tx).await?
        }
        RunPick::Ids(ids) => {
            let ids: Vec<Uuid> = ids.iter().map(|run| run.0).collect::<BTreeSet<_>>().into_iter().collect();
            let mut found = Vec::new();
            for chunk in ids.chunks(CHUNK) {
                let these = Condition::all().add(run::Column::RunId.is_in(chunk.iter().copied()));
                found.extend(of(these).all(tx).await?);
            }
            selection.skip(SkipReason::Missing, (ids.len() - found.len()) as u64);
            found
        }
    };
    for chunk in found.chunks(CHUNK) {
        let attempts = newest_attempts(tx, chunk).await?;
        let documents = readable_documents(tx, chunk).await?;
        for run in chunk {
            let obstacle = match attempts.get(run) {
                None => Some(SkipReason::NotStored),
                Some(stored) => obstacle(stored, documents.contains(run), stage),
            };
            match (obstacle, attempts.get(run)) {
                (Some(reason), _) => selection.skip(reason, 1),
                (None, stored) => selection.chosen.push(Chosen {
                    run_id: Some(*run),
                    dead_letter_id: None,
                    from_attempt: stored.map(|stored| stored.attempt),
                    stage,
                    code: None,
                }),
            }
        }
    }
    Ok(selection)
}

/// What keeps a stored attempt from being taken up at a stage.
fn obstacle(stored: &Stored, has_document: bool, stage: Stage) -> Option<SkipReason> {
    if stage == Stage::Parse {
        return (!has_document).then_some(SkipReason::Erased);
    }
    if !stored.has_outputs {
        return Some(SkipReason::Erased);
    }
    // What the gate stopped has the parse's output, and went from there to persistence.
    let is_past_the_gate = stored.status.0 == Status::Completed || stage == Stage::Persistence;
    (!is_past_the_gate).then_some(SkipReason::StageNotReached)
}

async fn newest_attempts(
    tx: &DatabaseTransaction,
    runs: &[Uuid],
) -> Result<HashMap<Uuid, Stored>, StoreError> {
    use run_attempt::Column as C;
    let attempts: Vec<Stored> = run_attempt::Entity::find()
        .select_only()
        .columns([C::RunId, C::Attempt, C::Status])
        .expr_as(Expr::col(C::Outputs).is_not_null(), "has_outputs")
        .filter(C::RunId.is_in(runs.iter().copied()))
        .order_by_asc(C::Attempt)
        .into_model()
        .all(tx)
        .await?;
    // In the order of attempts: the newest is what stays.
    Ok(attempts.into_iter().map(|stored| (stored.run_id, stored)).collect())
}

async fn readable_documents(tx: &DatabaseTransaction, runs: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
    let found: Vec<Uuid> = document::Entity::find()
        .select_only()
        .column(document::Column::RunId)
        .filter(document::Column::RunId.is_in(runs.iter().copied()))
        .filter(document::Column::Content.is_not_null())
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().collect())
}

/// The runs among these that a batch is about.
async fn busy(tx: &DatabaseTransaction, runs: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
    let cancelled = Query::select()
        .column(replay_batch::Column::Id)
        .from(replay_batch::Entity)
        .and_where(Expr::col(replay_batch::Column::State).eq(Word(BatchState::Cancelled)))
        .take();
    let mut busy = HashSet::new();
    for chunk in runs.chunks(CHUNK) {
        let found: Vec<Uuid> = replay_item::Entity::find()
            .select_only()
            .column(replay_item::Column::RunId)
            .filter(replay_item::Column::RunId.is_in(chunk.iter().copied()))
            .filter(replay_item::Column::State.is_in([
                Word(ItemState::Pending),
                Word(ItemState::Claimed),
                Word(ItemState::Sent),
            ]))
            // Whatever is on its way in a batch that was stopped keeps nobody from trying again.
            .filter(replay_item::Column::BatchId.not_in_subquery(cancelled.clone()))
            .into_tuple()
            .all(tx)
            .await?;
        busy.extend(found);
    }
    Ok(busy)
}

/// What the runs' earlier attempts cost on average, for all that is chosen.
async fn cost(tx: &DatabaseTransaction, chosen: &[Chosen]) -> Result<Option<f64>, StoreError> {
    let runs: Vec<Uuid> = chosen.iter().filter_map(|chosen| chosen.run_id).collect();
    let (mut sum, mut attempts) = (0.0, 0_i64);
    for chunk in runs.chunks(CHUNK) {
        let cost = || Expr::col(run_attempt::Column::CostUsd);
        let found: Option<(Option<f64>, i64)> = run_attempt::Entity::find()
            .select_only()
            .expr_as(cost().sum(), "sum")
            .expr_as(cost().count(), "attempts")
            .filter(run_attempt::Column::RunId.is_in(chunk.iter().copied()))
            .into_tuple()
            .one(tx)
            .await?;
        let (more, count) = found.unwrap_or_default();
        sum += more.unwrap_or_default();
        attempts += count;
    }
    Ok((attempts > 0).then(|| sum / attempts as f64 * chosen.len() as f64))
}
