//! The stage as a consumer: a run that has ended is saved, and whoever wants to know is told.

use contract::{
    Enriched, Envelope, Json, Persistence, Record, Rejected, RunFinished, RunId, Saved, State as _,
};
use library::{Embedder, Library};
use pipeline::{Failure, Fate, Incoming, Letter, Malformed, Pinned, Stage};
use std::sync::Arc;

use crate::record;
use crate::scribe::{Scribe, ScribeError};

/// A run that has ended, one way or the other.
#[derive(Debug)]
pub enum Ended {
    /// It went through all stages.
    Completed(Box<Envelope<Enriched>>),
    /// The gate stopped it.
    Rejected(Box<Envelope<Rejected>>),
}

impl Incoming for Ended {
    fn open(letter: &Letter<'_>) -> Result<Self, Malformed> {
        if letter.kind == Some(Rejected::KIND) {
            Envelope::open(letter).map(Box::new).map(Self::Rejected)
        } else {
            Envelope::open(letter).map(Box::new).map(Self::Completed)
        }
    }

    fn run_id(&self) -> RunId {
        match self {
            Self::Completed(run) => run.run_id,
            Self::Rejected(run) => run.run_id,
        }
    }

    fn attempt(&self) -> u32 {
        match self {
            Self::Completed(run) => run.attempt,
            Self::Rejected(run) => run.attempt,
        }
    }
}

impl Pinned for Ended {
    fn library(&self) -> Option<&str> {
        match self {
            Self::Completed(run) => run.library(),
            Self::Rejected(run) => run.library(),
        }
    }
}

/// The stage.
pub struct Persist {
    library: Arc<Library>,
    embedder: &'static dyn Embedder,
    scribe: Scribe,
}

/// Why a run was not saved.
#[derive(Debug, thiserror::Error)]
pub enum PersistError {
    /// Its outputs cannot be written as JSON.
    #[error("the outputs cannot be written")]
    Json(#[from] serde_json::Error),
    /// The database refused, or is away.
    #[error(transparent)]
    Save(#[from] ScribeError),
}

impl Failure for PersistError {
    fn fate(&self) -> Fate {
        match self {
            Self::Json(_) => Fate::Permanent,
            Self::Save(error) => error.fate(),
        }
    }
}

impl Persist {
    /// Saves through a scribe what runs say that are pinned to a library version.
    #[must_use]
    pub fn new(library: Arc<Library>, embedder: &'static dyn Embedder, scribe: Scribe) -> Self {
        Self { library, embedder, scribe }
    }

    fn record(&self, run: &Ended) -> Result<Record, serde_json::Error> {
        match run {
            Ended::Completed(run) => record::completed(&self.library, self.embedder, run),
            Ended::Rejected(run) => record::rejected(run),
        }
    }
}

impl Stage for Persist {
    type Input = Ended;
    type Output = RunFinished;
    type Error = PersistError;

    async fn run(&self, run: Ended) -> Result<RunFinished, PersistError> {
        let record = self.record(&run)?;
        drop(run);
        let told = told(&record)?;
        let Saved { run_id, status, persistence, .. } = self.scribe.save(record).await?;
        let Persistence { totals, .. } = persistence;
        let answered_by = Some(run_id).filter(|answered| *answered != told.run_id);
        Ok(RunFinished { answered_by, status, totals, ..told })
    }
}

/// The event of a record, but for what the database has yet to say.
fn told(record: &Record) -> Result<RunFinished, serde_json::Error> {
    let travels = record.outputs.len() <= RunFinished::LONGEST_OUTPUTS;
    Ok(RunFinished {
        run_id: record.run_id,
        attempt: record.attempt,
        answered_by: None,
        status: record.status,
        source: record.source.clone(),
        reason: record.facts.reason.clone(),
        role: record.facts.role.clone(),
        case: record.facts.case,
        confidence: record.facts.confidence,
        band: record.facts.band,
        totals: contract::PersistenceTotals::default(),
        outputs: if travels { Some(Json::of(record.outputs.clone())?) } else { None },
        link: RunFinished::link_to(record.run_id),
    })
}
