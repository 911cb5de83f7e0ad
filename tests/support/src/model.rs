//! A language model's server that says what a test wants said, and fails as a test wants it to.
//!
//! ```no_run
//! # use support::model::{Said, StubModel};
//! # async fn example() {
//! let server = StubModel::start().await;
//! server.chat.answer(|asked| match asked.ordinal {
//!     1 => Said::TooMany { retry_after: Some("1") },
//!     _ => Said::Json(serde_json::json!({ "title": "Nurse" })).with_usage(900, 12),
//! });
//! // … a client of `server.base_url()` at work …
//! assert_eq!(server.chat.calls(), 2);
//! # }
//! ```

mod said;

pub use said::{Said, vector};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Response};
use axum::routing::{MethodRouter, get, post};
use said::Page;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// How many of the last bodies each desk keeps.
const BODIES: usize = 2_000;

/// The server. It runs on the test's runtime; dropped, it is gone with all its connections.
pub struct StubModel {
    /// Answers `POST /v1/chat/completions`: `{}` until told otherwise.
    pub chat: Arc<Desk>,
    /// Answers `POST /v1/embeddings`: [`Said::Vectors`] until told otherwise.
    pub embeddings: Arc<Desk>,
    address: SocketAddr,
    /// Open as long as the server is.
    _open: watch::Sender<()>,
}

impl StubModel {
    /// Starts one on a free port of 127.0.0.1. `/v1/models` and `/health` are answered, too.
    ///
    /// # Panics
    /// When it gets no port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, closing) = watch::channel(());
        let chat = Desk::new(|_| Said::Json(json!({})));
        let embeddings = Desk::new(|_| Said::Vectors);
        let models = json!({ "object": "list", "data": [{ "id": "stub", "object": "model" }] });
        let router = Router::new()
            .route("/v1/chat/completions", serving(&chat, &closing))
            .route("/v1/embeddings", serving(&embeddings, &closing))
            .route("/v1/models", get(async move || Page::json(200, models).respond().await))
            .route("/health", get(async || Page::json(200, json!({ "status": "ok" })).respond().await))
            .layer(DefaultBodyLimit::disable());
        let served = axum::serve(listener, router).with_graceful_shutdown(closed(closing));
        tokio::spawn(served.into_future());
        Self { chat, embeddings, address, _open: open }
    }

    /// What a client is given as the base of its addresses: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// One thing that the server does: it answers by its rule, and keeps books of what it was asked.
pub struct Desk(Mutex<Books>);

type Rule = Arc<dyn Fn(&Asked) -> Said + Send + Sync>;

struct Books {
    rule: Rule,
    latency: Duration,
    bodies: VecDeque<Value>,
    times: Vec<Instant>,
    in_flight: usize,
    peak: usize,
}

impl Desk {
    fn new(rule: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> Arc<Self> {
        let (rule, latency) = (Arc::new(rule), Duration::ZERO);
        let (bodies, times) = (VecDeque::new(), Vec::new());
        Arc::new(Self(Mutex::new(Books { rule, latency, bodies, times, in_flight: 0, peak: 0 })))
    }

    /// From the next request on, each is answered by this rule.
    pub fn answer(&self, rule: impl Fn(&Asked) -> Said + Send + Sync + 'static) {
        self.books().rule = Arc::new(rule);
    }

    /// From the next request on, each answer comes only after so long.
    pub fn set_latency(&self, latency: Duration) {
        self.books().latency = latency;
    }

    /// How many requests have come.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.books().times.len()
    }

    /// When each of them came.
    #[must_use]
    pub fn call_times(&self) -> Vec<Instant> {
        self.books().times.clone()
    }

    /// Their bodies, of the last 2,000; null for what was no JSON.
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        self.books().bodies.iter().cloned().collect()
    }

    /// How many wait for their answer now; not those whose client has gone away.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.books().in_flight
    }

    /// How many have waited for their answer at once, at most.
    #[must_use]
    pub fn peak_in_flight(&self) -> usize {
        self.books().peak
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(self: Arc<Self>, headers: HeaderMap, body: Bytes) -> Response<Body> {
        let (_waiting, asked, rule, latency) = self.enter(headers, &body);
        sleep(latency).await;
        let page = if asked.body.is_null() { Page::malformed() } else { rule(&asked).page(&asked) };
        page.respond().await
    }

    fn enter(self: &Arc<Self>, headers: HeaderMap, body: &[u8]) -> (Waiting, Asked, Rule, Duration) {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut books = self.books();
        if books.bodies.len() == BODIES {
            books.bodies.pop_front();
        }
        books.bodies.push_back(body.clone());
        books.times.push(Instant::now());
        books.in_flight += 1;
        books.peak = books.peak.max(books.in_flight);
        let asked = Asked { body, headers, ordinal: books.times.len() };
        (Waiting(Arc::clone(self)), asked, Arc::clone(&books.rule), books.latency)
    }
}

/// A request that waits for its answer.
struct Waiting(Arc<Desk>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.books().in_flight -= 1;
    }
}

fn serving(desk: &Arc<Desk>, closing: &watch::Receiver<()>) -> MethodRouter {
    let (desk, closing) = (Arc::clone(desk), closing.clone());
    post(async move |headers: HeaderMap, body: Bytes| {
        tokio::select! {
            answer = desk.serve(headers, body) => answer,
            () = closed(closing) => Page::hung_up().respond().await,
        }
    })
}

/// Waits until the server is dropped.
async fn closed(mut closing: watch::Receiver<()>) {
    while closing.changed().await.is_ok() {}
}

/// A request.
#[derive(Debug)]
pub struct Asked {
    /// Its body.
    pub body: Value,
    /// 1 for the first that came to this desk.
    pub ordinal: usize,
    headers: HeaderMap,
}

impl Asked {
    /// The texts that it gives: those of its messages or, for embeddings, its inputs.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        fn contents(message: &Value) -> Vec<&Value> {
            match message["content"].as_array() {
                Some(parts) => parts.iter().map(|part| &part["text"]).collect(),
                None => vec![&message["content"]],
            }
        }
        let list = |key: &str| self.body[key].as_array().into_iter().flatten();
        let inputs = std::iter::once(&self.body["input"]).chain(list("input"));
        list("messages").flat_map(contents).chain(inputs).filter_map(Value::as_str).collect()
    }

    /// Whether one of its texts has these words.
    #[must_use]
    pub fn mentions(&self, words: &str) -> bool {
        self.texts().iter().any(|text| text.contains(words))
    }

    /// The JSON Schema that the answer is to keep to, if there is one.
    #[must_use]
    pub fn schema(&self) -> Option<&Value> {
        self.body.pointer("/response_format/json_schema/schema")
    }

    /// A header that it came with.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
