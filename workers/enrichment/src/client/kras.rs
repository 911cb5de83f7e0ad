//! Output 6: the responsibilities as key result areas, in the posting's own words.

use contract::{Adjudicator, Assessed, KraDescription, KraLevel, Span, rounded};
use library::dot;
use regex::Regex;
use std::sync::LazyLock;

use crate::view::{View, cannot_assess, library_source};

const SCALE: &str = "weight: share of the responsibilities' words, 0 to 1; score: cosine";
const METHOD: &str = "responsibilities of one theme together (cosine ≥ .55, average link); title and description cut from their words";
/// Items this alike on average are one theme.
const SAME_THEME: f32 = 0.55;
/// The most themes; what is more joins the nearest.
const THEMES: usize = 8;
/// The most words of a title.
pub(crate) const TITLE: usize = 4;
/// The most words of a description.
pub(crate) const DESCRIPTION: usize = 30;

struct Duty {
    span: Span,
    vector: Vec<f32>,
    words: usize,
}

pub(crate) fn assess(view: &View<'_>) -> Assessed<Vec<KraDescription>> {
    let duties: Vec<Duty> = view
        .responsibilities()
        .filter(|item| view.words(item.start, item.end).split_whitespace().count() >= 3)
        .map(|item| {
            let span = view.span(item.start, item.end);
            let words = span.quote.split_whitespace().count();
            Duty { vector: view.embedder.embed(&span.quote).values().to_vec(), span, words }
        })
        .collect();
    if duties.is_empty() {
        return cannot_assess(SCALE, METHOD, "the posting states no responsibilities");
    }
    let total: usize = duties.iter().map(|duty| duty.words).sum();
    let themes = themes(&duties);
    let value: Vec<KraDescription> = themes
        .iter()
        .map(|theme| {
            let members: Vec<&Duty> = theme.iter().map(|&duty| &duties[duty]).collect();
            let words: usize = members.iter().map(|duty| duty.words).sum();
            described(view, &members, words as f32 / total as f32)
        })
        .collect();
    let evidence = value.iter().filter_map(|kra| kra.spans.first().cloned()).collect();
    Assessed {
        value: Some(value),
        cannot_assess: None,
        scale: SCALE.to_owned(),
        confidence: 1.0,
        evidence,
        method: METHOD.to_owned(),
        sources: vec![library_source(view.library)],
    }
}

/// Groups of duties in the order of their first: the two most alike are joined as long as they are alike enough or too many.
fn themes(duties: &[Duty]) -> Vec<Vec<usize>> {
    let mut themes: Vec<Vec<usize>> = (0..duties.len()).map(|duty| vec![duty]).collect();
    let alike: Vec<Vec<f32>> = duties
        .iter()
        .map(|one| duties.iter().map(|other| dot(&one.vector, &other.vector)).collect())
        .collect();
    loop {
        let mut nearest: Option<(f32, usize, usize)> = None;
        for one in 0..themes.len() {
            for other in one + 1..themes.len() {
                let pairs = themes[one].iter().flat_map(|&a| themes[other].iter().map(move |&b| (a, b)));
                let count = themes[one].len() * themes[other].len();
                let average = pairs.map(|(a, b)| alike[a][b]).sum::<f32>() / count as f32;
                if nearest.is_none_or(|(best, _, _)| average > best) {
                    nearest = Some((average, one, other));
                }
            }
        }
        match nearest {
            Some((average, one, other)) if average >= SAME_THEME || themes.len() > THEMES => {
                let joined = themes.remove(other);
                themes[one].extend(joined);
                themes[one].sort_unstable();
            }
            Some(_) | None => return themes,
        }
    }
}

fn described(view: &View<'_>, members: &[&Duty], weight: f32) -> KraDescription {
    // The longest says most; a labelled one says what the theme is called.
    let first = members[0];
    let lead = members.iter().find(|duty| label(&duty.span.quote).is_some()).unwrap_or(&first);
    let (nearest, nearest_score) = nearest(view, &lead.vector);
    KraDescription {
        title: title(&lead.span.quote),
        description: description(&lead.span.quote),
        level: level(members),
        weight: rounded(weight),
        spans: members.iter().map(|duty| duty.span.clone()).collect(),
        nearest,
        nearest_score,
        by: Adjudicator::Vote,
    }
}

/// "Design" of "Design: lead discussions …".
fn label(words: &str) -> Option<&str> {
    let (label, rest) = words.split_once(':')?;
    let count = label.split_whitespace().count();
    ((1..=TITLE).contains(&count) && rest.split_whitespace().nth(2).is_some()).then_some(label.trim())
}

/// The label, or the words that open the item up to its first small word behind the verb's object.
fn title(words: &str) -> String {
    if let Some(label) = label(words) {
        return capitalised(label);
    }
    let opening = without_preamble(words);
    let mut kept: Vec<&str> = Vec::new();
    for word in opening.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#'));
        let is_small = is_small(bare);
        // An article stands before the object, a preposition behind it.
        if is_small
            && kept.len() >= 2
            && !matches!(bare.to_lowercase().as_str(), "a" | "an" | "the" | "our" | "and" | "or")
        {
            break;
        }
        if !is_small && !bare.is_empty() {
            kept.push(bare);
        }
        let ends = word.ends_with([',', ';', '.', ':']);
        if kept.len() == TITLE || ends && kept.len() >= 2 {
            break;
        }
    }
    capitalised(&kept.join(" "))
}

fn is_small(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "a" | "an"
            | "the"
            | "and"
            | "or"
            | "of"
            | "for"
            | "to"
            | "in"
            | "on"
            | "with"
            | "our"
            | "your"
            | "their"
            | "all"
            | "at"
            | "by"
            | "from"
            | "into"
            | "as"
            | "that"
            | "which"
            | "is"
            | "are"
            | "be"
            | "this"
            | "these"
            | "its"
            | "any"
            | "&"
    )
}

/// At most thirty of the item's own words, cut where a clause ends.
fn description(words: &str) -> String {
    let body = body(words);
    // One sentence stands for the theme.
    let sentence = text::pieces(body).first().map_or(body, |piece| &body[piece.range.clone()]);
    let all: Vec<&str> = sentence.split_whitespace().collect();
    let kept = if all.len() <= DESCRIPTION {
        &all[..]
    } else {
        let clause = all[..DESCRIPTION].iter().rposition(|word| word.ends_with([',', ';']));
        let joint = all[..DESCRIPTION].iter().rposition(|word| is_small(word));
        match (clause, joint) {
            (Some(end), _) if end >= DESCRIPTION / 3 => &all[..=end],
            (_, Some(end)) if end >= DESCRIPTION / 3 => &all[..end],
            (_, _) => &all[..DESCRIPTION],
        }
    };
    as_description(&kept.join(" "))
}

/// A capital first, and no mark behind.
pub(crate) fn as_description(words: &str) -> String {
    let text = words.trim_end_matches([',', ';', '.', ':', ' ']);
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// An item without its label and what it says to its reader.
pub(crate) fn body(words: &str) -> &str {
    without_preamble(label(words).and_then(|_| words.split_once(':')).map_or(words, |(_, rest)| rest))
}

/// Without "You will", "The candidate will be responsible for" and the like.
fn without_preamble(words: &str) -> &str {
    static PREAMBLE: LazyLock<Regex> = LazyLock::new(|| {
        text::pattern(
            r"(?i)^(?:(?:you|we|they|he|she|(?:the|this|our|your)(?: \w+){1,3}?)(?:'ll| will| would| must| should| are| is)(?: be)?(?: also)? )?(?:(?:be )?(?:responsible|accountable) for |responsibilities include:? |in this role,? (?:you will )?)?",
        )
    });
    let trimmed = words.trim();
    PREAMBLE.find(trimmed).map_or(trimmed, |found| trimmed[found.end()..].trim_start())
}

/// Each word with a capital, as titles have it.
pub(crate) fn capitalised(words: &str) -> String {
    words
        .split_whitespace()
        .take(TITLE)
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// What the items ask of the person; the strongest wins, contributing is assumed.
fn level(members: &[&Duty]) -> KraLevel {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        text::pattern(
            r"(?i)\b(?:lead|leads|leading|manage|manages|managing|head|direct|directs|supervis\w+|mentor\w*|coach\w*|hire|oversee\w*|chair)\b",
        )
    });
    static OWN: LazyLock<Regex> = LazyLock::new(|| {
        text::pattern(
            r"(?i)\b(?:own|owns|owning|ownership|drive|drives|driving|responsible|accountable|define|defines|defining|establish\w*|ensure|ensures)\b",
        )
    });
    static HELP: LazyLock<Regex> =
        LazyLock::new(|| text::pattern(r"(?i)^\W*(?:assist|support|help|participate|contribute|aid)\w*\b"));
    let says = |pattern: &Regex| members.iter().any(|duty| pattern.is_match(&duty.span.quote));
    if members.iter().all(|duty| HELP.is_match(&duty.span.quote)) {
        KraLevel::Contribute
    } else if says(&LEAD) {
        KraLevel::Lead
    } else if says(&OWN) {
        KraLevel::Own
    } else {
        KraLevel::Contribute
    }
}

/// The key result area of the chosen role, or of any where none was chosen, that a sentence is most like.
fn nearest(view: &View<'_>, vector: &[f32]) -> (Option<String>, Option<f32>) {
    let library = view.library;
    let kras = library.kras();
    if kras.model() != view.embedder.model() {
        return (None, None);
    }
    let chosen = view.decision.chosen_role.as_ref().and_then(|role| library.role_named(&role.slug));
    let best = library
        .role_ids()
        .filter(|role| chosen.is_none_or(|chosen| chosen == *role))
        .flat_map(|role| kras.rows_of(role).zip(&library.role(role).kras))
        .map(|(row, sentence)| (dot(kras.row(row), vector), sentence))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or((None, None), |(score, sentence)| (Some(sentence.clone()), Some(rounded(score))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_label_is_the_title_and_no_part_of_the_description() {
        let words = "Oven Care: Lead the cleaning of every oven, so that no loaf tastes of the last one.";
        assert_eq!(title(words), "Oven Care");
        assert_eq!(
            description(words),
            "Lead the cleaning of every oven, so that no loaf tastes of the last one"
        );
    }

    #[test]
    fn what_a_posting_says_to_its_reader_is_left_out() {
        assert_eq!(description("You will be responsible for baking bread at night"), "Baking bread at night");
        assert_eq!(
            title("You will design and build the scheduling services of our bakeries"),
            "Design Build Scheduling Services"
        );
    }

    proptest! {
        #[test]
        fn nothing_is_longer_than_it_may_be_and_every_word_is_the_postings(words in "[a-z]{1,9}([,;.:]? [a-z]{1,9}){0,60}") {
            let (title, description) = (title(&words), description(&words));
            prop_assert!(title.split_whitespace().count() <= TITLE);
            prop_assert!(description.split_whitespace().count() <= DESCRIPTION);
            let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            let known: Vec<String> = words.split_whitespace().map(bare).collect();
            for word in title.split_whitespace().chain(description.split_whitespace()) {
                prop_assert!(known.contains(&bare(word)), "{word} is not in {words}");
            }
        }
    }
}
