//! Whom to ask, and addresses of pages.

use contract::{Contact, ContactKind, SectionKind, Stated};
use regex::Regex;
use std::sync::LazyLock;

use super::labels::{Label, Labels, trimmed};
use super::{pattern, phrase, written};
use crate::posting::Posting;

/// The most contacts or addresses that are given for one posting.
const MOST: usize = 12;

/// Names, mail addresses and telephone numbers of people to ask about the job.
pub(super) fn people(posting: &Posting<'_>, labels: &Labels) -> Vec<Stated<Contact>> {
    static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*\.(?:[a-z]{2,10}|[A-Z]{2,10})",
        )
    });
    static PHONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\b\d{3}[ .-])\d{3}[ .-]\d{4}(?: ?(?:x|ext\.?) ?\d{1,5})?\b|\+\d{1,3}(?:[ .-]?\d{2,5}){2,4}\b",
        )
    });
    static NUMBER_OF: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:fax|f|id|req|requisition|case|code|no\.|number|#)\W{0,3}$"));
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?:(?i:contact|call|e-?mail|reach out to|attention|attn|resumes? to|questions to|speak (?:to|with)))(?i:[: ]+(?:our recruiter|recruiter|hiring manager|mr|ms|mrs|dr)\.?)?[:, ]+(?P<name>[A-Z][a-zà-ž'’-]+(?: [A-Z]\.)?(?: (?:[A-Z][a-zà-ž]*['’-]?[A-Z]?[a-zà-ž]+)){1,2})(?: ?(?:at|@|on|via|by|,|\(|-|–|\.|\n|$|for|directly|\|))",
        )
    });
    let text = posting.str();
    let mut found: Vec<(usize, Stated<Contact>)> = Vec::new();
    let add =
        |kind: ContactKind, range: std::ops::Range<usize>, found: &mut Vec<(usize, Stated<Contact>)>| {
            let value = text[range.clone()].to_owned();
            if !found
                .iter()
                .any(|(_, other)| other.value.kind == kind && other.value.value.eq_ignore_ascii_case(&value))
            {
                found.push((range.start, Stated::read(Contact { kind, value }, posting.span(range))));
            }
        };
    let elsewhere = |at: usize| {
        matches!(posting.kind_at(at), SectionKind::Accommodation | SectionKind::Eeo | SectionKind::Legal)
    };
    for hit in EMAIL.find_iter(text).filter(|hit| !elsewhere(hit.start())) {
        add(ContactKind::Email, hit.range(), &mut found);
    }
    for hit in PHONE.find_iter(text).filter(|hit| !elsewhere(hit.start())) {
        let before = &text[..hit.start()];
        let digits = hit.as_str().bytes().filter(u8::is_ascii_digit).count();
        if (10..=15).contains(&digits)
            && !NUMBER_OF.is_match(last_bytes(before, 24))
            && !before.ends_with(['$', '€', '£', '/', '='])
        {
            add(ContactKind::Phone, hit.range(), &mut found);
        }
    }
    for unit in posting.parts.units.iter().filter(|unit| {
        matches!(
            posting.kind(unit),
            SectionKind::ApplicationProcess
                | SectionKind::Contact
                | SectionKind::Other
                | SectionKind::Overview
        )
    }) {
        for hit in NAME.captures_iter(posting.words(unit)) {
            if let Some(name) = hit.name("name").filter(|name| is_a_person(name.as_str())) {
                add(
                    ContactKind::Name,
                    unit.range.start + name.start()..unit.range.start + name.end(),
                    &mut found,
                );
            }
        }
    }
    for value in labels.of_kind(Label::Contact) {
        let end = text[value.clone()]
            .find([',', '(', '|', '@', '–', '/', '-', ':'])
            .map_or(value.end, |end| value.start + end);
        let name = trimmed(text, value.start..end);
        if let Some(name) = name.filter(|name| is_a_person(&text[name.clone()]) && !elsewhere(value.start)) {
            add(ContactKind::Name, name, &mut found);
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, contact)| contact).take(MOST).collect()
}

fn last_bytes(text: &str, count: usize) -> &str {
    let mut from = text.len().saturating_sub(count);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// Two or three capitalised words, none of which is a word of offices, jobs or sentences.
fn is_a_person(name: &str) -> bool {
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:[A-Z][a-zà-ž]+(?:['’-][A-Z]?[a-zà-ž]+)*|[A-Z]\.?|[A-Z]['’][A-Z][a-zà-ž]+|Mc[A-Z][a-z]+)$",
        )
    });
    static NOT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:human|resources?|hr|department|team|office|center|centre|us|our|the|please|applicants?|manager|management|recruit\w*|talent|acquisition|services?|support|company|group|inc|llc|school|university|hospital|city|county|street|road|avenue|information|details|email|phone|careers?|jobs?|apply|today|now|for|with|and|only|customer|sales|search|committee|admin\w*|client|school|board|club|bank|staffing|solutions|technologies|systems|international|global|canada|america|united|new|north|south|east|west|tracing|lens|cent[er]{2}|general|public|health|care)\b",
        )
    });
    let words: Vec<&str> = name.split_whitespace().collect();
    (2..=3).contains(&words.len())
        && words.iter().all(|word| WORD.is_match(word))
        && !NOT.is_match(name)
        && !words.iter().any(|word| phrase::is_job_noun(word))
}

/// Addresses of pages, as written.
pub(super) fn urls(posting: &Posting<'_>) -> Vec<Stated<String>> {
    static URL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"(?i)\bhttps?://[^\s<>"“”|{}\\^`\[\]()]+|\bwww\.[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,10}(?:/[^\s<>"“”|{}\\^`\[\]()]*)?|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|ca|gov|edu|in|co\.uk|de|eu|ai|jobs)/[^\s<>"“”|{}\\^`\[\]()]*[a-z0-9/]"#,
        )
    });
    let text = posting.str();
    let mut found: Vec<Stated<String>> = Vec::new();
    for hit in URL.find_iter(text) {
        if text[..hit.start()].ends_with('@') {
            continue;
        }
        let url = hit.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '’', '*', '_', ')']);
        // A capital glued to the address is the next sentence's: "www.harbour.exampleWe".
        let host = url.find("//").map_or(0, |at| at + 2);
        let glued = url[host..].char_indices().skip(4).find(|&(at, c)| {
            c.is_ascii_uppercase()
                && url[host..][..at].ends_with(|c: char| c.is_ascii_lowercase())
                && !url[host..][..at].contains('/')
        });
        let url = glued.map_or(url, |(at, _)| &url[..host + at]);
        if url.contains('.')
            && url.len() > 6
            && !found.iter().any(|other| other.value.eq_ignore_ascii_case(url))
        {
            found.push(written(posting, hit.start()..hit.start() + url.len()));
        }
    }
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::posting;

    fn check(input: &str, people_expected: &[(ContactKind, &str)], urls_expected: &[&str]) {
        posting(input, |posting| {
            let people = people(posting, &Labels::of(posting));
            let people: Vec<(ContactKind, &str)> =
                people.iter().map(|contact| (contact.value.kind, contact.value.value.as_str())).collect();
            assert_eq!(people, people_expected, "{input}");
            let urls: Vec<String> = urls(posting).into_iter().map(|url| url.value).collect();
            assert_eq!(urls, urls_expected, "{input}");
        });
    }

    #[test]
    fn people_are_read_where_they_can_be_reached() {
        check(
            "How to apply\nPlease contact Mara Lindqvist at mara@harbour.example or (555) 010-7788. See https://harbour.example/jobs.",
            &[
                (ContactKind::Name, "Mara Lindqvist"),
                (ContactKind::Email, "mara@harbour.example"),
                (ContactKind::Phone, "(555) 010-7788"),
            ],
            &["https://harbour.example/jobs"],
        );
        check("Contact: Tomas O'Neil, Port Office", &[(ContactKind::Name, "Tomas O'Neil")], &[]);
    }

    #[test]
    fn departments_ids_and_products_are_nobody() {
        check(
            "How to apply\nContact Human Resources. Job ID 555-010-7788. Knows ASP.NET and Node.js.",
            &[],
            &[],
        );
    }
}
