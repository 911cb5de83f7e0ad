use super::Format;

/// Why a document was not read. Each cause has a variant and a [`code`](Self::code); the message names what
/// is wrong and never quotes the document at length.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No bytes, or white space only.
    #[error("the document is empty")]
    Empty,
    /// More bytes than [`contract::MAX_DOCUMENT_BYTES`].
    #[error("the document has {bytes} bytes, the limit is {limit}")]
    DocumentTooLarge {
        /// How many there are.
        bytes: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// The text found is larger than [`contract::MAX_TEXT_BYTES`].
    #[error("the document's text has more than {limit} bytes")]
    TextTooLarge {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// The bytes are no text and no format that is read.
    #[error("the document is not text: {0}")]
    NotText(NotText),
    /// Bytes that are no text in the encoding they claim or seem to be in.
    #[error("the document is not valid {encoding}: byte {offset} can't be decoded")]
    InvalidEncoding {
        /// The encoding tried.
        encoding: &'static str,
        /// The first byte that fits nowhere.
        offset: usize,
    },
    /// The document is well formed and says nothing.
    #[error("the document ({format:?}) has no text")]
    NoText {
        /// What it was read as.
        format: Format,
    },
    /// A known format that is not read.
    #[error("the document is {name}, which is not read; text, Markdown, HTML, PDF, DOCX and JSON are")]
    UnsupportedFormat {
        /// What it is.
        name: &'static str,
    },
    /// The PDF's structure is damaged.
    #[error("the PDF is broken: {detail}")]
    BrokenPdf {
        /// What its parser says.
        detail: String,
    },
    /// The PDF can't be opened without a password.
    #[error("the PDF is encrypted and needs a password")]
    EncryptedPdf,
    /// The PDF's pages hold pictures only, or glyphs without letters.
    #[error("the PDF has no text on its {pages} pages; scanned pages are not read")]
    PdfWithoutText {
        /// How many pages were looked at.
        pages: usize,
    },
    /// The process that read the PDF died.
    #[error("reading the PDF crashed its parser: {detail}")]
    PdfCrash {
        /// How it died.
        detail: String,
    },
    /// The process that reads PDFs could not be started or gave no understandable answer: not the
    /// document's fault, so the only variant that is worth another try.
    #[error("the program that reads PDFs does not work: {detail}")]
    NoHelper {
        /// What happened.
        detail: String,
    },
    /// Reading took more memory than allowed.
    #[error("reading the document needs more than {limit_mib} MiB of memory")]
    OutOfMemory {
        /// How much is allowed.
        limit_mib: u64,
    },
    /// Reading took more time than allowed.
    #[error("reading the document takes more than {seconds} seconds")]
    TookTooLong {
        /// How much is allowed.
        seconds: u64,
    },
    /// The DOCX's archive or its main part is damaged.
    #[error("the DOCX is broken: {detail}")]
    BrokenDocx {
        /// What is wrong.
        detail: String,
    },
    /// The archive has too many entries, or unpacks to too much.
    #[error("the archive expands too much: {detail}")]
    ArchiveTooLarge {
        /// Which limit it breaks.
        detail: String,
    },
    /// The document is not one JSON object.
    #[error("the JSON is broken at line {line}, column {column}: {detail}")]
    BrokenJson {
        /// First line is 1.
        line: usize,
        /// First column is 1.
        column: usize,
        /// What the parser says.
        detail: String,
    },
    /// A known member of the JSON object has another type than text.
    #[error("the JSON member \"{member}\" must be a string or null, not {found}")]
    JsonMember {
        /// The member's name.
        member: &'static str,
        /// What it is instead.
        found: &'static str,
    },
    /// The JSON object has neither text, html nor a title.
    #[error("the JSON object has no \"text\", no \"html\" and no \"title\"")]
    JsonWithoutText,
}

/// What betrays bytes that are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// A byte no text has.
    #[error("byte {offset} is NUL")]
    Nul {
        /// Where it is.
        offset: usize,
    },
    /// More than one character in twenty is a control character.
    #[error("{percent} % of it are control characters")]
    ControlCharacters {
        /// How many of a hundred.
        percent: usize,
    },
}

impl ReadError {
    /// A stable name for the cause, in snake case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::DocumentTooLarge { .. } => "document_too_large",
            Self::TextTooLarge { .. } => "text_too_large",
            Self::NotText(_) => "not_text",
            Self::InvalidEncoding { .. } => "invalid_encoding",
            Self::NoText { .. } => "no_text",
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::BrokenPdf { .. } => "broken_pdf",
            Self::EncryptedPdf => "encrypted_pdf",
            Self::PdfWithoutText { .. } => "pdf_without_text",
            Self::PdfCrash { .. } => "pdf_crash",
            Self::NoHelper { .. } => "no_helper",
            Self::OutOfMemory { .. } => "out_of_memory",
            Self::TookTooLong { .. } => "took_too_long",
            Self::BrokenDocx { .. } => "broken_docx",
            Self::ArchiveTooLarge { .. } => "archive_too_large",
            Self::BrokenJson { .. } => "broken_json",
            Self::JsonMember { .. } => "json_member",
            Self::JsonWithoutText => "json_without_text",
        }
    }
}

/// A parser's own words, cut and cleaned: they may quote the document.
pub(super) fn detail(words: impl std::fmt::Display) -> String {
    let words = words.to_string();
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}
