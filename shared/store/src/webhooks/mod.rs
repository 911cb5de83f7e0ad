//! Webhooks: who is told over HTTP that runs have ended, and what each is still to be told.
//!
//! An event becomes one delivery for every webhook that wants it. Whoever delivers takes what is due for a while; what it says
//! nothing of by then, another one takes.

mod deliveries;
mod due;
mod registration;

use contract::{WebhookEvent, WebhookState};
use migration::Word;
use migration::entity::{webhook, webhook_delivery};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, DerivePartialModel, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use time::OffsetDateTime;

use crate::bytes::json_of;
use crate::dead::storable;
use crate::find::read;
use crate::{Store, StoreError, audit};

pub use deliveries::{DeliveryFilter, DeliveryLine, RunEvent};
pub use due::{DueDelivery, TryEnd};
pub use registration::{RegistrationError, WebhookSecret, WebhookUrl};

pub(crate) use deliveries::erase;

/// A webhook to be added.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Where events are posted to.
    pub url: WebhookUrl,
    /// Which events.
    pub events: BTreeSet<WebhookEvent>,
    /// What they are signed with.
    pub secret: WebhookSecret,
    /// Who adds it.
    pub actor: String,
}

/// A webhook as lists show it; what it is signed with is not shown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct WebhookLine {
    /// Its key.
    pub id: i64,
    /// Where events are posted to.
    pub url: String,
    /// Which events.
    pub events: BTreeSet<WebhookEvent>,
    /// Whether it is told of new events.
    pub active: bool,
    /// Why it is switched off.
    pub reason: Option<String>,
    /// Who added it.
    pub created_by: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Deliveries that wait.
    pub pending: u64,
    /// Deliveries that were given up.
    pub dead: u64,
}

/// What may be shown of a webhook: not everybody who looks at them has the right to read the secrets.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "webhook::Entity")]
struct Shown {
    id: i64,
    url: String,
    events: Value,
    active: bool,
    reason: Option<String>,
    created_by: String,
    created_at: OffsetDateTime,
}

fn missing(id: i64) -> StoreError {
    StoreError::Missing(format!("webhook {id}"))
}

fn subject(id: i64) -> String {
    format!("webhook {id}")
}

impl Store {
    /// Adds a webhook; it is told of what happens from now on. The answer is its key.
    ///
    /// # Errors
    /// When an active one posts to the same address, or the database is lost; nothing is written then.
    pub async fn add_webhook(&self, new: &NewWebhook) -> Result<i64, StoreError> {
        let tx = self.begin().await?;
        let same = webhook::Entity::find()
            .filter(webhook::Column::Url.eq(new.url.as_str()))
            .filter(webhook::Column::Active.eq(true))
            .one(&tx)
            .await?;
        if let Some(same) = same {
            return Err(StoreError::Conflict(format!("webhook {} posts to this address already", same.id)));
        }
        let row = webhook::ActiveModel {
            url: Set(new.url.as_str().to_owned()),
            secret: Set(new.secret.key().to_vec()),
            events: Set(json_of(&new.events)?),
            active: Set(true),
            reason: Set(None),
            created_by: Set(storable(&new.actor)),
            created_at: Set(OffsetDateTime::now_utc()),
            ..Default::default()
        };
        let id = webhook::Entity::insert(row).exec(&tx).await?.last_insert_id;
        let detail = json!({ "url": new.url.as_str(), "events": new.events });
        audit::tell(&tx, &new.actor, "webhooks.add", subject(id), detail).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Every webhook, the oldest first.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn webhooks(&self) -> Result<Vec<WebhookLine>, StoreError> {
        use webhook_delivery::Column as D;
        let counted: Vec<(i64, Word<WebhookState>, i64)> = webhook_delivery::Entity::find()
            .select_only()
            .columns([D::WebhookId, D::State])
            .expr(Expr::col(D::Id).count())
            .filter(D::State.ne(Word(WebhookState::Delivered)))
            .group_by(D::WebhookId)
            .group_by(D::State)
            .into_tuple()
            .all(&self.db)
            .await?;
        let counted: HashMap<(i64, WebhookState), u64> =
            counted.into_iter().map(|(id, state, count)| ((id, state.0), count.unsigned_abs())).collect();
        let count = |id, state| counted.get(&(id, state)).copied().unwrap_or_default();
        let rows = webhook::Entity::find()
            .order_by_asc(webhook::Column::Id)
            .into_partial_model::<Shown>()
            .all(&self.db)
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(WebhookLine {
                    id: row.id,
                    events: read("a webhook's events", row.events)?,
                    active: row.active,
                    reason: row.reason,
                    created_by: row.created_by,
                    created_at: row.created_at,
                    pending: count(row.id, WebhookState::Pending),
                    dead: count(row.id, WebhookState::Dead),
                    url: row.url,
                })
            })
            .collect()
    }

    /// Removes a webhook with all its deliveries.
    ///
    /// # Errors
    /// When there is none, or the database is lost; nothing is changed then.
    pub async fn remove_webhook(&self, id: i64, actor: &str) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let row = webhook::Entity::find_by_id(id).one(&tx).await?.ok_or_else(|| missing(id))?;
        webhook::Entity::delete_by_id(id).exec(&tx).await?;
        audit::tell(&tx, actor, "webhooks.remove", subject(id), json!({ "url": row.url })).await?;
        Ok(tx.commit().await?)
    }

    /// Switches a webhook on that was switched off; it is told of what happens from now on.
    ///
    /// # Errors
    /// When there is none, or the database is lost; nothing is changed then.
    pub async fn switch_on_webhook(&self, id: i64, actor: &str) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        if switch(&tx, id, true, None).await? {
            audit::tell(&tx, actor, "webhooks.switch_on", subject(id), json!({})).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Switches a webhook off: it is told of nothing new, and what it was still to be told is dead. One that is off stays so.
    ///
    /// # Errors
    /// When there is none, or the database is lost; nothing is changed then.
    pub async fn switch_off_webhook(
        &self,
        id: i64,
        reason: &str,
        actor: &str,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        if switch(&tx, id, false, Some(storable(reason))).await? {
            audit::tell(&tx, actor, "webhooks.switch_off", subject(id), json!({ "reason": reason })).await?;
        }
        deliveries::kill_pending(&tx, id, reason, now).await?;
        Ok(tx.commit().await?)
    }
}

/// Switches a webhook; whether that changed anything.
async fn switch(
    tx: &DatabaseTransaction,
    id: i64,
    active: bool,
    reason: Option<String>,
) -> Result<bool, StoreError> {
    let done = webhook::Entity::update_many()
        .set(webhook::ActiveModel { active: Set(active), reason: Set(reason), ..Default::default() })
        .filter(webhook::Column::Id.eq(id))
        .filter(webhook::Column::Active.ne(active))
        .exec(tx)
        .await?;
    if done.rows_affected == 0 {
        let there = webhook::Entity::find_by_id(id).into_partial_model::<Shown>().one(tx).await?;
        return there.map(|_| false).ok_or_else(|| missing(id));
    }
    Ok(true)
}
