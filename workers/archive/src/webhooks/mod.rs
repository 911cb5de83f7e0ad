//! Telling upstream systems over HTTP that runs have ended, in the form of Standard Webhooks.
//!
//! [`gather_events`] notes for every webhook what it is to be told; [`deliver`] posts what is due. Each POST carries the event as
//! JSON, as it is on the broker, and these headers:
//!
//! - `webhook-id`: the event's id, the same in every try, so that a receiver can tell that it has it;
//! - `webhook-timestamp`: seconds since 1970, of this try;
//! - `webhook-signature`: `v1,` and the base64 of the HMAC-SHA256 of `{id}.{timestamp}.{body}` under the webhook's secret;
//! - `rolemill-type`: name and version of the event, as the schemas have it.
//!
//! Any 2xx answer within the time is the receiver's word that it has the event; 410 switches the webhook off; anything else is tried
//! again, later and later, not before a `Retry-After` that comes with a 429 or 503, and given up in the end. Nothing is posted to addresses of private networks unless that is allowed.

mod address;
mod courier;
mod later;
mod settings;
mod signature;
#[cfg(test)]
mod tests;

use broker::{BrokerError, BrokerSettings, Gathered, Health, Taken, gather};
use contract::RunId;
use futures::future::join_all;
use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};
use pipeline::chain;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::{DueDelivery, RunEvent, Store, StoreError, TryEnd};
use time::OffsetDateTime;
use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinSet};
use tokio::time::sleep;

pub(crate) use settings::WebhookSettings;

use courier::{Answer, Courier};
use later::wait_after;

/// The most events of one transaction.
const BATCH: u16 = 256;
/// Deliveries to one webhook at a time. A slow receiver keeps its own waiting and no other's.
const AT_A_TIME: u64 = 8;
/// How long nobody else tries what was taken: longer than a try may take.
const LEASE: Duration = Duration::from_secs(60);
/// Who switches webhooks off, in the audit log.
const ACTOR: &str = "rolemill-archive";

/// Notes for every webhook what it is to be told; `wake` is told of it.
pub(crate) async fn gather_events(
    store: Store,
    settings: &BrokerSettings,
    health: Health,
    wake: Arc<Notify>,
    stop: watch::Receiver<bool>,
) -> Result<(), BrokerError> {
    let write = |taken: Vec<Taken>| {
        let (store, wake) = (store.clone(), Arc::clone(&wake));
        async move {
            let events: Vec<RunEvent> = taken.into_iter().filter_map(event).collect();
            if store.enqueue_events(&events).await? > 0 {
                wake.notify_one();
            }
            Ok(())
        }
    };
    gather::<_, _, StoreError>(Gathered::Webhooks, settings, BATCH, write, &health, stop).await
}

/// The event in a message; none in one that no webhook can want.
fn event(taken: Taken) -> Option<RunEvent> {
    #[derive(Deserialize)]
    struct About {
        run_id: RunId,
    }
    let event = taken.routing_key.parse().ok()?;
    let kind = taken.letter().kind?.to_owned();
    let event_id = taken.message_id;
    let About { run_id } = match serde_json::from_slice(&taken.body) {
        Ok(about) => about,
        Err(error) => {
            tracing::warn!(%event_id, kind, %error, "an event is about no run; nobody is told of it");
            return None;
        }
    };
    // What was read as JSON is UTF-8.
    let body = String::from_utf8(taken.body).ok()?;
    Some(RunEvent { event_id, event, kind, run_id: Some(run_id), body })
}

/// Posts what is due until `stop` turns true, each webhook's deliveries on their own; then finishes what has begun.
///
/// # Errors
/// When the certificates that receivers are checked against cannot be used.
pub(crate) async fn deliver(
    store: &Store,
    settings: WebhookSettings,
    wake: &Notify,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let round = Arc::new(Round {
        store: store.clone(),
        courier: Courier::new(&settings)?,
        waits: settings.waits,
        look_every: settings.look_every,
        tries: global::meter("rolemill")
            .u64_counter("rolemill.webhooks.tries")
            .with_description("Posts to webhooks, by how they ended.")
            .build(),
        stop: stop.clone(),
    });
    let mut running = JoinSet::new();
    let mut busy: HashMap<Id, i64> = HashMap::new();
    while !*stop.borrow() {
        match store.webhooks_due(OffsetDateTime::now_utc()).await {
            Ok(due) => {
                for webhook in due {
                    if !busy.values().any(|known| *known == webhook) {
                        busy.insert(running.spawn(Arc::clone(&round).serve(webhook)).id(), webhook);
                    }
                }
            }
            Err(error) => {
                let error = chain(&error);
                tracing::warn!(error, "webhooks wait");
            }
        }
        tokio::select! {
            Some(done) = running.join_next_with_id() => {
                busy.remove(&done.map_or_else(|error| error.id(), |(id, ())| id));
            }
            () = wake.notified() => {}
            () = sleep(round.look_every) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
    while running.join_next().await.is_some() {}
    Ok(())
}

/// What every delivery needs.
struct Round {
    store: Store,
    courier: Courier,
    waits: Vec<Duration>,
    look_every: Duration,
    tries: Counter<u64>,
    stop: watch::Receiver<bool>,
}

impl Round {
    /// Posts whatever is due for a webhook.
    async fn serve(self: Arc<Self>, webhook: i64) {
        while !*self.stop.borrow() {
            let now = OffsetDateTime::now_utc();
            let taken = match self.store.claim_deliveries(webhook, AT_A_TIME, LEASE, now).await {
                Ok(taken) => taken,
                Err(error) => {
                    let error = chain(&error);
                    tracing::warn!(error, webhook, "its deliveries wait");
                    sleep(self.look_every).await;
                    return;
                }
            };
            if taken.is_empty() {
                return;
            }
            join_all(taken.iter().map(|delivery| self.attempt(delivery))).await;
        }
    }

    /// Tries a delivery once.
    async fn attempt(&self, delivery: &DueDelivery) {
        let answer = self.courier.post(delivery, OffsetDateTime::now_utc()).await;
        let now = OffsetDateTime::now_utc();
        let (outcome, end) = match &answer {
            Answer::Taken => ("delivered", Some(TryEnd::Delivered)),
            Answer::Gone => ("gone", None),
            Answer::Failed { error, asked } => match wait_after(delivery, &self.waits, *asked) {
                Some(wait) => ("failed", Some(TryEnd::Again { at: now + wait, error: error.clone() })),
                None => ("dead", Some(TryEnd::Dead { error: error.clone() })),
            },
        };
        self.tries.add(1, &[KeyValue::new("outcome", outcome)]);
        let (webhook, id, tries) = (delivery.webhook_id, delivery.id, delivery.tries);
        if let Answer::Failed { error, .. } = answer {
            tracing::warn!(webhook, delivery = id, tries, error, outcome, "a webhook was not told");
        }
        let noted = match end {
            Some(end) => self.store.settle_delivery(delivery, &end, now).await,
            None => {
                tracing::warn!(webhook, delivery = id, "the receiver is gone; its webhook is switched off");
                self.store.switch_off_webhook(webhook, "it answered 410 Gone", ACTOR, now).await
            }
        };
        if let Err(error) = noted {
            let error = chain(&error);
            tracing::warn!(
                webhook,
                delivery = id,
                error,
                "how a try ended is not noted; there is another one"
            );
        }
    }
}
