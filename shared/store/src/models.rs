//! What language models answered and what it cost: answers are paid for once, and budgets are kept by setting room aside first.
//!
//! Many calls are on their way at once, so everything here takes many at a time: a batch is one transaction.
//! Money is counted in billionths of a dollar, in whole numbers: sums do not drift.

use contract::{KeptAnswer, ModelCall, NoRoom, RunId, Settlement, SpendWish};
use migration::Word;
use migration::entity::{model_answer, model_call, model_reservation, model_spend};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::bytes::{compressed, decompressed};
use crate::leases::milliseconds;
use crate::{Store, StoreError};

const NANO: f64 = 1e9;

/// What was spent within a scope, in billionths of a dollar.
type Spent = BTreeMap<String, i64>;

impl Store {
    /// The answers to some requests, as far as they were paid for.
    ///
    /// # Errors
    /// When the database is lost or an answer cannot be read.
    pub async fn kept_answers(&self, hashes: &[String]) -> Result<HashMap<String, KeptAnswer>, StoreError> {
        let rows = model_answer::Entity::find()
            .filter(model_answer::Column::RequestHash.is_in(hashes))
            .all(&self.db)
            .await?;
        rows.into_iter().map(|row| Ok((row.request_hash.clone(), answer(row)?))).collect()
    }

    /// Sets room aside for calls that are about to be made, where the budgets have it: what was spent and what is set aside
    /// together never exceed them. Room that nobody settles within `patience` counts no more.
    ///
    /// # Errors
    /// When the database is lost; nothing is set aside then.
    pub async fn reserve(
        &self,
        wishes: &[SpendWish],
        patience: Duration,
        now: OffsetDateTime,
    ) -> Result<Vec<Result<Uuid, NoRoom>>, StoreError> {
        let (day, now_ms) = (day(now.date()), milliseconds(now));
        let tx = self.begin().await?;
        // Written, and so locked until the end: of several callers one counts at a time.
        add(&tx, &BTreeMap::from([(day.clone(), 0)]), now).await?;
        let runs: BTreeSet<String> = wishes.iter().map(|wish| pass(wish.run_id, wish.attempt)).collect();
        let mut taken = spent(&tx, runs.iter().chain([&day])).await?;
        model_reservation::Entity::delete_many()
            .filter(model_reservation::Column::ExpiresMs.lte(now_ms))
            .exec(&tx)
            .await?;
        for (scope, nano) in set_aside(&tx, &day, &runs).await? {
            *taken.entry(scope).or_default() += nano;
        }
        let (mut rows, mut answers) = (Vec::new(), Vec::with_capacity(wishes.len()));
        for wish in wishes {
            let run = pass(wish.run_id, wish.attempt);
            let nano = (wish.usd * NANO).ceil() as i64;
            let of = |scope: &str| taken.get(scope).copied().unwrap_or_default();
            let is_over = |scope: &str, limit: Option<f64>| {
                limit.is_some_and(|limit| of(scope) + nano > (limit * NANO).round() as i64)
            };
            answers.push(if is_over(&run, wish.run_limit_usd) {
                Err(NoRoom::Run)
            } else if is_over(&day, wish.day_limit_usd) {
                Err(NoRoom::Day)
            } else {
                *taken.entry(day.clone()).or_default() += nano;
                *taken.entry(run.clone()).or_default() += nano;
                let id = Uuid::now_v7();
                rows.push(model_reservation::ActiveModel {
                    id: Set(id),
                    day: Set(day.clone()),
                    run: Set(run),
                    nano_usd: Set(nano),
                    expires_ms: Set(milliseconds(now + patience)),
                });
                Ok(id)
            });
        }
        if !rows.is_empty() {
            model_reservation::Entity::insert_many(rows).exec_without_returning(&tx).await?;
        }
        tx.commit().await?;
        Ok(answers)
    }

    /// Notes what calls came to: the room that was set aside is given back, what they cost is counted, and their answers are kept.
    /// All of it or nothing, so that what was paid for is never paid for again.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn settle_calls(&self, settled: &[Settlement], now: OffsetDateTime) -> Result<(), StoreError> {
        let mut spent = Spent::new();
        let mut answers = BTreeMap::new();
        for call in settled {
            let nano = (call.usd * NANO).round() as i64;
            if nano > 0 {
                *spent.entry(day(now.date())).or_default() += nano;
                *spent.entry(pass(call.run_id, call.attempt)).or_default() += nano;
            }
            if let Some(answer) = &call.answer {
                answers.insert(&answer.request_hash, answer_row(answer, now)?);
            }
        }
        let tx = self.begin().await?;
        add(&tx, &spent, now).await?;
        let reservations: Vec<Uuid> = settled.iter().filter_map(|call| call.reservation).collect();
        if !reservations.is_empty() {
            model_reservation::Entity::delete_many()
                .filter(model_reservation::Column::Id.is_in(reservations))
                .exec(&tx)
                .await?;
        }
        if !answers.is_empty() {
            let newer = OnConflict::column(model_answer::Column::RequestHash)
                .update_columns(
                    <model_answer::Column as sea_orm::Iterable>::iter()
                        .filter(|column| !matches!(column, model_answer::Column::RequestHash)),
                )
                .to_owned();
            model_answer::Entity::insert_many(answers.into_values())
                .on_conflict(newer)
                .exec_without_returning(&tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// The ledger of one attempt of a run, in the order of the calls.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn model_calls(&self, run_id: RunId, attempt: u32) -> Result<Vec<ModelCall>, StoreError> {
        let rows = model_call::Entity::find()
            .filter(model_call::Column::RunId.eq(run_id.0))
            .filter(model_call::Column::Attempt.eq(attempt as i32))
            .order_by_asc(model_call::Column::Position)
            .all(&self.db)
            .await?;
        rows.into_iter().map(call).collect()
    }

    /// What was spent on a day, in US dollars.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn spent_on(&self, date: Date) -> Result<f64, StoreError> {
        self.spent_within(day(date)).await
    }

    /// What one pass of a run spent, in US dollars, whether or not it ever ended.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn spent_by(&self, run_id: RunId, attempt: u32) -> Result<f64, StoreError> {
        self.spent_within(pass(run_id, attempt)).await
    }

    async fn spent_within(&self, scope: String) -> Result<f64, StoreError> {
        let row = model_spend::Entity::find_by_id(scope).one(&self.db).await?;
        Ok(row.map_or(0.0, |row| row.nano_usd as f64 / NANO))
    }

    /// Forgets answers that were given before a time, and what days and runs before it cost; the ledger of each run stays.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn forget_answers(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        let answers = model_answer::Entity::delete_many()
            .filter(model_answer::Column::CreatedAt.lt(before))
            .exec(&self.db)
            .await?;
        model_spend::Entity::delete_many()
            .filter(model_spend::Column::ChangedAt.lt(before))
            .exec(&self.db)
            .await?;
        Ok(answers.rows_affected)
    }
}

/// Counts what was spent.
async fn add(tx: &DatabaseTransaction, spent: &Spent, now: OffsetDateTime) -> Result<(), StoreError> {
    if spent.is_empty() {
        return Ok(());
    }
    // In order of the scopes: two that count the same ones never wait for each other.
    let rows = spent.iter().map(|(scope, nano)| model_spend::ActiveModel {
        scope: Set(scope.clone()),
        nano_usd: Set(*nano),
        changed_at: Set(now),
    });
    let sum = Expr::col((model_spend::Entity, model_spend::Column::NanoUsd))
        .add(Expr::col(("excluded", model_spend::Column::NanoUsd)));
    let more = OnConflict::column(model_spend::Column::Scope)
        .update_column(model_spend::Column::ChangedAt)
        .value(model_spend::Column::NanoUsd, sum)
        .to_owned();
    model_spend::Entity::insert_many(rows).on_conflict(more).exec_without_returning(tx).await?;
    Ok(())
}

async fn spent<'a>(
    tx: &DatabaseTransaction,
    scopes: impl Iterator<Item = &'a String>,
) -> Result<Spent, StoreError> {
    let rows = model_spend::Entity::find().filter(model_spend::Column::Scope.is_in(scopes)).all(tx).await?;
    Ok(rows.into_iter().map(|row| (row.scope, row.nano_usd)).collect())
}

/// What is set aside within a day and by some runs.
async fn set_aside(
    tx: &DatabaseTransaction,
    day: &str,
    runs: &BTreeSet<String>,
) -> Result<Vec<(String, i64)>, StoreError> {
    let sums = |column: model_reservation::Column| {
        // A sum of big integers is a decimal on PostgreSQL.
        let sum = model_reservation::Column::NanoUsd.sum().cast_as("bigint");
        model_reservation::Entity::find().select_only().column(column).expr(sum).group_by(column)
    };
    let of_day = sums(model_reservation::Column::Day).filter(model_reservation::Column::Day.eq(day));
    let of_runs = sums(model_reservation::Column::Run).filter(model_reservation::Column::Run.is_in(runs));
    let mut sums: Vec<(String, i64)> = of_day.into_tuple().all(tx).await?;
    sums.extend(of_runs.into_tuple::<(String, i64)>().all(tx).await?);
    Ok(sums)
}

fn day(date: Date) -> String {
    date.to_string()
}

fn pass(run_id: RunId, attempt: u32) -> String {
    format!("{run_id}/{attempt}")
}

fn tokens(count: Option<i64>) -> Option<u32> {
    count.and_then(|count| u32::try_from(count).ok())
}

fn call(row: model_call::Model) -> Result<ModelCall, StoreError> {
    let purpose = row.purpose.parse().map_err(|_| StoreError::Unreadable {
        what: "a model call's purpose".to_owned(),
        why: format!("\"{}\" is none", row.purpose),
    })?;
    Ok(ModelCall {
        stage: row.stage.0,
        purpose,
        model: row.model,
        request_hash: row.request_hash,
        input_tokens: tokens(row.input_tokens),
        output_tokens: tokens(row.output_tokens),
        ms: row.ms,
        cost_usd: row.cost_usd,
        cached: row.is_cached,
        outcome: row.outcome.0,
        dropped: row.dropped.unsigned_abs(),
        why: row.why,
    })
}

fn answer(row: model_answer::Model) -> Result<KeptAnswer, StoreError> {
    let content = decompressed("a model's answer", &row.content)?;
    Ok(KeptAnswer {
        request_hash: row.request_hash,
        run_id: RunId(row.run_id),
        attempt: row.attempt.unsigned_abs(),
        stage: row.stage.0,
        purpose: row.purpose.0,
        model: row.model,
        content: String::from_utf8(content).map_err(|error| StoreError::Unreadable {
            what: "a model's answer".to_owned(),
            why: error.to_string(),
        })?,
        end: row.end_reason.0,
        input_tokens: tokens(row.input_tokens),
        output_tokens: tokens(row.output_tokens),
        ms: row.ms,
        cost_usd: row.cost_usd,
    })
}

fn answer_row(answer: &KeptAnswer, now: OffsetDateTime) -> Result<model_answer::ActiveModel, StoreError> {
    Ok(model_answer::ActiveModel {
        request_hash: Set(answer.request_hash.clone()),
        run_id: Set(answer.run_id.0),
        attempt: Set(answer.attempt as i32),
        stage: Set(Word(answer.stage)),
        purpose: Set(Word(answer.purpose)),
        model: Set(answer.model.clone()),
        content: Set(compressed(answer.content.as_bytes())?),
        end_reason: Set(Word(answer.end)),
        input_tokens: Set(answer.input_tokens.map(i64::from)),
        output_tokens: Set(answer.output_tokens.map(i64::from)),
        ms: Set(answer.ms),
        cost_usd: Set(answer.cost_usd),
        created_at: Set(now),
    })
}
