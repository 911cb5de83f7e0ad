//! The loss auditor: compares what was accepted with what has ended.

use broker::{BrokerSettings, depths};
use contract::RunId;
use opentelemetry::global;
use opentelemetry::metrics::Counter;
use pipeline::chain;
use std::time::Duration;
use store::{LedgerLine, Store};
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::config::Config;

/// Lines that are looked at in one round.
const PAGE: u64 = 1_000;

/// Looks again and again. A run is stranded when nothing is known of it for the configured time although nothing waits before
/// any stage, or although the runs that came well after it have ended: queues keep their order.
pub(crate) async fn audit(
    store: &Store,
    settings: &BrokerSettings,
    config: &Config,
    mut stop: watch::Receiver<bool>,
) {
    let stranded = global::meter("rolemill")
        .u64_counter("rolemill.runs.stranded")
        .with_description("Accepted runs of which nothing is known any more.")
        .build();
    while !*stop.borrow() {
        if let Err(error) = round(store, settings, config, &stranded).await {
            tracing::warn!(error = format!("{error:#}"), "the audit waits");
        }
        tokio::select! {
            () = sleep(config.audit_every) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

async fn round(
    store: &Store,
    settings: &BrokerSettings,
    config: &Config,
    stranded: &Counter<u64>,
) -> anyhow::Result<()> {
    store.settle_ledger().await?;
    let overdue = store.overdue(OffsetDateTime::now_utc() - config.overdue_after, PAGE).await?;
    if overdue.is_empty() {
        return Ok(());
    }
    let watermark = store.last_settled_acceptance().await?;
    let is_idle = match depths(settings).await {
        Ok(depths) => depths.iter().filter(|(queue, _)| is_on_the_way(queue)).all(|(_, ready)| *ready == 0),
        Err(error) => {
            let error = chain(&error);
            tracing::warn!(error, "the queues cannot be looked at");
            false
        }
    };
    let lost: Vec<RunId> = overdue
        .iter()
        .filter(|line| {
            is_idle || watermark.is_some_and(|mark| was_overtaken(line, mark, config.overdue_after))
        })
        .map(|line| line.run_id)
        .collect();
    let count = store.strand(&lost).await?;
    if count > 0 {
        stranded.add(count, &[]);
        tracing::error!(count, first = %lost[0], "accepted runs are stranded: no message, no end; `rolemill dead stranded` lists them");
    }
    Ok(())
}

/// Whether runs wait in a queue of this name.
fn is_on_the_way(queue: &str) -> bool {
    [".work", ".priority", ".suspects", ".ledger"].iter().any(|end| queue.ends_with(end))
        || queue.contains(".retry.")
        || queue.ends_with(".parked")
}

/// Whether runs that came so much later have ended that this one cannot be behind them.
fn was_overtaken(line: &LedgerLine, last_ended: OffsetDateTime, by: Duration) -> bool {
    line.sent_at + by < last_ended
}
