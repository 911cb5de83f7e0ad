//! What tests need around them, gone when the test is over.
//!
//! - [`Fresh`]: a database of the test's own, on SQLite or on the PostgreSQL that tests share.
//! - [`broker`]: names of the test's own on the RabbitMQ that tests share, and a plain client to look at it with.
//! - [`node`] and [`cluster`]: a RabbitMQ node and a PostgreSQL cluster that a test starts, freezes and kills as it likes.
//! - [`model`]: a language model's server that says what a test wants said, and fails as it wants it to.
//! - [`proxy`]: what stands between a client and a server when the network is to blame.
//! - [`process`]: the project's programs, started, watched and killed.
//! - [`wait_until`] and [`wait_for`]: waiting for something to come true, under a deadline.
//!
//! **Invariant:** knows no other crate of the project. What a test started is ended with it, even where the test is killed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "only tests use it")]

pub mod broker;
mod child;
pub mod cluster;
mod database;
pub mod model;
pub mod node;
pub mod process;
mod programs;
pub mod proxy;
mod wait;

pub use database::{BOTH, Fresh, Kind};
pub use wait::{wait_for, wait_until};
