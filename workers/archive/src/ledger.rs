//! Noting what came in.

use broker::{BrokerError, BrokerSettings, Gathered, Health, Taken, gather};
use pipeline::{Arrival, Incoming as _};
use std::collections::BTreeMap;
use store::{AcceptedRun, Store, StoreError};
use time::OffsetDateTime;
use tokio::sync::watch;

/// The most postings of one transaction.
const BATCH: u16 = 256;

pub(crate) async fn note(
    store: Store,
    settings: &BrokerSettings,
    health: Health,
    stop: watch::Receiver<bool>,
) -> Result<(), BrokerError> {
    let write = |taken: Vec<Taken>| {
        let store = store.clone();
        async move {
            let runs: Vec<AcceptedRun> = taken.into_iter().filter_map(accepted).collect();
            store.accept_runs(&runs).await.map(drop)
        }
    };
    gather::<_, _, StoreError>(Gathered::Ledger, settings, BATCH, write, &health, stop).await
}

/// A line of the ledger: the run that the parse worker makes of the same message.
fn accepted(taken: Taken) -> Option<AcceptedRun> {
    let letter = taken.letter();
    // What the parse worker cannot unpack it does not open either.
    let opened = if taken.is_unpacked { Arrival::open(&letter).ok() } else { None };
    let (run_id, source, external_id) = match opened {
        Some(arrival) => {
            (arrival.run_id(), arrival.source().system.clone(), arrival.source().external_id.clone())
        }
        None => (Arrival::run_of(&letter)?.0, letter.system.unwrap_or_default().to_owned(), None),
    };
    let key = taken.idempotency_key().map(|key| ("idempotency_key".to_owned(), key.to_owned()));
    let system = letter.system.map(|system| ("source".to_owned(), system.to_owned()));
    Some(AcceptedRun {
        run_id,
        source,
        external_id,
        routing_key: taken.routing_key.clone(),
        content_type: taken.content_type().map(str::to_owned),
        headers: key.into_iter().chain(system).collect::<BTreeMap<_, _>>(),
        accepted_at: OffsetDateTime::now_utc(),
        body: taken.body,
    })
}
