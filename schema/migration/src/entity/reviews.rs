//! The review queues' tables.

mod words {
    pub(super) use crate::Word;
    pub(super) use contract::{ReviewKind, ReviewStatus, SuggestedAction};
    pub(super) use time::OffsetDateTime;
}

entity! { review_item "review_items" {
    #[sea_orm(primary_key)] id: i64, kind: Word<ReviewKind>, merge_key: String, title: String,
    #[sea_orm(column_type = "JsonBinary")] suggestion: Json, suggested_action: Word<SuggestedAction>,
    #[sea_orm(column_type = "JsonBinary")] nearest: Json, novelty: f32, max_similarity: f32, priority: f64, jds: i32,
    companies: i32, first_seen: OffsetDateTime, last_seen: OffsetDateTime, status: Word<ReviewStatus>, revision: i32,
    reviewer: Option<String>, reason: Option<String>, merged_into: Option<i64>, snoozed_until: Option<OffsetDateTime>,
    decided_at: Option<OffsetDateTime>, library_version_id: Option<i64>,
} }
entity! { review_evidence "review_evidence" {
    #[sea_orm(primary_key, auto_increment = false)] item_id: i64, #[sea_orm(primary_key, auto_increment = false)] run_id: Uuid,
    company: Option<String>, span_start: Option<i32>, span_end: Option<i32>, quote: Option<String>,
} }
entity! { review_company "review_companies" {
    #[sea_orm(primary_key, auto_increment = false)] item_id: i64, #[sea_orm(primary_key, auto_increment = false)] company: String,
} }
entity! { audit_entry "audit_log" {
    #[sea_orm(primary_key)] id: i64, at: OffsetDateTime, actor: String, action: String, subject: String,
    #[sea_orm(column_type = "JsonBinary")] detail: Json,
} }
