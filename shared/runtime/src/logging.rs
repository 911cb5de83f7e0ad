//! Logs: lines on standard error, which leaves standard output to the answers.

use std::io::Write as _;
use std::str::FromStr;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

/// What is logged: a level (`warn`), or directives such as `info,parse=debug`.
#[derive(Debug)]
pub struct Filter(EnvFilter);

impl FromStr for Filter {
    type Err = ParseError;

    fn from_str(directives: &str) -> Result<Self, ParseError> {
        EnvFilter::try_new(directives).map(Self)
    }
}

/// Keeps the logs going; what is still buffered is written when it is dropped.
#[derive(Debug)]
#[must_use = "what is still buffered is written when this is dropped"]
pub struct Logging(());

impl Drop for Logging {
    fn drop(&mut self) {
        // Nobody is left to be told when standard error is gone.
        std::io::stderr().flush().ok();
    }
}

/// Starts logging for the whole process.
///
/// # Errors
/// When it was started before.
pub fn init(filter: Filter) -> Result<Logging, TryInitError> {
    tracing_subscriber::fmt().with_env_filter(filter.0).with_writer(std::io::stderr).finish().try_init()?;
    Ok(Logging(()))
}
