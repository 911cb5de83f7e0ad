//! Taking items to send them, and saying that they were sent.

use contract::{BatchState, Content, Document, ItemState, RunId, Source, Stage};
use migration::Word;
use migration::entity::{dead_letter, document, replay_batch, replay_item, run, run_attempt};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::HashSet;
use time::OffsetDateTime;

use super::ended::{follow, live};
use super::{Claim, ClaimedItem, LetterOrigin, Origin, RunOrigin, missing, overrides};
use crate::bytes::decompressed;
use crate::dead::CHUNK;
use crate::find::read;
use crate::{Store, StoreError};

/// What may go at once after a while in which nothing went, in milliseconds of the rate.
const BURST_MS: f64 = 1_000.0;

impl Store {
    /// Takes items of a batch to send them now, the first ones first: those that wait, and those that another worker took and
    /// has not sent within the lease. There are fewer than asked for where the batch's rate, its canary or its state allows
    /// no more. An item that cannot be sent any more is skipped and says why.
    ///
    /// A message's id follows from its run, stage and attempt, so an item that was sent by two workers is one message.
    ///
    /// # Errors
    /// When there is no such batch, or the database is lost; nothing is taken then.
    pub async fn claim_items(&self, claim: &Claim) -> Result<Vec<ClaimedItem>, StoreError> {
        let now = OffsetDateTime::now_utc();
        let tx = self.begin().await?;
        // Whoever has the row has the batch until the end of the transaction.
        let batch = replay_batch::Entity::update_many()
            .col_expr(replay_batch::Column::DueMs, Expr::col(replay_batch::Column::DueMs))
            .filter(replay_batch::Column::Id.eq(claim.batch_id))
            .filter(replay_batch::Column::State.eq(Word(BatchState::Running)))
            .exec_with_returning(&tx)
            .await?
            .pop();
        let Some(batch) = batch else {
            let there = replay_batch::Entity::find_by_id(claim.batch_id).one(&tx).await?;
            return there.map(|_| Vec::new()).ok_or_else(|| missing(claim.batch_id));
        };
        let now_ms = milliseconds(now);
        let allowance = Allowance::at(now_ms, batch.due_ms, batch.rate_per_second);
        let taken = take(&tx, &batch, claim, now, allowance.items.min(claim.most)).await?;
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        replay_batch::Entity::update_many()
            .set(replay_batch::ActiveModel {
                due_ms: Set(allowance.due_after(taken.len())),
                ..Default::default()
            })
            .filter(replay_batch::Column::Id.eq(batch.id))
            .exec(&tx)
            .await?;
        let mut claimed = Vec::with_capacity(taken.len());
        for Taken { item, is_again } in taken {
            match origin(&tx, &item).await {
                Ok(origin) => claimed.push(ClaimedItem {
                    id: item.id,
                    batch_id: item.batch_id,
                    run_id: item.run_id.map(RunId),
                    from_attempt: item.from_attempt.map(i32::unsigned_abs),
                    attempt: item.attempt.unsigned_abs(),
                    stage: item.stage.0,
                    depth: batch.depth.0,
                    versions: overrides(batch.versions.clone())?,
                    is_again,
                    origin,
                }),
                Err(StoreError::Missing(what)) => {
                    skip(&tx, &item, format!("there is no {what}"), now).await?
                }
                Err(error @ StoreError::Unreadable { .. }) => {
                    skip(&tx, &item, error.to_string(), now).await?
                }
                Err(error) => return Err(error),
            }
        }
        tx.commit().await?;
        Ok(claimed)
    }

    /// Says that items were sent, in one transaction; their dead letters are replayed then. An item without a run is at its
    /// end: nobody can tell what becomes of it. Saying it twice changes nothing.
    ///
    /// # Errors
    /// When the database is lost; nothing is changed then.
    pub async fn items_sent(&self, ids: &[i64]) -> Result<(), StoreError> {
        let now = OffsetDateTime::now_utc();
        let tx = self.begin().await?;
        for chunk in ids.chunks(CHUNK) {
            let these = || {
                Condition::all()
                    .add(replay_item::Column::Id.is_in(chunk.iter().copied()))
                    .add(replay_item::Column::State.eq(Word(ItemState::Claimed)))
            };
            replay_item::Entity::update_many()
                .set(replay_item::ActiveModel {
                    state: Set(Word(ItemState::Completed)),
                    sent_at: Set(Some(now)),
                    ended_at: Set(Some(now)),
                    note: Set(Some("sent; it names no run that could be followed".to_owned())),
                    ..Default::default()
                })
                .filter(these().add(replay_item::Column::RunId.is_null()))
                .exec(&tx)
                .await?;
            replay_item::Entity::update_many()
                .set(replay_item::ActiveModel {
                    state: Set(Word(ItemState::Sent)),
                    sent_at: Set(Some(now)),
                    ..Default::default()
                })
                .filter(these())
                .exec(&tx)
                .await?;
            follow(&tx, chunk).await?;
        }
        Ok(tx.commit().await?)
    }
}

struct Taken {
    item: replay_item::Model,
    /// Whether another worker had it before.
    is_again: bool,
}

/// Marks items as claimed; the batch's row is ours.
async fn take(
    tx: &DatabaseTransaction,
    batch: &replay_batch::Model,
    claim: &Claim,
    now: OffsetDateTime,
    most: u64,
) -> Result<Vec<Taken>, StoreError> {
    use replay_item::Column as C;
    let of = |state: ItemState, limit: u64| {
        let first = batch.canary.filter(|_| batch.went_at.is_none());
        replay_item::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::BatchId.eq(batch.id))
            .filter(C::State.eq(Word(state)))
            .filter(Condition::all().add_option(first.map(|canary| C::Position.lt(canary))))
            .order_by_asc(C::Position)
            .limit(limit)
    };
    let left: HashSet<i64> = of(ItemState::Claimed, most)
        .filter(C::ClaimedAt.lte(now - claim.lease))
        .into_tuple()
        .all(tx)
        .await?
        .into_iter()
        .collect();
    let waiting: Vec<i64> =
        of(ItemState::Pending, most.saturating_sub(left.len() as u64)).into_tuple().all(tx).await?;
    let ids: Vec<i64> = left.iter().copied().chain(waiting).collect();
    let mut items = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let claimed = replay_item::Entity::update_many()
            .set(replay_item::ActiveModel {
                state: Set(Word(ItemState::Claimed)),
                claimed_at: Set(Some(now)),
                ..Default::default()
            })
            .filter(C::Id.is_in(chunk.iter().copied()))
            // One may have come to its end meanwhile.
            .filter(C::State.is_in([Word(ItemState::Pending), Word(ItemState::Claimed)]))
            .exec_with_returning(tx)
            .await?;
        items.extend(claimed.into_iter().map(|item| Taken { is_again: left.contains(&item.id), item }));
    }
    items.sort_unstable_by_key(|taken| taken.item.position);
    Ok(items)
}

/// An item that cannot be sent: it is skipped, and its dead letter waits again.
async fn skip(
    tx: &DatabaseTransaction,
    item: &replay_item::Model,
    why: String,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    replay_item::Entity::update_many()
        .set(replay_item::ActiveModel {
            state: Set(Word(ItemState::Skipped)),
            ended_at: Set(Some(now)),
            note: Set(Some(why)),
            ..Default::default()
        })
        .filter(replay_item::Column::Id.eq(item.id))
        .filter(live())
        .exec(tx)
        .await?;
    follow(tx, &[item.id]).await
}

/// What an item's message is made of.
pub(super) async fn origin(
    tx: &DatabaseTransaction,
    item: &replay_item::Model,
) -> Result<Origin, StoreError> {
    match (item.dead_letter_id, item.run_id) {
        (Some(letter), _) => Ok(Origin::Letter(Box::new(letter_origin(tx, letter).await?))),
        (None, Some(run)) => Ok(Origin::Run(Box::new(run_origin(tx, RunId(run), item).await?))),
        (None, None) => Err(StoreError::Missing("dead letter: it was deleted".to_owned())),
    }
}

async fn letter_origin(tx: &DatabaseTransaction, id: i64) -> Result<LetterOrigin, StoreError> {
    let row = dead_letter::Entity::find_by_id(id)
        .one(tx)
        .await?
        .ok_or_else(|| StoreError::Missing(format!("dead letter {id}")))?;
    let is_edited = row.edited_body.is_some();
    let packed = row
        .edited_body
        .or(row.body)
        .ok_or_else(|| StoreError::Missing(format!("body of dead letter {id}: it was erased")))?;
    Ok(LetterOrigin {
        dead_letter_id: id,
        died_at: row.stage.0,
        kind: row.kind,
        content_type: row.content_type,
        routing_key: row.routing_key,
        message_id: row.message_id,
        trace_id: row.trace_id,
        trace_parent: row.trace_parent,
        source: row.source_system,
        idempotency_key: row.idempotency_key,
        body: decompressed("a dead letter's body", &packed)?,
        is_edited,
    })
}

async fn run_origin(
    tx: &DatabaseTransaction,
    run_id: RunId,
    item: &replay_item::Model,
) -> Result<RunOrigin, StoreError> {
    let missing = |what: &str| StoreError::Missing(format!("{what} of run {run_id}"));
    let run = run::Entity::find_by_id(run_id.0).one(tx).await?.ok_or_else(|| missing("row"))?;
    let attempt = run_attempt::Entity::find_by_id((run_id.0, item.from_attempt.unwrap_or_default()))
        .one(tx)
        .await?
        .ok_or_else(|| missing("stored attempt"))?;
    let document =
        document::Entity::find_by_id(run_id.0).one(tx).await?.ok_or_else(|| missing("document"))?;
    let needed =
        if item.stage.0 == Stage::Parse { document.content.is_some() } else { attempt.outputs.is_some() };
    if !needed {
        return Err(missing("text any more"));
    }
    let outputs = attempt.outputs.map(|packed| text_of("a run's outputs", &packed)).transpose()?;
    Ok(RunOrigin {
        created_at: run.created_at,
        source: Source { system: run.source_system, external_id: run.external_id, idempotency_key: None },
        document: document_of(document)?,
        status: attempt.status.0,
        options: read("a run's options", attempt.options)?,
        versions: read("a run's versions", attempt.versions)?,
        outputs: outputs.unwrap_or_else(|| "{}".to_owned()),
    })
}

/// The hints as they are stored.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Hints {
    title: Option<String>,
    company: Option<String>,
    location: Option<String>,
}

fn document_of(row: document::Model) -> Result<Document, StoreError> {
    let what = "a run's document";
    let content = match (row.content, row.is_text) {
        (Some(packed), true) => Content::Text(text_of(what, &packed)?),
        (Some(packed), false) => Content::Bytes(decompressed(what, &packed)?),
        (None, _) => Content::Text(String::new()),
    };
    let hints: Hints = row.hints.map(|hints| read("a run's hints", hints)).transpose()?.unwrap_or_default();
    Ok(Document {
        content,
        content_type: row.content_type,
        sha256: row.sha256,
        title_hint: hints.title,
        company_hint: hints.company,
        location_hint: hints.location,
    })
}

fn text_of(what: &str, packed: &[u8]) -> Result<String, StoreError> {
    String::from_utf8(decompressed(what, packed)?)
        .map_err(|error| StoreError::Unreadable { what: what.to_owned(), why: error.to_string() })
}

fn milliseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// What a batch's rate allows at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Allowance {
    items: u64,
    /// The moment up to which the rate is used up, when nothing is taken.
    since_ms: f64,
    /// How long one item uses the rate up.
    each_ms: f64,
}

impl Allowance {
    fn at(now_ms: i64, due_ms: i64, rate_per_second: f64) -> Self {
        let each_ms = 1_000.0 / rate_per_second;
        // However slow a batch is, one item may go at once.
        let since_ms = (due_ms as f64).max(now_ms as f64 - BURST_MS.max(each_ms));
        let items = ((now_ms as f64 - since_ms) / each_ms).floor().max(0.0) as u64;
        Self { items, since_ms, each_ms }
    }

    /// The moment up to which the rate is used up when so many are taken.
    fn due_after(self, taken: usize) -> i64 {
        (self.since_ms + taken as f64 * self.each_ms).ceil() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_second_of_a_batch_may_go_at_once_and_no_more() {
        let first = Allowance::at(50_000, 0, 20.0);
        assert_eq!(first.items, 20);
        let next = Allowance::at(50_000, first.due_after(20), 20.0);
        assert_eq!(next.items, 0);
        assert_eq!(Allowance::at(50_100, first.due_after(20), 20.0).items, 2);
    }

    #[test]
    fn a_slow_batch_sends_one_item_and_then_waits() {
        let first = Allowance::at(50_000, 0, 0.1);
        assert_eq!(first.items, 1);
        assert_eq!(Allowance::at(59_999, first.due_after(1), 0.1).items, 0);
        assert_eq!(Allowance::at(60_000, first.due_after(1), 0.1).items, 1);
    }

    proptest! {
        #[test]
        fn no_batch_is_faster_than_its_rate(
            rate in 0.5_f64..2_000.0,
            steps in proptest::collection::vec((0_i64..3_000, 1_u64..500), 1..60),
        ) {
            let (start, mut now, mut due, mut sent) = (1_000_000, 1_000_000, 0, 0);
            for (wait, most) in steps {
                now += wait;
                let allowance = Allowance::at(now, due, rate);
                let taken = allowance.items.min(most);
                if taken > 0 {
                    due = allowance.due_after(taken as usize);
                    sent += taken;
                }
                let burst = rate.max(1.0);
                prop_assert!(sent as f64 <= (now - start) as f64 / 1_000.0 * rate + burst + 1e-6);
            }
        }
    }
}
