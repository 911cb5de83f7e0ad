//! The signals stage: four kinds of evidence for every role of the library.
//!
//! **Invariant:** a signal scores, it never chooses; each covers all roles, so that the decision can be explained.

mod alias;
mod asked;
mod assignment;
mod domain;
mod kra;
mod skill;
mod title;

use contract::{
    Adjudicator, Envelope, Evidence, JdType, Parse, Parsed, SignalNotes, Signalled, Stage as StageName,
};
use library::{Embedder, Library};
use model::{Model, ModelError, Session};
use pipeline::Stage;
use std::sync::Arc;

use domain::DomainIndex;
use title::TitleIndex;

/// The stage: the built-in engine, and the language model that it may ask.
pub struct Signals {
    library: Arc<Library>,
    embedder: &'static dyn Embedder,
    titles: TitleIndex,
    domains: DomainIndex,
    model: Option<Arc<dyn Model>>,
}

impl Signals {
    /// Prepares the comparison of titles and texts for a library version; asks nobody.
    #[must_use]
    pub fn new(library: Arc<Library>, embedder: &'static dyn Embedder) -> Self {
        let titles = TitleIndex::build(&library);
        let domains = DomainIndex::build(&library);
        Self { library, embedder, titles, domains, model: None }
    }

    /// Asks a language model what a run's versions name one for.
    #[must_use]
    pub fn with_model(mut self, model: Option<Arc<dyn Model>>) -> Self {
        self.model = model;
        self
    }

    /// All four signals of a parsed posting by the built-in engine.
    #[must_use]
    pub fn of(&self, parse: &Parse) -> contract::Signals {
        // An inferred title is output, never evidence.
        let title =
            parse.fields.title.as_ref().filter(|title| !matches!(title.evidence, Evidence::Inferred { .. }));
        let title = title.map(|title| title.value.as_str());
        let (alias, title_core) = alias::score(&self.library, &self.titles, title);
        let skill = skill::score(&self.library, &parse.skills);
        let (kra, kra_reason) = kra::score(&self.library, self.embedder, &parse.text, &parse.items);
        let domain = self.domains.score(&self.library, parse, title);
        contract::Signals {
            alias,
            skill: skill.scores,
            kra,
            domain,
            notes: SignalNotes {
                title: title.map(str::to_owned),
                title_core,
                skill_coverage: skill.coverage,
                skill_is_weak: skill.is_weak,
                kra_reason,
                domain_by: Adjudicator::Vote,
            },
        }
    }
}

impl Stage for Signals {
    type Input = Envelope<Parsed>;
    type Output = Envelope<Signalled>;
    type Error = ModelError;

    async fn run(&self, mut run: Self::Input) -> Result<Self::Output, Self::Error> {
        let mut signals = self.of(&run.outputs.parse);
        // A title alone has no words that a model could quote.
        if run.outputs.parse.jd_type != JdType::TitleOnly
            && let Some(mut session) = Session::open(self.model.as_deref(), StageName::Signals, &run)?
        {
            asked::domain(&run.outputs.parse, &self.library, &mut signals, &mut session).await?;
            let calls = session.close();
            run.ledger.extend(calls);
        }
        Ok(run.signalled(signals))
    }
}
