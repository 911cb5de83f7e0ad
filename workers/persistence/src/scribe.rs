//! Group commit: runs wait together for one transaction.

use contract::{Record, Saved};
use pipeline::{Failure, Fate};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The most runs of one transaction.
const BATCH: usize = 64;

/// A record that was not saved. All that waited for the same transaction share the cause.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ScribeError {
    /// The database refused or was away.
    #[error("the run cannot be saved")]
    Save {
        /// What becomes of the run.
        fate: Fate,
        /// Why.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The program is ending.
    #[error("nothing is saved any more")]
    Closed,
}

impl Failure for ScribeError {
    fn fate(&self) -> Fate {
        match self {
            Self::Save { fate, .. } => *fate,
            Self::Closed => Fate::Transient { retry_after: std::time::Duration::ZERO },
        }
    }
}

type Waiting = (Record, oneshot::Sender<Result<Saved, ScribeError>>);

/// Gathers records while a transaction runs and saves them in the next one.
#[derive(Clone)]
pub struct Scribe {
    queue: mpsc::Sender<Waiting>,
}

impl Scribe {
    /// Starts gathering. `save` writes a batch in one transaction, all or nothing, and answers in its order; a batch
    /// is in the order in which [`Scribe::save`] was called.
    pub fn start<S, F, E>(save: S) -> Self
    where
        S: Fn(Arc<[Record]>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Vec<Saved>, E>> + Send,
        E: Failure,
    {
        let (queue, mut waiting) = mpsc::channel(BATCH * 2);
        tokio::spawn(async move {
            let mut batch: Vec<Waiting> = Vec::with_capacity(BATCH);
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                let (records, answers): (Vec<Record>, Vec<_>) = batch.drain(..).unzip();
                let records: Arc<[Record]> = records.into();
                match save(Arc::clone(&records)).await {
                    Ok(saved) => {
                        for (answer, saved) in answers.into_iter().zip(saved) {
                            // Whoever asked may have gone; the run is saved all the same.
                            answer.send(Ok(saved)).ok();
                        }
                    }
                    Err(error) if error.fate() == Fate::Permanent && records.len() > 1 => {
                        one_by_one(&save, &records, answers).await;
                    }
                    Err(error) => {
                        let error = shared(error);
                        for answer in answers {
                            answer.send(Err(error.clone())).ok();
                        }
                    }
                }
            }
        });
        Self { queue }
    }

    /// Saves one record together with others that wait.
    ///
    /// # Errors
    /// When it cannot be saved; nothing of it is written then.
    pub async fn save(&self, record: Record) -> Result<Saved, ScribeError> {
        self.hand_in(record).await?.answer().await
    }

    /// Takes a place in the order of saving; the answer is waited for apart.
    ///
    /// # Errors
    /// When nothing is saved any more.
    pub async fn hand_in(&self, record: Record) -> Result<Receipt, ScribeError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send((record, answer)).await.map_err(|_| ScribeError::Closed)?;
        Ok(Receipt(answered))
    }
}

/// A place in the order of saving.
#[must_use = "the answer tells whether the run was saved"]
pub struct Receipt(oneshot::Receiver<Result<Saved, ScribeError>>);

impl Receipt {
    /// What became of the record.
    ///
    /// # Errors
    /// When it was not saved.
    pub async fn answer(self) -> Result<Saved, ScribeError> {
        self.0.await.unwrap_or(Err(ScribeError::Closed))
    }
}

/// One record that can never be written must not take its neighbours along.
async fn one_by_one<S, F, E>(
    save: &S,
    records: &Arc<[Record]>,
    answers: Vec<oneshot::Sender<Result<Saved, ScribeError>>>,
) where
    S: Fn(Arc<[Record]>) -> F,
    F: Future<Output = Result<Vec<Saved>, E>>,
    E: Failure,
{
    for (record, answer) in records.iter().zip(answers) {
        let saved = match save(Arc::from([record.clone()])).await {
            Ok(saved) => saved.into_iter().next().ok_or(ScribeError::Closed),
            Err(error) => Err(shared(error)),
        };
        answer.send(saved).ok();
    }
}

fn shared(error: impl Failure) -> ScribeError {
    ScribeError::Save { fate: error.fate(), source: Arc::new(error) }
}
