use contract::{Assessed, StackMaturity};

use crate::view::{View, cannot_assess};

pub(crate) fn assess(_view: &View<'_>) -> Assessed<StackMaturity> {
    cannot_assess("", "", "not built")
}
