//! How a tie or conflict is settled, and how the built-in engine does it.

use contract::{Adjudication, Adjudicator, Span};

use crate::finding::Finding;

/// Below this an adjudicator's answer counts as none.
pub(crate) const SURE_ENOUGH: f32 = 0.70;

/// What came of an adjudication.
pub(crate) struct Settled {
    /// Its answer, if it has one, and what that rests on.
    pub(crate) adjudication: Adjudication,
    /// Why it has none, in words.
    pub(crate) why_not: Option<String>,
}

/// Settles a tie by the vote. Its quotes are the words that the signals matched.
pub(crate) fn by_vote(finding: &Finding<'_>) -> Settled {
    let cohort = finding.cohort();
    let share = |role: &str| finding.share(role);
    let total: f32 = cohort.iter().map(|role| share(role)).sum();
    let best = cohort.iter().copied().max_by(|a, b| share(a).total_cmp(&share(b)).then_with(|| b.cmp(a)));
    let confidence = best.map_or(0.0, |role| if total > 0.0 { share(role) / total } else { 0.0 });
    let quotes: Vec<Span> = best
        .and_then(|role| finding.signals.kra.iter().find(|score| score.slug == role))
        .map(|score| score.pairs.iter().map(|pair| pair.sentence.clone()).collect())
        .unwrap_or_default();
    let answer = best.filter(|_| confidence >= SURE_ENOUGH).map(str::to_owned);
    let why_not = answer.is_none().then(|| "the vote is not sure enough".to_owned());
    let adjudication = Adjudication {
        by: Adjudicator::Vote,
        cohort: cohort.into_iter().map(str::to_owned).collect(),
        answer,
        confidence: contract::rounded(confidence),
        quotes,
    };
    Settled { adjudication, why_not }
}
