//! One HTTP call, through async-openai: whatever comes back is a value or a typed failure, and nothing of it is logged.

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use futures::future::BoxFuture;
use model::ModelError;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::said::Failed;

/// No answer of a model is larger; a server that sends more is none.
const LARGEST: usize = 8 << 20;
/// So much of a server's words is kept.
const WORDS: usize = 300;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// No server is waited for longer, whatever it asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// A server and the way to it.
#[derive(Clone)]
pub(crate) struct Server {
    http: reqwest::Client,
    timeout: Duration,
    key: SecretString,
}

/// What came back, and how long the server wants to be left alone before the next call.
pub(crate) struct Came {
    pub(crate) body: Value,
    pub(crate) pause: Option<Duration>,
}

/// What is called at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Chat,
    Embeddings,
}

impl Server {
    pub(crate) fn new(key: Option<SecretString>, timeout: Duration) -> Result<Self, reqwest::Error> {
        runtime::tls::use_ring();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, timeout, key: key.unwrap_or_default() })
    }

    pub(crate) async fn call(
        &self,
        base_url: &str,
        endpoint: Endpoint,
        body: &Value,
    ) -> Result<Came, Failed> {
        let place = Place { base_url: base_url.to_owned(), key: self.key.clone() };
        let pause = Arc::new(Mutex::new(None));
        let Self { http, timeout, key } = self.clone();
        let watch = Watched { http, timeout, key, pause: Arc::clone(&pause) };
        // The client retries nothing itself: its service is replaced by one that makes a single call.
        let client = Client::build(self.http.clone(), place).with_http_service(watch);
        let answer: Result<Value, OpenAIError> = match endpoint {
            Endpoint::Chat => client.chat().create_byot(body).await,
            Endpoint::Embeddings => client.embeddings().create_byot(body).await,
        };
        match answer {
            Ok(body) => {
                let pause = pause.lock().unwrap_or_else(PoisonError::into_inner).take();
                Ok(Came { body, pause })
            }
            Err(error) => Err(failed(error)),
        }
    }
}

/// Where a server is and what lets us in: async-openai's own configuration would read the environment.
#[derive(Clone)]
struct Place {
    base_url: String,
    key: SecretString,
}

impl Config for Place {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let key = self.key.expose_secret();
        if !key.is_empty()
            && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {key}"))
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        headers
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base_url
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

/// Makes one call and reads its answer to the end, within limits. What is not a successful answer in JSON is an error here, with
/// its status and headers, which async-openai would lose.
#[derive(Clone)]
struct Watched {
    http: reqwest::Client,
    timeout: Duration,
    key: SecretString,
    pause: Arc<Mutex<Option<Duration>>>,
}

impl tower::Service<HttpRequestFactory> for Watched {
    type Response = Response;
    type Error = OpenAIError;
    type Future = BoxFuture<'static, Result<Response, OpenAIError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let Self { http, timeout, key, pause } = self.clone();
        Box::pin(async move {
            let request = request.build().await?;
            let broke = |error: reqwest::Error| boxed(of_transport(&error, timeout).into());
            let response = http.execute(request).await.map_err(broke)?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = read(response).await.map_err(|error| match error {
                Unread::Broke(error) => broke(error),
                Unread::TooLarge => boxed(ModelError::Garbled(format!("more than {LARGEST} bytes")).into()),
            })?;
            let body = without_key(body, key.expose_secret());
            judge(status, &headers, &body).map_err(boxed)?;
            *pause.lock().unwrap_or_else(PoisonError::into_inner) = spent_limit(&headers);
            Ok(http::Response::new(body).into())
        })
    }
}

enum Unread {
    Broke(reqwest::Error),
    TooLarge,
}

async fn read(mut response: Response) -> Result<Vec<u8>, Unread> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Unread::Broke)? {
        if body.len() + chunk.len() > LARGEST {
            return Err(Unread::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A server, or a proxy before it, may repeat the key that it was sent: it must get into no error and no answer.
fn without_key(body: Vec<u8>, key: &str) -> Vec<u8> {
    match std::str::from_utf8(&body) {
        Ok(text) if !key.is_empty() && text.contains(key) => text.replace(key, "***").into_bytes(),
        Ok(_) | Err(_) => body,
    }
}

/// A failure on its way through async-openai.
#[derive(Debug, thiserror::Error)]
#[error("the call failed")]
struct Carried(Mutex<Option<Failed>>);

fn boxed(failed: Failed) -> OpenAIError {
    OpenAIError::Boxed(Box::new(Carried(Mutex::new(Some(failed)))))
}

fn failed(error: OpenAIError) -> Failed {
    match error {
        OpenAIError::Boxed(error) => {
            let carried = error.downcast_ref::<Carried>();
            let carried = carried.and_then(|it| it.0.lock().unwrap_or_else(PoisonError::into_inner).take());
            carried.unwrap_or_else(|| ModelError::Broken(error.to_string()).into())
        }
        OpenAIError::JSONDeserialize(error, _) => ModelError::Garbled(error.to_string()).into(),
        OpenAIError::Reqwest(error) => ModelError::Broken(words(&pipeline::chain(&error))).into(),
        other @ (OpenAIError::ApiError(_)
        | OpenAIError::FileSaveError(_)
        | OpenAIError::FileReadError(_)
        | OpenAIError::StreamError(_)
        | OpenAIError::InvalidArgument(_)) => ModelError::Broken(words(&other.to_string())).into(),
    }
}

fn of_transport(error: &reqwest::Error, timeout: Duration) -> ModelError {
    if error.is_connect() {
        let why = format!("it cannot be reached: {}", words(&pipeline::chain(error)));
        return ModelError::Away { retry_after: CONNECT, why };
    }
    if error.is_timeout() {
        ModelError::TimedOut(timeout)
    } else {
        ModelError::Broken(words(&error.to_string()))
    }
}

/// Whether an answer is a success in JSON; else what it is.
fn judge(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<(), Failed> {
    let json: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
    let status_number = status.as_u16();
    let Some(json) = json else {
        let beginning: String = String::from_utf8_lossy(body).chars().take(WORDS).collect();
        let message = words(&beginning);
        let retry_after = retry_after(headers, OffsetDateTime::now_utc());
        let error = match status_number {
            429 => ModelError::RateLimited { retry_after: retry_after.unwrap_or(CONNECT) },
            500.. => ModelError::Server { status: status_number, message },
            _ => ModelError::Garbled(format!("status {status_number}, no JSON: {message}")),
        };
        return Err(Failed { error, retry_after });
    };
    if status.is_success() && json.get("error").is_none_or(Value::is_null) {
        return Ok(());
    }
    let error = &json["error"];
    let word = |name: &str| error[name].as_str().unwrap_or_default();
    let message = match (word("message"), error.as_str()) {
        ("", Some(message)) => words(message),
        (message, _) => words(message),
    };
    let retry_after = retry_after(headers, OffsetDateTime::now_utc());
    let is = |name: &str| word("code") == name || word("type") == name;
    let error = match status_number {
        429 if is("insufficient_quota") => ModelError::QuotaSpent(message),
        429 => ModelError::RateLimited { retry_after: retry_after.unwrap_or(CONNECT) },
        401 | 403 | 404 => ModelError::Denied { status: status_number, message },
        408 | 409 | 500.. => ModelError::Server { status: status_number, message },
        _ if is("context_length_exceeded") || is("exceed_context_size_error") => ModelError::TooLong(message),
        _ => ModelError::Rejected { status: status_number, message },
    };
    Err(Failed { error, retry_after })
}

/// A server's words on one line, not too many.
fn words(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(WORDS).collect()
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    let words = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match words.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
        // HTTP's dates are those of mail, but for the name of the zone.
        Err(_) => {
            let at = OffsetDateTime::parse(&words.replace("GMT", "+0000"), &Rfc2822).ok()?;
            Duration::try_from(at - now).ok()?
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

/// How long to wait because the last call took what was left of a limit.
fn spent_limit(headers: &HeaderMap) -> Option<Duration> {
    let word = |name: String| headers.get(name.as_str())?.to_str().ok();
    ["requests", "tokens"]
        .iter()
        .filter(|what| word(format!("x-ratelimit-remaining-{what}")) == Some("0"))
        .filter_map(|what| period(word(format!("x-ratelimit-reset-{what}"))?))
        .max()
        .map(|wait| wait.min(LONGEST_WAIT))
}

/// `1s`, `6m0s`, `120ms`, `1h2m3.5s`.
fn period(words: &str) -> Option<Duration> {
    let mut total = 0.0;
    let mut rest = words.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let unit = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| digits + at);
        let number: f64 = rest[..digits].parse().ok()?;
        total += number
            * match &rest[digits..unit] {
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3_600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    Duration::try_from_secs_f64(total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn waits_are_read_as_servers_write_them() {
        let wait = |value: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
            retry_after(&headers, datetime!(2026-11-27 12:00 UTC))
        };
        assert_eq!(wait("2"), Some(Duration::from_secs(2)));
        assert_eq!(wait("Fri, 27 Nov 2026 12:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(wait("999999999"), Some(LONGEST_WAIT));
        assert_eq!((wait("soon"), wait("-1")), (None, None));
        assert_eq!(period("6m0.5s"), Some(Duration::from_millis(360_500)));
        assert_eq!(period("20ms"), Some(Duration::from_millis(20)));
        assert_eq!((period("1"), period("x")), (None, None));
    }

    #[test]
    fn a_key_that_is_repeated_is_blanked_whatever_the_answer_is() {
        let page = b"<html>Authorization: Bearer sk-hush</html>".to_vec();
        let page = without_key(page, "sk-hush");
        let Err(Failed { error, .. }) = judge(StatusCode::BAD_GATEWAY, &HeaderMap::new(), &page) else {
            panic!("a page is no answer")
        };
        assert!(error.to_string().contains("Bearer ***"), "{error}");
        assert_eq!(without_key(b"{}".to_vec(), ""), b"{}");
    }

    #[test]
    fn a_limit_that_is_spent_is_waited_for_and_one_with_room_is_not() {
        let headers = |left: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-ratelimit-remaining-requests", HeaderValue::from_static(left));
            headers.insert("x-ratelimit-reset-requests", HeaderValue::from_static("3s"));
            headers
        };
        assert_eq!(spent_limit(&headers("0")), Some(Duration::from_secs(3)));
        assert_eq!(spent_limit(&headers("5")), None);
    }
}
