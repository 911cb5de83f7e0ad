//! The database of a command: connected, migrated where that is nobody else's business, with the library in effect in it.

use anyhow::Context as _;
use library::Library;
use std::time::Instant;
use store::{Adopted, Place, Store};

use crate::library::Files;

/// Connects. A file of one's own is migrated; a server that others share is only looked at.
pub(crate) async fn open(place: &Place) -> anyhow::Result<Store> {
    let store = Store::connect(place).await.with_context(|| format!("the database {place}"))?;
    match place {
        Place::File(_) => store.migrate().await,
        Place::Server(_) => store.check().await,
    }
    .with_context(|| format!("the database {place}"))?;
    Ok(store)
}

/// The library that the database and the files in effect come to.
pub(crate) async fn library(store: &Store, files: &Files) -> anyhow::Result<Library> {
    let listed = files.listed();
    let Adopted { name, edits, .. } =
        store.adopt(&listed, &actor()).await.context("the library's version")?;
    Library::build_with(&listed, &edits, name).context("the library cannot be used")
}

/// `rolemill migrate`.
pub(crate) async fn migrate(place: &Place, files: &Files) -> anyhow::Result<String> {
    let begun = Instant::now();
    let store = Store::connect(place).await.with_context(|| format!("the database {place}"))?;
    store.migrate().await.with_context(|| format!("the database {place}"))?;
    let listed = files.listed();
    let before = store.versions().await?.len();
    let adopted = store.adopt(&listed, &actor()).await.context("the library's version")?;
    let news = if store.versions().await?.len() > before { "imported" } else { "was there" };
    Ok(format!(
        "{place}: tables are up to date; library {} {news} ({:.1} s)\n",
        adopted.name,
        begun.elapsed().as_secs_f64()
    ))
}

/// Who is at the command line.
pub(crate) fn actor() -> String {
    runtime::Env::process().optional("USER").ok().flatten().unwrap_or_else(|| "unknown".to_owned())
}
