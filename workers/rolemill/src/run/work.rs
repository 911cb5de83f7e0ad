//! What a worker does with one input: reads it, runs it, and says how it ended.

use contract::{
    Answers, Content, Document, MAX_DOCUMENT_BYTES, Options, Posting, PostingError, PostingId, Problem,
    Record, Source,
};
use rolemill::{Engine, Finished, Keeper, title};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::RunError;
use super::input::{Id, Input, InputError, Place, What};

/// What was asked for, for every input alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// The gate lets everything through.
    pub(crate) fragment: bool,
    /// What the engine may know of titles.
    pub(crate) titles: Titles,
    /// How many roles of each list are written.
    pub(crate) top: Option<usize>,
    /// What a run may cost, in US dollars; the settings' limit where nothing is said.
    pub(crate) budget_usd: Option<f64>,
    /// Where the answers of language models may come from.
    pub(crate) answers: Answers,
}

/// What the engine may know of titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Titles {
    /// All there is.
    Shown,
    /// Only those that are printed.
    Hidden,
    /// Nothing.
    Masked,
}

impl Titles {
    /// Masking hides as well.
    pub(crate) fn of(hide: bool, mask: bool) -> Self {
        match (hide, mask) {
            (_, true) => Self::Masked,
            (true, false) => Self::Hidden,
            (false, false) => Self::Shown,
        }
    }
}

/// An input with its end.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its name.
    pub(crate) id: Id,
    /// How it ended.
    pub(crate) end: End,
}

/// How an input ended.
#[derive(Debug)]
pub(crate) enum End {
    /// As a run.
    Ran(Finished),
    /// It never became a run.
    Failed(InputError),
}

impl Answer {
    /// What is wrong with the input, or with us; nothing for a run that a gate rejected by what it read.
    pub(crate) fn problem(&self) -> Option<Problem> {
        match &self.end {
            End::Failed(error) => Some(Problem { code: error.code().to_owned(), message: error.to_string() }),
            End::Ran(Finished::Buried { stage, cause, .. }) => {
                Some(Problem { code: cause.code().to_owned(), message: format!("{stage}: {cause}") })
            }
            End::Ran(finished) => finished.parse().and_then(|parse| parse.problem.clone()),
        }
    }

    /// `too_sparse: 3 words, 12 are the least`, when the gate stopped the run.
    pub(crate) fn reason(&self) -> Option<String> {
        let End::Ran(Finished::Rejected(run)) = &self.end else { return None };
        let parse = &run.outputs.parse;
        Some(
            parse
                .reason
                .as_ref()
                .map_or_else(|| parse.jd_type.to_string(), |reason| format!("{}: {reason}", parse.jd_type)),
        )
    }
}

/// An answer, and what is to be stored of it.
pub(crate) struct Done {
    /// The answer.
    pub(crate) answer: Answer,
    /// None where it was stored before, never became a run, or nothing is stored.
    pub(crate) record: Option<Record>,
}

impl Done {
    /// An answer of which nothing is stored.
    pub(crate) fn only(id: Id, end: End) -> Self {
        Self { answer: Answer { id, end }, record: None }
    }
}

/// Answers one input, from the store where that knows it.
pub(crate) async fn answer(
    engine: &Engine,
    keeper: Option<&Keeper>,
    wanted: Wanted,
    input: Input,
) -> Result<Done, RunError> {
    let options = Options {
        fragment: wanted.fragment,
        budget_usd: wanted.budget_usd,
        answers: wanted.answers,
        ..Options::default()
    };
    let mut too_large = None;
    let (document, id, source) = match input.what {
        What::Failed(error) => return Ok(Done::only(input.id, End::Failed(error))),
        What::File(path) => match load(&path) {
            Ok(Loaded { bytes, length }) => {
                too_large = Some(length).filter(|&length| length > MAX_DOCUMENT_BYTES as u64);
                (Document::new(Content::Bytes(bytes), None), input.id, command_line())
            }
            Err(error) => return Ok(Done::only(input.id, End::Failed(InputError::of(error)))),
        },
        What::Document(bytes) => (Document::new(Content::Bytes(bytes), None), input.id, command_line()),
        What::Row { bytes, place } => match row(&bytes, &place) {
            Ok(row) => named(row, input.id),
            Err(error) => return Ok(Done::only(input.id, End::Failed(error))),
        },
    };
    let document = match (too_large, wanted.titles) {
        (Some(_), _) | (None, Titles::Shown) => document,
        (None, Titles::Hidden) => title::hidden(document, engine.reader()),
        (None, Titles::Masked) => title::masked(document, engine.reader()),
    };
    let run = engine.accept(document, options, source);
    let known = match keeper {
        // Whoever wants fresh answers wants none from the store.
        Some(keeper) if wanted.answers != Answers::Fresh => keeper.answered(&run).await?,
        Some(_) | None => None,
    };
    let is_known = known.is_some();
    let mut finished = match (known, too_large) {
        (Some(known), _) => known,
        (None, Some(length)) => engine.refuse_size(run, length),
        (None, None) => engine.finish(run).await,
    };
    let is_kept = keeper.is_some() && !is_known;
    let record = if is_kept { engine.record(&finished)? } else { None };
    if let Some(top) = wanted.top {
        keep_first(&mut finished, top);
    }
    Ok(Done { answer: Answer { id, end: End::Ran(finished) }, record })
}

fn keep_first(finished: &mut Finished, top: usize) {
    let Finished::Completed { run, .. } = finished else { return };
    let outputs = &mut run.outputs;
    outputs.signals.alias.truncate(top);
    outputs.signals.skill.truncate(top);
    outputs.signals.kra.truncate(top);
    outputs.signals.domain.truncate(top);
    outputs.decision.ranked.truncate(top);
}

/// A file's content, or the beginning of one that has too much.
struct Loaded {
    bytes: Vec<u8>,
    /// Length of the file; of a pipe, of what was read.
    length: u64,
}

/// One byte more than is accepted, so that a document that was cut is seen to be too large.
fn load(path: &Path) -> std::io::Result<Loaded> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(length.min(MAX_DOCUMENT_BYTES as u64) as usize);
    // A pipe says it has no bytes.
    file.take(MAX_DOCUMENT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    let length = length.max(bytes.len() as u64);
    Ok(Loaded { bytes, length })
}

/// The system that a document comes from which names none.
const COMMAND_LINE: &str = "rolemill run";

/// The source of what has none of its own.
fn command_line() -> Source {
    Source { system: COMMAND_LINE.to_owned(), external_id: None, idempotency_key: None }
}

/// A line as a posting.
pub(crate) fn row(bytes: &[u8], place: &Place) -> Result<Posting, InputError> {
    let line = std::str::from_utf8(bytes)
        .map_err(|error| InputError::NotUtf8(place.clone(), error.valid_up_to()))?;
    Posting::read(line).map_err(|error| match error {
        PostingError::Broken(words) => InputError::BrokenJson(place.clone(), words),
        PostingError::Member(words) => InputError::Member(place.clone(), words),
        PostingError::NothingToRead => InputError::NothingToRead(place.clone()),
    })
}

/// A row's document with its name; `line` names a row without an id.
fn named(row: Posting, line: Id) -> (Document, Id, Source) {
    let id = match row.id.clone() {
        Some(PostingId::Text(id)) => Id::Text(id),
        Some(PostingId::Number(id)) => Id::Number(id),
        None => line,
    };
    let (document, source) = row.into_document(COMMAND_LINE);
    (document, id, source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<(Document, Id, Source), String> {
        let row = row(line.as_bytes(), &Place::first()).map_err(|error| error.code().to_owned())?;
        Ok(named(row, Id::Number(1.into())))
    }

    #[test]
    fn a_row_without_an_id_is_named_by_its_line() {
        let (document, id, source) = read(r#"{"title": "Baker", "text": null, "pay": [1]}"#).unwrap();
        assert_eq!((document.title_hint.as_deref(), document.content.as_bytes()), (Some("Baker"), &b""[..]));
        assert_eq!((id, source.idempotency_key), (Id::Number(1.into()), None));
    }

    #[test]
    fn a_row_with_an_id_and_a_source_is_the_same_run_again() {
        let (_, id, source) = read(r#"{"id": 7, "source": "board", "html": "<p>We bake</p>"}"#).unwrap();
        assert_eq!(
            (id, source.system.as_str(), source.idempotency_key.as_deref()),
            (Id::Number(7.into()), "board", Some("7"))
        );
    }

    #[test]
    fn a_bad_row_says_what_is_wrong() {
        assert_eq!(read(r#"{"text": "We bake""#).unwrap_err(), "broken_json");
        assert_eq!(read(r#"["a", "b"]"#).unwrap_err(), "broken_json");
        assert_eq!(read(r#"{"text": 5}"#).unwrap_err(), "json_member");
        assert_eq!(read(r#"{"id": true, "text": "We bake"}"#).unwrap_err(), "json_member");
        assert_eq!(read(r#"{"id": 1, "text": " "}"#).unwrap_err(), "json_without_text");
    }
}
