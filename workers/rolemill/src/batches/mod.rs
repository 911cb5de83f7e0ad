//! `rolemill batches`: replays that were frozen, and what becomes of them.

mod follow;
pub(crate) mod replay;
mod shadow;

use anstyle::Style;
use clap::{Args, Subcommand};
use contract::{BatchState, ItemState};
use std::process::ExitCode;
use store::{ItemCursor, ItemLine, ReplayBatch, Store};
use strum::VariantArray as _;

use crate::amqp::AmqpFlags;
use crate::args::DbFlags;
use crate::dead::args::{Actor, ListFormat, OneFormat, Place};
use crate::dead::table::{
    BAD, DIM, GOOD, PLAIN, Row, WAITS, cell, column, fact, minute, print, rfc3339, show as set,
};
use crate::paging::Paging;
use crate::run::layout::{Page, ink, own, page_width};
use crate::words::word;
use follow::{Driver, Until, ended, follow};
use replay::numbers;

/// `rolemill batches`.
#[derive(Debug, Subcommand)]
pub(crate) enum BatchesCommand {
    /// List batches, the newest first, a page at a time.
    #[command(after_help = "Example:\n  rolemill batches list --format csv")]
    List(ListArguments),
    /// Show a batch with its items.
    #[command(after_help = "Examples:\n  \
        rolemill batches show 7\n  \
        rolemill batches show 7 --state dead_lettered --limit 100")]
    Show(ShowArguments),
    /// Halt a batch that is being sent.
    #[command(after_help = "Example:\n  rolemill batches pause 7")]
    Pause(Steer),
    /// Let a halted batch go on.
    #[command(after_help = "Example:\n  rolemill batches resume 7 --wait")]
    Resume(Box<GoOn>),
    /// Let the others follow after the first items of a batch.
    #[command(
        after_help = "Examples:\n  rolemill batches go 7 --wait\n  rolemill batches go 7 --send --amqp amqp://mq"
    )]
    Go(Box<GoOn>),
    /// Stop a batch for good; what it has not sent waits as before.
    #[command(after_help = "Example:\n  rolemill batches cancel 7")]
    Cancel(Steer),
}

/// `rolemill batches list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    paging: Paging<i64>,
    /// How the list is written.
    #[arg(short, long, value_enum, default_value_t = ListFormat::Pretty)]
    format: ListFormat,
    #[command(flatten)]
    place: Place,
}

/// `rolemill batches show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// The batch.
    id: i64,
    /// Only items in this state: pending, claimed, sent, completed, rejected, dead_lettered, cancelled, skipped.
    #[arg(long, value_parser = word::<ItemState>)]
    state: Option<ItemState>,
    #[command(flatten)]
    paging: Paging<u32>,
    /// How it is shown.
    #[arg(short, long, value_enum, default_value_t = OneFormat::Pretty)]
    format: OneFormat,
    #[command(flatten)]
    place: Place,
}

/// A batch, and who decides on it.
#[derive(Debug, Args)]
pub(crate) struct Steer {
    /// The batch.
    id: i64,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    place: Place,
}

/// A batch that goes on, and how far it is followed.
#[derive(Debug, Args)]
pub(crate) struct GoOn {
    /// The batch.
    id: i64,
    /// Wait until every item has ended.
    #[arg(long)]
    wait: bool,
    /// Send from here, where no archive worker runs; needs the broker.
    #[arg(long)]
    send: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    amqp: AmqpFlags,
    #[command(flatten)]
    place: Place,
}

impl BatchesCommand {
    /// Where the database is.
    pub(crate) fn db(&self) -> DbFlags {
        match self {
            Self::List(arguments) => &arguments.place,
            Self::Show(arguments) => &arguments.place,
            Self::Pause(steer) | Self::Cancel(steer) => &steer.place,
            Self::Resume(on) | Self::Go(on) => &on.place,
        }
        .flags()
    }

    /// Does what was asked.
    pub(crate) async fn done(self, store: &Store) -> anyhow::Result<ExitCode> {
        let said = match self {
            Self::List(arguments) => return list(store, &arguments).await,
            Self::Show(arguments) => return show(store, &arguments).await,
            Self::Pause(Steer { id, actor, .. }) => {
                store.pause_batch(id, &actor.actor).await?;
                format!("batch {id} is halted; `rolemill batches resume {id}` lets it go on\n")
            }
            Self::Resume(on) => {
                let driver = Driver::wanted(on.send, &on.amqp).await?;
                store.resume_batch(on.id, &on.actor.actor).await?;
                crate::say(&format!("batch {} goes on\n", on.id))?;
                return follow_on(store, &on, driver).await;
            }
            Self::Go(on) => {
                let driver = Driver::wanted(on.send, &on.amqp).await?;
                store.go_batch(on.id, &on.actor.actor).await?;
                crate::say(&format!("the others of batch {} follow\n", on.id))?;
                return follow_on(store, &on, driver).await;
            }
            Self::Cancel(Steer { id, actor, .. }) => {
                let unsent = store.cancel_batch(id, &actor.actor).await?;
                format!("batch {id} is stopped; {unsent} items are not sent\n")
            }
        };
        crate::say(&said)
    }
}

async fn follow_on(store: &Store, on: &GoOn, driver: Option<Driver>) -> anyhow::Result<ExitCode> {
    let Some(until) = Until::of(on.wait, on.send) else { return Ok(ExitCode::SUCCESS) };
    let batch = follow(store, on.id, until, driver).await?;
    crate::say(&format!("{}: {}\n", batch.state, counts(&batch)))?;
    Ok(ended(&batch))
}

async fn list(store: &Store, arguments: &ListArguments) -> anyhow::Result<ExitCode> {
    let paging = &arguments.paging;
    let batches = store.batches(paging.after, paging.limit).await?;
    print(&batches, arguments.format, "no batches", paging.next(&batches, |last| last.id))?;
    Ok(ExitCode::SUCCESS)
}

async fn show(store: &Store, arguments: &ShowArguments) -> anyhow::Result<ExitCode> {
    let batch = store.batch(arguments.id).await?;
    let paging = &arguments.paging;
    let cursor = ItemCursor { state: arguments.state, after: paging.after, limit: paging.limit };
    let items = store.batch_items(arguments.id, &cursor).await?;
    if arguments.format == OneFormat::Json {
        let whole = serde_json::json!({ "batch": batch, "items": items });
        return crate::say(&(serde_json::to_string_pretty(&whole)? + "\n"));
    }
    let mut page = Page::new(page_width());
    facts(&mut page, &batch)?;
    items.iter().for_each(|item| line(&mut page, item));
    if let Some(next) = paging.next(&items, |last| last.position) {
        page.line(&[own(DIM, format!("more: --after {next}"))]);
    }
    set(page)?;
    Ok(ExitCode::SUCCESS)
}

fn facts(page: &mut Page, batch: &ReplayBatch) -> anyhow::Result<()> {
    let state = own(colour(batch.state), batch.state.to_string());
    page.labelled(own(DIM, "Batch"), &[own(PLAIN, format!("{} ", batch.id)), state]);
    fact(page, "Frozen", format!("{} by {}", rfc3339(batch.created_at), batch.actor));
    fact(page, "Of", batch.filter.to_string());
    let from = batch.from.map_or_else(|| "where each died, or parse".to_owned(), |stage| stage.to_string());
    fact(page, "From", from);
    if !batch.versions.is_empty() {
        fact(page, "Versions", serde_json::to_string(&batch.versions)?);
    }
    let cap = batch.cap.map(|cap| format!(", {cap} in all")).unwrap_or_default();
    let canary = batch.canary.map(|canary| format!(", {canary} first")).unwrap_or_default();
    fact(page, "At most", format!("{} a second{cap}{canary}", batch.rate_per_second));
    fact(page, "Items", format!("{}: {}", batch.total, counts(batch)));
    fact(page, "Others went", cell(batch.went_at.map(rfc3339)));
    fact(page, "Over", cell(batch.ended_at.map(rfc3339)));
    Ok(())
}

fn line(page: &mut Page, item: &ItemLine) {
    let style = match item.state {
        ItemState::Completed | ItemState::Rejected => GOOD,
        ItemState::Pending | ItemState::Claimed | ItemState::Sent => WAITS,
        ItemState::DeadLettered | ItemState::Cancelled | ItemState::Skipped => BAD,
    };
    let letter = item.dead_letter_id.map(|id| format!("dead letter {id}, ")).unwrap_or_default();
    let run = item.run_id.map_or_else(|| "no run".to_owned(), |run| format!("run {run}"));
    let note = item.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    page.line(&[
        column(DIM, &item.position.to_string(), 6),
        column(style, &item.state.to_string(), 13),
        own(PLAIN, format!("{letter}{run} from {} as attempt {}", item.stage, item.attempt)),
        ink(DIM, note),
    ]);
}

/// How many items of a batch stand where, in words.
pub(crate) fn counts(batch: &ReplayBatch) -> String {
    let words = numbers(batch.counts.iter().map(|(state, number)| (state, *number)));
    if words.is_empty() { "no items".to_owned() } else { words }
}

fn colour(state: BatchState) -> Style {
    match state {
        BatchState::Running | BatchState::Finished => GOOD,
        BatchState::Paused | BatchState::AwaitingGo => WAITS,
        BatchState::Cancelled => BAD,
    }
}

impl Row for ReplayBatch {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "state",
        "depth",
        "created_at",
        "actor",
        "from",
        "rate_per_second",
        "cap",
        "canary",
        "total",
        "pending",
        "claimed",
        "sent",
        "completed",
        "rejected",
        "dead_lettered",
        "cancelled",
        "skipped",
        "went_at",
        "ended_at",
        "filter",
    ];

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.id.to_string(),
            self.state.to_string(),
            self.depth.to_string(),
            rfc3339(self.created_at),
            self.actor.clone(),
            cell(self.from),
            self.rate_per_second.to_string(),
            cell(self.cap),
            cell(self.canary),
            self.total.to_string(),
        ];
        let number = |state| self.counts.get(state).copied().unwrap_or(0).to_string();
        cells.extend(ItemState::VARIANTS.iter().map(number));
        cells.extend([
            cell(self.went_at.map(rfc3339)),
            cell(self.ended_at.map(rfc3339)),
            self.filter.to_string(),
        ]);
        cells
    }

    fn set(&self, page: &mut Page) {
        page.line(&[
            column(PLAIN, &self.id.to_string(), 6),
            column(colour(self.state), &self.state.to_string(), 11),
            column(DIM, &minute(self.created_at), 16),
            ink(PLAIN, &self.actor),
            own(DIM, format!("  {}: {}", self.total, counts(self))),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_as_many_cells_as_there_are_columns() {
        let states: Vec<String> = ItemState::VARIANTS.iter().map(ToString::to_string).collect();
        assert_eq!(ReplayBatch::COLUMNS[10..18], states);
    }
}
