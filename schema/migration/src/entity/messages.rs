//! The tables of what was accepted, given up and sent again, of what the workers share, and of who is told.

mod words {
    pub(super) use crate::Word;
    pub(super) use contract::{
        BatchState, BreakerState, DeadState, ItemState, ReplayDepth, Stage, Status, WebhookState,
    };
    pub(super) use time::OffsetDateTime;
}

entity! { accepted_run "accepted_runs" {
    #[sea_orm(primary_key, auto_increment = false)] run_id: Uuid, source_system: String, external_id: Option<String>,
    routing_key: String, content_type: Option<String>, #[sea_orm(column_type = "JsonBinary")] headers: Json,
    body: Option<Vec<u8>>, body_bytes: i64, accepted_at: OffsetDateTime, sent_at: OffsetDateTime, state: Word<Status>,
    settled_at: Option<OffsetDateTime>, answered_by: Option<Uuid>, emitted: i32, forgotten_at: Option<OffsetDateTime>,
} }
entity! { dead_letter "dead_letters" {
    #[sea_orm(primary_key)] id: i64, letter_id: Uuid, run_id: Option<Uuid>, attempt: Option<i32>, stage: Word<Stage>, code: String,
    fingerprint: String, message: String, worker: String, tries: i32, retryable: bool, kind: Option<String>,
    content_type: Option<String>, message_id: Option<String>, routing_key: String, source_system: Option<String>,
    idempotency_key: Option<String>, trace_id: Option<String>, trace_parent: Option<String>, replay_batch: Option<String>,
    body: Option<Vec<u8>>, is_text: bool, edited_body: Option<Vec<u8>>, revision: i32, state: Word<DeadState>,
    occurred_at: OffsetDateTime, occurred_hour: i64, stored_at: OffsetDateTime, changed_by: Option<String>,
    changed_at: Option<OffsetDateTime>, reason: Option<String>, keep_until: Option<OffsetDateTime>, batch_id: Option<i64>,
} }
entity! { dead_group "dead_groups" {
    #[sea_orm(primary_key, auto_increment = false)] fingerprint: String, note: String, updated_by: String,
    updated_at: OffsetDateTime,
} }
entity! { replay_batch "replay_batches" {
    #[sea_orm(primary_key)] id: i64, created_at: OffsetDateTime, actor: String, state: Word<BatchState>, depth: Word<ReplayDepth>,
    stage: Option<Word<Stage>>, #[sea_orm(column_type = "JsonBinary", nullable)] versions: Option<Json>, rate_per_second: f64,
    cap: Option<i64>, canary: Option<i32>, #[sea_orm(column_type = "JsonBinary")] filter: Json, total: i64, due_ms: i64,
    went_at: Option<OffsetDateTime>, ended_at: Option<OffsetDateTime>,
} }
entity! { replay_item "replay_items" {
    #[sea_orm(primary_key)] id: i64, batch_id: i64, position: i32, run_id: Option<Uuid>, dead_letter_id: Option<i64>,
    from_attempt: Option<i32>, attempt: i32, stage: Word<Stage>, state: Word<ItemState>, claimed_at: Option<OffsetDateTime>,
    sent_at: Option<OffsetDateTime>, ended_at: Option<OffsetDateTime>, note: Option<String>,
} }
entity! { rate_limit "rate_limits" {
    #[sea_orm(primary_key, auto_increment = false)] dependency: String, configured: Option<i64>, lowered_to: Option<f64>,
    lowered_ms: i64, raised_ms: i64, paused_until_ms: i64,
} }
entity! { rate_lease "rate_leases" {
    #[sea_orm(primary_key, auto_increment = false)] dependency: String,
    #[sea_orm(primary_key, auto_increment = false)] window_start: i64, taken: i64,
} }
entity! { breaker "breakers" {
    #[sea_orm(primary_key, auto_increment = false)] dependency: String, state: Word<BreakerState>,
    opened_at: Option<OffsetDateTime>, retry_ms: Option<i64>, reason: Option<String>,
} }
entity! { webhook "webhooks" {
    #[sea_orm(primary_key)] id: i64, url: String, secret: Vec<u8>, #[sea_orm(column_type = "JsonBinary")] events: Json,
    active: bool, reason: Option<String>, created_by: String, created_at: OffsetDateTime,
} }
entity! { webhook_delivery "webhook_deliveries" {
    #[sea_orm(primary_key)] id: i64, webhook_id: i64, event_id: Uuid, run_id: Option<Uuid>, kind: String, body: Option<String>,
    state: Word<WebhookState>, tries: i32, next_at: OffsetDateTime, last_error: Option<String>, created_at: OffsetDateTime,
    delivered_at: Option<OffsetDateTime>,
} }
