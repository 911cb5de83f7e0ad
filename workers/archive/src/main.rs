//! The archive worker: it notes what came in, keeps what was given up, sends replays, looks for what was lost, and forgets in time.
//!
//! Any number of them may run: every write is once, whoever makes it.

mod auditor;
mod batches;
mod config;
mod dead;
mod ledger;
mod library;
mod retention;

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

const ABOUT: &str = "\
Keeps the ledger of accepted runs and the archive of dead letters, sends replays, finds lost runs.";

fn main() -> ExitCode {
    host::run("rolemill-archive", ABOUT, work)
}

async fn work(floor: Floor) -> anyhow::Result<()> {
    let Floor { settings, store, stop } = floor;
    let config = Config::from(&Env::process())?;
    let health = Health::of("archive");
    let served = host::answer(&settings, health.clone()).await?;
    let broker = &settings.broker;
    let publisher = Arc::new(Publisher::new(broker.clone()));
    let letters = Stage::VARIANTS.iter().map(|&stage| {
        dead::archive(stage, store.clone(), Arc::clone(&publisher), broker, health.clone(), stop.clone())
    });
    let letters = async { try_join_all(letters).await.context("the dead letters") };
    let ledger = async {
        ledger::note(store.clone(), broker, health.clone(), stop.clone()).await.context("the ledger")
    };
    let rounds = async {
        tokio::join!(
            batches::send(&store, &publisher, broker, stop.clone()),
            auditor::audit(&store, broker, &config, stop.clone()),
            retention::forget(&store, &config, stop.clone()),
            library::watch(&store, &publisher, broker, stop.clone()),
        );
        Ok(())
    };
    tokio::try_join!(letters, ledger, rounds)?;
    publisher.close().await;
    served.abort();
    store.close().await.ok();
    Ok(())
}
