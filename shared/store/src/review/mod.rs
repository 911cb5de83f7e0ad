//! The review queues.

use contract::Proposal;
use sea_orm::DatabaseTransaction;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::StoreError;

/// A proposal of one run.
pub(crate) struct Proposed<'a> {
    pub(crate) run_id: Uuid,
    pub(crate) counts: bool,
    pub(crate) company: Option<&'a str>,
    pub(crate) seen_at: OffsetDateTime,
    pub(crate) proposal: &'a Proposal,
}

pub(crate) async fn merge(_tx: &DatabaseTransaction, proposals: &[Proposed<'_>]) -> Result<Vec<i64>, StoreError> {
    Ok(proposals.iter().map(|_| 0).collect())
}
