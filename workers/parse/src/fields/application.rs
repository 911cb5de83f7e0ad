//! How long applications are taken, and until when.

use contract::{ApplicationWindow, Evidence, Field, SectionKind, Stated};
use regex::Regex;
use std::sync::LazyLock;

use super::labels::{Label, Labels};
use super::{holds, pattern, said, written};
use crate::posting::Posting;

/// How long the posting is open at least, and whether it stays open until it is filled.
pub(super) fn window(posting: &Posting<'_>) -> Field<ApplicationWindow> {
    static DAYS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:open|posted|advertised|accepted|accepting applications|available|remain\w*|live|active)\b[^.;]{0,40}?\b(?:minimum of|at least|no less than|for)\s+(?P<days>\d{1,3})(?:\s*\(\w+\))?\+?[ -]*(?:calendar |business |working )?(?P<unit>days|weeks)\b",
        )
    });
    static ROLLING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:on an? (?:ongoing|rolling|continuous|continual) basis|rolling basis|(?:open |posted |accepted )?until (?:the )?(?:position|role|job|vacancy|posting|it|they|all positions)?\s?(?:is|are|has been|have been)?\s?(?:successfully )?filled|until a (?:suitable|qualified|successful) (?:candidate|applicant)|open until filled|reviewed (?:continuously|as (?:they are )?received))\b",
        )
    });
    let mut days = None;
    let mut rolling = false;
    let mut spans = Vec::new();
    for unit in posting.parts.units.iter().filter(|unit| posting.kind(unit) != SectionKind::Responsibilities)
    {
        let words = posting.words(unit);
        if !holds(words, &["days", "weeks", "basis", "until", "filled", "reviewed"]) {
            continue;
        }
        let length = DAYS.captures(words).filter(|_| speaks_of_applying(words));
        let open = ROLLING.is_match(words) && speaks_of_applying(words);
        if length.is_none() && !open {
            continue;
        }
        spans.push(posting.span(unit.range.clone()));
        rolling |= open;
        days = days.or_else(|| {
            let hit = length?;
            let count: u16 = hit.name("days")?.as_str().parse().ok()?;
            let weeks = hit.name("unit")?.as_str().eq_ignore_ascii_case("weeks");
            Some(if weeks { count * 7 } else { count })
        });
    }
    (!spans.is_empty()).then_some(Stated {
        value: ApplicationWindow { min_open_days: days, rolling },
        evidence: Evidence::Text { spans },
    })
}

fn speaks_of_applying(words: &str) -> bool {
    static APPLYING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:position|posting|posted|job|role|application|applications|applicants|apply|vacancy|requisition|competition|resumes?|opening|open)\b",
        )
    });
    APPLYING.is_match(words)
}

/// A date as people write it.
const DATE: &str = r"(?:(?:(?:Mon|Tues?|Wed(?:nes)?|Thurs?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?(?:,? \d{4})?|(?:(?:Mon|Tues?|Wed(?:nes)?|Thurs?|Fri|Sat(?:ur)?|Sun)(?:day)?,? )?(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.? \d{1,2}(?:st|nd|rd|th)?(?:,? ?\d{4})?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d{1,2}-[A-Z][a-z]{2}-(?:\d{4}|\d{2}))";

/// The last day to apply, as written.
pub(super) fn deadline(posting: &Posting<'_>, labels: &Labels) -> Field<String> {
    static ALONE: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!(r"(?i)^\W*(?:on |by |is )?(?P<date>{DATE})")));
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?i)\b(?:deadline|clos(?:es|ing|e)|expir(?:es|ing|y)|apply (?:by|before|no later than|on or before|until)|(?:applications?|resumes?|cvs?|cover letters?)\b[^.;]{{0,80}}\b(?:by|before|until|no later than|on or before)|no later than|end date|submitted (?:by|before)|received (?:by|before)|open until|accepted (?:until|through|by))\b[^.;\n]{{0,60}}?(?P<date>{DATE})"
        ))
    });
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:vaccinat\w*|start (?:date|by)|month-end|year-end|project|degree|graduat\w*|available (?:to start|from)|begin\w*)\b",
        )
    });
    if let Some(date) = posting.hints.json_ld.as_ref().and_then(|page| page.valid_through.as_deref()) {
        return Some(Stated {
            value: date.to_owned(),
            evidence: Evidence::Given { spans: said(posting, date) },
        });
    }
    let text = posting.str();
    for value in labels.of_kind(Label::Deadline) {
        if let Some(date) = ALONE.captures(&text[value.clone()]).and_then(|hit| hit.name("date")) {
            return Some(written(posting, value.start + date.start()..value.start + date.end()));
        }
    }
    let kinds = [
        SectionKind::ApplicationProcess,
        SectionKind::Other,
        SectionKind::EmploymentTerms,
        SectionKind::Contact,
        SectionKind::Overview,
        SectionKind::Legal,
        SectionKind::Title,
        SectionKind::LocationWorkmode,
    ];
    posting.parts.units.iter().filter(|unit| kinds.contains(&posting.kind(unit))).find_map(|unit| {
        let words = posting.words(unit);
        if !words.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let date = SAID.captures(words).filter(|_| !OTHER.is_match(words))?.name("date")?;
        Some(written(posting, unit.range.start + date.start()..unit.range.start + date.end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::{REFERENCE, posting};

    fn check(input: &str, expected_window: Option<(Option<u16>, bool)>, expected_deadline: Option<&str>) {
        posting(input, |posting| {
            let window = window(posting).map(|window| (window.value.min_open_days, window.value.rolling));
            assert_eq!(window, expected_window, "{input}");
            assert_eq!(
                deadline(posting, &Labels::of(posting)).map(|date| date.value).as_deref(),
                expected_deadline,
                "{input}"
            );
        });
    }

    #[test]
    fn the_window_is_read_with_its_length_and_end() {
        check(REFERENCE, Some((Some(5), true)), None);
        check("How to apply\nThis posting is open until filled.", Some((None, true)), None);
        check("How to apply\nPlease send your application by 3 May 2025.", None, Some("3 May 2025"));
        check("We sell boats.Application deadline: 2025-05-03Job Type: Full-time", None, Some("2025-05-03"));
    }

    #[test]
    fn other_dates_and_lengths_are_no_deadline() {
        check("About us\nFounded on May 3, 1998, open 7 days a week.", None, None);
        check("How to apply\nStart date: June 1, 2025", None, None);
    }
}
