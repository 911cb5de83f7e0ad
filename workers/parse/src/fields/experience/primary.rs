//! Which of several clauses is the posting's overall requirement.

use regex::Regex;
use std::sync::LazyLock;

use super::Clause;
use crate::fields::pattern;

/// The overall requirement: what is required before what is wished, what is broad before what is narrow, then the most years.
pub(super) fn primary(text: &str, found: &[(Clause, bool)]) -> Option<usize> {
    let years = |clause: &Clause| clause.duration.min.or(clause.duration.max).unwrap_or(0.0);
    (0..found.len()).min_by(|&a, &b| {
        let rank = |index: usize| {
            let (clause, preferred) = &found[index];
            (*preferred, is_narrow(text, clause))
        };
        rank(a).cmp(&rank(b)).then(years(&found[b].0).total_cmp(&years(&found[a].0))).then(a.cmp(&b))
    })
}

/// Whether a scope names one thing to work with rather than a kind of work.
fn is_narrow(text: &str, clause: &Clause) -> bool {
    static WITH: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:experience|work|expertise|hands[- ]on|knowledge) (?:with|using|on|of)\b|^(?:with|using|on)\b",
        )
    });
    static BROAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?i:professional|relevant|related|total|overall|progressive|industry|similar|software|engineering|work|working|development|management|career|field|(?-i:IT)|role|position|coding)\b",
        )
    });
    let Some(scope) = clause.scope.clone().map(|scope| &text[scope]) else { return false };
    // "or an equivalent combination of experience" stands in for the requirement.
    if scope.to_lowercase().starts_with("equivalent") {
        return true;
    }
    let named = scope.split_whitespace().skip(1).any(|word| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && !matches!(
                word.trim_matches([',', '.']),
                "IT" | "HR" | "QA" | "Engineering" | "Software" | "Development"
            )
    });
    let first = scope.split_whitespace().next().unwrap_or_default();
    let symbol = first.contains(['#', '+'])
        || first.chars().filter(|c| c.is_ascii_uppercase()).count() >= 2 && first.len() <= 5;
    let tool = named || symbol || scope.contains(['+', '#']);
    let general = scope.to_lowercase().contains("with coding") || BROAD.is_match(scope);
    let with = WITH.is_match(scope);
    clause.headed || (with && !general) || (tool && (with || !general))
}
