//! All stages in one process: what the command line runs, and what evaluation and tests call.
//!
//! **Invariant:** names no broker and no terminal; a run's answer depends on the document, the options and the
//! pinned versions only.

mod engine;
mod keeper;
pub mod masking;
pub mod title;

pub use engine::{Engine, EngineConfig, Finished};
pub use keeper::{KeepError, Keeper};
