//! Sending once more what was given up, or what is to be answered anew.
//!
//! A selection is frozen into a batch by the store; [`drive`] sends the batches' items, each once, at their rate. [`message`] makes
//! an item's message, purely: the envelope of the wanted stage, with the outputs of the stages before it, as the next attempt.
//! [`edited`] is what an edit of a dead letter must pass.
//!
//! **Invariant:** an item's message id follows from its run, stage and attempt, so sending it twice is harmless.

mod drive;
mod edit;
mod message;

pub use drive::{DriveError, drive, re_emit};
pub use edit::{Edit, EditError, edited};
pub use message::{Message, Unsendable, message};
