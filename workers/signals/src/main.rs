//! The signals worker.

use contract::Stage;
use library::StaticTable;
use signals::Signals;
use std::process::ExitCode;

fn main() -> ExitCode {
    host::run("rolemill-signals", "Scores every role for the runs in the signals queue.", async |floor| {
        host::work(floor, Stage::Signals, |library| Signals::new(library, StaticTable::shared())).await
    })
}
