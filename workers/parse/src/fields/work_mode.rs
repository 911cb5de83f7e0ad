//! On site, hybrid or remote, where the posting says it of the job.

use contract::{Evidence, Field, SectionKind, Stated, WorkMode, WorkPlace};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::labels::{Label, Labels};
use super::{holds, pattern, said};
use crate::posting::Posting;

/// The work mode: given, labelled, printed in the title, or said in a sentence.
pub(super) fn read(posting: &Posting<'_>, labels: &Labels) -> Field<WorkMode> {
    given(posting)
        .or_else(|| labelled(posting, labels))
        .or_else(|| header(posting))
        .or_else(|| prose(posting))
}

fn given(posting: &Posting<'_>) -> Field<WorkMode> {
    let page = posting.hints.json_ld.as_ref();
    let telecommute = page
        .and_then(|page| page.job_location_type.as_deref())
        .is_some_and(|kind| kind.eq_ignore_ascii_case("telecommute"));
    let line = posting.hints.location.as_deref().unwrap_or_default();
    let mode = mode_of(line).map(|(mode, _)| mode).or(telecommute.then_some(WorkPlace::Remote))?;
    let spans = if line.is_empty() { Vec::new() } else { said(posting, line) };
    Some(Stated { value: WorkMode { mode, days_on_site: None }, evidence: Evidence::Given { spans } })
}

/// The mode that a few words name, with their place.
fn mode_of(words: &str) -> Option<(WorkPlace, Range<usize>)> {
    static HYBRID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bhybrid\b|\bpartly remote\b|\bremote\s?/\s?(?:on-?site|office)\b|\bon-?site\s?/\s?remote\b",
        )
    });
    static REMOTE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:fully |100% )?remote(?:ly)?\b|\bwork from home\b|\bwfh\b|\btelecommut\w+|\bvirtual\b|\btelework\w*|\bwork from anywhere\b|\bhome[- ]based\b",
        )
    });
    static ONSITE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bon[- ]?site\b|\bin[- ]person\b|\bin[- ]office\b|\bno remote\b|\bnot remote\b|\bin the office\b",
        )
    });
    static NOT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:not?|non-?)\s*(?:a )?(?:remote|hybrid)"));
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bremote (?:sensing|support|desktop|monitoring|access|site|sites|areas?|locations?|patient|control|team|teams|communit\w+|hands|infrastructure|offices?|diagnostic\w*|systems?|users?|camps?|regions?|servers?|procedure|method|management|deposit)\b|\bhybrid (?:cloud|vehicle\w*|mobile|apps?|integration|environments?|infrastructure|it|data|network\w*|electric|powertrain|deployments?|systems?|platforms?|architectures?|solutions?|multi|seeds?|app)\b",
        )
    });
    if !holds(words, &SIGNS) || OTHER.is_match(words) {
        return None;
    }
    if let Some(hit) = HYBRID.find(words).filter(|_| !NOT.is_match(words)) {
        return Some((WorkPlace::Hybrid, hit.range()));
    }
    let onsite = ONSITE.find(words);
    if let Some(hit) = NOT.find(words) {
        return Some((WorkPlace::Onsite, hit.range()));
    }
    match (REMOTE.find(words), onsite) {
        (Some(hit), None) => Some((WorkPlace::Remote, hit.range())),
        (None, Some(hit)) => Some((WorkPlace::Onsite, hit.range())),
        // "Remote or onsite": the posting leaves it open.
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn labelled(posting: &Posting<'_>, labels: &Labels) -> Field<WorkMode> {
    static ANSWER: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(yes|no)\b(?:\W|$)|^(fully|100%|always)\b"));
    static GLUED_NO: LazyLock<Regex> = LazyLock::new(|| pattern(r"^No(?:COVID|[A-Z]|$)"));
    let text = posting.str();
    for value in labels.of_kind(Label::Remotely) {
        let words = &text[value.clone()];
        let answer = ANSWER.find(words).map(|hit| hit.as_str().to_lowercase());
        let mode = match answer.as_deref() {
            Some(answer) if answer.starts_with("no") => WorkPlace::Onsite,
            Some(_) => WorkPlace::Remote,
            None if GLUED_NO.is_match(words) => WorkPlace::Onsite,
            None => continue,
        };
        // The answer alone says little: the label is part of the quote.
        let line = text[..value.start].to_lowercase().rfind("work remotely").unwrap_or(value.start);
        let end = value.start
            + if mode == WorkPlace::Onsite {
                2
            } else {
                words.find(|c: char| !c.is_alphabetic()).unwrap_or(words.len())
            };
        return Some(state(posting, mode, line..end, None));
    }
    let values = labels.of_kind(Label::WorkMode).chain(labels.of_kind(Label::Location));
    for value in values {
        let words = &text[value.clone()];
        let first = words.split(". ").next().unwrap_or(words);
        if first.split_whitespace().count() <= 14
            && let Some((mode, range)) = mode_of(first)
        {
            return Some(state(
                posting,
                mode,
                value.start + range.start..value.start + range.end,
                days(first),
            ));
        }
    }
    None
}

/// "(Remote)", "- Hybrid", "REMOTE" in the title or the short lines below it.
fn header(posting: &Posting<'_>) -> Field<WorkMode> {
    static APART: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:[-–—|(•·,/]\s*|^\W*|^\W*(?:100%|fully) )(?P<mode>(?:100% |fully |partially )?(?:remote|hybrid|on-?site)|work from home|wfh)(?:\s*[-–—|)•·,/:]|\s*$|\s+(?:position|role|opportunity|job|work|in|within|\(|or|contract|full|-)|\s+[A-Z])",
        )
    });
    let text = posting.str();
    let mut at = 0;
    for line in text.split('\n').filter(|line| !line.trim().is_empty()).take(5) {
        let start = text[at..].find(line).map_or(at, |found| at + found);
        at = start + line.len();
        if line.split_whitespace().count() > 16 || line.trim_end().ends_with('.') {
            break;
        }
        if let Some(hit) = APART.captures(line).and_then(|hit| hit.name("mode"))
            && let Some((mode, _)) = mode_of(line)
        {
            return Some(state(posting, mode, start + hit.start()..start + hit.end(), days(line)));
        }
    }
    None
}

/// Parts of the words that name a mode.
const SIGNS: [&str; 11] = [
    "remot",
    "hybrid",
    "site",
    "office",
    "home",
    "wfh",
    "telecommut",
    "person",
    "virtual",
    "anywhere",
    "telework",
];

/// Sentences that say where the work is done.
fn prose(posting: &Posting<'_>) -> Field<WorkMode> {
    static HYBRID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bhybrid[- ](?:work(?:ing|place)?|schedule|role|model|position|remote|arrangement|basis|job|approach|opportunity|setting|set-?up|team|office|format|flexib\w+|policy|option|and|in|\()|\b(?:is|be|a|work|working|works|offer(?:s|ing)?|on|this|currently) hybrid\b|\b(?:one|two|three|four|[1-4])(?:\s?[-–]\s?[2-4]| to (?:two|three|four|[2-4]))? days? (?:a|per|each|/|every) ?week (?:in|at|on|from) (?:the |our |an )?(?:\w+ ){0,2}(?:office|on-?site|site|location)|\b(?:office|on-?site|in-office)\b[^.;]{0,30}\b(?:one|two|three|four|[1-4])(?:\s?[-–]\s?[2-4])? days? (?:a|per|each|/|every) ?week|\b(?:one|two|three|four|[1-4]) days? (?:in[- ](?:the )?office|on-?site)\b",
        )
    });
    static REMOTE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:this|the|our) (?:\w+ ){0,4}(?:is|will be) (?:a |an )?(?:(?:fully|100%|completely|entirely|permanently|currently|primarily|US|U\.S\.) ?)*(?:remote|work[- ]from[- ]home|virtual|home[- ]based)\b|\b(?:100%|fully|completely|entirely|permanent(?:ly)?|full[- ]time) remote\b|\bremote[- ](?:position|role|job|opportunity|first|based|only)\b|\b(?:work|working|works) (?:fully |100% |permanently |completely )?(?:remotely|from home|from anywhere)\b|\btelecommut(?:e|ing) (?:is )?(?:position|role|allowed|available|ok|100)|\bposition (?:is |can be )?(?:\w+ ){0,2}(?:remote|performed remotely|done remotely)\b|\b(?:can|may|could|will) be (?:fully |100% |located |done |performed |based |worked )*(?:remote|remotely|anywhere in)\b|\bWFH\b|\bwork[- ]from[- ]home (?:position|role|opportunity|job)",
        )
    });
    static ONSITE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:not|n't|n’t) (?:a |an )?(?:\w+ ){0,3}(?:remote|work[- ]from[- ]home|telecommut\w+)\b|\bno (?:remote|telecommut\w+|work[- ]from[- ]home)\b|\bremote (?:work )?(?:is )?not (?:available|an option|allowed|possible|offered|considered)\b|\bon-?site[- ](?:position|role|job|only|opportunity|work)\b|\b(?:position|role|job|work) (?:is|will be|must be) (?:\w+ ){0,3}(?:on-?site|in[- ]office|in[- ]person|office[- ]based)\b|\b(?:must|required to|need to|expected to|will) (?:be |work |report )+(?:\w+ )?(?:on-?site|in[- ]person|in (?:the|our) office)\b|\b(?:100%|fully) (?:on-?site|in[- ]office|in[- ]person)\b|\bfive days (?:a|per) week (?:in|on)|\b5 days (?:a|per|/) ?week (?:in|on)[- ](?:the |our )?(?:office|site)|\bin-office (?:position|role|job)\b|\bwork (?:location|setting):? in person",
        )
    });
    let mut found: Option<(WorkPlace, Range<usize>, Option<u8>)> = None;
    for unit in &posting.parts.units {
        let kind = posting.kind(unit);
        if kind.asks_nothing()
            && !matches!(
                kind,
                SectionKind::Benefits | SectionKind::AboutCompany | SectionKind::ApplicationProcess
            )
        {
            continue;
        }
        let words = posting.words(unit);
        if !holds(words, &SIGNS) {
            continue;
        }
        let at = |hit: regex::Match<'_>| unit.range.start + hit.start()..unit.range.start + hit.end();
        let other = mode_of(words).is_none() && is_said_in_passing(words);
        if let Some(hit) = HYBRID.find(words).filter(|_| !other && !is_technical(words)) {
            return Some(state(posting, WorkPlace::Hybrid, at(hit), days(words)));
        }
        let passing = is_said_in_passing(words);
        if found.is_none() && !passing {
            if let Some(hit) = ONSITE.find(words).filter(|_| kind != SectionKind::Benefits) {
                found = Some((WorkPlace::Onsite, at(hit), None));
            } else if let Some(hit) = REMOTE.find(words).filter(|hit| {
                !is_technical(words) && !posting.str()[unit.range.start + hit.end()..].starts_with(':')
            }) {
                found = Some((WorkPlace::Remote, at(hit), None));
            }
        }
    }
    found.map(|(mode, range, days)| state(posting, mode, range, days))
}

/// The mode in words that somebody else found in a statement.
pub(super) fn asked(posting: &Posting<'_>, unit: usize, quote: Range<usize>) -> Field<WorkMode> {
    let words = posting.words(&posting.parts.units[unit]);
    let (mode, at) = mode_of(&posting.str()[quote.clone()])?;
    let is_own = !is_said_in_passing(words) && !is_technical(words);
    is_own.then(|| state(posting, mode, quote.start + at.start..quote.start + at.end, days(words)))
}

/// Whether words are a mode and nothing else.
pub(super) fn is_a_mode(words: &str) -> bool {
    mode_of(words).is_some_and(|(_, range)| range.len() == words.len())
}

/// Whether a statement speaks of days, people and occasions, and not of the job as a whole.
fn is_said_in_passing(words: &str) -> bool {
    static PASSING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:covid|pandemic|temporar\w+|until further|occasional\w*|occasionally|sometimes|flexib\w+ to|option(?:s|al)? (?:to|of|for)|possib\w+|opportunit\w+ to work (?:remotely|from home)|ability to work|able to work|willing\w* to work|comfortable|experience (?:working|with)|experience in|may be|remote teams?|during|one day|1 day|when needed|as needed|from time to time|options?|some|partial\w*|perks?|depending|eligible|considered|discuss|team members? (?:who|work)|employees? (?:who|can|may)|customers?|clients?|users?|patients?|students?|internet)\b",
        )
    });
    PASSING.is_match(words)
}

fn is_technical(words: &str) -> bool {
    static TECHNICAL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bhybrid (?:cloud|vehicle|mobile|app|integration|environment|infrastructure|it |data|network|electric|powertrain|deployment|solutions?)|\bremote (?:sensing|desktop|monitoring|access|sites?|patient|communit)",
        )
    });
    TECHNICAL.is_match(words)
}

/// "three days a week in the office": 3; of a range the least.
fn days(words: &str) -> Option<u8> {
    static DAYS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(one|two|three|four|[1-4])(?:\s?[-–]\s?[2-5]| to (?:two|three|four|[2-4]))? days?(?: (?:a|per|each|every) week|/week|/wk| weekly)? (?:in|at|on|from)?[- ]?(?:the |our |an )?(?:\w+ ){0,2}(?:office|on-?site|site|location)|(?:in[- ](?:the |our )?office|on-?site|hybrid)\b[^.;]{0,30}?\b(one|two|three|four|[1-4])(?:\s?[-–]\s?[2-4])? days",
        )
    });
    static HOME: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\bdays?(?: (?:a|per|each) week)? (?:remote|from home|wfh|at home)"));
    let hit = DAYS.captures(words)?;
    let number = hit.get(1).or(hit.get(2))?.as_str().to_lowercase();
    let days = match number.as_str() {
        "one" | "1" => 1,
        "two" | "2" => 2,
        "three" | "3" => 3,
        _ => 4,
    };
    (!HOME.is_match(words) || hit.get(1).is_some()).then_some(days)
}

fn state(
    posting: &Posting<'_>,
    mode: WorkPlace,
    range: Range<usize>,
    days_on_site: Option<u8>,
) -> Stated<WorkMode> {
    let days_on_site = days_on_site.filter(|_| mode == WorkPlace::Hybrid);
    Stated::read(WorkMode { mode, days_on_site }, posting.span(range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::{REFERENCE, posting};

    fn check(input: &str, expected: Option<(WorkPlace, Option<u8>)>) {
        posting(input, |posting| {
            let mode =
                read(posting, &Labels::of(posting)).map(|mode| (mode.value.mode, mode.value.days_on_site));
            assert_eq!(mode, expected, "{input}");
        });
    }

    #[test]
    fn the_mode_is_read_where_it_is_said_of_the_job() {
        check("Data Modeler (Remote)\nWe model data.", Some((WorkPlace::Remote, None)));
        check(
            "Data Modeler\nThis role is hybrid: three days a week in the office.",
            Some((WorkPlace::Hybrid, Some(3))),
        );
        check("We sell boats.Salary: $20 per hourWork remotely:No", Some((WorkPlace::Onsite, None)));
        check("Data Modeler\nThis is a fully remote position.", Some((WorkPlace::Remote, None)));
        check("Data Modeler\nThis is not a remote position.", Some((WorkPlace::Onsite, None)));
    }

    #[test]
    fn sensing_teams_and_clouds_are_no_modes() {
        check("Remote Sensing Scientist\nYou will analyze hybrid cloud logs.", None);
        check("Engineer\nExperience working with remote teams.", None);
        check(REFERENCE, None);
    }
}
