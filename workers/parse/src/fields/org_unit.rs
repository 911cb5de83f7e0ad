//! The part of the employer that the job belongs to.

use contract::{Field, SectionKind, Stated};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::company::{NAME, key};
use super::labels::{Label, Labels};
use super::{noise, pattern, written};
use crate::posting::Posting;

/// A labelled department or team, else "in the … org", "join our … team".
pub(super) fn read(
    posting: &Posting<'_>,
    labels: &Labels,
    company: Option<&Stated<String>>,
) -> Field<String> {
    let text = posting.str();
    for value in labels.of_kind(Label::OrgUnit) {
        let words = &text[value.clone()];
        let count = words.split_whitespace().count();
        let sentence = count > 8
            || words.contains(['<', '@', '?', '!', '$'])
            || words.ends_with('.')
            || words.contains(". ");
        let capital = words.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        if !sentence && capital && !is_the_company(words, company) && !is_a_clause(words) {
            return Some(written(posting, value));
        }
    }
    posting.units_in(KINDS).find_map(|unit| {
        let words = posting.words(unit);
        let name =
            in_sentence(words).into_iter().find(|name| !is_the_company(&words[name.clone()], company))?;
        Some(written(posting, unit.range.start + name.start..unit.range.start + name.end))
    })
}

/// A part of the employer that somebody else found: a name before or behind a word for such a part. `before` is what its statement
/// says before it.
pub(super) fn asked(
    posting: &Posting<'_>,
    before: &str,
    range: Range<usize>,
    company: Option<&Stated<String>>,
) -> Option<Stated<String>> {
    static PART: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\W{0,2}(?:org|organi[sz]ation|team|group|division|department|business unit|unit|practice|squad|tribe|lab|office)\b",
        )
    });
    static LABEL: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:department|division|team|unit|group)(?: of)?\W{0,3}$"));
    let words = &posting.str()[range.clone()];
    let named = PART.is_match(&posting.str()[range.end..]) || LABEL.is_match(before);
    let is_name = words.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
        && words.split_whitespace().count() <= 6
        && !words.contains(", ");
    let is_own = !speaks_of_partners(before)
        && !is_vague(words)
        && !is_a_clause(words)
        && !is_the_company(words, company)
        && KINDS.contains(&posting.kind_at(range.start));
    (named && is_name && is_own).then(|| written(posting, range))
}

/// Where a posting speaks of the part of the employer that the job belongs to.
const KINDS: &[SectionKind] = &[
    SectionKind::Title,
    SectionKind::Overview,
    SectionKind::AboutTeam,
    SectionKind::AboutCompany,
    SectionKind::Other,
];

fn in_sentence(words: &str) -> Vec<Range<usize>> {
    static UNIT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"\b(?:[Ii]n|[Ww]ithin|[Jj]oin|[Jj]oining|[Pp]art of|[Mm]ember of|[Ff]or|[Tt]o|[Oo]n) (?:the|our|its|their) (?:growing |global |new |dynamic |talented |existing |expanding |core |central )*(?P<name>{NAME}) (?:[Oo]rg|[Oo]rganization|[Oo]rganisation|[Tt]eam|[Gg]roup|[Dd]ivision|[Dd]epartment|[Bb]usiness [Uu]nit|BU|[Pp]ractice|[Ss]quad|[Tt]ribe|[Ll]ab)\b"
        ))
    });
    static OURS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"^(?:The|Our) (?P<name>{NAME}) (?:[Oo]rg|[Oo]rganization|[Tt]eam|[Gg]roup|[Dd]ivision|[Dd]epartment|[Bb]usiness [Uu]nit|[Pp]ractice) (?:at [A-Z][\w.&]+(?: [A-Z][\w.&]+)* )?(?:is (?:currently |now |actively )?(?:looking|seeking|hiring|responsible|searching|growing|recruiting)|has an)"
        ))
    });
    let hits = OURS.captures_iter(words).chain(UNIT.captures_iter(words));
    hits.filter_map(|hit| hit.name("name"))
        .map(|name| name.range())
        .filter(|range| {
            let name = &words[range.clone()];
            !speaks_of_partners(&words[..range.start])
                && !is_a_clause(name)
                && !is_vague(name)
                && !name.contains(", ")
        })
        .collect()
}

/// "Report to the Finance team", "support the Sales team": somebody else's.
fn speaks_of_partners(before: &str) -> bool {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:report|reports|reporting|support|supports|supporting|provide|assist\w*|help\w*|communicat\w*|collaborat\w*|partner\w*|liais\w*|contact|according|deliver\w*|respond\w*|escalat\w*|service|access|present\w*|addition|due|similar|related|apply|sent?|submit\w*|feedback|training|guidance|leadership|contribut\w*|interfac\w*|work\w* closely|leader) (?:\w+ ){0,5}(?:to|in|for|on|within) (?:the|our|its|their) [\w ]*$",
        )
    });
    OTHERS.is_match(before)
}

fn is_vague(name: &str) -> bool {
    const VAGUE: [&str; 16] = [
        "leadership",
        "management",
        "senior leadership",
        "executive",
        "us",
        "talent",
        "dream",
        "agile",
        "scrum",
        "development",
        "project",
        "senior management",
        "hiring",
        "recruiting",
        "talent acquisition",
        "american",
    ];
    VAGUE.contains(&name.to_lowercase().as_str())
}

fn is_a_clause(words: &str) -> bool {
    static CLAUSE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:we|you|our|your|is|are|will|this|work|player|oriented|environment|skills|building|lead|leadership|members?|engineers|developers|people|collaborat\w*|size|n/a|various|multiple|tbd|none)\b",
        )
    });
    CLAUSE.is_match(words) || noise::is_noise(words, None)
}

fn is_the_company(words: &str, company: Option<&Stated<String>>) -> bool {
    company.is_some_and(|company| {
        let (name, company) = (key(words), key(&company.value));
        name == company
            || company.starts_with(&format!("{name} "))
            || name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")) == Some(company.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::{REFERENCE, posting};

    fn check(input: &str, expected: Option<&str>) {
        posting(input, |posting| {
            let unit = read(posting, &Labels::of(posting), None);
            assert_eq!(unit.map(|unit| unit.value).as_deref(), expected, "{input}");
        });
    }

    #[test]
    fn a_unit_is_named_by_a_label_or_by_joining_it() {
        check(REFERENCE, Some("M365Core"));
        check("Harbour Master\nDepartment: Port Operations\nLocation: Leith", Some("Port Operations"));
        check("About the role\nYou will join our Data Platform team as an engineer.", Some("Data Platform"));
    }

    #[test]
    fn other_teams_are_not_the_jobs_own() {
        check("About the role\nYou will provide reports to the Finance team every week.", None);
        check("About the role\nJoin our Leadership team.", None);
    }
}
