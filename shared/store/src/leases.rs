//! What all replicas share of a dependency: how often it may be called, and whether at all.
//!
//! Tokens are taken in batches and counted by the second. A batch may be used until the end of the second after the one it was
//! taken in, so whoever counts the last minute counts two seconds more: no minute whatever sees more calls than the limit.

use contract::BreakerState;
use migration::Word;
use migration::entity::{breaker, rate_lease, rate_limit};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::time::Duration;
use time::OffsetDateTime;

use crate::{Store, StoreError};

/// A slot in which tokens are counted, in milliseconds.
const SLOT_MS: i64 = 1_000;
/// Slots that may have calls within one minute: its sixty, the one that it begins within, and the one that a batch lasts longer.
const SLOTS: i64 = 62;
/// Many callers see the same refusal: within this time it counts once.
const ONE_REFUSAL_MS: i64 = 5_000;
/// How often the limit is raised at most.
const RAISE_EVERY_MS: i64 = 5_000;
/// The share of the configured limit by which it is raised.
const RAISE: f64 = 0.05;
/// However often a dependency refuses, so many calls a minute are tried.
const LEAST: f64 = 1.0;

/// Tokens to call a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// How many calls may be made.
    pub granted: u64,
    /// Until when; what is left of them then is void.
    pub valid_until: OffsetDateTime,
    /// When it is worth asking again, where fewer were granted than wanted.
    pub ask_again_at: Option<OffsetDateTime>,
}

/// Whether a dependency may be called.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Breaker {
    /// Whether.
    pub state: BreakerState,
    /// Since when it may not.
    #[serde(with = "time::serde::rfc3339::option")]
    pub opened_at: Option<OffsetDateTime>,
    /// When somebody may try.
    #[serde(with = "time::serde::rfc3339::option")]
    pub retry_at: Option<OffsetDateTime>,
    /// Why it was opened.
    pub reason: Option<String>,
}

impl Store {
    /// Takes tokens, as many as are wanted and the limit has left. All replicas together never have more than the limit in any
    /// minute, and at least 96 % of it when they want as many.
    ///
    /// # Errors
    /// When the database is lost; nothing is taken then.
    pub async fn take_tokens(
        &self,
        dependency: &str,
        limit_per_minute: u64,
        want: u64,
        now: OffsetDateTime,
    ) -> Result<Lease, StoreError> {
        let now_ms = milliseconds(now);
        let slot = now_ms.div_euclid(SLOT_MS) * SLOT_MS;
        let valid_until = moment(slot + 2 * SLOT_MS);
        let configured = i64::try_from(limit_per_minute).unwrap_or(i64::MAX);
        let tx = self.begin().await?;
        let state = locked(&tx, dependency, Some(configured)).await?;
        if now_ms < state.paused_until_ms {
            tx.commit().await?;
            let again = Some(moment(state.paused_until_ms));
            return Ok(Lease { granted: 0, valid_until, ask_again_at: again });
        }
        let limit = state.lowered_to.map_or(configured, |lowered| Ord::min(configured, lowered as i64));
        let oldest = slot - (SLOTS - 1) * SLOT_MS;
        let counted: Vec<(i64, i64)> = rate_lease::Entity::find()
            .select_only()
            .columns([rate_lease::Column::WindowStart, rate_lease::Column::Taken])
            .filter(rate_lease::Column::Dependency.eq(dependency))
            // A replica whose clock is ahead has taken what is counted here too.
            .filter(rate_lease::Column::WindowStart.gte(oldest))
            .order_by_asc(rate_lease::Column::WindowStart)
            .into_tuple()
            .all(&tx)
            .await?;
        let taken: i64 = counted.iter().map(|(_, taken)| taken).sum();
        let granted = Ord::clamp(limit - taken, 0, i64::try_from(want).unwrap_or(i64::MAX));
        if granted > 0 {
            take(&tx, dependency, slot, granted).await?;
            rate_lease::Entity::delete_many()
                .filter(rate_lease::Column::Dependency.eq(dependency))
                .filter(rate_lease::Column::WindowStart.lt(oldest - SLOTS * SLOT_MS))
                .exec(&tx)
                .await?;
        }
        tx.commit().await?;
        let granted = granted.unsigned_abs();
        // The oldest slot that has any is the next one to be forgotten.
        let next = counted.first().map_or(slot + SLOT_MS, |(start, _)| start + SLOTS * SLOT_MS);
        let ask_again_at = (granted < want).then(|| moment(Ord::max(next, slot + SLOT_MS)));
        Ok(Lease { granted, valid_until, ask_again_at })
    }

    /// Says that a dependency refused a call because there were too many: half as many are allowed from now on, and none until
    /// the time that it asks for is over. Refusals of the same moment count once.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn report_throttled(
        &self,
        dependency: &str,
        retry_after: Duration,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let now_ms = milliseconds(now);
        let until_ms = milliseconds(now + retry_after);
        let tx = self.begin().await?;
        let state = locked(&tx, dependency, None).await?;
        let mut change = rate_limit::ActiveModel {
            paused_until_ms: Set(Ord::max(state.paused_until_ms, until_ms)),
            ..Default::default()
        };
        let allowed = state.lowered_to.or(state.configured.map(|configured| configured as f64));
        if let Some(allowed) = allowed.filter(|_| now_ms - state.lowered_ms >= ONE_REFUSAL_MS) {
            change.lowered_to = Set(Some((allowed / 2.0).max(LEAST)));
            change.lowered_ms = Set(now_ms);
            change.raised_ms = Set(now_ms);
        }
        rate_limit::Entity::update_many()
            .set(change)
            .filter(rate_limit::Column::Dependency.eq(dependency))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Says that a dependency took a call: a lowered limit is raised by a twentieth of what is configured, every five seconds at
    /// most. It costs one small read otherwise.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn report_ok(&self, dependency: &str, now: OffsetDateTime) -> Result<(), StoreError> {
        let now_ms = milliseconds(now);
        let state = rate_limit::Entity::find_by_id(dependency).one(&self.db).await?;
        let Some(rate_limit::Model {
            lowered_to: Some(lowered),
            configured: Some(configured),
            raised_ms,
            ..
        }) = state
        else {
            return Ok(());
        };
        if now_ms - raised_ms < RAISE_EVERY_MS {
            return Ok(());
        }
        let raised = lowered + (configured as f64 * RAISE).max(1.0);
        rate_limit::Entity::update_many()
            .set(rate_limit::ActiveModel {
                lowered_to: Set((raised < configured as f64).then_some(raised)),
                raised_ms: Set(now_ms),
                ..Default::default()
            })
            .filter(rate_limit::Column::Dependency.eq(dependency))
            // Of several replicas that say so at once, one raises it; and none undoes what was lowered meanwhile.
            .filter(rate_limit::Column::RaisedMs.eq(raised_ms))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Whether a dependency may be called. One that was opened may be tried when its time has come: see
    /// [`Store::try_half_open`].
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn breaker(&self, dependency: &str) -> Result<Breaker, StoreError> {
        let row = breaker::Entity::find_by_id(dependency).one(&self.db).await?;
        Ok(row.map_or(
            Breaker { state: BreakerState::Closed, opened_at: None, retry_at: None, reason: None },
            |row| Breaker {
                state: row.state.0,
                opened_at: row.opened_at,
                retry_at: row.retry_ms.map(moment),
                reason: row.reason,
            },
        ))
    }

    /// Says that a dependency is away, and when somebody may try again.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn open_breaker(
        &self,
        dependency: &str,
        retry_at: OffsetDateTime,
        reason: &str,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let row = breaker::ActiveModel {
            dependency: Set(dependency.to_owned()),
            state: Set(Word(BreakerState::Open)),
            opened_at: Set(Some(now)),
            retry_ms: Set(Some(milliseconds(retry_at))),
            reason: Set(Some(crate::dead::storable(reason))),
        };
        // It is open since it was closed last, however often somebody tried.
        let own = |column| Expr::col((breaker::Entity, column));
        let since = Expr::case(
            own(breaker::Column::State).eq(Word(BreakerState::Closed)),
            Expr::col(("excluded", breaker::Column::OpenedAt)),
        )
        .finally(own(breaker::Column::OpenedAt));
        let there = OnConflict::column(breaker::Column::Dependency)
            .update_columns([breaker::Column::State, breaker::Column::RetryMs, breaker::Column::Reason])
            .value(breaker::Column::OpenedAt, Expr::expr(since))
            .to_owned();
        breaker::Entity::insert(row).on_conflict(there).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Takes it on oneself to try an open dependency whose time has come: of all who ask, one is told yes. When it says
    /// nothing for as long as its patience lasts, another one is.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn try_half_open(
        &self,
        dependency: &str,
        patience: Duration,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = breaker::Entity::update_many()
            .set(breaker::ActiveModel {
                state: Set(Word(BreakerState::HalfOpen)),
                retry_ms: Set(Some(milliseconds(now + patience))),
                ..Default::default()
            })
            .filter(breaker::Column::Dependency.eq(dependency))
            .filter(breaker::Column::State.is_in([Word(BreakerState::Open), Word(BreakerState::HalfOpen)]))
            .filter(breaker::Column::RetryMs.lte(milliseconds(now)))
            .exec(&self.db)
            .await?;
        Ok(done.rows_affected > 0)
    }

    /// Says that a dependency is back.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn close_breaker(&self, dependency: &str) -> Result<(), StoreError> {
        breaker::Entity::update_many()
            .set(breaker::ActiveModel {
                state: Set(Word(BreakerState::Closed)),
                opened_at: Set(None),
                retry_ms: Set(None),
                reason: Set(None),
                ..Default::default()
            })
            .filter(breaker::Column::Dependency.eq(dependency))
            .filter(breaker::Column::State.ne(Word(BreakerState::Closed)))
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

/// A dependency's row, which is ours until the end of the transaction; it is made where there is none.
async fn locked(
    tx: &DatabaseTransaction,
    dependency: &str,
    configured: Option<i64>,
) -> Result<rate_limit::Model, StoreError> {
    let row = rate_limit::ActiveModel {
        dependency: Set(dependency.to_owned()),
        configured: Set(configured),
        lowered_to: Set(None),
        lowered_ms: Set(0),
        raised_ms: Set(0),
        paused_until_ms: Set(0),
    };
    // What is known stays where nothing is said of it; either way the row is written, and so locked.
    let known = Expr::col((rate_limit::Entity, rate_limit::Column::Configured));
    let configured = configured.map_or(known, Expr::value);
    let there = OnConflict::column(rate_limit::Column::Dependency)
        .value(rate_limit::Column::Configured, configured)
        .to_owned();
    Ok(rate_limit::Entity::insert(row).on_conflict(there).exec_with_returning(tx).await?)
}

/// Counts tokens in a slot.
async fn take(tx: &DatabaseTransaction, dependency: &str, slot: i64, granted: i64) -> Result<(), StoreError> {
    let row = rate_lease::ActiveModel {
        dependency: Set(dependency.to_owned()),
        window_start: Set(slot),
        taken: Set(granted),
    };
    let there = OnConflict::columns([rate_lease::Column::Dependency, rate_lease::Column::WindowStart])
        .value(
            rate_lease::Column::Taken,
            Expr::col((rate_lease::Entity, rate_lease::Column::Taken)).add(granted),
        )
        .to_owned();
    rate_lease::Entity::insert(row).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) fn milliseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn moment(milliseconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
