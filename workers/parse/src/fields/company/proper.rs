//! What of a capitalised phrase is a company's name, and what is no company at all.

use regex::Regex;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use crate::fields::{pattern, phrase, places};

/// Capitalised words and phrases that are no company.
static NO_NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("no_names.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| line.split('|')).map(str::trim).collect()
});

fn is_no_name(lower: &str) -> bool {
    NO_NAMES.contains(lower)
        || lower.starts_with(|c: char| c.is_ascii_digit())
        || ["covid", "bachelor", "proficien"].iter().any(|start| lower.starts_with(start))
}

/// The name in a range without joints, possessives and full stops; none when it is no company's.
pub(super) fn proper(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let words = &text[range.clone()];
    let mut end = words.trim_end_matches([',', ' ', '-', '–', '|', ':', '\'', '’']).len();
    let legal = ["Inc.", "Ltd.", "Corp.", "Co.", "S.A.", "L.L.C.", "Bros.", "LLC."]
        .iter()
        .any(|form| words[..end].ends_with(form));
    if !legal {
        end = words[..end].trim_end_matches(['.', ',']).len();
    }
    let name = &words[..end];
    // "Acme and", "Acme, Our": a joint or a pronoun behind the name is the sentence's.
    static PRONOUN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:,| and| of| for)? (?:We|Our|You|Your|It|This|They|The|As|I|Inc,.*|LLC,.*|A)$|, (?:we|our|you|We|Our|You|A|An|The|As)\b.*$",
        )
    });
    let name = PRONOUN.replace(name, "");
    let name = &words[..name.len().min(end)];
    // "AcmeAcme Ltd": a line break was lost before the name, when the rest of it stands elsewhere.
    let seam = name.char_indices().skip(3).find(|&(at, c)| {
        c.is_uppercase()
            && name[..at].ends_with(char::is_lowercase)
            && !name[..at].contains(' ')
            && stands_alone(text, &name[at..])
            && !is_one_word(text, name, at)
    });
    let cut = seam.map_or(0, |(at, _)| at);
    let (range, name) = (range.start + cut..range.end, &name[cut..]);
    let first_word = name.split_whitespace().next()?;
    let folded = name.to_lowercase();
    let two_words = folded.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let of_a_place = [
        "university",
        "city",
        "county",
        "college",
        "district",
        "town",
        "bank",
        "municipality",
        "province",
        "state",
        "regional municipality",
    ]
    .iter()
    .any(|kind| folded.starts_with(&format!("the {kind} of ")));
    let start_bad = !of_a_place
        && (is_no_name(&folded)
            || is_no_name(&two_words)
            || is_no_name(&first_word.to_lowercase()) && !is_long_name(name));
    let last = name.split(|c: char| !(c.is_alphanumeric() || c == '-')).rfind(|word| !word.is_empty())?;
    let adverb = folded.ends_with("ly") && !folded.contains(' ');
    let is_job =
        adverb || phrase::is_job_noun(last) && !last.ends_with('s') && name.split_whitespace().count() <= 5;
    let long = name.split_whitespace().count() > 7 || name.len() > 60 || name.len() < 2;
    let is_place = places::find(name, true).first().is_some_and(|place| {
        place.range.len() == name.len() || place.range.start == 0 && name[place.range.end..].starts_with(',')
    });
    // "APIs.About": two sentences, not a name.
    let glued = name
        .as_bytes()
        .windows(3)
        .any(|bytes| bytes[0].is_ascii_lowercase() && bytes[1] == b'.' && bytes[2].is_ascii_uppercase());
    let unit = [
        "Team",
        "Department",
        "Candidate",
        "Candidates",
        "Position",
        "Role",
        "Engineering",
        "Experience",
        "Skills",
        "Program",
        "Applicants",
        "Degree",
        "Division",
        "Manager",
        "Description",
        "Office",
    ]
    .contains(&last);
    (!start_bad && !is_job && !long && !is_place && !glued && !unit && name.chars().any(char::is_alphabetic))
        .then(|| range.start..range.start + name.len())
}

/// "BlueCargo" is one name when it is said more often than "Cargo" alone.
fn is_one_word(text: &str, name: &str, at: usize) -> bool {
    let first = name.split_whitespace().next().unwrap_or(name);
    let rest = &first[at.min(first.len())..];
    let whole = text.matches(first).count();
    2 * whole > text.matches(rest).count().max(1)
}

fn stands_alone(text: &str, name: &str) -> bool {
    name.len() > 4
        && text
            .match_indices(name)
            .any(|(at, _)| at == 0 || text[..at].ends_with(|c: char| !c.is_alphanumeric()))
}

/// A common first word is part of a name when a legal form closes it: "First Data Corporation", "Home Depot Inc.".
fn is_long_name(name: &str) -> bool {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:inc|llc|ltd|limited|corp|corporation|company|group|bank|university|college|hospital|technologies|solutions|systems|health|services|associates|partners|school|schools|district|insurance)\.?$",
        )
    });
    FORM.is_match(name) && name.split_whitespace().count() >= 2
}
