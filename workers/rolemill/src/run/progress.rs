//! A progress bar on standard error, for work that lasts and a terminal that shows it.

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

/// Shorter work needs no bar.
const WORTH_A_BAR: Duration = Duration::from_millis(500);

/// The bar, hidden until the work has lasted.
pub(crate) struct Progress {
    bar: ProgressBar,
    begun: Instant,
    is_shown: bool,
    done: u64,
}

impl Progress {
    /// A bar over `total` bytes of input, or a running count where that is not known.
    pub(crate) fn new(total: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        let template = match total {
            Some(_) => "{bar:32.green/dim} {percent:>3} %  {msg}  {eta} left",
            None => "{spinner:.green} {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━━╌"));
        }
        Self { bar, begun: Instant::now(), is_shown: false, done: 0 }
    }

    /// One more input, of `weight` bytes, is done.
    pub(crate) fn advance(&mut self, weight: u64) {
        self.done += 1;
        let elapsed = self.begun.elapsed();
        if !self.is_shown && elapsed > WORTH_A_BAR && stderr().is_terminal() {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.is_shown = true;
        }
        if self.is_shown {
            let rate = (self.done as f64 / elapsed.as_secs_f64()) as u64;
            self.bar.set_message(format!("{} JDs  {}/s", HumanCount(self.done), HumanCount(rate)));
        }
        self.bar.inc(weight);
    }

    /// Does something to the terminal that the bar would spoil.
    pub(crate) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        if self.is_shown { self.bar.suspend(work) } else { work() }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
