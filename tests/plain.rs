//! Envelopes that are passed on unread: what a stage costs that does nothing.

use contract::{RunId, Stage as Name, Timing};
use pipeline::{Address, Failure, Fate, Incoming, Letter, Malformed, Outgoing, Stage};
use serde::Deserialize;
use std::convert::Infallible;

/// An envelope of which only the name is read.
#[derive(Clone, Debug)]
pub struct Plain {
    /// The run.
    pub run_id: RunId,
    /// Which pass of it.
    pub attempt: u32,
    /// All of it, as it came.
    pub body: Vec<u8>,
}

impl Plain {
    /// Reads the name of an envelope.
    ///
    /// # Errors
    /// When it has none.
    pub fn read(body: Vec<u8>) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Named {
            run_id: RunId,
            attempt: u32,
        }
        let Named { run_id, attempt } = serde_json::from_slice(&body)?;
        Ok(Self { run_id, attempt, body })
    }
}

impl Incoming for Plain {
    fn open(letter: &Letter<'_>) -> Result<Self, Malformed> {
        Self::read(letter.body.to_vec()).map_err(|error| Malformed(error.to_string()))
    }

    fn run_id(&self) -> RunId {
        self.run_id
    }

    fn attempt(&self) -> u32 {
        self.attempt
    }
}

/// The same envelope, on its way to the next stage, or out.
#[derive(Debug)]
pub struct Passed {
    /// The envelope.
    pub plain: Plain,
    /// The stage that it goes to; none behind the last.
    pub next: Option<Name>,
}

impl Outgoing for Passed {
    fn address(&self) -> Address {
        self.next.map_or(Address::Events("run.finished"), Address::Stage)
    }

    fn kind(&self) -> &'static str {
        "rolemill.test.plain.v1"
    }

    fn run_id(&self) -> RunId {
        self.plain.run_id
    }

    fn attempt(&self) -> u32 {
        self.plain.attempt
    }

    fn timed(&mut self, _: Timing) {}

    fn seal(&self) -> Result<Vec<u8>, serde_json::Error> {
        Ok(self.plain.body.clone())
    }
}

/// Passes on.
#[derive(Clone, Copy, Debug)]
pub struct PassThrough {
    /// To this stage; out, where there is none.
    pub next: Option<Name>,
}

/// Passing on cannot fail.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Never(#[from] Infallible);

impl Failure for Never {
    fn fate(&self) -> Fate {
        match self.0 {}
    }
}

impl Stage for PassThrough {
    type Input = Plain;
    type Output = Passed;
    type Error = Never;

    async fn run(&self, plain: Plain) -> Result<Passed, Never> {
        Ok(Passed { plain, next: self.next })
    }
}

/// The stage behind a stage.
#[must_use]
pub fn after(stage: Name) -> Option<Name> {
    match stage {
        Name::Parse => Some(Name::Signals),
        Name::Signals => Some(Name::Decision),
        Name::Decision => Some(Name::Enrichment),
        Name::Enrichment => Some(Name::Persistence),
        Name::Persistence => None,
    }
}
