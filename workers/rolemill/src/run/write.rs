//! Answers on their way to standard output.

use library::Library;
use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::time::Duration;

use super::layout::page_width;
use super::tally::Tally;
use super::work::Answer;
use super::{RunError, csv, json, pretty, totals};
use crate::args::Format;

/// How answers look to people.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dress {
    /// Width of the page.
    pub(crate) width: usize,
    /// Whether it is coloured.
    pub(crate) is_coloured: bool,
}

impl Dress {
    /// As standard output shows it and its user wants it (`NO_COLOR`).
    pub(crate) fn of_stdout() -> Self {
        let is_coloured = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        Self { width: page_width(), is_coloured }
    }
}

/// An answer as it is written, its line's end included.
pub(crate) fn text(
    answer: &Answer,
    format: Format,
    dress: Dress,
    library: &Library,
) -> Result<String, RunError> {
    Ok(match format {
        Format::Pretty => coloured(pretty::block(answer, library, dress.width), dress),
        Format::Json => contract::canonical::indented(&json::line(answer)?),
        Format::Jsonl => json::line(answer)? + "\n",
        Format::Csv => csv::row(answer)?,
    })
}

fn coloured(text: String, dress: Dress) -> String {
    if dress.is_coloured { text } else { anstream::adapter::strip_str(&text).to_string() }
}

/// Writes answers with what stands before, between and after them.
pub(crate) struct Writer<W: Write> {
    out: BufWriter<W>,
    format: Format,
    dress: Dress,
    /// There is one document, and `json` writes an object for it, no array.
    is_one: bool,
    is_first: bool,
}

impl<W: Write> Writer<W> {
    /// A writer that has written nothing yet.
    pub(crate) fn new(out: W, format: Format, dress: Dress, is_one: bool) -> Self {
        Self { out: BufWriter::with_capacity(1 << 16, out), format, dress, is_one, is_first: true }
    }

    /// What stands before the answers.
    pub(crate) fn begin(&mut self) -> Result<(), RunError> {
        match self.format {
            Format::Json if !self.is_one => self.out.write_all(b"[")?,
            Format::Csv => self.out.write_all(csv::header()?.as_bytes())?,
            Format::Json | Format::Jsonl | Format::Pretty => {}
        }
        Ok(())
    }

    /// One answer.
    pub(crate) fn put(&mut self, text: &str) -> io::Result<()> {
        let is_first = std::mem::take(&mut self.is_first);
        let text = match self.format {
            Format::Json if !self.is_one => {
                self.out.write_all(if is_first { b"\n" } else { b",\n" })?;
                Cow::Borrowed(text)
            }
            Format::Json => Cow::Owned(format!("{text}\n")),
            Format::Pretty | Format::Jsonl | Format::Csv => Cow::Borrowed(text),
        };
        self.out.write_all(text.as_bytes())
    }

    /// Hands over what is still here.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// What stands after the answers.
    pub(crate) fn end(&mut self, tally: &Tally, elapsed: Duration) -> io::Result<()> {
        match self.format {
            Format::Json if !self.is_one => self.out.write_all(b"\n]\n")?,
            Format::Pretty if tally.total > 1 => {
                let line = coloured(totals::lines(tally, elapsed, self.dress.width), self.dress);
                self.out.write_all(line.as_bytes())?;
            }
            Format::Pretty | Format::Json | Format::Jsonl | Format::Csv => {}
        }
        self.flush()
    }
}
