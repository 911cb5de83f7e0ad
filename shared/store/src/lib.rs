//! The database: idempotent saves, finds, library versions, review queues, dead letters and their replay, the same on SQLite and
//! PostgreSQL.
//!
//! Every write that belongs together is one transaction, and doing it again changes nothing.
//!
//! **Invariant:** no other crate names a query; nothing here knows a posting's text beyond the spans it is handed.

mod audit;
mod bytes;
mod cancel;
mod connect;
mod dead;
mod error;
mod find;
mod leases;
mod ledger;
mod library;
mod models;
mod replay;
mod retention;
mod review;
mod save;
mod webhooks;

pub use cancel::CancelledRun;
pub use connect::{Place, Store};
pub use dead::{
    AuditLine, BuriedLetter, DeadDetail, DeadFilter, DeadGroup, DeadLine, DeadPick, GroupCursor,
    RunAttemptLine, RunReplayLine,
};
pub use error::StoreError;
pub use find::{Cursor, RunFilter, RunLine, StoredAttempt};
pub use leases::{Breaker, Lease};
pub use ledger::{AcceptedRun, Answered, LedgerEntry, LedgerFilter, LedgerLine, SettledRuns};
pub use library::{Adopted, ChangeLine, Content, Difference, NewVersion, VersionLine, difference};
pub use replay::{
    Claim, ClaimedItem, EndedItem, Frozen, ItemCursor, ItemLine, LetterOrigin, Origin, Plan, Preview,
    ReplayBatch, ReplayOf, ReplayWish, RunOrigin, RunPick, SettledBatches, USUAL_RATE, UnreadableItem,
};
pub use retention::{Purge, PurgeDepth, PurgeOf, Purged};
pub use review::{Acceptance, Looked, ReviewCursor, ReviewDetail, ReviewEvidence, ReviewFilter, ReviewLine};
pub use webhooks::{
    DeliveryFilter, DeliveryLine, DueDelivery, NewWebhook, RegistrationError, RunEvent, TryEnd, WebhookLine,
    WebhookSecret, WebhookUrl,
};
