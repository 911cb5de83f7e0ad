//! What the candidate must be allowed to do, and how far the job sends them: visas, permits, clearances, checks, travel.

mod travel;

use contract::{ItemKind, SectionKind, Stated, VisaClearance, VisaKind};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::pattern;
use crate::posting::Posting;
pub(crate) use travel::travel;

/// The longest statement, in bytes; longer ones are cut to the words around what they say.
const MAX_STATEMENT: usize = 220;

/// What is said of permits and clearances: one entry for each kind and statement, in order.
pub(crate) fn visa_clearance(posting: &Posting<'_>) -> Vec<Stated<VisaClearance>> {
    static KINDS: LazyLock<Vec<(VisaKind, Regex)>> = LazyLock::new(|| {
        vec![
            (
                VisaKind::Sponsorship,
                pattern(
                    r"(?i)\b(?:visas?|h-?1-?b|immigration|employment|work (?:permit|authori[sz]ation)|permanent residen\w+|green card)[\w ,/()'’-]{0,40}\bsponsor(?:ship|ed|ing)?\b|\bsponsor(?:ship|ing|ed)?\b[\w ,/()'’-]{0,60}\b(?:visas?|h-?1-?b|immigration|work (?:permit|authori[sz]ation)|employment authori[sz]ation|to work in|candidates|applicants|c2c|international)\b|\b(?:no|not|unable to|cannot|can ?not|won['’]?t|will not|without|need|require|provide|offer|available for|future) (?:\w+ ){0,4}sponsor(?:ship)?\b|\bsponsorship (?:is |will )?(?:not|available|offered|possible|provided|unavailable|cannot)",
                ),
            ),
            (
                VisaKind::WorkAuthorization,
                pattern(
                    r"(?i)\b(?:(?:legally |lawfully )?(?:authori[sz]ed|eligible|entitled|permitted|allowed) to (?:legally |lawfully )?(?:be employed|work|accept (?:new )?employment)\b|(?:able|legally able) to (?:legally )?work in (?:the )?(?:u\.?s\b|usa\b|united states|canada|uk\b|eu\b|europe|australia|india|country)|work(?:ing)? (?:authori[sz]ation|permits?|eligibility)\b|employment (?:authori[sz]ation|eligibility)|(?:legal )?right to work\b|eligibility to work\b|legal (?:status|authority) to work|valid (?:\w+ )?(?:work|employment) (?:visa|permit|authori[sz]ation)|authori[sz]ation to work)",
                ),
            ),
            (
                VisaKind::Citizenship,
                pattern(
                    r"(?i)\b(?:u\.?s\.?a?|usc|united states|american|canadian|uk|british|eu|australian|indian)\.? citizen(?:s|ship)?\b|\bcitizen(?:s|ship)? (?:of (?:the )?(?:united states|us|u\.s\.|canada|uk)|(?:is |are )?(?:required|only))|\bmust be (?:an? )?(?:\w+ ){0,2}citizens?\b|\b(?:citizens?|permanent residents?) (?:or|and|/) (?:green card|gc|permanent residents?|citizens?)|\bgreen card holders?\b|\bgc holders?\b|\bus persons?\b|\bu\.s\. persons?\b",
                ),
            ),
            (
                VisaKind::SecurityClearance,
                pattern(
                    r"(?i)\b(?:security|secret|dod|government|federal|reliability|enhanced|top[- ]secret|active|q|l|ts|public trust|sc|dv|nv1|nv2|baseline|interim) (?:security )?clear(?:ances?|ed)\b|\bts ?/ ?sci\b|\bpublic trust\b|\breliability status\b|\bclearance (?:required|level|eligib|is required)|\b(?:obtain|maintain|hold|possess)\w*(?: and maintain)? (?:an? )?(?:\w+ ){0,3}clearance\b|\bclearable\b|\bpolygraph\b",
                ),
            ),
            (
                VisaKind::BackgroundCheck,
                pattern(
                    r"(?i)\b(?:background|reference and background|criminal(?: record| background| history| reference)?|police|police record|credit|security|vulnerable sector|crc|dbs|pre-?employment|drug|fingerprint\w*|reference)(?: ?(?:/|and|&|,) ?(?:\w+ )?(?:background|criminal(?: record)?|police|credit|drug|reference))*[ -](?:record )?(?:vulnerable sector )?(?:checks?|screen(?:s|ing)?|investigations?|tests?|testing|verifications?)\b|\bvulnerable sector\b|\bpolice clearance\b|\bcriminal record\b|\be-?verify background",
                ),
            ),
        ]
    });
    static QUICK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)sponsor|to work|work(?:ing)? (?:authori|permit|eligib)|citizen|clearance|cleared|clearable|checks?\b|screen|investigation|polygraph|authori[sz]|eligib|criminal|reliability status|public trust|/ ?sci|green card|permanent resident|gc holder|us person|u\.s\. person|vulnerable|drug test|testing|verification|right to work|permit",
        )
    });
    let mut stated: Vec<Stated<VisaClearance>> = Vec::new();
    for (unit, item) in posting.parts.units.iter().zip(posting.items) {
        let kind = posting.kind(unit);
        if matches!(
            kind,
            SectionKind::Eeo
                | SectionKind::Accommodation
                | SectionKind::Legal
                | SectionKind::Hashtags
                | SectionKind::AboutCompany
        ) || !QUICK.is_match(posting.words(unit))
        {
            continue;
        }
        for sentence in sentences(posting.str(), unit.range.clone()) {
            let words = &posting.str()[sentence.clone()];
            let sponsor = KINDS
                .iter()
                .find(|(visa, _)| *visa == VisaKind::Sponsorship)
                .and_then(|(_, pattern)| pattern.find(words));
            for (visa, pattern) in KINDS.iter() {
                let Some(found) = pattern.find(words) else { continue };
                // "will not sponsor an applicant for work authorization" speaks of the sponsor.
                if *visa == VisaKind::WorkAuthorization
                    && sponsor.is_some_and(|sponsor| {
                        sponsor.start() < found.start() && found.start() < sponsor.end()
                    })
                {
                    continue;
                }
                let asked = item.kind == ItemKind::Requirement
                    || *visa != VisaKind::SecurityClearance
                    || speaks_to_candidates(words);
                if !asked || !is_meant(*visa, words, &found.range(), item.kind == ItemKind::Responsibility) {
                    continue;
                }
                let range = cut(words, found.range());
                let statement = words[range.clone()].to_owned();
                if stated.iter().any(|known| known.value.kind == *visa && known.value.statement == statement)
                {
                    continue;
                }
                let affirmed = !is_denied(*visa, words, &found.range());
                let span = posting.span(sentence.start + range.start..sentence.start + range.end);
                stated.push(Stated::read(VisaClearance { kind: *visa, statement, affirmed }, span));
            }
        }
    }
    stated
}

/// The sentences of a statement.
fn sentences(text: &str, unit: Range<usize>) -> Vec<Range<usize>> {
    static END: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"[a-z)\d][.!?;]\s+|\n|[a-zA-Z)][.!?]([A-Z][a-z]{2})"));
    let words = &text[unit.clone()];
    let mut found = Vec::new();
    let mut start = 0;
    let ends = END.captures_iter(words).filter_map(|end| {
        end.get(1).map(|next| next.start()).or_else(|| end.get(0).map(|whole| whole.end()))
    });
    for end in ends.chain([words.len()]) {
        let sentence = &words[start..end];
        let trimmed = sentence.trim();
        let lead = start + sentence.len() - sentence.trim_start().len();
        if !trimmed.is_empty() {
            found.push(unit.start + lead..unit.start + lead + trimmed.len());
        }
        start = end;
    }
    found
}

/// Cuts a long sentence to the clause around what it says.
fn cut(words: &str, at: Range<usize>) -> Range<usize> {
    if words.len() <= MAX_STATEMENT {
        return 0..words.len();
    }
    const ENDS: [char; 5] = [';', '•', ':', '|', '*'];
    let start = words[..at.start]
        .rfind(ENDS)
        .map_or(0, |end| end + words[end..].chars().next().map_or(1, char::len_utf8));
    let end = words[at.end..].find(ENDS).map_or(words.len(), |end| at.end + end);
    let mut range = start..end;
    if range.len() > MAX_STATEMENT {
        let from = at.start.saturating_sub(MAX_STATEMENT / 2).max(start);
        let from = (from..=at.start).find(|&place| words.is_char_boundary(place)).unwrap_or(at.start);
        let from = if from == start {
            from
        } else {
            words[from..at.start].find(' ').map_or(at.start, |space| from + space)
        };
        let to = (at.end + MAX_STATEMENT / 2).min(end);
        let to = (at.end..=to).rev().find(|&place| words.is_char_boundary(place)).unwrap_or(at.end);
        let to =
            if to == end { to } else { words[at.end..to].rfind(' ').map_or(at.end, |space| at.end + space) };
        range = from..to;
    }
    let kept = &words[range.clone()];
    let start = range.start + kept.len() - kept.trim_start().len();
    start..start + kept.trim().len()
}

/// Whether a statement speaks of the candidate and not of the work or the law.
fn is_meant(kind: VisaKind, words: &str, at: &Range<usize>, responsibility: bool) -> bool {
    static FAIR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)equal opportunity|without regard|regardless of|race,|discriminat|fair chance|^your right to work\b|in compliance with (?:federal|the immigration)|verify (?:your )?identity|e-verify|i-9\b|with (?:arrest|criminal) (?:and|or|histor|record)|criminal histor(?:y|ies)|arrest (?:and|or)|status,|protected|veteran|national origin",
        )
    });
    static WORK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:conduct|perform|run|administer|coordinat|process|initiat|complet|manag|review|handl|prepar|assist|support|facilitat|order|track|verif)(?:e|es|ed|ing|s)?\b[^.;]{0,60}$",
        )
    });
    static SPONSOR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:executive|project|business|plan|event|study|clinical|sports?|corporate|team) sponsor|with or without (?:\w+ )?sponsor|sponsor(?:s|ed)? (?:by|events|research|programs)|\bsponsorship (?:deals?|sales|packages|activation|opportunities|agreements)",
        )
    });
    static LIVE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bclearance (?:sale|rack|items?|height|merchandise)|customs clearance|clearances? between|(?:credit checks?|credit verif)\w* (?:on|for|of) (?:customers?|clients?|new|applicants|tenants)|(?:drug|background) (?:screen|test)ing (?:products|services|company|industry|solutions)|security (?:testing|tests?|verification|investigations?|checks? (?:of|on))|penetration",
        )
    });
    let before = &words[..at.start];
    if FAIR.is_match(words) || LIVE.is_match(words) {
        return false;
    }
    match kind {
        VisaKind::Sponsorship => !SPONSOR.is_match(words),
        VisaKind::BackgroundCheck | VisaKind::WorkAuthorization => {
            let of_the_candidate = [
                "must",
                "required",
                "subject to",
                "willing",
                "able to pass",
                "successful",
                "contingent",
                "condition",
                "you ",
                "candidate",
                "offer",
                "clear ",
                "pass ",
                "clean",
            ]
            .iter()
            .any(|word| words.to_lowercase().contains(word));
            !responsibility && (of_the_candidate || !WORK.is_match(before))
        }
        VisaKind::Citizenship | VisaKind::SecurityClearance => {
            !responsibility || words.to_lowercase().contains("must")
        }
    }
}

/// Whether a sentence of running text says what a candidate needs.
fn speaks_to_candidates(words: &str) -> bool {
    static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:must|required|requires|obtain|eligib\w+|active|hold|possess|you|candidates?|applicants?|need(?:ed)?|current|clearance ?:|level)\b",
        )
    });
    CANDIDATE.is_match(words)
}

/// Whether a statement rules out or waives what it speaks of.
fn is_denied(kind: VisaKind, words: &str, at: &Range<usize>) -> bool {
    static SPONSOR_NOT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:no|not|unable|cannot|can ?not|can['’]t|won['’]?t|don['’]?t|doesn['’]?t|without|unavailable|never|neither|nor|isn['’]?t|aren['’]?t|non)\b",
        )
    });
    static WAIVED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\bno (?:active )?(?:\w+ )?(?:clearance|background check|citizenship|permit|visa)|\b(?:not|isn['’]t) (?:required|needed|necessary|mandatory)",
        )
    });
    match kind {
        // The "no" of "we sponsor visas, but there is no relocation" belongs to the relocation.
        VisaKind::Sponsorship => {
            let start = (at.start.saturating_sub(60)..=at.start)
                .find(|&place| words.is_char_boundary(place))
                .unwrap_or(at.start);
            let end = (at.end..=(at.end + 45).min(words.len()))
                .rev()
                .find(|&place| words.is_char_boundary(place))
                .unwrap_or(at.end);
            let behind = words[at.end..end].split([',', ';']).next().unwrap_or_default();
            SPONSOR_NOT.is_match(&words[start..at.end]) || SPONSOR_NOT.is_match(behind)
        }
        VisaKind::WorkAuthorization | VisaKind::Citizenship => {
            WAIVED.is_match(&words[at.start..]) && !words.to_lowercase().contains("sponsor")
        }
        VisaKind::SecurityClearance | VisaKind::BackgroundCheck => WAIVED.is_match(words),
    }
}

#[cfg(test)]
mod tests;
