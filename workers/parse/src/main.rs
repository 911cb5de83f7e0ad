//! The parse worker: also the public entrance.

use contract::Stage;
use parse::{Entrance, Parse};
use std::process::ExitCode;
use text::read::Reader;

/// The hidden first argument that makes this program the reader of one PDF, under limits.
const READ_PDF: &str = "__read-pdf";

fn main() -> ExitCode {
    // First of all: the helper limits itself before a thread is started.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == READ_PDF) {
        return text::read::helper_main();
    }
    host::run(
        "rolemill-parse",
        "Reads the postings that come in, and the runs in the parse queue.",
        async |floor| {
            let program = std::env::current_exe()?;
            let reader = Reader::with_helper(program, vec![READ_PDF.to_owned()]);
            let model = floor.model.clone();
            let make =
                move |library| Entrance::new(Parse::new(library, reader.clone()).with_model(model.clone()));
            host::work(floor, Stage::Parse, make).await
        },
    )
}
