#![allow(clippy::unwrap_used, missing_docs)]
use std::time::{Duration, Instant};
use futures::StreamExt as _;
use support::broker::Client;
use support::broker::lapin::BasicProperties;
use support::cluster::*;
use support::node::*;
use sea_orm::{ConnectionTrait as _, Database};
const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn node_everything() {
    let t = Instant::now();
    let mut node = Node::start(NodeOptions { consumer_timeout_ms: Some(3000), vm_memory_high_watermark: Some(0.5) }).await;
    eprintln!("start {:?}", t.elapsed());
    let t = Instant::now();
    let client = Client::connect(&node.amqp_url()).await;
    client.declare("q").await;
    client.put("q", b"one").await;
    eprintln!("put {:?}", t.elapsed());
    let t = Instant::now();
    let mut consumer = client.consume("q", 1).await;
    let first = consumer.next().await.unwrap().unwrap();
    let end = consumer.next().await;
    eprintln!("consumer timeout after {:?}: {:?}", t.elapsed(), end.map(|r| r.map(|_| ())));
    drop(first);
    let client = Client::connect(&node.amqp_url()).await;
    // freeze
    let t = Instant::now();
    node.freeze();
    let hung = tokio::time::timeout(Duration::from_secs(2), client.publish("", "q", b"two", BasicProperties::default())).await;
    eprintln!("frozen publish: {}", hung.is_err());
    assert!(hung.is_err());
    node.thaw();
    support::wait_until("both are there", SOON, async || client.depth("q").await == 2).await;
    eprintln!("thawed {:?}", t.elapsed());
    // alarm
    let t = Instant::now();
    node.set_memory_alarm(true).await;
    eprintln!("alarm {:?}", t.elapsed());
    let hung = tokio::time::timeout(Duration::from_secs(2), client.publish("", "q", b"three", BasicProperties::default())).await;
    eprintln!("alarm publish hung {} blocked {}", hung.is_err(), client.is_blocked());
    let hung = tokio::time::timeout(Duration::from_secs(2), client.publish("", "q", b"three", BasicProperties::default())).await;
    eprintln!("alarm publish hung {} blocked {}", hung.is_err(), client.is_blocked());
    assert!(hung.is_err());
    node.set_memory_alarm(false).await;
    eprintln!("{}", node.ctl(&["eval", "vm_memory_monitor:get_vm_memory_high_watermark()."]).await);
    let t = Instant::now();
    client.put("q", b"four").await;
    assert_eq!(node.queue_depths().await["q"], 5);
    eprintln!("after alarm {:?} {:?}", t.elapsed(), node.queue_depths().await);
    let t = Instant::now();
    node.kill();
    eprintln!("kill {:?}", t.elapsed());
    let before = Instant::now();
    node.start_again().await;
    eprintln!("start again {:?}", before.elapsed());
    eprintln!("{:?}", node.queue_depths().await);
    let t = Instant::now();
    node.stop().await;
    eprintln!("stop {:?}", t.elapsed());
    node.start_again().await;
    eprintln!("{:?}", node.queue_depths().await);
    node.freeze();
    let t = Instant::now();
    eprintln!("tail {}", node.log_tail().lines().last().unwrap());
    drop(node);
    eprintln!("drop frozen {:?}", t.elapsed());
}

#[tokio::test]
async fn cluster_everything() {
    let t = Instant::now();
    let mut cluster = Cluster::start(ClusterOptions { fsync: true, max_connections: Some(20) }).await;
    eprintln!("start {:?}", t.elapsed());
    let db = Database::connect(cluster.url()).await.unwrap();
    db.execute_unprepared("CREATE TABLE t (i int)").await.unwrap();
    cluster.freeze();
    let hung = tokio::time::timeout(Duration::from_secs(1), db.execute_unprepared("INSERT INTO t VALUES (1)")).await;
    assert!(hung.is_err());
    cluster.thaw();
    let t = Instant::now();
    db.execute_unprepared("INSERT INTO t VALUES (2)").await.unwrap();
    eprintln!("thawed {:?}", t.elapsed());
    let t = Instant::now();
    cluster.stop(Stop::Fast).await;
    eprintln!("stop fast {:?}", t.elapsed());
    db.execute_unprepared("INSERT INTO t VALUES (3)").await.unwrap_err();
    let t = Instant::now();
    cluster.start_again().await;
    eprintln!("start again {:?}", t.elapsed());
    db.execute_unprepared("INSERT INTO t VALUES (4)").await.unwrap();
    let t = Instant::now();
    cluster.stop(Stop::Immediate).await;
    eprintln!("stop immediate {:?}", t.elapsed());
    cluster.start_again().await;
    eprintln!("{}", cluster.log_tail());
    cluster.freeze();
    let t = Instant::now();
    drop(cluster);
    eprintln!("drop frozen {:?}", t.elapsed());
}

#[tokio::test]
async fn killed() {
    if std::env::var_os("ABORT").is_none() { return; }
    let mut node = Node::start(NodeOptions::default()).await;
    let mut cluster = Cluster::start(ClusterOptions::default()).await;
    let worker = support::process::Worker::start(std::path::Path::new("/bin/sleep"), &["1234"], [("A", "b")]);
    if std::env::var_os("FREEZE").is_some() { node.freeze(); cluster.freeze(); }
    eprintln!("worker {}", worker.id());
    std::process::abort();
}
