use contract::{Assessed, KraDescription};

use crate::view::{View, cannot_assess};

pub(crate) fn assess(_view: &View<'_>) -> Assessed<Vec<KraDescription>> {
    cannot_assess("", "", "not built")
}
