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

/// Tries until it succeeds, or fails in a way that no other attempt mends.
///
/// # Errors
/// The first such failure.
pub async fn until_done<T, E, F>(
    mut attempt: impl FnMut() -> F,
    may_pass: impl Fn(&E) -> bool,
    mut notice: impl FnMut(&E, Duration),
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let attempt = || {
        let result = attempt();
        let may_pass = &may_pass;
        async move {
            result.await.map_err(|error| {
                if may_pass(&error) {
                    backoff::Error::transient(error)
                } else {
                    backoff::Error::permanent(error)
                }
            })
        }
    };
    backoff::future::retry_notify(waits(), attempt, |error, wait| notice(&error, wait)).await
}

/// The waits between attempts.
pub struct Waits(ExponentialBackoff);

impl Default for Waits {
    fn default() -> Self {
        Self(waits())
    }
}

impl Waits {
    /// The next wait: twice the one before, with jitter, up to ten seconds.
    pub fn next_wait(&mut self) -> Duration {
        backoff::backoff::Backoff::next_backoff(&mut self.0).unwrap_or(LONGEST)
    }

    /// Begins anew with the shortest.
    pub fn reset(&mut self) {
        backoff::backoff::Backoff::reset(&mut self.0);
    }
}
