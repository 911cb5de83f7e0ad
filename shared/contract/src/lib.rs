//! The types that cross a queue, an API or the database boundary.
//!
//! A run travels as an [`Envelope`]; its type parameter says which stages it has passed
//! ([`Received`] → [`Parsed`] → [`Signalled`] → [`Decided`] → [`Enriched`] → [`Persisted`]).
//! Everything a stage adds is defined here, one module a stage, and nothing else is.
//!
//! **Invariant:** this crate does no I/O and knows no engine: it names facts, never how they are found.

pub mod canonical;
mod dead;
mod decision;
mod enrichment;
mod envelope;
mod evidence;
mod fields;
mod messages;
mod model;
mod parse;
mod persistence;
mod posting;
mod record;
mod requirement;
mod review;
pub mod schema;
mod signals;
mod skill;
mod vocabulary;

pub use dead::*;
pub use decision::*;
pub use enrichment::*;
pub use envelope::*;
pub use evidence::*;
pub use fields::*;
pub use messages::*;
pub use model::*;
pub use parse::*;
pub use persistence::*;
pub use posting::*;
pub use record::*;
pub use requirement::*;
pub use review::*;
pub use signals::*;
pub use skill::*;
pub use vocabulary::*;

/// Names a library entry (role, skill, dimension …): lower-case ASCII letters, digits and hyphens.
pub type Slug = String;

/// Rounds to four decimals: the precision of every score that is written, so that equal inputs give equal bytes.
#[must_use]
pub fn rounded(score: f32) -> f32 {
    (f64::from(score) * 10_000.0).round() as f32 / 10_000.0
}
