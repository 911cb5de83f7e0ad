//! Programs beside the test.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use support::process::{Worker, bin, http_get};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const SOON: Duration = Duration::from_secs(10);

fn shell(script: &str) -> Worker {
    Worker::start(Path::new("/bin/sh"), &["-c", script], [("WORDS", "of the test")])
}

#[tokio::test]
async fn a_worker_is_heard_and_ends_when_asked() {
    let mut worker =
        shell(r#"trap 'echo bye >&2; exit 3' TERM; echo "words $WORDS" >&2; while :; do sleep 0.01; done"#);
    assert_eq!(worker.wait_for_line("words", SOON).await, "words of the test");
    assert!(worker.rss_kib() > 100);
    assert_eq!(worker.terminate(SOON).await.code(), Some(3));
    worker.wait_for_line("bye", SOON).await;
    assert_eq!(worker.rss_kib(), 0);
}

#[tokio::test]
async fn only_the_last_lines_are_kept() {
    let mut worker = shell("i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i >&2; done");
    assert!(worker.wait(SOON).await.success());
    worker.wait_for_line("line 300", SOON).await;
    let kept = worker.stderr();
    assert_eq!((kept.lines().count(), kept.lines().next()), (200, Some("line 101")));
}

#[tokio::test]
async fn a_busy_worker_is_killed_with_what_it_started() {
    let mut worker = shell("sleep 1000 & echo $! >&2; while :; do :; done");
    let started = worker.wait_for_line("", SOON).await;
    support::wait_until("it has been busy", SOON, async || worker.cpu_seconds() > 0.0).await;
    worker.kill();
    assert!(worker.ended().is_some_and(|status| status.code().is_none()));
    let gone = async || {
        let stat = std::fs::read_to_string(format!("/proc/{started}/stat")).unwrap_or_default();
        stat.is_empty() || stat.contains(") Z ")
    };
    support::wait_until("what it started is gone", SOON, gone).await;
}

/// Answers its first question with 503, all others with 200.
async fn health() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut status = "503 Service Unavailable";
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = [0; 512];
            let count = stream.read(&mut question).await.unwrap();
            assert!(question[..count].starts_with(b"GET /readyz HTTP/1.1\r\n"));
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwell");
            stream.write_all(answer.as_bytes()).await.unwrap();
            status = "200 OK";
        }
    });
    address
}

#[tokio::test]
async fn a_worker_is_ready_once_its_health_service_says_so() {
    let address = health().await;
    assert_eq!(http_get(address, "/readyz").await.unwrap(), (503, "well".to_owned()));
    shell("sleep 1000").wait_ready(address, SOON).await;
}

#[tokio::test]
#[should_panic(expected = "out of order")]
async fn a_worker_that_ends_instead_of_being_ready_is_told_with_its_last_words() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], support::process::free_port()));
    shell("echo out of order >&2; sleep 0.1; exit 1").wait_ready(nobody, SOON).await;
}

#[test]
#[should_panic(expected = "build it first")]
fn a_program_that_was_not_built_is_asked_for() {
    drop(bin("no-such-program"));
}
