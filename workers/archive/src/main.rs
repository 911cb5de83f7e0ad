//! The archive worker: it notes what came in, keeps what was given up, sends replays, looks for what was lost, tells webhooks, and
//! forgets in time.
//!
//! Any number of them may run: every write is once, whoever makes it.

mod auditor;
mod batches;
mod config;
mod dead;
mod ledger;
mod library;
mod retention;
mod webhooks;

use anyhow::Context as _;
use broker::{Health, Publisher};
use config::Config;
use contract::Stage;
use futures::future::try_join_all;
use host::Floor;
use runtime::Env;
use std::process::ExitCode;
use std::sync::Arc;
use strum::VariantArray as _;
use tokio::sync::Notify;
use webhooks::WebhookSettings;

const ABOUT: &str = "\
Keeps the ledger of accepted runs and the archive of dead letters, sends replays, finds lost runs, tells webhooks.

Settings of its own (environment):
  ROLEMILL_OVERDUE_SECONDS          a run of which nothing is known for so long is looked for [3600]
  ROLEMILL_AUDIT_SECONDS            how often it is looked [15]
  ROLEMILL_KEEP_BODIES_DAYS         how long the postings of accepted runs are kept [30]
  ROLEMILL_KEEP_REPLAYED_DAYS       how long dead letters are kept that were sent once more [90]
  ROLEMILL_KEEP_ANSWERS_DAYS        how long what language models answered is kept [365]
  ROLEMILL_KEEP_DELIVERIES_DAYS     how long deliveries to webhooks are kept that came to an end [30]
  ROLEMILL_WEBHOOKS_WAITS           how long a webhook is waited for after each failed try [5s,30s,5m,30m,2h,5h,10h]
  ROLEMILL_WEBHOOKS_PRIVATE         \"allow\": webhooks may be in private networks, and need no TLS [none]
  ROLEMILL_WEBHOOKS_CA_FILE         certificates (PEM) that receivers are checked against, beside the well-known ones";

fn main() -> ExitCode {
    host::run("rolemill-archive", ABOUT, work)
}

async fn work(floor: Floor) -> anyhow::Result<()> {
    let Floor { settings, store, stop, .. } = floor;
    let config = Config::from(&Env::process())?;
    let webhooks = WebhookSettings::from(&Env::process())?;
    let health = Health::of("archive");
    let served = host::answer(&settings, health.clone()).await?;
    let broker = &settings.broker;
    let publisher = Arc::new(Publisher::new(broker.clone()));
    let letters = Stage::VARIANTS.iter().map(|&stage| {
        let health = health.part(stage.into());
        dead::archive(stage, store.clone(), Arc::clone(&publisher), broker, health, stop.clone())
    });
    let letters = async { try_join_all(letters).await.context("the dead letters") };
    let ledger = async {
        ledger::note(store.clone(), broker, health.part("ledger"), stop.clone()).await.context("the ledger")
    };
    let wake = Arc::new(Notify::new());
    let events = async {
        let (store, health, wake) = (store.clone(), health.part("webhooks"), Arc::clone(&wake));
        webhooks::gather_events(store, broker, health, wake, stop.clone())
            .await
            .context("the events for webhooks")
    };
    let deliveries =
        async { webhooks::deliver(&store, webhooks, &wake, stop.clone()).await.context("the webhooks") };
    let rounds = async {
        tokio::join!(
            batches::send(&store, &publisher, broker, stop.clone()),
            auditor::audit(&store, broker, &config, stop.clone()),
            retention::forget(&store, &config, stop.clone()),
            library::watch(&store, &publisher, broker, stop.clone()),
        );
        Ok(())
    };
    tokio::try_join!(letters, ledger, events, deliveries, rounds)?;
    publisher.close().await;
    served.abort();
    store.close().await.ok();
    Ok(())
}
