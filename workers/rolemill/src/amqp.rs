//! The broker of a command.

use broker::{BrokerSettings, BrokerUrl};
use clap::Args;
use runtime::Env;

use crate::config::Problems;

/// Settings of every command that meets the broker.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Broker")]
pub(crate) struct AmqpFlags {
    /// The broker: amqp://user:password@host:5672/vhost, amqps:// for TLS [default: ROLEMILL_AMQP].
    #[arg(long, value_name = "URL")]
    amqp: Option<BrokerUrl>,
    /// What every name on it begins with [default: ROLEMILL_PREFIX, else rolemill].
    #[arg(long, value_name = "NAME")]
    prefix: Option<String>,
}

impl AmqpFlags {
    /// The settings for the broker, where one is named.
    ///
    /// # Errors
    /// When none is named, or a setting cannot be used.
    pub(crate) fn settings(&self, name: &str) -> Result<BrokerSettings, Problems> {
        let env = Env::process();
        let mut problems = Vec::new();
        let url = match self.amqp.clone().map_or_else(|| env.optional("ROLEMILL_AMQP"), |url| Ok(Some(url))) {
            Ok(Some(url)) => url,
            Ok(None) => return Err(Problems(vec!["no broker is named: --amqp or ROLEMILL_AMQP".to_owned()])),
            // The value may hold a password.
            Err(error) => {
                return Err(Problems(vec![format!("{} cannot be used: {}", error.name, error.problem)]));
            }
        };
        let mut settings = host::broker_settings(&env, url, name, &mut problems);
        if let Some(prefix) = &self.prefix {
            settings.prefix.clone_from(prefix);
        }
        if problems.is_empty() { Ok(settings) } else { Err(Problems(problems)) }
    }
}
