//! Alternatives: "C, C++, Java or Python" asks for one of four.

use library::Library;
use regex::Regex;
use std::sync::LazyLock;

use super::Place;
use crate::posting::Posting;

/// Numbers the groups of alternatives, in order of their first place.
pub(super) fn assign(posting: &Posting<'_>, library: &Library, places: &mut [Place]) {
    let mut next = 0;
    let mut start = 0;
    while start < places.len() {
        let mut end = start + 1;
        let mut alternatives = 0;
        while end < places.len() && places[end].unit == places[end - 1].unit {
            let gap = places[end - 1].range.end..places[end].range.start;
            if gap.start > gap.end {
                break;
            }
            match separator(&posting.str()[gap]) {
                Some(Separator::Or) => alternatives += 1,
                Some(Separator::Comma) => {}
                Some(Separator::And) | None => break,
            }
            end += 1;
        }
        if end - start >= 2 {
            let unit = &posting.parts.units[places[start].unit];
            let before = &posting.str()[unit.range.start..places[start].range.start];
            let open_end =
                &posting.str()[places[end - 1].range.end..unit.range.end.max(places[end - 1].range.end)];
            // "A, B and C" after the run is one list, whose end says that all are meant.
            let and_follows = open_end.trim_start_matches([',', ' ']).to_lowercase().starts_with("and ");
            if alternatives > 0 && same_sort(library, &places[start..end])
                || (announces_choice(before) && !and_follows)
            {
                // Years before a choice are meant for each of its members.
                let years = places[start..end].iter().find_map(|place| place.min_years);
                for place in &mut places[start..end] {
                    place.group = Some(next);
                    place.min_years = place.min_years.or(years);
                }
                next += 1;
            }
        }
        start = end.max(start + 1);
    }
}

enum Separator {
    Comma,
    Or,
    And,
}

/// What lies between two members of a list; none when it is more than a separator.
fn separator(gap: &str) -> Option<Separator> {
    let gap = gap.to_lowercase();
    let words = gap.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ',' | '/' | '|' | '(' | ')' | '+' | '.') || c.is_ascii_digit()
    });
    match words {
        "" if gap.trim().is_empty() => None,
        "" => Some(Separator::Comma),
        "or" | "and/or" | "or similar," | "or a" | "or an" | "or the" | "or other" => Some(Separator::Or),
        "and" | "&" => Some(Separator::And),
        _ => None,
    }
}

/// Whether the words before a list say that one of it is enough.
fn announces_choice(before: &str) -> bool {
    static CHOICE: LazyLock<Regex> = LazyLock::new(|| {
        text::pattern(
            r"(?i)\b(?:one(?: or more)? of|any of|either|at least (?:one|two)(?: of)?|one of the following|(?:one|any) (?:\w+ ){0,4}(?:like|such as|e\.g\.))[^.;]{0,40}$",
        )
    });
    CHOICE.is_match(before)
}

/// Alternatives are of one sort: "Java or Python", not "degree or Java". Skills of the same kind or dimension.
fn same_sort(library: &Library, places: &[Place]) -> bool {
    let mut known = places.iter().filter_map(|place| place.skill).map(|id| library.skill(id));
    let Some(first) = known.next() else { return true };
    known.all(|skill| {
        skill.skill_type == first.skill_type
            || skill.category == first.category
            || skill.dimensions.iter().any(|dimension| first.dimensions.contains(dimension))
            || skill.skill_type.is_lasting() == first.skill_type.is_lasting()
    })
}
