//! The worker loop: take, judge, publish what follows, acknowledge.

use contract::{RunId, Stage as StageName, Timing};
use futures::StreamExt as _;
use lapin::Consumer;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use pipeline::{Cause, Incoming, Outgoing, Stage, Verdict, chain, judge};
use runtime::patience::Waits;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::dead;
use crate::health::{Counted, Health, Readiness};
use crate::link::{BrokerError, Link, within};
use crate::parcel::{self, Parcel};
use crate::publisher::{PublishError, Publisher};
use crate::settings::BrokerSettings;
use crate::topology::{Names, Topology};
use crate::trace;
use crate::wire::{self, Lane, Way};

/// The priority lane's share of the runs in flight.
const PRIORITY_SHARE: u16 = 4;
/// Suspects are taken one at a time.
const SUSPECTS_IN_FLIGHT: u16 = 1;

/// Works for a stage until `stop` turns true: then takes nothing new, finishes what is in flight within the grace, and hands back
/// the rest. A broker that goes away is waited for; so is whatever the stage depends on, without taking messages meanwhile.
///
/// # Errors
/// When the broker has something else under the names that are needed.
pub async fn work<S>(
    stage: S,
    name: StageName,
    settings: BrokerSettings,
    health: Health,
    mut stop: watch::Receiver<bool>,
) -> Result<(), BrokerError>
where
    S: Stage<Input: Incoming, Output: Outgoing>,
{
    let publisher = Arc::new(Publisher::new(settings.clone()));
    let bench = Arc::new(Bench { stage, name, settings, publisher, health, away: watch::Sender::new(None) });
    let mut waits = Waits::default();
    while !*stop.borrow() {
        match bench.session(&mut stop, &mut waits).await {
            Ok(Ended::Stopped) => break,
            Ok(Ended::Paused(why)) => bench.pause(&mut stop, why).await,
            Err(error) if error.is_final() => return Err(error),
            Err(error) => {
                let (words, wait) = (chain(&error), waits.next_wait());
                tracing::warn!(error = words, ?wait, "the session ended; another one is opened");
                bench.health.count(Counted::Rebuilt);
                bench.health.is(Readiness::NotReady(words));
                tokio::select! {
                    () = sleep(wait) => {}
                    () = stopped(&mut stop) => {}
                }
            }
        }
    }
    bench.health.is(Readiness::NotReady("it is stopping".to_owned()));
    bench.publisher.close().await;
    Ok(())
}

/// Waits for the wish to stop. Where nobody can ask for it any more, that is the wish.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// Waits until something is away, and says what.
async fn awaited(away: &mut watch::Receiver<Option<String>>) -> String {
    let why = away.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
    match why {
        Some(why) => why,
        // Whoever could say so is gone, and this session with it.
        None => std::future::pending().await,
    }
}

/// The run and attempt of a message, as far as they can be told.
type Named = Option<(RunId, u32)>;

/// A stage with what it takes to work on the broker.
struct Bench<S> {
    stage: S,
    name: StageName,
    settings: BrokerSettings,
    publisher: Arc<Publisher>,
    health: Health,
    /// What the stage waits for, since it said so.
    away: watch::Sender<Option<String>>,
}

/// Why a session ended in order.
enum Ended {
    Stopped,
    /// Something is away.
    Paused(String),
}

/// A consumer of one lane.
struct Intake {
    lane: Lane,
    queue: String,
    consumer: Consumer,
}

impl<S: Stage<Input: Incoming, Output: Outgoing>> Bench<S> {
    /// One connection's life: until it is lost, or nothing more is wanted for now or for good.
    async fn session(
        self: &Arc<Self>,
        stop: &mut watch::Receiver<bool>,
        waits: &mut Waits,
    ) -> Result<Ended, BrokerError> {
        let settings = &self.settings;
        let link = Link::open(settings, "consume").await?;
        Topology::of(settings).ensure(&link, settings.patience).await?;
        let priority = settings.prefetch.div_ceil(PRIORITY_SHARE).max(1);
        let intakes = [
            self.intake(&link, Lane::Bulk, settings.prefetch.max(1)).await?,
            self.intake(&link, Lane::Priority, priority).await?,
            self.intake(&link, Lane::Suspect, SUSPECTS_IN_FLIGHT).await?,
        ];
        // Others' suspects wait for their one worker: that is no sign of a stalled consumer.
        let watched: Vec<String> =
            intakes.iter().filter(|it| it.lane != Lane::Suspect).map(|it| it.queue.clone()).collect();
        let tags = intakes.each_ref().map(|intake| intake.consumer.tag());
        let mut deliveries = futures::stream::select_all(
            intakes.map(|Intake { lane, consumer, .. }| consumer.map(move |next| (lane, next))),
        );
        self.health.is(Readiness::Ready);
        tracing::info!(stage = %self.name, prefetch = settings.prefetch, "taking messages");

        let running = TaskTracker::new();
        let torn = CancellationToken::new();
        // Whatever ends the session ends its tasks: what they had is delivered again.
        let _tear = torn.clone().drop_guard();
        let mut watch = interval(settings.watch_every);
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        watch.tick().await;
        let mut last_arrival = Instant::now();
        let mut away = self.away.subscribe();
        let ended = loop {
            tokio::select! {
                biased;
                () = stopped(stop) => break Ended::Stopped,
                why = awaited(&mut away) => break Ended::Paused(why),
                next = deliveries.next() => {
                    let Some((lane, next)) = next else { return Err(BrokerError::Stalled("the stream ended")) };
                    let delivery = next?;
                    last_arrival = Instant::now();
                    waits.reset();
                    self.health.count(Counted::Received);
                    let (bench, torn) = (Arc::clone(self), torn.clone());
                    running.spawn(async move { torn.run_until_cancelled(bench.handle(delivery, lane)).await });
                }
                _ = watch.tick() => {
                    let is_blocked = self.publisher.is_blocked().await;
                    self.health.is(if is_blocked {
                        Readiness::NotReady("the broker takes no messages: it is short of memory or disk".to_owned())
                    } else {
                        Readiness::Ready
                    });
                    let is_idle = running.is_empty() && last_arrival.elapsed() >= settings.watch_every;
                    self.still_there(&link, &watched, is_idle).await?;
                }
            }
        };
        self.health.is(Readiness::NotReady(match &ended {
            Ended::Stopped => "it is stopping".to_owned(),
            Ended::Paused(why) => why.clone(),
        }));
        for tag in tags {
            within(settings.patience, link.channel.basic_cancel(tag, BasicCancelOptions::default())).await?;
        }
        // What had arrived and was not begun goes back.
        while let Some((_, Ok(delivery))) = deliveries.next().await {
            let requeue = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
            within(settings.patience, delivery.nack(requeue)).await?;
        }
        running.close();
        if timeout(settings.grace, running.wait()).await.is_err() {
            tracing::warn!(
                left = running.len(),
                "the grace is over; what is in flight goes back to the broker"
            );
        }
        torn.cancel();
        link.close(settings.patience).await;
        Ok(ended)
    }

    /// Takes nothing until what is away is back.
    async fn pause(&self, stop: &mut watch::Receiver<bool>, why: String) {
        tracing::warn!(stage = %self.name, why, "pausing: something that the stage depends on is away");
        self.health.is(Readiness::NotReady(why));
        let mut waits = Waits::default();
        while !*stop.borrow() && !self.stage.is_ready().await {
            tokio::select! {
                () = sleep(waits.next_wait()) => {}
                () = stopped(stop) => {}
            }
        }
        self.away.send_replace(None);
    }

    async fn intake(&self, link: &Link, lane: Lane, prefetch: u16) -> Result<Intake, BrokerError> {
        let patience = self.settings.patience;
        let queue = Names(&self.settings.prefix).work(self.name, lane);
        // Holds for the consumer that is made next.
        within(patience, link.channel.basic_qos(prefetch, BasicQosOptions::default())).await?;
        let consumer = link.channel.basic_consume(
            queue.as_str().into(),
            "".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        );
        let consumer = within(patience, consumer).await?;
        Ok(Intake { lane, queue, consumer })
    }

    /// Fails when the queues are gone, or when messages are ready and none arrives.
    async fn still_there(&self, link: &Link, queues: &[String], is_idle: bool) -> Result<(), BrokerError> {
        for queue in queues {
            let options =
                QueueDeclareOptions { passive: true, durable: true, ..QueueDeclareOptions::default() };
            let asked = link.channel.queue_declare(queue.as_str().into(), options, FieldTable::default());
            let found = within(self.settings.patience, asked).await?;
            if is_idle && found.message_count() > 0 {
                return Err(BrokerError::Stalled("messages are ready and none arrives"));
            }
        }
        Ok(())
    }

    /// Everything that becomes of one delivery.
    async fn handle(&self, delivery: Delivery, lane: Lane) {
        let _in_flight = self.health.in_flight();
        let mut way = Way::of(&delivery, lane);
        let acker = delivery.acker.clone();
        let settled = match self.verdict(&delivery, &mut way).await {
            (run, Verdict::Forward(parcel)) => match self.publisher.deliver(&parcel).await {
                Ok(()) => {
                    self.health.count(Counted::Forwarded);
                    Ok(())
                }
                Err(error) => self.bury(&delivery, &way, run, &Cause::Unroutable(chain(&error))).await,
            },
            (run, Verdict::Retry(wait)) => {
                self.health.count(Counted::Retried);
                let again =
                    parcel::again(&self.settings, self.name, &way, delivery, run, way.tries + 1, wait);
                self.publisher.deliver(&again).await
            }
            (run, Verdict::Wait { retry_after, on, for_all }) => {
                self.health.count(Counted::Waited);
                if for_all {
                    self.away.send_if_modified(|away| away.is_none() && away.replace(on).is_none());
                }
                let again =
                    parcel::again(&self.settings, self.name, &way, delivery, run, way.tries, retry_after);
                self.publisher.deliver(&again).await
            }
            (run, Verdict::Bury(cause)) => self.bury(&delivery, &way, run, &cause).await,
        };
        if let Err(error) = settled {
            // It stays unacknowledged, and comes again when the session ends; the broker's delivery limit ends that.
            let error = chain(&error);
            tracing::error!(error, stage = %self.name, "a message can be put nowhere");
            return;
        }
        match within(self.settings.patience, acker.ack(BasicAckOptions::default())).await {
            Ok(true) => {}
            // The delivery belongs to a session that is gone: it comes again, and what follows from it is the same again.
            Ok(false) => self.health.count(Counted::Stale),
            Err(error) => {
                self.health.count(Counted::Stale);
                let error = chain(&error);
                tracing::warn!(error, "an acknowledgement was not taken; the message comes again");
            }
        }
    }

    /// What is to become of a delivery, and which run it is of as far as that can be told.
    async fn verdict(&self, delivery: &Delivery, way: &mut Way) -> (Named, Verdict<Parcel>) {
        let input = match self.opened(delivery, way) {
            Ok(input) => input,
            Err((run, words)) => return (run, Verdict::Bury(Cause::Malformed(words))),
        };
        let run = (input.run_id(), input.attempt());
        way.traced(run.0);
        let span = trace::span(self.name, run.0, run.1, way);
        let begun = Instant::now();
        let judged = judge(&self.stage, input, way.tries).instrument(span.clone());
        let judged = timeout(self.settings.run_deadline, judged).await;
        let took = begun.elapsed();
        self.health.took(took);
        trace::onward(way, &span);
        let verdict = match judged {
            Ok(Verdict::Forward(mut output)) => {
                output.timed(Timing { stage: self.name, ms: (took.as_secs_f64() * 1e6).round() / 1e3 });
                match parcel::onward(&self.settings, way, &output) {
                    Ok(parcel) => Verdict::Forward(parcel),
                    Err(error) => Verdict::Bury(Cause::Rejected(chain(&error))),
                }
            }
            Ok(Verdict::Retry(wait)) => Verdict::Retry(wait),
            Ok(Verdict::Wait { retry_after, on, for_all }) => Verdict::Wait { retry_after, on, for_all },
            Ok(Verdict::Bury(cause)) => Verdict::Bury(cause),
            Err(_) if way.tries < S::TRIES => Verdict::Retry(Duration::ZERO),
            Err(_) => {
                let last = format!("it took longer than {:?}", self.settings.run_deadline);
                Verdict::Bury(Cause::Exhausted { tries: way.tries, last })
            }
        };
        (Some(run), verdict)
    }

    /// The stage's input in a delivery; else the run as far as it can be told, and what is wrong.
    fn opened(&self, delivery: &Delivery, way: &Way) -> Result<S::Input, (Named, String)> {
        let body = match wire::unpacked(delivery) {
            Ok(body) => body,
            Err(words) => {
                return Err((S::Input::run_of(&wire::letter(delivery, way, &delivery.data)), words));
            }
        };
        let letter = wire::letter(delivery, way, &body);
        S::Input::open(&letter).map_err(|malformed| (S::Input::run_of(&letter), malformed.to_string()))
    }

    async fn bury(
        &self,
        delivery: &Delivery,
        way: &Way,
        run: Option<(RunId, u32)>,
        cause: &Cause,
    ) -> Result<(), PublishError> {
        self.health.count(Counted::Buried);
        let letter = dead::letter(self.name, &self.settings.name, way, delivery, run, cause);
        let run = run.map(|(run, _)| run.to_string()).unwrap_or_default();
        tracing::error!(stage = %self.name, run, code = letter.fault.code, error = %cause, "given up");
        match parcel::buried(&self.settings, self.name, way, &letter) {
            Ok(parcel) => self.publisher.deliver(&parcel).await,
            // A dead letter is words and bytes: it can be written.
            Err(error) => unreachable!("a dead letter is always JSON: {error}"),
        }
    }
}
