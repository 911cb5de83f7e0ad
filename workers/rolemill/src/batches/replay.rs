//! Sending once more what is selected: planned, in the shadow, or for real.

use clap::Args;
use contract::{BatchState, ReplayDepth, SkipReason, Stage, VersionOverride};
use std::io::{self, BufRead as _, IsTerminal as _};
use std::process::ExitCode;
use store::{Frozen, Plan, ReplayOf, ReplayWish, RunPick, Store, USUAL_RATE};

use super::follow::{Driver, Until, ended, follow};
use super::{counts, shadow};
use crate::amqp::AmqpFlags;
use crate::config::Problems;
use crate::dead::args::OneFormat;
use crate::dead::table::{DIM, PLAIN, fact, show};
use crate::run::layout::{Page, own, page_width};
use crate::words::word;

/// How something is sent once more.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Replay")]
pub(crate) struct Options {
    /// From this stage, with what the stages before it found [default: where a dead letter died; parse for a run].
    #[arg(long, value_name = "STAGE", value_parser = word::<Stage>)]
    from: Option<Stage>,
    /// On this library version [default: the one that each is pinned to].
    #[arg(long, value_name = "VERSION")]
    library: Option<String>,
    /// On this version of the pipeline [default: the one that each is pinned to].
    #[arg(long, value_name = "VERSION")]
    pipeline: Option<String>,
    /// At most so many a second: 10 or 10/s [default: 10/s].
    #[arg(long, value_name = "N/s", value_parser = rate)]
    rate: Option<f64>,
    /// At most so many in all, the oldest first.
    #[arg(long, value_name = "N")]
    cap: Option<u64>,
    /// Send so many first; the others follow after `rolemill batches go`.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    canary: Option<u32>,
    /// Only say what it would come to.
    #[arg(long, conflicts_with_all = ["shadow", "wait", "send"])]
    plan: bool,
    /// Do the work here, store nothing, send nothing, and show what differs from the stored answers.
    #[arg(long, conflicts_with_all = ["wait", "send", "canary", "rate"])]
    shadow: bool,
    /// With --shadow: at most so many.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    limit: u64,
    /// Do not ask, also at a terminal.
    #[arg(short, long)]
    yes: bool,
    /// Wait until every item has ended, or the first ones have and the others await a go.
    #[arg(long)]
    wait: bool,
    /// Send from here, where no archive worker runs; needs the broker.
    #[arg(long)]
    send: bool,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t = OneFormat::Pretty)]
    format: OneFormat,
}

impl Options {
    fn wish(&self, what: ReplayOf, actor: &str) -> ReplayWish {
        ReplayWish {
            from: self.from,
            versions: VersionOverride {
                pipeline: self.pipeline.clone(),
                library: self.library.clone(),
                ..VersionOverride::default()
            },
            rate_per_second: self.rate.unwrap_or(USUAL_RATE),
            cap: self.cap,
            canary: self.canary,
            depth: if self.shadow { ReplayDepth::Shadow } else { ReplayDepth::Real },
            ..ReplayWish::new(what, actor)
        }
    }

    /// What would only be found out by everything dying of it.
    async fn check(&self, store: &Store) -> anyhow::Result<()> {
        if let Some(wanted) = &self.library {
            let known = store.versions().await?;
            if !known.iter().any(|version| version.name == *wanted) {
                let problem =
                    format!("the database has no library version {wanted}: see `rolemill library versions`");
                return Err(Problems(vec![problem]).into());
            }
        }
        match &self.pipeline {
            Some(wanted) if self.shadow && wanted != contract::PIPELINE_VERSION => {
                let here = contract::PIPELINE_VERSION;
                let problem =
                    format!("--pipeline {wanted}: a shadow is run by this program, which is {here}");
                Err(Problems(vec![problem]).into())
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Replays what is selected, as far as the options say.
pub(crate) async fn replay(
    store: &Store,
    what: ReplayOf,
    options: &Options,
    actor: &str,
    amqp: &AmqpFlags,
) -> anyhow::Result<ExitCode> {
    let wish = options.wish(what, actor);
    options.check(store).await?;
    if options.plan {
        let plan = store.plan_replay(&wish).await?;
        print(options.format, &plan, || planned(&plan))?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.shadow {
        return shadow::shadow(store, &wish, options.limit, options.format).await;
    }
    let driver = Driver::wanted(options.send, amqp).await?;
    if !options.yes && !agreed(store, &wish).await? {
        eprintln!("nothing is sent");
        return Ok(ExitCode::SUCCESS);
    }
    let mut frozen = store.freeze_replay(&wish).await?;
    if options.format == OneFormat::Pretty {
        show(taken(&frozen, options))?;
    }
    let mut code = ExitCode::SUCCESS;
    if let Some(until) = Until::of(options.wait, options.send)
        && frozen.batch.state != BatchState::Finished
    {
        frozen.batch = follow(store, frozen.batch.id, until, driver).await?;
        code = ended(&frozen.batch);
        if options.format == OneFormat::Pretty {
            show(outcome(&frozen))?;
        }
    }
    if options.format == OneFormat::Json {
        print(OneFormat::Json, &frozen, || Page::new(0))?;
    }
    Ok(code)
}

fn print<T: serde::Serialize>(
    format: OneFormat,
    value: &T,
    page: impl FnOnce() -> Page,
) -> anyhow::Result<()> {
    match format {
        OneFormat::Pretty => show(page()),
        OneFormat::Json => crate::say(&(serde_json::to_string_pretty(value)? + "\n")).map(drop),
    }
}

/// Asks at a terminal whether all that a filter matches is meant; who names each by itself, and who is not there, is not asked.
async fn agreed(store: &Store, wish: &ReplayWish) -> anyhow::Result<bool> {
    let is_named =
        matches!(&wish.what, ReplayOf::Dead(store::DeadPick::Ids(_)) | ReplayOf::Runs(RunPick::Ids(_)));
    if is_named || !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(true);
    }
    let plan = store.plan_replay(wish).await?;
    if plan.total == 0 {
        return Ok(true);
    }
    eprint!("{}\nSend {} once more? [y/N] ", said(&plan), plan.total);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Several numbers with what they are of.
pub(super) fn numbers<K: ToString>(numbers: impl IntoIterator<Item = (K, u64)>) -> String {
    let words: Vec<String> = numbers
        .into_iter()
        .map(|(of, number)| format!("{number} {}", of.to_string().replace('_', " ")))
        .collect();
    words.join(", ")
}

/// What is left out and why, in words.
pub(super) fn left_out(plan: &Plan) -> String {
    let words = |reason: SkipReason| match reason {
        SkipReason::Queued => "waiting in another batch",
        SkipReason::Replayed => "sent before",
        SkipReason::Archived => "put away",
        SkipReason::Missing => "not there",
        SkipReason::Erased => "without their text",
        SkipReason::SameRun => "of runs that are being replayed",
        SkipReason::NotStored => "without a stored attempt",
        SkipReason::StageNotReached => "that never reached the stage",
        SkipReason::Unreadable => "that can only go where they came from",
        SkipReason::OverCap => "over the cap",
    };
    numbers(plan.skipped.iter().map(|(reason, number)| (words(*reason), *number)))
}

/// A plan in a line.
fn said(plan: &Plan) -> String {
    let skipped: u64 = plan.skipped.values().sum();
    let stages = numbers(plan.by_stage.iter().map(|(stage, number)| (stage, *number)));
    let cost = plan.estimated_cost_usd.map(|cost| format!("; about ${cost:.2}")).unwrap_or_default();
    format!("{} to send ({stages}), {skipped} left out{cost}", plan.total)
}

fn planned(plan: &Plan) -> Page {
    let mut page = Page::new(page_width());
    let many = if plan.total == 1 { "1 item".to_owned() } else { format!("{} items", plan.total) };
    page.labelled(own(DIM, "Would send"), &[own(PLAIN, many)]);
    facts(&mut page, plan);
    page
}

/// What a plan comes to, but for the number of its items.
fn facts(page: &mut Page, plan: &Plan) {
    fact(page, "From stage", numbers(plan.by_stage.iter().map(|(stage, number)| (stage, *number))));
    fact(page, "Causes", numbers(plan.by_code.iter().map(|(code, number)| (code, *number))));
    fact(page, "Left out", left_out(plan));
    if plan.total > 0 {
        let cost = plan.estimated_cost_usd.map(|cost| match cost {
            0.0 => "nothing, as before".to_owned(),
            cost => format!("about ${cost:.4}, as before"),
        });
        fact(page, "Cost", cost.unwrap_or_else(|| "not known: no earlier attempt is stored".to_owned()));
    }
}

fn taken(frozen: &Frozen, options: &Options) -> Page {
    let Frozen { batch, plan } = frozen;
    let mut page = Page::new(page_width());
    let many = if plan.total == 1 { "1 item".to_owned() } else { format!("{} items", plan.total) };
    page.labelled(own(DIM, "Batch"), &[own(PLAIN, format!("{}: {many}", batch.id))]);
    facts(&mut page, plan);
    let next = match (plan.total, options.send, options.canary) {
        (0, _, _) => "nothing is left to send".to_owned(),
        (_, true, _) => format!("sent from here, {} a second at most", batch.rate_per_second),
        (total, false, Some(canary)) if u64::from(canary) < total => {
            format!("the archive worker sends {canary}; then `rolemill batches go {}`", batch.id)
        }
        (_, false, _) => {
            format!("the archive worker sends it, {} a second at most", batch.rate_per_second)
        }
    };
    fact(&mut page, "Next", next);
    page
}

fn outcome(frozen: &Frozen) -> Page {
    let batch = &frozen.batch;
    let mut page = Page::new(page_width());
    page.labelled(own(DIM, "Now"), &[own(PLAIN, format!("{}: {}", batch.state, counts(batch)))]);
    if batch.state == BatchState::AwaitingGo {
        fact(&mut page, "Next", format!("rolemill batches go {0}, or cancel {0}", batch.id));
    }
    page
}

/// So many a second.
fn rate(written: &str) -> Result<f64, String> {
    let number = written.strip_suffix("/s").unwrap_or(written);
    match number.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        Ok(_) | Err(_) => Err("it is a number of items a second above 0: 10 or 10/s".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_so_many_a_second_and_above_nothing() {
        assert_eq!((rate("10"), rate("2.5/s")), (Ok(10.0), Ok(2.5)));
        for wrong in ["0", "-1/s", "inf", "10/m", "", "NaN"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }
}
