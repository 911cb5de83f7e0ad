//! A relay that does nothing but what every reliable hop must do.

use anyhow::ensure;
use futures::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Confirmation, Connection, ConnectionProperties};
use tokio::task::JoinSet;

use crate::hop::{PREFETCH, begin};

/// Passes messages from one queue to another until it is killed, from a line on standard input on.
pub(crate) async fn hop(amqp: &str, from: &str, to: &str) -> anyhow::Result<()> {
    // Two connections, as our workers have: one takes and acknowledges, one publishes.
    let taking = Connection::connect(amqp, ConnectionProperties::default()).await?;
    let giving = Connection::connect(amqp, ConnectionProperties::default()).await?;
    let taken = taking.create_channel().await?;
    let given = giving.create_channel().await?;
    given.confirm_select(ConfirmSelectOptions::default()).await?;
    taken.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    begin().await?;
    let mut deliveries = taken
        .basic_consume(from.into(), "".into(), BasicConsumeOptions::default(), FieldTable::default())
        .await?;
    let mut running: JoinSet<anyhow::Result<()>> = JoinSet::new();
    while let Some(delivery) = deliveries.next().await {
        let delivery = delivery?;
        let (given, to) = (given.clone(), to.to_owned());
        running.spawn(async move {
            let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
            let properties = BasicProperties::default().with_delivery_mode(2);
            let confirm = given
                .basic_publish("".into(), to.as_str().into(), options, &delivery.data, properties)
                .await?;
            ensure!(matches!(confirm.await?, Confirmation::Ack(None)), "not taken");
            delivery.ack(BasicAckOptions::default()).await?;
            Ok(())
        });
        while let Some(done) = running.try_join_next() {
            done??;
        }
    }
    Ok(())
}
