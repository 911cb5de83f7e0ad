//! Certificates and licences that the candidate should hold.

use contract::{ItemKind, SectionKind, SkillType, Stated};
use library::Library;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use crate::fields::pattern;
use crate::posting::Posting;

/// The certificates asked for, in order: by the library's name where it knows them, else in the posting's words.
pub(crate) fn certifications(posting: &Posting<'_>, library: &Library) -> Vec<Stated<String>> {
    let mut found: Vec<(String, Range<usize>)> = Vec::new();
    if speaks_of_certificates(posting.str())
        || posting.items.iter().any(|item| item.kind == ItemKind::Requirement)
    {
        found.extend(known(posting, library));
    }
    for (unit, item) in posting.parts.units.iter().zip(posting.items) {
        let kind = posting.kind(unit);
        if !may_ask(kind) || (item.kind != ItemKind::Requirement && !demands_a_licence(posting.words(unit))) {
            continue;
        }
        for range in phrases(posting.str(), unit.range.clone()) {
            if !found.iter().any(|(_, known)| known.start < range.end && range.start < known.end) {
                found.push((posting.str()[range.clone()].to_owned(), range));
            }
        }
    }
    found.sort_by_key(|(_, range)| range.start);
    let mut stated: Vec<Stated<String>> = Vec::new();
    for (value, range) in found {
        let span = posting.span(range);
        match stated.iter_mut().find(|known| known.value.eq_ignore_ascii_case(&value)) {
            Some(Stated { evidence: contract::Evidence::Text { spans }, .. }) => spans.push(span),
            Some(_) => {}
            None => stated.push(Stated::read(value, span)),
        }
    }
    stated
}

fn speaks_of_certificates(text: &str) -> bool {
    static CERTIFICATE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)certif|licen[sc]e|licensure|accredit|\bticket\b"));
    CERTIFICATE.is_match(text)
}

/// Whether certificates may be asked for in such a section.
const fn may_ask(kind: SectionKind) -> bool {
    !kind.asks_nothing()
        && !matches!(kind, SectionKind::Title | SectionKind::Hashtags | SectionKind::AboutTeam)
}

/// Certificates of the library that stand in what is asked of the candidate.
fn known(posting: &Posting<'_>, library: &Library) -> Vec<(String, Range<usize>)> {
    let units = &posting.parts.units;
    let asked = posting.mentions.iter().filter(|mention| {
        let skill = library.skill(mention.skill);
        let index = units.partition_point(|unit| unit.range.start <= mention.range.start).checked_sub(1);
        skill.skill_type == SkillType::Certification
            && index.is_some_and(|index| {
                mention.range.end <= units[index].range.end
                    && posting.items[index].kind == ItemKind::Requirement
                    && may_ask(posting.kind(&units[index]))
                    && stands_alone(posting.str(), &mention.range)
                    && !is_waived(&posting.str()[mention.range.end..units[index].range.end])
            })
    });
    asked.map(|mention| (library.skill(mention.skill).name.clone(), mention.range.clone())).collect()
}

/// Whether a mention is not a part of a longer word, as "CA" in "APPLICATIONS" cut by a seam.
fn stands_alone(text: &str, at: &Range<usize>) -> bool {
    static TOWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-z], ?$"));
    let before = text[..at.start].chars().next_back();
    let after = text[at.end..].chars().next();
    let region = at.len() == 2 && TOWN.is_match(&text[..at.start]);
    !region && !before.is_some_and(char::is_uppercase) && !after.is_some_and(char::is_uppercase)
}

fn is_waived(behind: &str) -> bool {
    static WAIVED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^[^.;,]{0,25}\bnot (?:required|needed|necessary)\b(?: but)?"));
    WAIVED.find(behind).is_some_and(|waived| !waived.as_str().ends_with("but"))
}

fn demands_a_licence(words: &str) -> bool {
    static DEMANDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:must (?:have|hold|possess)|valid|current|required|need) .{0,60}\b(?:licen[sc]e|certificat\w+)\b|\b(?:licen[sc]e|certificat\w+) .{0,30}\brequired\b",
        )
    });
    DEMANDS.is_match(words)
}

/// "Class 5 driver's licence", "Forklift certification": the words of a certificate in one statement.
fn phrases(text: &str, unit: Range<usize>) -> Vec<Range<usize>> {
    static DRIVING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:(?:class |type )[“']?[\w-]{1,3}[”']?[ -](?:or better )?|(?-i:[A-Z]{1,2}\d?|G[12]|[1-7]) )?(?:driver['’]?s?['’]?|drivers|driving|motor vehicle operator['’]?s)(?: abstract and)? licen[sc]e\b|\b(?:class [a-g1-7][a-z]? )?(?:CDL|commercial driver['’]?s licen[sc]e)(?: class [a-c])?\b|\bfull (?:uk|clean|eu)(?: clean)? licen[sc]e\b",
        )
    });
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"((?:(?:[A-Z][\w&+./'’-]*|\d{2,4})(?: (?:and|&|of|in|or|for) |[ /-])){1,6})(?i:certifications?|certificates?|certified|licen[sc]es?|licensure|accreditation)\b(?: (?:in |of |as an? )(?:[A-Z][\w&+./-]*)(?: [A-Z][\w&+./-]*){0,4}| (?:Professional|Associate|Administrator|Engineer|Architect|Developer|Specialist|Expert|Practitioner|Consultant|Technician|Operator|Auditor|Manager|Analyst)\b)?",
        )
    });
    static CERTIFIED_IN: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"\b(?i:certified|certification|certificate|licensed|licen[sc]e) (?i:in|as|as an?|as a) ((?:[A-Z][\w&+./-]*)(?:(?: and | & | |/)[A-Z][\w&+./-]*){0,4})",
        )
    });
    static LOWER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:(?:standard |emergency |occupational )?first[- ]aid(?: ?(?:/|and|&|,) ?(?:cpr|aed)(?:[ -]?level)?(?: c)?)*|cpr|forklift(?: operator['’]?s?)?|food ?(?:safe|handler['’]?s?)|security guard|smart serve|real estate|nursing|teaching|pharmacist|electrician|plumbing|welding|trade|notary|insurance) (?:certifications?|certificates?|certified|licen[sc]es?|ticket)\b",
        )
    });
    let words = &text[unit.clone()];
    if !speaks_of_certificates(words) && !words.contains("CDL") {
        return Vec::new();
    }
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut add = |range: Range<usize>| {
        let clear =
            !found.iter().any(|known: &Range<usize>| known.start < range.end && range.start < known.end);
        if clear
            && !is_no_certificate(&words[range.clone()], &words[range.end..])
            && !is_waived(&words[range.end..])
        {
            found.push(range);
        }
    };
    DRIVING.find_iter(words).for_each(|licence| add(licence.range()));
    LOWER.find_iter(words).for_each(|licence| add(licence.range()));
    for hit in CERTIFIED_IN.captures_iter(words) {
        if let Some(whole) = hit.get(0) {
            add(whole.range());
        }
    }
    for hit in NAMED.captures_iter(words) {
        let (Some(whole), Some(name)) = (hit.get(0), hit.get(1)) else { continue };
        // "ISO Certified Cleanrooms": what is certified is a thing.
        let thing = whole.as_str().ends_with("ertified")
            && words[whole.end()..].trim_start().starts_with(char::is_uppercase);
        let kept = if thing { "" } else { without_generic(name.as_str()) };
        if !kept.trim().is_empty() {
            add(name.end() - kept.len()..whole.end());
        }
    }
    found.sort_by_key(|range| range.start);
    found.into_iter().map(|range| unit.start + range.start..unit.start + range.end).collect()
}

/// Drops the words at the start of a phrase that name no certificate: "Valid", "Must have", "Current".
fn without_generic(name: &str) -> &str {
    const GENERIC: [&str; 56] = [
        "valid",
        "current",
        "relevant",
        "professional",
        "required",
        "preferred",
        "additional",
        "any",
        "other",
        "technical",
        "industry",
        "strong",
        "a",
        "an",
        "the",
        "must",
        "have",
        "having",
        "possess",
        "hold",
        "active",
        "appropriate",
        "applicable",
        "related",
        "recognized",
        "state",
        "of",
        "and",
        "or",
        "in",
        "for",
        "more",
        "one",
        "education",
        "experience",
        "licenses",
        "licence",
        "license",
        "certifications",
        "certification",
        "with",
        "your",
        "our",
        "we",
        "new",
        "special",
        "advanced",
        "multiple",
        "some",
        "all",
        "no",
        "requirements",
        "desired",
        "minimum",
        "ability",
        "obtain",
    ];
    let mut rest = name;
    while let Some(word) = rest.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()) {
        if !GENERIC.contains(&word.to_lowercase().as_str()) {
            let skip = rest.find(word).unwrap_or(0);
            return &rest[skip..];
        }
        let end = rest.find(word).map_or(rest.len(), |at| at + word.len());
        rest = &rest[end..];
    }
    ""
}

/// "Certificate management", "certification body", "ISO 9001 certified company": words about certificates that ask for none.
fn is_no_certificate(words: &str, behind: &str) -> bool {
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^ (?:management|body|bodies|process(?:es)?|programs?|agreements?|authority|authorities|server|plates?|testing|services|keys?|compliance|negotiat|renewal|admin|fees?|organi[sz]ation|compan(?:y|ies)|facilit|environment|product|models?|standards?)\b",
        )
    });
    static STANDARD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^(?:ISO|AS ?9100|IATF|CMMI?|SOC|PCI|LEED building|B Corp|FSC|Great Place|SSL|TLS|X\.509|Software|Open Source|Apache|MIT|GPL|Microsoft Volume|Oracle Software|IT)\b",
        )
    });
    BEHIND.is_match(behind)
        || words.contains("Great Place")
        || STANDARD.is_match(words) && !words.to_lowercase().contains("auditor")
}

#[cfg(test)]
mod tests {
    use super::certifications;
    use crate::fields::sample::{LIBRARY, posting};

    fn check(text: &str, expected: &[&str]) {
        let found = posting(text, |posting| certifications(posting, &LIBRARY));
        let values: Vec<&str> = found.iter().map(|stated| stated.value.as_str()).collect();
        assert_eq!(values, expected, "{text}");
        let scalars: Vec<char> = text::normalise(text).0.chars().collect();
        for span in found.iter().flat_map(|stated| stated.evidence.spans()) {
            assert_eq!(
                scalars[span.start as usize..span.end as usize].iter().collect::<String>(),
                span.quote
            );
        }
    }

    #[test]
    fn the_library_names_what_it_knows() {
        check("Requirements:\n- ISTQB certified\n- Java", &["ISTQB"]);
        check(
            "Qualifications\n• CBAP certification is a plus",
            &["Certified Business Analysis Professional"],
        );
        check("Requirements:\n- Food handler card", &["Food Safety Certification"]);
    }

    #[test]
    fn licences_to_drive_count() {
        check("Requirements:\n- Valid driver's license required", &["Driving Licence"]);
        check("Requirements:\n- Class 5 driver’s licence", &["Class 5 driver’s licence"]);
        check("Requirements:\n- Must hold a full UK licence", &["full UK licence"]);
    }

    #[test]
    fn other_certificates_are_told_in_the_words_of_the_posting() {
        check(
            "Requirements:\n- Current Blue Harbour Diving certification",
            &["Blue Harbour Diving certification"],
        );
        check("Requirements:\n- Current Tall Crane certificate", &["Tall Crane certificate"]);
        check("Requirements:\n- Certified in Crane Rigging", &["Certified in Crane Rigging"]);
    }

    #[test]
    fn nothing_is_taken_from_talk_of_certificates() {
        check("About us\nWe are ISO 9001 certified and proud of it.", &[]);
        check("Responsibilities:\n- Manage software licenses\n- Renew TLS certificates", &[]);
        check("Requirements:\n- Relevant certifications\n- Knowledge of certificate management", &[]);
        check("Requirements:\n- ISO 9001 certified company background", &[]);
        check("Benefits:\n- We pay for your AWS certification", &[]);
    }
}
