//! Webhooks against receivers on this machine.

use super::*;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::{RunFailed, Stage, WebhookEvent, WebhookState};
use hmac::Mac as _;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{DeliveryFilter, DeliveryLine, NewWebhook, Place};
use support::{BOTH, Fresh, Kind, wait_for, wait_until};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

const SECRET: &str = "correct horse battery staple";
const DEADLINE: Duration = Duration::from_secs(30);

/// What was posted.
#[derive(Clone, Debug)]
struct Posted {
    headers: HeaderMap,
    body: String,
}

impl Posted {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A server that notes what is posted to it.
struct Receiver {
    address: String,
    posted: Arc<Mutex<Vec<Posted>>>,
    server: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Receiver {
    /// One that answers the n-th post, from 0, as it is told.
    async fn answering<F>(answer: impl Fn(usize) -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (posted, count) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let noted = Arc::clone(&posted);
        let router = Router::new().fallback(move |headers: HeaderMap, body: String| {
            noted.lock().unwrap().push(Posted { headers, body });
            answer(count.fetch_add(1, Ordering::SeqCst))
        });
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, posted, server }
    }

    async fn of(status: StatusCode) -> Self {
        Self::answering(move |_| async move { status.into_response() }).await
    }

    fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }
}

/// A database, and what delivers from it.
struct Desk {
    fresh: Fresh,
    store: Store,
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    running: Vec<JoinHandle<anyhow::Result<()>>>,
}

fn quick() -> WebhookSettings {
    let ms = Duration::from_millis;
    WebhookSettings {
        is_private_allowed: true,
        waits: vec![ms(10), ms(20)],
        look_every: ms(20),
        answer_within: ms(10_000),
        ..WebhookSettings::default()
    }
}

impl Desk {
    async fn new(kind: Kind) -> Self {
        let fresh = Fresh::new(kind).await;
        let store = Store::connect(&Place::read(&fresh.url).unwrap()).await.unwrap();
        store.migrate().await.unwrap();
        Self { fresh, store, wake: Arc::default(), stop: watch::Sender::new(false), running: Vec::new() }
    }

    async fn hook(&self, url: &str) -> i64 {
        let new = NewWebhook {
            url: url.parse().unwrap(),
            events: [WebhookEvent::RunFinished, WebhookEvent::RunFailed].into(),
            secret: SECRET.parse().unwrap(),
            actor: "ada".into(),
        };
        self.store.add_webhook(&new).await.unwrap()
    }

    async fn tell(&self, events: std::ops::Range<usize>) {
        let events: Vec<RunEvent> = events
            .map(|n| {
                let run_id = RunId::derived("test", &n.to_string());
                RunEvent {
                    event_id: Uuid::new_v5(&run_id.0, b"finished"),
                    event: WebhookEvent::RunFinished,
                    kind: "rolemill.run.finished.v1".into(),
                    run_id: Some(run_id),
                    body: format!(r#"{{"run_id":"{run_id}","reason":"“quoted” №{n}"}}"#),
                }
            })
            .collect();
        self.store.enqueue_events(&events).await.unwrap();
        self.wake.notify_one();
    }

    /// Starts an archive worker's deliveries, on a connection of its own.
    async fn deliver(&mut self, settings: WebhookSettings) {
        let store = Store::connect(&Place::read(&self.fresh.url).unwrap()).await.unwrap();
        let (wake, stop) = (Arc::clone(&self.wake), self.stop.subscribe());
        self.running.push(tokio::spawn(async move { deliver(&store, settings, &wake, stop).await }));
    }

    async fn lines(&self) -> Vec<DeliveryLine> {
        self.store.deliveries(&DeliveryFilter { limit: 1_000, ..DeliveryFilter::default() }).await.unwrap()
    }

    /// Waits until every delivery is in a state.
    async fn all_are(&self, state: WebhookState) -> Vec<DeliveryLine> {
        wait_for(&format!("all deliveries are {state}"), DEADLINE, async || {
            let lines = self.lines().await;
            lines.iter().all(|line| line.state == state).then_some(lines)
        })
        .await
    }

    /// Waits until a delivery failed, and why.
    async fn failure(&self) -> String {
        wait_for("a try failed", DEADLINE, async || self.lines().await.remove(0).last_error).await
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        for running in self.running {
            running.await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn an_event_is_posted_until_the_receiver_takes_it_and_every_post_is_signed() {
    let answers =
        [StatusCode::SERVICE_UNAVAILABLE, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::NO_CONTENT];
    let receiver = Receiver::answering(move |n| async move { answers[n].into_response() }).await;
    let mut desk = Desk::new(Kind::Sqlite).await;
    desk.hook(&format!("{}/hooks/7?from=rolemill", receiver.address)).await;
    desk.deliver(quick()).await;
    desk.tell(0..1).await;
    let line = desk.all_are(WebhookState::Delivered).await.remove(0);
    assert_eq!((line.tries, &line.last_error), (3, &None));
    let posted = receiver.posted();
    assert_eq!(posted.len(), 3);
    for post in &posted {
        assert_eq!(post.header("webhook-id"), line.event_id.to_string());
        assert_eq!(post.header("content-type"), "application/json");
        assert_eq!(post.header("rolemill-type"), "rolemill.run.finished.v1");
        assert_eq!(serde_json::from_str::<RunIdOnly>(&post.body).unwrap().run_id, line.run_id.unwrap());
        let timestamp: i64 = post.header("webhook-timestamp").parse().unwrap();
        assert!((OffsetDateTime::now_utc().unix_timestamp() - timestamp).abs() < 60);
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(format!("{}.{timestamp}.{}", line.event_id, post.body).as_bytes());
        let signature = post.header("webhook-signature").strip_prefix("v1,").unwrap();
        mac.verify_slice(&STANDARD.decode(signature).unwrap()).unwrap();
    }
    desk.stop().await;
}

#[derive(Deserialize)]
struct RunIdOnly {
    run_id: RunId,
}

#[tokio::test]
async fn when_all_waits_are_over_a_delivery_is_dead_and_says_what_the_receiver_answered() {
    let long = "no room\r\n\u{1b}[31m".repeat(100_000);
    let receiver = Receiver::answering(move |_| {
        let body = long.clone();
        async move { (StatusCode::INSUFFICIENT_STORAGE, body).into_response() }
    })
    .await;
    let mut desk = Desk::new(Kind::Sqlite).await;
    desk.hook(&receiver.address).await;
    desk.deliver(quick()).await;
    desk.tell(0..1).await;
    let line = desk.all_are(WebhookState::Dead).await.remove(0);
    assert_eq!((line.tries as usize, receiver.posted().len()), (3, 3));
    let error = line.last_error.unwrap();
    assert!(error.starts_with("it answered 507 Insufficient Storage: no room"), "{error}");
    assert!(error.chars().count() < 300 && !error.contains(char::is_control), "{error}");

    // Somebody has it tried again: as often as a new one.
    desk.store.retry_delivery(line.id, "ada", OffsetDateTime::now_utc()).await.unwrap();
    wait_until("it was posted three times more", DEADLINE, async || receiver.posted().len() == 6).await;
    desk.stop().await;
}

#[tokio::test]
async fn a_busy_receiver_says_when_it_is_tried_again() {
    let receiver = Receiver::answering(|n| async move {
        let until = [(header::RETRY_AFTER, if n == 0 { "1" } else { "7200" })];
        (StatusCode::TOO_MANY_REQUESTS, until).into_response()
    })
    .await;
    let mut desk = Desk::new(Kind::Sqlite).await;
    desk.hook(&receiver.address).await;
    desk.deliver(quick()).await;
    desk.tell(0..1).await;
    let line = wait_for("it was tried twice", DEADLINE, async || {
        let line = desk.lines().await.remove(0);
        (line.tries == 2 && line.next_at > OffsetDateTime::now_utc() + 2 * LEASE).then_some(line)
    })
    .await;
    let times: Vec<i64> =
        receiver.posted().iter().map(|post| post.header("webhook-timestamp").parse().unwrap()).collect();
    assert!(times[1] > times[0], "the first wait was a second, not {:?}: {times:?}", quick().waits[0]);
    let wait = (line.next_at - OffsetDateTime::now_utc()).whole_minutes();
    assert!((55..=60).contains(&wait), "an hour at most, not {wait} minutes");
    desk.stop().await;
}

#[tokio::test]
async fn a_receiver_that_is_gone_switches_its_webhook_off() {
    let (gone, there) = (Receiver::of(StatusCode::GONE).await, Receiver::of(StatusCode::OK).await);
    let mut desk = Desk::new(Kind::Sqlite).await;
    let (off, on) = (desk.hook(&gone.address).await, desk.hook(&there.address).await);
    desk.deliver(quick()).await;
    desk.tell(0..1).await;
    let hooks = wait_for("the webhook is off", DEADLINE, async || {
        let hooks = desk.store.webhooks().await.unwrap();
        hooks.iter().any(|hook| !hook.active).then_some(hooks)
    })
    .await;
    let hook = |id| hooks.iter().find(|hook| hook.id == id).unwrap();
    assert!(hook(on).active);
    assert_eq!((hook(off).dead, hook(off).reason.as_deref()), (1, Some("it answered 410 Gone")));
    desk.tell(1..2).await;
    wait_until("the other one is told", DEADLINE, async || there.posted().len() == 2).await;
    assert_eq!(gone.posted().len(), 1, "it is told nothing more");
    desk.stop().await;
}

#[tokio::test]
async fn several_workers_deliver_an_event_once() {
    for kind in BOTH {
        let receiver = Receiver::of(StatusCode::OK).await;
        let mut desk = Desk::new(kind).await;
        desk.hook(&receiver.address).await;
        desk.deliver(quick()).await;
        desk.deliver(quick()).await;
        desk.tell(0..40).await;
        desk.all_are(WebhookState::Delivered).await;
        let posted = receiver.posted();
        let distinct: BTreeSet<&str> = posted.iter().map(|post| post.header("webhook-id")).collect();
        assert_eq!((posted.len(), distinct.len()), (40, 40), "{kind:?}");
        desk.stop().await;
    }
}

#[tokio::test]
async fn nothing_is_sent_to_private_addresses_unless_that_is_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for (url, why) in [
        (format!("https://127.0.0.1:{port}"), "127.0.0.1 is no public address"),
        (format!("https://localhost:{port}"), "is no public address"),
        (format!("https://[::1]:{port}"), "::1 is no public address"),
        (format!("https://[::ffff:127.0.0.1]:{port}"), "is no public address"),
        (format!("https://2130706433:{port}"), "127.0.0.1 is no public address"),
        (format!("http://127.0.0.1:{port}"), "only https"),
        (format!("http://localhost:{port}"), "only https"),
        (format!("http://[::1]:{port}"), "only https"),
        ("http://169.254.169.254/latest/meta-data".to_owned(), "only https"),
        ("https://169.254.169.254/latest/meta-data".to_owned(), "169.254.169.254 is no public address"),
        ("http://10.0.0.1".to_owned(), "only https"),
        ("https://10.0.0.1".to_owned(), "10.0.0.1 is no public address"),
    ] {
        let mut desk = Desk::new(Kind::Sqlite).await;
        desk.hook(&url).await;
        desk.deliver(WebhookSettings { is_private_allowed: false, ..quick() }).await;
        desk.tell(0..1).await;
        let error = desk.failure().await;
        assert!(error.contains(why), "{url}: {error}");
        desk.stop().await;
    }
    let accepted = futures::FutureExt::now_or_never(listener.accept());
    assert!(accepted.is_none(), "somebody connected");
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let secret_place = Receiver::of(StatusCode::OK).await;
    let to = secret_place.address.clone();
    let receiver = Receiver::answering(move |_| {
        let to = to.clone();
        async move { (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response() }
    })
    .await;
    let mut desk = Desk::new(Kind::Sqlite).await;
    desk.hook(&receiver.address).await;
    desk.deliver(quick()).await;
    desk.tell(0..1).await;
    let line = desk.all_are(WebhookState::Dead).await.remove(0);
    let error = line.last_error.unwrap();
    assert!(error.contains("307") && error.contains("not followed"), "{error}");
    assert!(secret_place.posted().is_empty());
    desk.stop().await;
}

#[tokio::test]
async fn a_receiver_that_hangs_keeps_no_other_waiting_and_its_try_ends_in_time() {
    let slow = Receiver::answering(|_| std::future::pending()).await;
    let there = Receiver::of(StatusCode::OK).await;
    let mut desk = Desk::new(Kind::Sqlite).await;
    let (hanging, quickly) = (desk.hook(&slow.address).await, desk.hook(&there.address).await);
    let answer_within = Duration::from_millis(1_500);
    desk.deliver(WebhookSettings { waits: Vec::new(), answer_within, ..quick() }).await;
    desk.tell(0..20).await;
    wait_until("the other one is told everything", DEADLINE, async || there.posted().len() == 20).await;
    let of = async |webhook, state| {
        let lines = desk.lines().await;
        lines.into_iter().filter(|line| line.webhook_id == webhook && line.state == state).collect::<Vec<_>>()
    };
    assert!(of(hanging, WebhookState::Delivered).await.is_empty());
    wait_until("they are noted", DEADLINE, async || of(quickly, WebhookState::Delivered).await.len() == 20)
        .await;
    wait_until("the first tries ended", DEADLINE, async || !of(hanging, WebhookState::Dead).await.is_empty())
        .await;
    let error = of(hanging, WebhookState::Dead).await.remove(0).last_error.unwrap();
    assert!(error.contains("timed out") && !error.contains("127.0.0.1"), "{error}");
    desk.stop().await;
}

#[tokio::test]
async fn events_on_the_broker_become_deliveries() {
    let prefix = support::broker::Prefix::new();
    let settings = BrokerSettings {
        prefix: prefix.as_str().to_owned(),
        ..BrokerSettings::usual(prefix.url().parse().unwrap())
    };
    let topology = broker::topology::apply(&settings).await.unwrap();
    prefix.delete(topology.queue_names());
    prefix.delete(topology.exchanges.iter().map(|exchange| exchange.name.as_str()));
    let mut desk = Desk::new(Kind::Sqlite).await;
    let receiver = Receiver::of(StatusCode::OK).await;
    desk.hook(&receiver.address).await;
    let run_id = RunId::derived("test", "1");
    let failed = RunFailed {
        run_id,
        attempt: 0,
        source: None,
        stage: Stage::Parse,
        code: "stage_failed".into(),
        message: "no".into(),
        fingerprint: "f".into(),
    };
    let about = (run_id, 0);
    let told = broker::event(&settings, RunFailed::KEY, RunFailed::KIND, about, &failed).unwrap();
    let unknown = broker::event(&settings, "run.begun", "rolemill.run.begun.v1", about, &failed).unwrap();
    let broken =
        broker::event(&settings, RunFailed::KEY, RunFailed::KIND, (run_id, 9), &"no object").unwrap();
    let publisher = broker::Publisher::new(settings.clone());
    for event in [&unknown, &broken, &told, &told] {
        publisher.deliver(event).await.unwrap();
    }
    publisher.close().await;
    let (store, wake, stop) = (desk.store.clone(), Arc::clone(&desk.wake), desk.stop.subscribe());
    desk.running.push(tokio::spawn(async move {
        Ok(gather_events(store, &settings, Health::of("test"), wake, stop).await?)
    }));
    desk.deliver(quick()).await;
    wait_until("the receiver is told", DEADLINE, async || !receiver.posted().is_empty()).await;
    let client = support::broker::Client::connect(prefix.url()).await;
    let queue = format!("{prefix}.webhooks");
    wait_until("everything is taken", DEADLINE, async || client.depth(&queue).await == 0).await;
    client.close().await;
    let lines = desk.all_are(WebhookState::Delivered).await;
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].run_id, lines[0].kind.as_str()), (Some(run_id), RunFailed::KIND));
    assert_eq!(serde_json::from_str::<RunFailed>(&receiver.posted()[0].body).unwrap(), failed);
    desk.stop().await;
}
