//! Stages, their fates, and the judge between them and whoever runs them.
//!
//! A [`Stage`] is a typed function. It never acknowledges, retries or publishes: it returns a value or an error that knows
//! its [`Fate`], and [`judge`] makes a [`Verdict`] of that, purely. Whoever runs the stage acts on the verdict once.
//!
//! **Invariant:** this crate names no broker, no database and no model.

mod arrival;
mod judge;
mod payload;
mod stage;

pub use arrival::{Arrival, POSTING_KIND};
pub use judge::{Cause, Verdict, chain, judge};
pub use payload::{Address, Incoming, Letter, Malformed, Outgoing, Pinned};
pub use stage::{Failure, Fate, Stage};
