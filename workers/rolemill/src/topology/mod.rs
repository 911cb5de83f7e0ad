//! `rolemill topology`: what is on the broker.

mod management;
mod policies;

use anyhow::Context as _;
use broker::BrokerSettings;
use clap::{Args, Subcommand};
use std::num::NonZeroU16;
use std::process::ExitCode;

use crate::amqp::AmqpFlags;
use crate::config::Problems;
use management::{Management, ManagementUrl};
use policies::{Limits, policies};

/// `rolemill topology`.
#[derive(Debug, Subcommand)]
pub(crate) enum TopologyCommand {
    /// Declare every exchange, queue and binding that is missing, and with --management set the policies.
    #[command(after_help = "Examples:\n  \
        rolemill topology apply --amqp amqp://mq\n  \
        rolemill topology apply --management http://admin:secret@mq:15672 --entrance-bytes 1073741824")]
    Apply(TopologyArguments),
    /// Say what is missing, and with --management which queue has other limits, and change nothing; exit code 1 when
    /// something is said.
    Check(TopologyArguments),
}

/// The broker, and the limits of its queues.
#[derive(Debug, Args)]
pub(crate) struct TopologyArguments {
    #[command(flatten)]
    amqp: AmqpFlags,
    #[command(flatten)]
    policies: PolicyFlags,
}

/// Limits that may change at any time: they are policies, which the management API sets.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policies")]
struct PolicyFlags {
    /// The management API: http://user:password@host:15672 [default: ROLEMILL_MANAGEMENT, else no policy is set].
    #[arg(long, value_name = "URL")]
    management: Option<ManagementUrl>,
    /// Bytes that may wait for the parse workers in a lane; beyond them senders are refused [default: 4 GiB].
    #[arg(long, value_name = "N")]
    entrance_bytes: Option<u64>,
    /// How often a message that takes its worker down is delivered again, where that is to be less often than
    /// ROLEMILL_DELIVERY_LIMIT, with which the queues were made.
    #[arg(long, value_name = "N")]
    delivery_limit: Option<NonZeroU16>,
}

impl PolicyFlags {
    fn limits(&self) -> Limits {
        Limits {
            entrance_bytes: self.entrance_bytes.unwrap_or(Limits::default().entrance_bytes),
            delivery_limit: self.delivery_limit.map(NonZeroU16::get),
        }
    }

    /// The management API, where one is named.
    fn management(&self, settings: &BrokerSettings) -> anyhow::Result<Option<Management>> {
        let url = match &self.management {
            Some(url) => Some(url.clone()),
            // The value may hold a password.
            None => runtime::Env::process().optional("ROLEMILL_MANAGEMENT").map_err(|error| {
                Problems(vec![format!("{} cannot be used: {}", error.name, error.problem)])
            })?,
        };
        if url.is_none() && (self.entrance_bytes.is_some() || self.delivery_limit.is_some()) {
            let problem = "limits are set by the management API: --management or ROLEMILL_MANAGEMENT";
            return Err(Problems(vec![problem.to_owned()]).into());
        }
        url.map(|url| Management::new(url, settings)).transpose()
    }
}

impl TopologyCommand {
    /// Does what was asked.
    pub(crate) async fn done(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Apply(arguments) => apply(&arguments).await,
            Self::Check(arguments) => check(&arguments).await,
        }
    }
}

async fn apply(arguments: &TopologyArguments) -> anyhow::Result<ExitCode> {
    let settings = arguments.amqp.settings("rolemill topology")?;
    let management = arguments.policies.management(&settings)?;
    let topology =
        broker::topology::apply(&settings).await.with_context(|| format!("the broker {}", settings.url))?;
    crate::say(&format!(
        "{}: {} exchanges, {} queues, {} bindings are there\n",
        settings.url,
        topology.exchanges.len(),
        topology.queues.len(),
        topology.bindings.len()
    ))?;
    if let Some(management) = management {
        let policies = policies(&settings.prefix, arguments.policies.limits());
        management.set(&policies).await?;
        let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
        crate::say(&format!("{management}: policies {} are set\n", names.join(", ")))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn check(arguments: &TopologyArguments) -> anyhow::Result<ExitCode> {
    let settings = arguments.amqp.settings("rolemill topology")?;
    let management = arguments.policies.management(&settings)?;
    let missing =
        broker::topology::missing(&settings).await.with_context(|| format!("the broker {}", settings.url))?;
    let mut said: Vec<String> = missing.iter().map(|what| format!("missing: {what}\n")).collect();
    if let Some(management) = management {
        let policies = policies(&settings.prefix, arguments.policies.limits());
        let topology = broker::topology::Topology::of(&settings);
        let in_effect = management.in_effect().await?;
        for queue in topology.queue_names() {
            let wanted = policies::of(&policies, queue);
            // A queue that is not there is missing above.
            if let Some(found) = in_effect.get(queue).filter(|found| **found != wanted) {
                said.push(format!("queue {queue}: its policy is {found}, not {wanted}\n"));
            }
        }
    }
    crate::say(&said.concat())?;
    Ok(if said.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
