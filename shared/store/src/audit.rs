//! Who did what.

use migration::entity::audit_entry;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait as _};
use serde_json::Value;
use time::OffsetDateTime;

use crate::StoreError;

/// Writes one line of the audit log, in the transaction of what it tells of.
pub(crate) async fn tell(
    tx: &DatabaseTransaction,
    actor: &str,
    action: &str,
    subject: String,
    detail: Value,
) -> Result<(), StoreError> {
    let line = audit_entry::ActiveModel {
        at: Set(OffsetDateTime::now_utc()),
        actor: Set(actor.to_owned()),
        action: Set(action.to_owned()),
        subject: Set(subject),
        detail: Set(detail),
        ..Default::default()
    };
    audit_entry::Entity::insert(line).exec_without_returning(tx).await?;
    Ok(())
}
