//! What the words around a skill say of it: how strongly, how well, for how long, and whether it is ruled out.

use contract::{Item, ItemKind, Necessity, Polarity};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;
use text::Unit;
use text::pattern;

use crate::items::{is_demand, is_wish};
use crate::posting::Posting;

/// How strongly a skill is asked for: as its statement says, but a wish or demand in its own clause goes first.
pub(super) fn necessity(posting: &Posting<'_>, unit: &Unit, item: &Item, at: &Range<usize>) -> Necessity {
    match item.kind {
        ItemKind::Responsibility => Necessity::Responsibility,
        ItemKind::Benefit | ItemKind::Other => Necessity::Context,
        ItemKind::Requirement => {
            let words = posting.words(unit);
            if item.necessity == Necessity::Preferred || !is_wish(words) {
                return item.necessity;
            }
            let clause = clause(posting.str(), &unit.range, at);
            // "…, preferably with experience in A, B and C": everything behind the word is a wish.
            static OPENS: LazyLock<Regex> = LazyLock::new(|| {
                pattern(
                    r"(?i)\b(?:preferably|ideally|(?:would be|is) (?:nice|great|good) to have|bonus points? (?:for|if)|plus if)\b",
                )
            });
            let before = &posting.str()[unit.range.start..at.start];
            let opened =
                OPENS.find_iter(before).last().is_some_and(|wish| !before[wish.end()..].contains(['.', ';']));
            // Such a word behind the skill opens a clause of its own, unless it ends the statement: "Kafka, preferably".
            let behind = &posting.str()[at.end..clause.end];
            let cut = OPENS.find(behind).filter(|wish| behind[wish.end()..].split_whitespace().count() > 1);
            let wished_for =
                &posting.str()[clause.start..cut.map_or(clause.end, |wish| at.end + wish.start())];
            if opened || (is_wish(wished_for) && !is_demand(wished_for)) {
                Necessity::Preferred
            } else {
                item.necessity
            }
        }
    }
}

/// The clause around a range: up to the nearest semicolon, full stop, bracket or dash on either side.
fn clause(text: &str, unit: &Range<usize>, at: &Range<usize>) -> Range<usize> {
    const ENDS: [char; 4] = [';', '.', '–', '('];
    let start = text[unit.start..at.start].rfind(ENDS).map_or(unit.start, |end| unit.start + end);
    let end = text[at.end..unit.end.max(at.end)]
        .find([';', '.', '–'])
        .map_or(unit.end.max(at.end), |end| at.end + end);
    let start = if text.is_char_boundary(start) { start } else { unit.start };
    start..end
}

/// Whether the skill is ruled out: "no SAP experience required", "Flash is not needed".
pub(super) fn polarity(text: &str, unit: &Range<usize>, at: &Range<usize>) -> Polarity {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:no|not|without|never|don'?t|do not|doesn'?t|does not|isn'?t|is not|cannot|rather than|instead of|except|excluding|other than)(?: \w+){0,3}|\bno prior(?: \w+){0,2}|\bnon) ?$",
        )
    });
    static NOT_NEGATING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:not (?:only|just|limited|necessarily)|no (?:later|less|fewer|more|matter|doubt)|not (?:be )?limited|without (?:supervision|guidance|direction))\b",
        )
    });
    static AFTER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?: \w+){0,3},? (?:(?:is|are) not (?:required|needed|necessary|mandatory|a must|expected)|not (?:required|needed|necessary)\b|(?:need|should) not apply)",
        )
    });
    static BUT_WELCOME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)not (?:required|needed|necessary|mandatory)[^.]{0,12}\b(?:but|though|although|however)\b",
        )
    });
    let floor = |mut start: usize| {
        while !text.is_char_boundary(start) {
            start += 1;
        }
        start
    };
    let before = &text[floor(at.start.saturating_sub(60).max(unit.start))..at.start];
    let before = before.rsplit([',', ';', '.', ':', '(']).next().unwrap_or(before);
    let after_end = {
        let mut end = (at.end + 60).min(unit.end.max(at.end));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        end
    };
    let after = &text[at.end..after_end];
    let denied = BEFORE.is_match(before) && !NOT_NEGATING.is_match(before);
    // "Kafka is not required but a plus" wants it.
    let waived = AFTER.is_match(after) && !BUT_WELCOME.is_match(after);
    if denied || waived { Polarity::Negative } else { Polarity::Positive }
}

/// Years that the statement asks for of this skill.
pub(super) fn years(text: &str, unit: &Range<usize>, at: &Range<usize>) -> Option<f32> {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(\d{1,2}(?:\.\d)?)\s?\+?(?:\s?(?:-|–|to)\s?\d{1,2}\+?)?\s?(?:\+ )?(?:years?|yrs?)\b['’]?",
        )
    });
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^ ?(?:\(|-|–|:|,)? ?(?:minimum |min\.? |at least )?(\d{1,2})\+?(?:\s?(?:-|–|to)\s?\d{1,2})? ?(?:years?|yrs?)\b",
        )
    });
    if let Some(years) = BEHIND.captures(&text[at.end..unit.end.max(at.end)]) {
        return years[1].parse().ok();
    }
    let before = &text[unit.start..at.start];
    let years = BEFORE.captures_iter(before).last()?;
    let between = &before[years.get(0)?.end()..];
    // The years speak of the skill when no other statement begins between them.
    let linked = between.len() <= 110
        && !between.contains(['.', ';'])
        && !between.to_lowercase().contains(" and experience");
    linked.then(|| years[1].parse().ok()).flatten()
}

/// How well the skill should be known, in the posting's words.
pub(super) fn level(text: &str, unit: &Range<usize>, at: &Range<usize>) -> Option<String> {
    static LEVEL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(expert(?:ise|-level)?|advanced|proficien(?:t|cy)|fluen(?:t|cy)|strong|solid|deep|excellent|in-depth|extensive|intermediate|basic|working knowledge|good|familiar(?:ity)?|hands[- ]on|mastery|some|sound|thorough|exposure)\b[^.;:,()]{0,45}$",
        )
    });
    let mut start = at.start.saturating_sub(70).max(unit.start);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    LEVEL.captures(&text[start..at.start]).map(|level| level[1].to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str, skill: &str) -> (Range<usize>, Range<usize>) {
        let at = text.find(skill).unwrap();
        (0..text.len(), at..at + skill.len())
    }

    fn polarity_of(text: &str, skill: &str) -> Polarity {
        let (unit, at) = around(text, skill);
        polarity(text, &unit, &at)
    }

    #[test]
    fn negation_is_heard_on_both_sides() {
        assert_eq!(polarity_of("No prior Java experience is needed", "Java"), Polarity::Negative);
        assert_eq!(polarity_of("SAP is not required", "SAP"), Polarity::Negative);
        assert_eq!(polarity_of("SAP is not required but a plus", "SAP"), Polarity::Positive);
        assert_eq!(polarity_of("including, but not limited to, Java", "Java"), Polarity::Positive);
        assert_eq!(polarity_of("Not only Java but Rust", "Rust"), Polarity::Positive);
    }

    #[test]
    fn years_belong_to_the_skill_they_stand_before_or_behind() {
        let years_of = |text: &str, skill: &str| {
            let (unit, at) = around(text, skill);
            years(text, &unit, &at)
        };
        assert_eq!(years_of("5+ years of experience with Kafka", "Kafka"), Some(5.0));
        assert_eq!(years_of("Kafka (3 years)", "Kafka"), Some(3.0));
        assert_eq!(years_of("Kafka and 3 years of Java", "Kafka"), None);
    }
}
