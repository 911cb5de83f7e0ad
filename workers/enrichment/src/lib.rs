//! The enrichment stage: what a decided posting means for clients, and what the library should learn from it.
//!
//! Every skill meets its library entry or is placed by the `orchestrator`; the six outputs for clients are in `client`,
//! one module each.
//!
//! **Invariant:** a figure names its formula, its sources and its evidence, or says that it cannot be assessed.

mod canonical;
mod client;
mod orchestrator;
mod view;

use contract::{Decided, Decision, Enriched, Envelope, Parse};
use library::{Embedder, Library};
use pipeline::{Failure, Fate, Stage};
use std::convert::Infallible;
use std::sync::Arc;

use orchestrator::Orchestrator;
use view::View;

/// The built-in engine of the stage.
pub struct Enrichment {
    library: Arc<Library>,
    embedder: &'static dyn Embedder,
    orchestrator: Orchestrator,
}

impl Enrichment {
    /// Prepares the placing of unknown skills for a library version.
    #[must_use]
    pub fn new(library: Arc<Library>, embedder: &'static dyn Embedder) -> Self {
        let orchestrator = Orchestrator::build(&library, embedder);
        Self { library, embedder, orchestrator }
    }

    /// What one decided posting means.
    #[must_use]
    pub fn of(&self, parse: &Parse, decision: &Decision) -> contract::Enrichment {
        let view = View::of(&self.library, self.embedder, parse, decision);
        contract::Enrichment {
            skills_detail: canonical::skills(&view, &self.orchestrator),
            client: client::outputs(&view),
        }
    }
}

/// The built-in engine cannot fail.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EnrichmentError(#[from] Infallible);

impl Failure for EnrichmentError {
    fn fate(&self) -> Fate {
        match self.0 {}
    }
}

impl Stage for Enrichment {
    type Input = Envelope<Decided>;
    type Output = Envelope<Enriched>;
    type Error = EnrichmentError;

    async fn run(&self, run: Self::Input) -> Result<Self::Output, Self::Error> {
        let enrichment = self.of(&run.outputs.parse, &run.outputs.decision);
        Ok(run.enriched(enrichment))
    }
}
