//! What was accepted, what was given up and sent again, what the workers share, and who is told.

use contract::{BatchState, BreakerState, DeadState, ItemState, ReplayDepth, Stage, Status, WebhookState};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::{create, drop, index, part_of, primary, table, unique, word, word_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 10] = [
    "accepted_runs",
    "dead_letters",
    "dead_groups",
    "replay_batches",
    "replay_items",
    "rate_limits",
    "rate_leases",
    "breakers",
    "webhooks",
    "webhook_deliveries",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [ledger()].into_iter().chain(dead()).chain(replay()).chain(shared()).chain(webhooks());
        create(manager, tables.collect(), indexes()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

/// One line for everything that came in, whether or not it ever became a run.
fn ledger() -> TableCreateStatement {
    table("accepted_runs")
        .col(pk_uuid("run_id"))
        .col(text("source_system"))
        .col(text_null("external_id"))
        .col(text("routing_key"))
        .col(text_null("content_type"))
        .col(json_binary("headers"))
        // As it came, zstd-compressed; null where only its answer is known yet, and once it was forgotten.
        .col(blob_null("body"))
        .col(big_integer("body_bytes"))
        .col(timestamp_with_time_zone("accepted_at"))
        // When it was sent into the pipeline last: a line is overdue by this.
        .col(timestamp_with_time_zone("sent_at"))
        .col(word::<Status>("state"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .col(uuid_null("answered_by"))
        .col(integer("emitted"))
        .col(timestamp_with_time_zone_null("forgotten_at"))
        .take()
}

fn dead() -> [TableCreateStatement; 2] {
    [
        table("dead_letters")
            .col(big_pk_auto("id"))
            // The dead letter's own message id: delivered twice it is one row.
            .col(uuid_uniq("letter_id"))
            .col(uuid_null("run_id"))
            .col(integer_null("attempt"))
            .col(word::<Stage>("stage"))
            .col(text("code"))
            .col(text("fingerprint"))
            .col(text("message"))
            .col(text("worker"))
            .col(integer("tries"))
            .col(boolean("retryable"))
            .col(text_null("kind"))
            .col(text_null("content_type"))
            .col(text_null("message_id"))
            .col(text("routing_key"))
            .col(text_null("source_system"))
            .col(text_null("idempotency_key"))
            .col(text_null("trace_id"))
            .col(text_null("trace_parent"))
            .col(text_null("replay_batch"))
            // zstd-compressed; null once it was erased.
            .col(blob_null("body"))
            .col(boolean("is_text"))
            .col(blob_null("edited_body"))
            .col(integer("revision"))
            .col(word::<DeadState>("state"))
            .col(timestamp_with_time_zone("occurred_at"))
            // Hours since 1970, so that both databases count by the hour alike.
            .col(big_integer("occurred_hour"))
            .col(timestamp_with_time_zone("stored_at"))
            .col(text_null("changed_by"))
            .col(timestamp_with_time_zone_null("changed_at"))
            .col(text_null("reason"))
            .col(timestamp_with_time_zone_null("keep_until"))
            .col(big_integer_null("batch_id"))
            .take(),
        table("dead_groups")
            .col(text("fingerprint").primary_key())
            .col(text("note"))
            .col(text("updated_by"))
            .col(timestamp_with_time_zone("updated_at"))
            .take(),
    ]
}

fn replay() -> [TableCreateStatement; 2] {
    [
        table("replay_batches")
            .col(big_pk_auto("id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(text("actor"))
            .col(word::<BatchState>("state"))
            .col(word::<ReplayDepth>("depth"))
            .col(word_null::<Stage>("stage"))
            .col(json_binary_null("versions"))
            .col(double("rate_per_second").check(Expr::col("rate_per_second").gt(0.0)))
            .col(big_integer_null("cap"))
            .col(integer_null("canary"))
            .col(json_binary("filter"))
            .col(big_integer("total"))
            // Milliseconds since 1970: up to when the rate is used up.
            .col(big_integer("due_ms"))
            .col(timestamp_with_time_zone_null("went_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .take(),
        table("replay_items")
            .col(big_pk_auto("id"))
            .col(big_integer("batch_id"))
            .col(integer("position"))
            .col(uuid_null("run_id"))
            .col(big_integer_null("dead_letter_id"))
            .col(integer_null("from_attempt"))
            .col(integer("attempt"))
            .col(word::<Stage>("stage"))
            .col(word::<ItemState>("state"))
            .col(timestamp_with_time_zone_null("claimed_at"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .col(text_null("note"))
            .foreign_key(&mut part_of("batch_id", "replay_batches", "id"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("dead_letter_id")
                    .to("dead_letters", "id")
                    .on_delete(ForeignKeyAction::SetNull),
            )
            .take(),
    ]
}

fn shared() -> [TableCreateStatement; 3] {
    [
        table("rate_limits")
            .col(text("dependency").primary_key())
            // As it was configured when tokens were taken last, per minute.
            .col(big_integer_null("configured"))
            // What is allowed at present, per minute; null for all that is configured.
            .col(double_null("lowered_to"))
            // Milliseconds since 1970.
            .col(big_integer("lowered_ms"))
            .col(big_integer("raised_ms"))
            .col(big_integer("paused_until_ms"))
            .take(),
        // How many tokens were taken in each second.
        table("rate_leases")
            .col(text("dependency"))
            .col(big_integer("window_start"))
            .col(big_integer("taken"))
            .primary_key(&mut primary(&["dependency", "window_start"]))
            .foreign_key(&mut part_of("dependency", "rate_limits", "dependency"))
            .take(),
        table("breakers")
            .col(text("dependency").primary_key())
            .col(word::<BreakerState>("state"))
            .col(timestamp_with_time_zone_null("opened_at"))
            // Milliseconds since 1970.
            .col(big_integer_null("retry_ms"))
            .col(text_null("reason"))
            .take(),
    ]
}

fn webhooks() -> [TableCreateStatement; 2] {
    [
        table("webhooks")
            .col(big_pk_auto("id"))
            .col(text("url"))
            // What deliveries are signed with.
            .col(blob("secret"))
            .col(json_binary("events"))
            .col(boolean("active"))
            // Why it is switched off.
            .col(text_null("reason"))
            .col(text("created_by"))
            .col(timestamp_with_time_zone("created_at"))
            .take(),
        table("webhook_deliveries")
            .col(big_pk_auto("id"))
            .col(big_integer("webhook_id"))
            .col(uuid("event_id"))
            .col(uuid_null("run_id"))
            .col(text("kind"))
            // Null once it was delivered or erased.
            .col(text_null("body"))
            .col(word::<WebhookState>("state"))
            .col(integer("tries"))
            // When it is tried next; of a dead one, since when it is dead.
            .col(timestamp_with_time_zone("next_at"))
            .col(text_null("last_error"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("delivered_at"))
            .foreign_key(&mut part_of("webhook_id", "webhooks", "id"))
            .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("accepted_runs", &["accepted_at", "run_id"]),
        index("accepted_runs", &["state", "accepted_at", "run_id"]),
        index("accepted_runs", &["state", "sent_at", "run_id"]),
        index("accepted_runs", &["source_system", "accepted_at", "run_id"]),
        // What still has a body, however much was forgotten before.
        index("accepted_runs", &["accepted_at"])
            .name("accepted_runs_with_bodies")
            .and_where(Expr::cust(r#""forgotten_at" IS NULL"#))
            .take(),
        index("dead_letters", &["state", "id"]),
        index("dead_letters", &["stage", "id"]),
        index("dead_letters", &["code", "id"]),
        index("dead_letters", &["fingerprint", "state", "id"]),
        index("dead_letters", &["source_system", "id"]),
        index("dead_letters", &["run_id", "attempt"]),
        index("dead_letters", &["occurred_at"]),
        index("dead_letters", &["occurred_hour", "fingerprint"]),
        index("dead_letters", &["state", "keep_until"]),
        index("dead_letters", &["batch_id"]),
        index("replay_batches", &["state"]),
        unique("replay_items", &["run_id", "attempt"]),
        unique("replay_items", &["batch_id", "position"]),
        index("replay_items", &["batch_id", "state", "position"]),
        index("replay_items", &["state", "id"]),
        index("replay_items", &["dead_letter_id"]),
        unique("webhook_deliveries", &["webhook_id", "event_id"]),
        index("webhook_deliveries", &["state", "next_at", "id"]),
        index("webhook_deliveries", &["webhook_id", "state", "next_at", "id"]),
        index("webhook_deliveries", &["run_id"]),
    ]
}
