//! The six outputs for clients, one module each.

mod ai_index;
mod cluster;
mod evidence;
pub(crate) mod kras;
pub(crate) mod maturity;
pub(crate) mod nature;
mod weights;

use contract::ClientOutputs;

use crate::view::View;

/// All six.
pub(crate) fn outputs(view: &View<'_>) -> ClientOutputs {
    ClientOutputs {
        skill_cluster: cluster::assess(view),
        nature_of_work: nature::assess(view),
        ai_index: ai_index::assess(view),
        stack_maturity: maturity::assess(view),
        evidence: evidence::assess(view),
        kra_description: kras::assess(view),
    }
}
