//! How long is waited before something is tried again in place. The only module that names `backoff`.

use backoff::ExponentialBackoff;
use std::future::Future;
use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_millis(200);
/// No wait is longer.
const LONGEST: Duration = Duration::from_secs(10);

/// Waits that double, each off by up to a half so that not all come back at once; for ever.
fn waits() -> ExponentialBackoff {
    ExponentialBackoff {
        initial_interval: FIRST,
        current_interval: FIRST,
        multiplier: 2.0,
        max_interval: LONGEST,
        max_elapsed_time: None,
        ..ExponentialBackoff::default()
    }
}

/// Tries until it succeeds or fails for good.
pub(crate) async fn until_done<T, E, F>(
    attempt: impl FnMut() -> F,
    mut notice: impl FnMut(&E, Duration),
) -> Result<T, E>
where
    F: Future<Output = Result<T, backoff::Error<E>>>,
{
    backoff::future::retry_notify(waits(), attempt, |error, wait| notice(&error, wait)).await
}

/// The waits between attempts to connect.
pub(crate) struct Waits(ExponentialBackoff);

impl Waits {
    pub(crate) fn new() -> Self {
        Self(waits())
    }

    pub(crate) fn next(&mut self) -> Duration {
        backoff::backoff::Backoff::next_backoff(&mut self.0).unwrap_or(LONGEST)
    }

    pub(crate) fn reset(&mut self) {
        backoff::backoff::Backoff::reset(&mut self.0);
    }
}
