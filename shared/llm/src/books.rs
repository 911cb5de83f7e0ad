//! What all processes share: answers that were paid for, budgets, limits, breakers.

use contract::{KeptAnswer, NoRoom, RunId, Settlement, SpendWish};
use futures::future::BoxFuture;
use std::error::Error;
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

/// The books cannot be had.
pub type BooksError = Box<dyn Error + Send + Sync>;

/// What a look into the books gives.
pub type Look<'a, T> = BoxFuture<'a, Result<T, BooksError>>;

/// Calls that may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permits {
    /// How many.
    pub granted: u64,
    /// Until when; what is left of them then is void.
    pub valid_until: OffsetDateTime,
    /// When it is worth asking again, where fewer were granted than wanted.
    pub ask_again_at: Option<OffsetDateTime>,
}

/// Whether a server may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Closed,
    /// It was found away; one caller may try when the time has come.
    Open {
        /// When.
        retry_at: OffsetDateTime,
        /// What was found.
        why: String,
    },
}

/// What all processes share. Every method may fail when whoever keeps the books is away; nothing has happened then.
pub trait Books: Send + Sync {
    /// The answer to a request, where it was paid for before.
    fn answer<'a>(&'a self, request_hash: &'a str) -> Look<'a, Option<KeptAnswer>>;
    /// Sets room aside in the budgets; counts no more once `patience` is over.
    fn reserve(&self, wish: SpendWish, patience: Duration) -> Look<'_, Result<Uuid, NoRoom>>;
    /// Notes what a call came to, gives back the room that was set aside, and keeps the answer: all of it or nothing.
    fn settle(&self, settlement: Settlement) -> Look<'_, ()>;
    /// Notes that a run waits for money.
    fn waits_for_budget(&self, run_id: RunId) -> Look<'_, ()>;
    /// What was spent today, in US dollars.
    fn spent_today(&self) -> Look<'_, f64>;
    /// Takes permits to call, as many as are wanted and the limit has left.
    fn take<'a>(&'a self, dependency: &'a str, per_minute: u64, want: u64) -> Look<'a, Permits>;
    /// Notes that the server refused a call because there were too many.
    fn throttled<'a>(&'a self, dependency: &'a str, retry_after: Duration) -> Look<'a, ()>;
    /// Notes that the server takes calls.
    fn went_well<'a>(&'a self, dependency: &'a str) -> Look<'a, ()>;
    /// Whether the server may be called.
    fn standing<'a>(&'a self, dependency: &'a str) -> Look<'a, Standing>;
    /// Notes that it is away.
    fn open<'a>(&'a self, dependency: &'a str, retry_after: Duration, why: &'a str) -> Look<'a, ()>;
    /// Takes it on oneself to try a server that is away: of all who ask, one is told yes.
    fn may_try<'a>(&'a self, dependency: &'a str, patience: Duration) -> Look<'a, bool>;
    /// Notes that it is back.
    fn close<'a>(&'a self, dependency: &'a str) -> Look<'a, ()>;
}
