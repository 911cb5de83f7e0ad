//! One of our workers, with a stage that passes on.

use broker::{BrokerSettings, Health};
use contract::Stage;
use runtime::shutdown;
use tests::plain::{PassThrough, after};

/// Messages that a hop may hold, as the peers do.
pub(crate) const PREFETCH: u16 = 64;

pub(crate) fn settings(amqp: &str, prefix: &str, classic: bool) -> anyhow::Result<BrokerSettings> {
    let url = amqp.parse().map_err(anyhow::Error::msg)?;
    Ok(BrokerSettings {
        prefix: prefix.to_owned(),
        prefetch: PREFETCH,
        classic_queues: classic,
        ..BrokerSettings::usual(url)
    })
}

/// Works until SIGTERM, from a line on standard input on.
pub(crate) async fn passthrough(amqp: &str, prefix: &str, stage: Stage, classic: bool) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let settings = settings(amqp, prefix, classic)?;
    begin().await?;
    broker::work(PassThrough { next: after(stage) }, stage, settings, Health::of(stage.to_string()), stop)
        .await?;
    Ok(())
}

/// Says that it is up, and waits for the word to begin.
pub(crate) async fn begin() -> anyhow::Result<()> {
    println!("up");
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await??;
    Ok(())
}
