//! Lists in the formats that every list has, and pages for people.

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::io::{self, Write};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::args::ListFormat;
use crate::history::guarded;
use crate::run::layout::{Ink, Item, LABEL, Page, ink, own, page_width};

/// What is there to be read, and no more.
pub(crate) const PLAIN: Style = Style::new();
/// What is of less importance.
pub(crate) const DIM: Style = Style::new().dimmed();
/// Something that ended well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Something that did not.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// Something that waits for somebody.
pub(crate) const WAITS: Style = AnsiColor::Yellow.on_default();

/// A line of a list.
pub(crate) trait Row: Serialize {
    /// Names of the columns of a table.
    const COLUMNS: &'static [&'static str];
    /// Its cells, as many as there are columns.
    fn cells(&self) -> Vec<String>;
    /// Sets it for people.
    fn set(&self, page: &mut Page);
}

/// Prints a list; `none` is said where it is empty, and `more` is the cursor behind it where it goes on.
pub(crate) fn print<R: Row>(
    rows: &[R],
    format: ListFormat,
    none: &str,
    more: Option<String>,
) -> anyhow::Result<()> {
    let mut page = Page::new(page_width());
    match format {
        ListFormat::Jsonl => return write_jsonl(&mut io::stdout().lock(), rows),
        ListFormat::Csv => {
            let mut out = io::stdout().lock();
            out.write_all(header::<R>()?.as_bytes())?;
            return write_csv(&mut out, rows);
        }
        ListFormat::Pretty if rows.is_empty() => page.line(&[own(PLAIN, none)]),
        ListFormat::Pretty => rows.iter().for_each(|row| row.set(&mut page)),
    }
    if let Some(cursor) = more {
        page.line(&[own(DIM, format!("more: --after {cursor}"))]);
    }
    show(page)
}

/// Writes an object a line.
pub(crate) fn write_jsonl<T: Serialize>(out: &mut dyn Write, lines: &[T]) -> anyhow::Result<()> {
    for line in lines {
        writeln!(out, "{}", serde_json::to_string(line)?)?;
    }
    Ok(())
}

/// The line with the names of the columns.
pub(crate) fn header<R: Row>() -> anyhow::Result<String> {
    csv_line(R::COLUMNS.iter().map(|name| (*name).to_owned()))
}

/// Writes a row each.
pub(crate) fn write_csv<R: Row>(out: &mut dyn Write, rows: &[R]) -> anyhow::Result<()> {
    for row in rows {
        out.write_all(csv_line(row.cells().into_iter())?.as_bytes())?;
    }
    Ok(())
}

fn csv_line(cells: impl Iterator<Item = String>) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells.map(guarded))?;
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// Prints a page, coloured where that is wanted.
pub(crate) fn show(page: Page) -> anyhow::Result<()> {
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    out.write_all(page.into_text().as_bytes())?;
    out.flush()?;
    Ok(())
}

/// A label and what it is of, as far as there is something.
pub(crate) fn fact(page: &mut Page, label: &str, words: impl AsRef<str>) {
    if !words.as_ref().is_empty() {
        page.labelled(own(DIM, label), &[ink(PLAIN, words)]);
    }
}

/// A label and prose beside it, wrapped.
pub(crate) fn prose(page: &mut Page, label: &str, style: Style, words: &str) {
    page.prose(own(DIM, label), &ink(style, words), usize::MAX);
}

/// Words in a column of so many cells, and one more between it and the next.
pub(crate) fn column(style: Style, words: &str, cells: usize) -> Ink {
    own(style, format!("{words:<cells$} "))
}

/// A line beside an empty label.
pub(crate) fn beside(page: &mut Page, item: &Item) {
    page.labelled(own(PLAIN, " ".repeat(LABEL)), item);
}

/// Day and minute, for people.
pub(crate) fn minute(at: OffsetDateTime) -> String {
    at.format(format_description!("[year]-[month]-[day] [hour]:[minute]")).unwrap_or_default()
}

/// A time as it is exchanged.
pub(crate) fn rfc3339(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// A value as a cell; nothing is an empty one.
pub(crate) fn cell(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
