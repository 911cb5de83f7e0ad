//! One POST, and what becomes of it.

use anyhow::Context as _;
use pipeline::chain;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response, StatusCode};
use std::time::Duration;
use store::DueDelivery;
use time::OffsetDateTime;

use super::address::{Resolver, Rule};
use super::later::asked;
use super::settings::WebhookSettings;
use super::signature::signature;

/// Of an answer that says no, so many bytes are read.
const LONGEST_ANSWER: usize = 2 << 10;
/// And so many characters are kept.
const LONGEST_WORDS: usize = 200;
/// How long a connection is kept that nothing is posted on.
const IDLE: Duration = Duration::from_secs(30);

/// How a POST ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The receiver has it.
    Taken,
    /// The receiver is no more, for good.
    Gone,
    /// It failed.
    Failed {
        /// Why.
        error: String,
        /// How long the receiver asks to be left alone.
        asked: Option<Duration>,
    },
}

impl Answer {
    fn failed(error: impl Into<String>) -> Self {
        Self::Failed { error: error.into(), asked: None }
    }
}

/// Posts deliveries.
pub(super) struct Courier {
    client: Client,
    rule: Rule,
}

impl Courier {
    /// # Errors
    /// When the certificates that receivers are checked against cannot be used.
    pub(super) fn new(settings: &WebhookSettings) -> anyhow::Result<Self> {
        let rule = Rule { is_private_allowed: settings.is_private_allowed };
        runtime::tls::use_ring();
        let mut certificates = webpki_root_certs::TLS_SERVER_ROOT_CERTS
            .iter()
            .map(|certificate| Certificate::from_der(certificate))
            .collect::<Result<Vec<_>, _>>()
            .context("the well-known certificates")?;
        if let Some(own) = &settings.certificates {
            let own = Certificate::from_pem_bundle(own.as_bytes()).context("ROLEMILL_WEBHOOKS_CA_FILE")?;
            certificates.extend(own);
        }
        let client = Client::builder()
            .user_agent(concat!("rolemill/", env!("CARGO_PKG_VERSION")))
            .tls_certs_only(certificates)
            .https_only(!rule.is_private_allowed)
            .dns_resolver(Resolver::of_system(rule))
            // A proxy would resolve the name once more, and reach what may not be reached.
            .no_proxy()
            // A redirection leads to where nobody looked.
            .redirect(Policy::none())
            .connect_timeout(settings.connect_within)
            .timeout(settings.answer_within)
            .pool_idle_timeout(IDLE)
            .build()
            .context("no HTTP client can be made")?;
        Ok(Self { client, rule })
    }

    /// Posts a delivery once.
    pub(super) async fn post(&self, delivery: &DueDelivery, now: OffsetDateTime) -> Answer {
        let url = match self.rule.read(&delivery.url) {
            Ok(url) => url,
            Err(refusal) => return Answer::failed(refusal.to_string()),
        };
        let Ok(headers) = headers(delivery, now.unix_timestamp()) else {
            return Answer::failed("its type cannot be sent as a header");
        };
        let sent = self.client.post(url).headers(headers).body(delivery.body.clone()).send().await;
        match sent {
            Ok(answer) if answer.status().is_success() => Answer::Taken,
            Ok(answer) if answer.status() == StatusCode::GONE => Answer::Gone,
            Ok(answer) => {
                let asked = asked(answer.status(), answer.headers(), now);
                Answer::Failed { error: said(answer).await, asked }
            }
            // The address may hold a token.
            Err(error) => Answer::failed(chain(&error.without_url())),
        }
    }
}

fn headers(delivery: &DueDelivery, timestamp: i64) -> Result<HeaderMap, reqwest::header::InvalidHeaderValue> {
    let id = delivery.event_id.to_string();
    let signature = signature(delivery.secret.key(), &id, timestamp, &delivery.body);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("rolemill-type", HeaderValue::from_str(&delivery.kind)?);
    headers.insert("webhook-id", HeaderValue::from_str(&id)?);
    headers.insert("webhook-timestamp", HeaderValue::from(timestamp));
    headers.insert("webhook-signature", HeaderValue::from_str(&signature)?);
    Ok(headers)
}

/// What a receiver said that did not take it.
async fn said(mut answer: Response) -> String {
    let status = answer.status();
    let mut body = Vec::new();
    // An answer that breaks off is one all the same.
    while let Ok(Some(part)) = answer.chunk().await {
        body.extend_from_slice(&part[..part.len().min(LONGEST_ANSWER - body.len())]);
        if body.len() == LONGEST_ANSWER {
            break;
        }
    }
    let words: String =
        String::from_utf8_lossy(&body).chars().filter(|c| !c.is_control()).take(LONGEST_WORDS).collect();
    let moved = if status.is_redirection() { " (redirections are not followed)" } else { "" };
    let words = words.trim();
    let colon = if words.is_empty() { "" } else { ": " };
    format!("it answered {status}{moved}{colon}{words}")
}
