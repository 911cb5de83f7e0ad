//! The three stages over one document, as every test here needs them.

use contract::{Content, Decision, Document, Options, Parse, Signals};
use std::sync::{Arc, LazyLock};

pub(crate) static LIBRARY: LazyLock<Arc<library::Library>> =
    LazyLock::new(|| Arc::new(library::Library::build(library::shipped()).unwrap()));
static PARSE: LazyLock<parse::Parse> =
    LazyLock::new(|| parse::Parse::new(Arc::clone(&LIBRARY), text::read::Reader::in_process()));
static SIGNALS: LazyLock<signals::Signals> =
    LazyLock::new(|| signals::Signals::new(Arc::clone(&LIBRARY), library::StaticTable::shared()));
static DECISION: LazyLock<decision::Decision> =
    LazyLock::new(|| decision::Decision::new(Arc::clone(&LIBRARY)));

/// What the stages say of one posting.
pub(crate) struct Answer {
    pub(crate) parse: Parse,
    pub(crate) signals: Signals,
    pub(crate) decision: Decision,
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
    Answer { parse, signals, decision }
}
