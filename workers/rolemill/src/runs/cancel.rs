//! `rolemill runs cancel`: runs that are not to come to an end.

use clap::Args;
use contract::RunId;
use pipeline::chain;
use std::process::ExitCode;
use store::{CancelledRun, Store};

use super::args::run_id;
use crate::PARTLY;
use crate::dead::args::{Actor, Place};

/// `rolemill runs cancel`.
#[derive(Debug, Args)]
pub(crate) struct CancelArguments {
    /// The runs.
    #[arg(value_name = "RUN", required = true, value_parser = run_id)]
    runs: Vec<RunId>,
    /// Why.
    #[arg(long, value_name = "WORDS")]
    reason: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    pub(super) place: Place,
}

/// `rolemill runs cancel`.
pub(super) async fn cancel(store: &Store, arguments: &CancelArguments) -> anyhow::Result<ExitCode> {
    let (mut done, mut failed) = (0_u64, 0_u64);
    for run in &arguments.runs {
        match store.cancel_run(*run, &arguments.reason, &arguments.actor.actor).await {
            Ok(CancelledRun { run_id, attempt, archived }) => {
                let letters =
                    if archived > 0 { format!("; dead letters put away: {archived}") } else { String::new() };
                crate::say(&format!("run {run_id} is cancelled up to attempt {attempt}{letters}\n"))?;
                done += 1;
            }
            // The others may be cancelled all the same.
            Err(error) if !error.may_pass() => {
                eprintln!("rolemill: {}", chain(&error));
                failed += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(match (done, failed) {
        (_, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::FAILURE,
        (_, _) => ExitCode::from(PARTLY),
    })
}
