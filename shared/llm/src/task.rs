//! One question on its way, and the account of its calls.

use contract::{AnswerEnd, CallOutcome, KeptAnswer, ModelCall, ModelUse};
use model::{Asker, Enquiry, ModelError};
use serde_json::Value;
use std::time::Duration;

use crate::request::Request;
use crate::said::{Said, Usage};
use crate::server::Endpoint;
use crate::settings::UseSettings;

/// What is asked of whom, and what is left of the calls that one try may make.
pub(crate) struct Task<'a> {
    pub(crate) asker: &'a Asker,
    pub(crate) purpose: ModelUse,
    pub(crate) endpoint: Endpoint,
    pub(crate) asked: &'a UseSettings,
    pub(crate) model: &'a str,
    pub(crate) calls_left: u32,
    pub(crate) ledger: Vec<ModelCall>,
}

impl Task<'_> {
    /// Puts a call on the ledger.
    pub(crate) fn note(
        &mut self,
        request: &Request,
        usage: Usage,
        took: Duration,
        cost_usd: Option<f64>,
        outcome: CallOutcome,
        why: Option<String>,
    ) -> ModelCall {
        let call = ModelCall {
            stage: self.asker.stage,
            purpose: self.purpose,
            model: self.model.to_owned(),
            request_hash: request.hash.clone(),
            input_tokens: usage.input,
            output_tokens: usage.output,
            ms: (took.as_secs_f64() * 1e6).round() / 1e3,
            cost_usd,
            cached: false,
            outcome,
            dropped: 0,
            why,
        };
        self.ledger.push(call.clone());
        call
    }

    /// The answer of a call as it is kept.
    pub(crate) fn kept(&self, call: &ModelCall, said: &Said) -> KeptAnswer {
        KeptAnswer {
            request_hash: call.request_hash.clone(),
            run_id: self.asker.run_id,
            attempt: self.asker.attempt,
            stage: call.stage,
            purpose: call.purpose,
            model: call.model.clone(),
            content: said.content.clone(),
            end: said.end,
            input_tokens: call.input_tokens,
            output_tokens: call.output_tokens,
            ms: call.ms,
            cost_usd: call.cost_usd,
        }
    }

    /// Uses a kept answer. One that this very pass of the run paid for before it was interrupted is on the ledger twice: once as
    /// it was paid, once as it is used now.
    pub(crate) fn reuse(&mut self, kept: KeptAnswer) -> Said {
        let paid = ModelCall {
            stage: kept.stage,
            purpose: kept.purpose,
            model: kept.model,
            request_hash: kept.request_hash,
            input_tokens: kept.input_tokens,
            output_tokens: kept.output_tokens,
            ms: kept.ms,
            cost_usd: kept.cost_usd,
            cached: false,
            outcome: match kept.end {
                AnswerEnd::Stop => CallOutcome::Answered,
                AnswerEnd::Length => CallOutcome::CutShort,
                AnswerEnd::Refusal => CallOutcome::Refused,
            },
            dropped: 0,
            why: None,
        };
        let used = ModelCall { ms: 0.0, cost_usd: Some(0.0), cached: true, ..paid.clone() };
        if (kept.run_id, kept.attempt) == (self.asker.run_id, self.asker.attempt)
            && !self.ledger.iter().any(|call| call.request_hash == paid.request_hash)
        {
            self.ledger.push(paid);
        }
        self.ledger.push(used);
        let usage = Usage { input: kept.input_tokens, output: kept.output_tokens };
        Said { content: kept.content, end: kept.end, usage }
    }

    /// The value that a model's words are, and its mark on the ledger where they are none.
    pub(crate) fn read(&mut self, enquiry: &Enquiry, said: &Said) -> Result<Value, ModelError> {
        match said.end {
            AnswerEnd::Refusal => Err(ModelError::Refused(said.content.chars().take(200).collect())),
            AnswerEnd::Length => Err(ModelError::CutShort(self.asked.answer_tokens)),
            AnswerEnd::Stop => enquiry.shape.read(&said.content).map_err(|fault| {
                if let Some(call) = self.ledger.last_mut() {
                    call.outcome = CallOutcome::Invalid;
                    call.why = Some(fault.clone());
                }
                ModelError::Invalid(fault)
            }),
        }
    }
}
