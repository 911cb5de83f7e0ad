use contract::{Assessed, AiIndex};

use crate::view::{View, cannot_assess};

pub(crate) fn assess(_view: &View<'_>) -> Assessed<AiIndex> {
    cannot_assess("", "", "not built")
}
