//! The persistence worker.

use contract::{Record, Stage};
use library::StaticTable;
use persistence::{Persist, Scribe};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    host::run("rolemill-persistence", "Saves the runs in the persistence queue.", async |floor| {
        let store = floor.store.clone();
        let scribe = Scribe::start(move |records: Arc<[Record]>| {
            let store = store.clone();
            async move { store.save(&records).await }
        });
        host::work(floor, Stage::Persistence, move |library| {
            Persist::new(library, StaticTable::shared(), scribe.clone())
        })
        .await
    })
}
