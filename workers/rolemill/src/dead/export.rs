//! Dead letters, written out.

use anyhow::Context as _;
use clap::ValueEnum;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use store::{DeadLine, Store};

use super::ExportArguments;
use super::table::{header, write_csv, write_jsonl};
use crate::config::Problems;

/// Dead letters of a page.
const PAGE: u64 = 500;

/// How dead letters are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// An object a line.
    Jsonl,
    /// A row each, with a line of names first; cells that a spreadsheet would take for a formula begin with an apostrophe.
    Csv,
}

/// `rolemill dead export`.
pub(super) async fn export(store: &Store, arguments: &ExportArguments) -> anyhow::Result<()> {
    if arguments.bodies && arguments.format == Format::Csv {
        return Err(Problems(vec!["--bodies is for --format jsonl: a body is no cell".to_owned()]).into());
    }
    let out: Box<dyn Write> = match &arguments.out {
        Some(path) => {
            Box::new(File::create(path).with_context(|| format!("{} cannot be written", path.display()))?)
        }
        None => Box::new(io::stdout().lock()),
    };
    let mut out = BufWriter::new(out);
    if arguments.format == Format::Csv {
        out.write_all(header::<DeadLine>()?.as_bytes())?;
    }
    let mut filter = arguments.which.filter(PAGE);
    loop {
        let page = store.dead_letters(&filter).await?;
        match arguments.format {
            Format::Csv => write_csv(&mut out, &page)?,
            Format::Jsonl if arguments.bodies => {
                for line in &page {
                    write_jsonl(&mut out, &[store.dead_letter(line.id).await?])?;
                }
            }
            Format::Jsonl => write_jsonl(&mut out, &page)?,
        }
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => filter.after = Some(last.id),
            Some(_) | None => break,
        }
    }
    Ok(out.flush()?)
}
