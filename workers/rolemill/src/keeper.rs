//! Runs that last: answered from the store where it knows the input, and stored where it does not.

use contract::{Enriched, Envelope, Received, Record, Rejected, Saved, Status};
use persistence::{Receipt, Scribe, ScribeError};
use std::sync::Arc;
use store::{Store, StoreError, StoredAttempt};

use crate::Finished;

/// Why a run was not answered from the store, or not stored.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The database was lost.
    #[error("the store cannot be read")]
    Store(#[from] StoreError),
    /// The run was not saved.
    #[error(transparent)]
    Save(#[from] ScribeError),
    /// What is stored is of another shape.
    #[error("a stored answer cannot be read")]
    Stored(#[from] serde_json::Error),
}

/// A store with its scribe.
#[derive(Clone)]
pub struct Keeper {
    store: Store,
    scribe: Scribe,
}

impl Keeper {
    /// Begins to keep runs in a store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let saving = store.clone();
        let scribe = Scribe::start(move |records: Arc<[Record]>| {
            let store = saving.clone();
            async move { store.save(&records).await }
        });
        Self { store, scribe }
    }

    /// The stored answer to a run's input, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn answered(&self, run: &Envelope<Received>) -> Result<Option<Finished>, KeepError> {
        match self.store.answered(&run.input_hash()).await? {
            Some(stored) => Ok(Some(restored(run.clone(), stored)?)),
            None => Ok(None),
        }
    }

    /// Takes a place in the order of saving.
    ///
    /// # Errors
    /// When nothing is saved any more.
    pub async fn hand_in(&self, record: Record) -> Result<Receipt, KeepError> {
        Ok(self.scribe.hand_in(record).await?)
    }

    /// What became of a record.
    ///
    /// # Errors
    /// When it was not saved.
    pub async fn saved(receipt: Receipt) -> Result<Saved, KeepError> {
        Ok(receipt.answer().await?)
    }
}

/// The run as it ended when it was stored.
fn restored(run: Envelope<Received>, stored: StoredAttempt) -> Result<Finished, serde_json::Error> {
    let outputs = stored.outputs.as_deref().unwrap_or("{}");
    let mut finished = if stored.status == Status::Completed {
        let outputs: Enriched = serde_json::from_str(outputs)?;
        Finished::Completed { run: Box::new(run.map(|_| outputs)), persistence: None }
    } else {
        let outputs: Rejected = serde_json::from_str(outputs)?;
        Finished::Rejected(Box::new(run.map(|_| outputs)))
    };
    finished.take_saved(Saved {
        run_id: stored.run_id,
        attempt: stored.attempt,
        status: stored.status,
        persistence: stored.persistence.unwrap_or_default(),
        is_new: false,
    });
    match &mut finished {
        Finished::Completed { run, .. } => run.timings = stored.timings,
        Finished::Rejected(run) => run.timings = stored.timings,
        Finished::Buried { .. } => {}
    }
    Ok(finished)
}
