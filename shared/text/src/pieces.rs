//! Cutting a text into its smallest statements: lines, bullets, sentences, and the seams of text that lost its line breaks.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use crate::pattern::pattern;

/// What a piece begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The first words of a line.
    Line,
    /// A bullet sign or number, at the start of a line or inside one.
    Bullet,
    /// A new sentence of the same line.
    Sentence,
    /// A capital glued to the word before it: a line break was lost there.
    Seam,
}

/// One statement: a line, a bullet's words, or a sentence. Pieces do not overlap; only signs and white space lie between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its words, without the bullet sign and white space around.
    pub range: Range<usize>,
    /// Where its bullet sign or its words begin.
    pub outer: usize,
    /// What it begins with.
    pub opening: Opening,
    /// Number of its line.
    pub line: usize,
    /// Whether an empty line, or the start of the text, stands before it.
    pub after_gap: bool,
}

/// Cuts normalised text into pieces, in order.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut start, mut after_gap) = (0, true);
    for (line, content) in text.split('\n').enumerate() {
        if content.is_empty() {
            after_gap = true;
        } else {
            cut_line(text, start..start + content.len(), line, after_gap, &mut pieces);
            after_gap = false;
        }
        start += content.len() + 1;
    }
    pieces
}

/// Signs that are bullets wherever they stand.
const BULLETS: [char; 14] = ['•', '●', '▪', '◦', '■', '‣', '⁃', '○', '►', '➢', '✓', '✔', '∙', '❖'];

fn cut_line(text: &str, line: Range<usize>, number: usize, after_gap: bool, pieces: &mut Vec<Piece>) {
    let content = &text[line.clone()];
    let mut cuts: Vec<(usize, usize, Opening)> = Vec::new();
    let first = leading_sign(content);
    cuts.push((0, first, if first > 0 { Opening::Bullet } else { Opening::Line }));
    inline_bullets(content, first, &mut cuts);
    for end in sentence_ends(content) {
        cuts.push((end, end, Opening::Sentence));
    }
    for seam in seams(content) {
        cuts.push((seam, seam, Opening::Seam));
    }
    for (start, end) in hashtags(content) {
        cuts.push((start, start, Opening::Sentence));
        cuts.push((end, end, Opening::Sentence));
    }
    cuts.sort_by_key(|&(at, body, opening)| (at, opening as u8, body));
    let mut kept: Vec<(usize, usize, Opening)> = Vec::with_capacity(cuts.len());
    for cut in cuts {
        // A cut inside the sign of the cut before it, or at the same words, says nothing new.
        let (_, body, _) = kept.last().copied().unwrap_or((0, 0, Opening::Line));
        if kept.is_empty() || (cut.0 >= body && content[body..cut.0].chars().any(char::is_alphanumeric)) {
            kept.push(cut);
        } else if cut.2 == Opening::Bullet
            && let Some(last) = kept.last_mut()
        {
            *last = (last.0, cut.1.max(last.1), Opening::Bullet);
        }
    }
    for (index, &(outer, body, opening)) in kept.iter().enumerate() {
        let end = kept.get(index + 1).map_or(content.len(), |next| next.0);
        let words = &content[body.min(end)..end];
        let trimmed = words.trim();
        if trimmed.is_empty() {
            continue;
        }
        let start = line.start + body + (words.len() - words.trim_start().len());
        let outer_words = &content[outer..end];
        pieces.push(Piece {
            range: start..start + trimmed.len(),
            outer: line.start + outer + (outer_words.len() - outer_words.trim_start().len()),
            opening,
            line: number,
            after_gap: after_gap && index == 0,
        });
    }
}

/// Length of the bullet sign or list number at the start of a line, its space included; 0 when there is none.
fn leading_sign(line: &str) -> usize {
    static SIGN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?:[•●▪◦■‣⁃○►➢✓∙❖·»§¨*+~–—-]+\s*|[oØ§v]\s+|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]\s+)")
    });
    static SIGN_ONLY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[o§vØ]\s+[A-Z]"));
    let Some(sign) = SIGN.find(line) else { return 0 };
    let letter = line.starts_with(['o', '§', 'v', 'Ø']);
    if letter && !SIGN_ONLY.is_match(line) && !line[1..].starts_with(['.', ')']) {
        return 0;
    }
    // "--- text" and "**Bold**" are no bullets of their own.
    if sign.as_str().starts_with("**") || (sign.as_str().starts_with('-') && sign.end() == line.len()) {
        return 0;
    }
    // A minus or plus before a digit is a number's.
    if sign.as_str().len() == 1
        && line[sign.end()..].starts_with(|c: char| c.is_ascii_digit())
        && line.starts_with(['-', '+', '~'])
    {
        return 0;
    }
    sign.end()
}

/// Bullets inside a line: signs that are nothing else, and repeated `*`, `-`, `·` or `1)` that open statements.
fn inline_bullets(content: &str, from: usize, cuts: &mut Vec<(usize, usize, Opening)>) {
    static WEAK: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?:^|\s|[.;:,)a-z])((?:\*+|·|[-–—])\s?)(?:[A-Z0-9(]|[a-z]{3})"));
    static SPACED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s(\*+|·|[-–—])\s+\S"));
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|\s)(\(?(\d{1,2})[.)]\s+)[A-Z]"));
    for (at, sign) in content.char_indices().skip_while(|&(at, _)| at < from) {
        if BULLETS.contains(&sign) {
            let body = at + sign.len_utf8();
            cuts.push((
                at,
                body + content[body..].len() - content[body..].trim_start().len(),
                Opening::Bullet,
            ));
        }
    }
    if !content[from..].contains(['*', '·', '-', '–', '—', '.', ')']) {
        return;
    }
    for sign in ['*', '·', '-', '–', '—'] {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for pattern in [&*WEAK, &*SPACED] {
            for hit in pattern.captures_iter(&content[from..]) {
                let Some(mark) = hit.get(1) else { continue };
                if !mark.as_str().starts_with(sign) {
                    continue;
                }
                let (at, body) = (from + mark.start(), from + mark.end());
                if opens_a_statement(content, at, body, sign) && !found.iter().any(|&(other, _)| other == at)
                {
                    found.push((at, body));
                }
            }
        }
        // One dash is punctuation; three in a line are a list.
        let enough = if matches!(sign, '*' | '·') { 1 } else { 3 };
        if found.len() >= enough {
            cuts.extend(found.into_iter().map(|(at, body)| (at, body, Opening::Bullet)));
        }
    }
    let numbers: Vec<(usize, usize, u32)> = NUMBER
        .captures_iter(content)
        .filter_map(|hit| Some((hit.get(1)?.start(), hit.get(1)?.end(), hit.get(2)?.as_str().parse().ok()?)))
        .collect();
    if numbers.len() >= 2 && numbers.windows(2).any(|pair| pair[1].2 == pair[0].2 + 1) {
        cuts.extend(numbers.into_iter().map(|(at, body, _)| (at, body, Opening::Bullet)));
    }
}

/// Whether the words behind an inline sign look like the start of a bullet and not like the second half of a word or range.
fn opens_a_statement(content: &str, at: usize, body: usize, sign: char) -> bool {
    let before = content[..at].chars().next_back();
    let after = content[body..].chars().next();
    let spaced_after = content[..body].ends_with(' ');
    match sign {
        '*' | '·' => spaced_after || after.is_some_and(char::is_uppercase),
        _ => {
            let spaced_before = before.is_none_or(char::is_whitespace);
            after.is_some_and(char::is_uppercase)
                && if spaced_after {
                    spaced_before || before != Some(',')
                } else {
                    content[..at].trim_end().ends_with(['.', ';', ':'])
                }
        }
    }
}

/// Runs of hashtags between sentences: where each begins and where the next sentence does.
fn hashtags(line: &str) -> Vec<(usize, usize)> {
    static RUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|\s)((?:#[A-Za-z][\w-]+\s+)+)(?:[A-Z]|$)"));
    if !line.contains('#') {
        return Vec::new();
    }
    RUN.captures_iter(line).filter_map(|run| run.get(1)).map(|run| (run.start(), run.end())).collect()
}

/// Words after which a full stop does not end a sentence.
const ABBREVIATIONS: [&str; 40] = [
    "e.g", "i.e", "eg", "ie", "etc", "vs", "inc", "ltd", "co", "corp", "llc", "dr", "mr", "mrs", "ms", "st",
    "no", "u.s", "u.k", "u.s.a", "a.m", "p.m", "approx", "dept", "est", "jr", "sr", "ph.d", "b.s", "m.s",
    "b.a", "m.a", "b.sc", "m.sc", "b.e", "b.tech", "m.tech", "min", "max", "yrs",
];

/// Places inside a line where a sentence begins after another has ended.
fn sentence_ends(line: &str) -> Vec<usize> {
    let bytes = line.as_bytes();
    let mut ends = Vec::new();
    for (at, c) in line.char_indices() {
        if !matches!(c, '.' | '!' | '?' | ';') {
            continue;
        }
        let after = at + 1;
        // Closing quotes and brackets belong to the sentence.
        let closed = after
            + line[after..].find(|c: char| !matches!(c, '"' | '”' | '’' | ')' | '\'' | ']')).unwrap_or(0);
        let rest = &line[closed..];
        let next = rest.trim_start();
        let spaced = rest.len() != next.len();
        let Some(first) = next.chars().next() else { continue };
        let opens = if c == ';' {
            // A semicolon ends a statement only where a list lost its line breaks: a capital follows.
            first.is_uppercase()
        } else {
            first.is_uppercase()
                || first.is_ascii_digit() && spaced
                || matches!(first, '"' | '“' | '(' | '#' | '[' | '<')
        };
        if !opens || at == 0 || bytes[at - 1] == b' ' && c != ';' && !spaced {
            continue;
        }
        if c == '.' && (!spaced && !lost_space(line, at, next) || ends_in_abbreviation(&line[..at], next)) {
            continue;
        }
        if matches!(c, '!' | '?' | ';') && !spaced && !first.is_uppercase() {
            continue;
        }
        ends.push(closed + (rest.len() - next.len()));
    }
    ends
}

/// `reports.Works closely`: a word, a full stop and a capitalised word without a space. Not `Node.Js`, `ASP.NET`, `www.Site.com`.
fn lost_space(line: &str, stop: usize, next: &str) -> bool {
    let before = line[..stop].rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
    let word_before = before.chars().rev().take_while(|c| c.is_lowercase() || *c == ')').count() >= 2;
    let mut chars = next.chars();
    let capital = chars.next().is_some_and(char::is_uppercase);
    let word = next.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’').next().unwrap_or_default();
    let follows = next[word.len()..].chars().next();
    capital
        && word_before
        && !before.contains("www.")
        && !before.contains('@')
        && !before.contains("//")
        && follows != Some('.')
        && (word.len() == 1 && follows == Some(' ') || chars.next().is_some_and(char::is_lowercase))
        && !matches!(word, "Net" | "Js" | "Io" | "Com" | "Org")
}

fn ends_in_abbreviation(before: &str, next: &str) -> bool {
    let word =
        before.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '/' | ',')).next().unwrap_or_default();
    let lower = word.to_lowercase();
    // An initial: "J. Smith".
    let initial = word.len() == 1
        && word.chars().all(char::is_uppercase)
        && next.chars().nth(1).is_some_and(char::is_lowercase);
    // "etc." and "Inc." end a sentence when a capital follows and the sentence was long; the list holds those that rarely do.
    initial
        || (ABBREVIATIONS.contains(&lower.as_str())
            && !matches!(lower.as_str(), "etc" | "inc" | "llc" | "ltd" | "yrs" | "max" | "min"))
}

/// Words that open a statement after a lost line break, also where the word before them is capitalised (`TechnologiesAbility to`).
const OPENERS: [&str; 64] = [
    "Ability",
    "Able",
    "About",
    "Adhere",
    "Analyze",
    "Assist",
    "Attention",
    "Bachelor",
    "Benefits",
    "Build",
    "Collaborate",
    "Communicate",
    "Competitive",
    "Conduct",
    "Contribute",
    "Coordinate",
    "Create",
    "Define",
    "Deliver",
    "Demonstrated",
    "Design",
    "Develop",
    "Disclaimer",
    "Document",
    "Drive",
    "Education",
    "Ensure",
    "Establish",
    "Evaluate",
    "Excellent",
    "Experience",
    "Experienced",
    "Familiarity",
    "Flexible",
    "Full",
    "Good",
    "Great",
    "Hands",
    "Help",
    "High",
    "Identify",
    "Implement",
    "Key",
    "Knowledge",
    "Lead",
    "Location",
    "Maintain",
    "Manage",
    "Minimum",
    "Must",
    "Participate",
    "Perform",
    "Preferred",
    "Prior",
    "Proven",
    "Provide",
    "Qualifications",
    "Required",
    "Requirements",
    "Responsibilities",
    "Responsible",
    "Strong",
    "Understanding",
    "Work",
];

/// Places where a capitalised word is glued to the word before it.
fn seams(line: &str) -> Vec<usize> {
    let mut seams = Vec::new();
    let bytes = line.as_bytes();
    for at in 1..bytes.len().saturating_sub(1) {
        if !bytes[at].is_ascii_uppercase() {
            continue;
        }
        let before = bytes[at - 1];
        let lower_after =
            bytes[at + 1].is_ascii_lowercase() || (bytes[at + 1] == b' ' && matches!(bytes[at], b'A' | b'I'));
        let token = line[..at].rfind(char::is_whitespace).map_or(0, |space| space + 1);
        let head = &line[token..at];
        if head.contains(['@', '#', '_']) || head.contains("//") || head.contains("www.") {
            continue;
        }
        if matches!(before, b')' | b':' | b'%') {
            if lower_after && (before != b':' || head.len() > 1) && before != b'%' {
                seams.push(at);
            }
            continue;
        }
        if !before.is_ascii_lowercase() {
            continue;
        }
        let run = head.bytes().rev().take_while(u8::is_ascii_lowercase).count();
        let whole_word = run == head.len() || !head.as_bytes()[head.len() - run - 1].is_ascii_alphanumeric();
        let word = line[at..].split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if whole_word && run >= 4 && lower_after && word.len() >= 3
            || run >= 3 && OPENERS.contains(&word)
            || run >= 5 && word.len() >= 6 && word.bytes().all(|b| b.is_ascii_uppercase())
        {
            seams.push(at);
        }
    }
    seams
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = pieces(text).into_iter().map(|piece| &text[piece.range]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn bullets_are_found_inside_a_line() {
        check(
            "Responsibilities • Design: Lead things. Mentor others. • Coding: Write it.",
            &["Responsibilities", "Design: Lead things.", "Mentor others.", "Coding: Write it."],
        );
        check(
            "DUTIES: - Verify blocks- Work closely- Debug RTL",
            &["DUTIES:", "Verify blocks", "Work closely", "Debug RTL"],
        );
        check("Use: * Selenium * SoapUI", &["Use:", "Selenium", "SoapUI"]);
    }

    #[test]
    fn one_dash_is_punctuation() {
        check("Front Desk - Morning shift", &["Front Desk - Morning shift"]);
        check("5-10 years of full-time work", &["5-10 years of full-time work"]);
    }

    #[test]
    fn sentences_end_where_a_reader_would_stop() {
        check("Ships code. Owns it!", &["Ships code.", "Owns it!"]);
        check("Knows e.g. ASP.NET and Node.js well.", &["Knows e.g. ASP.NET and Node.js well."]);
        check(
            "Works for the U.S. Army with John J. Smith.",
            &["Works for the U.S. Army with John J. Smith."],
        );
        check("Runs reports.Works closely with sales.", &["Runs reports.", "Works closely with sales."]);
    }

    #[test]
    fn lost_line_breaks_leave_a_seam() {
        check("user defined functionsStrong SQL", &["user defined functions", "Strong SQL"]);
        check("Web TechnologiesAbility to learn", &["Web Technologies", "Ability to learn"]);
        check("JavaScript and PowerPoint on macOS", &["JavaScript and PowerPoint on macOS"]);
    }

    #[test]
    fn list_numbers_and_letters_are_signs() {
        check("1. Plan\n2) Build\no Ship\n- Rest", &["Plan", "Build", "Ship", "Rest"]);
        check("-5 degrees", &["-5 degrees"]);
    }

    proptest! {
        #[test]
        fn pieces_are_in_order_and_only_signs_lie_between_them(text in "[A-Za-z0-9 .;:!?•*\\-()\n]{0,300}") {
            let text = crate::normalise(&text).0;
            let mut last = 0;
            for piece in pieces(&text) {
                prop_assert!(piece.outer >= last && piece.range.start >= piece.outer && piece.range.end > piece.range.start);
                last = piece.range.end;
            }
        }
    }
}
