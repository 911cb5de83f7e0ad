//! Readers: from the bytes of a document to its text and to what stood beside it.
//!
//! Every document is hostile. So each reader is linear in its input, none recurses over it, none follows a
//! link or expands an entity, and what they give is bounded by [`contract::MAX_TEXT_BYTES`]. PDF is the
//! exception: its parser is not ours, so untrusted PDFs are read by a child process under limits
//! ([`Reader::with_helper`], [`helper_main`]).
//!
//! **Invariant:** a document is read whole or refused with a [`ReadError`]; no text is guessed or repaired.

mod docx;
mod elements;
mod encoding;
mod error;
mod helper;
mod html;
mod json;
mod json_ld;
mod lines;
mod markdown;
mod pdf;
mod pdf_layout;
mod sniff;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use error::{NotText, ReadError};
pub use helper::helper_main;
pub use json_ld::{BaseSalary, JobPosting};

use contract::{MAX_DOCUMENT_BYTES, MAX_TEXT_BYTES};
use sniff::MediaType;

/// What a document turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text without marks.
    Plain,
    /// Text with headings, emphasis, lists and links as marks.
    Markdown,
    /// A web page or a piece of one.
    Html,
    /// Portable Document Format.
    Pdf,
    /// A Word document.
    Docx,
    /// One object `{id?, title?, company?, location?, source?, text|html}`.
    Json,
}

/// Text of a document before normalising, with what stood beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What the document was read as.
    pub format: Format,
    /// Its text, a block a line; empty only when a title is all there is.
    pub text: String,
    /// What the sender or the page said about the posting outside the text.
    pub hints: Hints,
}

/// What is known of a posting from beside its text; no word of it is evidence of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// The sender's name for the posting.
    pub id: Option<String>,
    /// The job's title.
    pub title: Option<String>,
    /// Who hires.
    pub company: Option<String>,
    /// Where the job is.
    pub location: Option<String>,
    /// Where the posting was found.
    pub source: Option<String>,
    /// The schema.org posting in the page.
    pub json_ld: Option<JobPosting>,
}

/// Reads documents of every [`Format`].
#[derive(Clone, Debug)]
pub struct Reader {
    pdf: PdfReader,
}

/// Who parses PDFs.
#[derive(Clone, Debug)]
enum PdfReader {
    InProcess,
    Helper { program: PathBuf, args: Vec<String> },
}

impl Reader {
    /// Reads PDFs in this process, on a thread of their own. A panic there and ten seconds without an answer
    /// are errors, but memory is not limited, a stack overflow ends the process, and a late thread runs on:
    /// for files that are trusted, and for tests.
    #[must_use]
    pub fn in_process() -> Self {
        Self { pdf: PdfReader::InProcess }
    }

    /// Reads each PDF in a child process, `program` (an absolute path) with `args`, which must call
    /// [`helper_main`]. It is started without this process's environment and killed after ten seconds.
    #[must_use]
    pub fn with_helper(program: PathBuf, args: Vec<String>) -> Self {
        Self { pdf: PdfReader::Helper { program, args } }
    }

    /// The text of a document. A `content_type` that names a known format is believed, except that
    /// `text/plain` and unknown ones leave the bytes to speak; its `charset` is used for bytes that are not
    /// UTF-8. Blocks until the document is read: at most some milliseconds, ten seconds for a PDF.
    pub fn read(&self, bytes: &[u8], content_type: Option<&str>) -> Result<Reading, ReadError> {
        if bytes.len() > MAX_DOCUMENT_BYTES {
            return Err(ReadError::DocumentTooLarge { bytes: bytes.len(), limit: MAX_DOCUMENT_BYTES });
        }
        if let Some(name) = sniff::unsupported(bytes) {
            return Err(ReadError::UnsupportedFormat { name });
        }
        let media = MediaType::parse(content_type.unwrap_or_default());
        let known = media.format.or_else(|| sniff::binary(bytes));
        match known {
            Some(Format::Pdf) => finish(Format::Pdf, self.read_pdf(bytes)?, Hints::default()),
            Some(Format::Docx) => finish(Format::Docx, docx::read(bytes)?, Hints::default()),
            Some(Format::Plain | Format::Markdown | Format::Html | Format::Json) | None => {
                let text = encoding::decode(bytes, media.charset.as_deref())?;
                read_text(known.unwrap_or_else(|| sniff::text(&text, media.plain)), text)
            }
        }
    }

    fn read_pdf(&self, bytes: &[u8]) -> Result<String, ReadError> {
        match &self.pdf {
            PdfReader::InProcess => pdf::read_on_a_thread(bytes),
            PdfReader::Helper { program, args } => helper::read(program, args, bytes),
        }
    }
}

fn read_text(format: Format, text: String) -> Result<Reading, ReadError> {
    match format {
        Format::Html => {
            let page = html::read(&text);
            finish(Format::Html, page.text, page.hints)
        }
        Format::Markdown => finish(Format::Markdown, markdown::read(&text), Hints::default()),
        Format::Json => {
            let document = json::read(&text)?;
            finish(Format::Json, document.text, document.hints)
        }
        Format::Plain | Format::Pdf | Format::Docx => finish(Format::Plain, text, Hints::default()),
    }
}

fn finish(format: Format, text: String, hints: Hints) -> Result<Reading, ReadError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(ReadError::TextTooLarge { limit: MAX_TEXT_BYTES });
    }
    if !text.trim().is_empty() {
        return Ok(Reading { format, text, hints });
    }
    let titled = match format {
        Format::Json => hints.title.is_some(),
        // A page's own <title> is no posting; a posting's title is.
        Format::Html => hints.json_ld.as_ref().is_some_and(|posting| posting.title.is_some()),
        Format::Plain | Format::Markdown | Format::Pdf | Format::Docx => false,
    };
    match (titled, format) {
        (true, _) => Ok(Reading { format, text: String::new(), hints }),
        (false, Format::Json) => Err(ReadError::JsonWithoutText),
        (false, _) => Err(ReadError::NoText { format }),
    }
}
