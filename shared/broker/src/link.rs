//! Connections, and the deadline that everything asked of a broker has.

use lapin::options::ConfirmSelectOptions;
use lapin::tcp::OwnedTLSConfig;
use lapin::{Channel, Connection, ConnectionBuilder, ConnectionProperties};
use std::future::Future;
use std::time::Duration;
use tokio::time::timeout;

use crate::settings::BrokerSettings;

/// What can go wrong between a broker and us.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The broker said no, or the connection broke.
    #[error("the broker cannot be talked to")]
    Amqp(#[from] lapin::Error),
    /// It did not answer in time: whether it did what it was asked is not known.
    #[error("the broker did not answer within {0:?}")]
    Silent(Duration),
    /// Something of the same name is there and is not what is needed.
    #[error("the broker has something else of that name; delete it or choose another prefix")]
    Differs(#[source] lapin::Error),
    /// There is nothing of that name.
    #[error("the broker has nothing of that name")]
    Missing(#[source] lapin::Error),
    /// The user may not do it.
    #[error("the broker's user may not do that")]
    Forbidden(#[source] lapin::Error),
    /// No more messages come although the connection did not say why.
    #[error("the broker sends no messages any more: {0}")]
    Stalled(&'static str),
}

impl BrokerError {
    /// Whether trying again is of no use before somebody changes something.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Differs(_))
    }
}

/// The reply code of a declaration that contradicts what is there.
const PRECONDITION_FAILED: u16 = 406;
/// The reply code of what the user may not do.
const ACCESS_REFUSED: u16 = 403;
/// The reply code of a question for what is not there.
const NOT_FOUND: u16 = 404;

/// Waits for an answer, not for ever.
pub(crate) async fn within<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, lapin::Error>>,
) -> Result<T, BrokerError> {
    match timeout(patience, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(told(error)),
        Err(_) => Err(BrokerError::Silent(patience)),
    }
}

fn told(error: lapin::Error) -> BrokerError {
    let lapin::ErrorKind::ProtocolError(said) = error.kind() else { return BrokerError::Amqp(error) };
    match said.get_id() {
        PRECONDITION_FAILED => BrokerError::Differs(error),
        ACCESS_REFUSED => BrokerError::Forbidden(error),
        NOT_FOUND => BrokerError::Missing(error),
        _ => BrokerError::Amqp(error),
    }
}

/// A connection with a channel. Reading and publishing have one each: a broker that blocks a publishing connection takes no
/// acknowledgements from it either.
pub(crate) struct Link {
    connection: Connection,
    pub(crate) channel: Channel,
}

impl Link {
    pub(crate) async fn open(settings: &BrokerSettings, purpose: &str) -> Result<Self, BrokerError> {
        let name = format!("{} {purpose}", settings.name);
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let tls = OwnedTLSConfig { identity: None, cert_chain: settings.certificates.clone() };
        let connection = ConnectionBuilder::new()?
            .with_uri_str(settings.url.as_str().to_owned())
            .with_properties(properties)
            .with_tls_config(tls);
        let connection = within(settings.patience, connection.connect()).await?;
        let channel = within(settings.patience, connection.create_channel()).await?;
        Ok(Self { connection, channel })
    }

    pub(crate) async fn another_channel(&self, patience: Duration) -> Result<Channel, BrokerError> {
        within(patience, self.connection.create_channel()).await
    }

    pub(crate) async fn confirming(settings: &BrokerSettings) -> Result<Self, BrokerError> {
        let link = Self::open(settings, "publish").await?;
        within(settings.patience, link.channel.confirm_select(ConfirmSelectOptions::default())).await?;
        Ok(link)
    }

    /// Whether the broker takes nothing from us for want of memory or disk.
    pub(crate) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    pub(crate) async fn close(&self, patience: Duration) {
        // It may be gone already; there is nothing left to do about it.
        timeout(patience, self.connection.close(200, "bye".into())).await.ok();
    }
}
