//! Decided postings for the tests of what is asked.

use contract::{Content, Decided, Document, Enriched, Envelope, Options, RunId, Source, Versions};
use library::{Library, StaticTable};
use model::{Model, ModelError};
use pipeline::Stage as _;
use std::sync::{Arc, LazyLock};
use text::read::Reader;

use crate::Enrichment;

pub(super) fn library() -> Arc<Library> {
    static LIBRARY: LazyLock<Arc<Library>> =
        LazyLock::new(|| Arc::new(Library::build(library::shipped()).unwrap()));
    Arc::clone(&LIBRARY)
}

/// A posting with these duties and one requirement.
pub(super) fn posting(duties: &[&str], requirement: &str) -> String {
    format!(
        "Backend Engineer\nWe move parcels through forty towns.\n\nResponsibilities\n- {}\n\nRequirements\n- {requirement}\n",
        duties.join("\n- ")
    )
}

/// A posting as the stages before this one leave it.
pub(super) fn decided(text: &str) -> Envelope<Decided> {
    let document = Document::new(Content::Text(text.to_owned()), None);
    let parse = parse::Parse::new(library(), Reader::in_process()).of(&document, &Options::default());
    let signals = signals::Signals::new(library(), StaticTable::shared()).of(&parse);
    let decision = decision::Decision::new(library()).of(&signals);
    let source = Source { system: "test".to_owned(), external_id: None, idempotency_key: None };
    let run = Envelope::accept(RunId::mint(), source, document, Options::default(), Versions::default());
    run.map(|_| Decided { parse, signals, decision })
}

/// What the built-in engine says of a posting.
pub(super) fn built_in(text: &str) -> contract::Enrichment {
    let Decided { parse, decision, .. } = decided(text).outputs;
    Enrichment::new(library(), StaticTable::shared()).of(&parse, &decision)
}

/// A posting enriched with a model that has every use.
pub(super) async fn enriched(model: Arc<dyn Model>, text: &str) -> Result<Envelope<Enriched>, ModelError> {
    enriched_run(model, decided(text)).await
}

pub(super) async fn enriched_run(
    model: Arc<dyn Model>,
    mut run: Envelope<Decided>,
) -> Result<Envelope<Enriched>, ModelError> {
    model.pin(&run.options, &mut run.versions);
    Enrichment::new(library(), StaticTable::shared()).with_model(Some(model)).run(run).await
}
