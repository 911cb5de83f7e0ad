//! The words that job names are made of, and those that only stand around them.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The lists of `words.txt`, in its order.
struct Words {
    heads: HashSet<&'static str>,
    vague: HashSet<&'static str>,
    praise: HashSet<&'static str>,
    stops: HashSet<&'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut lists = include_str!("words.txt").split("\n[").skip(1).map(|list| {
        let words = list.split_once('\n').map_or("", |(_, words)| words);
        words.split(['|', '\n']).map(str::trim).filter(|word| !word.is_empty()).collect::<HashSet<_>>()
    });
    let mut next = || lists.next().unwrap_or_default();
    Words { heads: next(), vague: next(), praise: next(), stops: next() }
});

/// A word and its form without the plural's `s`.
fn either(list: &HashSet<&'static str>, lower: &str) -> bool {
    list.contains(lower) || lower.strip_suffix('s').is_some_and(|singular| list.contains(singular))
}

/// Whether a word is the head of a job's name: "engineer", not "engineering".
pub(in crate::fields) fn is_job_noun(word: &str) -> bool {
    let lower = word.to_lowercase();
    !matches!(
        lower.as_str(),
        "administration" | "development" | "engineering" | "administrations" | "developments"
    ) && (text::names_a_job(word) && !word.contains('/') || either(&WORDS.heads, &lower))
}

/// Heads that name a job only with another word before them.
pub(super) fn is_vague(word: &str) -> bool {
    either(&WORDS.vague, &word.to_lowercase())
}

/// The end of a title inside a sentence.
pub(super) fn stops(word: &str) -> bool {
    WORDS.stops.contains(word)
}

/// Praise and terms before a title that are no part of it.
pub(super) fn is_praise(word: &str) -> bool {
    const TAILS: [&str; 20] = [
        "oriented",
        "driven",
        "motivated",
        "minded",
        "skilled",
        "savvy",
        "focused",
        "rounded",
        "qualified",
        "organized",
        "starting",
        "time",
        "term",
        "level",
        "paced",
        "performing",
        "working",
        "class",
        "notch",
        "based",
    ];
    const TRADES: [&str; 16] = [
        "certified",
        "registered",
        "embedded",
        "distributed",
        "applied",
        "automated",
        "advanced",
        "licensed",
        "fixed",
        "shared",
        "managed",
        "unmanned",
        "integrated",
        "speed",
        "feed",
        "med",
    ];
    let lower = word.to_lowercase();
    let small = word.starts_with(char::is_lowercase);
    let adverb = small && word.ends_with("ly") && !matches!(word, "family" | "assembly" | "supply" | "early");
    // "self-directed", "trained": participles that belong to no trade.
    let participle = small && word.ends_with("ed") && !TRADES.contains(&lower.as_str());
    let compound = lower.split_once('-').is_some_and(|(_, tail)| TAILS.contains(&tail));
    let number = lower.bytes().all(|byte| byte.is_ascii_digit());
    WORDS.praise.contains(lower.as_str()) || adverb || participle || compound || number
}

/// "detail oriented", "data driven": the first word belongs to the praise too.
pub(super) fn is_praised_by(next: Option<&str>) -> bool {
    next.is_some_and(|next| {
        matches!(
            next.trim_end_matches(','),
            "oriented" | "driven" | "minded" | "focused" | "motivated" | "savvy" | "starter" | "thinking"
        )
    })
}
