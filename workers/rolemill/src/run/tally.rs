//! What all answers of one command come to.

use contract::{ConfidenceBand, DecisionCase, JdType};
use std::collections::BTreeMap;

use super::work::{Answer, End};
use rolemill::Finished;

/// How one input counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// It went through.
    Completed(DecisionCase, ConfidenceBand),
    /// A gate stopped it.
    Rejected(JdType),
    /// It could not be read, or a stage failed.
    Failed,
}

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How many answers were written.
    pub(crate) total: u64,
    /// How many of them could not be read.
    pub(crate) failed: u64,
    /// The cases that decided.
    pub(crate) cases: BTreeMap<DecisionCase, u64>,
    /// How sure they were.
    pub(crate) bands: BTreeMap<ConfidenceBand, u64>,
    /// Why the gate stopped others.
    pub(crate) rejects: BTreeMap<JdType, u64>,
}

impl Mark {
    /// How an answer counts.
    pub(crate) fn of(answer: &Answer) -> Self {
        match &answer.end {
            End::Ran(Finished::Completed { run, .. }) => {
                Self::Completed(run.outputs.decision.case, run.outputs.decision.confidence_band)
            }
            End::Ran(Finished::Rejected(run)) if run.outputs.parse.problem.is_none() => {
                Self::Rejected(run.outputs.parse.jd_type)
            }
            End::Ran(Finished::Rejected(_) | Finished::Buried { .. }) | End::Failed(_) => Self::Failed,
        }
    }
}

impl Tally {
    /// Counts one more.
    pub(crate) fn add(&mut self, mark: Mark) {
        self.total += 1;
        match mark {
            Mark::Completed(case, band) => {
                *self.cases.entry(case).or_default() += 1;
                *self.bands.entry(band).or_default() += 1;
            }
            Mark::Rejected(why) => *self.rejects.entry(why).or_default() += 1,
            Mark::Failed => self.failed += 1,
        }
    }

    /// How many went through.
    pub(crate) fn completed(&self) -> u64 {
        self.bands.values().sum()
    }

    /// How many a gate stopped.
    pub(crate) fn rejected(&self) -> u64 {
        self.rejects.values().sum()
    }
}
