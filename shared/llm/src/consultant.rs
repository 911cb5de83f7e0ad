//! One question from the look into the books to the answer.

use contract::{
    AnswerEnd, Answers, CallOutcome, Engine, KeptAnswer, ModelUse, NoRoom, Options, Settlement, SpendWish,
    Stage, Versions,
};
use futures::future::BoxFuture;
use model::{Asker, Enquiry, Model, ModelError, Prompt, Reply, pinned};
use runtime::patience::Waits;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use strum::VariantArray as _;
use time::OffsetDateTime;
use tokio::time::sleep;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::books::{Books, BooksError};
use crate::gate::Gate;
use crate::meter::MeterOf;
use crate::request::{Request, prompt};
use crate::said::{Failed, Said, Usage};
use crate::server::{Endpoint, Server};
use crate::settings::{ModelSettings, OnFailure, OverBudget, SettingsError};
use crate::task::Task;

/// Texts that are made vectors of in one call.
const TEXTS_A_CALL: usize = 64;

/// Answers a process's questions by the servers that its settings name.
pub struct Consultant {
    settings: ModelSettings,
    server: Server,
    books: Arc<dyn Books>,
    /// One a server, by its address.
    gates: BTreeMap<String, Gate>,
    meter: MeterOf,
}

impl Consultant {
    /// Prepares to ask; nothing is called yet.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(settings: ModelSettings, books: Arc<dyn Books>) -> Result<Self, SettingsError> {
        let server = Server::new(settings.key.clone(), settings.timeout())
            .map_err(|error| SettingsError(vec![error.to_string()]))?;
        let gates = ModelUse::VARIANTS
            .iter()
            .map(|purpose| {
                let url = settings.base_url(*purpose).to_owned();
                (url.clone(), Gate::new(format!("model {url}"), &settings))
            })
            .collect();
        Ok(Self { settings, server, books, gates, meter: MeterOf::new() })
    }

    fn gate(&self, purpose: ModelUse) -> Result<&Gate, ModelError> {
        self.gates.get(self.settings.base_url(purpose)).ok_or(ModelError::NotSetUp)
    }

    fn task<'a>(&'a self, asker: &'a Asker, purpose: ModelUse) -> Result<Task<'a>, ModelError> {
        let asked = self.settings.uses.get(&purpose).ok_or(ModelError::NotSetUp)?;
        let endpoint = if purpose == ModelUse::Embedding { Endpoint::Embeddings } else { Endpoint::Chat };
        Ok(Task {
            asker,
            purpose,
            endpoint,
            asked,
            model: pinned(&asker.versions, purpose).ok_or(ModelError::NotSetUp)?,
            calls_left: self.settings.calls_per_question,
            ledger: Vec::new(),
        })
    }

    /// Asks, and has an answer of another shape mended once.
    async fn answered(&self, task: &mut Task<'_>, enquiry: &Enquiry) -> Result<Value, ModelError> {
        let name: &str = task.purpose.into();
        let prompt = prompt(task.purpose, task.asker.versions.prompts.get(name))?;
        let request = Request::chat(&self.settings, task.asked, task.model, &prompt, enquiry)?;
        let said = self.said(task, &request).await?;
        let fault = match task.read(enquiry, &said) {
            Ok(answer) => return Ok(answer),
            Err(ModelError::Invalid(fault)) => fault,
            Err(error) => return Err(error),
        };
        let request = request.mended(task.asked, &said.content, &fault)?;
        if task.calls_left == 0 {
            return Err(ModelError::Invalid(fault));
        }
        let said = self.said(task, &request).await?;
        task.read(enquiry, &said)
    }

    /// What the model says to a request: from the books where it was paid for before.
    async fn said(&self, task: &mut Task<'_>, request: &Request) -> Result<Said, ModelError> {
        if task.asker.answers != Answers::Fresh
            && let Some(kept) = self.books.answer(&request.hash).await.map_err(ModelError::Books)?
        {
            self.meter.cached(task.purpose);
            return Ok(task.reuse(kept));
        }
        if task.asker.answers == Answers::Recorded {
            return Err(ModelError::NotRecorded);
        }
        let mut waits = Waits::default();
        loop {
            let Some(left) = task.calls_left.checked_sub(1) else {
                return Err(ModelError::Broken("no call is left for the question".to_owned()));
            };
            task.calls_left = left;
            let Failed { error, retry_after } = match self.called(task, request).await {
                Ok(said) => return Ok(said),
                Err(failed) => failed,
            };
            let may_pass = error.may_pass() || matches!(error, ModelError::RateLimited { .. });
            let wait = retry_after.unwrap_or_else(|| waits.next_wait());
            if !may_pass || task.calls_left == 0 || wait > self.settings.patience() {
                return Err(error);
            }
            sleep(wait).await;
        }
    }

    /// One call: money set aside, a turn, the call, and the account of it.
    async fn called(&self, task: &mut Task<'_>, request: &Request) -> Result<Said, Failed> {
        let gate = self.gate(task.purpose)?;
        let turn = gate.enter(&*self.books, &self.settings).await?;
        let most = self.most(task, request);
        let reservation = self.reserve(task, most).await?;
        let base_url = self.settings.base_url(task.purpose);
        let span = MeterOf::span(task.endpoint, task.purpose, task.model, base_url);
        let begun = Instant::now();
        let came = self.server.call(base_url, task.endpoint, &request.body).instrument(span.clone()).await;
        let took = begun.elapsed();
        drop(turn);
        let said = came.and_then(|came| match task.endpoint {
            Endpoint::Chat => Ok((Said::read(&came.body)?, came.pause)),
            Endpoint::Embeddings => Ok((Said::vectors(&came.body)?, came.pause)),
        });
        match said {
            Ok((said, pause)) => {
                gate.went_well(&*self.books, pause).await;
                span.record("gen_ai.usage.input_tokens", said.usage.input);
                span.record("gen_ai.usage.output_tokens", said.usage.output);
                let usd = self.price(task, said.usage, most);
                let outcome = match said.end {
                    AnswerEnd::Stop => CallOutcome::Answered,
                    AnswerEnd::Length => CallOutcome::CutShort,
                    AnswerEnd::Refusal => CallOutcome::Refused,
                };
                let call = task.note(request, said.usage, took, usd, outcome, None);
                let answer = task.kept(&call, &said);
                self.settle(task, reservation, usd.unwrap_or_default(), Some(answer)).await?;
                let what = (task.endpoint, task.purpose, task.model);
                self.meter.called(what, took, outcome, said.usage, usd);
                Ok(said)
            }
            Err(failed) => {
                span.record("error.type", failed.error.name());
                gate.failed(&*self.books, &self.settings, &failed.error, failed.retry_after).await;
                // A call whose answer never arrived may be charged for all the same.
                let may_be_charged = matches!(failed.error, ModelError::TimedOut(_) | ModelError::Broken(_));
                let usd = most.map(|most| if may_be_charged { most } else { 0.0 });
                let why = Some(failed.error.to_string());
                task.note(request, Usage::default(), took, usd, CallOutcome::Failed, why);
                self.settle(task, reservation, usd.unwrap_or_default(), None).await?;
                let what = (task.endpoint, task.purpose, task.model);
                self.meter.called(what, took, CallOutcome::Failed, Usage::default(), usd);
                Err(failed)
            }
        }
    }

    /// The most that a call can cost: no tokenizer makes more tokens of a text than it has bytes. None without a price.
    fn most(&self, task: &Task<'_>, request: &Request) -> Option<f64> {
        let price = self.settings.prices.get(task.model)?;
        let sent = request.bytes as f64 * price.input;
        Some((sent + f64::from(task.asked.answer_tokens) * price.output) / 1e6)
    }

    /// What a call cost; what the server does not count costs the most that it can.
    fn price(&self, task: &Task<'_>, usage: Usage, most: Option<f64>) -> Option<f64> {
        let price = self.settings.prices.get(task.model)?;
        let Some(input) = usage.input else { return most };
        let output = usage.output.unwrap_or(if task.endpoint == Endpoint::Chat {
            task.asked.answer_tokens
        } else {
            0
        });
        Some((f64::from(input) * price.input + f64::from(output) * price.output) / 1e6)
    }

    async fn reserve(&self, task: &Task<'_>, most: Option<f64>) -> Result<Option<Uuid>, ModelError> {
        let run_limit_usd = task.asker.budget_usd.or(self.settings.budget.per_run);
        let day_limit_usd = self.settings.budget.per_day;
        if run_limit_usd.is_none() && day_limit_usd.is_none() {
            return Ok(None);
        }
        // Without a price nobody knows what it costs: it does not fit into any budget.
        let usd = most.unwrap_or(f64::MAX / 1e12);
        let wish = SpendWish {
            run_id: task.asker.run_id,
            attempt: task.asker.attempt,
            usd,
            run_limit_usd,
            day_limit_usd,
        };
        let patience = self.settings.timeout() * 2;
        match self.books.reserve(wish, patience).await.map_err(ModelError::Books)? {
            Ok(id) => Ok(Some(id)),
            Err(NoRoom::Run) => {
                Err(ModelError::RunBudget { budget_usd: run_limit_usd.unwrap_or_default(), call_usd: usd })
            }
            Err(NoRoom::Day) => Err(ModelError::DayBudget { retry_after: until_midnight() }),
        }
    }

    async fn settle(
        &self,
        task: &Task<'_>,
        reservation: Option<Uuid>,
        usd: f64,
        answer: Option<KeptAnswer>,
    ) -> Result<(), ModelError> {
        if reservation.is_none() && answer.is_none() && usd == 0.0 {
            return Ok(());
        }
        let settlement =
            Settlement { reservation, run_id: task.asker.run_id, attempt: task.asker.attempt, usd, answer };
        // Paid for and not kept would be paid for again: this is tried until somebody stops us.
        let may_pass = |_: &BooksError| true;
        let notice = |error: &BooksError, wait: Duration| {
            let error = error.to_string();
            tracing::warn!(error, ?wait, "an answer that was paid for is not kept yet");
        };
        let keep = || self.books.settle(settlement.clone());
        let kept = runtime::patience::until_done(keep, may_pass, notice);
        match tokio::time::timeout(self.settings.timeout(), kept).await {
            Ok(kept) => kept.map_err(ModelError::Books),
            Err(late) => Err(ModelError::Books(Box::new(late))),
        }
    }

    /// What becomes of a question without an answer: the built-in engine's, where the settings say so.
    async fn or_built_in<T>(
        &self,
        asker: &Asker,
        purpose: ModelUse,
        answer: Result<T, ModelError>,
    ) -> Result<Option<T>, ModelError> {
        let error = match answer {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => error,
        };
        let on_failure = self.settings.uses.get(&purpose).map(|it| it.on_failure);
        let is_left = match &error {
            ModelError::DayBudget { .. } | ModelError::RunBudget { .. } => {
                self.settings.budget.over == OverBudget::Builtin
            }
            // A turn comes, the books come back, a wrong set-up must be seen: none of these is the question's failure.
            ModelError::RateLimited { .. }
            | ModelError::Books(_)
            | ModelError::NotSetUp
            | ModelError::UnknownPrompt { .. } => false,
            ModelError::QuotaSpent(_)
            | ModelError::Away { .. }
            | ModelError::Denied { .. }
            | ModelError::TimedOut(_)
            | ModelError::Server { .. }
            | ModelError::Garbled(_)
            | ModelError::Broken(_)
            | ModelError::Rejected { .. }
            | ModelError::TooLong(_)
            | ModelError::CutShort(_)
            | ModelError::Refused(_)
            | ModelError::Invalid(_)
            | ModelError::NotRecorded => on_failure == Some(OnFailure::Builtin),
        };
        if is_left {
            self.meter.fell_back(purpose);
            tracing::info!(run_id = %asker.run_id, %purpose, why = %error, "left to the built-in engine");
            return Ok(None);
        }
        if error.is_budget() {
            self.books.waits_for_budget(asker.run_id).await.map_err(ModelError::Books)?;
        }
        Err(error)
    }

    async fn vectors(&self, task: &mut Task<'_>, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for texts in texts.chunks(TEXTS_A_CALL) {
            let said = self.said(task, &Request::embeddings(task.model, texts)).await?;
            let some: Vec<Vec<f32>> = serde_json::from_str(&said.content)
                .map_err(|error| ModelError::Invalid(error.to_string()))?;
            if some.len() != texts.len() {
                let why = format!("{} vectors for {} texts", some.len(), texts.len());
                return Err(ModelError::Invalid(why));
            }
            vectors.extend(some);
            task.calls_left = self.settings.calls_per_question;
        }
        let length = vectors.first().map_or(0, Vec::len);
        if length == 0 || vectors.iter().any(|vector| vector.len() != length) {
            return Err(ModelError::Invalid("the vectors differ in length".to_owned()));
        }
        vectors.iter_mut().for_each(|vector| to_unit(vector));
        Ok(vectors)
    }
}

impl Model for Consultant {
    fn pin(&self, options: &Options, versions: &mut Versions) {
        let engine = |stage: Stage| options.engine.get(&stage).copied();
        for (purpose, it) in &self.settings.uses {
            let is_on = match purpose.stage().map(engine) {
                Some(Some(Engine::Builtin)) => false,
                Some(Some(Engine::Openai)) => true,
                Some(None) | None => it.on,
            };
            if is_on {
                versions.models.insert(purpose.to_string(), it.model.clone());
                if let Some(prompt) = Prompt::newest(*purpose) {
                    versions.prompts.insert(purpose.to_string(), prompt.version());
                }
            }
        }
    }

    fn ask<'a>(&'a self, asker: &'a Asker, enquiry: &'a Enquiry) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let mut task = match self.task(asker, enquiry.purpose) {
                Ok(task) => task,
                Err(error) => return Reply { calls: Vec::new(), answer: Err(error) },
            };
            let answer = self.answered(&mut task, enquiry).await;
            let answer = self.or_built_in(asker, enquiry.purpose, answer).await;
            Reply { calls: task.ledger, answer }
        })
    }

    fn embed<'a>(&'a self, asker: &'a Asker, texts: &'a [String]) -> BoxFuture<'a, Reply<Vec<Vec<f32>>>> {
        Box::pin(async move {
            let mut task = match self.task(asker, ModelUse::Embedding) {
                Ok(task) => task,
                Err(error) => return Reply { calls: Vec::new(), answer: Err(error) },
            };
            let vectors = self.vectors(&mut task, texts).await;
            let answer = self.or_built_in(asker, ModelUse::Embedding, vectors).await;
            Reply { calls: task.ledger, answer }
        })
    }

    fn is_ready(&self) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            for gate in self.gates.values() {
                if !gate.is_open(&*self.books).await {
                    return false;
                }
            }
            let budget = &self.settings.budget;
            match budget.per_day.filter(|_| budget.over == OverBudget::Wait) {
                Some(limit) => self.books.spent_today().await.is_ok_and(|spent| spent < limit),
                None => true,
            }
        })
    }
}

/// How long the day's budget is spent.
fn until_midnight() -> Duration {
    let now = OffsetDateTime::now_utc();
    let midnight = now.replace_time(time::Time::MIDNIGHT) + Duration::from_secs(86_400);
    Duration::try_from(midnight - now).unwrap_or_default()
}

fn to_unit(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}
