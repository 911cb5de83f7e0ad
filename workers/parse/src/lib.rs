//! The parse stage: from a document to sections, fields, requirements and skills.
//!
//! **Invariant:** every value that leaves this crate carries the words it was read from, also one that a language model named;
//! nothing here knows a role.

mod apart;
mod asked;
mod entrance;
mod fields;
mod gate;
mod items;
mod posting;
mod requirements;
mod sections;
mod skills;

use contract::{
    Document, Envelope, Fields, JdType, Options, Parsed, Problem, Received, Rejected, Requirement,
    Stage as StageName, Versions,
};
use library::Library;
use model::{Model, ModelError, Session};
use pipeline::Stage;
use std::sync::Arc;
use text::read::{Hints, ReadError, Reader};
use text::{Segmentation, Text};

pub use entrance::Entrance;

use apart::Apart;

/// The stage: the built-in engine, and the language model that it may ask.
pub struct Parse {
    library: Arc<Library>,
    reader: Reader,
    model: Option<Arc<dyn Model>>,
}

/// What the gate made of a run.
#[derive(Debug)]
pub enum Gated {
    /// It goes on.
    Passed(Envelope<Parsed>),
    /// It ends here, with a reason.
    Rejected(Envelope<Rejected>),
}

/// A document as far as the built-in engine read it.
enum Read {
    /// The gate let it through.
    Apart(Box<Apart>),
    /// It ends here, with a reason.
    Stopped(Box<contract::Parse>),
}

impl Parse {
    /// Reads documents with `reader` against a library version; asks nobody.
    #[must_use]
    pub fn new(library: Arc<Library>, reader: Reader) -> Self {
        Self { library, reader, model: None }
    }

    /// Asks a language model what a run's versions name one for.
    #[must_use]
    pub fn with_model(mut self, model: Option<Arc<dyn Model>>) -> Self {
        self.model = model;
        self
    }

    /// The versions that a run with these options is pinned to.
    fn versions(&self, options: &Options) -> Versions {
        let mut versions = Versions {
            pipeline: contract::PIPELINE_VERSION.to_owned(),
            library: self.library.version().to_owned(),
            ..Versions::default()
        };
        if let Some(model) = &self.model {
            model.pin(options, &mut versions);
        }
        versions
    }

    /// Everything that the built-in engine finds a document to state.
    #[must_use]
    pub fn of(&self, document: &Document, options: &Options) -> contract::Parse {
        match self.read(document, options) {
            Read::Apart(apart) => apart.parse(&self.library),
            Read::Stopped(parse) => *parse,
        }
    }

    fn read(&self, document: &Document, options: &Options) -> Read {
        let reading = match self.reader.read(document.content.as_bytes(), document.content_type.as_deref()) {
            Ok(reading) => reading,
            // No text, but a title beside it: that is a title-only run.
            Err(ReadError::Empty) if document.title_hint.is_some() => {
                return self.gated(String::new(), hints(document, Hints::default()), options);
            }
            Err(error) => return Read::Stopped(Box::new(unreadable(&error))),
        };
        let (text, _) = text::normalise(&reading.text);
        self.gated(text, hints(document, reading.hints), options)
    }

    /// Lets a text through, or stops it with a reason.
    fn gated(&self, text: String, hints: Hints, options: &Options) -> Read {
        let (text, parts) = if text.len() <= contract::MAX_TEXT_BYTES {
            let text = Text::heard(text);
            let parts = text::segment(text.as_str());
            (text, parts)
        } else {
            (Text::new(text), Segmentation::default())
        };
        let language = gate::language(text.as_str());
        let ruling = gate::judge(&text, &parts, hints.title.as_deref(), options, language);
        if ruling.jd_type.goes_on() {
            let apart = Apart::read(ruling.jd_type, language, text, parts, hints, &self.library);
            return Read::Apart(Box::new(apart));
        }
        let sections = sections::of(&text, &parts);
        let text = if ruling.jd_type == JdType::TooLarge { String::new() } else { text.into_string() };
        let language = language.map(str::to_owned);
        let stopped = stopped(ruling.jd_type, ruling.reason);
        Read::Stopped(Box::new(contract::Parse { text, sections, language, ..stopped }))
    }

    /// Asks what is to be asked about a document, and hands the run on.
    async fn finish(&self, mut run: Envelope<Received>, read: Read) -> Result<Gated, ModelError> {
        let mut apart = match read {
            Read::Apart(apart) => apart,
            Read::Stopped(parse) => return Ok(Gated::Rejected(run.rejected(*parse))),
        };
        let mut parse = apart.parse(&self.library);
        // A title alone has no words that a model could quote.
        if parse.jd_type != JdType::TitleOnly
            && let Some(mut session) = Session::open(self.model.as_deref(), StageName::Parse, &run)?
        {
            asked::ask(&mut apart, &mut parse, &self.library, &mut session).await?;
            parse.dropped += session.dropped_so_far();
            run.ledger.extend(session.close());
        }
        Ok(Gated::Passed(run.parsed(parse)))
    }
}

/// What stood beside the text: the sender's word first, then the document's own. What addresses a machine says nothing there either.
fn hints(document: &Document, read: Hints) -> Hints {
    let says = |words: &String| text::instructions(words).is_empty();
    let mut json_ld = read.json_ld;
    if let Some(page) = &mut json_ld {
        page.title = page.title.take().filter(says);
        page.hiring_organization = page.hiring_organization.take().filter(says);
    }
    Hints {
        title: document.title_hint.clone().or(read.title).filter(says),
        company: document.company_hint.clone().or(read.company).filter(says),
        location: document.location_hint.clone().or(read.location).filter(says),
        json_ld,
        ..read
    }
}

fn unreadable(error: &ReadError) -> contract::Parse {
    let too_large = matches!(error, ReadError::DocumentTooLarge { .. } | ReadError::TextTooLarge { .. });
    let jd_type = if too_large { JdType::TooLarge } else { JdType::NotAJd };
    let problem = Problem { code: error.code().to_owned(), message: error.to_string() };
    contract::Parse { problem: Some(problem), ..stopped(jd_type, Some(error.to_string())) }
}

fn stopped(jd_type: JdType, reason: Option<String>) -> contract::Parse {
    contract::Parse {
        text: String::new(),
        jd_type,
        reason,
        problem: None,
        language: None,
        sections: Vec::new(),
        items: Vec::new(),
        fields: Fields::default(),
        requirements: Requirement::AllOf(Vec::new()),
        skills: Vec::new(),
        dropped: 0,
    }
}

impl Stage for Parse {
    type Input = Envelope<Received>;
    type Output = Gated;
    type Error = ModelError;

    async fn run(&self, run: Self::Input) -> Result<Self::Output, Self::Error> {
        let read = self.read(&run.document, &run.options);
        self.finish(run, read).await
    }
}
