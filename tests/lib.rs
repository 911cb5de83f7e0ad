//! What the whole-product tests and the benches share: a message that is passed on unread, and the product as processes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "only tests use it")]

pub mod answers;
pub mod plain;
pub mod postings;
pub mod stand;
