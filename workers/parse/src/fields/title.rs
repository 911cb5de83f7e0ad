//! The title as it is given or printed, and the other names that the posting gives the job.

use contract::{SectionKind, Stated};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::labels::{Label, Labels};
use super::{given, noise, pattern, phrase, written};
use crate::posting::Posting;

/// A place where a title is printed; the surest kind first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Print {
    Label,
    FirstLine,
    Opening,
    Wanted,
    YouAre,
    Subject,
}

/// The title, then other names of the job. Empty when none is given or printed.
pub(super) fn read(
    posting: &Posting<'_>,
    labels: &Labels,
    company: Option<&Stated<String>>,
) -> Vec<Stated<String>> {
    let hints = posting.hints;
    let page = hints.json_ld.as_ref().and_then(|page| page.title.as_deref());
    let company = company.map(|company| company.value.as_str());
    let mut names: Vec<Stated<String>> = [hints.title.as_deref(), page]
        .into_iter()
        .flatten()
        .filter_map(|title| given(posting, title))
        .take(1)
        .collect();
    let mut prints = printed(posting, labels, company);
    prints.sort_by_key(|(print, range)| (*print, range.start));
    for (print, range) in prints {
        let name = written(posting, range);
        // A sentence's loose words are good enough for a title, not for a second name of one that is printed.
        let loose =
            print >= Print::Wanted && (!starts_each_word_high(&name.value) || print == Print::Subject);
        let known = names.iter().any(|other| same(&other.value, &name.value));
        if !known && (names.is_empty() || !loose) {
            names.push(name);
        }
    }
    names.truncate(6);
    names
}

/// A title that somebody else found in the text: one that reads like a title where the posting speaks of the job.
pub(super) fn asked(
    posting: &Posting<'_>,
    range: Range<usize>,
    company: Option<&str>,
) -> Option<Stated<String>> {
    let kind = posting.kind_at(range.start);
    let speaks = speaks_of_the_job(kind)
        && !matches!(kind, SectionKind::QualificationsUnspecified | SectionKind::Experience);
    let range = phrase::in_line(posting.str(), range, company).filter(|_| speaks)?;
    let words = &posting.str()[range.clone()];
    (is_title(words) && !phrase::is_bare(words) && !noise::is_noise(words, company))
        .then(|| written(posting, range))
}

/// Whether two names differ in nothing but case, signs and a plural.
fn same(a: &str, b: &str) -> bool {
    let fold = |name: &str| {
        text::lower_words(name)
            .map(|word| word.trim_end_matches('s').replace("sr", "senior").replace("jr", "junior"))
            .collect::<Vec<_>>()
    };
    fold(a) == fold(b)
}

fn starts_each_word_high(name: &str) -> bool {
    name.split_whitespace().all(|word| {
        !word.starts_with(char::is_lowercase) || matches!(word, "of" | "and" | "for" | "the" | "in" | "to")
    })
}

fn printed(posting: &Posting<'_>, labels: &Labels, company: Option<&str>) -> Vec<(Print, Range<usize>)> {
    let text = posting.str();
    let mut prints = Vec::new();
    for value in labels.of_kind(Label::Title) {
        prints.extend(labelled(text, value, company, false).map(|range| (Print::Label, range)));
    }
    for value in labels.of_kind(Label::MaybeTitle) {
        prints.extend(labelled(text, value, company, true).map(|range| (Print::Label, range)));
    }
    prints.extend(first_line(posting, labels, company).map(|range| (Print::FirstLine, range)));
    for (index, unit) in posting.parts.units.iter().enumerate() {
        if !speaks_of_the_job(posting.kind(unit)) {
            continue;
        }
        let opens = index == 0;
        sentence(posting, unit.range.clone(), opens, &mut prints);
    }
    prints
}

/// Lists of what is asked name other people's jobs; so do statements about everybody's rights.
const fn speaks_of_the_job(kind: SectionKind) -> bool {
    !matches!(
        kind,
        SectionKind::Eeo
            | SectionKind::Accommodation
            | SectionKind::Legal
            | SectionKind::QualificationsRequired
            | SectionKind::QualificationsPreferred
            | SectionKind::SkillsList
            | SectionKind::Education
            | SectionKind::Certifications
            | SectionKind::Hashtags
    )
}

/// A title behind a label; `strict` where the label also stands before other things.
fn labelled(text: &str, value: Range<usize>, company: Option<&str>, strict: bool) -> Option<Range<usize>> {
    let range = phrase::in_line(text, value, company)?;
    let words = &text[range.clone()];
    let count = words.split_whitespace().count();
    let names_a_job = words.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(phrase::is_job_noun);
    let sentence = words.replace("Sr. ", "").replace("Jr. ", "").contains(". ")
        || words.contains("http")
        || words.contains(['<', '@', '!', '?'])
        || count > 10;
    let holds = !noise::is_noise(words, company)
        && (names_a_job || !strict && count <= 6 && words.starts_with(char::is_uppercase));
    (!sentence && holds && !(strict && has_a_verb(words))).then_some(range)
}

/// Whether words are a clause rather than a name.
fn has_a_verb(words: &str) -> bool {
    static VERB: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:is|are|was|were|will|has|have|had|be|been|you|your|we|our|must|can|should|may|who|that|which|this|these|they|their|its|report|reports|please|ensure|provide|provides|assist|years?|ability|knowledge|degree)\b|\b(?-i:skills?)\b|\b(?-i:us|it)\b|^experience\b|\bexperience (?:in|with|as)\b",
        )
    });
    VERB.is_match(words)
}

/// The first line when it names a job; the second or third when what stands before it is short and names none.
fn first_line(posting: &Posting<'_>, labels: &Labels, company: Option<&str>) -> Option<Range<usize>> {
    let text = posting.str();
    let mut at = 0;
    let mut below_a_label = false;
    for (number, line) in text.split('\n').filter(|line| !line.trim().is_empty()).take(3).enumerate() {
        let start = text[at..].find(line).map_or(at, |found| at + found);
        at = start + line.len();
        let alone = posting
            .parts
            .units
            .iter()
            .filter(|unit| unit.range.start >= start && unit.range.start < at)
            .count()
            <= 1;
        if !alone || line.len() > 120 || number == 0 && line.trim_end().ends_with('.') {
            // A line that runs on: its first words may be a title that a seam closes.
            return (number == 0).then(|| opening(posting, company)).flatten();
        }
        let is_sentence = line.trim_end().ends_with(['.', '!', '?', ':', ';', ',']) && !line.contains("Sr.");
        let bulleted = line.starts_with(['•', '-', '*', '·']) && !line.starts_with("**");
        // What stands below "Reports to" is that label's.
        let owned = std::mem::replace(&mut below_a_label, super::labels::is_label(line));
        if !is_sentence
            && !bulleted
            && !owned
            && let Some(range) = phrase::in_line(text, labels.before_any(start..at), company)
            && is_title(&text[range.clone()])
            && (number == 0 || !is_a_heading(posting, &range))
        {
            return Some(range);
        }
        if line.split_whitespace().count() > 9 || is_sentence {
            return None;
        }
    }
    None
}

/// Whether the words are some other section's heading: "Engineer Responsibilities".
fn is_a_heading(posting: &Posting<'_>, range: &Range<usize>) -> bool {
    let last = posting.str()[range.clone()].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if phrase::is_job_noun(last) {
        return false;
    }
    posting.parts.segments.iter().any(|segment| {
        segment.kind != SectionKind::Title
            && segment
                .heading
                .as_ref()
                .is_some_and(|heading| heading.start <= range.start && range.end <= heading.end)
    })
}

fn is_title(words: &str) -> bool {
    let count = words.split_whitespace().count();
    // In front of a comma or dash stands the head: "Manager, Tool Design". A head deep in a clause is none.
    let names_a_job =
        words.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\'')).any(phrase::is_job_noun);
    let capitals = words
        .split_whitespace()
        .filter(|word| {
            word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || !c.is_alphanumeric())
        })
        .count();
    (1..=11).contains(&count)
        && names_a_job
        && !has_a_verb(words)
        && !words.contains(['<', '@', '!', '?', ';'])
        && (capitals * 2 >= count || count <= 5)
        && !about_others(words)
}

/// "About the Engineer", "Team of Engineers", "Acme Partners LLC".
fn about_others(words: &str) -> bool {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:about|who|what|why|how|join|meet|our|the team|welcome|overview|responsibilit|location|locations|duration|date|salary|reports? to|reporting to|department|company|client|employer|apply|contact|hello|hi|dear|in|at|for|with|as|if|from|work with|to)\b|\b(?:llc|inc|ltd|corp|gmbh|plc|responsibilities|requirements|qualifications|duties|description|jobs in|overview|summary|careers|profile)\.?$",
        )
    });
    // A company's name may hold a job's noun: "Harbour Engineer Services". A title names the job before its comma or dash.
    static COMPANY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:services|partners|group|solutions|associates|agency)$"));
    let head =
        words.split([',', '–', '|', '(']).next().unwrap_or(words).split(" - ").next().unwrap_or(words).trim();
    let named = head.split(|c: char| !(c.is_alphanumeric() || c == '-')).any(phrase::is_job_noun);
    OTHERS.is_match(words) || named && COMPANY.is_match(head)
}

/// Capitalised words at the very start of running text, closed by a lost line break or a dash: "Tool DesignerWe build …".
fn opening(posting: &Posting<'_>, company: Option<&str>) -> Option<Range<usize>> {
    static BEFORE_A_SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^((?:[A-Z&/(.][\w/&.+#,()-]* ){1,7}?[A-Z][\w-]*) (?:The|We|Our|As|If|Job|Location|Locations|Position|Description|About|Responsibilities|Summary|Overview|Company|Duration|This|You|Are|Must|Looking|Title|Requirements|Duties|Role)\b",
        )
    });
    let text = posting.str();
    let first = posting.parts.units.first().filter(|unit| unit.opening == text::Opening::Line)?;
    let run = BEFORE_A_SENTENCE.captures(&text[first.range.clone()]).and_then(|hit| hit.get(1));
    if let Some(run) = run.filter(|run| run.as_str().rsplit(' ').next().is_some_and(phrase::is_job_noun)) {
        return phrase::in_line(text, first.range.start..first.range.start + run.end(), company)
            .filter(|range| is_title(&text[range.clone()]));
    }
    let seam = phrase::seam_behind_a_job(&text[first.range.clone()]);
    if seam.unwrap_or(first.range.len()) > 90
        || seam.is_none() && text[first.range.clone()].ends_with(['.', ':', '!', '?', ';', ','])
    {
        return None;
    }
    let range = phrase::in_line(text, first.range.clone(), company)?;
    let words = &text[range.clone()];
    (is_title(words) && starts_each_word_high(words) && !is_a_heading(posting, &range)).then_some(range)
}

/// Titles inside a sentence.
fn sentence(posting: &Posting<'_>, unit: Range<usize>, opens: bool, prints: &mut Vec<(Print, Range<usize>)>) {
    static WANTED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\b(?:looking|searching|search|recruiting|looking out) for|\b(?:seeking|hiring|recruiting|in need of|in search of)|\b(?:looking|want|wants|hoping) to (?:hire|add|recruit|employ|appoint)|\bseeks|\b(?:need|opening|spree|requirement|hire|assignment|posting|position|role) (?:for|as)|\b(?:has|have) (?:an? |several |multiple )?(?:immediate |exciting |new |current |great |excellent |urgent |immediate |full[- ]time |part[- ]time |permanent |contract |amazing |fantastic |challenging |rewarding |outstanding |remote )*(?:openings?|opportunity|need|vacancy|vacancies|position|positions|requirement|role)(?: available)? for|\b(?:opportunity|opening|position|vacancy|applications|requirement) (?:available |open )?for|\b(?:join|joining|grow) (?:our|the|us|their|its) (?:\w+ ){0,3}(?:team )?as|\bneeds) ((?:an?|our (?:next|first|new)|its next|their next|your|multiple|several|some|two|three|\d+|the|for) )?",
        )
    });
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:[Pp]osition|[Rr]ole|[Jj]ob|[Tt]itle|[Pp]ost|[Vv]acancy|[Oo]pportunity|[Oo]pening) (?:of|as|is for) (?:an? |the )?",
        )
    });
    static YOU_ARE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?i:in this role as|in your role as|as|(?:so,? )?if you are) (?i:an?|our|the) (?i:new |next )?",
        )
    });
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:The|This|Our|THE|An?|As the) "));
    static PREDICATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?: \([^)]{1,20}\))?,? (?:will|is (?:responsible|accountable|a |an |the )|reports|(?:[Pp]osition|[Rr]ole)\b|must|[a-z]{3,}(?:s|es) [a-z]|[^,.]{3,60}, (?:will|is|must))",
        )
    });
    let text = posting.str();
    let words = &text[unit.clone()];
    let in_duties = posting.kind_at(unit.start) == SectionKind::Responsibilities;
    for hit in WANTED.find_iter(words) {
        let before = &words[..hit.start()];
        // "the hiring manager", "our hiring team" hire somebody else.
        let after = words[hit.end()..].to_lowercase();
        if hit.as_str().eq_ignore_ascii_case("hiring ")
            && ["manager", "team", "process", "compan", "decision"].iter().any(|word| after.starts_with(word))
        {
            continue;
        }
        let found = phrase::in_sentence(text, unit.start + hit.end(), unit.end);
        if let Some(range) = found.filter(|range| {
            !(speaks_of_candidates(before) || in_duties) && is_near(text, unit.start + hit.end(), range)
        }) {
            prints.push((if opens { Print::Opening } else { Print::Wanted }, range));
        }
    }
    for hit in NAMED.find_iter(words) {
        let found = phrase::in_sentence(text, unit.start + hit.end(), unit.end);
        prints.extend(
            found
                .filter(|range| starts_each_word_high(&text[range.clone()]))
                .map(|range| (Print::Wanted, range)),
        );
    }
    if let Some(hit) = YOU_ARE.find(words)
        && let Some(range) = phrase::in_sentence(text, unit.start + hit.end(), unit.end)
        && speaks_to_you(&text[range.end..unit.end])
        && (range.start == unit.start + hit.end() || words.starts_with("If"))
        && starts_each_word_high(&text[range.clone()])
        && !phrase::is_bare(&text[range.clone()])
    {
        prints.push((Print::YouAre, range));
    }
    if let Some(hit) = SUBJECT.find(words)
        && let Some(range) = phrase::in_sentence(text, unit.start + hit.end(), unit.end)
        && range.start == unit.start + hit.end()
        && PREDICATE.is_match(&text[range.end..unit.end])
        && starts_each_word_high(&text[range.clone()])
        && !phrase::is_bare(&text[range.clone()])
    {
        prints.push((Print::Subject, range));
    }
}

/// Only praise may stand between "a" and the title.
fn is_near(text: &str, from: usize, range: &Range<usize>) -> bool {
    text[from..range.start].split_whitespace().count() <= 9
}

/// "Candidates seeking a developer career", "customers looking for an advisor", "help in hiring engineers".
fn speaks_of_candidates(before: &str) -> bool {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:if you(?:'re|’re| are)?(?: currently| actively)?|candidates?|customers?|clients who|students?|individuals?|those|people|anyone|not|never|responsible for|assist(?:s|ing)? (?:in|with)|including|include|interviewing(?: and|,)?|involved in|sourcing(?: and|,)?|someone(?: who is)?|experience(?: in| with)?|are you|you(?:'re|’re| are)) (?:\w+ ){0,1}$",
        )
    });
    OTHERS.is_match(before)
}

fn speaks_to_you(rest: &str) -> bool {
    static YOU: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:you|your|you'll|you’ll|read on)\b|,? (?:will|the (?:successful|ideal))")
    });
    YOU.is_match(rest)
}

#[cfg(test)]
mod tests;
