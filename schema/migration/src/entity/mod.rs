//! The tables as the code reads and writes them: one module a table, named as its rows are in the singular.
#![allow(
    missing_docs,
    reason = "a column's meaning stands at its migration; a module is named after its rows"
)]

/// An entity without what every entity repeats.
macro_rules! entity {
    ($name:ident $table:literal { $($(#[$attribute:meta])* $column:ident: $type:ty),* $(,)? }) => {
        pub mod $name {
            #[allow(unused_imports, reason = "not every table has words or times")]
            use super::words::*;
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model { $($(#[$attribute])* pub $column: $type),* }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

mod library;
mod messages;
mod models;
mod reviews;
mod runs;

pub use library::*;
pub use messages::*;
pub use models::*;
pub use reviews::*;
pub use runs::*;
