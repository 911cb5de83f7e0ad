//! Documents whose title is kept from the engine: to measure what the text alone says.

use contract::{Content, Document};
use std::ops::Range;
use text::read::{Format, Reader};

/// A title is looked for with at most so many of its words.
const MOST_WORDS: usize = 24;
/// As many characters may stand between two words of a title in the text: `Front-End`, `QA / Test`.
const WIDEST_GAP: usize = 3;

/// Words of a title that say how senior a job is, not which one.
const LEVELS: [&str; 26] = [
    "senior",
    "sr",
    "snr",
    "junior",
    "jr",
    "lead",
    "principal",
    "staff",
    "mid",
    "intermediate",
    "entry",
    "level",
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "1",
    "2",
    "3",
    "trainee",
    "graduate",
    "intern",
    "experienced",
    "head",
    "chief",
];
/// Words that are half of all titles.
const GENERAL: [&str; 14] = [
    "engineer",
    "developer",
    "consultant",
    "analyst",
    "manager",
    "specialist",
    "associate",
    "administrator",
    "programmer",
    "designer",
    "technician",
    "coordinator",
    "architect",
    "officer",
];

/// The document without the title that was given beside it, or by its page as JSON-LD. Words of the text stay.
#[must_use]
pub fn hidden(mut document: Document, reader: &Reader) -> Document {
    document.title_hint = None;
    let Ok(reading) = reader.read(document.content.as_bytes(), document.content_type.as_deref()) else {
        // The engine will say what is wrong with it.
        return document;
    };
    let titled =
        reading.hints.title.is_some() || reading.hints.json_ld.is_some_and(|posting| posting.title.is_some());
    // What was expensive to read is not read twice.
    if titled || matches!(reading.format, Format::Pdf | Format::Docx) {
        let company = document.company_hint.or(reading.hints.company);
        let location = document.location_hint.or(reading.hints.location);
        return plain(reading.text, company, location);
    }
    document
}

/// The document without its title, and without the title's wording in the text: every occurrence of the whole title and of
/// what it names without level words, brackets and places, whatever the case.
#[must_use]
pub fn masked(document: Document, reader: &Reader) -> Document {
    let read = reader.read(document.content.as_bytes(), document.content_type.as_deref());
    let Ok(reading) = read else { return Document { title_hint: None, ..document } };
    let own = reading.hints.title.or_else(|| reading.hints.json_ld.and_then(|posting| posting.title));
    let text = match document.title_hint.or(own) {
        Some(title) => without_wording(&reading.text, &title),
        None => reading.text,
    };
    let company = document.company_hint.or(reading.hints.company);
    let location = document.location_hint.or(reading.hints.location);
    plain(text, company, location)
}

fn plain(text: String, company_hint: Option<String>, location_hint: Option<String>) -> Document {
    let document = Document::new(Content::Text(text), Some("text/plain".to_owned()));
    Document { company_hint, location_hint, ..document }
}

/// The text without the wordings of a title.
fn without_wording(text: &str, title: &str) -> String {
    let wordings = wordings(title);
    let words: Vec<(Range<usize>, String)> = words(text).collect();
    let mut kept = String::with_capacity(text.len());
    let (mut at, mut from) = (0, 0);
    while at < words.len() {
        let Some(wording) = wordings.iter().find(|wording| stands_at(wording, &words[at..], text)) else {
            at += 1;
            continue;
        };
        kept.push_str(&text[from..words[at].0.start]);
        at += wording.len();
        from = words[at - 1].0.end;
    }
    kept.push_str(&text[from..]);
    kept
}

/// Whether a wording stands where `words` begin; its last word may be a plural.
fn stands_at(wording: &[String], words: &[(Range<usize>, String)], text: &str) -> bool {
    let Some(words) = words.get(..wording.len()) else { return false };
    let Some((last, before)) = wording.split_last() else { return false };
    let is_close = |pair: &[(Range<usize>, String)]| {
        let gap = &text[pair[0].0.end..pair[1].0.start];
        gap.chars().count() <= WIDEST_GAP && !gap.contains(['\n', '.'])
    };
    before.iter().zip(words).all(|(wanted, (_, word))| wanted == word)
        && words.last().is_some_and(|(_, word)| word == last || word.strip_suffix('s') == Some(last))
        && words.windows(2).all(is_close)
}

/// The ways to say a title, the longest first: whole, without level words, and each part that names a job.
fn wordings(title: &str) -> Vec<Vec<String>> {
    const SEPARATORS: [&str; 12] =
        [" - ", " – ", " — ", " | ", ": ", ", ", " @ ", " at ", " in ", "(", ")", " / "];
    let of = |part: &str| -> Vec<String> { words(part).map(|(_, word)| word).take(MOST_WORDS).collect() };
    let core = |words: &[String]| -> Vec<String> {
        words.iter().filter(|word| !LEVELS.contains(&word.as_str())).cloned().collect()
    };
    let whole = of(title);
    let mut wordings = vec![core(&whole)];
    for part in SEPARATORS.iter().fold(vec![title], |parts, separator| {
        parts.into_iter().flat_map(|part| part.split(separator)).collect()
    }) {
        if text::names_a_job(part) {
            wordings.push(core(&of(part)));
        }
    }
    // "Manager" by itself gives nothing away, and stands everywhere.
    wordings.retain(|wording| !matches!(&wording[..], [only] if GENERAL.contains(&only.as_str())));
    wordings.push(whole);
    wordings.sort_by_key(|wording| std::cmp::Reverse(wording.len()));
    wordings.dedup();
    wordings.retain(|wording| !wording.is_empty());
    wordings
}

/// The lower-case words of a text; `+` and `#` belong to theirs (`C++`, `C#`).
fn words(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '+' | '#');
    text.split(move |c| !belongs(c)).filter(|word| !word.is_empty()).map(move |word| {
        let start = word.as_ptr().addr() - text.as_ptr().addr();
        (start..start + word.len(), word.to_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(title: &str, text: &str) -> String {
        without_wording(text, title).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_title_is_masked_whatever_its_case_and_number() {
        assert_eq!(
            mask("Data Engineer", "DATA ENGINEERS wanted: a data-engineer builds."),
            "wanted: a builds."
        );
    }

    #[test]
    fn what_a_title_names_is_masked_without_level_words_and_places() {
        assert_eq!(
            mask("Sr. C++ Developer II (Remote) - Oslo, NO", "Our C++ developer knows C++."),
            "Our knows C++."
        );
        assert_eq!(mask("Senior QA / Test Engineer", "The test engineer tests."), "The tests.");
    }

    #[test]
    fn a_general_word_of_a_title_stays() {
        assert_eq!(mask("Manager, Finance", "The manager of managers."), "The manager of managers.");
    }

    #[test]
    fn words_of_two_lines_or_sentences_are_no_title() {
        assert_eq!(
            mask("Data Engineer", "We love data. Engineer\nData\nEngineer"),
            "We love data. Engineer Data Engineer"
        );
    }

    #[test]
    fn a_page_does_not_give_its_title_away() {
        let page = r#"<html><script type="application/ld+json">{"@type":"JobPosting","title":"Baker","hiringOrganization":{"name":"Brot"}}</script><body><p>We bake.</p></body></html>"#;
        let document = Document::new(Content::Text(page.to_owned()), Some("text/html".to_owned()));
        let document = hidden(document, &Reader::in_process());
        assert_eq!(document.company_hint.as_deref(), Some("Brot"));
        let again =
            Reader::in_process().read(document.content.as_bytes(), document.content_type.as_deref()).unwrap();
        assert_eq!((again.hints.title, again.text.trim()), (None, "We bake."));
    }
}
