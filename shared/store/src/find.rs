//! Finding runs: one by its input, one by its id, and pages of them.

use contract::{
    ConfidenceBand, DecisionCase, JdType, Options, Persistence, RunId, Slug, Status, Timing, Versions,
};
use migration::Word;
use migration::entity::{near_duplicate, role, run, run_attempt};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, JoinType, LikeExpr};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect, QueryTrait as _,
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
    /// The attempt that it replays.
    pub replay_of: Option<u32>,
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
    /// What its model calls cost, in US dollars.
    pub cost_usd: Option<f64>,
    /// When it was stored.
    pub created_at: OffsetDateTime,
}

/// Which runs are wanted. Nothing named is no restriction.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// How it ended.
    pub status: Option<Status>,
    /// The chosen role.
    pub role: Option<Slug>,
    /// The rule that chose it.
    pub case: Option<DecisionCase>,
    /// What its confidence allows.
    pub band: Option<ConfidenceBand>,
    /// Who sent it.
    pub source: Option<String>,
    /// Words of its title or company, letter case apart.
    pub text: Option<String>,
    /// Accepted before this.
    pub before: Option<OffsetDateTime>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// The most runs of a page.
    pub limit: u64,
}

/// Where a page ended: the last run on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When it was accepted.
    pub created_at: OffsetDateTime,
    /// The run.
    pub run_id: RunId,
}

/// A run as lists show it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct RunLine {
    /// The run.
    pub run_id: RunId,
    /// Where it stands.
    pub status: Status,
    /// Its newest attempt.
    pub attempt: u32,
    /// Who sent it.
    pub source: String,
    /// The sender's id of it.
    pub external_id: Option<String>,
    /// The gate's word.
    pub jd_type: Option<JdType>,
    /// Why it ended as it did, when that was not well.
    pub reason: Option<String>,
    /// The posting's title.
    pub title: Option<String>,
    /// The employer.
    pub company: Option<String>,
    /// The chosen role.
    pub role: Option<Slug>,
    /// The rule that chose it.
    pub case: Option<DecisionCase>,
    /// How sure.
    pub confidence: Option<f32>,
    /// What that allows.
    pub band: Option<ConfidenceBand>,
    /// The run whose posting it repeats.
    pub duplicate_of: Option<RunId>,
    /// What its model calls cost, in US dollars.
    pub cost_usd: Option<f64>,
    /// When it was accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When its text was erased.
    #[serde(with = "time::serde::rfc3339::option")]
    pub erased_at: Option<OffsetDateTime>,
}

#[derive(FromQueryResult)]
struct ListedRow {
    run_id: Uuid,
    status: Word<Status>,
    attempt: i32,
    source_system: String,
    external_id: Option<String>,
    jd_type: Option<Word<JdType>>,
    reason: Option<String>,
    title: Option<String>,
    company: Option<String>,
    role: Option<String>,
    decision_case: Option<Word<DecisionCase>>,
    confidence: Option<f32>,
    band: Option<Word<ConfidenceBand>>,
    first_run_id: Option<Uuid>,
    cost_usd: Option<f64>,
    created_at: OffsetDateTime,
    erased_at: Option<OffsetDateTime>,
}

impl From<ListedRow> for RunLine {
    fn from(row: ListedRow) -> Self {
        Self {
            run_id: RunId(row.run_id),
            status: row.status.0,
            attempt: row.attempt as u32,
            source: row.source_system,
            external_id: row.external_id,
            jd_type: row.jd_type.map(|word| word.0),
            reason: row.reason,
            title: row.title,
            company: row.company,
            role: row.role,
            case: row.decision_case.map(|word| word.0),
            confidence: row.confidence,
            band: row.band.map(|word| word.0),
            duplicate_of: row.first_run_id.map(RunId),
            cost_usd: row.cost_usd,
            created_at: row.created_at,
            erased_at: row.erased_at,
        }
    }
}

impl Store {
    /// The newest attempt that answered this very input.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn answered(&self, input_hash: &str) -> Result<Option<StoredAttempt>, StoreError> {
        let found = run_attempt::Entity::find()
            .filter(run_attempt::Column::InputHash.eq(input_hash))
            .filter(run_attempt::Column::Status.is_in([Word(Status::Completed), Word(Status::Rejected)]))
            .filter(run_attempt::Column::Outputs.is_not_null())
            .order_by_desc(run_attempt::Column::CreatedAt)
            .order_by_asc(run_attempt::Column::RunId)
            .one(&self.db)
            .await?;
        found.map(stored).transpose()
    }

    /// One attempt of a run; its newest where none is named.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn attempt(
        &self,
        run_id: RunId,
        attempt: Option<u32>,
    ) -> Result<Option<StoredAttempt>, StoreError> {
        let mut query = run_attempt::Entity::find().filter(run_attempt::Column::RunId.eq(run_id.0));
        if let Some(attempt) = attempt {
            query = query.filter(run_attempt::Column::Attempt.eq(attempt as i32));
        }
        query.order_by_desc(run_attempt::Column::Attempt).one(&self.db).await?.map(stored).transpose()
    }

    /// A page of runs, the newest first.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunLine>, StoreError> {
        let mut query = run::Entity::find()
            .column_as(Expr::col((role::Entity, role::Column::Slug)), "role")
            .column_as(
                Expr::col((near_duplicate::Entity, near_duplicate::Column::FirstRunId)),
                "first_run_id",
            )
            .filter(filter.condition());
        QuerySelect::query(&mut query)
            .join(
                JoinType::LeftJoin,
                role::Entity,
                Expr::col((run::Entity, run::Column::RoleId)).equals((role::Entity, role::Column::Id)),
            )
            .join(
                JoinType::LeftJoin,
                near_duplicate::Entity,
                Expr::col((run::Entity, run::Column::RunId))
                    .equals((near_duplicate::Entity, near_duplicate::Column::RunId)),
            );
        let rows = query
            .order_by(run::Column::CreatedAt, Order::Desc)
            .order_by(run::Column::RunId, Order::Desc)
            .limit(filter.limit)
            .into_model::<ListedRow>()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(RunLine::from).collect())
    }
}

impl RunFilter {
    /// A page of everything.
    #[must_use]
    pub fn page(limit: u64) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(crate) fn condition(&self) -> Condition {
        let contains = |column: run::Column, words: &str| {
            let escaped = words.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
            Expr::expr(Func::lower(Expr::col((run::Entity, column))))
                .like(LikeExpr::new(format!("%{escaped}%")).escape('!'))
        };
        Condition::all()
            .add_option(self.status.map(|status| run::Column::Status.eq(Word(status))))
            .add_option(self.role.as_ref().map(|slug| {
                // The role's key first: the index of runs by role is of use then.
                let key = role::Entity::find()
                    .select_only()
                    .column(role::Column::Id)
                    .filter(role::Column::Slug.eq(slug.as_str()));
                run::Column::RoleId.in_subquery(key.into_query())
            }))
            .add_option(self.case.map(|case| run::Column::DecisionCase.eq(Word(case))))
            .add_option(self.band.map(|band| run::Column::Band.eq(Word(band))))
            .add_option(self.source.as_ref().map(|source| run::Column::SourceSystem.eq(source.as_str())))
            .add_option(
                self.text.as_ref().map(|words| {
                    contains(run::Column::Title, words).or(contains(run::Column::Company, words))
                }),
            )
            .add_option(self.before.map(|before| run::Column::CreatedAt.lt(before)))
            .add_option(self.after.map(|Cursor { created_at, run_id }| {
                run::Column::CreatedAt
                    .lt(created_at)
                    .or(run::Column::CreatedAt.eq(created_at).and(run::Column::RunId.lt(run_id.0)))
            }))
    }
}

fn stored(row: run_attempt::Model) -> Result<StoredAttempt, StoreError> {
    let outputs = row
        .outputs
        .map(|bytes| {
            let what = "a run's outputs";
            String::from_utf8(decompressed(what, &bytes)?)
                .map_err(|error| StoreError::Unreadable { what: what.to_owned(), why: error.to_string() })
        })
        .transpose()?;
    Ok(StoredAttempt {
        run_id: RunId(row.run_id),
        attempt: row.attempt as u32,
        replay_of: row.replay_of.map(|attempt| attempt as u32),
        status: row.status.0,
        outputs,
        persistence: row.persistence.map(|value| read("a run's persistence", value)).transpose()?,
        options: read("a run's options", row.options)?,
        versions: read("a run's versions", row.versions)?,
        timings: read("a run's timings", row.timings)?,
        cost_usd: row.cost_usd,
        created_at: row.created_at,
    })
}

/// A value out of a JSON column.
pub(crate) fn read<T: DeserializeOwned>(what: &str, value: serde_json::Value) -> Result<T, StoreError> {
    serde_json::from_value(value)
        .map_err(|error| StoreError::Unreadable { what: what.to_owned(), why: error.to_string() })
}
