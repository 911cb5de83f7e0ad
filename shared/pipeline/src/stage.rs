//! What a stage is.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

/// One step of the pipeline: a typed input becomes a typed output.
pub trait Stage: Send + Sync + 'static {
    /// What it reads.
    type Input: Send + 'static;
    /// What it hands on.
    type Output: Send + 'static;
    /// Why it could not.
    type Error: Failure;
    /// How often a message may be tried before it is buried.
    const TRIES: u32 = 5;

    /// Does the work.
    fn run(&self, input: Self::Input) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;

    /// Whether everything that the stage depends on is there. Asked after [`Fate::Waiting`], before more is taken.
    fn is_ready(&self) -> impl Future<Output = bool> + Send {
        std::future::ready(true)
    }
}

/// What becomes of a message whose stage failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It may succeed later.
    Transient {
        /// Not before this time has passed.
        retry_after: Duration,
    },
    /// Something that the stage depends on is away or has had enough. That is no try of the message, and nothing more is to be
    /// taken before [`Stage::is_ready`].
    Waiting {
        /// Not before this time has passed.
        retry_after: Duration,
    },
    /// The run itself has to wait, for money for one. That is no try, and no reason to take no others.
    Deferred {
        /// Not before this time has passed.
        retry_after: Duration,
    },
    /// It will never succeed as it is.
    Permanent,
}

/// An error that knows what becomes of its message. The match over its variants has no `_` arm.
pub trait Failure: Error + Send + Sync + 'static {
    /// The message's fate.
    fn fate(&self) -> Fate;
}
