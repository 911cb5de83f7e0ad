//! Reads a PDF. Its parser is not ours, and hostile files make it panic, loop or fill the memory: see
//! [`super::helper`] for the limits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use contract::MAX_TEXT_BYTES;
use pdf_extract::{Document, OutputError};
use serde::{Deserialize, Serialize};

use super::error::{ReadError, detail};
use super::pdf_layout::Layout;

/// How long one PDF may take.
pub(super) const TIME: Duration = Duration::from_secs(10);
/// The parser recurses over nested objects.
const STACK_BYTES: usize = 64 << 20;

/// What reading a PDF came to; goes from the helper to its parent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Text(String),
    WithoutText { pages: usize },
    TextTooLarge,
    Encrypted,
    Broken(String),
}

impl Answer {
    pub(super) fn text(self) -> Result<String, ReadError> {
        match self {
            Self::Text(text) => Ok(text),
            Self::WithoutText { pages } => Err(ReadError::PdfWithoutText { pages }),
            Self::TextTooLarge => Err(ReadError::TextTooLarge { limit: MAX_TEXT_BYTES }),
            Self::Encrypted => Err(ReadError::EncryptedPdf),
            Self::Broken(words) => Err(ReadError::BrokenPdf { detail: detail(words) }),
        }
    }
}

/// Reads in this process; the thread runs on when it is late.
pub(super) fn read_on_a_thread(bytes: &[u8]) -> Result<String, ReadError> {
    let (give, take) = mpsc::sync_channel(1);
    let bytes = bytes.to_vec();
    let thread = std::thread::Builder::new().name("pdf".to_owned()).stack_size(STACK_BYTES);
    // The receiver is gone when the answer is late.
    let started = thread.spawn(move || give.send(answer(&bytes)).ok());
    started.map_err(|error| ReadError::NoHelper { detail: detail(error) })?;
    match take.recv_timeout(TIME) {
        Ok(answer) => answer.text(),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(ReadError::TookTooLong { seconds: TIME.as_secs() }),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(ReadError::PdfCrash { detail: "its thread ended without an answer".to_owned() })
        }
    }
}

/// Reads without limits, but a panic of the parser is an answer.
pub(super) fn answer(bytes: &[u8]) -> Answer {
    let read = catch_unwind(AssertUnwindSafe(|| read(bytes)));
    read.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Answer::Broken(format!("its parser gave up: {}", detail(words)))
    })
}

fn read(bytes: &[u8]) -> Answer {
    let mut document = match Document::load_mem(bytes) {
        Ok(document) => document,
        Err(error) => return refusal(error),
    };
    // An empty password opens what is only locked against changes.
    if document.is_encrypted()
        && let Err(error) = document.decrypt("")
    {
        return refusal(error);
    }
    let mut layout = Layout::default();
    let outcome = pdf_extract::output_doc(&document, &mut layout);
    if layout.full {
        return Answer::TextTooLarge;
    }
    match outcome {
        Ok(()) => {}
        Err(OutputError::PdfError(error)) => return refusal(error),
        Err(error @ (OutputError::FormatError(_) | OutputError::IoError(_))) => {
            return Answer::Broken(detail(error));
        }
    }
    let pages = layout.pages;
    let text = layout.finish();
    let (all, unknown) =
        text.chars().filter(|c| !c.is_whitespace()).fold((0_usize, 0_usize), |(all, unknown), c| {
            (all + 1, unknown + usize::from(matches!(c, '\u{fffd}' | '\u{e000}'..='\u{f8ff}')))
        });
    if pages == 0 {
        Answer::Broken("it has no pages".to_owned())
    } else if all == 0 || unknown * 3 > all {
        Answer::WithoutText { pages }
    } else {
        Answer::Text(text)
    }
}

fn refusal(error: pdf_extract::Error) -> Answer {
    use pdf_extract::Error;
    if matches!(error, Error::Decryption(_) | Error::InvalidPassword | Error::UnsupportedSecurityHandler(_)) {
        Answer::Encrypted
    } else {
        Answer::Broken(detail(error))
    }
}
