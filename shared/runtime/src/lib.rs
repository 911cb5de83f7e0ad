//! What every process does alike: settings from the environment, logs, patience, and the wish to stop.
//!
//! **Invariant:** knows none of our other crates, and is the only one that reads the process's environment.

mod env;
pub mod logging;
pub mod patience;
pub mod shutdown;
pub mod telemetry;
pub mod tls;

pub use env::{Env, SettingError};
