//! The subjects behind a degree: "in Computer Science, Engineering or a related field".

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::level::Degree;
use crate::fields::pattern;

/// The subjects that stand behind a degree, up to `limit`, each with its place.
pub(super) fn behind(text: &str, degree: &Degree, limit: usize) -> Vec<Range<usize>> {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:['’]s?)?\s?(?:\([^()]{1,40}\)\s?)?(?:(?:is |are )?(?:required|preferred|or higher|or above|minimum|or better|or advanced degree|or greater|education|program|diploma|certificate|level|with (?:a )?(?:major|concentration|speciali[sz]ation|focus|emphasis|honou?rs)|major(?:ing)?|from (?:an? )?[\w -]{0,50}?(?:college|university|institution|school)(?: or (?:college|university|institution))?|, preferably|preferably)[ ,]*)*(?:\b(?:in|of)\b|[:(–-]|,? with an? (?:major|concentration|focus) in)\s?(?:(?:one of )?the following(?: fields| areas| disciplines)?:? )?(?:fields? (?:of|such as|like) |areas? (?:of|such as) )?",
        )
    });
    static DIRECT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^\.? ?\(?(?:Computer Science|Computer Engineering|Information (?:Technology|Systems|Science)|Software Engineering|Engineering|Electrical|Electronics|Mechanical|Civil|Chemical|Accounting|Accountancy|Finance|Business|Marketing|Mathematics|Statistics|Economics|Nursing|Psychology|Physics|Biology|Chemistry|CS\b|EE\b|IT\b|ECE\b|CE\b)",
        )
    });
    static STOP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"[;()\[\]•|\n:]|\.(?:\s|$|[A-Z][a-z])| [-–—] |[,/]? ?\b(?i:or (?:an? )?(?:equivalent|comparable|commensurate)|or (?:relevant|related|practical|professional|similar|work|industry|significant|proven|demonstrated|other relevant)(?: \w+)? experience|or (?:higher|above|better)|(?:and|or|with|plus|\+|&),? ?(?:an? )?(?:minimum|at least|over|more than)|and/or (?:an? )?(?:equivalent|\w+ experience|\d)|(?:and|or|with|plus|&) \(?(?:\d|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|eight\b|ten\b)|with\b|plus\b|is\b|are\b|required|preferred|desired|desirable|preferably|from\b|combined|coupled|along|including|such as|e\.g|i\.e|at (?:an?|the)|minimum\b|experience\b|work experience|must\b|will\b|would\b|an asset|considered|(?:and|&) (?:strong|experience|proven|relevant|knowledge|excellent|a |an |ability|work|professional|progressive|valid|current|certifi\w+)|who\b|that\b|which\b|to\b|as well|and in\b)|\b(?:AND|OR)\b|\+|\d",
        )
    });
    static SPLIT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\s?,\s?(?:and/or |or |and |& )?(?:in )?|\s?/\s?|\s(?:and/or|or)\s(?:in )?(?:an?(?:y)? )?",
        )
    });
    static ARTICLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:(?:an?|any|the|either|other|in|some|another|one of|your|and|or)\s+)+")
    });
    let start = degree.range.end;
    let rest = &text[start..limit.max(start)];
    let from = match LEAD.find(rest) {
        Some(lead) if !lead.is_empty() => lead.end(),
        _ => match DIRECT.find(rest) {
            Some(direct) => direct.as_str().len() - direct.as_str().trim_start_matches(['.', ' ', '(']).len(),
            None => return Vec::new(),
        },
    };
    let body = &rest[from..];
    let end = STOP.find(body).map_or(body.len(), |stop| stop.start());
    let body = &body[..end];
    let mut subjects = Vec::new();
    let mut at = 0;
    for cut in SPLIT.find_iter(body).map(|cut| cut.range()).chain(std::iter::once(body.len()..body.len())) {
        let piece = &body[at..cut.start.max(at)];
        let skip = ARTICLE.find(piece).map_or(0, |article| article.end());
        let lead = piece.len() - piece[skip..].trim_start().len();
        // "AccountingCPA": a line break was lost, and the list ends there.
        static SEAM: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-z]{3}[A-Z]"));
        let glued = SEAM.find(&piece[lead..]).map(|seam| lead + seam.end() - 1);
        let piece = &piece[..glued.unwrap_or(piece.len())];
        let words = piece[lead..].trim_end().trim_end_matches(['.', ',', '*', '-', '–', '"', '”']).trim_end();
        let begin = start + from + at + lead;
        at = cut.end;
        match reads_like_a_subject(words) {
            Some(true) => subjects.push(begin..begin + words.len()),
            Some(false) => {}
            None => break,
        }
        if glued.is_some() {
            break;
        }
    }
    subjects
}

/// Whether words name a subject; none where the list of subjects is over.
fn reads_like_a_subject(words: &str) -> Option<bool> {
    let lower = words.to_lowercase();
    let count = words.split_whitespace().count();
    if count == 0 {
        return Some(false);
    }
    if count > 7
        || lower.contains("experience")
        || lower.contains("equivalent")
        || lower.contains("degree")
        || lower.contains("certif")
        || lower.starts_with("lieu")
    {
        return None;
    }
    let dull = [
        "related",
        "relevant",
        "similar",
        "field",
        "progress",
        "etc",
        "etc.",
        "accredited",
        "lieu",
        "science degree",
        "diploma",
        "higher",
        "above",
        "a",
        "s",
        "this field",
        "good standing",
        "university",
        "college",
        "and",
        "or",
        "following fields",
        "one",
        "no",
        "education",
        "standards",
        "study",
    ];
    Some(words.chars().filter(|c| c.is_alphabetic()).count() >= 2 && !dull.contains(&lower.as_str()))
}
