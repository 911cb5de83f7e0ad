//! Forgetting in time.

use pipeline::chain;
use std::time::Duration;
use store::{Store, StoreError};
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::config::Config;

const EVERY: Duration = Duration::from_secs(60 * 60);
/// Who forgets, in the audit log.
const ACTOR: &str = "rolemill-archive";

pub(crate) async fn forget(store: &Store, config: &Config, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = round(store, config).await {
            let error = chain(&error);
            tracing::warn!(error, "what is to be forgotten is kept for now");
        }
        tokio::select! {
            () = sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

async fn round(store: &Store, config: &Config) -> Result<(), StoreError> {
    let now = OffsetDateTime::now_utc();
    let bodies = store.forget_bodies(now - config.keep_bodies, ACTOR).await?;
    let letters = store.forget_dead(now - config.keep_replayed, ACTOR).await?;
    let deliveries = store.forget_deliveries(now - config.keep_deliveries, ACTOR).await?;
    let answers = store.forget_answers(now - config.keep_answers).await?;
    if bodies + letters + deliveries + answers > 0 {
        tracing::info!(bodies, letters, deliveries, answers, "forgotten");
    }
    Ok(())
}
