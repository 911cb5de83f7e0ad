//! Fields that a language model filled: each is taken only when what the built-in readers know of the field says the same of the
//! very words that were quoted for it.

use contract::{DegreeLevel, Evidence, Fields, Industry, Level, SectionKind, Seniority, Stated};
use library::Library;
use regex::Regex;
use std::ops::Range;
use std::str::FromStr;
use std::sync::LazyLock;
use text::pattern;

use super::labels::Labels;
use super::{
    company, education, experience, industry, locations, org_unit, pay, places, seniority, terms, title,
    work_mode,
};
use crate::posting::Posting;

/// A field that may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Open {
    Title,
    Company,
    OrgUnit,
    Industry,
    Seniority,
    EmploymentType,
    WorkMode,
    Location,
    Experience,
    Education,
    Salary,
}

impl Open {
    pub(crate) const ALL: [Self; 11] = [
        Self::Title,
        Self::Company,
        Self::OrgUnit,
        Self::Industry,
        Self::Seniority,
        Self::EmploymentType,
        Self::WorkMode,
        Self::Location,
        Self::Experience,
        Self::Education,
        Self::Salary,
    ];

    /// What it is called in a question.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Company => "company",
            Self::OrgUnit => "org_unit",
            Self::Industry => "industry",
            Self::Seniority => "seniority",
            Self::EmploymentType => "employment_type",
            Self::WorkMode => "work_mode",
            Self::Location => "location",
            Self::Experience => "experience_years",
            Self::Education => "education",
            Self::Salary => "salary",
        }
    }

    /// What its value is, for whoever fills it in.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Title => "the job's title",
            Self::Company => "the employer's name",
            Self::OrgUnit => "the employer's department or team that the job belongs to",
            Self::Industry => "what the employer is, as worded: law firm, software company",
            Self::Seniority => {
                "one of intern, entry, junior, mid, senior, lead, staff, principal, manager, director, executive"
            }
            Self::EmploymentType => {
                "one of full_time, part_time, contract, contract_to_hire, temporary, internship, apprenticeship, freelance, volunteer, per_diem"
            }
            Self::WorkMode => "one of onsite, hybrid, remote",
            Self::Location => "a place of work",
            Self::Experience => "the least number of years of experience asked for overall, as a number",
            Self::Education => {
                "the least degree asked for: one of secondary, vocational, associate, bachelor, master, doctorate"
            }
            Self::Salary => "the lowest sum of the pay, as a number",
        }
    }

    /// Whether such a thing may be read from such a section: nothing that is asked for stands where nothing is asked, but the
    /// employer is named where it speaks of itself, and pay where it speaks of pay.
    const fn may_stand_in(self, kind: SectionKind) -> bool {
        let is_employers =
            matches!(kind, SectionKind::AboutCompany) && matches!(self, Self::Company | Self::Industry);
        let is_pay = matches!(kind, SectionKind::Compensation) && matches!(self, Self::Salary);
        is_employers || is_pay || !kind.asks_nothing() && !matches!(kind, SectionKind::Hashtags)
    }
}

/// The fields that the built-in readers left open.
pub(crate) fn open(fields: &Fields) -> Vec<Open> {
    let is_open = |open: &Open| match open {
        // An inferred title is a guess at what the posting may print after all.
        Open::Title => !fields.title.as_ref().is_some_and(is_stated),
        Open::Company => fields.company.is_none(),
        Open::OrgUnit => fields.org_unit.is_none(),
        Open::Industry => fields.industry.is_none(),
        Open::Seniority => fields.seniority.as_ref().is_none_or(|stated| stated.value.level.is_none()),
        Open::EmploymentType => fields.employment_type.is_none(),
        Open::WorkMode => fields.work_mode.is_none(),
        Open::Location => fields.locations.is_empty(),
        Open::Experience => fields.experience.is_empty(),
        Open::Education => fields.education.is_empty(),
        Open::Salary => fields.salary.is_none(),
    };
    Open::ALL.into_iter().filter(is_open).collect()
}

fn is_stated<T>(stated: &Stated<T>) -> bool {
    !matches!(stated.evidence, Evidence::Inferred { .. })
}

/// Fills an open field with a value that `quote`, a range of what is read, is said to state; `value_at` is where the value's own
/// words stand in it, if they do. Whether it was taken.
pub(crate) fn fill(
    posting: &Posting<'_>,
    library: &Library,
    fields: &mut Fields,
    open: Open,
    value: &str,
    value_at: Option<Range<usize>>,
    quote: Range<usize>,
) -> bool {
    // A quote may take in a label or a heading; what it states stands in one of its statements.
    let first = posting.parts.units.partition_point(|unit| unit.range.end <= quote.start);
    let statements = posting.parts.units.iter().enumerate().skip(first);
    statements.take_while(|(_, unit)| unit.range.start < quote.end).any(|(index, unit)| {
        let quote = quote.start.max(unit.range.start)..quote.end.min(unit.range.end);
        let inside = |at: &Range<usize>| quote.start <= at.start && at.end <= quote.end;
        let value_at = value_at.clone().filter(inside);
        let at = At { posting, library, unit: index, quote, value_at };
        open.may_stand_in(posting.kind(unit)) && at.fill(fields, open, value)
    })
}

fn put<T>(field: &mut Option<T>, value: Option<T>) -> bool {
    let taken = value.is_some();
    if taken {
        *field = value;
    }
    taken
}

fn push<T>(list: &mut Vec<T>, value: Option<T>) -> bool {
    let taken = value.is_some();
    list.extend(value);
    taken
}

/// "5", "5.5", "60,000", "60k".
fn number(value: &str) -> Option<f64> {
    let digits: String = value.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let factor = if value.trim_end().ends_with(['k', 'K']) { 1000.0 } else { 1.0 };
    digits.trim_end_matches('.').parse::<f64>().ok().map(|number| number * factor)
}

/// The level of a job of which nothing or only the ladder is known.
fn raise(fields: &mut Fields, stated: &Stated<Level>) -> bool {
    let known = fields.seniority.take();
    let mut spans = stated.evidence.spans().to_vec();
    let (track, manages_people) =
        known.as_ref().map_or((None, None), |known| (known.value.track, known.value.manages_people));
    spans.extend(known.iter().flat_map(|known| known.evidence.spans().iter().cloned()));
    fields.seniority = Some(Stated {
        value: Seniority { level: Some(stated.value), track, manages_people },
        evidence: Evidence::Text { spans },
    });
    true
}

/// Reads again what depends on fields that were filled, as the built-in readers do.
pub(crate) fn settle(posting: &Posting<'_>, library: &Library, fields: &mut Fields, filled: &[Open]) {
    let has = |open: Open| filled.contains(&open);
    let labels = Labels::of(posting);
    if has(Open::Company) && fields.industry.is_none() {
        fields.industry = industry::read(posting, library, &labels, fields.company.as_ref());
    }
    if (has(Open::Title) || has(Open::Experience)) && !has(Open::Seniority) {
        fields.seniority = seniority::read(posting, &labels, fields.title.as_ref(), &fields.experience);
    }
}

/// Whether words are what some other field holds, or a trait, and so no skill.
pub(crate) fn is_no_skill(
    posting: &Posting<'_>,
    fields: &Fields,
    words: &str,
    ranges: &[Range<usize>],
) -> bool {
    static TRAIT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:highly|very|strong|good|great|excellent|positive|can-do|an?) )*(?:motivat\w+|self[- ](?:motivat\w+|start\w+|driven|direct\w+|disciplin\w+|reliant|confiden\w+|aware\w*)|team[- ]?play\w*|attitude|work ethics?|(?:fast|quick)[- ]learn\w*|detail[- ]orient\w+|attention to detail|enthusias\w+|reliable|flexib\w+|adaptab\w+|passion\w*|energetic|energy|pro-?activ\w*|hard[- ]?work\w*|willing\w*|curio\w+|humble|humility|driven|initiative|dependab\w+|punctual\w*|multi-?task\w*|positive|friendly|empath\w+|integrity|honest\w*|ambitio\w+|resilien(?:t|ce)|independen\w+|sense of \w+|creativ\w+|organi[sz]ed|trustworth\w+|patien(?:t|ce)|outgoing|eager\w*|dedicat\w+|professionalism)(?: (?:person\w*|individuals?|attitude|mindset|approach|manner|spirit|(?:and|to|for|in|with|of) .*))?$",
        )
    });
    static BENEFIT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:health|dental|medical|life|vision|disability) (?:insurance|benefits?|coverage|plan)|401 ?\(?k\)?.*|(?:paid )?(?:time off|vacation|holidays|leave|sick days)|pto|pension(?: plan)?|stock options|equity|bonus(?:es)?|(?:competitive )?(?:salary|pay|benefits|compensation)|free (?:lunch(?:es)?|snacks|coffee)|gym membership|tuition \w+|parental leave|flexible hours)$",
        )
    });
    let held = [
        fields.education.iter().flat_map(|stated| stated.evidence.spans()).collect::<Vec<_>>(),
        fields.certifications.iter().flat_map(|stated| stated.evidence.spans()).collect(),
        fields.spoken_languages.iter().flat_map(|stated| stated.evidence.spans()).collect(),
        fields.benefits.iter().flat_map(|stated| stated.evidence.spans()).collect(),
        fields.locations.iter().flat_map(|stated| stated.evidence.spans()).collect(),
        fields.company.iter().flat_map(|stated| stated.evidence.spans()).collect(),
        fields.org_unit.iter().flat_map(|stated| stated.evidence.spans()).collect(),
    ]
    .concat();
    let is_held = ranges.iter().all(|range| {
        let range = posting.text.scalars(range.clone());
        held.iter().any(|span| span.start < range.end && range.start < span.end)
    });
    is_held
        || fields.title.as_ref().is_some_and(|title| title.value.eq_ignore_ascii_case(words))
        || TRAIT.is_match(words)
        || BENEFIT.is_match(words)
        || education::is_a_degree(words)
        || education::is_a_language(words)
        || !experience::duration::durations(words, 0..words.len()).is_empty()
        || places::find(words, true).iter().any(|place| place.range.len() * 2 > words.len())
        || terms::is_a_form(words)
        || work_mode::is_a_mode(words)
}

/// The place that a value was quoted from.
struct At<'p, 'a> {
    posting: &'p Posting<'a>,
    library: &'p Library,
    /// Index of the statement.
    unit: usize,
    quote: Range<usize>,
    value_at: Option<Range<usize>>,
}

impl At<'_, '_> {
    fn fill(&self, fields: &mut Fields, open: Open, value: &str) -> bool {
        let Self { posting, unit, quote, .. } = self;
        // A word of a closed vocabulary, as the wire writes it.
        let word = value.trim().to_lowercase().replace([' ', '-'], "_");
        match open {
            Open::Title => put(&mut fields.title, self.title(fields.company.as_ref())),
            Open::Company => put(&mut fields.company, self.company()),
            Open::OrgUnit => put(&mut fields.org_unit, self.org_unit(fields.company.as_ref())),
            Open::Industry => put(&mut fields.industry, self.industry()),
            Open::Seniority => self.level(&word).is_some_and(|level| raise(fields, &level)),
            Open::EmploymentType => {
                let form = terms::asked(posting, *unit, quote.clone());
                put(&mut fields.employment_type, form.filter(|form| form.value.to_string() == word))
            }
            Open::WorkMode => {
                let mode = work_mode::asked(posting, *unit, quote.clone());
                put(&mut fields.work_mode, mode.filter(|mode| mode.value.mode.to_string() == word))
            }
            Open::Location => push(&mut fields.locations, self.location()),
            Open::Experience => {
                let years = number(value).map(|years| years as f32);
                push(
                    &mut fields.experience,
                    years.and_then(|years| experience::asked(posting, *unit, quote, years)),
                )
            }
            Open::Education => {
                let is_level = |level: DegreeLevel| level.to_string() == word;
                let degree = education::asked(posting, *unit, quote);
                push(&mut fields.education, degree.filter(|degree| degree.value.level.is_some_and(is_level)))
            }
            Open::Salary => {
                put(&mut fields.salary, number(value).and_then(|sum| pay::asked(posting, quote, sum)))
            }
        }
    }

    fn statement(&self) -> &str {
        self.posting.words(&self.posting.parts.units[self.unit])
    }

    /// What the statement says before a place.
    fn before(&self, at: usize) -> &str {
        &self.posting.str()[self.posting.parts.units[self.unit].range.start..at]
    }

    fn title(&self, company: Option<&Stated<String>>) -> Option<Stated<String>> {
        let range = self.value_at.clone().filter(|range| !speaks_of_others(self.before(range.start)))?;
        title::asked(self.posting, range, company.map(|company| company.value.as_str()))
    }

    fn company(&self) -> Option<Stated<String>> {
        company::asked(self.posting, self.library, self.unit, self.value_at.clone()?)
    }

    fn org_unit(&self, company: Option<&Stated<String>>) -> Option<Stated<String>> {
        org_unit::asked(
            self.posting,
            self.before(self.value_at.as_ref()?.start),
            self.value_at.clone()?,
            company,
        )
    }

    fn industry(&self) -> Option<Stated<Industry>> {
        industry::asked(self.posting, self.statement(), self.before(self.quote.start), self.quote.clone())
    }

    fn location(&self) -> Option<Stated<contract::Location>> {
        locations::asked(self.posting, self.statement(), self.value_at.clone()?)
    }

    fn level(&self, value: &str) -> Option<Stated<Level>> {
        let wanted = Level::from_str(value).ok()?;
        let words = &self.posting.str()[self.quote.clone()];
        let (level, at) = seniority::level_of(words)?;
        let (start, end) = (self.quote.start + at.start, self.quote.start + at.end);
        (level == wanted && !speaks_of_others(self.before(start)))
            .then(|| Stated::read(level, self.posting.span(start..end)))
    }
}

/// Whether what stands before a title or a level says that it is somebody else's: "reports to the", "mentor".
fn speaks_of_others(before: &str) -> bool {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:report(?:s|ing)?(?: directly)? to|work(?:s|ing)?(?: \w+){0,2} (?:with|alongside|for|under)|alongside|together with|collaborat\w+|partner\w*|liais\w+|interact\w*|communicat\w+|support\w*|assist\w*|help\w*|mentor\w*|coach\w*|train\w*|teach\w*|guid(?:e|es|ing)|supervis\w+|manag(?:e|es|ing)|lead(?:s|ing)?|team of|(?:along )?with|by|from|under|between|like|such as|including|experience (?:as|in|with)|years as|(?:worked|background|career) as|former|previous\w*|customers?|clients?|users?|candidates|colleagues|other)\b[^.;:!?]{0,80}$",
        )
    });
    OTHERS.is_match(before)
}

#[cfg(test)]
mod tests;
