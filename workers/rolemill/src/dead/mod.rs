//! `rolemill dead`: what was given up, and what people do about it.

pub(crate) mod args;
mod change;
mod export;
mod groups;
mod list;
mod show;
mod stranded;
pub(crate) mod table;

use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use store::Store;

use crate::amqp::AmqpFlags;
use crate::args::DbFlags;
use crate::batches::replay::{Options, replay};
use crate::paging::Paging;
use args::{Actor, ListFormat, OneFormat, Picked, Place, Which};

/// `rolemill dead`.
#[derive(Debug, Subcommand)]
pub(crate) enum DeadCommand {
    /// List dead letters, the newest first, a page at a time.
    #[command(after_help = "Examples:\n  \
        rolemill dead list --state parked --stage signals\n  \
        rolemill dead list --since 24h --text timeout --format csv > dead.csv\n  \
        rolemill dead list --after <cursor of the page before>")]
    List(ListArguments),
    /// Show one with its cause, every attempt of its run, its replays, and who did what with it.
    #[command(after_help = "Examples:\n  \
        rolemill dead show 12\n  \
        rolemill dead show 12 --body | jq .document\n  \
        rolemill dead show 12 --original > before-it-was-edited.json")]
    Show(ShowArguments),
    /// List the causes, those with the most dead letters first.
    #[command(after_help = "Examples:\n  \
        rolemill dead groups --state parked\n  \
        rolemill dead groups --since 7d --format jsonl\n\n\
        The small chart shows the last 24 hours, the present one at its right end.")]
    Groups(GroupsArguments),
    /// Write down what is known of a cause, in place of what was written before.
    #[command(
        after_help = "Example:\n  rolemill dead note 5f0c… \"the vendor sends empty salaries, ticket 412\""
    )]
    Note(NoteArguments),
    /// Change a message before it is sent once more; the original cannot go too.
    #[command(
        after_help = "The patch is RFC 6902. What is no JSON, or broken JSON, takes a whole new body. What names the run stays as it \
        is, and the stage must be able to read the result.\n\n\
        Examples:\n  \
        echo '[{\"op\": \"remove\", \"path\": \"/salary\"}]' | rolemill dead edit 12 --revision 0 --patch -\n  \
        rolemill dead edit 12 --revision 1 --patch fix.json --actor ada\n  \
        rolemill dead show 12 --body > posting.txt && vi posting.txt\n  \
        rolemill dead edit 12 --revision 0 --body posting.txt"
    )]
    Edit(EditArguments),
    /// Send dead letters once more, each once however often this is asked.
    #[command(
        after_help = "The selection is frozen into a batch, which the archive worker sends; `rolemill batches` looks after it.\n\n\
        Examples:\n  \
        rolemill dead replay 12 13\n  \
        rolemill dead replay --fingerprint 5f0c… --plan           what it would come to\n  \
        rolemill dead replay --fingerprint 5f0c… --shadow         do the work, store nothing, show what differs\n  \
        rolemill dead replay --all --canary 5 --rate 20/s --wait  five first, then ask\n  \
        rolemill dead replay 12 --from parse --library 2026.3+1 --send --amqp amqp://mq\n\n\
        Exit codes: 0 done (also when nothing was left to send), 1 failed, 2 wrong usage, 3 some items ended badly."
    )]
    Replay(Box<ReplayArguments>),
    /// Put dead letters away that nobody will send.
    #[command(after_help = "Examples:\n  \
        rolemill dead archive 12 13 --reason \"test postings\"\n  \
        rolemill dead archive --code malformed --until 30d --reason \"too old\" --keep-days 90")]
    Archive(ArchiveArguments),
    /// Take back dead letters that were put away.
    #[command(after_help = "Examples:\n  rolemill dead restore 12\n  rolemill dead restore --source board")]
    Restore(RestoreArguments),
    /// Write all dead letters that a filter matches.
    #[command(after_help = "Examples:\n  \
        rolemill dead export --format csv --out dead.csv\n  \
        rolemill dead export --state parked --bodies > letters.jsonl")]
    Export(ExportArguments),
    /// List accepted runs of which nothing is known any more: no message, no end.
    #[command(after_help = "Example:\n  rolemill dead stranded --format jsonl")]
    Stranded(StrandedArguments),
    /// Send stranded runs into the pipeline once more.
    #[command(after_help = "Examples:\n  \
        rolemill dead re-emit 0198f3c2-… --amqp amqp://mq\n  \
        rolemill dead re-emit --all\n\n\
        Exit codes: 0 all sent, 1 none sent, 2 wrong usage, 3 some not sent.")]
    ReEmit(Box<ReEmitArguments>),
}

/// `rolemill dead list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    paging: Paging<i64>,
    /// How the list is written.
    #[arg(short, long, value_enum, default_value_t = ListFormat::Pretty)]
    format: ListFormat,
    #[command(flatten)]
    place: Place,
}

/// `rolemill dead show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// The dead letter.
    id: i64,
    /// Print the message's body as it would be sent, and nothing else.
    #[arg(long, conflicts_with = "original")]
    body: bool,
    /// Print the body as it came, before anybody edited it, and nothing else.
    #[arg(long)]
    original: bool,
    /// How it is shown.
    #[arg(short, long, value_enum, default_value_t = OneFormat::Pretty)]
    format: OneFormat,
    #[command(flatten)]
    place: Place,
}

/// `rolemill dead groups`.
#[derive(Debug, Args)]
pub(crate) struct GroupsArguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    paging: Paging<store::GroupCursor>,
    /// How the list is written.
    #[arg(short, long, value_enum, default_value_t = ListFormat::Pretty)]
    format: ListFormat,
    #[command(flatten)]
    place: Place,
}

/// `rolemill dead note`.
#[derive(Debug, Args)]
pub(crate) struct NoteArguments {
    /// The group, as `dead groups` names it.
    fingerprint: String,
    /// What is known of it.
    words: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    place: Place,
}

/// `rolemill dead edit`.
#[derive(Debug, Args)]
pub(crate) struct EditArguments {
    /// The dead letter.
    id: i64,
    /// The revision that you looked at, as `dead show` names it; whoever edited it since is named then.
    #[arg(long, value_name = "N")]
    revision: i32,
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    place: Place,
}

/// What a message is changed to.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Change {
    /// A file with a patch of its JSON; - is standard input.
    #[arg(long, value_name = "FILE")]
    patch: Option<PathBuf>,
    /// A file with the whole new body, in UTF-8; - is standard input.
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
}

/// `rolemill dead replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    #[command(flatten)]
    picked: Picked,
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    amqp: AmqpFlags,
    #[command(flatten)]
    place: Place,
}

/// `rolemill dead archive`.
#[derive(Debug, Args)]
pub(crate) struct ArchiveArguments {
    #[command(flatten)]
    picked: Picked,
    /// Why.
    #[arg(long, value_name = "WORDS")]
    reason: String,
    /// Delete them after so many days [default: keep them].
    #[arg(long, value_name = "N")]
    keep_days: Option<u16>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    place: Place,
}

/// `rolemill dead restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    #[command(flatten)]
    picked: Picked,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    place: Place,
}

/// `rolemill dead export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    which: Which,
    /// How they are written.
    #[arg(short, long, value_enum, default_value_t = export::Format::Jsonl)]
    format: export::Format,
    /// With everything that `dead show` shows, bodies too; JSONL only.
    #[arg(long)]
    bodies: bool,
    /// A file [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// `rolemill dead stranded`.
#[derive(Debug, Args)]
pub(crate) struct StrandedArguments {
    /// Who sent them.
    #[arg(long, value_name = "SYSTEM")]
    source: Option<String>,
    #[command(flatten)]
    paging: Paging<store::Cursor>,
    /// How the list is written.
    #[arg(short, long, value_enum, default_value_t = ListFormat::Pretty)]
    format: ListFormat,
    #[command(flatten)]
    place: Place,
}

/// `rolemill dead re-emit`.
#[derive(Debug, Args)]
pub(crate) struct ReEmitArguments {
    /// These.
    #[arg(value_name = "RUN", value_parser = crate::runs::run_id, required_unless_present = "all")]
    runs: Vec<contract::RunId>,
    /// Every stranded run.
    #[arg(long, conflicts_with = "runs")]
    all: bool,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    amqp: AmqpFlags,
    #[command(flatten)]
    place: Place,
}

impl DeadCommand {
    /// Where the database is.
    pub(crate) fn db(&self) -> DbFlags {
        match self {
            Self::List(arguments) => &arguments.place,
            Self::Show(arguments) => &arguments.place,
            Self::Groups(arguments) => &arguments.place,
            Self::Note(arguments) => &arguments.place,
            Self::Edit(arguments) => &arguments.place,
            Self::Replay(arguments) => &arguments.place,
            Self::Archive(arguments) => &arguments.place,
            Self::Restore(arguments) => &arguments.place,
            Self::Export(arguments) => &arguments.place,
            Self::Stranded(arguments) => &arguments.place,
            Self::ReEmit(arguments) => &arguments.place,
        }
        .flags()
    }

    /// Does what was asked.
    pub(crate) async fn done(self, store: &Store) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(arguments) => list::list(store, &arguments).await?,
            Self::Show(arguments) => show::show(store, &arguments).await?,
            Self::Groups(arguments) => groups::groups(store, &arguments).await?,
            Self::Note(arguments) => groups::note(store, &arguments).await?,
            Self::Edit(arguments) => change::edit(store, &arguments).await?,
            Self::Export(arguments) => export::export(store, &arguments).await?,
            Self::Stranded(arguments) => stranded::list(store, &arguments).await?,
            Self::Archive(arguments) => return change::archive(store, &arguments).await,
            Self::Restore(arguments) => return change::restore(store, &arguments).await,
            Self::ReEmit(arguments) => return stranded::re_emit(store, &arguments).await,
            Self::Replay(arguments) => {
                let ReplayArguments { picked, options, actor, amqp, .. } = *arguments;
                let what = store::ReplayOf::Dead(picked.pick()?);
                return replay(store, what, &options, &actor.actor, &amqp).await;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
