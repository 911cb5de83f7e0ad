//! The stages as processes on a real broker and a real database, and what becomes of messages when something fails.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod models;
mod product;
mod replays;
mod settling;
