//! Whole-product tests: the reference posting, the samples, the wire formats and the shipped library.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod asyncapi;
mod engine;
mod injection;
mod library;
mod reference;
mod samples;
mod schema;
