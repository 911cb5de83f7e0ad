//! The shared broker, and a node of one's own.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::time::Duration;
use support::broker::lapin::{BasicProperties, Confirmation, ExchangeKind};
use support::broker::{Client, Prefix, url};
use support::node::{Node, NodeOptions};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn what_a_prefix_was_told_of_is_gone_with_it() {
    let client = Client::connect(&url()).await;
    let prefix = Prefix::new();
    let (queue, exchange) = (prefix.name("work"), prefix.name("in"));
    client.declare(&queue).await;
    client.declare_exchange(&exchange, ExchangeKind::Topic).await;
    client.bind(&queue, &exchange, "jd.*").await;

    client.publish(&exchange, "jd.mail", b"one", BasicProperties::default()).await;
    client.put(&queue, b"two").await;
    assert_eq!(client.take(&queue, SOON).await.data, b"one");
    assert_eq!(client.depth(&queue).await, 1);
    let unroutable = client.publish(&exchange, "elsewhere", b"three", BasicProperties::default()).await;
    assert!(matches!(unroutable, Confirmation::Ack(Some(_))), "{unroutable:?}");

    drop(prefix);
    assert_eq!(client.ready(&queue).await, None);
    client.close().await;
}

#[tokio::test]
async fn several_messages_are_taken_at_once_and_the_rest_stays() {
    let client = Client::connect(&url()).await;
    let prefix = Prefix::new();
    let queue = prefix.name("work");
    client.declare(&queue).await;
    for body in [b"1", b"2", b"3"] {
        client.put(&queue, body).await;
    }
    let taken = client.take_many(&queue, 2, SOON).await;
    assert_eq!(taken.iter().map(|message| message.data.as_slice()).collect::<Vec<_>>(), [b"1", b"2"]);
    assert_eq!(client.take(&queue, SOON).await.data, b"3");
    client.close().await;
}

#[tokio::test]
async fn a_node_of_ones_own_starts_stops_and_keeps_its_messages() {
    let mut node = Node::start(NodeOptions::default()).await;
    let client = Client::connect(&node.amqp_url()).await;
    client.declare("kept").await;
    client.put("kept", b"one").await;
    node.stop().await;
    node.start_again().await;
    assert_eq!(node.queue_depths().await, [("kept".to_owned(), 1)].into());
}
