//! Books of one process, gone with it: for runs of which nothing is stored.

use contract::{KeptAnswer, NoRoom, RunId, Settlement, SpendWish};
use futures::future::ready;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::books::{Books, Look, Permits, Standing};

const MINUTE: Duration = Duration::from_secs(60);

/// Keeps in memory what processes share elsewhere.
#[derive(Default)]
pub struct MemoryBooks(Mutex<State>);

#[derive(Default)]
struct State {
    answers: HashMap<String, KeptAnswer>,
    reserved: HashMap<Uuid, (RunId, u32, f64)>,
    by_run: HashMap<(RunId, u32), f64>,
    in_all: f64,
    called: Vec<Instant>,
    away: HashMap<String, (OffsetDateTime, String)>,
}

impl MemoryBooks {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books for MemoryBooks {
    fn answer<'a>(&'a self, request_hash: &'a str) -> Look<'a, Option<KeptAnswer>> {
        Box::pin(ready(Ok(self.state().answers.get(request_hash).cloned())))
    }

    fn reserve(&self, wish: SpendWish, _: Duration) -> Look<'_, Result<Uuid, NoRoom>> {
        let mut state = self.state();
        let run = (wish.run_id, wish.attempt);
        let of_run: f64 =
            state.reserved.values().filter(|(id, attempt, _)| (*id, *attempt) == run).map(|it| it.2).sum();
        let of_run = of_run + state.by_run.get(&run).copied().unwrap_or_default();
        let in_all = state.in_all + state.reserved.values().map(|it| it.2).sum::<f64>();
        let is_over = |spent: f64, limit: Option<f64>| limit.is_some_and(|limit| spent + wish.usd > limit);
        let answer = if is_over(of_run, wish.run_limit_usd) {
            Err(NoRoom::Run)
        } else if is_over(in_all, wish.day_limit_usd) {
            Err(NoRoom::Day)
        } else {
            let id = Uuid::now_v7();
            state.reserved.insert(id, (wish.run_id, wish.attempt, wish.usd));
            Ok(id)
        };
        Box::pin(ready(Ok(answer)))
    }

    fn settle(&self, settlement: Settlement) -> Look<'_, ()> {
        let mut state = self.state();
        let Settlement { reservation, run_id, attempt, usd, answer } = settlement;
        reservation.map(|id| state.reserved.remove(&id));
        *state.by_run.entry((run_id, attempt)).or_default() += usd;
        state.in_all += usd;
        if let Some(answer) = answer {
            state.answers.insert(answer.request_hash.clone(), answer);
        }
        Box::pin(ready(Ok(())))
    }

    fn waits_for_budget(&self, _: RunId) -> Look<'_, ()> {
        Box::pin(ready(Ok(())))
    }

    fn spent_today(&self) -> Look<'_, f64> {
        Box::pin(ready(Ok(self.state().in_all)))
    }

    fn take<'a>(&'a self, _: &'a str, per_minute: u64, want: u64) -> Look<'a, Permits> {
        let mut state = self.state();
        let now = Instant::now();
        state.called.retain(|at| now.duration_since(*at) < MINUTE);
        let left = (per_minute as usize).saturating_sub(state.called.len());
        let granted = left.min(want as usize);
        let oldest = state.called.first().copied();
        state.called.extend(std::iter::repeat_n(now, granted));
        let utc = OffsetDateTime::now_utc();
        let again = oldest.map_or(MINUTE, |oldest| MINUTE.saturating_sub(now.duration_since(oldest)));
        let ask_again_at = (granted < want as usize).then(|| utc + again);
        Box::pin(ready(Ok(Permits { granted: granted as u64, valid_until: utc + MINUTE, ask_again_at })))
    }

    fn throttled<'a>(&'a self, _: &'a str, _: Duration) -> Look<'a, ()> {
        // The gate of this process pauses by itself.
        Box::pin(ready(Ok(())))
    }

    fn went_well<'a>(&'a self, _: &'a str) -> Look<'a, ()> {
        Box::pin(ready(Ok(())))
    }

    fn standing<'a>(&'a self, dependency: &'a str) -> Look<'a, Standing> {
        let standing = match self.state().away.get(dependency) {
            Some((retry_at, why)) => Standing::Open { retry_at: *retry_at, why: why.clone() },
            None => Standing::Closed,
        };
        Box::pin(ready(Ok(standing)))
    }

    fn open<'a>(&'a self, dependency: &'a str, retry_after: Duration, why: &'a str) -> Look<'a, ()> {
        let retry_at = OffsetDateTime::now_utc() + retry_after;
        self.state().away.insert(dependency.to_owned(), (retry_at, why.to_owned()));
        Box::pin(ready(Ok(())))
    }

    fn may_try<'a>(&'a self, dependency: &'a str, patience: Duration) -> Look<'a, bool> {
        let now = OffsetDateTime::now_utc();
        let mut state = self.state();
        let may = state.away.get_mut(dependency).is_some_and(|(retry_at, _)| {
            let has_come = now >= *retry_at;
            if has_come {
                *retry_at = now + patience;
            }
            has_come
        });
        Box::pin(ready(Ok(may)))
    }

    fn close<'a>(&'a self, dependency: &'a str) -> Look<'a, ()> {
        self.state().away.remove(dependency);
        Box::pin(ready(Ok(())))
    }
}
