//! `rolemill webhooks`: who is told over HTTP that runs have ended.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use contract::{WebhookEvent, WebhookState};
use std::path::PathBuf;
use std::process::ExitCode;
use store::{DeliveryFilter, DeliveryLine, NewWebhook, Store, WebhookLine, WebhookSecret, WebhookUrl};
use strum::VariantArray as _;
use time::OffsetDateTime;

use crate::args::DbFlags;
use crate::dead::args::{Actor, ListFormat, Place};
use crate::dead::table::{BAD, DIM, GOOD, PLAIN, Row, WAITS, cell, column, minute, print, rfc3339};
use crate::paging::Paging;
use crate::run::layout::{Page, ink, own};
use crate::words::word;

/// `rolemill webhooks`.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhooksCommand {
    /// Have events posted to an address from now on; without a secret of your own a new one is made and printed, once.
    #[command(
        after_help = "Each POST has the event as JSON and is signed as Standard Webhooks (standardwebhooks.com) has it: webhook-id \
        is the event's id and the same in every try, webhook-timestamp is in seconds, webhook-signature is v1, and the \
        base64 of the HMAC-SHA256 of \"{id}.{timestamp}.{body}\" under the secret; what follows whsec_ is the secret in base64. \
        rolemill-type names the event and its version. A 2xx answer within 15 seconds means that it was taken, 410 \
        switches the webhook off, anything else is tried again for some 18 hours; a Retry-After of up to an hour that comes with a 429 \
        or 503 is kept to.\n\n\
        Examples:\n  \
        rolemill webhooks add https://ats.example/rolemill\n  \
        rolemill webhooks add https://ats.example/failed --events run.failed --secret-file hook.secret"
    )]
    Add(AddArguments),
    /// List webhooks, without their secrets.
    #[command(after_help = "Example:\n  rolemill webhooks list --format jsonl")]
    List(ListArguments),
    /// Remove a webhook with its deliveries.
    #[command(after_help = "Example:\n  rolemill webhooks remove 3")]
    Remove(One),
    /// Have a webhook told again that was switched off.
    #[command(after_help = "Example:\n  rolemill webhooks switch-on 3")]
    SwitchOn(One),
    /// List what webhooks are told, the newest first, a page at a time.
    #[command(after_help = "Examples:\n  \
        rolemill webhooks deliveries --state dead\n  \
        rolemill webhooks deliveries --webhook 3 --format csv")]
    Deliveries(DeliveriesArguments),
    /// Have a delivery tried now, and as often from then on as a new one.
    #[command(after_help = "Example:\n  rolemill webhooks retry 1207")]
    Retry(One),
}

/// `rolemill webhooks add`.
#[derive(Debug, Args)]
pub(crate) struct AddArguments {
    /// Where events are posted to.
    #[arg(value_name = "URL")]
    url: WebhookUrl,
    /// Which events: run.finished, run.failed [default: both].
    #[arg(long, value_name = "EVENT", value_delimiter = ',', value_parser = word::<WebhookEvent>)]
    events: Vec<WebhookEvent>,
    /// A file with the secret: whsec_ and base64, or any text of 24 bytes or more.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    place: Place,
}

/// `rolemill webhooks list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// How the list is written.
    #[arg(short, long, value_enum, default_value_t = ListFormat::Pretty)]
    format: ListFormat,
    #[command(flatten)]
    place: Place,
}

/// `rolemill webhooks deliveries`.
#[derive(Debug, Args)]
pub(crate) struct DeliveriesArguments {
    /// Where they stand: pending, delivered, dead.
    #[arg(long, value_parser = word::<WebhookState>)]
    state: Option<WebhookState>,
    /// Of this webhook.
    #[arg(long, value_name = "ID")]
    webhook: Option<i64>,
    #[command(flatten)]
    paging: Paging<i64>,
    /// How the list is written.
    #[arg(short, long, value_enum, default_value_t = ListFormat::Pretty)]
    format: ListFormat,
    #[command(flatten)]
    place: Place,
}

/// A webhook or a delivery, and who decides on it.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its number.
    id: i64,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    place: Place,
}

impl WebhooksCommand {
    /// Where the database is.
    pub(crate) fn db(&self) -> DbFlags {
        match self {
            Self::Add(arguments) => &arguments.place,
            Self::List(arguments) => &arguments.place,
            Self::Deliveries(arguments) => &arguments.place,
            Self::Remove(one) | Self::SwitchOn(one) | Self::Retry(one) => &one.place,
        }
        .flags()
    }

    /// Does what was asked.
    pub(crate) async fn done(self, store: &Store) -> anyhow::Result<ExitCode> {
        let said = match self {
            Self::Add(arguments) => add(store, arguments).await?,
            Self::List(arguments) => {
                print(&store.webhooks().await?, arguments.format, "no webhooks", None)?;
                return Ok(ExitCode::SUCCESS);
            }
            Self::Deliveries(arguments) => return deliveries(store, &arguments).await,
            Self::Remove(One { id, actor, .. }) => {
                store.remove_webhook(id, &actor.actor).await?;
                format!("webhook {id} is removed\n")
            }
            Self::SwitchOn(One { id, actor, .. }) => {
                store.switch_on_webhook(id, &actor.actor).await?;
                format!("webhook {id} is on\n")
            }
            Self::Retry(One { id, actor, .. }) => {
                store.retry_delivery(id, &actor.actor, OffsetDateTime::now_utc()).await?;
                format!("delivery {id} is due now\n")
            }
        };
        crate::say(&said)
    }
}

async fn add(store: &Store, arguments: AddArguments) -> anyhow::Result<String> {
    let AddArguments { url, events, secret_file, actor, .. } = arguments;
    let secret = secret_file
        .as_ref()
        .map(|path| {
            let of = || format!("the secret in {}", path.display());
            std::fs::read_to_string(path).with_context(of)?.parse::<WebhookSecret>().with_context(of)
        })
        .transpose()?;
    let is_new = secret.is_none();
    let is_plain = url.is_plain();
    let events = if events.is_empty() { WebhookEvent::VARIANTS.to_vec() } else { events };
    let new = NewWebhook {
        url,
        events: events.into_iter().collect(),
        secret: secret.unwrap_or_else(WebhookSecret::generate),
        actor: actor.actor,
    };
    let id = store.add_webhook(&new).await?;
    if is_plain {
        eprintln!("rolemill: http is posted to only by archive workers with ROLEMILL_WEBHOOKS_PRIVATE=allow");
    }
    let secret = if is_new { format!("{}\n", new.secret.shown()) } else { String::new() };
    Ok(format!("webhook {id} is told of {}\n{secret}", named(&new.events)))
}

async fn deliveries(store: &Store, arguments: &DeliveriesArguments) -> anyhow::Result<ExitCode> {
    let paging = &arguments.paging;
    let filter = DeliveryFilter {
        webhook_id: arguments.webhook,
        state: arguments.state,
        before: paging.after,
        limit: paging.limit,
    };
    let lines = store.deliveries(&filter).await?;
    print(&lines, arguments.format, "no deliveries", paging.next(&lines, |last| last.id))?;
    Ok(ExitCode::SUCCESS)
}

fn named<'a>(events: impl IntoIterator<Item = &'a WebhookEvent>) -> String {
    let names: Vec<String> = events.into_iter().map(ToString::to_string).collect();
    names.join(", ")
}

impl Row for WebhookLine {
    const COLUMNS: &'static [&'static str] =
        &["id", "active", "url", "events", "pending", "dead", "created_by", "created_at", "reason"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.active.to_string(),
            self.url.clone(),
            named(&self.events),
            self.pending.to_string(),
            self.dead.to_string(),
            self.created_by.clone(),
            rfc3339(self.created_at),
            cell(self.reason.as_ref()),
        ]
    }

    fn set(&self, page: &mut Page) {
        let (style, stands) = if self.active { (GOOD, "on") } else { (BAD, "off") };
        let reason = self.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        page.line(&[
            column(PLAIN, &self.id.to_string(), 4),
            column(style, stands, 3),
            ink(PLAIN, &self.url),
            own(DIM, format!("  {}; {} wait, {} dead{reason}", named(&self.events), self.pending, self.dead)),
        ]);
    }
}

impl Row for DeliveryLine {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "webhook",
        "state",
        "kind",
        "event_id",
        "run_id",
        "tries",
        "created_at",
        "next_at",
        "delivered_at",
        "last_error",
    ];

    fn cells(&self) -> Vec<String> {
        let is_over = self.state == WebhookState::Delivered;
        vec![
            self.id.to_string(),
            self.webhook_id.to_string(),
            self.state.to_string(),
            self.kind.clone(),
            self.event_id.to_string(),
            cell(self.run_id),
            self.tries.to_string(),
            rfc3339(self.created_at),
            if is_over { String::new() } else { rfc3339(self.next_at) },
            cell(self.delivered_at.map(rfc3339)),
            cell(self.last_error.as_ref()),
        ]
    }

    fn set(&self, page: &mut Page) {
        let (style, when) = match self.state {
            WebhookState::Pending => (WAITS, format!("next {}", minute(self.next_at))),
            WebhookState::Delivered => (GOOD, cell(self.delivered_at.map(minute))),
            WebhookState::Dead => (BAD, format!("since {}", minute(self.next_at))),
        };
        let run = self.run_id.map(|run| format!(" {run}")).unwrap_or_default();
        page.line(&[
            column(PLAIN, &self.id.to_string(), 6),
            column(style, &self.state.to_string(), 9),
            column(DIM, &when, 22),
            own(PLAIN, format!("webhook {}, {} tries: {}{run}", self.webhook_id, self.tries, self.kind)),
        ]);
        if let Some(error) = &self.last_error {
            page.line(&[column(PLAIN, "", 6), ink(DIM, error)]);
        }
    }
}
