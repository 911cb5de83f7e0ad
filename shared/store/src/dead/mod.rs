//! Dead letters: messages that were given up, each kept with everything that is needed to send it once more.

mod bury;
mod change;
mod groups;
mod list;

use contract::{DeadState, RunId, Stage};
use migration::Word;
use migration::entity::{audit_entry, dead_letter};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LikeExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait as _, DatabaseTransaction, DbBackend,
    EntityTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreError, ledger, webhooks};

pub use bury::BuriedLetter;
pub(crate) use bury::Glance;
pub use groups::{DeadGroup, GroupCursor};
pub use list::{AuditLine, DeadDetail, DeadLine, RunAttemptLine, RunReplayLine};

/// What stands where a text stood.
const ERASED: &str = "(erased)";
/// Rows or keys of one statement.
pub(crate) const CHUNK: usize = 1_000;

/// Which dead letters are wanted. Nothing named is no restriction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeadFilter {
    /// Of this stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// With this cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Of this group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// In this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DeadState>,
    /// Of this sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// With these words in the error message, letter case apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Given up at this time or later.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub from: Option<OffsetDateTime>,
    /// Given up before this.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<OffsetDateTime>,
    /// Of this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// The last key of the page before. It is no part of what is wanted: changes and replays disregard it.
    #[serde(skip)]
    pub after: Option<i64>,
    /// The most of a page; changes and replays disregard it.
    #[serde(skip)]
    pub limit: u64,
}

/// Some dead letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadPick {
    /// These.
    Ids(Vec<i64>),
    /// Everything that a filter matches.
    Matching(DeadFilter),
}

impl DeadFilter {
    /// A page of everything.
    #[must_use]
    pub fn page(limit: u64) -> Self {
        Self { limit, ..Self::default() }
    }

    /// What is wanted, whatever the page.
    pub(crate) fn condition(&self) -> Condition {
        use dead_letter::Column as C;
        Condition::all()
            .add_option(self.stage.map(|stage| C::Stage.eq(Word(stage))))
            .add_option(self.code.as_ref().map(|code| C::Code.eq(code.as_str())))
            .add_option(self.fingerprint.as_ref().map(|print| C::Fingerprint.eq(print.as_str())))
            .add_option(self.state.map(|state| C::State.eq(Word(state))))
            .add_option(self.source.as_ref().map(|source| C::SourceSystem.eq(source.as_str())))
            .add_option(self.text.as_ref().map(|words| {
                let escaped = words.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
                Expr::expr(Func::lower(Expr::col((dead_letter::Entity, C::Message))))
                    .like(LikeExpr::new(format!("%{escaped}%")).escape('!'))
            }))
            .add_option(self.from.map(|from| C::OccurredAt.gte(from)))
            .add_option(self.until.map(|until| C::OccurredAt.lt(until)))
            .add_option(self.run_id.map(|run| C::RunId.eq(run.0)))
    }
}

/// Words as both databases take them: PostgreSQL has no text with a zero in it, and a message that cannot be stored would come
/// back for ever.
pub(crate) fn storable(words: &str) -> String {
    words.replace('\0', "\u{fffd}")
}

/// A number as the tables have it.
pub(crate) fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The subject of a dead letter's lines in the audit log.
pub(crate) fn subject(id: i64) -> String {
    format!("dead letter {id}")
}

/// Waits until nobody else changes many dead letters at once: two that wait for one another's rows would wait for ever. SQLite
/// has one writer as it is.
pub(crate) async fn alone(tx: &DatabaseTransaction) -> Result<(), StoreError> {
    /// Names this lock among the server's advisory ones.
    const LOCK: &str = "SELECT pg_advisory_xact_lock(7234018262340118)";
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(LOCK).await?;
    }
    Ok(())
}

/// Writes a line of the audit log for every one of some dead letters.
pub(crate) async fn tell_each(
    tx: &DatabaseTransaction,
    actor: &str,
    action: &str,
    ids: &[i64],
    detail: &Value,
) -> Result<(), StoreError> {
    let now = OffsetDateTime::now_utc();
    for chunk in ids.chunks(CHUNK) {
        let lines = chunk.iter().map(|&id| audit_entry::ActiveModel {
            at: Set(now),
            actor: Set(actor.to_owned()),
            action: Set(action.to_owned()),
            subject: Set(subject(id)),
            detail: Set(detail.clone()),
            ..Default::default()
        });
        audit_entry::Entity::insert_many(lines).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Takes every text of the runs out of the ledger, their dead letters and what webhooks are told; tells of how many there were.
pub(crate) async fn erase(tx: &DatabaseTransaction, runs: &[Uuid]) -> Result<u64, StoreError> {
    let mut erased = 0;
    for chunk in runs.chunks(CHUNK) {
        let letters = dead_letter::Entity::update_many()
            .set(dead_letter::ActiveModel {
                body: Set(None),
                edited_body: Set(None),
                message: Set(ERASED.to_owned()),
                ..Default::default()
            })
            .filter(dead_letter::Column::RunId.is_in(chunk.iter().copied()))
            .filter(dead_letter::Column::Body.is_not_null())
            .exec(tx)
            .await?;
        erased +=
            letters.rows_affected + ledger::erase(tx, chunk).await? + webhooks::erase(tx, chunk).await?;
    }
    Ok(erased)
}
