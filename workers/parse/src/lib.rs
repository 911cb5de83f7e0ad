//! The parse stage: from a document to sections, fields, requirements and skills.
//!
//! **Invariant:** every value that leaves this crate carries the words it was read from; nothing here knows a role.

mod entrance;
mod fields;
mod gate;
mod items;
mod posting;
mod requirements;
mod skills;

use contract::{
    Document, Envelope, Fields, JdType, Options, Parsed, Problem, Received, Rejected, Requirement, Section,
    SourceMarker,
};
use library::Library;
use pipeline::{Failure, Fate, Stage};
use std::convert::Infallible;
use std::sync::Arc;
use text::read::{Hints, ReadError, Reader};
use text::{Segmentation, Text};

pub use entrance::Entrance;

use posting::Posting;

/// The built-in engine of the stage.
pub struct Parse {
    library: Arc<Library>,
    reader: Reader,
}

/// What the gate made of a run.
#[derive(Debug)]
pub enum Gated {
    /// It goes on.
    Passed(Envelope<Parsed>),
    /// It ends here, with a reason.
    Rejected(Envelope<Rejected>),
}

impl Parse {
    /// Reads documents with `reader` against a library version.
    #[must_use]
    pub fn new(library: Arc<Library>, reader: Reader) -> Self {
        Self { library, reader }
    }

    /// The library version that documents are read against.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Reads a run's document and lets the run through, or stops it with a reason.
    #[must_use]
    pub fn gated(&self, run: Envelope<Received>) -> Gated {
        let parse = self.of(&run.document, &run.options);
        if parse.jd_type.goes_on() {
            Gated::Passed(run.parsed(parse))
        } else {
            Gated::Rejected(run.rejected(parse))
        }
    }

    /// Everything that a document states.
    #[must_use]
    pub fn of(&self, document: &Document, options: &Options) -> contract::Parse {
        let reading = match self.reader.read(document.content.as_bytes(), document.content_type.as_deref()) {
            Ok(reading) => reading,
            // No text, but a title beside it: that is a title-only run.
            Err(ReadError::Empty) if document.title_hint.is_some() => {
                return self.posting(String::new(), hints(document, Hints::default()), options);
            }
            Err(error) => return unreadable(&error),
        };
        let (text, _) = text::normalise(&reading.text);
        self.posting(text, hints(document, reading.hints), options)
    }

    fn posting(&self, text: String, hints: Hints, options: &Options) -> contract::Parse {
        let text = Text::new(text);
        let language = gate::language(text.as_str());
        let mut parts = if text.as_str().len() <= contract::MAX_TEXT_BYTES {
            text::segment(text.as_str())
        } else {
            Segmentation::default()
        };
        let ruling = gate::judge(&text, &parts, hints.title.as_deref(), options, language);
        if !ruling.jd_type.goes_on() {
            let sections = sections(&text, &parts);
            let text = if ruling.jd_type == JdType::TooLarge { String::new() } else { text.into_string() };
            return contract::Parse {
                text,
                sections,
                language: language.map(str::to_owned),
                ..stopped(ruling.jd_type, ruling.reason)
            };
        }
        let items = items::read(&text, &mut parts);
        let mentions = posting::mentions(&text, &parts, &self.library);
        let posting =
            Posting { text: &text, parts: &parts, items: &items, mentions: &mentions, hints: &hints };
        let places = skills::places(&posting, &self.library);
        let fields = fields::read(&posting, &self.library);
        let requirements = requirements::tree(&posting, &self.library, &places, &fields);
        let skills = skills::collect(&posting, &self.library, &places);
        let sections = sections(&text, &parts);
        contract::Parse {
            jd_type: ruling.jd_type,
            reason: None,
            problem: None,
            language: language.map(str::to_owned),
            sections,
            items,
            fields,
            requirements,
            skills,
            dropped: 0,
            text: text.into_string(),
        }
    }
}

/// What stood beside the text: the sender's word first, then the document's own.
fn hints(document: &Document, read: Hints) -> Hints {
    Hints {
        title: document.title_hint.clone().or(read.title),
        company: document.company_hint.clone().or(read.company),
        location: document.location_hint.clone().or(read.location),
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

fn sections(text: &Text, parts: &Segmentation) -> Vec<Section> {
    let content = text.as_str();
    let mut bullets = vec![0u32; parts.segments.len()];
    for unit in &parts.units {
        bullets[unit.section] += u32::from(unit.opening == text::Opening::Bullet);
    }
    parts
        .segments
        .iter()
        .zip(bullets)
        .map(|(segment, bullet_count)| {
            let body = content[segment.body..segment.range.end].trim();
            let (first_5_words, last_5_words) = text::first_and_last_words(body, 5);
            Section {
                kind: segment.kind,
                start: text.scalar(segment.range.start),
                end: text.scalar(segment.range.end),
                heading: segment.heading.clone().map(|words| content[words].to_owned()),
                heading_was_present: segment.heading.is_some(),
                bullet_count,
                word_count: text::word_count(body),
                source_marker: SourceMarker { first_5_words, last_5_words },
            }
        })
        .collect()
}

/// The built-in engine cannot fail: what cannot be read is rejected.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ParseError(#[from] Infallible);

impl Failure for ParseError {
    fn fate(&self) -> Fate {
        match self.0 {}
    }
}

impl Stage for Parse {
    type Input = Envelope<Received>;
    type Output = Gated;
    type Error = ParseError;

    async fn run(&self, run: Self::Input) -> Result<Self::Output, Self::Error> {
        Ok(self.gated(run))
    }
}
