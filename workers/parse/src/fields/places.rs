//! The names of countries, regions and large towns, and how they stand together: "Town, Region, Country".

use contract::Location;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::gazetteer::{LONGEST, Meaning, TABLE, folded};
use super::pattern;

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// All of it, from the town to the country.
    pub(super) range: Range<usize>,
    pub(super) location: Location,
    /// Whether more than one name says so: "Reno, NV".
    pub(super) is_sure: bool,
}

/// A name of the table, or a capitalised phrase before a region.
struct Name {
    range: Range<usize>,
    meanings: Vec<Meaning>,
}

/// The places that a text names, in order. `lenient` takes towns that the table does not know before any region,
/// and abbreviations wherever they stand: for what follows a label.
pub(super) fn find(text: &str, lenient: bool) -> Vec<Place> {
    let names = names(text, lenient);
    let mut places = Vec::new();
    let mut at = 0;
    while at < names.len() {
        let mut end = at + 1;
        let mut meanings = names[at].meanings.clone();
        while end < names.len() && joins(&text[names[end - 1].range.end..names[end].range.start]) {
            let narrowed = together(&meanings, &names[end].meanings);
            if narrowed.is_empty() {
                break;
            }
            meanings = narrowed;
            end += 1;
        }
        if let Some(place) = place(text, &names[at..end], &meanings, lenient) {
            // "Wilmington, Massachusetts": a town of that name elsewhere gives way.
            while places.last().is_some_and(|last: &Place| last.range.end > place.range.start) {
                places.pop();
            }
            places.push(place);
        }
        at = end;
    }
    places
}

/// The readings under which two neighbouring names are one place, the narrower of each pair kept.
fn together(first: &[Meaning], second: &[Meaning]) -> Vec<Meaning> {
    let mut pairs = Vec::new();
    for &a in first {
        for &b in second {
            let joined = if a.lies_in(b) {
                Meaning { region: if a.region.is_empty() { b.region } else { a.region }, ..a }
            } else if b.lies_in(a) {
                Meaning { region: if b.region.is_empty() { a.region } else { b.region }, ..b }
            } else {
                continue;
            };
            if !pairs.contains(&joined) {
                pairs.push(joined);
            }
        }
    }
    pairs
}

fn joins(gap: &str) -> bool {
    static GAP: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?: ?, ?| | ?[-–/|:] ?| ?\(|\n|,? ?\d{5},? ?|, ?\n)$"));
    GAP.is_match(gap)
}

fn place(text: &str, names: &[Name], meanings: &[Meaning], lenient: bool) -> Option<Place> {
    static STREET: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^ (?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Way|Square|Place|Parkway|Pkwy|Crescent|Court|Highway|Hwy|Terrace|Quay|Embankment|University|College|Hospital|School|Bank|Group|Inc|LLC|Ltd|Corporation|Institute|Times|Post|Airport|State|Stock Exchange|Act|Law|Human Rights|Gazette|Centre|Center|Tower|House|Hall|Museum|Library|Mall)\b",
        )
    });
    let (first, last) = (names.first()?, names.last()?);
    if STREET.is_match(&text[last.range.end..]) {
        return None;
    }
    let mut range = first.range.clone();
    range.end = last.range.end;
    let mut is_sure = names.len() > 1;
    let mut location = agreed(meanings);
    // A town that the table does not know stands before its region or country: "Little Falls, NJ".
    let narrowest = meanings.iter().map(|meaning| meaning.rank()).min()?;
    if narrowest > 0 {
        if let Some(town) = town_before(text, range.start) {
            let behind_comma = text[town.end..range.start].contains(',');
            let apart = text[..town.start]
                .trim_end_matches(' ')
                .chars()
                .next_back()
                .is_none_or(|c| matches!(c, ',' | '-' | '|' | ':' | '(' | '\n' | '–'))
                && text[range.end..]
                    .trim_start_matches(' ')
                    .chars()
                    .next()
                    .is_none_or(|c| matches!(c, ')' | '\n' | '|'));
            if behind_comma && (lenient || narrowest == 1 || is_sure || apart) {
                location.city = Some(text[town.clone()].to_owned());
                range.start = town.start;
                is_sure = true;
            }
        }
        let bare = names.len() == 1 && TABLE.short.contains_key(&text[first.range.clone()]);
        if bare && !is_sure && !lenient && !names_a_country_freely(text, &first.range) {
            return None;
        }
    }
    if range.end < text.len() && text[range.clone()].contains('(') && text[range.end..].starts_with(')') {
        range.end += 1;
    }
    location.raw = text[range.clone()].replace('\n', " ");
    Some(Place { range, location, is_sure })
}

/// What all readings of a name agree on; a town goes before a region of its name ("New York"), but not "Washington".
fn agreed(meanings: &[Meaning]) -> Location {
    let narrowest = meanings.iter().map(|meaning| meaning.rank()).min().unwrap_or(2);
    let towns: Vec<&Meaning> = meanings.iter().filter(|meaning| meaning.rank() == narrowest).collect();
    let same = |of: fn(&Meaning) -> &'static str| {
        let value = of(towns[0]);
        (!value.is_empty() && towns.iter().all(|meaning| of(meaning) == value)).then(|| value.to_owned())
    };
    if towns.is_empty() {
        return Location { raw: String::new(), city: None, region: None, country: None };
    }
    let mut location = Location {
        raw: String::new(),
        city: same(|meaning| meaning.city),
        region: same(|meaning| meaning.region),
        country: same(|meaning| meaning.country),
    };
    if location.city.as_deref() == Some("Washington") && meanings.iter().any(|meaning| meaning.rank() == 1) {
        location.city = None;
        location.region = None;
    }
    location
}

/// "US", "UK", "UAE" may stand alone behind "the", a dash or a bracket; "about US" is no country.
fn names_a_country_freely(text: &str, range: &Range<usize>) -> bool {
    let name = &text[range.clone()];
    let country = TABLE.short.get(name).is_some_and(|meaning| meaning.rank() == 2);
    let before = text[..range.start].trim_end_matches(' ');
    let behind_the = before.ends_with("the")
        || before.ends_with("The")
        || before.ends_with(['(', '-', '–', ',', '/', ':', '|'])
        || before.is_empty();
    let remote = before.len() >= 6
        && before.is_char_boundary(before.len() - 6)
        && before[before.len() - 6..].eq_ignore_ascii_case("remote");
    country && (behind_the || remote || !matches!(name, "US" | "CAN"))
}

fn names(text: &str, lenient: bool) -> Vec<Name> {
    let mut names = Vec::new();
    let words = words(text);
    let mut at = 0;
    while at < words.len() {
        if !text[words[at].clone()].starts_with(char::is_uppercase) {
            at += 1;
            continue;
        }
        let longest = (at + LONGEST).min(words.len());
        let hit = (at + 1..=longest).rev().find_map(|end| {
            let range = words[at].start..words[end - 1].end;
            let written = &text[range.clone()];
            if written.contains('\n') {
                return None;
            }
            let known = TABLE.names.get(&folded(written)).cloned();
            let known = known.or_else(|| {
                let short = *TABLE.short.get(written)?;
                (lenient || short.rank() == 2 || stands_behind_a_town(text, &range)).then(|| vec![short])
            });
            Some((end, Name { range, meanings: known? }))
        });
        match hit {
            Some((end, name)) => {
                names.push(name);
                at = end;
            }
            None => at += 1,
        }
    }
    names
}

/// "Reno, NV" and "Reno NV", not "Sales, IN addition": a region's letters need a capitalised word and mostly a comma before them.
fn stands_behind_a_town(text: &str, range: &Range<usize>) -> bool {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:[A-Z][\w.'’-]+, ?|[a-z]\)? ?[-–] ?)$"));
    static NO_TOWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^a-z])[A-Z][a-z.'’]+ $"));
    let before = &text[..range.start];
    let after = text[range.end..].chars().next();
    let closes = after.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '&' | '/' | '+' | '#'));
    let tail = &before[before.char_indices().rev().nth(40).map_or(0, |(at, _)| at)..];
    if !closes {
        return false;
    }
    // "Marketing, OR sales": letters that are words too need a sign behind them, or a known town before.
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?:IN|OR|ME|OK|HI|ON|ID|CO|DE|LA|AL|PA|MA|OH|PE|MS|PM|MB|MD|AR|AB|VA)$"));
    static CLOSED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:$|[,.;:)|\n/–-]| ?\d| ?[-–(|•])"));
    let is_word = WORD.is_match(&text[range.clone()]) && !CLOSED.is_match(&text[range.end..]);
    if BEFORE.is_match(tail) && !is_word {
        return true;
    }
    // "Austin TX": only behind a town of the table.
    (NO_TOWN.is_match(tail) || is_word)
        && (1..=3).any(|count| {
            let town: Vec<&str> = tail.split_whitespace().rev().take(count).collect();
            let town = town.into_iter().rev().collect::<Vec<_>>().join(" ");
            let town = town.trim_end_matches(',');
            TABLE
                .names
                .get(&folded(town))
                .is_some_and(|meanings| meanings.iter().any(|meaning| meaning.rank() == 0))
        })
}

/// A capitalised phrase that ends right before `at`, a comma between them.
fn town_before(text: &str, at: usize) -> Option<Range<usize>> {
    static TOWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"((?:(?:St|Ste|Ft|Mt)\. )?[A-Z][a-zA-ZÀ-ž'’-]+(?:[ -](?:of|on|upon|de|du|la|sur|der|am|the|[A-Z][a-zA-ZÀ-ž'’-]+)){0,3}) ?, ?$",
        )
    });
    static NO_TOWN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:in|at|from|remote|hybrid|onsite|location|locations|office|offices|downtown|headquarters|position|positions|job|the|greater|suite|floor|street|avenue|road|both|either|near|of|or|and|work|based|city|town|north|south|east|west)$",
        )
    });
    let from = text[..at].char_indices().rev().nth(48).map_or(0, |(from, _)| from);
    let from = text[from..at].rfind('\n').map_or(from, |line| from + line + 1);
    let town = TOWN.captures(&text[from..at])?.get(1)?;
    let (mut start, end) = (from + town.start(), from + town.end());
    // "Position Springfield, IL": what is no part of a town's name is dropped from the left.
    while let Some((first, _)) = text[start..end].split_once(' ') {
        if !NO_TOWN.is_match(first) {
            break;
        }
        start += first.len() + 1;
    }
    (!NO_TOWN.is_match(&text[start..end]) && !text::names_a_job(&text[start..end])).then_some(start..end)
}

/// Words of letters, with the signs that stand inside names; a capital behind a digit or small letter begins one too.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut start: Option<usize> = None;
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        let inside = c.is_alphabetic()
            || start.is_some()
                && (matches!(c, '\'' | '’')
                    || c == '.' && inner_stop(text, at)
                    || c == '-' && joins_a_name(text, at));
        let lost_break = || {
            start.is_some_and(|from| at == from + 2 && text[from..at].bytes().all(|b| b.is_ascii_uppercase()))
                && text[at + 1..].starts_with(|c: char| c.is_ascii_lowercase())
        };
        // "CADuration": the two letters of a region before a lost line break.
        let seam = c.is_uppercase() && (last.is_lowercase() || last.is_ascii_digit() || lost_break());
        if let Some(from) = start
            && (!inside || seam)
        {
            words.push(from..at);
            start = None;
        }
        if start.is_none() && c.is_alphabetic() {
            start = Some(at);
        }
        last = c;
    }
    if let Some(from) = start {
        words.push(from..text.len());
    }
    words
}

/// The full stops of "U.S.", "D.C." and "St.".
fn inner_stop(text: &str, at: usize) -> bool {
    let word = text[..at].rsplit(|c: char| !(c.is_alphabetic() || c == '.')).next().unwrap_or_default();
    matches!(word, "St" | "Ft" | "Mt") || word.split('.').all(|part| part.chars().count() == 1)
}

/// The hyphens of "Tel Aviv-Yafo" and "Winston-Salem", not that of "San Diego-based".
fn joins_a_name(text: &str, at: usize) -> bool {
    ["-Yafo", "-Salem", "-Napoca", "-Württemberg", "-Westphalia"]
        .iter()
        .any(|tail| text[at..].starts_with(tail))
}

#[cfg(test)]
mod tests;
