//! The model's server, spoken to in plain HTTP.
#![allow(clippy::unwrap_used, reason = "a test may")]

use futures::future::join_all;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use support::model::{Said, StubModel, vector};
use support::process::http_get;
use support::wait_until;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);

/// Long enough for an answer on this machine, were there one.
const MOMENT: Duration = Duration::from_millis(100);

const CHAT: &str = "/v1/chat/completions";

/// Sends a question, and does not wait for the answer.
async fn send(server: SocketAddr, path: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer key\r\nContent-Length: {length}"
    );
    stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n{body}").as_bytes()).await.unwrap();
    stream
}

/// All that is answered until the connection ends.
async fn hear(stream: &mut TcpStream) -> String {
    let mut heard = String::new();
    timeout(SOON, stream.read_to_string(&mut heard)).await.unwrap().ok();
    heard
}

/// The status, the headers and the JSON of the answer to a question about this posting.
async fn ask(server: &StubModel, posting: &str) -> (u16, String, Value) {
    let messages = json!([{ "role": "system", "content": "Read." }, { "role": "user", "content": posting }]);
    let format =
        json!({ "type": "json_schema", "json_schema": { "name": "n", "schema": { "type": "object" } } });
    let body = json!({ "model": "m", "messages": messages, "response_format": format }).to_string();
    let answer = hear(&mut send(server.address(), CHAT, &body).await).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), head.to_owned(), serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test]
async fn it_says_what_it_is_told_and_knows_what_it_was_asked() {
    let server = StubModel::start().await;
    server.chat.answer(|asked| {
        assert_eq!((asked.texts()[0], asked.header("authorization")), ("Read.", Some("Bearer key")));
        assert_eq!(asked.schema(), Some(&json!({ "type": "object" })));
        Said::Json(json!({ "nth": asked.ordinal, "nurse": asked.mentions("nurse") }))
    });
    let (status, _, answer) = ask(&server, "A nurse").await;
    let choice = &answer["choices"][0];
    assert_eq!((status, &choice["finish_reason"]), (200, &json!("stop")));
    assert_eq!(choice["message"]["content"], r#"{"nth":1,"nurse":true}"#);
    assert_eq!(answer["usage"], json!({ "prompt_tokens": 4, "completion_tokens": 6, "total_tokens": 10 }));

    server.chat.answer(|_| Said::Cut("{".to_owned()).with_usage(7, 1));
    let (_, _, answer) = ask(&server, "A cook").await;
    assert_eq!(
        (&answer["choices"][0]["finish_reason"], &answer["usage"]["total_tokens"]),
        (&json!("length"), &json!(8))
    );

    assert_eq!((server.chat.calls(), server.chat.call_times().len(), server.embeddings.calls()), (2, 2, 0));
    assert_eq!(server.chat.requests()[1]["messages"][1]["content"], "A cook");
}

#[tokio::test]
async fn its_failures_look_like_real_ones() {
    let server = StubModel::start().await;
    let remaining = [("x-ratelimit-remaining-requests", "0".to_owned())];
    for (said, expected, pointer, value) in [
        (Said::TooMany { retry_after: None }, 429, "/error/code", "rate_limit_exceeded"),
        (Said::QuotaSpent, 429, "/error/type", "insufficient_quota"),
        (Said::ContextExceeded, 400, "/error/code", "context_length_exceeded"),
        (Said::Denied(401), 401, "/error/code", "invalid_api_key"),
        (Said::Denied(403), 403, "/error/type", "invalid_request_error"),
        (Said::Broken(503), 503, "/error/type", "server_error"),
        (Said::Raw(400, json!({ "error": { "type": "own" } })), 400, "/error/type", "own"),
        (Said::Refusal("No.".to_owned()), 200, "/choices/0/message/refusal", "No."),
        (Said::ContentFilter, 200, "/choices/0/finish_reason", "content_filter"),
    ] {
        server.chat.answer(move |_| said.clone());
        let (status, _, answer) = ask(&server, "").await;
        assert_eq!((status, answer.pointer(pointer)), (expected, Some(&json!(value))));
    }
    let slower = Said::TooMany { retry_after: Some("7") }.with_headers(remaining);
    server.chat.answer(move |_| slower.clone());
    let (_, head, _) = ask(&server, "").await;
    assert!(
        head.contains("\r\nretry-after: 7") && head.contains("\r\nx-ratelimit-remaining-requests: 0"),
        "{head}"
    );

    server.chat.answer(|_| Said::Html(200));
    let (status, head, _) = ask(&server, "").await;
    assert!(status == 200 && head.contains("text/html"), "{head}");
}

#[tokio::test]
async fn a_connection_is_closed_without_a_byte_or_half_way() {
    let server = StubModel::start().await;
    server.chat.answer(|_| Said::HangUp);
    assert_eq!(hear(&mut send(server.address(), CHAT, "{}").await).await, "");

    server.chat.answer(|_| Said::HangUpHalfWay);
    let heard = hear(&mut send(server.address(), CHAT, "{}").await).await;
    assert!(heard.starts_with("HTTP/1.1 200 OK\r\n") && heard.contains("\"choices\""), "{heard}");
    assert!(!heard.contains("\r\n0\r\n"), "{heard}");
}

#[tokio::test]
async fn those_that_wait_are_counted_until_they_go_away_or_the_server_does() {
    let server = StubModel::start().await;
    server.chat.answer(|_| Said::Hang);
    let mut waiting = join_all((0..3).map(|_| send(server.address(), CHAT, "{}"))).await;
    wait_until("all three wait", SOON, async || server.chat.in_flight() == 3).await;

    waiting.pop();
    wait_until("one has gone away", SOON, async || server.chat.in_flight() == 2).await;
    assert_eq!(server.chat.peak_in_flight(), 3);
    assert!(timeout(MOMENT, waiting[0].read_u8()).await.is_err());

    let chat = server.chat.clone();
    drop(server);
    assert_eq!(hear(&mut waiting[0]).await, "");
    wait_until("nobody waits", SOON, async || chat.in_flight() == 0).await;
}

#[tokio::test]
async fn an_answer_takes_its_time() {
    let server = StubModel::start().await;
    server.chat.set_latency(MOMENT);
    server.chat.answer(|_| Said::Text("late".to_owned()).after(MOMENT));
    let asked = std::time::Instant::now();
    ask(&server, "").await;
    assert!(asked.elapsed() >= 2 * MOMENT);
}

#[tokio::test]
async fn a_text_always_has_the_same_vector_of_length_one() {
    let server = StubModel::start().await;
    let question = json!({ "model": "m", "input": ["Rust", "Go", "Rust"] }).to_string();
    let answer = hear(&mut send(server.address(), "/v1/embeddings", &question).await).await;
    let answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let vectors = [0, 1, 2].map(|at| &answer["data"][at]["embedding"]);
    assert_eq!(vectors[0], &json!(vector("Rust")));
    assert!(vectors[0] == vectors[2] && vectors[0] != vectors[1]);
    assert!((vector("Rust").iter().map(|number| number * number).sum::<f64>() - 1.0).abs() < 1e-9);
    assert_eq!((answer["usage"]["total_tokens"].as_u64(), server.embeddings.calls()), (Some(3), 1));
}

#[tokio::test]
async fn it_is_well_and_names_its_models() {
    let server = StubModel::start().await;
    assert_eq!(http_get(server.address(), "/health").await.unwrap(), (200, r#"{"status":"ok"}"#.to_owned()));
    assert_eq!(http_get(server.address(), "/v1/models").await.unwrap().0, 200);
    assert!(server.base_url().ends_with(&format!(":{}/v1", server.address().port())));
    let answer = hear(&mut send(server.address(), CHAT, "{").await).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}
