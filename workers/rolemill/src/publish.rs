//! `rolemill publish`: JDs to the broker, each confirmed.

use anyhow::Context as _;
use broker::{BrokerSettings, Lane, Posted, PublishError, Publisher};
use clap::Args;
use contract::MAX_DOCUMENT_BYTES;
use futures::stream::{self, StreamExt as _};
use pipeline::chain;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use crate::PARTLY;
use crate::amqp::AmqpFlags;
use crate::run::input::{self, Id, Input, InputError, What};
use crate::run::progress::Progress;

/// `rolemill publish`.
#[derive(Debug, Args)]
#[command(
    after_help = "A posting is named by its source and id, or by its content: published twice it is one run, so a publish that was\n\
    interrupted is simply called again, and with --state it goes on where it was.\n\n\
    Examples:\n  \
        rolemill publish jobs.jsonl --source board\n  \
        rolemill publish jobs/ --rate 50\n  \
        rolemill publish jobs.jsonl --state jobs.state    goes on behind what is confirmed\n\n\
    Exit codes: 0 all confirmed, 1 failed, 2 wrong usage, 3 some inputs could not be read, or Ctrl-C came first."
)]
pub(crate) struct PublishArguments {
    /// Text, Markdown, HTML, PDF, DOCX, JSON or JSONL; folders of such; - is standard input.
    #[arg(value_name = "FILE", required = true)]
    inputs: Vec<PathBuf>,
    /// Who sends them, where they do not say it themselves.
    #[arg(long, value_name = "SYSTEM", default_value = "publish")]
    source: String,
    /// Into the small lane that no batch keeps waiting.
    #[arg(long)]
    priority: bool,
    /// At most so many a second.
    #[arg(long, value_name = "N")]
    rate: Option<f64>,
    /// A file that keeps how many leading inputs are confirmed; they are passed over the next time.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Print one JSON object a posting: its id and its run.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    amqp: AmqpFlags,
}

/// Messages on their way at a time.
const WINDOW: usize = 256;
/// How often the state file is written, in messages.
const NOTED_EVERY: u64 = 256;

impl PublishArguments {
    pub(crate) async fn done(self, stop: watch::Receiver<bool>) -> anyhow::Result<ExitCode> {
        if self.rate.is_some_and(|rate| !(rate.is_finite() && rate > 0.0)) {
            anyhow::bail!("--rate must be above 0");
        }
        let settings = self.amqp.settings("rolemill publish")?;
        broker::topology::apply(&settings).await.with_context(|| format!("the broker {}", settings.url))?;
        let skipped = self.state.as_deref().map_or(Ok(0), confirmed_before)?;
        let begun = Instant::now();
        let mut tally = self.publish(settings, skipped, stop.clone()).await?;
        tally.stopped = *stop.borrow();
        let Tally { confirmed, failed, stopped } = tally;
        let seconds = begun.elapsed().as_secs_f64();
        let passed = if skipped > 0 { format!(", {skipped} were before") } else { String::new() };
        let stop_words = if stopped { "; stopped before the end" } else { "" };
        eprintln!(
            "{confirmed} published and confirmed in {seconds:.1} s ({:.0} a second){passed}, {failed} could not be read{stop_words}",
            confirmed as f64 / seconds.max(1e-9)
        );
        Ok(if failed > 0 || stopped { ExitCode::from(PARTLY) } else { ExitCode::SUCCESS })
    }

    async fn publish(
        &self,
        settings: BrokerSettings,
        skipped: u64,
        stop: watch::Receiver<bool>,
    ) -> anyhow::Result<Tally> {
        let total = input::total_weight(&self.inputs).filter(|_| skipped == 0);
        let mut progress = Progress::new(total);
        let (inputs, _) = input::read(self.inputs.clone(), WINDOW).context("the inputs cannot be read")?;
        let publisher = Arc::new(Publisher::new(settings.clone()));
        let lane = if self.priority { Lane::Priority } else { Lane::Bulk };
        let sent = paced(inputs, skipped, self.rate, stop)
            .map(|input| {
                let (publisher, settings, source) =
                    (Arc::clone(&publisher), settings.clone(), self.source.clone());
                async move {
                    let weight = input.weight;
                    let ended = match posted(input, &source, lane).await {
                        Ok((id, posted)) => {
                            let run = posted.run_id();
                            publisher.deliver(&posted.addressed(&settings)).await.map(|()| Ok((id, run)))
                        }
                        Err(unread) => Ok(Err(unread)),
                    };
                    ended.map(|ended| (weight, ended))
                }
            })
            // In the order of the inputs, so that what is confirmed is always a leading part of them.
            .buffered(WINDOW);
        let mut sent = std::pin::pin!(sent);
        let mut tally = Tally::default();
        while let Some(ended) = sent.next().await {
            let (weight, ended) = ended.map_err(|error: PublishError| anyhow::anyhow!(chain(&error)))?;
            match ended {
                Ok((id, run)) => {
                    tally.confirmed += 1;
                    if self.list {
                        let line = serde_json::json!({ "id": id, "run_id": run });
                        progress.aside(|| crate::say(&format!("{line}\n")))?;
                    }
                }
                Err(Unread { id, error }) => {
                    tally.failed += 1;
                    let id = serde_json::to_string(&id)?;
                    progress.aside(|| eprintln!("rolemill: {id}: {error}"));
                }
            }
            progress.advance(weight);
            let done = skipped + tally.confirmed + tally.failed;
            if done.is_multiple_of(NOTED_EVERY) {
                self.note(done)?;
            }
        }
        self.note(skipped + tally.confirmed + tally.failed)?;
        publisher.close().await;
        Ok(tally)
    }

    /// Writes down how far it came, whole or not at all.
    fn note(&self, done: u64) -> anyhow::Result<()> {
        let Some(path) = &self.state else { return Ok(()) };
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, format!("{done}\n"))
            .and_then(|()| std::fs::rename(&fresh, path))
            .with_context(|| format!("the state file {}", path.display()))
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    confirmed: u64,
    failed: u64,
    stopped: bool,
}

fn confirmed_before(path: &Path) -> anyhow::Result<u64> {
    match std::fs::read_to_string(path) {
        Ok(words) => {
            words.trim().parse().with_context(|| format!("{} is no state file of publish", path.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error).with_context(|| format!("the state file {}", path.display())),
    }
}

/// The inputs behind those that were confirmed before, no faster than wanted, until a stop.
fn paced(
    inputs: mpsc::Receiver<Input>,
    skipped: u64,
    rate: Option<f64>,
    mut stop: watch::Receiver<bool>,
) -> impl futures::Stream<Item = Input> {
    let stopped = async move {
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let begun = Instant::now();
    stream::unfold((inputs, 0_u64), move |(mut inputs, taken)| async move {
        let mut taken = taken;
        loop {
            let input = inputs.recv().await?;
            taken += 1;
            if taken <= skipped {
                continue;
            }
            if let Some(rate) = rate {
                sleep_until(begun + Duration::from_secs_f64((taken - skipped - 1) as f64 / rate)).await;
            }
            return Some((input, (inputs, taken)));
        }
    })
    .take_until(stopped)
}

/// An input that is not published.
struct Unread {
    id: Id,
    error: InputError,
}

/// An input as it is published, under a key that is the same the next time.
async fn posted(input: Input, source: &str, lane: Lane) -> Result<(Id, Posted), Unread> {
    let Input { id, what, .. } = input;
    let unread = |id, error| Err(Unread { id, error });
    let (system, key, content_type, body) = match what {
        What::Failed(error) => return unread(id, error),
        What::File(path) => match tokio::fs::read(&path).await {
            Ok(bytes) if bytes.len() > MAX_DOCUMENT_BYTES => {
                return unread(id, InputError::TooLarge(bytes.len()));
            }
            Ok(bytes) => (source.to_owned(), None, None, bytes),
            Err(error) => return unread(id, InputError::of(error)),
        },
        What::Document(bytes) if bytes.len() > MAX_DOCUMENT_BYTES => {
            return unread(id, InputError::TooLarge(bytes.len()));
        }
        What::Document(bytes) => (source.to_owned(), None, None, bytes),
        What::Row { bytes, place } => match crate::run::work::row(&bytes, &place) {
            Ok(row) => {
                let system = row.source().unwrap_or(source).to_owned();
                let key = row.id.as_ref().map(ToString::to_string);
                (system, key, Some("application/json".to_owned()), bytes)
            }
            Err(error) => return unread(id, error),
        },
    };
    let key = Some(key.unwrap_or_else(|| format!("{:x}", Sha256::digest(&body))));
    Ok((id, Posted { system, key, content_type, lane, run_id: None, attempt: 0, body }))
}
