//! The proxy before a server that sends back what it gets.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use support::proxy::{Lost, Proxy, Trap};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);

/// Long enough for an answer on this machine, were there one.
const MOMENT: Duration = Duration::from_millis(100);

async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = split(stream);
                copy(&mut from, &mut to).await.ok();
            });
        }
    });
    address
}

/// What comes back, up to the end of the connection or four bytes.
async fn say(stream: &mut TcpStream, words: &[u8; 4]) -> Vec<u8> {
    stream.write_all(words).await.ok();
    let mut heard = Vec::new();
    timeout(SOON, stream.take(4).read_to_end(&mut heard)).await.unwrap().ok();
    heard
}

#[tokio::test]
async fn a_cut_ends_what_there_is_and_refuses_what_comes_until_it_is_healed() {
    let proxy = Proxy::start(echo().await).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut stream, b"ping").await, b"ping");

    proxy.cut().await;
    assert_eq!(say(&mut stream, b"ping").await, b"");
    let refused = TcpStream::connect(proxy.address()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);

    proxy.heal().await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut stream, b"ping").await, b"ping");
}

#[tokio::test]
async fn what_is_stalled_goes_on_once_it_is_healed() {
    let proxy = Proxy::start(echo().await).await;
    let mut old = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut old, b"ping").await, b"ping");

    proxy.stall().await;
    let mut new = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(timeout(MOMENT, say(&mut old, b"old?")).await.is_err());
    assert!(timeout(MOMENT, say(&mut new, b"new?")).await.is_err());

    proxy.heal().await;
    let mut heard = [0; 4];
    timeout(SOON, old.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard, b"old?");
    timeout(SOON, new.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard, b"new?");
}

#[tokio::test]
async fn a_trap_catches_bytes_that_come_in_two_parts_and_may_cut_all() {
    let proxy = Proxy::start(echo().await).await;
    let mut caught = TcpStream::connect(proxy.address()).await.unwrap();
    let mut neighbour = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(say(&mut neighbour, b"ping").await, b"ping");

    let trap = proxy.lay(Trap { bytes: b"COMMIT".to_vec(), lost: Lost::Answer, cuts_all: true });
    assert_eq!(say(&mut caught, b" COM").await, b" COM");
    assert_eq!(say(&mut caught, b"MIT ").await, b"");
    trap.caught(SOON).await;
    assert_eq!(say(&mut neighbour, b"ping").await, b"");
    TcpStream::connect(proxy.address()).await.unwrap_err();
}

#[tokio::test]
async fn only_host_and_port_of_an_address_are_replaced() {
    let proxy = Proxy::start(echo().await).await;
    let at = proxy.address();
    for (direct, by_proxy) in [
        ("amqp://guest:guest@127.0.0.1:5672", format!("amqp://guest:guest@{at}")),
        ("amqp://mq/%2f?heartbeat=5", format!("amqp://{at}/%2f?heartbeat=5")),
        ("postgres://postgres@[::1]:5432/db", format!("postgres://postgres@{at}/db")),
    ] {
        assert_eq!(proxy.url(direct), by_proxy);
    }
}
