//! `rolemill runs replay`: runs that ended, once more.

use clap::Args;
use contract::RunId;
use std::process::ExitCode;
use store::{ReplayOf, RunPick, Store};

use super::args::{Which, run_id};
use crate::amqp::AmqpFlags;
use crate::batches::replay::{Options, replay as send};
use crate::config::Problems;
use crate::dead::args::{Actor, Place};

/// `rolemill runs replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    /// The runs.
    #[arg(value_name = "RUN", value_parser = run_id)]
    runs: Vec<RunId>,
    /// Every run.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    amqp: AmqpFlags,
    #[command(flatten)]
    pub(super) place: Place,
}

impl ReplayArguments {
    fn pick(&self) -> Result<RunPick, Problems> {
        let is_filtered = self.which != Which::default();
        match (self.runs.is_empty(), self.all, is_filtered) {
            (false, false, false) => Ok(RunPick::Ids(self.runs.clone())),
            (true, true, false) | (true, false, true) => Ok(RunPick::Matching(self.which.filter(0))),
            (true, false, false) => {
                Err(Problems(vec!["name runs: their ids, a filter, or --all".to_owned()]))
            }
            (_, _, _) => Err(Problems(vec!["name runs by one of: their ids, a filter, --all".to_owned()])),
        }
    }
}

/// `rolemill runs replay`.
pub(super) async fn replay(store: &Store, arguments: &ReplayArguments) -> anyhow::Result<ExitCode> {
    let what = ReplayOf::Runs(arguments.pick()?);
    send(store, what, &arguments.options, &arguments.actor.actor, &arguments.amqp).await
}
