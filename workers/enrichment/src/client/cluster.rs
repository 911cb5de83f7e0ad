use contract::{Assessed, SkillCluster};

use crate::view::{View, cannot_assess};

pub(crate) fn assess(_view: &View<'_>) -> Assessed<SkillCluster> {
    cannot_assess("", "", "not built")
}
