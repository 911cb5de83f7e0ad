//! The tables, and how a database comes to have them.
//!
//! Entities are what the code reads and writes today; migrations are what was done to a database, in order, and are only ever
//! added to. The same of both serve SQLite and PostgreSQL.
//!
//! **Invariant:** every closed vocabulary is a Rust enum in [`contract`] and a CHECK in the database; nothing outside it can
//! be written by either.

pub mod entity;
mod m20261123_000001_library;
mod m20261123_000002_runs;
mod m20261123_000003_reviews;
mod m20261127_000004_messages;
mod m20261127_000005_models;
mod table;
mod word;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

pub use word::Word;

/// The condition of the review items that may wait for somebody, as the indexes of the waiting have it: a query finds them by these
/// words. A snoozed one waits when its time has come.
pub const WAITS: &str = r#""status" IN ('pending', 'in_review', 'snoozed')"#;

/// All migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_library::Migration),
            Box::new(m20261123_000002_runs::Migration),
            Box::new(m20261123_000003_reviews::Migration),
            Box::new(m20261127_000004_messages::Migration),
            Box::new(m20261127_000005_models::Migration),
        ]
    }
}
