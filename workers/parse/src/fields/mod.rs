//! The fields of a posting.
use contract::Fields;
use library::Library;

use crate::posting::Posting;

/// Reads every field.
pub(crate) fn read(posting: &Posting<'_>, _library: &Library) -> Fields {
    Fields { title: posting.hints.title.clone().map(contract::Stated::given), ..Fields::default() }
}
