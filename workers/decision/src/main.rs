//! The decision worker.

use contract::Stage;
use decision::Decision;
use std::process::ExitCode;

fn main() -> ExitCode {
    host::run("rolemill-decision", "Chooses the role of the runs in the decision queue.", async |floor| {
        host::work(floor, Stage::Decision, Decision::new).await
    })
}
