//! Degrees: "Bachelor's degree in X or Y and 7 years, or equivalent experience".

mod level;
mod subjects;

use contract::{DegreeLevel, Education, ItemKind, Necessity, SectionKind, Stated};
use library::Library;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use crate::fields::experience;
use crate::fields::pattern;
use crate::items::{is_demand, is_wish};
use crate::posting::Posting;
use crate::requirements::{equivalent, is_or};
use level::{Degree, mentions};

/// The degrees that the posting asks for, one for each alternative or wish, in order.
pub(crate) fn degrees(posting: &Posting<'_>, _library: &Library) -> Vec<Stated<Education>> {
    let mut stated = from_text(posting);
    if stated.is_empty() {
        stated.extend(given(posting));
    }
    stated
}

/// The degree that the page's JSON-LD names, when the text names none.
fn given(posting: &Posting<'_>) -> Option<Stated<Education>> {
    let words = &posting.hints.json_ld.as_ref()?.education_requirements;
    let levels = words.iter().filter_map(|word| {
        let lower = word.to_lowercase();
        let known = [
            ("high school", DegreeLevel::Secondary),
            ("professional certificate", DegreeLevel::Vocational),
            ("associate", DegreeLevel::Associate),
            ("bachelor", DegreeLevel::Bachelor),
            ("postgraduate", DegreeLevel::Master),
            ("master", DegreeLevel::Master),
            ("doctor", DegreeLevel::Doctorate),
        ];
        known.into_iter().find(|(name, _)| lower.contains(name)).map(|(_, level)| level)
    });
    let level = levels.min()?;
    Some(Stated::given(Education {
        level: Some(level),
        fields_of_study: Vec::new(),
        with_years: None,
        or_equivalent: false,
        preferred: false,
    }))
}

/// A degree with all that its clause says of it.
#[derive(Debug)]
struct Clause {
    range: Range<usize>,
    value: Education,
}

fn from_text(posting: &Posting<'_>) -> Vec<Stated<Education>> {
    let text = posting.str();
    let units = &posting.parts.units;
    let mut found: Vec<Clause> = Vec::new();
    let mut index = 0;
    while index < units.len() {
        let unit = &units[index];
        let item = &posting.items[index];
        index += 1;
        let kind = posting.kind(unit);
        if !may_ask(kind) {
            continue;
        }
        let here = mentions(text, unit.range.clone());
        let Some(first) = here.first() else { continue };
        let opens =
            text[unit.range.start..first.range.start].chars().filter(|c| c.is_alphanumeric()).count() <= 12;
        if item.kind != ItemKind::Requirement && !(opens && kind != SectionKind::AboutTeam) {
            continue;
        }
        let wished = item.necessity == Necessity::Preferred;
        let section = kind == SectionKind::QualificationsPreferred;
        let mut clauses = read_statement(text, unit.range.clone(), &here, wished, section);
        // "• OR equivalent experience" on a line of its own belongs to the statement above it.
        if let Some(next) = units.get(index).filter(|next| next.section == unit.section)
            && let Some(equivalent) = continues(&text[next.range.clone()])
            && let Some(last) = clauses.last_mut()
        {
            last.range.end = next.range.start + equivalent.end;
            clauses.iter_mut().for_each(|clause| clause.value.or_equivalent = true);
        }
        found.append(&mut clauses);
    }
    share_equivalents(text, &mut found);
    found.into_iter().map(|clause| Stated::read(clause.value, posting.span(clause.range))).collect()
}

/// The degree that somebody else found in a statement.
pub(crate) fn asked(posting: &Posting<'_>, unit: usize, quote: &Range<usize>) -> Option<Stated<Education>> {
    let wished = posting.items[unit].necessity == Necessity::Preferred;
    let unit = &posting.parts.units[unit];
    let (text, kind) = (posting.str(), posting.kind(unit));
    let inside = |degree: &Degree| quote.start <= degree.range.start && degree.range.start < quote.end;
    let here = mentions(text, unit.range.clone());
    if !may_ask(kind) || !here.iter().any(inside) {
        return None;
    }
    let section = kind == SectionKind::QualificationsPreferred;
    let clauses = read_statement(text, unit.range.clone(), &here, wished, section);
    let clause = clauses
        .into_iter()
        .find(|clause| clause.range.start < quote.end && quote.start < clause.range.end)?;
    Some(Stated::read(clause.value, posting.span(clause.range)))
}

/// Whether words name a degree.
pub(crate) fn is_a_degree(words: &str) -> bool {
    !mentions(words, 0..words.len()).is_empty()
}

/// Whether degrees may be asked for in such a section.
const fn may_ask(kind: SectionKind) -> bool {
    !matches!(
        kind,
        SectionKind::Eeo
            | SectionKind::Accommodation
            | SectionKind::Legal
            | SectionKind::Benefits
            | SectionKind::AboutCompany
            | SectionKind::Contact
            | SectionKind::Hashtags
            | SectionKind::Title
    )
}

/// Alternatives that follow one another across bullets share their "or equivalent".
fn share_equivalents(text: &str, found: &mut [Clause]) {
    for at in (1..found.len()).rev() {
        if found[at].value.or_equivalent
            && is_or(&text[found[at - 1].range.end.min(found[at].range.start)..found[at].range.start])
        {
            found[at - 1].value.or_equivalent = true;
        }
    }
}

/// The words "or equivalent experience" at the start of a statement.
fn continues(words: &str) -> Option<Range<usize>> {
    static OPENS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^(?:and/or|or)\b"));
    OPENS.find(words)?;
    equivalent(words).filter(|found| found.start <= 4)
}

/// The degrees of one statement: alternatives of one clause are one, wishes and other clauses are their own.
fn read_statement(
    text: &str,
    unit: Range<usize>,
    degrees: &[Degree],
    wished: bool,
    section: bool,
) -> Vec<Clause> {
    let mut groups: Vec<&[Degree]> = Vec::new();
    let mut start = 0;
    for at in 1..=degrees.len() {
        if at == degrees.len() || !joined(text, &degrees[at - 1], &degrees[at]) {
            groups.push(&degrees[start..at]);
            start = at;
        }
    }
    // A wish at the end of a statement of several degrees is the last one's own, except in a section of wishes.
    let wished = wished && (section || groups.len() == 1);
    let mut clauses: Vec<Clause> = Vec::with_capacity(groups.len());
    for (index, group) in groups.iter().enumerate() {
        let Some(first) = group.first() else { continue };
        let end =
            groups.get(index + 1).and_then(|next| next.first()).map_or(unit.end, |next| next.range.start);
        let from = clauses.last().map_or(unit.start, |last| last.range.end);
        let clause = read_clause(text, from, first.range.start..end, group, wished);
        clauses.push(clause);
    }
    clauses
}

/// Whether two degrees stand in one clause as alternatives: "BS or MS in X", "BS, MS/PhD", "degree in A or diploma in B".
fn joined(text: &str, first: &Degree, second: &Degree) -> bool {
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\s|[,/()&|'’-]|\b(?:or|and|degree|degrees|a|an|in|the|higher|s|level|diploma|of|equivalent|above|even)\b)*$",
        )
    });
    static OR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:or|and/or)\b|/"));
    static SPLITS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\d|prefer|requir|desir|\bplus\b|asset|minimum|ideal|\bbonus\b|nice|advantag|[;.]\s|•|\n",
        )
    });
    let gap = &text[first.range.end.min(second.range.start)..second.range.start];
    let and = gap.to_lowercase().contains(" and ")
        && first.level != second.level
        && !gap.contains('/')
        && !gap.to_lowercase().contains("or");
    !and && (PLAIN.is_match(gap) || (gap.len() <= 90 && OR.is_match(gap) && !SPLITS.is_match(gap)))
}

fn read_clause(text: &str, from: usize, at: Range<usize>, group: &[Degree], wished: bool) -> Clause {
    static ENDS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.;!?](?:\s|$|[A-Z][a-z])|\n"));
    static JOINS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\band|\bwith|\bplus|\+|&|,|\bhaving|:|/|\()\s*(?:(?:an?|at least|a minimum of|minimum(?: of)?|over|relevant|either|has|have|possess) ?)*$",
        )
    });
    static OR_YEARS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\bor\s*(?:(?:an?|at least|a minimum of|minimum|equivalent|related)\s*)*\(?$")
    });
    let words = &text[at.clone()];
    let last = group.last().map_or(at.start, |last| last.range.end);
    // A stop inside the degrees' own letters ("B.S. or") ends nothing.
    let end = ENDS.find_at(words, last - at.start).map_or(at.end, |stop| at.start + stop.start());
    let level = group.iter().filter_map(|degree| degree.level).min();
    let mut fields: Vec<String> = Vec::new();
    let mut stop = last;
    for (index, degree) in group.iter().enumerate() {
        let limit = group.get(index + 1).map_or(end, |next| next.range.start);
        let subjects = subjects::behind(text, degree, limit);
        for range in subjects.into_iter().chain(degree.subject.clone()) {
            let field = text[range.clone()].to_owned();
            stop = stop.max(range.end);
            if !fields.iter().any(|known| known.eq_ignore_ascii_case(&field)) {
                fields.push(field);
            }
        }
    }
    let mut or_equivalent = false;
    let mut with_years = None;
    if let Some(clause) = experience::clauses(text, last..end).first() {
        let gap = &text[stop.min(clause.duration.range.start)..clause.duration.range.start];
        if OR_YEARS.is_match(gap) {
            or_equivalent = true;
            stop = stop.max(clause.whole.end);
        } else if gap.len() <= 60 && JOINS.is_match(gap) {
            with_years = clause.duration.min;
            stop = stop.max(clause.whole.end);
        }
    }
    let mut start = at.start;
    if with_years.is_none() {
        // "5 years of experience with a bachelor's degree"
        static WITH: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"(?i)^[^.;]{0,60}?\b(?:with|and|plus|\+) (?:an? )?(?:\w+ )?$"));
        if let Some(before) = experience::clauses(text, from..at.start)
            .last()
            .filter(|clause| WITH.is_match(&text[clause.whole.end..at.start]))
        {
            with_years = before.duration.min;
            start = before.whole.start;
        }
    }
    if let Some(found) = equivalent(&text[last..end]) {
        or_equivalent = true;
        stop = stop.max(last + found.end);
    }
    let stop = stop.max(last);
    static WISH_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^[\s)\]*,:–-]*(?:(?:degree|is|are|would be|will be|highly|strongly|considered|considered as|an?|also|definite|big|huge|strong|real) )*(?:prefer|desir|plus\b|asset|advantag|nice to have|benefi|bonus|ideal|optional)",
        )
    });
    static WISH_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:prefer(?:red|ably|ence for)?|ideally|desired|desirable|nice to have|bonus|a plus)[: ,(-]*(?:an? |with an? )?$",
        )
    });
    let inside = &text[start..stop];
    let behind = &text[stop..end];
    let own = WISH_BEHIND.is_match(behind)
        || WISH_BEFORE.is_match(&text[from..start])
        || (is_wish(inside) && !is_demand(inside));
    let demanded = wished && is_demand(&text[start..end]) && !is_wish(&text[start..end]);
    let value = Education {
        level,
        fields_of_study: fields,
        with_years,
        or_equivalent,
        preferred: own || (wished && !demanded),
    };
    Clause { range: start..stop, value }
}

#[cfg(test)]
mod tests;
