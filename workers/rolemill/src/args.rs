//! What may be said on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::batches::BatchesCommand;
use crate::dead::DeadCommand;
use crate::publish::PublishArguments;
use crate::review::ReviewCommand;
use crate::runs::RunsCommand;
use crate::topology::TopologyCommand;
use crate::webhooks::WebhooksCommand;

/// The hidden first argument that makes this program the reader of one PDF, under limits.
pub(crate) const READ_PDF: &str = "__read-pdf";

/// Turns job descriptions (JDs) into structured, evidence-backed facts.
#[derive(Debug, Parser)]
#[command(
    name = "rolemill",
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        rolemill run posting.pdf                    read one JD, for people\n  \
        rolemill run jobs/ --format csv > jobs.csv  a folder of JDs, one row each\n  \
        rolemill run < jobs.jsonl > facts.jsonl     one JSON object a line in, one a line out\n  \
        rolemill library lint my-library/           what is wrong with a library\n\n\
        Exit codes: 0 all done, 1 failed, 2 wrong usage, 3 some inputs failed or were not taken.\n\
        Settings: ROLEMILL_DB, ROLEMILL_JOBS, ROLEMILL_LIBRARY, ROLEMILL_LOG; see `rolemill config check`."
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Print the versions of the pipeline and of the library.
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read JDs and write what they state.
    Run(Box<RunArguments>),
    /// Bring a database's tables and library to this version; nothing happens where they are.
    #[command(after_help = "Example:\n  rolemill migrate --db postgres://rolemill@db/rolemill")]
    Migrate {
        /// Settings that the command line overrides.
        #[command(flatten)]
        flags: DbFlags,
    },
    /// Hand JDs to the workers behind a broker.
    Publish(Box<PublishArguments>),
    /// Look at the broker's exchanges and queues, and declare them.
    #[command(subcommand)]
    Topology(TopologyCommand),
    /// Look at what was given up, mend it, send it once more.
    #[command(subcommand)]
    Dead(DeadCommand),
    /// Look after replays: halt them, let them go on, stop them.
    #[command(subcommand)]
    Batches(BatchesCommand),
    /// Look at stored runs, compare and replay them, export them, forget them.
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Work the review queues: what runs propose for the library.
    #[command(subcommand)]
    Review(ReviewCommand),
    /// Look after webhooks: who is told over HTTP that runs have ended.
    #[command(subcommand)]
    Webhooks(WebhooksCommand),
    /// Look at a library.
    #[command(subcommand)]
    Library(LibraryCommand),
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell.
    #[command(
        after_help = "Example:\n  rolemill completions bash > ~/.local/share/bash-completion/completions/rolemill"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// `rolemill run`.
#[derive(Debug, Args)]
#[command(after_help = "A .jsonl file, and standard input that begins with {, hold one JD a line:\n  \
        {\"id\": …, \"title\": …, \"company\": …, \"location\": …, \"source\": …, \"text\" or \"html\": …}\n\
    Every member may be left out or null; a title without a text is read as a title.\n\n\
    Examples:\n  \
        rolemill run posting.html\n  \
        rolemill run jobs/ more.jsonl --format jsonl --top 5 > facts.jsonl\n  \
        pbpaste | rolemill run\n  \
        rolemill run jobs.jsonl --hide-title | jq .outputs.decision.chosen_role.slug\n\n\
    Exit codes: 0 all done (a rejected JD is an answer), 1 nothing could be read, 2 wrong usage,\n\
    3 some inputs could not be read, or Ctrl-C came first.")]
pub(crate) struct RunArguments {
    /// Text, Markdown, HTML, PDF, DOCX, JSON or JSONL; folders of such; - is standard input.
    #[arg(value_name = "FILE")]
    pub(crate) inputs: Vec<PathBuf>,
    /// How the answers are written [default: pretty on a terminal, else jsonl].
    #[arg(short, long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Write only the first N roles of the ranking and of each signal.
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// The texts are parts of postings: no gate.
    #[arg(long)]
    pub(crate) fragment: bool,
    /// Keep given titles from the engine, those of a page's JSON-LD too.
    #[arg(long)]
    pub(crate) hide_title: bool,
    /// The same, and remove the title's wording from the text.
    #[arg(long)]
    pub(crate) mask_title: bool,
    /// Store nothing, and look nothing up.
    #[arg(long)]
    pub(crate) no_store: bool,
    /// Ask language models as this file has it (`rolemill config models` prints one) [default: $ROLEMILL_MODELS, else none].
    #[arg(long, value_name = "FILE")]
    pub(crate) models: Option<PathBuf>,
    /// What the language models' answers for one JD may cost, in US dollars.
    #[arg(long, value_name = "USD")]
    pub(crate) budget: Option<f64>,
    /// Where their answers may come from: stored ones first, the server only, or stored ones only.
    #[arg(long, value_enum, default_value_t = AnswersFrom::Stored)]
    pub(crate) answers: AnswersFrom,
    /// Settings that the command line overrides.
    #[command(flatten)]
    pub(crate) flags: Flags,
}

/// Settings that may be given as flags.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Flags {
    /// How many JDs are worked on at a time [default: the number of cores].
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) common: DbFlags,
}

/// Settings of every command that meets the database.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct DbFlags {
    /// The database: a file, or postgres://… [default: rolemill.db in the user's data folder].
    #[arg(long, value_name = "URL")]
    pub(crate) db: Option<String>,
    /// A folder of .toml files in place of the shipped library.
    #[arg(long, value_name = "DIR")]
    pub(crate) library: Option<PathBuf>,
    /// What is logged to standard error: off, error, warn, info, debug or directives [default: warn, of ours].
    #[arg(long, value_name = "FILTER")]
    pub(crate) log: Option<String>,
}

/// Where the answers of language models may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswersFrom {
    /// A stored answer to the same request, else the server.
    Stored,
    /// The server, though an answer may be stored.
    Fresh,
    /// Stored answers only: free, and the same as before.
    Recorded,
}

impl From<AnswersFrom> for contract::Answers {
    fn from(from: AnswersFrom) -> Self {
        match from {
            AnswersFrom::Stored => Self::Stored,
            AnswersFrom::Fresh => Self::Fresh,
            AnswersFrom::Recorded => Self::Recorded,
        }
    }
}

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Pretty,
    /// An object for one document, else an array.
    Json,
    /// An object a line, in order of the inputs.
    Jsonl,
    /// A row a JD.
    Csv,
}

/// `rolemill library`.
#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// Say what is wrong with a library; exit code 1 when something is.
    Lint {
        /// A folder of .toml files; without it the library in effect.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// List the versions in the database, the newest first.
    Versions {
        /// How they are written.
        #[arg(short, long, value_enum, default_value_t = HistoryFormat::Pretty)]
        format: HistoryFormat,
        #[command(flatten)]
        flags: DbFlags,
    },
    /// Say how one version differs from another.
    Diff {
        /// The older version's name.
        #[arg(value_name = "FROM")]
        from: String,
        /// The newer version's name [default: the newest].
        #[arg(value_name = "TO")]
        to: Option<String>,
        /// How the differences are written.
        #[arg(short, long, value_enum, default_value_t = HistoryFormat::Pretty)]
        format: HistoryFormat,
        #[command(flatten)]
        flags: DbFlags,
    },
    /// Make an older version's content the newest; what came after it stays in the history.
    Rollback {
        /// The version's name.
        #[arg(value_name = "VERSION")]
        to: String,
        #[command(flatten)]
        flags: DbFlags,
    },
    /// Write a version's entries.
    #[command(after_help = "Example:\n  rolemill library export --format csv > skills.csv")]
    Export {
        /// The version's name [default: the newest].
        #[arg(long, value_name = "VERSION")]
        version: Option<String>,
        /// How they are written.
        #[arg(short, long, value_enum, default_value_t = ExportFormat::Jsonl)]
        format: ExportFormat,
        #[command(flatten)]
        flags: DbFlags,
    },
    /// Count what is in a library.
    Stats {
        /// A folder of .toml files; without it the library in effect.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// How the library's history is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryFormat {
    /// For people.
    Pretty,
    /// One JSON array.
    Json,
}

/// How a library is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// An entry a line, whole.
    Jsonl,
    /// The skills, a row each.
    Csv,
}

/// `rolemill config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting with where it comes from, and all that is wrong; exit code 1 when something is.
    Check {
        /// Settings that the command line overrides.
        #[command(flatten)]
        flags: Flags,
    },
    /// Print a file with every setting of language models, its meaning and its default.
    #[command(after_help = "Example:\n  rolemill config models > models.toml\n  \
        ROLEMILL_MODEL_KEY_FILE=key rolemill run --models models.toml posting.txt")]
    Models,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_do_not_contradict_one_another() {
        Arguments::command().debug_assert();
    }
}
