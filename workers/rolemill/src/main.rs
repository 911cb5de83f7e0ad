//! The command line: a table of contents of what it can do.

mod amqp;
mod args;
mod batches;
mod config;
mod database;
mod dead;
mod history;
mod library;
mod paging;
mod publish;
mod review;
mod run;
mod runs;
mod topology;
mod webhooks;
mod words;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser as _, error::ErrorKind};
use llm::ModelSettings;
use rolemill::{Engine, EngineConfig, Keeper};
use runtime::{Env, logging, shutdown};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use store::Store;
use text::read::Reader;

use args::{
    Arguments, Command, ConfigCommand, DbFlags, Flags, Format, LibraryCommand, READ_PDF, RunArguments,
};
use config::{Problems, Settings};

/// Something was done, and something was not.
const PARTLY: u8 = 3;
/// The command or its settings make no sense.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    // First of all: the helper limits itself before a thread is started.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == READ_PDF) {
        return text::read::helper_main();
    }
    match done(Arguments::parse()) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let is_usage = error.is::<Problems>();
            eprintln!("rolemill: {error:#}");
            if is_usage { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
        }
    }
}

fn done(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        _ if arguments.version => version(),
        None => {
            Arguments::command().error(ErrorKind::MissingSubcommand, "a command is needed; see --help").exit()
        }
        Some(Command::Run(arguments)) => run(*arguments),
        Some(Command::Publish(arguments)) => {
            let stop = shutdown::on_signal().context("signals cannot be listened to")?;
            with_broker(arguments.done(stop))
        }
        Some(Command::Topology(command)) => with_broker(command.done()),
        Some(Command::Migrate { flags }) => migrate(&common(&flags)),
        Some(Command::Library(LibraryCommand::Versions { format, flags })) => {
            with_store(&common(&flags), async |store| say(&history::versions(&store, format).await?))
        }
        Some(Command::Library(LibraryCommand::Diff { from, to, format, flags })) => {
            with_store(&common(&flags), async |store| {
                say(&history::difference(&store, &from, to.as_deref(), format).await?)
            })
        }
        Some(Command::Library(LibraryCommand::Rollback { to, flags })) => {
            with_store(&common(&flags), async |store| say(&history::rollback(&store, &to).await?))
        }
        Some(Command::Library(LibraryCommand::Export { version, format, flags })) => {
            with_store(&common(&flags), async |store| {
                say(&history::export(&store, version.as_deref(), format).await?)
            })
        }
        Some(Command::Dead(command)) => {
            let flags = common(&command.db());
            with_store(&flags, async |store| command.done(&store).await)
        }
        Some(Command::Batches(command)) => {
            let flags = common(&command.db());
            with_store(&flags, async |store| command.done(&store).await)
        }
        Some(Command::Runs(command)) => {
            let flags = common(&command.db());
            with_store(&flags, async |store| command.done(&store).await)
        }
        Some(Command::Review(command)) => {
            let flags = common(command.db());
            with_store(&flags, async |store| command.done(&store).await)
        }
        Some(Command::Webhooks(command)) => {
            let flags = common(&command.db());
            with_store(&flags, async |store| command.done(&store).await)
        }
        Some(Command::Library(LibraryCommand::Lint { folder })) => lint(folder),
        Some(Command::Library(LibraryCommand::Stats { folder })) => say(&library_files(folder)?.figures()?),
        Some(Command::Config(ConfigCommand::Check { flags })) => check(&flags),
        Some(Command::Config(ConfigCommand::Models)) => say(llm::DEFAULTS),
        Some(Command::Completions { shell }) => completions(shell),
    }
}

fn run(arguments: RunArguments) -> anyhow::Result<ExitCode> {
    let is_terminal = io::stdout().is_terminal();
    let mut inputs = arguments.inputs;
    if inputs.is_empty() {
        if io::stdin().is_terminal() {
            let words = "nothing to read: name files or folders, or pipe a JD in (- reads from the terminal)";
            Arguments::command().error(ErrorKind::MissingRequiredArgument, words).exit();
        }
        inputs.push(PathBuf::from("-"));
    }
    let settings = Settings::from(&Env::process(), &arguments.flags)?;
    let models = models(arguments.models.as_deref())?;
    let _logging = logging::init(settings.log.value.parse()?)?;
    let stop = shutdown::on_signal().context("signals cannot be listened to")?;
    let jobs = settings.jobs.value.get();
    let order = run::Order {
        inputs,
        format: arguments.format.unwrap_or(if is_terminal { Format::Pretty } else { Format::Jsonl }),
        dress: run::Dress::of_stdout(),
        jobs,
        wanted: run::Wanted {
            fragment: arguments.fragment,
            titles: run::Titles::of(arguments.hide_title, arguments.mask_title),
            top: arguments.top,
            budget_usd: arguments.budget,
            answers: arguments.answers.into(),
        },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(jobs).enable_all().build()?;
    let is_kept = !arguments.no_store;
    let ended = runtime.block_on(async {
        let files = library::files(settings.library.value.as_deref())?;
        let store = if is_kept { Some(database::open(&settings.db.value).await?) } else { None };
        let library = match &store {
            Some(store) => database::library(store, &files).await?,
            None => files.build()?,
        };
        let model = host::consultant(models.as_ref(), store.as_ref()).context("the language models")?;
        let keeper = store.map(Keeper::new);
        let program = std::env::current_exe().context("this program's own path is not known")?;
        let reader = Reader::with_helper(program, vec![READ_PDF.to_owned()]);
        let engine = Arc::new(Engine::new(EngineConfig { library: Arc::new(library), reader, model }));
        Ok::<_, anyhow::Error>(run::run(order, engine, keeper, stop).await?)
    });
    // A PDF that nobody waits for any more must not hold up the end.
    runtime.shutdown_background();
    let ended = ended?;
    if let Some(remark) = ended.remark() {
        eprintln!("rolemill: {remark}");
    }
    // An input that cannot be read is the input's failure, not the command's, however many there are.
    let all_answered = ended.left.is_none() && ended.tally.failed == 0;
    Ok(if all_answered { ExitCode::SUCCESS } else { ExitCode::from(PARTLY) })
}

/// The language models that a file names, the flag's or the environment's.
fn models(file: Option<&Path>) -> Result<Option<ModelSettings>, Problems> {
    let mut problems = Vec::new();
    let models = host::model_settings(&Env::process(), file, &mut problems);
    if problems.is_empty() { Ok(models) } else { Err(Problems(problems)) }
}

/// The flags of a command that meets the database only.
fn common(flags: &DbFlags) -> Flags {
    Flags { common: flags.clone(), ..Flags::default() }
}

fn migrate(flags: &Flags) -> anyhow::Result<ExitCode> {
    let settings = Settings::from(&Env::process(), flags)?;
    let _logging = logging::init(settings.log.value.parse()?)?;
    let files = library::files(settings.library.value.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    say(&runtime.block_on(database::migrate(&settings.db.value, &files))?)
}

/// Does something with a database that has the tables of this version.
fn with_store(
    flags: &Flags,
    work: impl AsyncFnOnce(Store) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let settings = Settings::from(&Env::process(), flags)?;
    let _logging = logging::init(settings.log.value.parse()?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::connect(&settings.db.value).await?;
        store.check().await?;
        work(store).await
    })
}

/// Does something with a broker; what goes wrong with it is logged meanwhile.
fn with_broker(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let filter = Env::process().optional("ROLEMILL_LOG")?.unwrap_or_else(|| config::QUIET.to_owned());
    let _logging = logging::init(filter.parse()?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

fn lint(folder: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let (report, is_faulty) = library_files(folder)?.faults()?;
    say(&report)?;
    Ok(if is_faulty { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The library of a folder, or the one in effect.
fn library_files(folder: Option<PathBuf>) -> anyhow::Result<library::Files> {
    let flags = common(&DbFlags { library: folder, ..DbFlags::default() });
    library::files(Settings::from(&Env::process(), &flags)?.library.value.as_deref())
}

fn check(flags: &Flags) -> anyhow::Result<ExitCode> {
    let (settings, models) = (Settings::from(&Env::process(), flags), models(None));
    match (settings, models) {
        (Ok(settings), Ok(models)) => {
            let rows =
                settings.rows().map(|(name, value, origin)| format!("{name:<10}{value:<24}  {origin}\n"));
            let models = models.map_or_else(|| "models    none\n".to_owned(), |models| models.to_string());
            say(&(rows.concat() + &models))
        }
        (settings, models) => {
            let problems = [settings.err(), models.err()].into_iter().flatten().flat_map(|Problems(all)| all);
            let problems: Vec<String> = problems.collect();
            say(&problems.iter().map(|problem| format!("{problem}\n")).collect::<String>())?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "rolemill", &mut script);
    say(&String::from_utf8_lossy(&script))
}

fn version() -> anyhow::Result<ExitCode> {
    let library = library_files(None)?.build()?;
    say(&format!("rolemill {}\nlibrary  {}\n", contract::PIPELINE_VERSION, library.version()))
}

pub(crate) fn say(text: &str) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Whoever read the answers has read enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
