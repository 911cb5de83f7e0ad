//! Figures of the messaging: our worker loop around stages that do nothing, beside a bare relay that does nothing else.
//!
//! Both have five hops, a process each, over the same bodies: durable queues, persistent messages, publisher confirms, and an
//! acknowledgement only behind the confirm. The first queue is filled while nobody reads; the clock runs from the word to begin until all
//! messages lie behind the last hop.

mod hop;
mod measure;
mod relay;

use clap::{Parser, Subcommand};
use contract::Stage;
use std::path::PathBuf;

#[derive(Debug, Parser)]
#[command(name = "rolemill-bench", about = "Measures the messaging; one JSON object on standard output")]
enum Arguments {
    /// A bare relay: consume, publish, confirm, acknowledge.
    Relay(Measured),
    /// The worker loop with stages that pass on what they get.
    Passthrough(Measured),
    /// One process of either; it begins at a line on standard input.
    #[command(subcommand, hide = true)]
    Hop(Hop),
}

#[derive(Clone, Debug, clap::Args)]
struct Measured {
    /// The broker.
    #[arg(long)]
    amqp: String,
    /// What every name on it begins with.
    #[arg(long)]
    prefix: String,
    /// Envelopes, one a line.
    #[arg(long)]
    bodies: PathBuf,
    /// How many of them are sent.
    #[arg(long)]
    messages: usize,
    /// How many hops they take.
    #[arg(long, default_value_t = 5)]
    hops: usize,
    /// Classic queues in place of quorum queues.
    #[arg(long)]
    classic: bool,
}

#[derive(Clone, Debug, Subcommand)]
enum Hop {
    Relay {
        #[arg(long)]
        amqp: String,
        #[arg(long)]
        from: String,
        #[arg(long)]
        to: String,
    },
    Passthrough {
        #[arg(long)]
        amqp: String,
        #[arg(long)]
        prefix: String,
        #[arg(long)]
        stage: Stage,
        #[arg(long)]
        classic: bool,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments {
            Arguments::Relay(measured) => measure::relay(&measured).await,
            Arguments::Passthrough(measured) => measure::passthrough(&measured).await,
            Arguments::Hop(Hop::Relay { amqp, from, to }) => relay::hop(&amqp, &from, &to).await,
            Arguments::Hop(Hop::Passthrough { amqp, prefix, stage, classic }) => {
                hop::passthrough(&amqp, &prefix, stage, classic).await
            }
        }
    })
}
