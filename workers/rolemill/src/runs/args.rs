//! What may be said of stored runs.

use clap::{Args, Subcommand, ValueEnum};
use contract::{ConfidenceBand, DecisionCase, RunId, Status};
use std::path::PathBuf;
use uuid::Uuid;

use super::cancel::CancelArguments;
use super::diff::DiffArguments;
use super::replay::ReplayArguments;
use crate::args::DbFlags;
use crate::paging::Paging;
use crate::words::word;

/// `rolemill runs`.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List runs, the newest first, a page at a time.
    #[command(after_help = "Examples:\n  \
        rolemill runs list --band review --limit 50\n  \
        rolemill runs list --role backend-engineer --text microsoft\n  \
        rolemill runs list --format jsonl --after <cursor of the page before>")]
    List(ListArguments),
    /// Show one run with its answer.
    Show(ShowArguments),
    /// Write stored answers, contact data masked.
    #[command(after_help = "Example:\n  rolemill runs export --status completed --out answers.jsonl")]
    Export(ExportArguments),
    /// Forget the text of runs; what is left are counts. A line in the audit log tells of it.
    #[command(after_help = "Examples:\n  \
        rolemill runs purge --source board --dry-run\n  \
        rolemill runs purge --older-than 365 --documents-only\n  \
        rolemill runs purge --id 0198f3c2-…")]
    Purge(PurgeArguments),
    /// Say how two attempts of a run differ, stage by stage.
    #[command(after_help = "Examples:\n  \
        rolemill runs diff 0198f3c2-…                     the newest attempt and the one that it replays\n  \
        rolemill runs diff 0198f3c2-… --from 0 --to 2 --stage decision --format json")]
    Diff(DiffArguments),
    /// Send runs through the pipeline once more, however they ended; each is a new attempt.
    #[command(after_help = "Examples:\n  \
        rolemill runs replay 0198f3c2-…\n  \
        rolemill runs replay --role data-engineer --library 2026.3+1 --shadow   what would differ\n  \
        rolemill runs replay --band review --from decision --canary 10 --wait\n\n\
        Exit codes: 0 done (also when nothing was left to send), 1 failed, 2 wrong usage, 3 some items ended badly.")]
    Replay(Box<ReplayArguments>),
    /// Cancel runs that have not ended; what is on its way for them is not stored any more.
    #[command(after_help = "Example:\n  rolemill runs cancel 0198f3c2-… --reason \"sent by mistake\"\n\n\
        Exit codes: 0 all cancelled, 1 none cancelled, 2 wrong usage, 3 some had ended before.")]
    Cancel(CancelArguments),
}

/// Which runs.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub(crate) struct Which {
    /// How they ended: completed, rejected …
    #[arg(long, value_parser = word::<Status>)]
    status: Option<Status>,
    /// The chosen role's slug.
    #[arg(long, value_name = "SLUG")]
    role: Option<String>,
    /// The rule that chose it: ALIAS_CONFIRMED …
    #[arg(long, value_parser = word::<DecisionCase>)]
    case: Option<DecisionCase>,
    /// What the confidence allows: auto, provisional, review.
    #[arg(long, value_parser = word::<ConfidenceBand>)]
    band: Option<ConfidenceBand>,
    /// Who sent them.
    #[arg(long, value_name = "SYSTEM")]
    source: Option<String>,
    /// Words of the title or the company.
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
}

impl Which {
    /// As the store is asked.
    pub(crate) fn filter(&self, limit: u64) -> store::RunFilter {
        store::RunFilter {
            status: self.status,
            role: self.role.clone(),
            case: self.case,
            band: self.band,
            source: self.source.clone(),
            text: self.text.clone(),
            ..store::RunFilter::page(limit)
        }
    }
}

/// `rolemill runs list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) paging: Paging<store::Cursor>,
    /// How the list is written.
    #[arg(short, long, value_enum, default_value_t = ListFormat::Pretty)]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) db: DbFlags,
}

/// `rolemill runs show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// The run.
    #[arg(value_name = "RUN", value_parser = run_id)]
    pub(crate) id: RunId,
    /// One of its attempts [default: the newest].
    #[arg(long, value_name = "N")]
    pub(crate) attempt: Option<u32>,
    /// How it is shown.
    #[arg(short, long, value_enum, default_value_t = ShowFormat::Pretty)]
    pub(crate) format: ShowFormat,
    #[command(flatten)]
    pub(crate) db: DbFlags,
}

/// `rolemill runs export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    pub(crate) which: Which,
    /// A file [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Leave names, addresses and numbers of contacts readable.
    #[arg(long)]
    pub(crate) with_contacts: bool,
    #[command(flatten)]
    pub(crate) db: DbFlags,
}

/// `rolemill runs purge`.
#[derive(Debug, Args)]
pub(crate) struct PurgeArguments {
    /// These runs.
    #[arg(long = "id", value_name = "RUN", value_parser = run_id)]
    pub(crate) ids: Vec<RunId>,
    /// Runs of this sender.
    #[arg(long, value_name = "SYSTEM")]
    pub(crate) source: Option<String>,
    /// Runs accepted more than so many days ago.
    #[arg(long, value_name = "DAYS")]
    pub(crate) older_than: Option<u16>,
    /// Every run.
    #[arg(long, conflicts_with_all = ["ids", "source", "older_than"])]
    pub(crate) all: bool,
    /// Forget the documents as they came, and keep the answers.
    #[arg(long)]
    pub(crate) documents_only: bool,
    /// Only say what would be forgotten.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Who wants it [default: the user's name].
    #[arg(long, value_name = "NAME", env = "USER", hide_env_values = true, default_value = "unknown")]
    pub(crate) actor: String,
    #[command(flatten)]
    pub(crate) db: DbFlags,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Pretty,
    /// An object a line.
    Jsonl,
}

/// How a run is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// For people.
    Pretty,
    /// The stored object.
    Json,
}

pub(crate) fn run_id(written: &str) -> Result<RunId, String> {
    Uuid::parse_str(written).map(RunId).map_err(|_| "a run's id is a UUID".to_owned())
}
