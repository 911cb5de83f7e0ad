//! What the signals say of a posting, before a tie is settled.

use contract::{RankedRole, Signals};

use crate::evidence::Evidence;
use crate::rules::{Answer, Ruling};

/// The signals as the rules see them, the vote over all roles, and the rule that fired.
pub(crate) struct Finding<'a> {
    pub(crate) signals: &'a Signals,
    pub(crate) evidence: [Evidence<'a>; 4],
    /// All roles by their share of the vote, best first.
    pub(crate) ranked: Vec<RankedRole>,
    pub(crate) ruling: Ruling<'a>,
}

/// The most roles that stand for adjudication.
const COHORT: usize = 5;

impl Finding<'_> {
    /// Whether the rule leaves the choice to an adjudicator.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.ruling.answer, Answer::Adjudicate)
    }

    /// The roles that stand for adjudication: each signal's first, then those with most of the vote.
    pub(crate) fn cohort(&self) -> Vec<&str> {
        let mut cohort: Vec<&str> = Vec::with_capacity(COHORT);
        let tops = self.evidence.iter().filter_map(Evidence::top);
        for role in tops.chain(self.ranked.iter().map(|role| role.slug.as_str())) {
            if cohort.len() < COHORT && !cohort.contains(&role) {
                cohort.push(role);
            }
        }
        cohort
    }

    /// A role's share of the vote, 0 to 1.
    pub(crate) fn share(&self, role: &str) -> f32 {
        self.ranked.iter().find(|ranked| ranked.slug == role).map_or(0.0, |ranked| ranked.score)
    }
}
