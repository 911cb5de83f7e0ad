//! Sending replays, as long as there are any.

use broker::{BrokerSettings, Publisher};
use pipeline::chain;
use std::time::Duration;
use store::Store;
use tokio::sync::watch;
use tokio::time::sleep;

/// How long it is waited when nothing was to be sent.
const IDLE: Duration = Duration::from_millis(500);
/// How long it is waited between items of a batch whose rate allows no more for now.
const BUSY: Duration = Duration::from_millis(50);

pub(crate) async fn send(
    store: &Store,
    publisher: &Publisher,
    settings: &BrokerSettings,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        let wait = match replay::drive(store, publisher, settings).await {
            Ok(0) => IDLE,
            Ok(_) => BUSY,
            Err(error) => {
                let error = chain(&error);
                tracing::warn!(error, "replays wait");
                IDLE * 4
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}
