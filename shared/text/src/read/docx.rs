//! Reads a Word document: of its archive the one part `word/document.xml`, unpacked as it is parsed.
//!
//! Left out: deleted and moved-away text, hidden runs, field codes, and the second copy of a text box that
//! old programs get. XML entities are not expanded; Word writes none.

use std::io::{BufReader, Cursor, ErrorKind, Read};

use contract::MAX_TEXT_BYTES;
use flate2::read::DeflateDecoder;
use quick_xml::events::{BytesStart, Event};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::error::{ReadError, detail};

/// The main part.
const PART: &str = "word/document.xml";
/// More entries than any document has.
const MAX_ENTRIES: usize = 4096;
/// More than the main part of any document unpacks to.
const MAX_UNPACKED: u64 = 64 << 20;
/// More than XML shrinks to; only parts over a mebibyte are measured.
const MAX_RATIO: u64 = 200;
/// More elements inside one another than any document has.
const MAX_DEPTH: usize = 1024;

/// The text of a DOCX document.
pub(super) fn read(bytes: &[u8]) -> Result<String, ReadError> {
    let entries =
        declared_entries(bytes).ok_or_else(|| broken("the archive has no end; it may be cut off"))?;
    few_enough(entries)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken_zip)?;
    few_enough(archive.len())?;
    let at = archive
        .index_for_name(PART)
        .ok_or_else(|| broken(format!("the archive has no {PART}: no Word document")))?;
    let entry = archive.by_index_raw(at).map_err(broken_zip)?;
    if entry.encrypted() {
        return Err(broken("its main part is encrypted"));
    }
    let (packed, unpacked) = (entry.compressed_size(), entry.size());
    if unpacked > MAX_UNPACKED {
        return Err(too_large(format!("{PART} unpacks to {unpacked} bytes, the limit is {MAX_UNPACKED}")));
    }
    if unpacked > (1 << 20) && unpacked / packed.max(1) > MAX_RATIO {
        return Err(too_large(format!("{PART} unpacks to {} times its size", unpacked / packed.max(1))));
    }
    let method = entry.compression();
    if method == CompressionMethod::Stored {
        parse(entry)
    } else if method == CompressionMethod::Deflated {
        parse(DeflateDecoder::new(entry))
    } else {
        Err(broken(format!("its main part is compressed by {method}")))
    }
}

fn few_enough(entries: usize) -> Result<(), ReadError> {
    if entries <= MAX_ENTRIES {
        return Ok(());
    }
    Err(too_large(format!("{entries} entries, the limit is {MAX_ENTRIES}")))
}

/// What the end of the archive says, read before anything is allocated for it.
fn declared_entries(bytes: &[u8]) -> Option<usize> {
    let tail = &bytes[bytes.len().saturating_sub(22 + 65_535)..];
    let end = memchr::memmem::rfind(tail, b"PK\x05\x06")?;
    let count = tail.get(end + 10..end + 12)?;
    Some(usize::from(u16::from_le_bytes([count[0], count[1]])))
}

fn parse(part: impl Read) -> Result<String, ReadError> {
    // What the archive says of the size may be a lie.
    let mut xml =
        quick_xml::Reader::from_reader(BufReader::new(Measured { inner: part, left: MAX_UNPACKED }));
    let mut body = Body::default();
    let mut buffer = Vec::new();
    let mut depth = 0_usize;
    loop {
        buffer.clear();
        let event = xml.read_event_into(&mut buffer).map_err(broken_xml)?;
        match event {
            Event::Start(tag) => {
                depth += 1;
                body.start(&tag, false);
            }
            Event::Empty(tag) => body.start(&tag, true),
            Event::End(tag) => {
                depth -= 1;
                body.end(tag.name().local_name().as_ref());
            }
            Event::Text(text) => body.text(&text),
            Event::CData(text) => body.text(&text),
            Event::GeneralRef(name) => body.entity(&name, name.resolve_char_ref().ok().flatten()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof => break,
        }
        if depth > MAX_DEPTH {
            return Err(broken(format!("{PART} is nested more than {MAX_DEPTH} deep")));
        }
        if body.length > MAX_TEXT_BYTES {
            return Err(ReadError::TextTooLarge { limit: MAX_TEXT_BYTES });
        }
    }
    if !body.found {
        return Err(broken(format!("{PART} has no body")));
    }
    if !body.closed {
        return Err(broken(format!("{PART} is cut off")));
    }
    Ok(body.finish())
}

/// Gives no more than `left` bytes, then an error.
struct Measured<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        let left = self.left.checked_sub(read as u64);
        self.left = left.ok_or_else(|| std::io::Error::from(ErrorKind::FileTooLarge))?;
        Ok(read)
    }
}

/// The document's body as it is read.
#[derive(Default)]
struct Body {
    found: bool,
    closed: bool,
    /// Bytes of text so far.
    length: usize,
    lines: Vec<String>,
    /// The open paragraphs: a text box lies inside the paragraph that it hangs on.
    paragraphs: Vec<Paragraph>,
    rows: Vec<Row>,
    /// How deep inside something that is left out.
    left_out: u32,
    /// Inside `w:t`, paragraph properties, and the properties as they were before a change.
    in_text: bool,
    in_properties: bool,
    run_is_hidden: bool,
}

#[derive(Default)]
struct Paragraph {
    text: String,
    listed: bool,
    heading: bool,
    /// The lines of the text boxes on it.
    boxes: Vec<String>,
}

/// A table row: the lines of each of its cells.
#[derive(Default)]
struct Row {
    cells: Vec<Vec<String>>,
    /// How many paragraphs were open around it.
    around: usize,
}

impl Body {
    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) {
        let name = tag.name().local_name();
        let name: &str = name.as_ref();
        if self.left_out > 0 {
            self.left_out += u32::from(!empty);
            return;
        }
        match name {
            "del" | "moveFrom" | "Fallback" | "pPrChange" | "rPrChange" | "sectPrChange" | "txbxLinked" => {
                self.left_out += u32::from(!empty);
            }
            "body" => (self.found, self.closed) = (true, empty),
            "p" => {
                self.paragraphs.push(Paragraph::default());
                if empty {
                    self.end("p");
                }
            }
            "pPr" => self.in_properties = !empty,
            "r" => self.run_is_hidden = false,
            "t" => self.in_text = !empty,
            "tr" if !empty => self.rows.push(Row { cells: Vec::new(), around: self.paragraphs.len() }),
            "tc" => {
                if let Some(row) = self.rows.last_mut() {
                    self.length += 1;
                    row.cells.push(Vec::new());
                }
            }
            "vanish" if !self.in_properties => {
                self.run_is_hidden = !value(tag).is_some_and(|value| is_off(&value))
            }
            "numId" => {
                let listed = value(tag).is_some_and(|value| value != "0");
                self.paragraph(|paragraph| paragraph.listed = listed);
            }
            "pStyle" => {
                let style = value(tag).unwrap_or_default();
                let heading = style.starts_with("Heading") || style == "Title";
                let listed = style.starts_with("ListBullet") || style.starts_with("ListNumber");
                self.paragraph(|paragraph| {
                    (paragraph.heading, paragraph.listed) = (heading, paragraph.listed || listed)
                });
            }
            "tab" | "ptab" if !self.in_properties => self.push("\t"),
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("\u{2011}"),
            // A sign of a symbol font; at the start of a line it is a bullet.
            "sym" if self.paragraphs.last().is_some_and(|paragraph| paragraph.text.trim().is_empty()) => {
                self.push("• ")
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        match name {
            "body" => self.closed = true,
            "pPr" => self.in_properties = false,
            "r" => self.run_is_hidden = false,
            "t" => self.in_text = false,
            "p" => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.end_paragraph(paragraph);
                }
            }
            "tr" => {
                if let Some(row) = self.rows.pop() {
                    self.end_row(row);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text && self.left_out == 0 {
            self.push(text);
        }
    }

    fn entity(&mut self, name: &str, character: Option<char>) {
        let known = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => character,
        };
        if let Some(character) = known {
            self.text(character.encode_utf8(&mut [0; 4]));
        }
    }

    fn push(&mut self, text: &str) {
        if self.run_is_hidden {
            return;
        }
        self.length += text.len();
        self.paragraph(|paragraph| paragraph.text.push_str(text));
    }

    fn paragraph(&mut self, change: impl FnOnce(&mut Paragraph)) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            change(paragraph);
        }
    }

    fn end_paragraph(&mut self, paragraph: Paragraph) {
        let mut lines = Vec::with_capacity(1 + paragraph.boxes.len());
        let text = paragraph.text.trim();
        let bullet = paragraph.listed && !text.is_empty() && !text.starts_with('•');
        if paragraph.heading {
            lines.push(String::new());
        }
        lines.push(format!("{}{text}", if bullet { "• " } else { "" }));
        lines.extend(paragraph.boxes);
        self.give(lines);
    }

    /// Lines go to the innermost thing that is open: a cell, the paragraph that a text box hangs on, the body.
    fn give(&mut self, lines: Vec<String>) {
        let depth = self.paragraphs.len();
        self.length += lines.len();
        match (self.rows.last_mut(), self.paragraphs.last_mut()) {
            (Some(row), _) if row.around == depth => match row.cells.last_mut() {
                Some(cell) => cell.extend(lines),
                None => row.cells.push(lines),
            },
            (_, Some(paragraph)) => paragraph.boxes.extend(lines),
            (_, None) => self.lines.extend(lines),
        }
    }

    /// A row of single lines becomes one line; one with longer cells is layout, and becomes their lines.
    fn end_row(&mut self, row: Row) {
        let cells =
            row.cells.into_iter().map(|cell| cell.into_iter().filter(|line| !line.is_empty()).collect());
        let cells: Vec<Vec<String>> = cells.collect();
        if cells.iter().all(|cell| cell.len() <= 1) {
            let line = cells.into_iter().flatten().collect::<Vec<_>>().join("\t");
            self.give(vec![line]);
        } else {
            self.give(cells.into_iter().flatten().collect());
        }
    }

    fn finish(self) -> String {
        self.lines.join("\n").trim().to_owned()
    }
}

/// The attribute `w:val`.
fn value(tag: &BytesStart<'_>) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut attributes = attributes.with_checks(false).filter_map(Result::ok);
    let found = attributes.find(|attribute| attribute.key.local_name().as_ref() == "val")?;
    Some(found.value.into_owned())
}

fn is_off(value: &str) -> bool {
    matches!(value, "0" | "false" | "off")
}

fn broken(words: impl std::fmt::Display) -> ReadError {
    ReadError::BrokenDocx { detail: detail(words) }
}

fn broken_zip(error: ZipError) -> ReadError {
    broken(error)
}

fn broken_xml(error: quick_xml::Error) -> ReadError {
    if let quick_xml::Error::Io(error) = &error
        && error.kind() == ErrorKind::FileTooLarge
    {
        return too_large(format!("{PART} unpacks to more than {MAX_UNPACKED} bytes"));
    }
    broken(error)
}

fn too_large(detail: String) -> ReadError {
    ReadError::ArchiveTooLarge { detail }
}
