//! Answers a stage's questions by an OpenAI-compatible server.
//!
//! [`Consultant`] is the [`Model`](model::Model) of a process: it looks whether the answer was paid for before, sets money aside,
//! waits for its turn, calls, checks the answer's shape and has it mended once, and says what everything came to. What it shares
//! with other processes (answers, budgets, limits, breakers) is behind [`Books`].
//!
//! **Invariant:** no other crate names `async-openai`; nothing here knows what a question is about, or logs what is asked and
//! answered.

mod books;
mod consultant;
mod gate;
mod memory;
mod meter;
mod request;
mod said;
mod server;
mod settings;
mod task;

pub use books::{Books, BooksError, Look, Permits, Standing};
pub use consultant::Consultant;
pub use memory::MemoryBooks;
pub use settings::{
    Budget, DEFAULTS, Knob, ModelSettings, OnFailure, OverBudget, Price, SettingsError, ShapeWay, UseSettings,
};
