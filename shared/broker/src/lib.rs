//! The pipeline's stages on RabbitMQ.
//!
//! [`topology`] is the one table of what there is on the broker; [`Publisher`] hands a message over and says so only when the
//! broker has it in a queue; [`work`] takes messages for a stage, acts on the verdicts, and acknowledges last. What a message is
//! called on the wire is known to `wire` alone.
//!
//! **Invariant:** no other crate names `lapin`; no delivery is acknowledged before what follows from it is confirmed.

mod dead;
mod document;
#[cfg(test)]
mod fuzz;
mod gather;
mod health;
mod link;
mod parcel;
mod publisher;
mod settings;
pub mod topology;
mod trace;
mod wire;
mod work;

pub use document::asyncapi;
pub use gather::{Gathered, Taken, depths, gather};
pub use health::{Health, Readiness};
pub use link::BrokerError;
pub use parcel::{Parcel, Posted, Replayed, event};
pub use publisher::{PublishError, Publisher};
pub use settings::{BrokerSettings, BrokerUrl};
pub use topology::Topology;
pub use wire::Lane;
pub use work::work;
