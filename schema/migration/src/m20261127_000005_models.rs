//! What language models answered, what it cost, and what was set aside for calls on their way.

use contract::{AnswerEnd, CallOutcome, ModelUse, Stage};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::{create, drop, index, table, word};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 3] = ["model_answers", "model_reservations", "model_spend"];
const CALLS: &str = "model_calls";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, tables(), indexes()).await?;
        // One statement a column: SQLite adds no two at once.
        for column in [
            word::<CallOutcome>("outcome").default("answered").take(),
            integer("dropped").default(0).take(),
            text_null("why"),
        ] {
            manager.alter_table(Table::alter().table(CALLS).add_column(column).take()).await?;
        }
        // The words are kept once a request, in model_answers.
        manager.alter_table(Table::alter().table(CALLS).drop_column("answer").take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["outcome", "dropped", "why"] {
            manager.alter_table(Table::alter().table(CALLS).drop_column(column).take()).await?;
        }
        let answer = blob_null("answer");
        manager.alter_table(Table::alter().table(CALLS).add_column(answer).take()).await?;
        drop(manager, &TABLES).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        table("model_answers")
            .col(text("request_hash").primary_key())
            .col(uuid("run_id"))
            .col(integer("attempt"))
            .col(word::<Stage>("stage"))
            .col(word::<ModelUse>("purpose"))
            .col(text("model"))
            // zstd-compressed.
            .col(blob("content"))
            .col(word::<AnswerEnd>("end_reason"))
            .col(big_integer_null("input_tokens"))
            .col(big_integer_null("output_tokens"))
            .col(double("ms"))
            .col(double_null("cost_usd"))
            .col(timestamp_with_time_zone("created_at"))
            .take(),
        // Room that is set aside while a call is on its way. One whose caller died counts until it expires.
        table("model_reservations")
            .col(pk_uuid("id"))
            .col(text("day"))
            .col(text("run"))
            .col(big_integer("nano_usd").check(Expr::col("nano_usd").gte(0)))
            .col(big_integer("expires_ms"))
            .take(),
        // What was spent by a day (`2026-11-27`) or by a pass of a run (`<run>/<attempt>`).
        table("model_spend")
            .col(text("scope").primary_key())
            .col(big_integer("nano_usd").check(Expr::col("nano_usd").gte(0)))
            .col(timestamp_with_time_zone("changed_at"))
            .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("model_answers", &["run_id"]),
        index("model_answers", &["created_at"]),
        index("model_reservations", &["day"]),
        index("model_reservations", &["run"]),
    ]
}
