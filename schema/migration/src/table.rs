//! Short words for what the tables have in common.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text;
use strum::VariantArray;

/// A table to which columns are added.
pub(crate) fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

/// A column that holds a member of a closed vocabulary.
pub(crate) fn word<T: VariantArray + Copy + Into<&'static str> + 'static>(name: &'static str) -> ColumnDef {
    text(name).check(Expr::col(name).is_in(names::<T>())).take()
}

/// The same, or null.
pub(crate) fn word_null<T: VariantArray + Copy + Into<&'static str> + 'static>(
    name: &'static str,
) -> ColumnDef {
    ColumnDef::new(name).text().null().check(Expr::col(name).is_in(names::<T>())).take()
}

fn names<T: VariantArray + Copy + Into<&'static str> + 'static>() -> Vec<&'static str> {
    T::VARIANTS.iter().map(|&variant| variant.into()).collect()
}

/// A share or probability.
pub(crate) fn share(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).float().not_null().check(Expr::col(name).between(0.0, 1.0)).take()
}

/// The same, or null.
pub(crate) fn share_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).float().null().check(Expr::col(name).between(0.0, 1.0)).take()
}

/// A slug, unique in its table. Ids that the orchestrator of the older service made up for one run (`d_init_01`) are none:
/// a slug has lower-case letters, digits and hyphens.
pub(crate) fn slug() -> ColumnDef {
    text("slug")
        .unique_key()
        .check(Expr::cust(
            "slug <> '' AND slug = lower(slug) AND slug NOT LIKE '%\\_%' ESCAPE '\\' AND slug NOT LIKE '% %'",
        ))
        .take()
}

/// A foreign key; what it points at cannot be deleted under it.
pub(crate) fn key(from: &'static str, table: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(from).to(table, to).take()
}

/// A foreign key; what points goes with what it points at.
pub(crate) fn part_of(
    from: &'static str,
    table: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(from).to(table, to).on_delete(ForeignKeyAction::Cascade).take()
}

/// An index named after its table and columns.
pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_{}", columns.join("_"))).table(table);
    for &column in columns {
        index.col(column);
    }
    index
}

/// The same, and no two rows are equal in it.
pub(crate) fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().take()
}

/// A primary key of several columns.
pub(crate) fn primary(columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create();
    for &column in columns {
        key.col(column);
    }
    key.primary();
    key
}

/// Creates tables, then indexes.
pub(crate) async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table).await?;
    }
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops tables, in the given order.
pub(crate) async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for &table in tables.iter().rev() {
        manager.drop_table(Table::drop().table(table).if_exists().take()).await?;
    }
    Ok(())
}
