//! The review queues: what runs propose, merged across runs, and what people decide.

mod decide;
mod list;
mod merge;

pub use decide::{Acceptance, Looked};
pub use list::{ReviewCursor, ReviewDetail, ReviewEvidence, ReviewFilter, ReviewLine};
pub(crate) use merge::{Proposed, merge};
