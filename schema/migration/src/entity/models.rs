//! The tables of what language models answered and what it cost.

mod words {
    pub(super) use crate::Word;
    pub(super) use contract::{AnswerEnd, ModelUse, Stage};
    pub(super) use time::OffsetDateTime;
}

entity! { model_answer "model_answers" {
    #[sea_orm(primary_key, auto_increment = false)] request_hash: String, run_id: Uuid, attempt: i32, stage: Word<Stage>,
    purpose: Word<ModelUse>, model: String, content: Vec<u8>, end_reason: Word<AnswerEnd>, input_tokens: Option<i64>,
    output_tokens: Option<i64>, ms: f64, cost_usd: Option<f64>, created_at: OffsetDateTime,
} }
entity! { model_reservation "model_reservations" {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid, day: String, run: String, nano_usd: i64, expires_ms: i64,
} }
entity! { model_spend "model_spend" {
    #[sea_orm(primary_key, auto_increment = false)] scope: String, nano_usd: i64, changed_at: OffsetDateTime,
} }
