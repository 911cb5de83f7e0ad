//! What one stage asks about one run.

use contract::{Answers, Envelope, ModelCall, ModelUse, RunId, Stage, Versions};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use crate::{Model, ModelError, Question, Reply, pinned};

/// On whose behalf a question is asked.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The run.
    pub run_id: RunId,
    /// Which pass of it.
    pub attempt: u32,
    /// The stage.
    pub stage: Stage,
    /// What the run may cost, in US dollars; where it says nothing, the settings do.
    pub budget_usd: Option<f64>,
    /// When an answer is of no more use.
    pub deadline: Option<OffsetDateTime>,
    /// Where answers may come from.
    pub answers: Answers,
    /// The models and prompts that the run is pinned to.
    pub versions: Versions,
}

/// Asks on behalf of one stage of one run, and keeps account of it.
pub struct Session<'a> {
    model: &'a dyn Model,
    asker: Asker,
    calls: Vec<ModelCall>,
}

impl<'a> Session<'a> {
    /// Opens a session for a stage; none where the run's versions name no model for it.
    ///
    /// # Errors
    /// When they do, and no model is set up here.
    pub fn open<O>(
        model: Option<&'a dyn Model>,
        stage: Stage,
        run: &Envelope<O>,
    ) -> Result<Option<Self>, ModelError> {
        let is_asked =
            |purpose: &ModelUse| purpose.stage() == Some(stage) && pinned(&run.versions, *purpose).is_some();
        if !<ModelUse as strum::VariantArray>::VARIANTS.iter().any(is_asked) {
            return Ok(None);
        }
        let asker = Asker {
            run_id: run.run_id,
            attempt: run.attempt,
            stage,
            budget_usd: run.options.budget_usd,
            deadline: run.options.deadline,
            answers: run.options.answers,
            versions: run.versions.clone(),
        };
        Ok(Some(Self { model: model.ok_or(ModelError::NotSetUp)?, asker, calls: Vec::new() }))
    }

    /// Whether a use is on for this run.
    #[must_use]
    pub fn is_on(&self, purpose: ModelUse) -> bool {
        pinned(&self.asker.versions, purpose).is_some()
    }

    /// Asks; none where the use is off, or the built-in engine is to do it.
    ///
    /// # Errors
    /// When there is no answer, and the settings say that the run is to wait or end for it.
    pub async fn ask<A>(&mut self, question: Question<A>) -> Result<Option<A>, ModelError>
    where
        A: DeserializeOwned + JsonSchema,
    {
        if !self.is_on(question.enquiry.purpose) {
            return Ok(None);
        }
        let Reply { calls, answer } = self.model.ask(&self.asker, &question.enquiry).await;
        self.calls.extend(calls);
        let Some(answer) = answer? else { return Ok(None) };
        serde_json::from_value(answer).map(Some).map_err(|error| ModelError::Invalid(error.to_string()))
    }

    /// Vectors of length 1 for texts; none where the built-in embedder is to do it.
    ///
    /// # Errors
    /// As [`Session::ask`].
    pub async fn embed(&mut self, texts: &[String]) -> Result<Option<Vec<Vec<f32>>>, ModelError> {
        if !self.is_on(ModelUse::Embedding) || texts.is_empty() {
            return Ok(None);
        }
        let Reply { calls, answer } = self.model.embed(&self.asker, texts).await;
        self.calls.extend(calls);
        answer
    }

    /// Notes that values of the last answer were dropped because no text supports them.
    pub fn dropped(&mut self, count: usize) {
        if let Some(call) = self.calls.last_mut() {
            call.dropped += count as u32;
        }
    }

    /// How many values were dropped so far.
    #[must_use]
    pub fn dropped_so_far(&self) -> u32 {
        self.calls.iter().map(|call| call.dropped).sum()
    }

    /// Every call that was made, for the run's ledger.
    #[must_use]
    pub fn close(self) -> Vec<ModelCall> {
        self.calls
    }
}
