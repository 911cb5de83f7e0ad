//! Keeping what a stage gave up, and telling of it.

use broker::{BrokerError, BrokerSettings, Gathered, Health, PublishError, Publisher, Taken, event, gather};
use contract::{DeadLetter, RunFailed, Stage};
use futures::future::join_all;
use std::sync::Arc;
use store::{BuriedLetter, Store, StoreError};
use tokio::sync::watch;

/// The most letters of one transaction.
const BATCH: u16 = 64;

/// Why letters were not archived.
#[derive(Debug, thiserror::Error)]
enum ArchiveError {
    #[error("the letters cannot be stored")]
    Store(#[from] StoreError),
    #[error("nobody can be told of them")]
    Publish(#[from] PublishError),
    #[error("an event cannot be written")]
    Json(#[from] serde_json::Error),
}

pub(crate) async fn archive(
    stage: Stage,
    store: Store,
    publisher: Arc<Publisher>,
    settings: &BrokerSettings,
    health: Health,
    stop: watch::Receiver<bool>,
) -> Result<(), BrokerError> {
    let write = |taken: Vec<Taken>| {
        let (store, publisher) = (store.clone(), Arc::clone(&publisher));
        async move {
            let letters: Vec<BuriedLetter> = taken
                .into_iter()
                .map(|taken| {
                    let (letter_id, letter) = taken.dead_letter(stage, &settings.name);
                    let trace_id = letter.trace_parent.as_deref().and_then(trace_id);
                    BuriedLetter { letter_id, trace_id, letter }
                })
                .collect();
            store.bury(&letters).await?;
            tell(&publisher, settings, &letters).await
        }
    };
    gather(Gathered::Parked(stage), settings, BATCH, write, &health, stop).await
}

async fn tell(
    publisher: &Publisher,
    settings: &BrokerSettings,
    letters: &[BuriedLetter],
) -> Result<(), ArchiveError> {
    let mut events = Vec::with_capacity(letters.len());
    for BuriedLetter { letter, .. } in letters {
        let Some(failed) = failed(letter) else { continue };
        let about = (failed.run_id, failed.attempt);
        events.push(event(settings, RunFailed::KEY, RunFailed::KIND, about, &failed)?);
    }
    for told in join_all(events.iter().map(|event| publisher.deliver(event))).await {
        told?;
    }
    Ok(())
}

fn failed(letter: &DeadLetter) -> Option<RunFailed> {
    let fault = &letter.fault;
    Some(RunFailed {
        run_id: letter.run_id?,
        attempt: letter.attempt.unwrap_or_default(),
        source: letter.source.clone(),
        stage: fault.stage,
        code: fault.code.clone(),
        message: fault.message.clone(),
        fingerprint: fault.fingerprint.clone(),
    })
}

/// The second part of a W3C trace parent.
fn trace_id(parent: &str) -> Option<String> {
    parent.split('-').nth(1).map(str::to_owned)
}
