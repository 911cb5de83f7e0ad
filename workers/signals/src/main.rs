//! The signals worker.

use contract::Stage;
use library::StaticTable;
use signals::Signals;
use std::process::ExitCode;

fn main() -> ExitCode {
    host::run("rolemill-signals", "Scores every role for the runs in the signals queue.", async |floor| {
        let model = floor.model.clone();
        let make = move |library| Signals::new(library, StaticTable::shared()).with_model(model.clone());
        host::work(floor, Stage::Signals, make).await
    })
}
