//! The places of work.

use contract::{Evidence, Location, SectionKind, Stated};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::labels::{Label, Labels};
use super::places::{self, Place};
use super::{pattern, said};
use crate::posting::Posting;

/// The most places that are given for one posting.
const MOST: usize = 12;

/// Where the work is done, the sender's word first. Empty when nobody says it.
pub(super) fn read(posting: &Posting<'_>, labels: &Labels) -> Vec<Stated<Location>> {
    let given = given(posting);
    if !given.is_empty() {
        return given;
    }
    let mut found = Found { posting, locations: Vec::new() };
    for value in labels.of_kind(Label::Location).chain(labels.of_kind(Label::WorkMode)) {
        found.labelled(value);
    }
    if found.locations.is_empty() {
        found.parts(labels);
    }
    let labelled = !found.locations.is_empty();
    found.header();
    if !labelled {
        for unit in &posting.parts.units {
            found.sentence(unit.range.clone(), posting.kind(unit));
        }
    }
    found.locations.truncate(MOST);
    found.locations
}

fn given(posting: &Posting<'_>) -> Vec<Stated<Location>> {
    let hints = posting.hints;
    let page = hints.json_ld.as_ref();
    let lines: Vec<&str> = match (hints.location.as_deref(), page) {
        (Some(line), _) => vec![line],
        (None, Some(page)) if !page.job_location.is_empty() => {
            page.job_location.iter().map(String::as_str).collect()
        }
        (None, Some(page)) => page.applicant_location_requirements.iter().map(String::as_str).collect(),
        (None, None) => Vec::new(),
    };
    let mut locations: Vec<Stated<Location>> = Vec::new();
    for line in lines
        .iter()
        .flat_map(|line| line.split([';', '|', '\n']))
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let places = places::find(line, true);
        let values: Vec<Location> = match places.len() {
            0 if is_a_mode(line) => continue,
            0 => vec![Location { raw: line.to_owned(), city: None, region: None, country: None }],
            // One place is the whole line, also where the table does not know every part of it.
            1 => {
                places.into_iter().map(|place| Location { raw: line.to_owned(), ..place.location }).collect()
            }
            _ => places.into_iter().map(|place| place.location).collect(),
        };
        for value in values {
            let spans = said(posting, &value.raw);
            locations.push(Stated { value, evidence: Evidence::Given { spans } });
        }
    }
    locations.truncate(MOST);
    locations
}

/// A place of work that somebody else found in a statement.
pub(super) fn asked(posting: &Posting<'_>, statement: &str, range: Range<usize>) -> Option<Stated<Location>> {
    if !may_name_the_place(posting.kind_at(range.start)) || speaks_of_others(statement) {
        return None;
    }
    let place = places::find(&posting.str()[range.clone()], true).into_iter().next()?;
    let at = range.start + place.range.start..range.start + place.range.end;
    Some(Stated::read(place.location, posting.span(at)))
}

fn is_a_mode(line: &str) -> bool {
    static MODE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\W*(?:(?:fully|100%|remote|hybrid|on-?site|telecommute|work from home|anywhere|virtual|flexible|worldwide|multiple locations|various|n/?a|tbd|unknown|job|position)\W*)+$",
        )
    });
    MODE.is_match(line)
}

struct Found<'p, 'a> {
    posting: &'p Posting<'a>,
    locations: Vec<Stated<Location>>,
}

impl Found<'_, '_> {
    fn add(&mut self, base: usize, place: Place) {
        let range = base + place.range.start..base + place.range.end;
        let value = place.location;
        let known = self.locations.iter_mut().find(|other| same(&other.value, &value));
        match known {
            None => self.locations.push(Stated::read(value, self.posting.span(range))),
            // The fuller of two ways to say the same place stays.
            Some(other) if parts(&value) > parts(&other.value) => {
                *other = Stated::read(value, self.posting.span(range))
            }
            Some(_) => {}
        }
    }

    /// Every place behind a label; where the table knows none, nothing is said.
    fn labelled(&mut self, value: Range<usize>) {
        let text = self.posting.str();
        let words = &text[value.clone()];
        // A label before a sentence: only what stands first is its value.
        let words = words.split(". ").next().unwrap_or(words);
        if speaks_of_others(words) {
            return;
        }
        for place in places::find(words, true) {
            self.add(value.start, place);
        }
        // An address goes on below its street: "970 Mill Road" and then "Leith, Scotland".
        if self.locations.is_empty() && words.starts_with(|c: char| c.is_ascii_digit()) {
            let below = text[value.end..].trim_start_matches([' ', '\n', ',']);
            let start = text.len() - below.len();
            let line = below.lines().next().unwrap_or_default();
            for place in places::find(line, true).into_iter().take(1) {
                self.add(start, place);
            }
        }
    }

    /// "City: Leith", "Country: Canada" on lines of their own.
    fn parts(&mut self, labels: &Labels) {
        let text = self.posting.str();
        for label in [Label::City, Label::Country] {
            for value in labels.of_kind(label) {
                let words = &text[value.clone()];
                if words.split_whitespace().count() <= 6 {
                    for place in places::find(words, true) {
                        self.add(value.start, place);
                    }
                }
            }
        }
    }

    /// Places in the short lines at the top: "Harbour Tools - Reno, NV", "Night Auditor (Galway)".
    fn header(&mut self) {
        let text = self.posting.str();
        let mut at = 0;
        for line in text.split('\n').filter(|line| !line.trim().is_empty()).take(6) {
            let start = text[at..].find(line).map_or(at, |found| at + found);
            at = start + line.len();
            let words = line.split_whitespace().count();
            let is_short = words <= 16 && !line.trim_end().ends_with(['.', '!', '?']);
            if is_short && !speaks_of_others(line) && self.posting.kind_at(start) != SectionKind::Eeo {
                for place in places::find(line, false) {
                    if place.is_sure || stands_apart(line, &place.range) {
                        self.add(start, place);
                    }
                }
            } else if start == 0 {
                // Text without line breaks: the top is its first words.
                let mut end = line.len().min(160);
                while !line.is_char_boundary(end) {
                    end -= 1;
                }
                let top = &line[..end];
                for place in places::find(top, false).into_iter().filter(|place| {
                    place.is_sure && place.location.city.is_some() && place.location.region.is_some()
                }) {
                    if !speaks_of_others(&top[..place.range.start]) && place.range.end + 2 < end {
                        self.add(start, place);
                    }
                }
            }
        }
    }

    /// Places that a sentence gives to the job.
    fn sentence(&mut self, unit: Range<usize>, kind: SectionKind) {
        static OF_THE_JOB: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)\b(?:position|positions|role|roles|job|jobs|opportunity|opening|vacancy|looking for|seeking|hiring|recruiting|in search of|join|candidates?|you will|you'll|you’ll|you|office|on-?site|remote|remotely|hybrid|commut\w*|work from|work in|relocat\w*|located|location|based)\b",
            )
        });
        static THE_JOB: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)^(?:this|the|our|your) (?:[\w-]+ ){0,3}(?:position|role|job|opportunity|office|candidate)\b",
            )
        });
        let words = &self.posting.str()[unit.clone()];
        if !(may_name_the_place(kind) || !kind.asks_nothing() && THE_JOB.is_match(words)) {
            return;
        }
        let own = kind == SectionKind::LocationWorkmode || kind == SectionKind::Title;
        if !(own || OF_THE_JOB.is_match(words)) || speaks_of_others(words) {
            return;
        }
        let mut last: Option<usize> = None;
        for place in places::find(words, own) {
            let before = &words[..place.range.start];
            let after = &words[place.range.end..];
            let follows = last.is_some_and(|last| is_list_joint(&words[last..place.range.start]));
            if follows
                || (is_led_in(before, own) || own && place.is_sure) && !goes_on(after)
                || is_our_office(before, after)
            {
                last = Some(place.range.end);
                self.add(unit.start, place);
            }
        }
    }
}

const fn may_name_the_place(kind: SectionKind) -> bool {
    matches!(
        kind,
        SectionKind::Title
            | SectionKind::Overview
            | SectionKind::AboutCompany
            | SectionKind::AboutTeam
            | SectionKind::LocationWorkmode
            | SectionKind::EmploymentTerms
            | SectionKind::Other
    )
}

/// Words that speak of where customers, offices, rights or the company's past are.
fn speaks_of_others(words: &str) -> bool {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:headquartered|head ?quarters (?:is|are|in)|head office (?:is )?in|(?:studios|plants|sites|stores|branches|facilities|labs|hubs|campuses|places to work|workplaces?|employers?|people|communities|organizations|companies|businesses|families|lives of|students?) (?:\w+ )?in|offices (?:in|across|around|located|throughout|are)|locations (?:in|across|around|throughout)|operations in|operates? in|operating in|across|around the|throughout|founded|established|presence in|countries|customers in|clients in|markets?|universit(?:y|ies)|authori[sz]ed to work|authori[sz]ation|eligib\w+ to work|legally|legal right|permanent resident|citizens?|residents? of|laws? of|licensed? in|degree|travel to|traveling to|travel in|visits? to|sponsorship|visa|fluent|subsidiar\w+|acquired|serving|serves|employees in|employs|largest|leading|premier|equal opportunity|applicants? (?:from|in)|pay range|salary|compensation|for (?:residents|candidates|applicants|employees)|time ?zone|edt|est\b|pst\b|known|history|born|schools?|partners in|suppliers in|teams in|team in|colleagues in|stakeholders in|associates in|counterparts|collaborat\w+ with)\b",
        )
    });
    OTHERS.is_match(words)
}

/// "in", "at", "based out of", "for our …" right before the place.
fn is_led_in(before: &str, own: bool) -> bool {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:in|within|at|near|from|out of|outside(?: of)?|located|location is|location:)\s+(?:(?:our|the|downtown|greater|central|beautiful|sunny|either|both|metro|metropolitan|nearby|north|south|east|west|area of|city of|town of|heart of|area|greater) )*$",
        )
    });
    static DASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:[-–(|:]\s*|^)$"));
    LEAD.is_match(before) || own && DASH.is_match(before)
}

/// "our Reno office", "the Reno, NV location".
fn is_our_office(before: &str, after: &str) -> bool {
    static OUR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:our|the|their|its) (?:new |downtown |central |main |corporate |beautiful |growing )*$",
        )
    });
    static OFFICE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:,? |-based )(?:based )?(?:[\w-]+ )?(?:office|headquarters|hq|location|campus|site|plant|facility|branch|store|warehouse|studio|hub|area|clinic|hospital|restaurant|hotel|shop|lab|team|market)\b",
        )
    });
    OUR.is_match(before) && OFFICE.is_match(after)
}

/// "in Mobile development": the name is a word of what follows.
fn goes_on(after: &str) -> bool {
    static ENDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\W*$|[,.;:!)/|(-]|['’]s\b|\s*[-–(|/&]|\s+(?:and|or|to|with|for|who|that|on|at|as|is|are|will|where|which|while|but|if|we|you|office|offices|area|location|region|campus|site|headquarters|plant|facility|metro|downtown|full|part|from|by|a|an|the|this|has|starting|only|market|store|branch|must|may|can|working|reporting|location|territory|day|contract|initially|remote|onsite|hybrid|\d)\b)",
        )
    });
    !ENDS.is_match(after)
}

fn is_list_joint(gap: &str) -> bool {
    static JOINT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:[,;/|&\s]|\band\b|\bor\b|\bas well as\b)+$"));
    JOINT.is_match(gap)
}

/// At the end of a line, behind a dash, comma or bracket, or the whole line.
fn stands_apart(line: &str, range: &Range<usize>) -> bool {
    let before = line[..range.start].trim_end();
    let after = line[range.end..].trim();
    let opens = before.is_empty()
        || before.ends_with(['-', '–', '—', '|', '(', '•', '·', ':', '@', '/'])
        || before.ends_with(" in")
        || before.ends_with(',');
    let closes = after.is_empty() || after.starts_with(['-', '–', '—', '|', ')', '•', '·', '(', '/', ',']);
    opens
        && closes
        && !(before.is_empty() && after.is_empty() && line.split_whitespace().count() == 1 && line.len() < 4)
}

/// Whether two locations are one place, one of them perhaps said in fewer words.
fn same(a: &Location, b: &Location) -> bool {
    let agree = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
    agree(&a.city, &b.city) && agree(&a.region, &b.region) && agree(&a.country, &b.country)
}

fn parts(location: &Location) -> usize {
    [&location.city, &location.region, &location.country].iter().filter(|part| part.is_some()).count()
}

#[cfg(test)]
mod tests;
