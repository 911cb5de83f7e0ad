//! Waiting for something to come true.

use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// The pause after the first look; each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// Looks are never further apart.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Waits until the condition holds. `what` completes the sentence "waited in vain until …".
///
/// # Panics
/// When the deadline has passed; a condition that does not answer is given up then, too.
pub async fn wait_until(what: &str, deadline: Duration, mut condition: impl AsyncFnMut() -> bool) {
    wait_for(what, deadline, async || condition().await.then_some(())).await;
}

/// Waits until there is an answer, and hands it over. `what` completes the sentence "waited in vain until …".
///
/// # Panics
/// When the deadline has passed; a question that is not answered is given up then, too.
pub async fn wait_for<T>(what: &str, deadline: Duration, ask: impl AsyncFnMut() -> Option<T>) -> T {
    match answer(deadline, ask).await {
        Some(answer) => answer,
        None => panic!("waited in vain for {deadline:?} until {what}"),
    }
}

/// The answer, if there is one before the deadline has passed.
pub(crate) async fn answer<T>(deadline: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + deadline;
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(answer) = timeout_at(end, ask()).await.ok()? {
            return Some(answer);
        }
        if Instant::now() >= end {
            return None;
        }
        sleep(pause.min(end - Instant::now())).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
