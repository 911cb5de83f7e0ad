//! The stages over one document, as every test here needs them.

use contract::{
    Content, Decision, Document, Enriched, Enrichment, Envelope, Options, Parse, Record, RunId, Signals,
    Source, Versions,
};
use std::sync::{Arc, LazyLock};

pub(crate) static LIBRARY: LazyLock<Arc<library::Library>> =
    LazyLock::new(|| Arc::new(library::Library::build(library::shipped()).unwrap()));
static PARSE: LazyLock<parse::Parse> =
    LazyLock::new(|| parse::Parse::new(Arc::clone(&LIBRARY), text::read::Reader::in_process()));
static SIGNALS: LazyLock<signals::Signals> =
    LazyLock::new(|| signals::Signals::new(Arc::clone(&LIBRARY), library::StaticTable::shared()));
static DECISION: LazyLock<decision::Decision> =
    LazyLock::new(|| decision::Decision::new(Arc::clone(&LIBRARY)));

static ENRICHMENT: LazyLock<enrichment::Enrichment> =
    LazyLock::new(|| enrichment::Enrichment::new(Arc::clone(&LIBRARY), library::StaticTable::shared()));

/// What the stages say of one posting.
pub(crate) struct Answer {
    pub(crate) parse: Parse,
    pub(crate) signals: Signals,
    pub(crate) decision: Decision,
    pub(crate) enrichment: Enrichment,
}

/// Puts a text through all stages.
pub(crate) fn answer(text: &str) -> Answer {
    answer_of(&Document::new(Content::Text(text.to_owned()), None), &Options::default())
}

/// Puts a document through all stages.
pub(crate) fn answer_of(document: &Document, options: &Options) -> Answer {
    let parse = PARSE.of(document, options);
    let signals = SIGNALS.of(&parse);
    let decision = DECISION.of(&signals);
    let enrichment = ENRICHMENT.of(&parse, &decision);
    Answer { parse, signals, decision, enrichment }
}

/// What is to be stored of an answer.
pub(crate) fn record_of(text: &str, answer: &Answer) -> Record {
    let Answer { parse, signals, decision, enrichment } = answer;
    let source = Source { system: "test".into(), external_id: None, idempotency_key: None };
    let document = Document::new(Content::Text(text.to_owned()), None);
    let versions = Versions { library: LIBRARY.version().to_owned(), ..Versions::default() };
    let run = Envelope::accept(RunId::mint(), source, document, Options::default(), versions);
    let outputs = Enriched {
        parse: parse.clone(),
        signals: signals.clone(),
        decision: decision.clone(),
        enrichment: enrichment.clone(),
    };
    persistence::record::completed(&LIBRARY, library::StaticTable::shared(), &run.map(|_| outputs)).unwrap()
}
