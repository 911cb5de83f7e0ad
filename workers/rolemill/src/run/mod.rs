//! `rolemill run`: JDs in, answers out in the same order, on all cores.

mod csv;
mod facts;
pub(crate) mod input;
mod json;
pub(crate) mod layout;
mod lines;
mod meaning;
mod pretty;
pub(crate) mod progress;
mod sections;
mod tally;
mod totals;
pub(crate) mod work;
mod write;

use futures::FutureExt as _;
use futures::stream::{self, Stream, StreamExt as _};
use persistence::Receipt;
use pipeline::{Failure as _, Fate, chain};
use rolemill::{Engine, KeepError, Keeper};
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

use crate::args::Format;
use input::{Input, InputError, Left};
use progress::Progress;
use tally::Mark;
use work::{Answer, Done, End};
use write::Writer;

pub(crate) use tally::Tally;
pub(crate) use work::{Titles, Wanted};
pub(crate) use write::Dress;

/// What `rolemill run` is asked to do.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Files, folders and `-`.
    pub(crate) inputs: Vec<PathBuf>,
    /// How the answers are written.
    pub(crate) format: Format,
    /// How they look to people.
    pub(crate) dress: Dress,
    /// How many JDs are worked on at a time.
    pub(crate) jobs: usize,
    /// What is asked of each.
    pub(crate) wanted: Wanted,
}

/// Why no more answers can be given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error("the inputs cannot be read")]
    Inputs(#[source] io::Error),
    #[error("the answers cannot be written")]
    Output(#[from] io::Error),
    #[error("an answer cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    #[error("an answer cannot be written as CSV")]
    Csv(#[from] ::csv::Error),
    #[error("the answers cannot be stored; what was written before is, and the rest can be run again")]
    Keep(#[from] KeepError),
}

/// How the command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What the answers come to.
    pub(crate) tally: Tally,
    /// What a stop kept from being taken.
    pub(crate) left: Option<Left>,
}

impl Ended {
    /// What people should know who look at standard error only.
    pub(crate) fn remark(&self) -> Option<String> {
        let Tally { total, failed, .. } = self.tally;
        let failures = match failed {
            0 => String::new(),
            _ => format!("{failed} of {total} failed"),
        };
        let stop = match self.left {
            None => return Some(failures).filter(|failures| !failures.is_empty()),
            Some(Left { left: 0, and_more: true, .. }) => "the rest was not taken".to_owned(),
            Some(Left { left, and_more: true, .. }) => format!("more than {left} not taken"),
            Some(Left { left, .. }) => format!("{left} not taken"),
        };
        let comma = if failed == 0 { "" } else { "; " };
        Some(format!("stopped: {total} done, {stop}{comma}{failures}"))
    }
}

/// An answer, written by the worker that found it.
struct Written {
    text: String,
    mark: Mark,
    weight: u64,
}

/// Runs that wait for the transaction that stores them: two batches.
const WAITING: usize = 128;

/// Answers every input. When `stop` turns true no more is taken and what has begun is finished.
pub(crate) async fn run(
    order: Order,
    engine: Arc<Engine>,
    keeper: Option<Keeper>,
    stop: watch::Receiver<bool>,
) -> Result<Ended, RunError> {
    let begun = Instant::now();
    let mut progress = Progress::new(input::total_weight(&order.inputs));
    let is_one =
        matches!(&order.inputs[..], [one] if !one.is_dir() && !input::is_jsonl(one) && !input::is_stdin(one));
    let mut writer = Writer::new(io::stdout().lock(), order.format, order.dress, is_one);
    let mut tally = Tally::default();
    // Twice the jobs wait and twice the jobs are begun: a slow document at the front does not idle the other cores.
    let (inputs, left) = input::read(order.inputs, order.jobs * 2).map_err(RunError::Inputs)?;
    {
        let (format, dress, wanted) = (order.format, order.dress, order.wanted);
        let (scribe, library) = (keeper.clone(), Arc::clone(&engine));
        let written = answers(inputs, stop.clone())
            .map(move |input| tokio::spawn(answered(Arc::clone(&engine), keeper.clone(), wanted, input)))
            .buffered(order.jobs * 2)
            .map(unpanicked)
            // In the order of the inputs: the rows of the same inputs are the same however many cores there are.
            .then(move |begun| handed_in(scribe.clone(), begun))
            .map(move |begun| tokio::spawn(finished(Arc::clone(&library), begun, format, dress)))
            .buffered(WAITING)
            .map(unpanicked);
        let mut written = std::pin::pin!(written);
        progress.aside(|| writer.begin())?;
        loop {
            let next = match written.next().now_or_never() {
                Some(next) => next,
                None => {
                    // Nothing is ready: whoever reads gets what there is.
                    progress.aside(|| writer.flush())?;
                    written.next().await
                }
            };
            let Some(Written { text, mark, weight }) = next.transpose()? else { break };
            tally.add(mark);
            progress.aside(|| writer.put(&text))?;
            progress.advance(weight);
        }
    }
    drop(progress);
    writer.end(&tally, begun.elapsed())?;
    let left = if *stop.borrow() { Some(count_left(left, &tally).await) } else { None };
    Ok(Ended { tally, left })
}

/// The inputs, until a stop.
fn answers(inputs: mpsc::Receiver<Input>, mut stop: watch::Receiver<bool>) -> impl Stream<Item = Input> {
    let stopped = async move {
        if stop.wait_for(|stop| *stop).await.is_err() {
            // Nobody is left who could ask for a stop.
            std::future::pending::<()>().await;
        }
    };
    stream::unfold(inputs, |mut inputs| async move { inputs.recv().await.map(|input| (input, inputs)) })
        .take_until(stopped)
}

/// An answer whose place in the order of saving is taken.
struct Begun {
    answer: Answer,
    weight: u64,
    receipt: Option<Receipt>,
}

/// Answers one input; a panic is this input's failure and nobody else's.
async fn answered(
    engine: Arc<Engine>,
    keeper: Option<Keeper>,
    wanted: Wanted,
    input: Input,
) -> Result<(Done, u64), RunError> {
    let (id, weight) = (input.id.clone(), input.weight);
    let answered = work::answer(&engine, keeper.as_ref(), wanted, input);
    let done = match AssertUnwindSafe(answered).catch_unwind().await {
        Ok(done) => done?,
        Err(_) => Done::only(id, End::Failed(InputError::Defect)),
    };
    Ok((done, weight))
}

async fn handed_in(keeper: Option<Keeper>, done: Result<(Done, u64), RunError>) -> Result<Begun, RunError> {
    let (Done { answer, record }, weight) = done?;
    let receipt = match (keeper, record) {
        (Some(keeper), Some(record)) => Some(keeper.hand_in(record).await?),
        (None, _) | (_, None) => None,
    };
    Ok(Begun { answer, weight, receipt })
}

/// The answer as it is written, once it is stored.
async fn finished(
    engine: Arc<Engine>,
    begun: Result<Begun, RunError>,
    format: Format,
    dress: Dress,
) -> Result<Written, RunError> {
    let Begun { answer, weight, receipt } = begun?;
    let answer = kept(answer, receipt).await?;
    let text = write::text(&answer, format, dress, engine.library())?;
    Ok(Written { text, mark: Mark::of(&answer), weight })
}

/// The answer once it is stored. What the store will never take is this input's failure; a store that is away is everybody's.
async fn kept(mut answer: Answer, receipt: Option<Receipt>) -> Result<Answer, RunError> {
    let Some(receipt) = receipt else { return Ok(answer) };
    match receipt.answer().await {
        Ok(saved) => {
            if let End::Ran(finished) = &mut answer.end {
                finished.take_saved(saved);
            }
            Ok(answer)
        }
        Err(error) if error.fate() == Fate::Permanent => {
            Ok(Answer { end: End::Failed(InputError::NotStored(chain(&error))), ..answer })
        }
        Err(error) => Err(KeepError::from(error).into()),
    }
}

fn unpanicked<T>(done: Result<T, tokio::task::JoinError>) -> T {
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

/// How many inputs a stop kept from being answered.
async fn count_left(told: oneshot::Receiver<Left>, tally: &Tally) -> Left {
    // The thread may be waiting for input that never comes.
    let uncounted = Left { given: tally.total, left: 0, and_more: true };
    let counted = match tokio::time::timeout(Duration::from_secs(1), told).await {
        Ok(Ok(counted)) => counted,
        Ok(Err(_)) | Err(_) => uncounted,
    };
    Left { left: counted.left + counted.given.saturating_sub(tally.total), ..counted }
}
