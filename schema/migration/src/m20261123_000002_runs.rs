//! Runs, their attempts, and what they left behind.

use contract::{ArtifactKind, ConfidenceBand, DecisionCase, JdType, LinkOutcome, Stage, Status};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::{
    create, drop, index, key, part_of, primary, share, share_null, table, unique, word, word_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 10] = [
    "runs",
    "run_attempts",
    "documents",
    "document_bands",
    "near_duplicates",
    "link_outcomes",
    "run_artifacts",
    "collision_log",
    "model_calls",
    "centroid_updates",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, runs().into_iter().chain(left_behind()).collect(), indexes()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

fn runs() -> [TableCreateStatement; 5] {
    [
        // One row a run: where it stands, and what lists show of its newest attempt.
        table("runs")
            .col(pk_uuid("run_id"))
            .col(word::<Status>("status"))
            .col(integer("attempt"))
            .col(text("source_system"))
            .col(text_null("external_id"))
            .col(word_null::<JdType>("jd_type"))
            .col(text_null("reason"))
            .col(text_null("title"))
            .col(text_null("company"))
            .col(big_integer_null("role_id"))
            .col(word_null::<DecisionCase>("decision_case"))
            .col(share_null("confidence"))
            .col(word_null::<ConfidenceBand>("band"))
            .col(big_integer_null("library_version_id"))
            .col(double_null("cost_usd"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("finished_at"))
            .col(timestamp_with_time_zone_null("erased_at"))
            .foreign_key(&mut key("role_id", "roles", "id"))
            .foreign_key(&mut key("library_version_id", "library_versions", "id"))
            .take(),
        table("run_attempts")
            .col(uuid("run_id"))
            .col(integer("attempt"))
            .col(integer_null("replay_of"))
            .col(word::<Status>("status"))
            .col(text_null("input_hash"))
            .col(json_binary("options"))
            .col(json_binary("versions"))
            // Canonical JSON of all stages' outputs but persistence, zstd-compressed; null once it was erased.
            .col(blob_null("outputs"))
            .col(json_binary_null("persistence"))
            .col(json_binary("timings"))
            .col(double_null("cost_usd"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(&mut primary(&["run_id", "attempt"]))
            .foreign_key(&mut part_of("run_id", "runs", "run_id"))
            .take(),
        // The document as it came; its content is null once it was purged.
        table("documents")
            .col(pk_uuid("run_id"))
            .col(text("sha256"))
            .col(big_integer("bytes"))
            .col(text_null("content_type"))
            .col(json_binary_null("hints"))
            .col(boolean("is_text"))
            .col(blob_null("content"))
            .col(blob_null("signature"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("purged_at"))
            .foreign_key(&mut part_of("run_id", "runs", "run_id"))
            .take(),
        // Texts that share a band are compared.
        table("document_bands")
            .col(big_integer("band"))
            .col(uuid("run_id"))
            .primary_key(&mut primary(&["band", "run_id"]))
            .foreign_key(&mut part_of("run_id", "runs", "run_id"))
            .take(),
        table("near_duplicates")
            .col(pk_uuid("run_id"))
            .col(uuid("first_run_id"))
            .col(share("similarity"))
            .foreign_key(&mut part_of("run_id", "runs", "run_id"))
            .foreign_key(&mut part_of("first_run_id", "runs", "run_id"))
            .take(),
    ]
}

fn attempt() -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from_col("run_id")
        .from_col("attempt")
        .to_tbl("run_attempts")
        .to_col("run_id")
        .to_col("attempt")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

fn left_behind() -> [TableCreateStatement; 5] {
    [
        table("link_outcomes")
            .col(big_pk_auto("id"))
            .col(uuid("run_id"))
            .col(integer("attempt"))
            .col(text("skill"))
            .col(big_integer_null("skill_id"))
            .col(text("dimension"))
            .col(big_integer_null("dimension_id"))
            .col(big_integer_null("role_id"))
            .col(word::<LinkOutcome>("skill_dimension"))
            .col(word::<LinkOutcome>("role_dimension"))
            .col(text("outcome_line"))
            .foreign_key(&mut attempt())
            .foreign_key(&mut key("skill_id", "skills", "id"))
            .foreign_key(&mut key("dimension_id", "dimensions", "id"))
            .foreign_key(&mut key("role_id", "roles", "id"))
            .take(),
        table("run_artifacts")
            .col(big_pk_auto("id"))
            .col(uuid("run_id"))
            .col(integer("attempt"))
            .col(word::<ArtifactKind>("kind"))
            .col(text("name"))
            .col(big_integer_null("review_item_id"))
            .foreign_key(&mut attempt())
            .take(),
        table("collision_log")
            .col(big_pk_auto("id"))
            .col(uuid("run_id"))
            .col(integer("attempt"))
            .col(text("alias_text"))
            .col(json_binary("roles"))
            .col(text_null("chosen"))
            .col(text("resolution"))
            .foreign_key(&mut attempt())
            .take(),
        table("model_calls")
            .col(big_pk_auto("id"))
            .col(uuid("run_id"))
            .col(integer("attempt"))
            .col(integer("position"))
            .col(word::<Stage>("stage"))
            .col(text("purpose"))
            .col(text("model"))
            .col(text("request_hash"))
            .col(big_integer_null("input_tokens"))
            .col(big_integer_null("output_tokens"))
            .col(double("ms"))
            .col(double_null("cost_usd"))
            .col(boolean("is_cached"))
            .col(blob_null("answer"))
            .foreign_key(&mut attempt())
            .take(),
        table("centroid_updates")
            .col(big_pk_auto("id"))
            .col(uuid("run_id"))
            .col(big_integer("role_id"))
            .col(text("model"))
            .col(blob("embedding"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(&mut part_of("run_id", "runs", "run_id"))
            .foreign_key(&mut key("role_id", "roles", "id"))
            .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("runs", &["created_at", "run_id"]),
        index("runs", &["status", "created_at", "run_id"]),
        index("runs", &["role_id", "created_at", "run_id"]),
        index("runs", &["source_system", "created_at", "run_id"]),
        index("run_attempts", &["input_hash"]),
        index("documents", &["created_at"]),
        index("document_bands", &["run_id"]),
        index("near_duplicates", &["first_run_id"]),
        index("link_outcomes", &["run_id", "attempt"]),
        index("run_artifacts", &["run_id", "attempt"]),
        index("collision_log", &["run_id", "attempt"]),
        unique("model_calls", &["run_id", "attempt", "position"]),
        index("model_calls", &["request_hash"]),
        unique("centroid_updates", &["run_id", "role_id"]),
        index("centroid_updates", &["role_id"]),
    ]
}
