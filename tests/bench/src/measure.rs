//! The clock: fills the first queue, starts the hops, waits until all is behind the last one.

use anyhow::{Context as _, ensure};
use broker::{Publisher, Replayed, topology};
use contract::Stage;
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, options::BasicPublishOptions};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use strum::VariantArray as _;
use tests::plain::Plain;
use tokio::time::sleep;

use crate::{Measured, hop};

/// How often it is looked how many messages have arrived.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// A measurement that takes longer has failed.
const LONGEST: Duration = Duration::from_secs(170);

pub(crate) async fn relay(measured: &Measured) -> anyhow::Result<()> {
    let channel = channel(&measured.amqp).await?;
    let queues: Vec<String> =
        (0..=measured.hops).map(|hop| format!("{}.hop{hop}", measured.prefix)).collect();
    for queue in &queues {
        declare(&channel, queue, measured.classic).await?;
    }
    let hops = queues.windows(2).map(|pair| {
        let words = ["hop", "relay", "--amqp", &measured.amqp, "--from", &pair[0], "--to", &pair[1]];
        words.map(str::to_owned).to_vec()
    });
    let hops = Hops::start(hops.collect())?;
    let mut confirms = Vec::new();
    for body in bodies(measured)? {
        let properties = BasicProperties::default().with_delivery_mode(2);
        let options = BasicPublishOptions::default();
        confirms.push(
            channel.basic_publish("".into(), queues[0].as_str().into(), options, &body, properties).await?,
        );
    }
    for confirm in confirms {
        confirm.await?;
    }
    let last = queues.last().context("a hop")?;
    let result = hops.measured(&channel, last, measured, "relay").await;
    for queue in &queues {
        channel.queue_delete(queue.as_str().into(), QueueDeleteOptions::default()).await?;
    }
    println!("{}", result?);
    Ok(())
}

pub(crate) async fn passthrough(measured: &Measured) -> anyhow::Result<()> {
    ensure!(measured.hops == Stage::VARIANTS.len(), "the pipeline has {} hops", Stage::VARIANTS.len());
    let settings = hop::settings(&measured.amqp, &measured.prefix, measured.classic)?;
    let topology = topology::apply(&settings).await?;
    let channel = channel(&measured.amqp).await?;
    let hops = Stage::VARIANTS.iter().map(|stage| {
        let stage = stage.to_string();
        let mut words: Vec<String> =
            ["hop", "passthrough", "--amqp", &measured.amqp, "--prefix", &measured.prefix, "--stage", &stage]
                .map(str::to_owned)
                .to_vec();
        words.extend(measured.classic.then(|| "--classic".to_owned()));
        words
    });
    let hops = Hops::start(hops.collect())?;
    let publisher = Publisher::new(settings.clone());
    let parcels = bodies(measured)?.into_iter().map(|body| {
        let Plain { run_id, attempt, body } = Plain::read(body)?;
        let kind = "rolemill.test.plain.v1".to_owned();
        let sent = Replayed { stage: Stage::Parse, kind, run_id, attempt, replay_of: 0, batch: None, body };
        Ok(sent.addressed(&settings))
    });
    let parcels: Vec<_> = parcels.collect::<anyhow::Result<_>>()?;
    for window in parcels.chunks(256) {
        for sent in futures::future::join_all(window.iter().map(|parcel| publisher.deliver(parcel))).await {
            sent?;
        }
    }
    publisher.close().await;
    let last = format!("{}.webhooks", measured.prefix);
    let result = hops.measured(&channel, &last, measured, "pass-through").await;
    for queue in topology.queue_names() {
        channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await?;
    }
    for exchange in &topology.exchanges {
        channel
            .exchange_delete(exchange.name.as_str().into(), lapin::options::ExchangeDeleteOptions::default())
            .await?;
    }
    println!("{}", result?);
    Ok(())
}

fn bodies(measured: &Measured) -> anyhow::Result<Vec<Vec<u8>>> {
    let text = std::fs::read_to_string(&measured.bodies)
        .with_context(|| format!("the bodies {}", measured.bodies.display()))?;
    let bodies: Vec<Vec<u8>> =
        text.lines().take(measured.messages).map(|line| line.as_bytes().to_vec()).collect();
    ensure!(bodies.len() == measured.messages, "there are {} bodies", bodies.len());
    Ok(bodies)
}

async fn channel(amqp: &str) -> anyhow::Result<Channel> {
    let connection =
        Connection::connect(amqp, ConnectionProperties::default()).await.context("the broker")?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(lapin::options::ConfirmSelectOptions::default()).await?;
    Ok(channel)
}

async fn declare(channel: &Channel, queue: &str, classic: bool) -> anyhow::Result<()> {
    let mut arguments = FieldTable::default();
    let kind = if classic { "classic" } else { "quorum" };
    arguments.insert("x-queue-type".into(), AMQPValue::LongString(kind.into()));
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), options, arguments).await?;
    Ok(())
}

/// The processes of all hops; killed when dropped.
struct Hops(Vec<Child>);

impl Drop for Hops {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // It may have ended by itself.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl Hops {
    /// Starts a process for each list of arguments, and waits until all are up.
    fn start(all: Vec<Vec<String>>) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let mut hops = Self(Vec::new());
        for arguments in all {
            let command =
                Command::new(&program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
            hops.0.push(command?);
        }
        for child in &mut hops.0 {
            let up = child.stdout.take().context("its output")?;
            BufReader::new(up).read_line(&mut String::new())?;
        }
        Ok(hops)
    }

    async fn measured(
        mut self,
        channel: &Channel,
        last: &str,
        measured: &Measured,
        name: &str,
    ) -> anyhow::Result<serde_json::Value> {
        let before = self.cpu_seconds()?;
        let begun = Instant::now();
        for child in &mut self.0 {
            writeln!(child.stdin.as_mut().context("its input")?)?;
        }
        while arrived(channel, last).await? < measured.messages {
            ensure!(
                begun.elapsed() < LONGEST,
                "{} of {} arrived",
                arrived(channel, last).await?,
                measured.messages
            );
            for child in &mut self.0 {
                ensure!(child.try_wait()?.is_none(), "a hop has ended");
            }
            sleep(LOOK_EVERY).await;
        }
        let wall = begun.elapsed().as_secs_f64();
        let cpu = self.cpu_seconds()? - before;
        let messages = measured.messages as f64;
        Ok(json!({
            "name": name,
            "queue_type": if measured.classic { "classic" } else { "quorum" },
            "messages": measured.messages,
            "hops": measured.hops,
            "wall_s": wall,
            "runs_per_s": messages / wall,
            "cpu_s_workers": cpu,
            "cpu_ms_per_run": cpu * 1e3 / messages,
            "rss_mb": self.memory_mb()?,
        }))
    }

    fn cpu_seconds(&self) -> anyhow::Result<f64> {
        /// Of a second; Linux has counted in hundredths for user space since ever.
        const TICKS: f64 = 100.0;
        let mut ticks = 0.0;
        for child in &self.0 {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
            // Behind the name, which may hold spaces: state is the first word, user and system time the 12th and 13th.
            let (_, rest) = stat.rsplit_once(')').context("a stat line")?;
            let words: Vec<&str> = rest.split_whitespace().collect();
            ticks += words[11].parse::<f64>()? + words[12].parse::<f64>()?;
        }
        Ok(ticks / TICKS)
    }

    /// Memory of all processes, shared pages divided among those that share them.
    fn memory_mb(&self) -> anyhow::Result<f64> {
        let mut kib = 0.0;
        for child in &self.0 {
            let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", child.id()))?;
            let line = rollup.lines().find(|line| line.starts_with("Pss:")).context("Pss")?;
            kib += line.split_whitespace().nth(1).context("a number")?.parse::<f64>()?;
        }
        Ok(kib / 1024.0)
    }
}

async fn arrived(channel: &Channel, queue: &str) -> anyhow::Result<usize> {
    let options = QueueDeclareOptions { passive: true, durable: true, ..QueueDeclareOptions::default() };
    let found = channel.queue_declare(queue.into(), options, FieldTable::default()).await?;
    Ok(found.message_count() as usize)
}
