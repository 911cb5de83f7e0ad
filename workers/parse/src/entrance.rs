//! The stage as a consumer: it takes what comes in at the public entrance, and pins it to versions.

use contract::{Parsed, Rejected, RunId, State as _, Timing};
use model::ModelError;
use pipeline::{Address, Arrival, Outgoing, Stage};

use crate::{Gated, Parse};

/// The parse stage behind the public entrance.
pub struct Entrance(Parse);

impl Entrance {
    /// Opens the entrance of a stage.
    #[must_use]
    pub fn new(parse: Parse) -> Self {
        Self(parse)
    }
}

impl Stage for Entrance {
    type Input = Arrival;
    type Output = Gated;
    type Error = ModelError;

    async fn run(&self, arrival: Arrival) -> Result<Gated, ModelError> {
        let run = arrival.pinned(|options| self.0.versions(options));
        // A helper process that reads a PDF takes seconds; the others in flight must not wait for it.
        let read = tokio::task::block_in_place(|| self.0.read(&run.document, &run.options));
        self.0.finish(run, read).await
    }
}

impl Outgoing for Gated {
    fn address(&self) -> Address {
        match self {
            Self::Passed(run) => run.address(),
            Self::Rejected(run) => run.address(),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Passed(_) => Parsed::KIND,
            Self::Rejected(_) => Rejected::KIND,
        }
    }

    fn run_id(&self) -> RunId {
        match self {
            Self::Passed(run) => run.run_id,
            Self::Rejected(run) => run.run_id,
        }
    }

    fn attempt(&self) -> u32 {
        match self {
            Self::Passed(run) => run.attempt,
            Self::Rejected(run) => run.attempt,
        }
    }

    fn timed(&mut self, timing: Timing) {
        match self {
            Self::Passed(run) => run.timings.push(timing),
            Self::Rejected(run) => run.timings.push(timing),
        }
    }

    fn seal(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self {
            Self::Passed(run) => run.seal(),
            Self::Rejected(run) => run.seal(),
        }
    }
}
