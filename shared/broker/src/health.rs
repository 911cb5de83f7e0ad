//! How a worker stands and what it has done, for whoever asks.

use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter};
use opentelemetry::{KeyValue, global};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Whether a worker takes messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It does.
    Ready,
    /// It does not, for this reason.
    NotReady(String),
}

/// A worker's standing and its instruments; clones share them.
#[derive(Clone, Debug)]
pub struct Health {
    state: Arc<State>,
    /// Which part of the worker speaks.
    part: &'static str,
}

#[derive(Debug)]
struct State {
    /// Of each part that has spoken. A worker is ready when all of them are.
    readiness: Mutex<BTreeMap<&'static str, Readiness>>,
    ready: Gauge<u64>,
    /// What every measurement is labelled with.
    labels: [KeyValue; 1],
    received: Counter<u64>,
    forwarded: Counter<u64>,
    retried: Counter<u64>,
    buried: Counter<u64>,
    waited: Counter<u64>,
    stale: Counter<u64>,
    rebuilt: Counter<u64>,
    in_flight: UpDownCounter<i64>,
    took: Histogram<f64>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Received,
    Forwarded,
    Retried,
    Buried,
    Waited,
    Stale,
    Rebuilt,
}

/// Upper bounds of the histogram's buckets, in seconds: a built-in stage takes milliseconds, a model's answer minutes.
const BOUNDS: [f64; 14] =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0];

impl Health {
    /// The standing of what works as `stage`: that is the label of its measurements. They go to the meter provider that is in
    /// effect now.
    #[must_use]
    pub fn of(stage: impl Into<String>) -> Self {
        let meter: Meter = global::meter("rolemill");
        let counter = |name: &'static str, meaning: &'static str| {
            meter.u64_counter(name).with_description(meaning).build()
        };
        let state = State {
            readiness: Mutex::default(),
            ready: meter
                .u64_gauge("rolemill.ready")
                .with_description("1 where messages are taken, else 0.")
                .build(),
            labels: [KeyValue::new("stage", stage.into())],
            received: counter("rolemill.messages.received", "Messages taken from the broker."),
            forwarded: counter("rolemill.messages.forwarded", "Outputs handed on and confirmed."),
            retried: counter("rolemill.messages.retried", "Messages put off to a retry queue."),
            buried: counter("rolemill.messages.buried", "Messages given up."),
            waited: counter(
                "rolemill.messages.waited",
                "Messages put off because something was away; no try.",
            ),
            stale: counter("rolemill.acks.stale", "Acknowledgements that came too late."),
            rebuilt: counter("rolemill.connections.rebuilt", "Connections opened anew."),
            in_flight: meter
                .i64_up_down_counter("rolemill.messages.in_flight")
                .with_description("Messages taken and not settled.")
                .build(),
            took: meter
                .f64_histogram("rolemill.stage.duration")
                .with_description("How long a stage took for a run.")
                .with_unit("s")
                .with_boundaries(BOUNDS.to_vec())
                .build(),
        };
        Self { state: Arc::new(state), part: "" }.part("")
    }

    /// The same worker, of which one part speaks; until it does, the worker is not ready.
    #[must_use]
    pub fn part(&self, part: &'static str) -> Self {
        let health = Self { state: Arc::clone(&self.state), part };
        {
            let mut parts = health.state.readiness.lock().unwrap_or_else(PoisonError::into_inner);
            // A worker of parts is what they are.
            parts.remove("");
        }
        health.is(Readiness::NotReady("it has not connected yet".to_owned()));
        health
    }

    /// Whether messages are taken; else why not, of the first part that takes none.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let parts = self.state.readiness.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = parts.iter().find_map(|(part, readiness)| match readiness {
            Readiness::Ready => None,
            Readiness::NotReady(why) if part.is_empty() => Some(why.clone()),
            Readiness::NotReady(why) => Some(format!("{part}: {why}")),
        });
        waiting.map_or(Readiness::Ready, Readiness::NotReady)
    }

    /// Says whether messages are taken.
    pub fn is(&self, readiness: Readiness) {
        self.state.readiness.lock().unwrap_or_else(PoisonError::into_inner).insert(self.part, readiness);
        self.state.ready.record(u64::from(self.readiness() == Readiness::Ready), &self.state.labels);
    }

    pub(crate) fn count(&self, what: Counted) {
        let State { received, forwarded, retried, buried, waited, stale, rebuilt, .. } = &*self.state;
        let counter = match what {
            Counted::Received => received,
            Counted::Forwarded => forwarded,
            Counted::Retried => retried,
            Counted::Buried => buried,
            Counted::Waited => waited,
            Counted::Stale => stale,
            Counted::Rebuilt => rebuilt,
        };
        counter.add(1, &self.state.labels);
    }

    pub(crate) fn took(&self, time: Duration) {
        self.state.took.record(time.as_secs_f64(), &self.state.labels);
    }

    /// Counts a message as in flight until the answer is dropped.
    pub(crate) fn in_flight(&self) -> InFlight {
        self.state.in_flight.add(1, &self.state.labels);
        InFlight(self.clone())
    }
}

/// A message in flight.
pub(crate) struct InFlight(Health);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.state.in_flight.add(-1, &self.0.state.labels);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_ready_when_all_its_parts_are() {
        let health = Health::of("archive");
        assert!(matches!(health.readiness(), Readiness::NotReady(_)));
        let (ledger, letters) = (health.part("ledger"), health.part("letters"));
        ledger.is(Readiness::Ready);
        assert_eq!(health.readiness(), Readiness::NotReady("letters: it has not connected yet".to_owned()));
        letters.is(Readiness::Ready);
        assert_eq!(health.readiness(), Readiness::Ready);
    }
}
