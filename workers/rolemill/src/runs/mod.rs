//! `rolemill runs`: what was stored.

mod args;
mod cancel;
pub(crate) mod diff;
mod list;
mod replay;
mod unanswered;

use anyhow::{Context as _, bail};
use contract::{Enriched, ModelCall, Persistence, RunId, Status};
use rolemill::masking;
use serde_json::json;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::Duration;
use store::{Purge, PurgeDepth, PurgeOf, RunFilter, Store, StoredAttempt};
use time::OffsetDateTime;

use args::{ExportArguments, PurgeArguments, ShowArguments, ShowFormat};
pub(crate) use args::{RunsCommand, run_id};

/// Runs of a page of an export.
const PAGE: u64 = 200;

impl RunsCommand {
    /// Where the database is.
    pub(crate) fn db(&self) -> crate::args::DbFlags {
        match self {
            Self::List(arguments) => arguments.db.clone(),
            Self::Show(arguments) => arguments.db.clone(),
            Self::Export(arguments) => arguments.db.clone(),
            Self::Purge(arguments) => arguments.db.clone(),
            Self::Diff(arguments) => arguments.db.clone(),
            Self::Replay(arguments) => arguments.place.flags(),
            Self::Cancel(arguments) => arguments.place.flags(),
        }
    }

    /// Does what was asked.
    pub(crate) async fn done(self, store: &Store) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(arguments) => list::list(store, &arguments).await?,
            Self::Show(arguments) => return show(store, &arguments).await,
            Self::Export(arguments) => export(store, &arguments).await?,
            Self::Purge(arguments) => purge(store, arguments).await?,
            Self::Diff(arguments) => return diff::diff(store, &arguments).await,
            Self::Replay(arguments) => return replay::replay(store, &arguments).await,
            Self::Cancel(arguments) => return cancel::cancel(store, &arguments).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn show(store: &Store, arguments: &ShowArguments) -> anyhow::Result<ExitCode> {
    let Some(attempt) = store.attempt(arguments.id, arguments.attempt).await? else {
        print!("{}", unanswered::standing(store, arguments.id).await?);
        return Ok(ExitCode::FAILURE);
    };
    let calls = store.model_calls(attempt.run_id, attempt.attempt).await?;
    let text = match arguments.format {
        ShowFormat::Json => contract::canonical::indented(&line(&attempt, &calls, true)?) + "\n",
        ShowFormat::Pretty => list::page(&attempt, &calls)?,
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// A stored attempt as one JSON object.
fn line(attempt: &StoredAttempt, calls: &[ModelCall], with_contacts: bool) -> anyhow::Result<String> {
    let outputs = match (&attempt.outputs, with_contacts) {
        (Some(outputs), true) => outputs.clone(),
        (Some(outputs), false) => masking::masked(outputs)?,
        (None, _) => "{}".to_owned(),
    };
    let mut outputs: serde_json::Value = serde_json::from_str(&outputs)?;
    if let (Some(persistence), Some(members)) = (&attempt.persistence, outputs.as_object_mut()) {
        members.insert("persistence".to_owned(), serde_json::to_value(persistence)?);
    }
    Ok(json!({
        "run_id": attempt.run_id,
        "attempt": attempt.attempt,
        "replay_of": attempt.replay_of,
        "status": attempt.status,
        "outputs": outputs,
        "options": attempt.options,
        "versions": attempt.versions,
        "timings": attempt.timings,
        "cost_usd": attempt.cost_usd,
        "model_calls": calls,
    })
    .to_string())
}

async fn export(store: &Store, arguments: &ExportArguments) -> anyhow::Result<()> {
    let out: Box<dyn Write> = match &arguments.out {
        Some(path) => {
            Box::new(File::create(path).with_context(|| format!("{} cannot be written", path.display()))?)
        }
        None => Box::new(io::stdout().lock()),
    };
    let mut out = BufWriter::new(out);
    let mut filter: RunFilter = arguments.which.filter(PAGE);
    loop {
        let page = store.runs(&filter).await?;
        for run in &page {
            if let Some(attempt) = store.attempt(run.run_id, None).await? {
                let calls = store.model_calls(attempt.run_id, attempt.attempt).await?;
                writeln!(out, "{}", line(&attempt, &calls, arguments.with_contacts)?)?;
            }
        }
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => {
                filter.after = Some(store::Cursor { created_at: last.created_at, run_id: last.run_id });
            }
            Some(_) | None => break,
        }
    }
    out.flush()?;
    Ok(())
}

async fn purge(store: &Store, arguments: PurgeArguments) -> anyhow::Result<()> {
    let before = arguments
        .older_than
        .map(|days| OffsetDateTime::now_utc() - Duration::from_secs(u64::from(days) * 24 * 60 * 60));
    let of = PurgeOf { ids: arguments.ids, source: arguments.source, before };
    if of.is_everything() && !arguments.all {
        bail!("name runs: --id, --source, --older-than, or --all for every run");
    }
    let depth = if arguments.documents_only { PurgeDepth::Documents } else { PurgeDepth::Everything };
    let purge = Purge { of, depth, dry_run: arguments.dry_run, actor: arguments.actor };
    let purged = store.purge(&purge).await?;
    let verb = if purge.dry_run { "would lose" } else { "lost" };
    println!(
        "{} runs {verb} their text: {} documents, {} quotes",
        purged.runs, purged.documents, purged.quotes
    );
    Ok(())
}

/// The outputs of a completed attempt.
fn outputs(attempt: &StoredAttempt) -> Result<Option<Enriched>, serde_json::Error> {
    match (&attempt.outputs, attempt.status) {
        (Some(outputs), Status::Completed) => serde_json::from_str(outputs).map(Some),
        (Some(_) | None, _) => Ok(None),
    }
}

/// What a run's persistence comes to, in words.
fn persisted(persistence: &Persistence) -> String {
    let totals = &persistence.totals;
    let artifacts: u32 = totals.artifacts.values().sum();
    let duplicate =
        persistence.duplicate_of.map(|RunId(first)| format!(", repeats {first}")).unwrap_or_default();
    format!("{} links, {artifacts} proposals{duplicate}", totals.items)
}
