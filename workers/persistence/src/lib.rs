//! The persistence stage: what a run leaves in the database.
//!
//! [`record`] says, purely, what is to be written; a [`Scribe`] gathers the records of many runs and hands them to whoever can
//! write, a batch at a time, so that a commit is paid once for all of them.
//!
//! **Invariant:** this crate names no database: it is given a function that saves.

mod kras;
mod links;
mod proposals;
pub mod record;
mod scribe;
mod stage;

pub use scribe::{Receipt, Scribe, ScribeError};
pub use stage::{Ended, Persist, PersistError};
