//! The enrichment worker.

use contract::Stage;
use enrichment::Enrichment;
use library::StaticTable;
use std::process::ExitCode;

fn main() -> ExitCode {
    host::run("rolemill-enrichment", "Says what the runs in the enrichment queue mean.", async |floor| {
        let model = floor.model.clone();
        let make = move |library| Enrichment::new(library, StaticTable::shared()).with_model(model.clone());
        host::work(floor, Stage::Enrichment, make).await
    })
}
