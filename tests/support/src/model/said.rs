//! What the server says, and how that looks on the wire.

use super::Asked;
use axum::body::{Body, Bytes};
use axum::http::{Response, header};
use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use tokio::time::sleep;

/// What a proxy in front of a model says when it speaks for itself.
const PAGE: &str = "<html>\r\n<head><title>Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n";

const INVALID: &str = "invalid_request_error";

/// How a request is answered.
#[derive(Clone, Debug)]
pub enum Said {
    /// A completion whose content is this JSON.
    Json(Value),
    /// A completion whose content is this text, whatever was asked for.
    Text(String),
    /// A completion that ran into the limit of its length (`finish_reason: "length"`) after this text.
    Cut(String),
    /// A completion that says why there is none.
    Refusal(String),
    /// A completion that a filter has emptied.
    ContentFilter,
    /// The vectors of the inputs, each as [`vector`] makes it.
    Vectors,
    /// 429: slower, please.
    TooMany {
        /// The header `Retry-After`, verbatim.
        retry_after: Option<&'static str>,
    },
    /// 429: no money left, so that waiting does not help.
    QuotaSpent,
    /// 400: the request is longer than what the model can take.
    ContextExceeded,
    /// 401, 403 or 404, with an error in JSON.
    Denied(u16),
    /// 5xx, with an error in JSON.
    Broken(u16),
    /// Any status with any JSON, for servers that do it their own way.
    Raw(u16, Value),
    /// A page of HTML with this status, as a proxy in between would send it.
    Html(u16),
    /// Nothing, until the client goes away or the server is dropped.
    Hang,
    /// The connection is closed without a byte.
    HangUp,
    /// The connection is closed in the middle of a completion.
    HangUpHalfWay,
    /// With a usage other than the texts' lengths suggest: tokens of the prompt, tokens of the completion.
    WithUsage(Box<Said>, u64, u64),
    /// With further headers, such as `x-ratelimit-remaining-requests`.
    WithHeaders(Box<Said>, Vec<(&'static str, String)>),
    /// After a while.
    Late(Box<Said>, Duration),
}

impl Said {
    /// The same, with this usage: tokens of the prompt, tokens of the completion.
    #[must_use]
    pub fn with_usage(self, prompt: u64, completion: u64) -> Self {
        Self::WithUsage(Box::new(self), prompt, completion)
    }

    /// The same, with these headers.
    #[must_use]
    pub fn with_headers(self, headers: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self::WithHeaders(Box::new(self), headers.into_iter().collect())
    }

    /// The same, after a while.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self::Late(Box::new(self), delay)
    }

    pub(super) fn page(self, asked: &Asked) -> Page {
        match self {
            Self::Json(value) => Page::json(200, completion(asked, Some(&value.to_string()), None, "stop")),
            Self::Text(text) => Page::json(200, completion(asked, Some(&text), None, "stop")),
            Self::Cut(text) => Page::json(200, completion(asked, Some(&text), None, "length")),
            Self::Refusal(why) => Page::json(200, completion(asked, None, Some(&why), "stop")),
            Self::ContentFilter => Page::json(200, completion(asked, None, None, "content_filter")),
            Self::Vectors => Page::json(200, embeddings(asked)),
            Self::TooMany { retry_after } => {
                let wait = retry_after.map(|wait| ("retry-after", wait.to_owned()));
                refused(429, "requests", Some("rate_limit_exceeded")).with(wait)
            }
            Self::QuotaSpent => refused(429, "insufficient_quota", Some("insufficient_quota")),
            Self::ContextExceeded => refused(400, INVALID, Some("context_length_exceeded")),
            Self::Denied(401) => refused(401, INVALID, Some("invalid_api_key")),
            Self::Denied(404) => refused(404, INVALID, Some("model_not_found")),
            Self::Denied(status) => refused(status, INVALID, None),
            Self::Broken(status) => refused(status, "server_error", None),
            Self::Raw(status, value) => Page::json(status, value),
            Self::Html(status) => Page::of(status, Content::Html),
            Self::Hang => Page::of(200, Content::Never),
            Self::HangUp => Page::hung_up(),
            Self::HangUpHalfWay => {
                let whole = completion(asked, Some("{}"), None, "stop").to_string();
                Page::of(200, Content::Half(whole[..whole.len() / 2].to_owned()))
            }
            Self::WithUsage(said, prompt, completion) => {
                let mut page = said.page(asked);
                if let Content::Json(value) = &mut page.content {
                    value["usage"] = usage(prompt, completion);
                }
                page
            }
            Self::WithHeaders(said, headers) => said.page(asked).with(headers),
            Self::Late(said, delay) => {
                let page = said.page(asked);
                Page { delay: page.delay + delay, ..page }
            }
        }
    }
}

/// What goes over the wire.
pub(super) struct Page {
    delay: Duration,
    status: u16,
    headers: Vec<(&'static str, String)>,
    content: Content,
}

enum Content {
    Json(Value),
    Html,
    Half(String),
    Nothing,
    Never,
}

impl Page {
    fn of(status: u16, content: Content) -> Self {
        Self { delay: Duration::ZERO, status, headers: Vec::new(), content }
    }

    pub(super) fn json(status: u16, value: Value) -> Self {
        Self::of(status, Content::Json(value))
    }

    /// What is said to a body that is no JSON.
    pub(super) fn malformed() -> Self {
        refused(400, INVALID, None)
    }

    pub(super) fn hung_up() -> Self {
        Self::of(200, Content::Nothing)
    }

    fn with(mut self, headers: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    pub(super) async fn respond(self) -> Response<Body> {
        sleep(self.delay).await;
        let lost = || Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionAborted));
        let (kind, body) = match self.content {
            Content::Json(value) => ("application/json", Body::from(value.to_string())),
            Content::Html => ("text/html", Body::from(PAGE)),
            // What fails at once takes the head of the answer with it; what comes before a pause is sent.
            Content::Nothing => ("application/json", Body::from_stream(stream::iter([lost()]))),
            Content::Half(text) => {
                let paused = stream::once(async move {
                    tokio::task::yield_now().await;
                    lost()
                });
                let body = stream::iter([Ok(Bytes::from(text))]).chain(paused);
                ("application/json", Body::from_stream(body))
            }
            Content::Never => std::future::pending().await,
        };
        let mut response = Response::builder().status(self.status).header(header::CONTENT_TYPE, kind);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        response.body(body).unwrap()
    }
}

fn completion(asked: &Asked, content: Option<&str>, refusal: Option<&str>, finish: &str) -> Value {
    let tokens = |text: &str| text.len().div_ceil(4) as u64;
    let message = json!({ "role": "assistant", "content": content, "refusal": refusal });
    json!({
        "id": format!("chatcmpl-{}", asked.ordinal),
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": asked.body["model"],
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish }],
        "usage": usage(
            asked.texts().into_iter().map(tokens).sum(),
            content.or(refusal).map(tokens).unwrap_or_default(),
        ),
    })
}

fn embeddings(asked: &Asked) -> Value {
    let inputs = asked.texts();
    let tokens: usize = inputs.iter().map(|input| input.len().div_ceil(4)).sum();
    let vectors = inputs.into_iter().map(vector).enumerate();
    let data: Vec<Value> = vectors
        .map(|(index, vector)| json!({ "object": "embedding", "index": index, "embedding": vector }))
        .collect();
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    json!({ "object": "list", "data": data, "model": asked.body["model"], "usage": usage })
}

fn usage(prompt: u64, completion: u64) -> Value {
    json!({ "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion })
}

fn refused(status: u16, kind: &str, code: Option<&str>) -> Page {
    let message = format!("The request was refused: {}.", code.unwrap_or(kind));
    let error = json!({ "message": message, "type": kind, "param": null, "code": code });
    Page::json(status, json!({ "error": error }))
}

/// The vector of a text: always the same, of length 1, and of no meaning.
#[must_use]
pub fn vector(text: &str) -> [f64; 16] {
    // FNV-1a makes a seed of the text, xorshift numbers of the seed.
    let seed = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut state = text.bytes().fold(0xcbf2_9ce4_8422_2325, seed);
    let numbers: [f64; 16] = std::array::from_fn(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    });
    let length = numbers.iter().map(|number| number * number).sum::<f64>().sqrt();
    numbers.map(|number| number / length)
}
