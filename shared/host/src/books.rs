//! The books of language models in the database. What many calls ask for at once is asked in one go.

use contract::{BreakerState, KeptAnswer, NoRoom, RunId, Settlement, SpendWish};
use llm::{Books, BooksError, Look, Permits, Standing};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use store::{Breaker, Lease, Store, StoreError};
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// What one transaction takes at most.
const TOGETHER: usize = 256;
/// Questions of this process that may wait for the database.
const WAITING: usize = 4_096;

/// Keeps the books in a database, with all processes that have the same one.
pub struct StoreBooks {
    store: Store,
    answers: Together<String, Option<KeptAnswer>>,
    reservations: Together<(SpendWish, Duration), Result<Uuid, NoRoom>>,
    settlements: Together<Settlement, ()>,
}

impl StoreBooks {
    /// Opens the books; within a runtime.
    #[must_use]
    pub fn of(store: &Store) -> Self {
        let clone = || store.clone();
        let answers = Together::start(clone(), |store: Arc<Store>, hashes: Vec<String>| async move {
            let kept: HashMap<String, KeptAnswer> = store.kept_answers(&hashes).await?;
            // The same request may be asked for twice in one go.
            Ok(hashes.iter().map(|hash| kept.get(hash).cloned()).collect())
        });
        let reservations =
            Together::start(clone(), |store: Arc<Store>, wishes: Vec<(SpendWish, Duration)>| async move {
                let patience = wishes.iter().map(|(_, patience)| *patience).max().unwrap_or_default();
                let wishes: Vec<SpendWish> = wishes.into_iter().map(|(wish, _)| wish).collect();
                store.reserve(&wishes, patience, OffsetDateTime::now_utc()).await
            });
        let settlements =
            Together::start(clone(), |store: Arc<Store>, settled: Vec<Settlement>| async move {
                store.settle_calls(&settled, OffsetDateTime::now_utc()).await?;
                Ok(vec![(); settled.len()])
            });
        Self { store: store.clone(), answers, reservations, settlements }
    }
}

/// Asks a database for many at once: while one transaction is on its way the next one's questions gather.
struct Together<Q, A>(mpsc::Sender<Asked<Q, A>>);

/// A question, and who waits for its answer.
type Asked<Q, A> = (Q, oneshot::Sender<Result<A, Arc<StoreError>>>);

impl<Q: Send + 'static, A: Send + 'static> Together<Q, A> {
    fn start<W, F>(store: Store, work: W) -> Self
    where
        W: Fn(Arc<Store>, Vec<Q>) -> F + Send + 'static,
        F: Future<Output = Result<Vec<A>, StoreError>> + Send,
    {
        let (sender, mut receiver) = mpsc::channel::<Asked<Q, A>>(WAITING);
        let store = Arc::new(store);
        tokio::spawn(async move {
            let mut waiting = Vec::with_capacity(TOGETHER);
            // It ends with the last one who could ask.
            while receiver.recv_many(&mut waiting, TOGETHER).await > 0 {
                let (questions, askers): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
                match work(Arc::clone(&store), questions).await {
                    Ok(answers) => {
                        // Whoever asked may have given up since.
                        askers
                            .into_iter()
                            .zip(answers)
                            .for_each(|(asker, answer)| drop(asker.send(Ok(answer))));
                    }
                    Err(error) => {
                        let error = Arc::new(error);
                        askers.into_iter().for_each(|asker| drop(asker.send(Err(Arc::clone(&error)))));
                    }
                }
            }
        });
        Self(sender)
    }

    async fn ask(&self, question: Q) -> Result<A, BooksError> {
        let (asker, answer) = oneshot::channel();
        self.0.send((question, asker)).await.map_err(|_| "the books are closed")?;
        match answer.await {
            Ok(answer) => answer.map_err(BooksError::from),
            Err(gone) => Err(gone.into()),
        }
    }
}

impl Books for StoreBooks {
    fn answer<'a>(&'a self, request_hash: &'a str) -> Look<'a, Option<KeptAnswer>> {
        Box::pin(self.answers.ask(request_hash.to_owned()))
    }

    fn reserve(&self, wish: SpendWish, patience: Duration) -> Look<'_, Result<Uuid, NoRoom>> {
        Box::pin(self.reservations.ask((wish, patience)))
    }

    fn settle(&self, settlement: Settlement) -> Look<'_, ()> {
        Box::pin(self.settlements.ask(settlement))
    }

    fn waits_for_budget(&self, run_id: RunId) -> Look<'_, ()> {
        Box::pin(async move { Ok(self.store.waits_for_budget(run_id).await?) })
    }

    fn spent_today(&self) -> Look<'_, f64> {
        Box::pin(async move { Ok(self.store.spent_on(OffsetDateTime::now_utc().date()).await?) })
    }

    fn take<'a>(&'a self, dependency: &'a str, per_minute: u64, want: u64) -> Look<'a, Permits> {
        Box::pin(async move {
            let now = OffsetDateTime::now_utc();
            let lease = self.store.take_tokens(dependency, per_minute, want, now).await?;
            let Lease { granted, valid_until, ask_again_at } = lease;
            Ok(Permits { granted, valid_until, ask_again_at })
        })
    }

    fn throttled<'a>(&'a self, dependency: &'a str, retry_after: Duration) -> Look<'a, ()> {
        Box::pin(async move {
            Ok(self.store.report_throttled(dependency, retry_after, OffsetDateTime::now_utc()).await?)
        })
    }

    fn went_well<'a>(&'a self, dependency: &'a str) -> Look<'a, ()> {
        Box::pin(async move { Ok(self.store.report_ok(dependency, OffsetDateTime::now_utc()).await?) })
    }

    fn standing<'a>(&'a self, dependency: &'a str) -> Look<'a, Standing> {
        Box::pin(async move {
            let Breaker { state, retry_at, reason, .. } = self.store.breaker(dependency).await?;
            Ok(match state {
                BreakerState::Closed => Standing::Closed,
                BreakerState::Open | BreakerState::HalfOpen => Standing::Open {
                    retry_at: retry_at.unwrap_or_else(OffsetDateTime::now_utc),
                    why: reason.unwrap_or_default(),
                },
            })
        })
    }

    fn open<'a>(&'a self, dependency: &'a str, retry_after: Duration, why: &'a str) -> Look<'a, ()> {
        Box::pin(async move {
            let now = OffsetDateTime::now_utc();
            Ok(self.store.open_breaker(dependency, now + retry_after, why, now).await?)
        })
    }

    fn may_try<'a>(&'a self, dependency: &'a str, patience: Duration) -> Look<'a, bool> {
        Box::pin(async move {
            Ok(self.store.try_half_open(dependency, patience, OffsetDateTime::now_utc()).await?)
        })
    }

    fn close<'a>(&'a self, dependency: &'a str) -> Look<'a, ()> {
        Box::pin(async move { Ok(self.store.close_breaker(dependency).await?) })
    }
}
