//! The database: idempotent saves, finds, library versions and review queues, the same on SQLite and PostgreSQL.
//!
//! Every write that belongs together is one transaction, and doing it again changes nothing.
//!
//! **Invariant:** no other crate names a query; nothing here knows a posting's text beyond the spans it is handed.

mod audit;
mod bytes;
mod connect;
mod error;
mod find;
mod library;
mod retention;
mod review;
mod save;

pub use connect::{Place, Store};
pub use error::StoreError;
pub use find::{Cursor, RunFilter, RunLine, StoredAttempt};
pub use library::{Adopted, ChangeLine, Content, Difference, NewVersion, VersionLine, difference};
pub use retention::{Purge, PurgeDepth, PurgeOf, Purged};
pub use review::{Acceptance, Looked, ReviewCursor, ReviewDetail, ReviewEvidence, ReviewFilter, ReviewLine};
