//! Whether people report to the job.

use contract::{ItemKind, SectionKind, Span};
use regex::Regex;
use std::sync::LazyLock;

use crate::fields::labels::{Label, Labels};
use crate::fields::pattern;
use crate::posting::Posting;

/// Whether the posting says that people report to the job, or that nobody does.
pub(super) fn management(posting: &Posting<'_>, labels: &Labels) -> Option<(bool, Vec<Span>)> {
    static NOBODY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:no|zero|0|without|not have(?: any)?|none) (?:direct reports?|supervisory (?:responsibilit\w+|duties)|people management|management responsibilit\w+|subordinates)|\bindividual[- ]contributor\b|\bdoes not (?:supervise|manage (?:people|others|staff))|\bsupervisory (?:responsibilit\w+|duties):? (?:none|n/a|this (?:position|job) has no)",
        )
    });
    static PEOPLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?ix)
            \b(?:manag(?:e|es|ing)|lead(?:s|ing)?|supervis(?:e|es|ing)|oversee(?:s|ing)?|head(?:s|ing)?|direct(?:s|ing)?)\ (?:and\ (?:\w+\ ){1,2}|,\ \w+,?\ (?:and\ \w+\ )?)?(?:an?|the|our|your)\ (?:[\w-]+\ ){0,4}(?:team|staff|group|crew)\ of\ (?:\w+\ ){0,3}?(?:\d+|people|\w+s)\b
          | \b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|your|and|of|with|manag\w+|for|to|through|all|supervis\w+|coach\w*|mentor\w*|develop\w*)\ (?:\w+\ ){0,2}direct\ reports\b | ^direct\ reports?:?\ [1-9]
          | \bsupervis(?:e|es|ing|ion\ of)\ (?:and\ \w+\ |,\ \w+,?\ (?:and\ \w+\ )?)?(?:the\ |all\ |other\ |a\ |day-to-day\ |activities\ of\ |work\ of\ |\w+\ ){0,3}(?:staff|employees|personnel|team\ members|technicians|associates|crew|subordinates|workers|team|interns|engineers|clerks|nurses|operators)\b
          | \b(?:people|line|personnel|staff)\ management\b
          | \b(?:manag(?:e|es|ing)|lead(?:s|ing)?\ and\ manag(?:e|es|ing))\ (?:and\ \w+\ )?(?:the\ |a\ |your\ |all\ |our\ )?(?:\w+\ ){0,2}(?:team|staff|employees|team\ members|direct\ reports)(?:,|\.|;|\ and|\ to|\ through|\ by|\ in|\ with|$)
          | \b(?:hir(?:e|es|ing)|recruit(?:s|ing)?),\ (?:train|develop|coach|mentor|onboard|manag|supervis|motivat|lead|retain|evaluat|interview|select)\w*
          | \b(?:conduct\w*|complet\w+|prepar\w+|provid\w+|perform\w*)\ (?:\w+\ ){0,3}performance\ (?:reviews?|appraisals?|evaluations?)\b
        ",
        )
    });
    static PASSING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:may|experience|assist\w*|help\w*|support\w*|under|students?|children|patients?|residents?|clients?|contractors|vendors?|reports? directly|project team|virtual team|matrix\w*|dotted|ability|able|indirect\w*|volunteers|cross[- ]functional|user support)\b",
        )
    });
    for value in labels.of_kind(Label::Reports) {
        let words = posting.str()[value.clone()].to_lowercase();
        let nobody = ["no", "none", "0", "n/a", "this position has no", "this job has no", "not applicable"]
            .iter()
            .any(|word| {
                words == *word
                    || words.starts_with(&format!("{word} "))
                    || words.starts_with(&format!("{word}."))
                    || words.starts_with(&format!("{word},"))
            });
        if nobody {
            return Some((false, vec![posting.span(value)]));
        }
        if words.starts_with(|c: char| matches!(c, '1'..='9')) || words.starts_with("yes") {
            return Some((true, vec![posting.span(value)]));
        }
    }
    let mut people = None;
    for (unit, item) in posting.parts.units.iter().zip(posting.items) {
        let kind = posting.kind(unit);
        if kind.asks_nothing() {
            continue;
        }
        let words = posting.words(unit);
        let span = |hit: regex::Match<'_>| {
            posting.span(unit.range.start + hit.start()..unit.range.start + hit.end())
        };
        if let Some(hit) = NOBODY.find(words) {
            return Some((false, vec![span(hit)]));
        }
        let of_the_work = item.kind == ItemKind::Responsibility
            || matches!(
                kind,
                SectionKind::Overview
                    | SectionKind::AboutTeam
                    | SectionKind::EmploymentTerms
                    | SectionKind::Other
            );
        if people.is_none() && of_the_work && item.kind != ItemKind::Requirement {
            people = PEOPLE.find(words).filter(|hit| !PASSING.is_match(&words[..hit.end()])).map(span);
        }
    }
    people.map(|span| (true, vec![span]))
}

/// "Mentor team members", "lead by example": guidance without reports.
pub(super) fn leads_by_example(posting: &Posting<'_>) -> Option<Vec<Span>> {
    static GUIDES: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bleads? by example\b|\bmentor(?:s|ing)? (?:and \w+ )?(?:the |other |more |our |fellow |\w+ ){0,2}(?:team members|engineers|developers|teammates|peers|colleagues|juniors?|analysts|scientists|designers|members)\b",
        )
    });
    let units = posting
        .parts
        .units
        .iter()
        .zip(posting.items)
        .filter(|(_, item)| item.kind == ItemKind::Responsibility);
    let spans: Vec<Span> = units
        .filter_map(|(unit, _)| {
            GUIDES
                .find(posting.words(unit))
                .map(|hit| posting.span(unit.range.start + hit.start()..unit.range.start + hit.end()))
        })
        .take(3)
        .collect();
    (!spans.is_empty()).then_some(spans)
}
