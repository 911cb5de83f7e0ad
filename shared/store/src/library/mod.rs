//! The library in the database: its versions, and the tables that hold the newest of them.
//!
//! A version is the files of its base and the edits of every version since, in order; versions form one line. The tables of
//! skills, roles and dimensions hold the newest version: a slug keeps its key for ever, and what a version no longer has is
//! retired, not deleted.

mod compare;
mod history;
mod import;
mod links;

pub use compare::{Difference, difference};
pub use history::{Adopted, ChangeLine, Content, NewVersion, VersionLine};
