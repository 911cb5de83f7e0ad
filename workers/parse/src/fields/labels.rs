//! What stands behind a label: "Job Title: …", "Location - …", also where a posting lost its line breaks ("Full-timeSalary: …").

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::posting::Posting;

/// What a label is about. `Stop` ends another label's value and is not read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Title,
    /// A label that also stands before other things than titles: "Position: full time".
    MaybeTitle,
    Company,
    OrgUnit,
    Industry,
    Location,
    City,
    Country,
    WorkMode,
    Remotely,
    Employment,
    Duration,
    Level,
    Reports,
    Deadline,
    Contact,
    Stop,
}

const NAMES: [(Label, &str); 17] = [
    (
        Label::Title,
        "job title|position title|role title|posting title|official title|title|position name|job name|job position|vacancy name|designation|business title|working title|functional title|internal title",
    ),
    (
        Label::MaybeTitle,
        "position|role|job|vacancy|opening|job opening|opportunity|job role|job posting|hiring|now hiring|requirement for|job opportunity",
    ),
    (
        Label::Company,
        "company name|company|employer|hiring company|hiring organization|organization|organisation|organization name|employer name|name of company|business name",
    ),
    (
        Label::OrgUnit,
        "department|team|division|business unit|business area|business group|department name|division/department|department/division|org unit|school/department|unit",
    ),
    (Label::Industry, "industry|industries|sector|company industry|business sector"),
    (
        Label::Location,
        "job location|job locations|work location|work locations|location|locations|location(s)|job location(s)|work location(s)|office location|primary location|place of work|worksite|work site|job site|city/state|city, state|location of position|position location|primary work location|duty station|office",
    ),
    (Label::City, "city|town"),
    (Label::Country, "country|countries|country / countries|country/region|region"),
    (
        Label::WorkMode,
        "workplace type|workplace|work mode|work arrangement|location type|work setting|work model|work style|onsite/remote|remote/onsite|remote type|remote status|remote work|remote|remote?",
    ),
    (Label::Remotely, "work remotely"),
    (
        Label::Employment,
        "job type|job types|employment type|employment types|position type|position types|contract type|type of employment|type of position|type of contract|type|employment status|job status|time type|worker type|work type|employee type|employee status|position status|type of job|terms of employment|employment term|employment terms|employment|status|job category|job term|engagement type|employment category|hire type",
    ),
    (
        Label::Duration,
        "duration|contract duration|contract length|length of contract|length|term|terms|tenure|assignment length|length of assignment|project duration",
    ),
    (
        Label::Level,
        "seniority level|seniority|career level|experience level|job level|position level|level|management level|level of experience",
    ),
    (
        Label::Reports,
        "direct reports|number of direct reports|supervises|supervisory responsibilities|supervisory responsibility|people manager|manages others|management responsibility",
    ),
    (
        Label::Deadline,
        "application deadline|application closing date|applications close|applications closing date|deadline to apply|deadline for applications|closing date|close date|posting end date|posting close date|job posting end date|expiry date|expiration date|expires|expires on|expiring|apply by|apply before|deadline|last date to apply|closing date for applications|application close date|competition closes|competition closing date|closes|job closing date|open until",
    ),
    (
        Label::Contact,
        "contact|contact name|contact person|point of contact|recruiter|recruiter name|recruiter contact|hiring manager|attention|attn|primary contact|your contact",
    ),
    (
        Label::Stop,
        "salary|salary range|pay|pay rate|pay range|rate|bill rate|hourly rate|compensation|benefits|education|experience|language|languages|start date|client|description|job description|summary|job summary|position summary|overview|responsibilities|requirements|qualifications|skills|skills required|required skills|duties|interview|posted|date posted|posting date|posted on|last updated|reference|reference number|ref|req id|req #|job id|job number|job code|requisition|requisition id|visa|visa status|travel|reports to|reporting to|openings|number of openings|positions available|number of positions|shift|shifts|hours|schedule|about|additional pay|covid-19 considerations|note|notes|website|url|email|e-mail|phone|tel|telephone|fax|minimum education|category|job family|function|supplemental pay|willingness to travel|licence|license|flsa|flsa status|grade|pay grade|job function|other details|noc group|noc job title|job requirements|key skills|must have|what you'll do|start|expected start date|positions|must haves|technologies|work authorization|citizenship|clearance|security clearance|company size|company type|company description|job benefits|likes|hiring range|primary skills|mandatory skills|end client|domain|project|project description|work hours|work schedule|working hours|hours per week|union|bargaining unit|vacancy type|competition number|address|mailing address|job ref|reference id",
    ),
];

static MEANING: LazyLock<HashMap<&'static str, Label>> = LazyLock::new(|| {
    NAMES.iter().flat_map(|(label, names)| names.split('|').map(|name| (name, *label))).collect()
});

impl Label {
    /// Whether its words also end longer labels: "Industry Title:", "Scrum Team:".
    const fn is_common(self) -> bool {
        matches!(
            self,
            Self::Title
                | Self::MaybeTitle
                | Self::Company
                | Self::OrgUnit
                | Self::Industry
                | Self::Level
                | Self::Contact
        )
    }
}

/// Whether a line is a label and nothing else.
pub(super) fn is_label(line: &str) -> bool {
    MEANING.contains_key(line.trim().trim_end_matches(':').to_lowercase().as_str())
}

/// The longest label, in bytes.
const LONGEST_NAME: usize = 40;

/// A label right before the sign at `at`: the longest that begins where a label may. Its name's range.
fn before_sign(text: &str, line: usize, at: usize) -> Option<(Label, Range<usize>)> {
    let end = line + text[line..at].trim_end_matches([' ', '\t', '*']).len();
    let mut from = end.saturating_sub(LONGEST_NAME).max(line);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let lower = text[from..end].to_lowercase();
    if lower.len() != end - from {
        return None;
    }
    let opening = line + text[line..end].len() - text[line..end].trim_start_matches(LEADING).len();
    text[from..end].char_indices().find_map(|(start, c)| {
        let place = from + start;
        let may_begin = place == opening || c.is_uppercase() && begins_a_label(text, place);
        let label = *MEANING.get(&lower[start..]).filter(|_| may_begin)?;
        let part_of_a_longer_one = place != opening && label.is_common() && behind_a_capital(text, place);
        (!part_of_a_longer_one).then_some((label, place..end))
    })
}

/// Signs that may stand before a label at the start of a line.
const LEADING: [char; 12] = [' ', '\t', '*', '#', '>', '•', '▪', '◦', '·', '-', '–', '_'];

/// The labels of a text with the ranges from their first letter to where their value begins.
fn places(text: &str) -> Vec<(Label, Range<usize>)> {
    let mut places: Vec<(Label, Range<usize>)> = Vec::new();
    let mut line = 0;
    for words in text.split('\n') {
        let opening = words.len() - words.trim_start_matches(LEADING).len();
        for (at, sign) in words.char_indices().filter(|(_, c)| matches!(c, ':' | '–' | '—' | '-')) {
            // A dash ends a label only at the start of a line: "Location – Leith".
            let dash = sign != ':';
            if dash && (at > opening + LONGEST_NAME || sign == '-' && !words[at + 1..].starts_with(' ')) {
                continue;
            }
            let Some((label, name)) = before_sign(text, line, line + at) else { continue };
            if dash && name.start != line + opening
                || places.last().is_some_and(|(_, last)| last.end > name.start)
            {
                continue;
            }
            let behind = line + at + sign.len_utf8();
            let value = behind + words[behind - line..].len()
                - words[behind - line..].trim_start_matches([' ', '\t', '*']).len();
            places.push((label, name.start..value));
        }
        line += words.len() + 1;
    }
    places
}

/// The labels of a posting with their values, in order.
pub(super) struct Labels {
    values: Vec<(Label, Range<usize>)>,
    /// Where the label words begin.
    starts: Vec<usize>,
}

/// The longest value, in bytes.
const LONGEST: usize = 200;

impl Labels {
    /// Reads every label of a posting once.
    pub(super) fn of(posting: &Posting<'_>) -> Self {
        let text = posting.str();
        let places = places(text);
        let mut values: Vec<(Label, Range<usize>)> = Vec::new();
        for (index, (label, place)) in places.iter().enumerate() {
            let next = places.get(index + 1).map_or(text.len(), |(_, next)| next.start);
            if *label != Label::Stop
                && let Some(value) = value(posting, place.end, next)
            {
                values.push((*label, value));
            }
        }
        headings(posting, &mut values);
        values.sort_by_key(|(_, value)| value.start);
        let starts = places.iter().map(|(_, place)| place.start).collect();
        Self { values, starts }
    }

    /// A range up to the first label inside it.
    pub(super) fn before_any(&self, range: Range<usize>) -> Range<usize> {
        let next = self.starts.partition_point(|&start| start <= range.start);
        range.start..self.starts.get(next).map_or(range.end, |&start| start.min(range.end))
    }

    /// The values of a label, in order.
    pub(super) fn of_kind(&self, wanted: Label) -> impl Iterator<Item = Range<usize>> + '_ {
        self.values.iter().filter(move |(label, _)| *label == wanted).map(|(_, value)| value.clone())
    }
}

/// Inside a line a label begins with a capital and where a word begins, or at a lost line break.
fn begins_a_label(text: &str, at: usize) -> bool {
    let capital = text[at..].starts_with(char::is_uppercase);
    let before = text[..at].trim_end_matches(' ');
    let glued = before.len() == at;
    let Some(last) = before.chars().next_back() else { return capital };
    // "Scrum Team: …" and "the Role: …" are parts of phrases; "… Plano, TX Duration: …" is a label.
    capital && (!glued || last.is_lowercase() || !last.is_alphanumeric() || last.is_ascii_digit())
}

/// Whether a capitalised word stands right before.
fn behind_a_capital(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(' ');
    let word = before.rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    before.len() < at
        && word.starts_with(char::is_uppercase)
        && word.chars().all(|c| c.is_alphabetic() || c == '/')
}

/// The value that begins at `from`: up to the line's end, the next label or the end of its statement.
fn value(posting: &Posting<'_>, from: usize, next: usize) -> Option<Range<usize>> {
    let text = posting.str();
    let mut start = from;
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end);
    let mut end = line_end(start).min(next.max(start));
    if text[start..end].trim().is_empty() && end < next {
        // The value stands on the line below.
        start = end + text[end..].len() - text[end..].trim_start().len();
        end = line_end(start).min(next.max(start));
    }
    let index = posting.parts.units.partition_point(|unit| unit.range.end <= start);
    if let Some(unit) = posting.parts.units.get(index)
        && unit.range.start <= start
    {
        end = end.min(unit.range.end);
    }
    let mut limit = end.min(start + LONGEST);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    trimmed(text, start..limit)
}

/// Headings that are labels: their section's first statement is the value.
fn headings(posting: &Posting<'_>, values: &mut Vec<(Label, Range<usize>)>) {
    for (index, segment) in posting.parts.segments.iter().enumerate() {
        let Some(heading) = &segment.heading else { continue };
        let words = posting.str()[heading.clone()].to_lowercase();
        let Some(&label) = MEANING.get(words.trim()) else { continue };
        // Its words may have put the statement into a section of their own.
        let at = posting.parts.units.partition_point(|unit| unit.section < index);
        let below = posting.parts.units.get(at).filter(|unit| {
            unit.section == index
                || unit.section == index + 1 && posting.parts.segments[unit.section].heading.is_none()
        });
        let Some(unit) = below else { continue };
        let known =
            values.iter().any(|(_, value)| value.start < unit.range.end && unit.range.start < value.end);
        if label != Label::Stop && !known && unit.range.len() <= LONGEST {
            values.push((label, unit.range.clone()));
        }
    }
}

/// A range without the white space and signs at its ends; none when nothing with a letter or digit remains.
pub(super) fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let words = &text[range.clone()];
    let is_sign = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '*' | '#'
                    | '_'
                    | '-'
                    | '–'
                    | '—'
                    | ':'
                    | '|'
                    | '•'
                    | ','
                    | ';'
                    | '"'
                    | '“'
                    | '”'
                    | '·'
                    | '>'
                    | '='
                    | '~'
            )
    };
    let start = range.start + words.len() - words.trim_start_matches(is_sign).len();
    let end = start + text[start..range.end].trim_end_matches(is_sign).len();
    text[start..end].chars().any(char::is_alphanumeric).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::posting;

    fn check(input: &str, label: Label, expected: &[&str]) {
        posting(input, |posting| {
            let labels = Labels::of(posting);
            let found: Vec<&str> = labels.of_kind(label).map(|value| &posting.str()[value]).collect();
            assert_eq!(found, expected);
        });
    }

    #[test]
    fn a_value_ends_at_the_next_label() {
        check(
            "Position: Data Modeler Location: Reno, NV Duration: 6 months",
            Label::MaybeTitle,
            &["Data Modeler"],
        );
        check("Position: Data Modeler Location: Reno, NV Duration: 6 months", Label::Location, &["Reno, NV"]);
    }

    #[test]
    fn labels_are_found_where_line_breaks_were_lost() {
        check("We sell boats.Job Type: Full-timeSalary: $60,000 per year", Label::Employment, &["Full-time"]);
    }

    #[test]
    fn a_value_may_stand_below_its_label() {
        check("Job Title:\nNight Auditor\n\nLocation\nGalway, Ireland", Label::Title, &["Night Auditor"]);
        check(
            "Job Title:\nNight Auditor\n\nLocation\nGalway, Ireland",
            Label::Location,
            &["Galway, Ireland"],
        );
    }

    #[test]
    fn a_word_inside_a_phrase_is_no_label() {
        check("Your role: to lead. Ask about your career level at once", Label::Level, &[]);
    }
}
