//! The enrichment stage: what a decided posting means for clients, and what the library should learn from it.
//!
//! Every skill meets its library entry or is placed by the `orchestrator`; the six outputs for clients are in `client`,
//! one module each. What a language model is `asked` amends that.
//!
//! **Invariant:** a figure names its formula, its sources and its evidence, or says that it cannot be assessed. A language
//! model adds no figure and no fact: it places what the vote left open, among what the library has, and words what the
//! posting says.

mod asked;
mod canonical;
mod client;
mod orchestrator;
mod view;

use contract::{Decided, Decision, Enriched, Envelope, Parse};
use library::{Embedder, Library};
use model::{Model, ModelError, Session};
use pipeline::Stage;
use std::sync::Arc;

use orchestrator::Orchestrator;
use view::View;

/// The stage: the built-in engine, and the language model that it may ask.
pub struct Enrichment {
    library: Arc<Library>,
    embedder: &'static dyn Embedder,
    orchestrator: Orchestrator,
    model: Option<Arc<dyn Model>>,
}

impl Enrichment {
    /// Prepares the placing of unknown skills for a library version; asks nobody.
    #[must_use]
    pub fn new(library: Arc<Library>, embedder: &'static dyn Embedder) -> Self {
        let orchestrator = Orchestrator::build(&library, embedder);
        Self { library, embedder, orchestrator, model: None }
    }

    /// Asks a language model what a run's versions name one for.
    #[must_use]
    pub fn with_model(mut self, model: Option<Arc<dyn Model>>) -> Self {
        self.model = model;
        self
    }

    /// What one decided posting means, by the built-in engine.
    #[must_use]
    pub fn of(&self, parse: &Parse, decision: &Decision) -> contract::Enrichment {
        self.built_in(&self.view(parse, decision))
    }

    fn view<'a>(&'a self, parse: &'a Parse, decision: &'a Decision) -> View<'a> {
        View::of(&self.library, self.embedder, parse, decision)
    }

    fn built_in(&self, view: &View<'_>) -> contract::Enrichment {
        contract::Enrichment {
            skills_detail: canonical::skills(view, &self.orchestrator),
            client: client::outputs(view),
        }
    }
}

impl Stage for Enrichment {
    type Input = Envelope<Decided>;
    type Output = Envelope<Enriched>;
    type Error = ModelError;

    async fn run(&self, mut run: Self::Input) -> Result<Self::Output, Self::Error> {
        let session = Session::open(self.model.as_deref(), contract::Stage::Enrichment, &run)?;
        let view = self.view(&run.outputs.parse, &run.outputs.decision);
        let mut enrichment = self.built_in(&view);
        if let Some(mut session) = session {
            asked::amend(&view, &self.orchestrator, &mut session, &mut enrichment).await?;
            run.ledger.extend(session.close());
        }
        Ok(run.enriched(enrichment))
    }
}
