//! Publishing: many messages in flight, each answered for.

use lapin::Confirmation;
use lapin::options::BasicPublishOptions;
use pipeline::chain;
use std::sync::Arc;
use tokio::sync::Mutex;

use crate::link::{BrokerError, Link, within};
use crate::parcel::Parcel;
use crate::settings::BrokerSettings;
use runtime::patience::until_done;

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// No queue takes what is published so.
    #[error("no queue takes what is published to {exchange} as {routing_key}")]
    Unroutable {
        /// Where it was published.
        exchange: String,
        /// Under which key.
        routing_key: String,
    },
    /// The broker refused it: a queue is full.
    #[error("the broker refuses it")]
    Refused,
    /// The broker was lost or silent; whether it has the message is not known. Publishing it again under the same message id is safe.
    #[error("whether the broker has it is not known")]
    Unknown(#[source] BrokerError),
}

/// Publishes on a connection of its own, which it opens when it is first needed and anew when it is lost.
pub struct Publisher {
    settings: BrokerSettings,
    link: Mutex<Option<Arc<Link>>>,
}

impl Publisher {
    /// A publisher that is not connected yet.
    #[must_use]
    pub fn new(settings: BrokerSettings) -> Self {
        Self { settings, link: Mutex::new(None) }
    }

    /// Hands a message over; it is in a queue when this returns. Any number may be on their way at a time.
    ///
    /// # Errors
    /// When it was not taken, or that is not known.
    pub async fn publish(&self, parcel: &Parcel) -> Result<(), PublishError> {
        let link = self.link().await.map_err(PublishError::Unknown)?;
        let sent = within(self.settings.patience, async {
            let options =
                BasicPublishOptions { mandatory: parcel.mandatory, ..BasicPublishOptions::default() };
            let confirm = link
                .channel
                .basic_publish(
                    parcel.exchange.as_str().into(),
                    parcel.routing_key.as_str().into(),
                    options,
                    &parcel.body,
                    parcel.properties.clone(),
                )
                .await?;
            confirm.await
        })
        .await;
        match sent {
            Ok(Confirmation::Ack(None)) => Ok(()),
            Ok(Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_))) => Err(PublishError::Unroutable {
                exchange: parcel.exchange.clone(),
                routing_key: parcel.routing_key.clone(),
            }),
            Ok(Confirmation::Nack(None) | Confirmation::NotRequested) => Err(PublishError::Refused),
            Err(error) => {
                self.abandon(&link, &error).await;
                Err(PublishError::Unknown(error))
            }
        }
    }

    /// Publishes until the broker has it.
    ///
    /// # Errors
    /// When no queue takes it.
    pub async fn deliver(&self, parcel: &Parcel) -> Result<(), PublishError> {
        until_done(
            || self.publish(parcel),
            |error| match error {
                PublishError::Unroutable { .. } => false,
                PublishError::Refused | PublishError::Unknown(_) => true,
            },
            |error, wait| {
                let error = chain(error);
                tracing::debug!(error, ?wait, exchange = parcel.exchange, "not published yet");
            },
        )
        .await
    }

    /// Whether the broker takes nothing for want of memory or disk.
    pub(crate) async fn is_blocked(&self) -> bool {
        self.link.lock().await.as_ref().is_some_and(|link| link.is_blocked())
    }

    /// Ends the connection; what is on its way is not waited for.
    pub async fn close(&self) {
        if let Some(link) = self.link.lock().await.take() {
            link.close(self.settings.patience).await;
        }
    }

    async fn link(&self) -> Result<Arc<Link>, BrokerError> {
        let mut link = self.link.lock().await;
        if let Some(link) = &*link {
            return Ok(Arc::clone(link));
        }
        let opened = Arc::new(Link::confirming(&self.settings).await?);
        *link = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// Leaves a connection that failed; the next message opens another one.
    async fn abandon(&self, failed: &Arc<Link>, error: &BrokerError) {
        let mut link = self.link.lock().await;
        if link.as_ref().is_some_and(|link| Arc::ptr_eq(link, failed)) {
            *link = None;
            // Once for all the messages that were on their way over it.
            let error = chain(error);
            tracing::warn!(
                error,
                "a publishing connection is given up; what was on its way is published again"
            );
            let (failed, patience) = (Arc::clone(failed), self.settings.patience);
            tokio::spawn(async move { failed.close(patience).await });
        }
    }
}
