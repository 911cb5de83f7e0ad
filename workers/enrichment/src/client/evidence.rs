use contract::{Assessed, EvidenceShare};

use crate::view::{View, cannot_assess};

pub(crate) fn assess(_view: &View<'_>) -> Assessed<EvidenceShare> {
    cannot_assess("", "", "not built")
}
