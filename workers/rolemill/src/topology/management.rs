//! RabbitMQ's management API.

use anyhow::{Context as _, bail};
use broker::BrokerSettings;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy as Redirects;
use reqwest::{Client, Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use super::policies::Policy;

/// Of what it says about a failure, so many characters are told.
const LONGEST_WORDS: usize = 300;

/// Where it is; shown without the password.
#[derive(Clone)]
pub(crate) struct ManagementUrl(Url);

impl FromStr for ManagementUrl {
    type Err = &'static str;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .map(Self)
            .ok_or("http://user:password@host:15672 is expected, or https://")
    }
}

impl fmt::Display for ManagementUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        if shown.password().is_some() {
            // Of an address that has a host it can be set.
            shown.set_password(Some("***")).map_err(|()| fmt::Error)?;
        }
        f.write_str(shown.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for ManagementUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The API of a broker's virtual host.
pub(super) struct Management {
    client: Client,
    url: ManagementUrl,
    vhost: String,
}

impl fmt::Display for Management {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

impl Management {
    /// # Errors
    /// When no HTTP client can be made.
    pub(super) fn new(url: ManagementUrl, settings: &BrokerSettings) -> anyhow::Result<Self> {
        runtime::tls::use_ring();
        let client = Client::builder()
            .timeout(settings.patience)
            // A redirection leads to where the password is not for.
            .redirect(Redirects::none())
            .build()
            .context("no HTTP client can be made")?;
        Ok(Self { client, url, vhost: settings.url.vhost() })
    }

    /// Sets policies.
    ///
    /// # Errors
    /// When it cannot be reached or refuses.
    pub(super) async fn set(&self, policies: &[Policy]) -> anyhow::Result<()> {
        for policy in policies {
            let path = ["policies", &self.vhost, &policy.name];
            self.ask(Method::PUT, &path, Some(&policy.body))
                .await
                .with_context(|| format!("policy {} cannot be set", policy.name))?;
        }
        Ok(())
    }

    /// What the policy of each queue comes to.
    ///
    /// # Errors
    /// When it cannot be reached or refuses.
    pub(super) async fn in_effect(&self) -> anyhow::Result<HashMap<String, Value>> {
        #[derive(Deserialize)]
        struct Queue {
            name: String,
            effective_policy_definition: Option<Value>,
        }
        let said = self.ask(Method::GET, &["queues", &self.vhost], None).await?;
        let queues: Vec<Queue> = serde_json::from_str(&said).context("the queues cannot be read")?;
        let definition = |queue: Queue| {
            // Nothing is written as an empty list.
            let found = queue.effective_policy_definition.filter(Value::is_object);
            (queue.name, found.unwrap_or_else(|| json!({})))
        };
        Ok(queues.into_iter().map(definition).collect())
    }

    async fn ask(&self, method: Method, path: &[&str], body: Option<&Value>) -> anyhow::Result<String> {
        let mut url = self.url.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            // The usual virtual host is called "/", which is written %2F.
            segments.pop_if_empty().push("api").extend(path);
        }
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let at = || format!("the management API {self}");
        let answer = request.send().await.map_err(reqwest::Error::without_url).with_context(at)?;
        let status = answer.status();
        let said = answer.text().await.map_err(reqwest::Error::without_url).with_context(at)?;
        if !status.is_success() {
            let said: String = said.chars().take(LONGEST_WORDS).collect();
            bail!("{} answered {status}: {said}", at());
        }
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::policies::{Limits, policies};
    use axum::Router;
    use axum::http::{HeaderMap, StatusCode, Uri, header};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use std::sync::{Arc, Mutex};

    /// A broker's API that notes what it is asked, and answers so.
    async fn answering(status: StatusCode, said: &'static str) -> (Management, Arc<Mutex<Vec<String>>>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let router = Router::new().fallback(async move |uri: Uri, headers: HeaderMap, body: String| {
            let who =
                headers[header::AUTHORIZATION].to_str().unwrap().trim_start_matches("Basic ").to_owned();
            let who = String::from_utf8(STANDARD.decode(who).unwrap()).unwrap();
            noted.lock().unwrap().push(format!("{who} {uri} {body}"));
            (status, said)
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://ada:p%40ss@{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let settings = BrokerSettings::usual("amqp://127.0.0.1".parse().unwrap());
        (Management::new(url, &settings).unwrap(), asked)
    }

    #[tokio::test]
    async fn every_policy_is_put_into_the_virtual_host_under_its_name() {
        let (management, asked) = answering(StatusCode::CREATED, "").await;
        management.set(&policies("jobs", Limits::default())).await.unwrap();
        let asked = asked.lock().unwrap().clone();
        assert_eq!(asked.len(), 3);
        assert!(asked[0].starts_with("ada:p@ss /api/policies/%2F/jobs {"), "{}", asked[0]);
        assert!(
            asked[2].contains("/jobs-entrance {") && asked[2].contains("\"max-length-bytes\":4294967296")
        );
    }

    #[tokio::test]
    async fn a_refusal_is_told_without_the_password() {
        let refusal = r#"{"error":"not_authorised","reason":"Not policymaker"}"#;
        let (management, _) = answering(StatusCode::UNAUTHORIZED, refusal).await;
        let error = management.set(&policies("jobs", Limits::default())).await.unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("policy jobs cannot be set") && error.contains("Not policymaker"), "{error}");
        assert!(error.contains("ada:***@") && !error.contains("p%40ss"), "{error}");
    }

    #[tokio::test]
    async fn a_queue_without_a_policy_has_an_empty_one() {
        let queues = r#"[{"name":"a","effective_policy_definition":[]},{"name":"b"},
            {"name":"c","effective_policy_definition":{"delivery-limit":4},"messages":7}]"#;
        let (management, _) = answering(StatusCode::OK, queues).await;
        let in_effect = management.in_effect().await.unwrap();
        assert_eq!((&in_effect["a"], &in_effect["b"]), (&json!({}), &json!({})));
        assert_eq!(in_effect["c"], json!({ "delivery-limit": 4 }));
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        for wrong in ["amqp://mq", "mq:15672", "http://", "/api"] {
            assert!(wrong.parse::<ManagementUrl>().is_err(), "{wrong}");
        }
    }
}
