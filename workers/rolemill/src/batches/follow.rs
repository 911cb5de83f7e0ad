//! Following a batch until it is over, and sending it where nobody else does.

use anyhow::Context as _;
use broker::{BrokerSettings, Publisher};
use contract::{BatchState, ItemState};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use replay::drive;
use std::io::{IsTerminal as _, stderr};
use std::process::ExitCode;
use std::time::Duration;
use store::{ReplayBatch, Store};
use tokio::time::sleep;

use super::counts;
use crate::PARTLY;
use crate::amqp::AmqpFlags;

/// How often it is looked how far a batch is.
const LOOK: Duration = Duration::from_millis(500);
/// How long it is waited before more is sent.
const BUSY: Duration = Duration::from_millis(50);

/// Sends what batches hold.
pub(super) struct Driver {
    /// Where to.
    pub(super) publisher: Publisher,
    /// The broker.
    pub(super) settings: BrokerSettings,
}

impl Driver {
    /// One where it is wanted. A broker that is not there is found out here, before anything is taken.
    pub(super) async fn wanted(is_wanted: bool, amqp: &AmqpFlags) -> anyhow::Result<Option<Self>> {
        if !is_wanted {
            return Ok(None);
        }
        let settings = amqp.settings("rolemill replay")?;
        broker::topology::apply(&settings).await.with_context(|| format!("the broker {}", settings.url))?;
        Ok(Some(Self { publisher: Publisher::new(settings.clone()), settings }))
    }
}

/// How long a batch is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Until nothing is left to send, or somebody has to say that the others follow.
    Sent,
    /// Until every item that was sent has ended, too.
    Ended,
}

impl Until {
    /// As the flags say; none where it is not followed.
    pub(super) fn of(wait: bool, send: bool) -> Option<Self> {
        match (wait, send) {
            (true, _) => Some(Self::Ended),
            (false, true) => Some(Self::Sent),
            (false, false) => None,
        }
    }

    fn has_come(self, batch: &ReplayBatch) -> bool {
        let items = |state| batch.counts.get(&state).copied().unwrap_or(0);
        let (unsent, on_their_way) = (
            items(ItemState::Pending) + items(ItemState::Claimed),
            items(ItemState::Claimed) + items(ItemState::Sent),
        );
        match (batch.state, self) {
            (BatchState::Finished | BatchState::Cancelled, _) => true,
            (BatchState::AwaitingGo | BatchState::Paused, Self::Sent) => true,
            (BatchState::AwaitingGo, Self::Ended) => on_their_way == 0,
            (BatchState::Running, Self::Sent) => unsent == 0,
            (BatchState::Running | BatchState::Paused, Self::Ended) => false,
        }
    }
}

/// Follows a batch; with a driver, all running batches are sent meanwhile. The answer is where it stands then.
pub(super) async fn follow(
    store: &Store,
    id: i64,
    until: Until,
    driver: Option<Driver>,
) -> anyhow::Result<ReplayBatch> {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    if stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
    if let Ok(style) = ProgressStyle::with_template("{bar:32.green/dim} {percent:>3} %  {msg}") {
        bar.set_style(style.progress_chars("━━╌"));
    }
    loop {
        let sent = match &driver {
            Some(Driver { publisher, settings }) => drive(store, publisher, settings).await?,
            None => 0,
        };
        let batch = store.batch(id).await?;
        bar.set_length(batch.total);
        bar.set_position(batch.total - open(&batch).min(batch.total));
        bar.set_message(format!("{}: {}", batch.state, counts(&batch)));
        if until.has_come(&batch) {
            bar.finish_and_clear();
            if let Some(driver) = driver {
                driver.publisher.close().await;
            }
            return Ok(batch);
        }
        sleep(if sent > 0 { BUSY } else { LOOK }).await;
    }
}

/// Items that have not ended.
fn open(batch: &ReplayBatch) -> u64 {
    batch.counts.iter().filter(|(state, _)| !state.has_ended()).map(|(_, count)| count).sum()
}

/// What a batch's items came to, as an exit code: a gate's no is an answer.
pub(super) fn ended(batch: &ReplayBatch) -> ExitCode {
    let of =
        |states: &[ItemState]| -> u64 { states.iter().filter_map(|state| batch.counts.get(state)).sum() };
    let bad = of(&[ItemState::DeadLettered, ItemState::Cancelled, ItemState::Skipped]);
    let good = of(&[ItemState::Completed, ItemState::Rejected]) + open(batch);
    match (good, bad) {
        (_, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::FAILURE,
        (_, _) => ExitCode::from(PARTLY),
    }
}
