//! What a stage asks of a language model, and what it may believe of the answer.
//!
//! A stage opens a [`Session`] for a run and asks a [`Question`]: a prompt, data between fences, and the shape that the answer must
//! have. Whether a question is asked, and of which model, was settled when the run came in: its versions name a model for every
//! use that is on. What comes back is a value of that shape, or nothing where the built-in engine is to do it, or an error that
//! knows its fate. A value still counts for nothing until the text has the words that it quotes: see [`Quotes`].
//!
//! **Invariant:** nothing here knows a server, a price or a library; an answer is never written to the outputs as it came.

mod error;
mod fence;
mod prompt;
mod question;
mod quotes;
mod scripted;
mod session;
mod shape;

use contract::{ModelCall, ModelUse, Options, Versions};
use futures::future::BoxFuture;
use serde_json::Value;

pub use error::ModelError;
pub use fence::{Fenced, posting};
pub use prompt::{PREAMBLE, Prompt};
pub use question::{Enquiry, Question};
pub use quotes::Quotes;
pub use scripted::Scripted;
pub use session::{Asker, Session};
pub use shape::Shape;

/// Something that answers questions.
pub trait Model: Send + Sync {
    /// Notes in a run's versions which uses are asked of which model, as its options and the settings have it.
    fn pin(&self, options: &Options, versions: &mut Versions);
    /// Answers, or says why not.
    fn ask<'a>(&'a self, asker: &'a Asker, enquiry: &'a Enquiry) -> BoxFuture<'a, Reply>;
    /// Vectors of length 1 for texts, in their order; none where the built-in embedder is to do it.
    fn embed<'a>(&'a self, asker: &'a Asker, texts: &'a [String]) -> BoxFuture<'a, Reply<Vec<Vec<f32>>>>;
    /// Whether a question would be answered now: the server is not known to be away, and its limit and the budget have some left.
    fn is_ready(&self) -> BoxFuture<'_, bool>;
}

/// What came of a question.
#[derive(Debug)]
pub struct Reply<T = Value> {
    /// Every call that was made for it, in order, paid or not.
    pub calls: Vec<ModelCall>,
    /// The answer, of the shape that was asked for; none where the built-in engine is to do it.
    pub answer: Result<Option<T>, ModelError>,
}

/// The model that a run's versions name for a use; none where the use is off.
#[must_use]
pub fn pinned(versions: &Versions, purpose: ModelUse) -> Option<&str> {
    versions.models.get(<&str>::from(purpose)).map(String::as_str)
}
