//! What the worker processes do alike, so that each one's `main` is a table of contents.
//!
//! [`run`] reads the settings, starts logs and telemetry, connects to the database, answers `/livez`, `/readyz` and `/metrics`, and
//! then works for a stage until a signal. [`Versioned`] gives each run the library version that it is pinned to.
//!
//! **Invariant:** nothing here knows what a stage does.

mod arguments;
mod books;
mod http;
mod models;
mod settings;
mod shelf;
mod versioned;

use anyhow::Context as _;
use broker::Health;
use contract::Stage as StageName;
use library::Library;
use model::Model;
use pipeline::{Incoming, Outgoing, Pinned, Stage};
use runtime::{Env, shutdown, telemetry};
use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;
use store::Store;
use tokio::sync::watch;

pub use books::StoreBooks;
pub use models::{MODELS, consultant, model_settings};
pub use settings::{Problems, Settings, broker_settings};
pub use shelf::Shelf;
pub use versioned::Versioned;

use arguments::{Asked, asked};

/// The settings make no sense.
const USAGE: u8 = 2;

/// What a worker has to work with.
pub struct Floor {
    /// Its settings.
    pub settings: Settings,
    /// The database.
    pub store: Store,
    /// What answers questions to language models; none where none is set up.
    pub model: Option<Arc<dyn Model>>,
    /// Turns true when the process is to stop.
    pub stop: watch::Receiver<bool>,
}

/// A worker process from its arguments to its exit code: 0 when it was asked to stop and did, 1 when it failed, 2 for settings that
/// cannot be used.
pub fn run<W, F>(name: &'static str, about: &'static str, work: W) -> ExitCode
where
    W: FnOnce(Floor) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let settings = Settings::from(&Env::process(), name);
    let settings = match (asked(name, about), settings) {
        (Asked::Check, Ok(settings)) => {
            print!("{settings}");
            return ExitCode::SUCCESS;
        }
        (Asked::Check | Asked::Work, Err(problems)) => {
            eprintln!("{name}: {problems}");
            return ExitCode::from(USAGE);
        }
        (Asked::Work, Ok(settings)) => settings,
    };
    match hosted(name, settings, work) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn hosted<W, F>(name: &'static str, settings: Settings, work: W) -> anyhow::Result<()>
where
    W: FnOnce(Floor) -> F,
    F: Future<Output = anyhow::Result<()>>,
{
    let _telemetry = telemetry::init(name, &settings.telemetry).context("telemetry cannot be started")?;
    let stop = shutdown::on_signal().context("signals cannot be listened to")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let store = connected(&settings, stop.clone()).await?;
        let Some(store) = store else { return Ok(()) };
        let model = consultant(settings.models.as_ref(), Some(&store)).context("the language models")?;
        work(Floor { settings, store, model, stop }).await
    });
    // A document that nobody waits for any more must not hold up the end.
    runtime.shutdown_background();
    ended
}

/// The database, waited for as long as it takes; none when the process is to stop before it is there.
async fn connected(settings: &Settings, mut stop: watch::Receiver<bool>) -> anyhow::Result<Option<Store>> {
    let place = &settings.db;
    loop {
        let error = match Store::connect(place).await {
            Ok(store) => match store.check().await {
                Ok(()) => return Ok(Some(store)),
                Err(error) => error,
            },
            Err(error) => error,
        };
        if !error.may_pass() {
            return Err(error).with_context(|| format!("the database {place}"));
        }
        let error = pipeline::chain(&error);
        tracing::warn!(error, %place, "the database is waited for");
        tokio::select! {
            () = tokio::time::sleep(settings::LOOK_AGAIN) => {}
            _ = stop.wait_for(|stop| *stop) => return Ok(None),
        }
    }
}

/// Works for a stage that `make` makes of a library version.
///
/// # Errors
/// When the health address is taken, there is no library, or the broker has something else under the names that are needed.
pub async fn work<S, M>(floor: Floor, name: StageName, make: M) -> anyhow::Result<()>
where
    S: Stage<Input: Incoming + Pinned, Output: Outgoing>,
    M: Fn(Arc<Library>) -> S + Send + Sync + 'static,
{
    let Floor { settings, store, model, stop } = floor;
    let health = Health::of(name.to_string());
    let served = http::serve(settings.health, health.clone()).await?;
    let stage = Versioned::new(Shelf::new(store.clone()), model, make);
    broker::work(stage, name, settings.broker, health, stop).await.context("the broker")?;
    served.abort();
    store.close().await.ok();
    Ok(())
}

/// Answers for a process that has its own loop.
///
/// # Errors
/// When the address is taken.
pub async fn answer(settings: &Settings, health: Health) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    http::serve(settings.health, health).await
}
