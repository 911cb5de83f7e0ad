//! The decision worker.

use contract::Stage;
use decision::Decision;
use std::process::ExitCode;

fn main() -> ExitCode {
    host::run("rolemill-decision", "Chooses the role of the runs in the decision queue.", async |floor| {
        let model = floor.model.clone();
        let make = move |library| Decision::new(library).with_model(model.clone());
        host::work(floor, Stage::Decision, make).await
    })
}
