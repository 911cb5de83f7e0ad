//! One JD through all stages, each judged as a worker judges it, with nothing between them.

use contract::{
    Decided, Decision as DecisionOutput, Document, Enriched, Enrichment as EnrichmentOutput, Envelope,
    Fields, JdType, ModelCall, Options, Parse as ParseOutput, Parsed, Persistence, Problem, Received, Record,
    Rejected, Requirement, RunId, Saved, Signalled, Signals as SignalsOutput, Source, Stage, State as _,
    Status, Timing, Versions,
};
use decision::Decision;
use enrichment::Enrichment;
use library::{Library, StaticTable};
use model::Model;
use parse::{Gated, Parse};
use pipeline::{Arrival, Cause, Incoming as _, Letter, Malformed, Verdict, judge};
use signals::Signals;
use std::sync::Arc;
use std::time::{Duration, Instant};
use text::read::Reader;

/// What an engine is made of.
#[derive(Clone)]
pub struct EngineConfig {
    /// The library version that every run is pinned to.
    pub library: Arc<Library>,
    /// Reads the documents. Untrusted PDFs need one with a helper process.
    pub reader: Reader,
    /// Answers questions to language models; none where none is set up.
    pub model: Option<Arc<dyn Model>>,
}

/// Every stage, ready to run any number of JDs side by side.
pub struct Engine {
    library: Arc<Library>,
    reader: Reader,
    model: Option<Arc<dyn Model>>,
    parse: Parse,
    signals: Signals,
    decision: Decision,
    enrichment: Enrichment,
    versions: Versions,
}

/// How a run ended.
#[derive(Debug)]
pub enum Finished {
    /// It went through all stages.
    Completed {
        /// The run.
        run: Box<Envelope<Enriched>>,
        /// What the database did with it; none where nothing is stored.
        persistence: Option<Persistence>,
    },
    /// The gate stopped it, with a reason.
    Rejected(Box<Envelope<Rejected>>),
    /// A stage gave it up: a defect of ours, never of the document.
    Buried {
        /// The run.
        run_id: RunId,
        /// The stage that gave up.
        stage: Stage,
        /// Why.
        cause: Cause,
        /// How long the stages took.
        timings: Vec<Timing>,
    },
}

/// How long one run may wait in one stage for a language model or its budget: somebody sits before it.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// A stage gave up.
struct Buried {
    stage: Stage,
    cause: Cause,
}

impl Engine {
    /// Prepares the stages.
    #[must_use]
    pub fn new(config: EngineConfig) -> Self {
        let EngineConfig { library, reader, model } = config;
        let versions = Versions {
            pipeline: contract::PIPELINE_VERSION.to_owned(),
            library: library.version().to_owned(),
            ..Versions::default()
        };
        Self {
            parse: Parse::new(Arc::clone(&library), reader.clone()).with_model(model.clone()),
            signals: Signals::new(Arc::clone(&library), StaticTable::shared()).with_model(model.clone()),
            decision: Decision::new(Arc::clone(&library)).with_model(model.clone()),
            enrichment: Enrichment::new(Arc::clone(&library), StaticTable::shared())
                .with_model(model.clone()),
            library,
            reader,
            model,
            versions,
        }
    }

    /// The library that runs are pinned to.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// What reads the documents.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The versions that runs are pinned to, but for the models and prompts that their options add.
    #[must_use]
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    /// The versions that a run with these options is pinned to.
    fn pinned(&self, options: &Options) -> Versions {
        let mut versions = self.versions.clone();
        if let Some(model) = &self.model {
            model.pin(options, &mut versions);
        }
        versions
    }

    /// Runs one document, as [`Engine::accept`] and [`Engine::finish`] do.
    pub async fn run(&self, document: Document, options: Options, source: Source) -> Finished {
        self.finish(self.accept(document, options, source)).await
    }

    /// Takes an accepted run through the stages.
    pub async fn finish(&self, run: Envelope<Received>) -> Finished {
        let run_id = run.run_id;
        let mut timings = Vec::with_capacity(4);
        match self.through(run, &mut timings).await {
            Ok(finished) => finished.timed(timings),
            Err(Buried { stage, cause }) => Finished::Buried { run_id, stage, cause, timings },
        }
    }

    /// Takes a run up where a message has it: at `stage`, with what the stages before it found. A posting is pinned to this
    /// engine's versions, an envelope stays on its own: hand it to an engine of that library.
    ///
    /// # Errors
    /// When the message is not what the stage reads.
    pub async fn resume(&self, stage: Stage, letter: &Letter<'_>) -> Result<Finished, Malformed> {
        let mut timings = Vec::with_capacity(4);
        let timings = &mut timings;
        let (run_id, ended) = match stage {
            Stage::Parse => {
                let run = Arrival::open(letter)?.pinned(|options| self.pinned(options));
                (run.run_id, self.through(run, timings).await)
            }
            Stage::Signals => {
                let run = Envelope::<Parsed>::open(letter)?;
                (run.run_id, self.after_parse(run, timings).await)
            }
            Stage::Decision => {
                let run = Envelope::<Signalled>::open(letter)?;
                (run.run_id, self.after_signals(run, timings).await)
            }
            Stage::Enrichment => {
                let run = Envelope::<Decided>::open(letter)?;
                (run.run_id, self.after_decision(run, timings).await)
            }
            // Nothing is left to do but to store it.
            Stage::Persistence if letter.kind == Some(Rejected::KIND) => {
                let run = Box::new(Envelope::open(letter)?);
                return Ok(Finished::Rejected(run));
            }
            Stage::Persistence => {
                let run = Box::new(Envelope::open(letter)?);
                return Ok(Finished::Completed { run, persistence: None });
            }
        };
        Ok(match ended {
            Ok(finished) => finished.timed(std::mem::take(timings)),
            Err(Buried { stage, cause }) => {
                Finished::Buried { run_id, stage, cause, timings: std::mem::take(timings) }
            }
        })
    }

    /// Rejects a run whose document has `bytes` bytes, more than [`contract::MAX_DOCUMENT_BYTES`], and was not loaded.
    #[must_use]
    pub fn refuse_size(&self, run: Envelope<Received>, bytes: u64) -> Finished {
        let message =
            format!("the document has {bytes} bytes, the limit is {}", contract::MAX_DOCUMENT_BYTES);
        let problem = Problem { code: "document_too_large".to_owned(), message: message.clone() };
        let parse = ParseOutput {
            text: String::new(),
            jd_type: JdType::TooLarge,
            reason: Some(message),
            problem: Some(problem),
            language: None,
            sections: Vec::new(),
            items: Vec::new(),
            fields: Fields::default(),
            requirements: Requirement::AllOf(Vec::new()),
            skills: Vec::new(),
            dropped: 0,
        };
        Finished::Rejected(Box::new(run.rejected(parse)))
    }

    /// What is to be stored of a run; nothing of one that a stage gave up.
    ///
    /// # Errors
    /// When its outputs cannot be written as JSON.
    pub fn record(&self, finished: &Finished) -> Result<Option<Record>, serde_json::Error> {
        match finished {
            Finished::Completed { run, .. } => {
                persistence::record::completed(&self.library, StaticTable::shared(), run).map(Some)
            }
            Finished::Rejected(run) => persistence::record::rejected(run).map(Some),
            Finished::Buried { .. } => Ok(None),
        }
    }

    /// Makes a run of a document. Its id is derived from the source when that has an idempotency key, else it is fresh.
    #[must_use]
    pub fn accept(&self, document: Document, options: Options, source: Source) -> Envelope<Received> {
        let run_id = match &source.idempotency_key {
            Some(key) => RunId::derived(&source.system, key),
            None => RunId::mint(),
        };
        let versions = self.pinned(&options);
        Envelope::accept(run_id, source, document, options, versions)
    }

    /// The recipe: parse, and unless the gate stops it, signals, decision and enrichment.
    async fn through(&self, run: Envelope<Received>, timings: &mut Vec<Timing>) -> Result<Finished, Buried> {
        match self.step(Stage::Parse, &self.parse, run, timings).await? {
            Gated::Passed(run) => self.after_parse(run, timings).await,
            Gated::Rejected(run) => Ok(Finished::Rejected(Box::new(run))),
        }
    }

    async fn after_parse(
        &self,
        run: Envelope<Parsed>,
        timings: &mut Vec<Timing>,
    ) -> Result<Finished, Buried> {
        let run = self.step(Stage::Signals, &self.signals, run, timings).await?;
        self.after_signals(run, timings).await
    }

    async fn after_signals(
        &self,
        run: Envelope<Signalled>,
        timings: &mut Vec<Timing>,
    ) -> Result<Finished, Buried> {
        let run = self.step(Stage::Decision, &self.decision, run, timings).await?;
        self.after_decision(run, timings).await
    }

    async fn after_decision(
        &self,
        run: Envelope<Decided>,
        timings: &mut Vec<Timing>,
    ) -> Result<Finished, Buried> {
        let run = self.step(Stage::Enrichment, &self.enrichment, run, timings).await?;
        Ok(Finished::Completed { run: Box::new(run), persistence: None })
    }

    /// One stage, tried again and waited for as its errors ask, which the built-in engine never does.
    async fn step<S>(
        &self,
        name: Stage,
        stage: &S,
        mut input: S::Input,
        timings: &mut Vec<Timing>,
    ) -> Result<S::Output, Buried>
    where
        S: pipeline::Stage<Input: Clone>,
    {
        let begun = Instant::now();
        let mut tries = 1;
        let ended = loop {
            let kept = self.model.is_some().then(|| input.clone());
            let verdict = judge(stage, input, tries).await;
            let (wait, why) = match verdict {
                Verdict::Forward(output) => break Ok(output),
                Verdict::Bury(cause) => break Err(cause),
                Verdict::Retry(wait) => {
                    tries += 1;
                    (wait, format!("it asked for another try in {wait:?}"))
                }
                Verdict::Wait { retry_after, on, .. } => (retry_after, on),
            };
            match kept {
                Some(kept) if begun.elapsed() + wait < LONGEST_WAIT => input = kept,
                Some(_) | None => break Err(Cause::Exhausted { tries, last: why }),
            }
            tracing::warn!(stage = %name, why, ?wait, "a run waits");
            tokio::time::sleep(wait).await;
        };
        let ms = (begun.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        timings.push(Timing { stage: name, ms });
        ended.map_err(|cause| Buried { stage: name, cause })
    }
}

impl Finished {
    fn timed(mut self, took: Vec<Timing>) -> Self {
        match &mut self {
            Self::Completed { run, .. } => run.timings = took,
            Self::Rejected(run) => run.timings = took,
            Self::Buried { timings, .. } => *timings = took,
        }
        self
    }

    /// The run.
    #[must_use]
    pub fn run_id(&self) -> RunId {
        match self {
            Self::Completed { run, .. } => run.run_id,
            Self::Rejected(run) => run.run_id,
            Self::Buried { run_id, .. } => *run_id,
        }
    }

    /// Where the run stands.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Completed { .. } => Status::Completed,
            Self::Rejected(_) => Status::Rejected,
            Self::Buried { .. } => Status::DeadLettered,
        }
    }

    /// How long each stage took.
    #[must_use]
    pub fn timings(&self) -> &[Timing] {
        match self {
            Self::Completed { run, .. } => &run.timings,
            Self::Rejected(run) => &run.timings,
            Self::Buried { timings, .. } => timings,
        }
    }

    /// What the parse stage found.
    #[must_use]
    pub fn parse(&self) -> Option<&ParseOutput> {
        match self {
            Self::Completed { run, .. } => Some(&run.outputs.parse),
            Self::Rejected(run) => Some(&run.outputs.parse),
            Self::Buried { .. } => None,
        }
    }

    /// The signals, of a run that the gate let through.
    #[must_use]
    pub fn signals(&self) -> Option<&SignalsOutput> {
        match self {
            Self::Completed { run, .. } => Some(&run.outputs.signals),
            Self::Rejected(_) | Self::Buried { .. } => None,
        }
    }

    /// The decision, of a run that the gate let through.
    #[must_use]
    pub fn decision(&self) -> Option<&DecisionOutput> {
        match self {
            Self::Completed { run, .. } => Some(&run.outputs.decision),
            Self::Rejected(_) | Self::Buried { .. } => None,
        }
    }

    /// What it means, of a run that the gate let through.
    #[must_use]
    pub fn enrichment(&self) -> Option<&EnrichmentOutput> {
        match self {
            Self::Completed { run, .. } => Some(&run.outputs.enrichment),
            Self::Rejected(_) | Self::Buried { .. } => None,
        }
    }

    /// What the database did with it.
    #[must_use]
    pub fn persistence(&self) -> Option<&Persistence> {
        match self {
            Self::Completed { persistence, .. } => persistence.as_ref(),
            Self::Rejected(_) | Self::Buried { .. } => None,
        }
    }

    /// Takes what the database did: the run may turn out to be the one that had answered the same input before.
    pub fn take_saved(&mut self, saved: Saved) {
        match self {
            Self::Completed { run, persistence } => {
                (run.run_id, run.attempt) = (saved.run_id, saved.attempt);
                *persistence = Some(saved.persistence);
            }
            Self::Rejected(run) => (run.run_id, run.attempt) = (saved.run_id, saved.attempt),
            Self::Buried { .. } => {}
        }
    }

    /// Every call of a language model; none of a run that a stage gave up.
    #[must_use]
    pub fn ledger(&self) -> Option<&[ModelCall]> {
        match self {
            Self::Completed { run, .. } => Some(&run.ledger),
            Self::Rejected(run) => Some(&run.ledger),
            Self::Buried { .. } => None,
        }
    }

    /// What the run's model calls cost; null when a call has no price, zero when there was no call.
    #[must_use]
    pub fn cost_usd(&self) -> Option<f64> {
        self.ledger().and_then(contract::cost_usd)
    }
}
