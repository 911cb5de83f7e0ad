//! The form of employment.

use contract::{EmploymentType, Evidence, Field, SectionKind, Stated};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::labels::{Label, Labels};
use super::{pattern, said};
use crate::posting::Posting;

/// The form of employment: given by the page, labelled, in the title, or said in a sentence.
pub(super) fn employment_type(posting: &Posting<'_>, labels: &Labels) -> Field<EmploymentType> {
    given(posting)
        .or_else(|| labelled(posting, labels))
        .or_else(|| header(posting))
        .or_else(|| prose(posting))
}

fn given(posting: &Posting<'_>) -> Field<EmploymentType> {
    posting.hints.json_ld.as_ref()?.employment_type.iter().find_map(|written| {
        let (value, _) = form(&written.replace('_', " "))?;
        Some(Stated { value, evidence: Evidence::Given { spans: said(posting, &written.replace('_', "-")) } })
    })
}

/// The first form that a few words name.
fn form(words: &str) -> Option<(EmploymentType, Range<usize>)> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:(?P<to_hire>(?:contract|temp)[- ](?:to|2)[- ](?:hire|perm|permanent)|contract to (?:full|direct)|c2h|cth|temporary to permanent|temp to hire)|(?P<full>full[- ]?time|regular full|fte)|(?P<part>part[- ]?time)|(?P<intern>internship|intern|co-?op|working student|praktikum)|(?P<apprentice>apprenticeship|apprentice)|(?P<volunteer>volunteer)|(?P<per_diem>per[- ]diem|prn|casual)|(?P<freelance>freelance|freelancer)|(?P<temporary>temporary|temp|seasonal|fixed[- ]term)|(?P<contract>contract|contractor|independent contractor|c2c|corp[- ]to[- ]corp|1099|w2 contract))\b",
        )
    });
    let hit = FORM.captures(words)?;
    let range = hit.get(0)?.range();
    let value = if hit.name("to_hire").is_some() {
        EmploymentType::ContractToHire
    } else if hit.name("full").is_some() {
        EmploymentType::FullTime
    } else if hit.name("part").is_some() {
        EmploymentType::PartTime
    } else if hit.name("intern").is_some() {
        EmploymentType::Internship
    } else if hit.name("apprentice").is_some() {
        EmploymentType::Apprenticeship
    } else if hit.name("volunteer").is_some() {
        EmploymentType::Volunteer
    } else if hit.name("per_diem").is_some() {
        EmploymentType::PerDiem
    } else if hit.name("freelance").is_some() {
        EmploymentType::Freelance
    } else if hit.name("temporary").is_some() {
        EmploymentType::Temporary
    } else {
        EmploymentType::Contract
    };
    Some((value, range))
}

fn labelled(posting: &Posting<'_>, labels: &Labels) -> Field<EmploymentType> {
    let text = posting.str();
    let values = labels
        .of_kind(Label::Employment)
        .chain(labels.of_kind(Label::Duration))
        .chain(labels.of_kind(Label::MaybeTitle));
    for value in values {
        let words = &text[value.clone()];
        if words.split_whitespace().count() <= 12
            && let Some((form, range)) = form(words)
        {
            return Some(Stated::read(
                form,
                posting.span(value.start + range.start..value.start + range.end),
            ));
        }
    }
    None
}

/// "(Contract)", "- Part Time", "6 month contract" in the short lines at the top.
fn header(posting: &Posting<'_>) -> Field<EmploymentType> {
    static APART: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:[-–—|(•·,/]\s*|^\W*|\d\+?[ -](?:months?|years?|weeks?)[ -])(?P<form>full[- ]?time|part[- ]?time|contract(?:[- ]to[- ]hire)?|temporary|seasonal|per diem|prn|casual|freelance|volunteer|temp[- ]to[- ]perm|c2h)(?:\s*[-–—|)•·,/]|\s*$|\s+(?:position|role|contract|permanent|opportunity))",
        )
    });
    static TITLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?P<form>intern|internship|co-op|apprentice|apprenticeship|volunteer)\b\W*(?:$|[-–—|(,:])|\b(?P<late>intern|internship|apprentice)\b",
        )
    });
    let text = posting.str();
    let mut at = 0;
    for (number, line) in text.split('\n').filter(|line| !line.trim().is_empty()).take(5).enumerate() {
        let start = text[at..].find(line).map_or(at, |found| at + found);
        at = start + line.len();
        if line.split_whitespace().count() > 16 || line.trim_end().ends_with('.') {
            break;
        }
        let hit = TITLE
            .captures(line)
            .filter(|_| number == 0)
            .and_then(|hit| hit.name("form").or(hit.name("late")));
        let hit = hit.or_else(|| APART.captures(line).and_then(|hit| hit.name("form")));
        if let Some(hit) = hit
            && let Some((form, _)) = form(hit.as_str())
        {
            return Some(Stated::read(form, posting.span(start + hit.start()..start + hit.end())));
        }
    }
    let title = posting.hints.title.as_deref().unwrap_or_default();
    let hit = TITLE
        .captures(title)
        .and_then(|hit| hit.name("form").or(hit.name("late")))
        .or_else(|| APART.captures(title).and_then(|hit| hit.name("form")))?;
    let (value, _) = form(hit.as_str())?;
    Some(Stated { value, evidence: Evidence::Given { spans: said(posting, title) } })
}

fn prose(posting: &Posting<'_>) -> Field<EmploymentType> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)
            \b(?P<a>contract[-\ ]to[-\ ](?:hire|perm)|temp[-\ ]to[-\ ](?:hire|perm)|c2h|full[-\ ]?time|part[-\ ]?time|temporary|seasonal|freelance|volunteer|casual|per\ diem|fixed[-\ ]term)\b
                (?:[,\ /&-]+(?:permanent|regular|salaried|exempt|non-exempt|hourly|in[-\ ]office|on-?site|remote|hybrid|direct|hire|contract|and|or|w2|benefited|unionized|opportunity|year-round|indefinite)\b)*
                (?:[\ ,]+[\w/-]+){0,3}?[\ ,]+(?:position|role|opportunity|job|employment|basis|contract|opening|vacancy|hours|schedule|employee|associate|term|work)s?\b
          | \b(?P<b>contract|contractor)\ (?:position|role|opportunity|job|assignment|basis|opening|duration|length|term)\b
          | \b\d+\+?(?:\ ?(?:-|to)\ ?\d+)?[-\ ]?\+?(?:months?|mos?|weeks?|years?|yr)\.?[-\ ](?:\w+\ ){0,2}(?P<c>contract[-\ ]to[-\ ]hire|contract|temporary|fixed[-\ ]term)\b
          | \b(?:this\ is\ an?|position\ is|role\ is|job\ is|we\ offer\ an?|offering\ an?|this\ will\ be\ an?|on\ an?)\ (?:\w+[\ ,]+){0,3}(?P<d>contract[-\ ]to[-\ ]hire|full[-\ ]?time|part[-\ ]?time|contract|temporary|seasonal|internship|apprenticeship|per\ diem|prn|freelance)\b
          | \b(?P<e>internship|apprenticeship|co-op)\ (?:program|position|opportunity|role|is|will|term|placement|opening)\b
          | ^(?P<f>full[-\ ]?time|part[-\ ]?time|contract|temporary|internship|seasonal|per\ diem)(?:[\ ,/-]+(?:permanent|regular|position|exempt|non-exempt|salaried|hourly|days|nights|\d+\ hours.{0,20}))*\W*$
        ",
        )
    });
    for unit in &posting.parts.units {
        let words = posting.words(unit);
        if !may_state(posting.kind(unit)) {
            continue;
        }
        let Some(hit) = SAID.captures(words).filter(|_| !speaks_of_others(words)) else { continue };
        let Some(name) = ["a", "b", "c", "d", "e", "f"].into_iter().find_map(|name| hit.name(name)) else {
            continue;
        };
        if let Some((form, _)) = form(name.as_str()) {
            return Some(Stated::read(
                form,
                posting.span(unit.range.start + name.start()..unit.range.start + name.end()),
            ));
        }
    }
    None
}

/// Whether a form in such a section may be the job's.
const fn may_state(kind: SectionKind) -> bool {
    !matches!(
        kind,
        SectionKind::QualificationsRequired
            | SectionKind::QualificationsPreferred
            | SectionKind::SkillsList
            | SectionKind::Education
            | SectionKind::Experience
            | SectionKind::Eeo
            | SectionKind::Accommodation
            | SectionKind::Legal
    )
}

/// Whether a statement speaks of others' terms, or of contracts as work.
fn speaks_of_others(words: &str) -> bool {
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:years?|experience|previous|prior|students?|enrolled|studies|benefits (?:for|to|are)|eligible|(?:all|our|regular|for) (?:\w+ ){0,2}full[- ]time (?:employees|associates|team)|\d+ full[- ]time|after|convert\w*|lead to|leading to|potential|become|supervis\w+|manag(?:e|es|ing) (?:\w+ ){0,4}(?:contract|part|temporary)|not a|no (?:contract|part)|equivalent|degree|available (?:in|for)|graduates?|full[- ]time hours|faculty|contract (?:negotiation|management|review|law|administration))\b",
        )
    });
    OTHER.is_match(words)
}

/// The form in words that somebody else found in a statement.
pub(super) fn asked(posting: &Posting<'_>, unit: usize, quote: Range<usize>) -> Field<EmploymentType> {
    let unit = &posting.parts.units[unit];
    let (form, at) = form(&posting.str()[quote.clone()])?;
    (may_state(posting.kind(unit)) && !speaks_of_others(posting.words(unit)))
        .then(|| Stated::read(form, posting.span(quote.start + at.start..quote.start + at.end)))
}

/// Whether words are a form and nothing else.
pub(super) fn is_a_form(words: &str) -> bool {
    form(words).is_some_and(|(_, range)| range.len() == words.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::{REFERENCE, posting};

    fn check(input: &str, expected: Option<EmploymentType>) {
        posting(input, |posting| {
            let found = employment_type(posting, &Labels::of(posting)).map(|form| form.value);
            assert_eq!(found, expected, "{input}");
        });
    }

    #[test]
    fn the_form_is_read_behind_labels_in_titles_and_in_sentences() {
        check(
            "We sell boats.Job Types: Full-time, PermanentSalary: $60,000 per year",
            Some(EmploymentType::FullTime),
        );
        check("Boat Builder (Contract)\nBuild boats.", Some(EmploymentType::Contract));
        check("Boat Builder\nThis is a part-time position in our yard.", Some(EmploymentType::PartTime));
        check(
            "Position: Tester Location: Reno, NV Duration: 6 months contract to hire",
            Some(EmploymentType::ContractToHire),
        );
        check("Marketing Intern\nHelp us.", Some(EmploymentType::Internship));
    }

    #[test]
    fn contracts_that_are_work_are_no_form() {
        check(REFERENCE, None);
        check("Buyer\n\nResponsibilities\n- Lead contract negotiation with yards\n- Review contracts", None);
        check("Buyer\n\nRequirements\n- Two years of full-time work experience", None);
    }
}
