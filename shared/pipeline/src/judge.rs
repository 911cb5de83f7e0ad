//! Deciding, purely, what becomes of a message.

use futures::FutureExt as _;
use std::any::Any;
use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use crate::stage::{Failure as _, Fate, Stage};

/// What is to be done with a message. Acting on it is somebody else's work, once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a verdict that nobody acts on loses a run"]
pub enum Verdict<T> {
    /// Hand on the output.
    Forward(T),
    /// Try again later.
    Retry(Duration),
    /// Wait, which is no try.
    Wait {
        /// Not before this time has passed.
        retry_after: Duration,
        /// What for, in the error's words.
        on: String,
        /// Whether others would have to wait for the same, so that nothing is to be taken before it is there.
        for_all: bool,
    },
    /// Give up, and say why.
    Bury(Cause),
}

/// Why a message was given up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The stage said that it will never succeed.
    #[error("{0}")]
    Rejected(String),
    /// It was tried as often as allowed.
    #[error("given up after {tries} tries: {last}")]
    Exhausted {
        /// How often.
        tries: u32,
        /// The last error, with its causes.
        last: String,
    },
    /// The stage panicked: a defect of ours, and of this message only.
    #[error("the stage panicked: {0}")]
    Panicked(String),
    /// The message is not what its stage reads.
    #[error("the message cannot be read: {0}")]
    Malformed(String),
    /// The output has nowhere to go.
    #[error("nothing takes what is published as {0}")]
    Unroutable(String),
}

impl Cause {
    /// A stable name of the cause.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rejected(_) => "stage_failed",
            Self::Exhausted { .. } => "stage_gave_up",
            Self::Panicked(_) => "stage_panicked",
            Self::Malformed(_) => "malformed",
            Self::Unroutable(_) => "unroutable",
        }
    }

    /// Whether the message may succeed another time as it is.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Exhausted { .. } | Self::Unroutable(_) => true,
            Self::Rejected(_) | Self::Panicked(_) | Self::Malformed(_) => false,
        }
    }
}

/// Runs a stage on one input and decides what becomes of the message. `tries` counts this delivery: 1 is the first.
pub async fn judge<S: Stage>(stage: &S, input: S::Input, tries: u32) -> Verdict<S::Output> {
    let error = match AssertUnwindSafe(stage.run(input)).catch_unwind().await {
        Ok(Ok(output)) => return Verdict::Forward(output),
        Ok(Err(error)) => error,
        Err(panic) => return Verdict::Bury(Cause::Panicked(message(panic.as_ref()))),
    };
    match error.fate() {
        Fate::Permanent => Verdict::Bury(Cause::Rejected(chain(&error))),
        Fate::Waiting { retry_after } => Verdict::Wait { retry_after, on: chain(&error), for_all: true },
        Fate::Deferred { retry_after } => Verdict::Wait { retry_after, on: chain(&error), for_all: false },
        Fate::Transient { retry_after } if tries < S::TRIES => Verdict::Retry(retry_after),
        Fate::Transient { .. } => Verdict::Bury(Cause::Exhausted { tries, last: chain(&error) }),
    }
}

/// An error with all its causes on one line.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    std::iter::successors(Some(error), |&error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

fn message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Failure;

    #[derive(Clone, Debug, thiserror::Error)]
    enum Trouble {
        #[error("the server is busy")]
        Busy,
        #[error("the database is away")]
        Away,
        #[error("the text is empty")]
        Empty,
    }

    impl Failure for Trouble {
        fn fate(&self) -> Fate {
            match self {
                Self::Busy => Fate::Transient { retry_after: Duration::from_secs(60) },
                Self::Away => Fate::Waiting { retry_after: Duration::from_secs(60) },
                Self::Empty => Fate::Permanent,
            }
        }
    }

    struct Fails(Trouble);
    impl Stage for Fails {
        type Input = ();
        type Output = ();
        type Error = Trouble;
        async fn run(&self, (): ()) -> Result<(), Trouble> {
            Err(self.0.clone())
        }
    }

    struct Panics;
    impl Stage for Panics {
        type Input = ();
        type Output = ();
        type Error = Trouble;
        async fn run(&self, (): ()) -> Result<(), Trouble> {
            panic!("out of tea")
        }
    }

    #[tokio::test]
    async fn a_busy_server_sends_the_message_back_for_later() {
        assert_eq!(judge(&Fails(Trouble::Busy), (), 1).await, Verdict::Retry(Duration::from_secs(60)));
    }

    #[tokio::test]
    async fn the_last_try_buries_the_message_with_its_cause() {
        let cause = Cause::Exhausted { tries: 5, last: "the server is busy".into() };
        assert_eq!(judge(&Fails(Trouble::Busy), (), 5).await, Verdict::Bury(cause));
    }

    #[tokio::test]
    async fn a_dependency_that_is_away_is_waited_for_however_often_it_was_tried() {
        let after = Duration::from_secs(60);
        let verdict = judge(&Fails(Trouble::Away), (), 99).await;
        let on = "the database is away".to_owned();
        assert_eq!(verdict, Verdict::Wait { retry_after: after, on, for_all: true });
    }

    #[tokio::test]
    async fn a_permanent_failure_is_not_tried_again() {
        assert_eq!(
            judge(&Fails(Trouble::Empty), (), 1).await,
            Verdict::Bury(Cause::Rejected("the text is empty".into()))
        );
    }

    #[tokio::test]
    async fn a_panic_buries_the_message_and_nothing_else() {
        assert_eq!(judge(&Panics, (), 1).await, Verdict::Bury(Cause::Panicked("out of tea".into())));
    }
}
