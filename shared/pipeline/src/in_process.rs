//! Running many documents through a function on all cores, answers in the order of the questions.

use futures::{Stream, StreamExt as _, stream};
use std::future::Future;
use tokio::sync::watch;

/// Applies `work` to every item of `inputs`, `jobs` at a time, each on a task of its own, and gives the results in input
/// order. When `stop` turns true no further input is taken; what has begun is finished.
pub fn in_order<I, T, F>(
    inputs: impl Iterator<Item = I> + Send,
    jobs: usize,
    stop: watch::Receiver<bool>,
    work: impl Fn(I) -> F + Send,
) -> impl Stream<Item = T>
where
    I: Send,
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let taken = inputs.take_while(move |_| !*stop.borrow());
    // Twice the jobs are begun, so that a slow document at the front does not idle the other cores.
    stream::iter(taken).map(move |input| tokio::spawn(work(input))).buffered(jobs.max(1) * 2).map(|done| match done {
        Ok(output) => output,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    })
}

/// Whether a stop was asked for.
#[must_use]
pub fn stopped_early(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tokio::sync::Notify;

    #[tokio::test]
    async fn answers_come_in_the_order_of_the_questions() {
        let (_keep, stop) = watch::channel(false);
        let second_is_done = Arc::new(Notify::new());
        let notify = Arc::clone(&second_is_done);
        let done: Vec<u32> = in_order(0..2, 2, stop, move |number| {
            let notify = Arc::clone(&notify);
            async move {
                // The first waits for the second and still comes first.
                if number == 0 { notify.notified().await } else { notify.notify_one() }
                number
            }
        })
        .collect()
        .await;
        assert_eq!(done, [0, 1]);
    }

    #[tokio::test]
    async fn nothing_is_begun_after_a_stop() {
        let (stopper, stop) = watch::channel(false);
        let done: Vec<u32> = in_order(0.., 1, stop, move |number| {
            if number == 3 {
                stopper.send_replace(true);
            }
            async move { number }
        })
        .collect()
        .await;
        assert_eq!(done, [0, 1, 2, 3]);
    }
}
