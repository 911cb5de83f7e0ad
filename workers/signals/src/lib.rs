//! The signals stage: four kinds of evidence for every role of the library.
//!
//! **Invariant:** a signal scores, it never chooses; each covers all roles, so that the decision can be explained.

mod alias;
mod assignment;
mod domain;
mod kra;
mod skill;
mod title;

use contract::{Envelope, Evidence, Parse, Parsed, SignalNotes, Signalled};
use library::{Embedder, Library};
use pipeline::{Failure, Fate, Stage};
use std::convert::Infallible;
use std::sync::Arc;

use domain::DomainIndex;
use title::TitleIndex;

/// The built-in engine of the stage.
pub struct Signals {
    library: Arc<Library>,
    embedder: &'static dyn Embedder,
    titles: TitleIndex,
    domains: DomainIndex,
}

impl Signals {
    /// Prepares the comparison of titles and texts for a library version.
    #[must_use]
    pub fn new(library: Arc<Library>, embedder: &'static dyn Embedder) -> Self {
        let titles = TitleIndex::build(&library);
        let domains = DomainIndex::build(&library);
        Self { library, embedder, titles, domains }
    }

    /// All four signals of a parsed posting.
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
            },
        }
    }
}

/// The built-in engine cannot fail.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SignalsError(#[from] Infallible);

impl Failure for SignalsError {
    fn fate(&self) -> Fate {
        match self.0 {}
    }
}

impl Stage for Signals {
    type Input = Envelope<Parsed>;
    type Output = Envelope<Signalled>;
    type Error = SignalsError;

    async fn run(&self, run: Self::Input) -> Result<Self::Output, Self::Error> {
        let signals = self.of(&run.outputs.parse);
        Ok(run.signalled(signals))
    }
}
