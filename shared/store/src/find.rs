//! Finding runs: one by its input, one by its id, and lists of them.

use contract::{
    ConfidenceBand, Content, DecisionCase, Document, Fields, JdType, Options, Persistence, RunId, Status, Timing, Versions,
};
use migration::Word;
use migration::entity::{document, near_duplicate, role, run, run_attempt};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LikeExpr};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, RelationDef, RelationTrait as _,
};
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::bytes::decompressed;
use crate::{Store, StoreError};

/// An attempt as it was stored.
#[derive(Clone, Debug)]
pub struct StoredAttempt {
    /// The run.
    pub run_id: RunId,
    /// The attempt.
    pub attempt: u32,
    /// How it ended.
    pub status: Status,
    /// Canonical JSON of the outputs of all stages but persistence; none once it was erased.
    pub outputs: Option<String>,
    /// What the database did.
    pub persistence: Option<Persistence>,
    /// What was asked for.
    pub options: Options,
    /// What it was pinned to.
    pub versions: Versions,
    /// How long each stage took.
    pub timings: Vec<Timing>,
    /// What its model calls cost.
    pub cost_usd: Option<f64>,
    /// When it was stored.
    pub created_at: OffsetDateTime,
}
