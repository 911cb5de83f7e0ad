//! Telling that the library has a new version.

use broker::{BrokerSettings, Publisher, event};
use contract::{LibraryChanged, RunId};
use pipeline::chain;
use std::time::Duration;
use store::Store;
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

const EVERY: Duration = Duration::from_secs(5);

pub(crate) async fn watch(
    store: &Store,
    publisher: &Publisher,
    settings: &BrokerSettings,
    mut stop: watch::Receiver<bool>,
) {
    let mut known: Option<String> = None;
    while !*stop.borrow() {
        match store.newest_version().await {
            Ok(newest) => {
                let from = known.replace(newest.clone()).filter(|known| *known != newest);
                if from.is_some() {
                    tell(publisher, settings, LibraryChanged { from, to: newest }).await;
                }
            }
            Err(error) => {
                let error = chain(&error);
                tracing::warn!(error, "the library's version cannot be read");
            }
        }
        tokio::select! {
            () = sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

async fn tell(publisher: &Publisher, settings: &BrokerSettings, changed: LibraryChanged) {
    tracing::info!(from = changed.from, to = changed.to, "the library changed");
    // Several archive workers tell of the same change under the same id.
    let change = RunId(Uuid::new_v5(&Uuid::NAMESPACE_OID, changed.to.as_bytes()));
    match event(settings, LibraryChanged::KEY, LibraryChanged::KIND, (change, 0), &changed) {
        Ok(event) => {
            if let Err(error) = publisher.deliver(&event).await {
                let error = chain(&error);
                tracing::warn!(error, "nobody can be told of it");
            }
        }
        Err(error) => tracing::error!(%error, "the change cannot be written"),
    }
}
