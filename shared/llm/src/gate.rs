//! Whether a call may be made now: not while the server is away, not too many at once, not too many a minute.

use model::ModelError;
use std::sync::Mutex as Lock;
use std::sync::PoisonError;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use crate::books::{Books, BooksError, Permits, Standing};
use crate::settings::ModelSettings;

/// How long what the books say of a server is taken for true.
const FRESH: Duration = Duration::from_secs(1);
/// How often the books are told that a server takes calls.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// A minute's calls are taken in so many parts.
const PARTS: u64 = 60;

/// The gate before one server.
pub(crate) struct Gate {
    /// The server's name in the books.
    dependency: String,
    at_once: Semaphore,
    permits: Mutex<Option<Permits>>,
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    failures_in_a_row: u32,
    /// The server wants to be left alone until then.
    paused_until: Option<Instant>,
    /// What the books said of it last.
    standing: Option<(Standing, Instant)>,
    told_at: Option<Instant>,
}

/// What a call is made under; somebody waits for its end.
pub(crate) type Turn<'a> = SemaphorePermit<'a>;

fn lost(error: BooksError) -> ModelError {
    ModelError::Books(error)
}

impl Gate {
    pub(crate) fn new(dependency: String, settings: &ModelSettings) -> Self {
        Self {
            dependency,
            at_once: Semaphore::new(settings.concurrency),
            permits: Mutex::new(None),
            state: Lock::default(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn, for as long as the settings' patience lasts.
    pub(crate) async fn enter(
        &self,
        books: &dyn Books,
        settings: &ModelSettings,
    ) -> Result<Turn<'_>, ModelError> {
        let until = Instant::now() + settings.patience();
        let limited = || ModelError::RateLimited { retry_after: settings.patience() };
        let turn = tokio::time::timeout_at(until, self.at_once.acquire()).await.map_err(|_| limited())?;
        let turn = turn.map_err(|closed| ModelError::Broken(closed.to_string()))?;
        self.not_away(books, settings).await?;
        loop {
            let wait = match self.permit(books, settings).await? {
                None => return Ok(turn),
                Some(wait) => wait,
            };
            if Instant::now() + wait > until {
                return Err(ModelError::RateLimited { retry_after: wait });
            }
            sleep(wait).await;
        }
    }

    /// Takes one permit, or tells how long there is none.
    async fn permit(
        &self,
        books: &dyn Books,
        settings: &ModelSettings,
    ) -> Result<Option<Duration>, ModelError> {
        if let Some(wait) = self.pause() {
            return Ok(Some(wait));
        }
        if settings.calls_per_minute == 0 {
            return Ok(None);
        }
        let mut permits = self.permits.lock().await;
        let now = OffsetDateTime::now_utc();
        let wait = |until: OffsetDateTime| {
            Duration::try_from(until - now).unwrap_or_default().max(Duration::from_millis(5))
        };
        if let Some(held) = permits.as_mut() {
            if held.granted > 0 && now < held.valid_until {
                held.granted -= 1;
                return Ok(None);
            }
            if let Some(again) = held.ask_again_at.filter(|again| now < *again) {
                return Ok(Some(wait(again)));
            }
        }
        let want = (settings.calls_per_minute / PARTS).max(1);
        let taken = books.take(&self.dependency, settings.calls_per_minute, want).await.map_err(lost)?;
        let has_one = taken.granted > 0;
        *permits = Some(Permits { granted: taken.granted.saturating_sub(1), ..taken });
        Ok((!has_one).then(|| wait(taken.ask_again_at.unwrap_or(now))))
    }

    fn pause(&self) -> Option<Duration> {
        let until = self.state().paused_until?;
        Some(until.saturating_duration_since(Instant::now())).filter(|wait| !wait.is_zero())
    }

    /// Fails while the server is away, except for the one who is to try it.
    async fn not_away(&self, books: &dyn Books, settings: &ModelSettings) -> Result<(), ModelError> {
        let Standing::Open { retry_at, why } = self.standing(books).await? else { return Ok(()) };
        let now = OffsetDateTime::now_utc();
        if now >= retry_at && books.may_try(&self.dependency, settings.timeout() * 2).await.map_err(lost)? {
            return Ok(());
        }
        let retry_after = Duration::try_from(retry_at - now).unwrap_or_default().max(FRESH);
        Err(ModelError::Away { retry_after, why })
    }

    async fn standing(&self, books: &dyn Books) -> Result<Standing, ModelError> {
        let known = self.state().standing.clone();
        if let Some((standing, since)) = known
            && since.elapsed() < FRESH
        {
            return Ok(standing);
        }
        let standing = books.standing(&self.dependency).await.map_err(lost)?;
        self.state().standing = Some((standing.clone(), Instant::now()));
        Ok(standing)
    }

    /// Whether a call would be let through about now.
    pub(crate) async fn is_open(&self, books: &dyn Books) -> bool {
        if self.pause().is_some() {
            return false;
        }
        let now = OffsetDateTime::now_utc();
        let none_left = self
            .permits
            .lock()
            .await
            .is_some_and(|held| held.granted == 0 && held.ask_again_at.is_some_and(|again| now < again));
        match self.standing(books).await {
            Ok(Standing::Closed) => !none_left,
            Ok(Standing::Open { retry_at, .. }) => now >= retry_at && !none_left,
            Err(_) => false,
        }
    }

    /// Notes that a call was answered; `pause` is how long the server wants to be left alone.
    pub(crate) async fn went_well(&self, books: &dyn Books, pause: Option<Duration>) {
        let (was_away, tell) = {
            let mut state = self.state();
            state.failures_in_a_row = 0;
            if let Some(pause) = pause {
                state.paused_until = Some(Instant::now() + pause);
            }
            let was_away = matches!(state.standing, Some((Standing::Open { .. }, _)));
            if was_away {
                state.standing = None;
            }
            let tell = state.told_at.is_none_or(|at| at.elapsed() >= TELL_EVERY);
            if tell {
                state.told_at = Some(Instant::now());
            }
            (was_away, tell)
        };
        // What the books miss of this they learn from the next call.
        if was_away {
            books.close(&self.dependency).await.ok();
        }
        if tell {
            books.went_well(&self.dependency).await.ok();
        }
    }

    /// Notes what a failed call says of the server.
    pub(crate) async fn failed(
        &self,
        books: &dyn Books,
        settings: &ModelSettings,
        error: &ModelError,
        retry_after: Option<Duration>,
    ) {
        match error {
            ModelError::RateLimited { retry_after } => {
                self.state().paused_until = Some(Instant::now() + *retry_after);
                books.throttled(&self.dependency, *retry_after).await.ok();
            }
            ModelError::QuotaSpent(_) | ModelError::Denied { .. } => {
                self.open(books, settings.breaker_time(), error).await;
            }
            ModelError::Away { .. }
            | ModelError::TimedOut(_)
            | ModelError::Server { .. }
            | ModelError::Garbled(_)
            | ModelError::Broken(_) => {
                let failures = {
                    let mut state = self.state();
                    state.failures_in_a_row += 1;
                    state.failures_in_a_row
                };
                if failures >= settings.breaker_failures {
                    self.open(books, retry_after.unwrap_or_default().max(settings.breaker_time()), error)
                        .await;
                }
            }
            ModelError::DayBudget { .. }
            | ModelError::RunBudget { .. }
            | ModelError::Books(_)
            | ModelError::Rejected { .. }
            | ModelError::TooLong(_)
            | ModelError::CutShort(_)
            | ModelError::Refused(_)
            | ModelError::Invalid(_)
            | ModelError::NotRecorded
            | ModelError::NotSetUp
            | ModelError::UnknownPrompt { .. } => {}
        }
    }

    async fn open(&self, books: &dyn Books, retry_after: Duration, error: &ModelError) {
        let why = error.to_string();
        tracing::warn!(
            server = self.dependency,
            why,
            ?retry_after,
            "nobody calls the language model for now"
        );
        {
            let mut state = self.state();
            state.failures_in_a_row = 0;
            state.standing = None;
        }
        books.open(&self.dependency, retry_after, &why).await.ok();
    }
}
