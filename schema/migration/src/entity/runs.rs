//! The runs' tables.

mod words {
    pub(super) use crate::Word;
    pub(super) use contract::{
        ArtifactKind, CallOutcome, ConfidenceBand, DecisionCase, JdType, LinkOutcome, Stage, Status,
    };
    pub(super) use time::OffsetDateTime;
}

entity! { run "runs" {
    #[sea_orm(primary_key, auto_increment = false)] run_id: Uuid, status: Word<Status>, attempt: i32, source_system: String,
    external_id: Option<String>, jd_type: Option<Word<JdType>>, reason: Option<String>, title: Option<String>,
    company: Option<String>, role_id: Option<i64>, decision_case: Option<Word<DecisionCase>>, confidence: Option<f32>,
    band: Option<Word<ConfidenceBand>>, library_version_id: Option<i64>, cost_usd: Option<f64>, created_at: OffsetDateTime,
    finished_at: OffsetDateTime, erased_at: Option<OffsetDateTime>,
} }
entity! { run_attempt "run_attempts" {
    #[sea_orm(primary_key, auto_increment = false)] run_id: Uuid, #[sea_orm(primary_key, auto_increment = false)] attempt: i32,
    replay_of: Option<i32>, status: Word<Status>, input_hash: Option<String>, #[sea_orm(column_type = "JsonBinary")] options: Json,
    #[sea_orm(column_type = "JsonBinary")] versions: Json, outputs: Option<Vec<u8>>,
    #[sea_orm(column_type = "JsonBinary", nullable)] persistence: Option<Json>,
    #[sea_orm(column_type = "JsonBinary")] timings: Json, cost_usd: Option<f64>, created_at: OffsetDateTime,
} }
entity! { document "documents" {
    #[sea_orm(primary_key, auto_increment = false)] run_id: Uuid, sha256: String, bytes: i64, content_type: Option<String>,
    #[sea_orm(column_type = "JsonBinary", nullable)] hints: Option<Json>, is_text: bool, content: Option<Vec<u8>>,
    signature: Option<Vec<u8>>, created_at: OffsetDateTime, purged_at: Option<OffsetDateTime>,
} }
entity! { document_band "document_bands" {
    #[sea_orm(primary_key, auto_increment = false)] band: i64, #[sea_orm(primary_key, auto_increment = false)] run_id: Uuid,
} }
entity! { near_duplicate "near_duplicates" {
    #[sea_orm(primary_key, auto_increment = false)] run_id: Uuid, first_run_id: Uuid, similarity: f32,
} }
entity! { link_outcome "link_outcomes" {
    #[sea_orm(primary_key)] id: i64, run_id: Uuid, attempt: i32, skill: String, skill_id: Option<i64>, dimension: String,
    dimension_id: Option<i64>, role_id: Option<i64>, skill_dimension: Word<LinkOutcome>, role_dimension: Word<LinkOutcome>,
    outcome_line: String,
} }
entity! { run_artifact "run_artifacts" {
    #[sea_orm(primary_key)] id: i64, run_id: Uuid, attempt: i32, kind: Word<ArtifactKind>, name: String,
    review_item_id: Option<i64>,
} }
entity! { collision "collision_log" {
    #[sea_orm(primary_key)] id: i64, run_id: Uuid, attempt: i32, alias_text: String,
    #[sea_orm(column_type = "JsonBinary")] roles: Json, chosen: Option<String>, resolution: String,
} }
entity! { model_call "model_calls" {
    #[sea_orm(primary_key)] id: i64, run_id: Uuid, attempt: i32, position: i32, stage: Word<Stage>, purpose: String, model: String,
    request_hash: String, input_tokens: Option<i64>, output_tokens: Option<i64>, ms: f64, cost_usd: Option<f64>,
    is_cached: bool, outcome: Word<CallOutcome>,
    dropped: i32, why: Option<String>,
} }
entity! { centroid_update "centroid_updates" {
    #[sea_orm(primary_key)] id: i64, run_id: Uuid, role_id: i64, model: String, embedding: Vec<u8>, created_at: OffsetDateTime,
} }
