//! Names that stand where skills stand: skills that the library does not know, and known ones that are written unusually.

use contract::{Necessity, Polarity, SectionKind};
use library::{Library, Mention};
use regex::Regex;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::{Place, clause};
use crate::posting::Posting;

/// Names between known skills of one list, and technical names behind "experience with" and the like.
pub(super) fn find(posting: &Posting<'_>, library: &Library) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    for (index, unit) in posting.parts.units.iter().enumerate() {
        let item = &posting.items[index];
        let asks = matches!(item.kind, contract::ItemKind::Requirement)
            || posting.kind(unit) == SectionKind::SkillsList;
        if !asks {
            continue;
        }
        for range in members(posting.str(), unit.range.clone(), posting.mentions_in(&unit.range), library) {
            let words = &posting.str()[range.clone()];
            let skill = match library.aliases().named(words).as_slice() {
                [] if names_no_skill(words, library) => continue,
                [] => None,
                // Among its like it needs neither its usual letters nor other company.
                &[known] => Some(known),
                [_, ..] => continue,
            };
            found.push(Place {
                skill,
                necessity: clause::necessity(posting, unit, item, &range),
                polarity: Polarity::Positive,
                unit: index,
                group: None,
                min_years: clause::years(posting.str(), &unit.range, &range),
                level: None,
                version: None,
                by_context: true,
                in_responsibilities: item.necessity == Necessity::Responsibility,
                is_asked: false,
                range,
            });
        }
    }
    found
}

/// The unknown members of lists in which at least two known skills stand.
fn members(text: &str, unit: Range<usize>, known: &[Mention], library: &Library) -> Vec<Range<usize>> {
    let products =
        known.iter().filter(|mention| super::is_product(library.skill(mention.skill).skill_type)).count();
    if products < 2 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut start = unit.start;
    let words = &text[unit.clone()];
    for (at, separator) in words.match_indices([',', ';', '(', ')', '/', '|']).chain([(words.len(), "")]) {
        let end = unit.start + at;
        let part = trimmed(text, start..end);
        let beside = known.iter().any(|mention| {
            super::is_product(library.skill(mention.skill).skill_type)
                && (touches(text, &mention.range, &part) || touches(text, &part, &mention.range))
        });
        let overlaps =
            known.iter().any(|mention| mention.range.start < part.end && part.start < mention.range.end);
        if beside && !overlaps && reads_like_a_name(&text[part.clone()]) {
            found.push(part);
        }
        start = end + separator.len();
    }
    found
}

/// Whether only a list separator lies between two ranges in this order.
fn touches(text: &str, first: &Range<usize>, second: &Range<usize>) -> bool {
    first.end <= second.start && {
        let gap = text[first.end..second.start].trim();
        (1..=2).contains(&gap.len()) && gap.chars().all(|c| matches!(c, ',' | '/' | '|' | ';' | '('))
    }
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    static CONNECTIVE: LazyLock<Regex> = LazyLock::new(|| {
        text::pattern(
            r"(?i)^(?:and/or|and|or|etc\.?|e\.g\.?|i\.e\.?|including|like|such as|using|with|\s)+\b|^[\s&]+",
        )
    });
    let words = &text[range.clone()];
    let skip = CONNECTIVE.find(words).map_or(0, |connective| connective.end());
    let body = words[skip..].trim();
    if body.is_empty() {
        return range.start..range.start;
    }
    let start = range.start + skip + (words[skip..].len() - words[skip..].trim_start().len());
    let body = body.trim_end_matches(['.', ':', '*', ' ', '"', '”', '\'']);
    start..start + body.len()
}

/// Whether the words are those of everyday work ("Databases", "Server Architecture"), or an employer's name.
fn names_no_skill(words: &str, library: &Library) -> bool {
    let lower = words.to_lowercase();
    let is_ordinary = |word: &str| {
        library.is_ordinary(word) || word.strip_suffix('s').is_some_and(|one| library.is_ordinary(one))
    };
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).all(is_ordinary)
        || library.companies().iter().any(|company| {
            std::iter::once(&company.name).chain(&company.aliases).any(|name| name.to_lowercase() == lower)
        })
}

/// One to three words shaped like a product's name: capitals or digits inside, nothing of a sentence.
fn reads_like_a_name(words: &str) -> bool {
    static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        [
            "etc",
            "similar",
            "others",
            "other",
            "strong",
            "experience",
            "knowledge",
            "ability",
            "excellent",
            "years",
            "required",
            "preferred",
            "must",
            "plus",
            "more",
            "tools",
            "systems",
            "bachelor",
            "master",
            "bachelor's",
            "master's",
            "degree",
            "phd",
            "bs",
            "ms",
            "ba",
            "be",
            "mba",
            "usa",
            "us",
            "uk",
            "eu",
            "canada",
            "india",
            "english",
            "good",
            "new",
            "the",
            "a",
            "an",
            "we",
            "you",
            "our",
            "your",
            "i",
            "it",
            "monday",
            "friday",
            "senior",
            "junior",
            "mid",
            "level",
            "inc",
            "llc",
            "ltd",
            "equivalent",
            "related",
            "company",
            "team",
            "teams",
            "business",
        ]
        .into_iter()
        .collect()
    });
    let count = words.split_whitespace().count();
    let name_like = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#'));
        bare.len() >= 2
            && bare.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
            && bare.chars().any(char::is_alphabetic)
            && !COMMON.contains(bare.to_lowercase().as_str())
    };
    (1..=3).contains(&count)
        && words.len() <= 32
        // "4.x" is a version of what stands before it.
        && words.starts_with(|c: char| !c.is_ascii_digit())
        && words.split_whitespace().all(name_like)
        && !words.contains(['@', '$', '%', '<', '>', '…'])
        && !words.contains("http")
}
