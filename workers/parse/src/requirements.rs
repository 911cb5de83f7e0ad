//! The requirement tree.
use contract::{Fields, Requirement};
use library::Library;

use crate::posting::Posting;
use crate::skills::Place;

/// Placeholder until the tree is written.
pub(crate) fn tree(_: &Posting<'_>, _: &Library, _: &[Place], _: &Fields) -> Requirement {
    Requirement::AllOf(Vec::new())
}
