//! Recognising headings: a lexicon of phrases, and the words that betray a heading outside it.

use contract::SectionKind;
use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;
use std::sync::LazyLock;

use crate::pieces::{Opening, Piece};

/// A heading in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    /// What its section is about.
    pub(crate) kind: SectionKind,
    /// Its words.
    pub(crate) words: Range<usize>,
    /// Where the section's body begins: behind the words and their colon or dash.
    pub(crate) body: usize,
}

/// What the lexicon says of a phrase.
#[derive(Clone, Copy)]
struct Entry {
    kind: SectionKind,
    /// Opens a section inside running text without a colon.
    opens_inline: bool,
}

/// The longest heading phrase, in words.
const LONGEST: usize = 9;

static LEXICON: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let mut lexicon = HashMap::new();
    for line in include_str!("headings.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some((kind, phrases)) = line.split_once(':') else { continue };
        let Ok(kind) = SectionKind::from_str(kind) else { continue };
        for phrase in phrases.split('|').map(str::trim) {
            let opens_inline = phrase.ends_with('!');
            lexicon.entry(phrase.trim_end_matches('!').trim_end()).or_insert(Entry { kind, opens_inline });
        }
    }
    lexicon
});

/// The heading that a piece is or begins with, if any.
pub(crate) fn heading_at(text: &str, piece: &Piece, next: Option<&Piece>) -> Option<Heading> {
    let whole = &text[piece.range.clone()];
    let decorated = whole.len() - whole.trim_start_matches(DECORATION).len();
    let start = piece.range.start + decorated;
    let words = &text[start..piece.range.end];
    let ends_line = next.is_none_or(|next| next.line != piece.line);
    let alone = match piece.opening {
        // A bullet is a heading only when nothing but the phrase stands there.
        Opening::Bullet => ends_line || words.trim_end().ends_with(':'),
        Opening::Line => ends_line || next.is_some_and(|next| next.opening == Opening::Bullet),
        Opening::Sentence | Opening::Seam => {
            ends_line || next.is_some_and(|next| matches!(next.opening, Opening::Bullet | Opening::Seam))
        }
    };
    let bare = words.trim_end_matches(TAIL);
    if alone && bare.len() <= 90 {
        if let Some(entry) = look_up(bare, !words.ends_with('.')) {
            return Some(Heading {
                kind: entry.kind,
                words: start..start + bare.len(),
                body: piece.range.end,
            });
        }
        if piece.opening != Opening::Bullet
            && !words.ends_with('.')
            && let Some(kind) = composed(bare, words.trim_end().ends_with(':'))
        {
            return Some(Heading { kind, words: start..start + bare.len(), body: piece.range.end });
        }
    }
    if piece.opening == Opening::Bullet && !is_bold(whole) {
        return None;
    }
    at_start(text, start, piece.range.end)
}

/// Marks that may stand around a heading.
const DECORATION: [char; 14] = ['*', '#', '_', '=', '~', '-', '–', ':', '[', '<', '>', '|', '▶', '★'];
const TAIL: [char; 13] = ['*', '#', '_', '=', '~', '-', '–', ':', ']', '|', '.', ' ', '…'];

fn is_bold(piece: &str) -> bool {
    piece.starts_with("**") || piece.starts_with("__")
}

/// The lexicon's entry for a phrase; with `tail`, also for the phrase before a bracket or an "at …", "for this …".
fn look_up(phrase: &str, tail: bool) -> Option<Entry> {
    let folded = folded(phrase);
    let folded = folded.trim_matches(|c: char| c.is_whitespace() || DECORATION.contains(&c));
    LEXICON
        .get(folded)
        .or_else(|| LEXICON.get(folded.trim_end_matches(['?', '!', '.', ' '])))
        .copied()
        .or_else(|| {
            // "Requirements (must have)", "What you'll do at Acme"
            if !tail {
                return None;
            }
            let cut = folded.find([' ', '(']).and_then(|_| {
                folded
                    .find(" (")
                    .or_else(|| folded.find(" at "))
                    .or_else(|| folded.find(" for this "))
                    .or_else(|| folded.find(" for the "))
            })?;
            LEXICON.get(folded[..cut].trim()).copied()
        })
}

fn folded(phrase: &str) -> String {
    crate::words::fold(phrase).replace('’', "'").replace("  ", " ")
}

/// A phrase of the lexicon at the start of a piece, followed by a colon, or by a new statement where the phrase may open one.
fn at_start(text: &str, start: usize, end: usize) -> Option<Heading> {
    let mut best = None;
    let mut words_seen = 0;
    let piece = &text[start..end];
    for (at, c) in piece.char_indices().chain([(piece.len(), ' ')]) {
        if at > 80 {
            break;
        }
        let boundary = !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '-' | '/' | '&' | '(' | ')'));
        if !boundary || at == 0 {
            continue;
        }
        let phrase = &piece[..at];
        if c == ':'
            || c == '*'
            || piece[at..].starts_with(" :")
            || piece[at..].starts_with(" –")
            || piece[at..].starts_with(" - ")
        {
            let colon = piece[at..]
                .find(|c: char| !matches!(c, ' ' | ':' | '*' | '–' | '-' | '_'))
                .map_or(piece.len(), |skip| at + skip);
            let entry = look_up(phrase, true).map(|entry| entry.kind).or_else(|| {
                (c == ':' && starts_like_a_title(phrase)).then(|| composed(phrase, true)).flatten()
            });
            if let Some(kind) = entry
                && (c == ':'
                    || c == '*'
                    || piece[at..].starts_with(" :")
                    || LEXICON.get(folded(phrase).as_str()).is_some_and(|entry| entry.opens_inline)
                        && starts_like_a_title(phrase))
            {
                return Some(Heading { kind, words: start..start + at, body: start + colon });
            }
        }
        if c == ' ' || at == piece.len() {
            words_seen += 1;
            if words_seen > LONGEST {
                break;
            }
            let follows = piece[at..].trim_start();
            if is_title_case(phrase)
                && let Some(entry) = LEXICON.get(folded(phrase).trim())
                && entry.opens_inline
                && opens_a_statement(follows, words_seen)
            {
                best =
                    Some(Heading { kind: entry.kind, words: start..start + at, body: end - follows.len() });
            }
        }
        if matches!(c, '.' | '!' | ';' | ',') {
            break;
        }
    }
    best
}

/// Whether what follows an inline phrase reads as a new statement: a capital, a bullet or a number.
fn opens_a_statement(follows: &str, words: usize) -> bool {
    let mut chars = follows.chars();
    let Some(first) = chars.next() else { return false };
    let second = chars.next();
    let next_word_is_a_name = follows
        .split_whitespace()
        .nth(1)
        .is_some_and(|word| word.starts_with(char::is_uppercase) && word.len() > 3)
        && words == 1;
    first.is_uppercase()
        && second.is_none_or(|c| c.is_lowercase() || c == ' ' || c == '\'')
        && !next_word_is_a_name
        || first.is_ascii_digit()
        || matches!(first, '•' | '*' | '·')
}

fn starts_like_a_title(phrase: &str) -> bool {
    phrase.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase)
}

/// Whether every word but the small ones begins with a capital.
fn is_title_case(phrase: &str) -> bool {
    const SMALL: [&str; 16] = [
        "and", "of", "the", "for", "to", "in", "with", "you", "we", "or", "a", "an", "your", "are", "be",
        "will",
    ];
    let mut words = phrase.split([' ', '/']).filter(|word| word.chars().any(char::is_alphabetic)).peekable();
    starts_like_a_title(phrase)
        && words.peek().is_some()
        && words.all(|word| {
            SMALL.contains(&word.to_lowercase().as_str())
                || word.starts_with(char::is_uppercase)
                || word.starts_with('(')
        })
}

/// Words that betray a heading outside the lexicon, with the kind they speak for; the first that is found decides.
const BETRAYING: [(&[&str], SectionKind); 17] = [
    (&["equal opportunit", "eeo", "diversity"], SectionKind::Eeo),
    (&["accommodation"], SectionKind::Accommodation),
    (&["benefit", "perks", "we offer", "in it for you", "you'll get", "we give"], SectionKind::Benefits),
    (
        &["how to apply", "application process", "hiring process", "interview process"],
        SectionKind::ApplicationProcess,
    ),
    (
        &[
            "about us",
            "about our",
            "who we are",
            "our story",
            "our mission",
            "our values",
            "why join",
            "why work",
        ],
        SectionKind::AboutCompany,
    ),
    (
        &[
            "nice to have",
            "preferred",
            "desired",
            "desirable",
            "bonus point",
            "good to have",
            "advantageous",
            "is a plus",
            "an asset",
            "optional",
        ],
        SectionKind::QualificationsPreferred,
    ),
    (
        &[
            "responsibilit",
            "duties",
            "accountabilit",
            "you'll do",
            "you will do",
            "you'll be doing",
            "you will be doing",
            "tasks",
            "job function",
            "day to day",
        ],
        SectionKind::Responsibilities,
    ),
    (
        &["must have", "required", "minimum", "mandatory", "requirement", "basic qualif", "essential"],
        SectionKind::QualificationsRequired,
    ),
    (
        &[
            "qualification",
            "looking for",
            "you bring",
            "you'll bring",
            "who you are",
            "about you",
            "ideal candidate",
            "your profile",
            "you have",
            "competenc",
            "abilities",
            "to be successful",
        ],
        SectionKind::QualificationsUnspecified,
    ),
    (&["technologies", "tech stack", "skills", "skill set", "tools"], SectionKind::SkillsList),
    (&["experience"], SectionKind::Experience),
    (&["education", "degree"], SectionKind::Education),
    (&["certification", "licens", "licenc"], SectionKind::Certifications),
    (&["salary", "compensation", "pay rate", "remuneration"], SectionKind::Compensation),
    (
        &["working condition", "physical demand", "physical requirement", "work environment"],
        SectionKind::EmploymentTerms,
    ),
    (
        &["about the role", "job description", "position summary", "the opportunity", "overview"],
        SectionKind::Overview,
    ),
    (&["about the team", "the team"], SectionKind::AboutTeam),
];

/// The kind of a short phrase that reads like a heading: title case or a colon, no sentence, and a betraying word.
fn composed(phrase: &str, has_colon: bool) -> Option<SectionKind> {
    let words = phrase.split_whitespace().count();
    if words == 0
        || words > 8
        || phrase.ends_with([',', ';', '!'])
        || phrase.contains(['@', '$', '•'])
        || !starts_like_a_title(phrase)
    {
        return None;
    }
    if phrase.contains(". ")
        || phrase.chars().any(|c| c.is_ascii_digit())
        || (!has_colon && !is_title_case(phrase))
    {
        return None;
    }
    let folded = folded(phrase);
    // "Experience with Kafka", "Bachelor's degree required", "Excellent communication skills" state something; headings name it.
    let states = [
        "experience with",
        "experience in",
        "experience working",
        "ability to",
        "able to",
        "knowledge of",
        "understanding of",
        "years",
        "bachelor",
        "excellent",
        "strong",
        "good",
        "proven",
        "familiar",
        "proficien",
        "communication",
        "interpersonal",
        "analytical",
        "leadership skills",
        "problem solving",
        "organizational",
        "writing skills",
        "customer",
        "software",
        "business requirement",
        "user requirement",
    ];
    if states.iter().any(|word| folded.starts_with(word))
        || (!has_colon && states.iter().any(|word| folded.contains(word)))
    {
        return None;
    }
    BETRAYING.iter().find(|(words, _)| words.iter().any(|word| folded.contains(word))).map(|&(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(SectionKind, &str)]) {
        let pieces = crate::pieces(text);
        let found: Vec<(SectionKind, &str)> = pieces
            .iter()
            .enumerate()
            .filter_map(|(index, piece)| heading_at(text, piece, pieces.get(index + 1)))
            .map(|heading| (heading.kind, &text[heading.words]))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_heading_on_its_own_line_is_found_with_or_without_a_colon() {
        check("Requirements:\nKnows Rust", &[(SectionKind::QualificationsRequired, "Requirements")]);
        check("What you’ll do\nShip it", &[(SectionKind::Responsibilities, "What you’ll do")]);
        check("Our Perks and Extras\nFree tea", &[(SectionKind::Benefits, "Our Perks and Extras")]);
    }

    #[test]
    fn headings_are_found_in_running_text() {
        check(
            "Overview We build things. Responsibilities • Lead it",
            &[(SectionKind::Overview, "Overview"), (SectionKind::Responsibilities, "Responsibilities")],
        );
        check(
            "We grow. Qualifications: 5 years of Go",
            &[(SectionKind::QualificationsUnspecified, "Qualifications")],
        );
    }

    #[test]
    fn a_bullets_label_is_no_heading() {
        check("• Customer Requirements: Partner with people", &[]);
        check("• Experience with Kafka", &[]);
    }

    #[test]
    fn a_sentence_that_starts_like_a_heading_is_none() {
        check("Experience with Kafka", &[]);
        check("Strong communication skills", &[]);
        check("Responsibilities for the budget are shared.", &[]);
    }
}
