//! A worker whose stage asks a language model one question about every message, and does nothing else: what a run costs that is bound
//! by the model. For tests.

use contract::{Content, Document, Envelope, ModelUse, Options, Source, Stage as Name, Versions};
use host::Floor;
use model::{Model, ModelError, Question, Session};
use pipeline::Stage;
use schemars::JsonSchema;
use serde::Deserialize;
use std::process::ExitCode;
use std::sync::Arc;
use tests::plain::{Passed, Plain, after};

/// Where it stands in the pipeline.
const STAGE: Name = Name::Decision;

#[derive(Deserialize, JsonSchema)]
struct Answer {
    #[allow(dead_code, reason = "whatever it is")]
    is_read: bool,
}

struct Asks(Arc<dyn Model>);

impl Stage for Asks {
    type Input = Plain;
    type Output = Passed;
    type Error = ModelError;

    async fn run(&self, plain: Plain) -> Result<Passed, ModelError> {
        let text = String::from_utf8_lossy(&plain.body).into_owned();
        let source = Source { system: "asker".to_owned(), external_id: None, idempotency_key: None };
        let document = Document::new(Content::Text(String::new()), None);
        let (options, mut versions) = (Options::default(), Versions::default());
        self.0.pin(&options, &mut versions);
        let run = Envelope::accept(plain.run_id, source, document, options, versions);
        if let Some(mut session) = Session::open(Some(&*self.0), STAGE, &run)? {
            let question = Question::<Answer>::new(ModelUse::Adjudication).show("posting", text);
            session.ask(question).await?;
        }
        Ok(Passed { plain, next: after(STAGE) })
    }

    async fn is_ready(&self) -> bool {
        self.0.is_ready().await
    }
}

fn main() -> ExitCode {
    host::run(
        "rolemill-asker",
        "Asks a language model about every message in the decision queue.",
        async |floor| {
            let Floor { settings, model, stop, .. } = floor;
            let model = model.ok_or_else(|| anyhow::anyhow!("{} is not set", host::MODELS))?;
            let health = broker::Health::of(STAGE.to_string());
            let served = host::answer(&settings, health.clone()).await?;
            broker::work(Asks(model), STAGE, settings.broker, health, stop).await?;
            served.abort();
            Ok(())
        },
    )
}
