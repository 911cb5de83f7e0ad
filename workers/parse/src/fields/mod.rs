//! The fields of a posting: one file a family; each value carries the words it was read from.

mod application;
mod asked;
mod company;
mod contact;
mod education;
mod experience;
mod gazetteer;
mod industry;
mod inferred;
mod labels;
mod locations;
mod noise;
mod offers;
mod org_unit;
mod pay;
mod permits;
mod phrase;
mod places;
mod seniority;
mod statements;
mod terms;
mod title;
mod work_mode;

use contract::{Evidence, Fields, Span, Stated};
use library::Library;
use std::ops::Range;
use text::pattern;

use crate::posting::Posting;
pub(crate) use asked::{Open, fill, is_no_skill, open, settle};
use labels::Labels;

/// Reads every field of a posting; what is not stated is null or empty.
pub(crate) fn read(posting: &Posting<'_>, library: &Library) -> Fields {
    let labels = Labels::of(posting);
    let company = company::name(posting, library, &labels);
    let org_unit = org_unit::read(posting, &labels, company.as_ref());
    let industry = industry::read(posting, library, &labels, company.as_ref());
    let titles = title::read(posting, &labels, company.as_ref());
    let experience = experience::read(posting);
    let title = titles.first().cloned().or_else(|| inferred::title(posting, library));
    let seniority = seniority::read(posting, &labels, title.as_ref(), &experience);
    let locations = locations::read(posting, &labels);
    let work_mode = work_mode::read(posting, &labels);
    Fields {
        title,
        title_aliases: titles.into_iter().skip(1).collect(),
        seniority,
        company,
        org_unit,
        industry,
        locations,
        work_mode,
        employment_type: terms::employment_type(posting, &labels),
        salary: pay::salary(posting),
        experience,
        education: education::degrees(posting, library),
        certifications: education::certifications(posting, library),
        spoken_languages: education::spoken_languages(posting),
        visa_clearance: permits::visa_clearance(posting),
        travel: permits::travel(posting),
        benefits: offers::benefits(posting),
        application: application::window(posting),
        deadline: application::deadline(posting, &labels),
        contact: contact::people(posting, &labels),
        urls: contact::urls(posting),
        eeo_statement: statements::equal_opportunity(posting),
        accommodation_statement: statements::accommodation(posting),
    }
}

/// A value that stood beside the text, with the first place where the text says it too.
fn given(posting: &Posting<'_>, value: &str) -> Option<Stated<String>> {
    let value = value.trim();
    (!value.is_empty()).then(|| Stated {
        value: value.to_owned(),
        evidence: Evidence::Given { spans: said(posting, value) },
    })
}

/// The first place where the text says some words, whatever their case.
fn said(posting: &Posting<'_>, words: &str) -> Vec<Span> {
    let text = posting.str();
    let (text, words) = (text.to_ascii_lowercase(), words.to_ascii_lowercase());
    let place = text.match_indices(&words).find(|(at, _)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + words.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    });
    place.map(|(at, _)| posting.span(at..at + words.len())).into_iter().collect()
}

/// Whether words hold one of some lower-case parts, whatever their case: the cheap look before a pattern's.
fn holds(words: &str, parts: &[&str]) -> bool {
    let lower = words.to_ascii_lowercase();
    parts.iter().any(|part| lower.contains(part))
}

/// The words of a range with the range, for a value read from the text as it is written.
fn written(posting: &Posting<'_>, range: Range<usize>) -> Stated<String> {
    Stated::read(posting.str()[range.clone()].to_owned(), posting.span(range))
}

#[cfg(test)]
pub(crate) mod sample {
    use crate::posting::Posting;
    use std::sync::LazyLock;
    use text::Text;
    use text::read::Hints;

    pub(crate) static LIBRARY: LazyLock<library::Library> =
        LazyLock::new(|| library::Library::build(library::shipped()).expect("the shipped library builds"));

    pub(crate) const REFERENCE: &str = include_str!("../../../../tests/reference/jd_microsoft.txt");

    /// Lets `look` see a posting of this text, with no hints.
    pub(crate) fn posting<T>(input: &str, look: impl FnOnce(&Posting<'_>) -> T) -> T {
        hinted(input, &Hints::default(), look)
    }

    /// Lets `look` see a posting of this text and these hints.
    pub(crate) fn hinted<T>(input: &str, hints: &Hints, look: impl FnOnce(&Posting<'_>) -> T) -> T {
        let text = Text::new(text::normalise(input).0);
        let mut parts = text::segment(text.as_str());
        let items = crate::items::read(&text, &mut parts);
        let mentions = crate::posting::mentions(&text, &parts, &LIBRARY);
        look(&Posting { text: &text, parts: &parts, items: &items, mentions: &mentions, hints })
    }
}
