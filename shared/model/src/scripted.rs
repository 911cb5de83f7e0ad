//! A model that answers by a script: for tests of the stages.

use contract::{CallOutcome, ModelCall, ModelUse, Options, Versions};
use futures::future::BoxFuture;
use serde_json::Value;
use std::sync::Mutex;
use strum::VariantArray as _;

use crate::{Asker, Enquiry, Model, ModelError, Reply};

/// What a script says to a question: an answer, or none.
type Script = dyn Fn(&Enquiry) -> Result<Option<Value>, ModelError> + Send + Sync;

/// Answers every use by a closure, checks the answer's shape, and remembers what was asked.
pub struct Scripted {
    script: Box<Script>,
    asked: Mutex<Vec<Enquiry>>,
}

impl Scripted {
    /// A model that answers so.
    pub fn new(
        script: impl Fn(&Enquiry) -> Result<Option<Value>, ModelError> + Send + Sync + 'static,
    ) -> Self {
        Self { script: Box::new(script), asked: Mutex::default() }
    }

    /// The questions so far.
    pub fn asked(&self) -> Vec<Enquiry> {
        self.asked.lock().map(|asked| asked.clone()).unwrap_or_default()
    }
}

impl Model for Scripted {
    fn pin(&self, _: &Options, versions: &mut Versions) {
        for purpose in ModelUse::VARIANTS {
            versions.models.insert(purpose.to_string(), "scripted".to_owned());
        }
    }

    fn ask<'a>(&'a self, asker: &'a Asker, enquiry: &'a Enquiry) -> BoxFuture<'a, Reply> {
        if let Ok(mut asked) = self.asked.lock() {
            asked.push(enquiry.clone());
        }
        let answer = (self.script)(enquiry).and_then(|answer| match answer {
            Some(answer) => enquiry.shape.read(&answer.to_string()).map(Some).map_err(ModelError::Invalid),
            None => Ok(None),
        });
        let call = ModelCall {
            stage: asker.stage,
            purpose: enquiry.purpose,
            model: "scripted".to_owned(),
            request_hash: String::new(),
            input_tokens: None,
            output_tokens: None,
            ms: 0.0,
            cost_usd: None,
            cached: false,
            outcome: if matches!(answer, Ok(Some(_))) { CallOutcome::Answered } else { CallOutcome::Failed },
            dropped: 0,
            why: None,
        };
        Box::pin(std::future::ready(Reply { calls: vec![call], answer }))
    }

    fn embed<'a>(&'a self, _: &'a Asker, _: &'a [String]) -> BoxFuture<'a, Reply<Vec<Vec<f32>>>> {
        Box::pin(std::future::ready(Reply { calls: Vec::new(), answer: Ok(None) }))
    }

    fn is_ready(&self) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(true))
    }
}
