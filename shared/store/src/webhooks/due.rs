//! Trying what is due: taken by one of all who ask, and settled by what the receiver says.

use contract::WebhookState;
use migration::Word;
use migration::entity::{webhook, webhook_delivery};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

use super::WebhookSecret;
use super::deliveries::{active, dead};
use crate::dead::storable;
use crate::{Store, StoreError};

/// A delivery that somebody took to try it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// Its key.
    pub id: i64,
    /// The webhook.
    pub webhook_id: i64,
    /// Where it is to be posted.
    pub url: String,
    /// What it is signed with.
    pub secret: WebhookSecret,
    /// The event's id: the same in every try.
    pub event_id: Uuid,
    /// Name and version of the message.
    pub kind: String,
    /// The event as JSON.
    pub body: String,
    /// Which try this is; the first is 1.
    pub tries: u32,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryEnd {
    /// The receiver has it.
    Delivered,
    /// It failed; there is another try.
    Again {
        /// When.
        at: OffsetDateTime,
        /// Why it failed.
        error: String,
    },
    /// It failed; there is no further try.
    Dead {
        /// Why.
        error: String,
    },
}

impl Store {
    /// The active webhooks for which something is due.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn webhooks_due(&self, now: OffsetDateTime) -> Result<Vec<i64>, StoreError> {
        Ok(webhook_delivery::Entity::find()
            .select_only()
            .distinct()
            .column(webhook_delivery::Column::WebhookId)
            .filter(due(now))
            .filter(webhook_delivery::Column::WebhookId.in_subquery(active()))
            .into_tuple()
            .all(&self.db)
            .await?)
    }

    /// Takes deliveries of a webhook to try them now, those that wait longest first. Each is taken by one of all who ask; when
    /// nothing is said of it within the lease it is due again, and that was a try.
    ///
    /// # Errors
    /// When the database is lost; nothing is taken then.
    pub async fn claim_deliveries(
        &self,
        webhook_id: i64,
        most: u64,
        lease: Duration,
        now: OffsetDateTime,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        use webhook_delivery::Column as C;
        let tx = self.begin().await?;
        let hook =
            webhook::Entity::find_by_id(webhook_id).filter(webhook::Column::Active.eq(true)).one(&tx).await?;
        let Some(hook) = hook else { return Ok(Vec::new()) };
        let ids: Vec<i64> = webhook_delivery::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::WebhookId.eq(webhook_id))
            .filter(due(now))
            .order_by_asc(C::NextAt)
            .order_by_asc(C::Id)
            .limit(most)
            .into_tuple()
            .all(&tx)
            .await?;
        let mut taken = webhook_delivery::Entity::update_many()
            .col_expr(C::NextAt, Expr::value(now + lease))
            .col_expr(C::Tries, Expr::col(C::Tries).add(1))
            .filter(C::Id.is_in(ids))
            // Somebody else may have been first.
            .filter(due(now))
            .exec_with_returning(&tx)
            .await?;
        tx.commit().await?;
        taken.sort_unstable_by_key(|row| row.id);
        let delivery = |row: webhook_delivery::Model| {
            Some(DueDelivery {
                id: row.id,
                webhook_id,
                url: hook.url.clone(),
                secret: WebhookSecret::stored(hook.secret.clone()),
                event_id: row.event_id,
                kind: row.kind,
                body: row.body?,
                tries: row.tries.unsigned_abs(),
            })
        };
        Ok(taken.into_iter().filter_map(delivery).collect())
    }

    /// Says how a try ended. What the receiver has it has, whoever else tried meanwhile; a failure counts only as long as nobody
    /// else took the delivery.
    ///
    /// # Errors
    /// When the database is lost; the delivery is due again then when its lease is over.
    pub async fn settle_delivery(
        &self,
        tried: &DueDelivery,
        end: &TryEnd,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        use webhook_delivery::Column as C;
        let still_ours = || {
            Condition::all()
                .add(C::State.eq(Word(WebhookState::Pending)))
                .add(C::Tries.eq(i32::try_from(tried.tries).unwrap_or(i32::MAX)))
        };
        let (change, condition) = match end {
            TryEnd::Delivered => (
                webhook_delivery::ActiveModel {
                    state: Set(Word(WebhookState::Delivered)),
                    delivered_at: Set(Some(now)),
                    body: Set(None),
                    last_error: Set(None),
                    ..Default::default()
                },
                Condition::all().add(C::State.ne(Word(WebhookState::Delivered))),
            ),
            TryEnd::Again { at, error } => (
                webhook_delivery::ActiveModel {
                    next_at: Set(*at),
                    last_error: Set(Some(storable(error))),
                    ..Default::default()
                },
                still_ours(),
            ),
            TryEnd::Dead { error } => (dead(error, now), still_ours()),
        };
        webhook_delivery::Entity::update_many()
            .set(change)
            .filter(C::Id.eq(tried.id))
            .filter(condition)
            .exec(&self.db)
            .await?;
        Ok(())
    }
}

fn due(now: OffsetDateTime) -> Condition {
    use webhook_delivery::Column as C;
    Condition::all().add(C::State.eq(Word(WebhookState::Pending))).add(C::NextAt.lte(now))
}
