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
Keeps the ledger of accepted runs and the archive of dead letters, sends replays, finds lost runs, tells webhooks.";

fn main() -> ExitCode {
    host::run("rolemill-archive", ABOUT, work)
}

async fn work(floor: Floor) -> anyhow::Result<()> {
    let Floor { settings, store, stop } = floor;
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
