//! The reliability table, for real: on a broker node and a database cluster that each test starts for itself.
//!
//! `make chaos` runs it; it takes about half an hour. The rows that take seconds are among the
//! messaging tests.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod broker_down;
mod database_down;
mod kills;
mod memory;
mod models;
mod replays;
mod scene;
