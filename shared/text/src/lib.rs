//! Reading, normalising and segmenting the text of a posting: pure functions over text.
//!
//! **Invariant:** nothing here knows a library, a broker or a database; offsets inside this crate are
//! bytes of the normalised text, and [`Text`] turns them into the contract's Unicode scalars.

mod headings;
mod instructions;
mod jobs;
mod lines;
mod normalise;
mod pattern;
mod pieces;
pub mod read;
mod sections;
pub mod shingles;
mod text;
mod words;

pub use instructions::instructions;
pub use jobs::names_a_job;
pub use normalise::{OffsetMap, normalise};
pub use pattern::{pattern, patterns};
pub use pieces::{Opening, Piece, pieces};
pub use sections::{Segment, Segmentation, Unit, segment, statements};
pub use text::{LeftOut, Text};
pub use words::{first_and_last_words, fold, lower_words, tokens, word_count};
