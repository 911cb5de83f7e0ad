//! The review queues and the audit log.

use contract::{ReviewKind, ReviewStatus, SuggestedAction};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::{create, drop, index, key, part_of, primary, share, table, unique, word};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            table("review_items")
                .col(big_pk_auto("id"))
                .col(word::<ReviewKind>("kind"))
                .col(text("merge_key"))
                .col(text("title"))
                .col(json_binary("suggestion"))
                .col(word::<SuggestedAction>("suggested_action"))
                .col(json_binary("nearest"))
                .col(share("novelty"))
                .col(share("max_similarity"))
                .col(double("priority"))
                .col(integer("jds"))
                .col(integer("companies"))
                .col(timestamp_with_time_zone("first_seen"))
                .col(timestamp_with_time_zone("last_seen"))
                .col(word::<ReviewStatus>("status"))
                // One more with every decision: who decides names the one that was looked at.
                .col(integer("revision"))
                .col(text_null("reviewer"))
                .col(text_null("reason"))
                .col(big_integer_null("merged_into"))
                .col(timestamp_with_time_zone_null("snoozed_until"))
                .col(timestamp_with_time_zone_null("decided_at"))
                .col(big_integer_null("library_version_id"))
                .foreign_key(&mut key("merged_into", "review_items", "id"))
                .foreign_key(&mut key("library_version_id", "library_versions", "id"))
                .take(),
            // One row a run; the words of the first ten only.
            table("review_evidence")
                .col(big_integer("item_id"))
                .col(uuid("run_id"))
                .col(text_null("company"))
                .col(integer_null("span_start"))
                .col(integer_null("span_end"))
                .col(text_null("quote"))
                .primary_key(&mut primary(&["item_id", "run_id"]))
                .foreign_key(&mut part_of("item_id", "review_items", "id"))
                .foreign_key(&mut part_of("run_id", "runs", "run_id"))
                .take(),
            table("review_companies")
                .col(big_integer("item_id"))
                .col(text("company"))
                .primary_key(&mut primary(&["item_id", "company"]))
                .foreign_key(&mut part_of("item_id", "review_items", "id"))
                .take(),
            table("audit_log")
                .col(big_pk_auto("id"))
                .col(timestamp_with_time_zone("at"))
                .col(text("actor"))
                .col(text("action"))
                .col(text("subject"))
                .col(json_binary("detail"))
                .take(),
        ];
        let indexes = vec![
            unique("review_items", &["kind", "merge_key"]),
            index("review_items", &["status", "priority", "id"]),
            index("review_items", &["kind", "status", "priority", "id"]),
            waiting("review_items_waiting", &["priority", "id"]),
            waiting("review_items_waiting_of_kind", &["kind", "priority", "id"]),
            index("review_evidence", &["run_id"]),
            index("audit_log", &["subject"]),
        ];
        create(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["review_items", "review_evidence", "review_companies", "audit_log"]).await
    }
}

/// An index of the items that wait for somebody, however many were decided before.
fn waiting(name: &str, columns: &[&'static str]) -> IndexCreateStatement {
    index("review_items", columns).name(name).and_where(Expr::cust(crate::WAITS)).take()
}
