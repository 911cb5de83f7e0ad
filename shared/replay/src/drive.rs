//! Sending what the batches hold.

use broker::{BrokerSettings, Lane, Posted, PublishError, Publisher};
use contract::{BatchState, ItemState, RunId};
use futures::future::join_all;
use pipeline::chain;
use std::time::Duration;
use store::{Claim, EndedItem, LedgerEntry, Store, StoreError};

use crate::{Message, message};

/// Batches that are looked after in one round.
const BATCHES: u64 = 100;
/// Items that are taken at a time.
const ITEMS: u64 = 64;
/// After this time another worker may send an item that was taken and not sent.
const LEASE: Duration = Duration::from_secs(60);

/// Why a round was not finished.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The database was lost.
    #[error("the batches cannot be read or written")]
    Store(#[from] StoreError),
    /// A message was not taken; its item is taken again after the lease.
    #[error("an item cannot be sent")]
    Publish(#[from] PublishError),
}

/// Sends what may be sent now of every running batch, and writes down what has ended; tells how many items were sent.
///
/// # Errors
/// When the database or the broker is lost; another round goes on from there.
pub async fn drive(
    store: &Store,
    publisher: &Publisher,
    settings: &BrokerSettings,
) -> Result<usize, DriveError> {
    let mut sent = 0;
    for batch in store.batches_in(&[BatchState::Running], BATCHES).await? {
        let claim = Claim { batch_id: batch.id, most: ITEMS, lease: LEASE };
        let items = store.claim_items(&claim).await?;
        let mut unsendable = Vec::new();
        let mut messages = Vec::with_capacity(items.len());
        for item in items {
            let id = item.id;
            match message(item) {
                Ok(message) => messages.push((id, message)),
                Err(error) => {
                    let note = Some(chain(&error));
                    unsendable.push(EndedItem { id, state: ItemState::Skipped, note });
                }
            }
        }
        if !unsendable.is_empty() {
            store.end_items(&unsendable).await?;
        }
        let (ids, messages): (Vec<i64>, Vec<Message>) = messages.into_iter().unzip();
        let parcels = messages.into_iter().map(|message| match message {
            Message::Posting(posted) => posted.addressed(settings),
            Message::Envelope(replayed) => replayed.addressed(settings),
        });
        let parcels: Vec<_> = parcels.collect();
        for taken in join_all(parcels.iter().map(|parcel| publisher.deliver(parcel))).await {
            taken?;
        }
        store.items_sent(&ids).await?;
        sent += ids.len();
    }
    store.settle_batches().await?;
    Ok(sent)
}

/// Sends a stranded run once more, from the body that the ledger keeps.
///
/// # Errors
/// When it is not stranded, its body is gone, or the database or the broker is lost.
pub async fn re_emit(
    store: &Store,
    publisher: &Publisher,
    settings: &BrokerSettings,
    run_id: RunId,
    actor: &str,
) -> Result<(), DriveError> {
    let LedgerEntry { line, headers, body } = store.re_emit(run_id, actor).await?;
    let posted = Posted {
        system: headers.get("source").cloned().unwrap_or(line.source),
        key: headers.get("idempotency_key").cloned(),
        content_type: line.content_type,
        lane: Lane::Bulk,
        run_id: Some(run_id),
        attempt: 0,
        body: body.unwrap_or_default(),
    };
    publisher.deliver(&posted.addressed(settings)).await?;
    Ok(())
}
