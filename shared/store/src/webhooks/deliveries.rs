//! Deliveries: what each webhook is still to be told, was told, and could not be told.

use contract::{RunId, WebhookEvent, WebhookState};
use migration::Word;
use migration::entity::{webhook, webhook_delivery};
use sea_orm::sea_query::{ExprTrait as _, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::dead::{CHUNK, storable};
use crate::find::read;
use crate::{Store, StoreError, audit};

/// What stands where a text stood.
const ERASED: &str = "(erased)";

/// Something that upstream systems may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEvent {
    /// Its id: the same event again has the same.
    pub event_id: Uuid,
    /// What it is.
    pub event: WebhookEvent,
    /// Name and version of the message.
    pub kind: String,
    /// The run that it is about.
    pub run_id: Option<RunId>,
    /// The event as JSON.
    pub body: String,
}

/// A delivery as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DeliveryLine {
    /// Its key.
    pub id: i64,
    /// The webhook.
    pub webhook_id: i64,
    /// The event's id.
    pub event_id: Uuid,
    /// The run that it is about.
    pub run_id: Option<RunId>,
    /// Name and version of the message.
    pub kind: String,
    /// Where it stands.
    pub state: WebhookState,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; of a dead one, since when it is dead.
    #[serde(with = "time::serde::rfc3339")]
    pub next_at: OffsetDateTime,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When the event was noted.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the receiver took it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub delivered_at: Option<OffsetDateTime>,
}

/// Which deliveries are wanted. Nothing named is no restriction.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliveryFilter {
    /// Of this webhook.
    pub webhook_id: Option<i64>,
    /// In this state.
    pub state: Option<WebhookState>,
    /// The last key of the page before.
    pub before: Option<i64>,
    /// The most of a page.
    pub limit: u64,
}

impl Store {
    /// Makes a delivery of each event for every active webhook that wants it, in one transaction; tells how many are new. The same
    /// event again is the same delivery.
    ///
    /// # Errors
    /// When the database is lost; nothing is written then.
    pub async fn enqueue_events(&self, events: &[RunEvent]) -> Result<u64, StoreError> {
        if events.is_empty() {
            return Ok(0);
        }
        let now = OffsetDateTime::now_utc();
        let tx = self.begin().await?;
        let hooks = webhook::Entity::find().filter(webhook::Column::Active.eq(true)).all(&tx).await?;
        // In the order of their keys: two writers that wait for one another would wait for ever.
        let mut rows: BTreeMap<(i64, Uuid), webhook_delivery::ActiveModel> = BTreeMap::new();
        for hook in hooks {
            let wanted: BTreeSet<WebhookEvent> = read("a webhook's events", hook.events)?;
            for event in events.iter().filter(|event| wanted.contains(&event.event)) {
                rows.entry((hook.id, event.event_id)).or_insert_with(|| row(hook.id, event, now));
            }
        }
        let rows: Vec<webhook_delivery::ActiveModel> = rows.into_values().collect();
        let mut new = 0;
        for chunk in rows.chunks(CHUNK) {
            let there =
                OnConflict::columns([webhook_delivery::Column::WebhookId, webhook_delivery::Column::EventId])
                    .do_nothing()
                    .to_owned();
            new += webhook_delivery::Entity::insert_many(chunk.iter().cloned())
                .on_conflict(there)
                .exec_without_returning(&tx)
                .await?;
        }
        tx.commit().await?;
        Ok(new)
    }

    /// A page of deliveries, the newest first.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<DeliveryLine>, StoreError> {
        use webhook_delivery::Column as C;
        let wanted = Condition::all()
            .add_option(filter.webhook_id.map(|id| C::WebhookId.eq(id)))
            .add_option(filter.state.map(|state| C::State.eq(Word(state))))
            .add_option(filter.before.map(|before| C::Id.lt(before)));
        let rows = webhook_delivery::Entity::find()
            .filter(wanted)
            .order_by_desc(C::Id)
            .limit(filter.limit)
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(line).collect())
    }

    /// Has a delivery tried now, and as often from then on as a new one.
    ///
    /// # Errors
    /// When there is none, it was delivered, its text is gone, its webhook is switched off, or the database is lost; nothing is
    /// changed then.
    pub async fn retry_delivery(&self, id: i64, actor: &str, now: OffsetDateTime) -> Result<(), StoreError> {
        use webhook_delivery::Column as C;
        let tx = self.begin().await?;
        let done = webhook_delivery::Entity::update_many()
            .set(webhook_delivery::ActiveModel {
                state: Set(Word(WebhookState::Pending)),
                tries: Set(0),
                next_at: Set(now),
                ..Default::default()
            })
            .filter(C::Id.eq(id))
            .filter(C::State.ne(Word(WebhookState::Delivered)))
            .filter(C::Body.is_not_null())
            .filter(C::WebhookId.in_subquery(active()))
            .exec(&tx)
            .await?;
        if done.rows_affected == 0 {
            return Err(unfit(&tx, id).await?);
        }
        audit::tell(&tx, actor, "webhooks.retry", format!("webhook delivery {id}"), json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes deliveries that came to an end before a time, some in a transaction; tells how many.
    ///
    /// # Errors
    /// When the database is lost; what was deleted before stays so.
    pub async fn forget_deliveries(&self, before: OffsetDateTime, actor: &str) -> Result<u64, StoreError> {
        use webhook_delivery::Column as C;
        let old = Condition::any()
            .add(C::State.eq(Word(WebhookState::Delivered)).and(C::DeliveredAt.lt(before)))
            .add(C::State.eq(Word(WebhookState::Dead)).and(C::NextAt.lt(before)));
        let mut total = 0;
        loop {
            let tx = self.begin().await?;
            let ids: Vec<i64> = webhook_delivery::Entity::find()
                .select_only()
                .column(C::Id)
                .filter(old.clone())
                .order_by_asc(C::Id)
                .limit(CHUNK as u64)
                .into_tuple()
                .all(&tx)
                .await?;
            if ids.is_empty() {
                return Ok(total);
            }
            // One of them may be due again meanwhile.
            let done = webhook_delivery::Entity::delete_many()
                .filter(C::Id.is_in(ids))
                .filter(old.clone())
                .exec(&tx)
                .await?;
            let subject = format!("{} webhook deliveries", done.rows_affected);
            audit::tell(&tx, actor, "webhooks.forget", subject, json!({ "before": before.to_string() }))
                .await?;
            tx.commit().await?;
            total += done.rows_affected;
        }
    }
}

fn row(webhook_id: i64, event: &RunEvent, now: OffsetDateTime) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        webhook_id: Set(webhook_id),
        event_id: Set(event.event_id),
        run_id: Set(event.run_id.map(|run| run.0)),
        kind: Set(storable(&event.kind)),
        body: Set(Some(storable(&event.body))),
        state: Set(Word(WebhookState::Pending)),
        tries: Set(0),
        next_at: Set(now),
        last_error: Set(None),
        created_at: Set(now),
        delivered_at: Set(None),
        ..Default::default()
    }
}

fn line(row: webhook_delivery::Model) -> DeliveryLine {
    DeliveryLine {
        id: row.id,
        webhook_id: row.webhook_id,
        event_id: row.event_id,
        run_id: row.run_id.map(RunId),
        kind: row.kind,
        state: row.state.0,
        tries: row.tries.unsigned_abs(),
        next_at: row.next_at,
        last_error: row.last_error,
        created_at: row.created_at,
        delivered_at: row.delivered_at,
    }
}

/// The keys of the active webhooks.
pub(super) fn active() -> SelectStatement {
    Query::select()
        .column(webhook::Column::Id)
        .from(webhook::Entity)
        .and_where(webhook::Column::Active.eq(true))
        .take()
}

/// What becomes of a delivery that is given up.
pub(super) fn dead(error: &str, now: OffsetDateTime) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        state: Set(Word(WebhookState::Dead)),
        next_at: Set(now),
        last_error: Set(Some(storable(error))),
        ..Default::default()
    }
}

/// Gives up whatever a webhook is still to be told.
pub(super) async fn kill_pending(
    tx: &DatabaseTransaction,
    webhook_id: i64,
    reason: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    webhook_delivery::Entity::update_many()
        .set(dead(reason, now))
        .filter(webhook_delivery::Column::WebhookId.eq(webhook_id))
        .filter(webhook_delivery::Column::State.eq(Word(WebhookState::Pending)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes every text of the runs out of their deliveries: one that still waited is dead. Tells of how many deliveries.
pub(crate) async fn erase(tx: &DatabaseTransaction, runs: &[Uuid]) -> Result<u64, StoreError> {
    use webhook_delivery::Column as C;
    // What the receiver answered may repeat what it was told.
    let erased = webhook_delivery::ActiveModel { body: Set(None), ..dead(ERASED, OffsetDateTime::now_utc()) };
    let done = webhook_delivery::Entity::update_many()
        .set(erased)
        .filter(C::RunId.is_in(runs.iter().copied()))
        .filter(C::Body.is_not_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Why a delivery cannot be tried once more.
async fn unfit(tx: &DatabaseTransaction, id: i64) -> Result<StoreError, StoreError> {
    let Some(row) = webhook_delivery::Entity::find_by_id(id).one(tx).await? else {
        return Ok(StoreError::Missing(format!("webhook delivery {id}")));
    };
    Ok(StoreError::Conflict(if row.state.0 == WebhookState::Delivered {
        format!("webhook delivery {id} was delivered")
    } else if row.body.is_none() {
        format!("the text of webhook delivery {id} was erased")
    } else {
        format!("webhook {} is switched off: switch it on first", row.webhook_id)
    }))
}
