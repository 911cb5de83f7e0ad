//! A stage for every library version that runs are pinned to.

use library::Library;
use model::Model;
use pipeline::{Failure, Fate, Pinned, Stage};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use store::StoreError;

use crate::Shelf;

/// How many versions' stages are kept.
const KEPT: usize = 3;

/// Gives each run to the stage of its library version; a run that is pinned to none gets the newest.
pub struct Versioned<S, M> {
    shelf: Shelf,
    model: Option<Arc<dyn Model>>,
    make: M,
    made: Mutex<VecDeque<(Arc<Library>, Arc<S>)>>,
}

/// Why a run was not done.
#[derive(Debug, thiserror::Error)]
pub enum VersionedError<E: Failure> {
    /// Its library version cannot be had.
    #[error("the library version of the run cannot be had")]
    Library(#[source] StoreError),
    /// The stage failed.
    #[error(transparent)]
    Stage(E),
}

impl<E: Failure> Failure for VersionedError<E> {
    fn fate(&self) -> Fate {
        match self {
            Self::Library(error) => error.fate(),
            Self::Stage(error) => error.fate(),
        }
    }
}

impl<S: Stage, M: Fn(Arc<Library>) -> S> Versioned<S, M> {
    pub(crate) fn new(shelf: Shelf, model: Option<Arc<dyn Model>>, make: M) -> Self {
        Self { shelf, model, make, made: Mutex::default() }
    }

    async fn stage(&self, version: Option<&str>) -> Result<Arc<S>, StoreError> {
        let library = self.shelf.library(version).await?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, stage)) = made.iter().find(|(of, _)| Arc::ptr_eq(of, &library)) {
            return Ok(Arc::clone(stage));
        }
        let stage = Arc::new((self.make)(Arc::clone(&library)));
        made.truncate(KEPT - 1);
        made.push_front((library, Arc::clone(&stage)));
        Ok(stage)
    }
}

impl<S, M> Stage for Versioned<S, M>
where
    S: Stage<Input: Pinned>,
    M: Fn(Arc<Library>) -> S + Send + Sync + 'static,
{
    type Input = S::Input;
    type Output = S::Output;
    type Error = VersionedError<S::Error>;
    const TRIES: u32 = S::TRIES;

    async fn run(&self, input: Self::Input) -> Result<Self::Output, Self::Error> {
        let stage = self.stage(input.library()).await.map_err(VersionedError::Library)?;
        stage.run(input).await.map_err(VersionedError::Stage)
    }

    async fn is_ready(&self) -> bool {
        let is_model_ready = async {
            match &self.model {
                Some(model) => model.is_ready().await,
                None => true,
            }
        };
        self.shelf.store().check().await.is_ok() && is_model_ready.await
    }
}
