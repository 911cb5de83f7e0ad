use contract::{Assessed, NatureOfWork};

use crate::view::{View, cannot_assess};

pub(crate) fn assess(_view: &View<'_>) -> Assessed<NatureOfWork> {
    cannot_assess("", "", "not built")
}
