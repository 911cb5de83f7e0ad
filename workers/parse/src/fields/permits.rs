//! What the candidate must be allowed to do, and how far the job sends them: visas, permits, clearances, checks, travel.

use contract::{Field, ItemKind, SectionKind, Stated, Travel, VisaClearance, VisaKind};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::pattern;
use crate::posting::Posting;

/// The longest statement, in bytes; longer ones are cut to the words around what they say.
const MAX_STATEMENT: usize = 220;

/// What is said of permits and clearances: one entry for each kind and statement, in order.
pub(crate) fn visa_clearance(posting: &Posting<'_>) -> Vec<Stated<VisaClearance>> {
    static KINDS: LazyLock<Vec<(VisaKind, Regex)>> = LazyLock::new(|| {
        vec![
            (VisaKind::Sponsorship, pattern(r"(?i)\b(?:visas?|h-?1-?b|immigration|employment|work (?:permit|authori[sz]ation)|permanent residen\w+|green card)[\w ,/()'’-]{0,40}\bsponsor(?:ship|ed|ing)?\b|\bsponsor(?:ship|ing|ed)?\b[\w ,/()'’-]{0,60}\b(?:visas?|h-?1-?b|immigration|work (?:permit|authori[sz]ation)|employment authori[sz]ation|to work in|candidates|applicants|c2c|international)\b|\b(?:no|not|unable to|cannot|can ?not|won['’]?t|will not|without|need|require|provide|offer|available for|future) (?:\w+ ){0,4}sponsor(?:ship)?\b|\bsponsorship (?:is |will )?(?:not|available|offered|possible|provided|unavailable|cannot)")),
            (VisaKind::WorkAuthorization, pattern(r"(?i)\b(?:(?:legally |lawfully )?(?:authori[sz]ed|eligible|entitled|permitted|allowed) to (?:legally |lawfully )?(?:be employed|work|accept (?:new )?employment)\b|(?:able|legally able) to (?:legally )?work in (?:the )?(?:u\.?s\b|usa\b|united states|canada|uk\b|eu\b|europe|australia|india|country)|work(?:ing)? (?:authori[sz]ation|permits?|eligibility)\b|employment (?:authori[sz]ation|eligibility)|(?:legal )?right to work\b|eligibility to work\b|legal (?:status|authority) to work|valid (?:\w+ )?(?:work|employment) (?:visa|permit|authori[sz]ation)|authori[sz]ation to work)")),
            (VisaKind::Citizenship, pattern(r"(?i)\b(?:u\.?s\.?a?|usc|united states|american|canadian|uk|british|eu|australian|indian)\.? citizen(?:s|ship)?\b|\bcitizen(?:s|ship)? (?:of (?:the )?(?:united states|us|u\.s\.|canada|uk)|(?:is |are )?(?:required|only))|\bmust be (?:an? )?(?:\w+ ){0,2}citizens?\b|\b(?:citizens?|permanent residents?) (?:or|and|/) (?:green card|gc|permanent residents?|citizens?)|\bgreen card holders?\b|\bgc holders?\b|\bus persons?\b|\bu\.s\. persons?\b")),
            (VisaKind::SecurityClearance, pattern(r"(?i)\b(?:security|secret|dod|government|federal|reliability|enhanced|top[- ]secret|active|q|l|ts|public trust|sc|dv|nv1|nv2|baseline|interim) (?:security )?clear(?:ances?|ed)\b|\bts ?/ ?sci\b|\bpublic trust\b|\breliability status\b|\bclearance (?:required|level|eligib|is required)|\b(?:obtain|maintain|hold|possess)\w*(?: and maintain)? (?:an? )?(?:\w+ ){0,3}clearance\b|\bclearable\b|\bpolygraph\b")),
            (VisaKind::BackgroundCheck, pattern(r"(?i)\b(?:background|reference and background|criminal(?: record| background| history| reference)?|police|police record|credit|security|vulnerable sector|crc|dbs|pre-?employment|drug|fingerprint\w*|reference)(?: ?(?:/|and|&|,) ?(?:\w+ )?(?:background|criminal(?: record)?|police|credit|drug|reference))*[ -](?:record )?(?:vulnerable sector )?(?:checks?|screen(?:s|ing)?|investigations?|tests?|testing|verifications?)\b|\bvulnerable sector\b|\bpolice clearance\b|\bcriminal record\b|\be-?verify background")),
        ]
    });
    let mut stated: Vec<Stated<VisaClearance>> = Vec::new();
    for (unit, item) in posting.parts.units.iter().zip(posting.items) {
        let kind = posting.kind(unit);
        if matches!(kind, SectionKind::Eeo | SectionKind::Accommodation | SectionKind::Legal | SectionKind::Hashtags | SectionKind::AboutCompany) {
            continue;
        }
        for sentence in sentences(posting.str(), unit.range.clone()) {
            let words = &posting.str()[sentence.clone()];
            let sponsor = KINDS.iter().find(|(visa, _)| *visa == VisaKind::Sponsorship).and_then(|(_, pattern)| pattern.find(words));
            for (visa, pattern) in KINDS.iter() {
                let Some(found) = pattern.find(words) else { continue };
                // "will not sponsor an applicant for work authorization" speaks of the sponsor.
                if *visa == VisaKind::WorkAuthorization && sponsor.is_some_and(|sponsor| sponsor.start() < found.start() && found.start() < sponsor.end()) {
                    continue;
                }
                let asked = item.kind == ItemKind::Requirement || *visa != VisaKind::SecurityClearance || speaks_to_candidates(words);
                if !asked || !is_meant(*visa, words, &found.range(), item.kind == ItemKind::Responsibility) {
                    continue;
                }
                let range = cut(words, found.range());
                let statement = words[range.clone()].to_owned();
                if stated.iter().any(|known| known.value.kind == *visa && known.value.statement == statement) {
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
    static END: LazyLock<Regex> = LazyLock::new(|| pattern(r"[a-z)\d][.!?;]\s+|\n|[a-zA-Z)][.!?]([A-Z][a-z]{2})"));
    let words = &text[unit.clone()];
    let mut found = Vec::new();
    let mut start = 0;
    let ends = END.captures_iter(words).filter_map(|end| end.get(1).map(|next| next.start()).or_else(|| end.get(0).map(|whole| whole.end())));
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
    let start = words[..at.start].rfind(ENDS).map_or(0, |end| end + words[end..].chars().next().map_or(1, char::len_utf8));
    let end = words[at.end..].find(ENDS).map_or(words.len(), |end| at.end + end);
    let mut range = start..end;
    if range.len() > MAX_STATEMENT {
        let from = at.start.saturating_sub(MAX_STATEMENT / 2).max(start);
        let from = (from..=at.start).find(|&place| words.is_char_boundary(place)).unwrap_or(at.start);
        let from = if from == start { from } else { words[from..at.start].find(' ').map_or(at.start, |space| from + space) };
        let to = (at.end + MAX_STATEMENT / 2).min(end);
        let to = (at.end..=to).rev().find(|&place| words.is_char_boundary(place)).unwrap_or(at.end);
        let to = if to == end { to } else { words[at.end..to].rfind(' ').map_or(at.end, |space| at.end + space) };
        range = from..to;
    }
    let kept = &words[range.clone()];
    let start = range.start + kept.len() - kept.trim_start().len();
    start..start + kept.trim().len()
}

/// Whether a statement speaks of the candidate and not of the work or the law.
fn is_meant(kind: VisaKind, words: &str, at: &Range<usize>, responsibility: bool) -> bool {
    static FAIR: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)equal opportunity|without regard|regardless of|race,|discriminat|fair chance|in compliance with (?:federal|the immigration)|verify (?:your )?identity|e-verify|i-9\b|with (?:arrest|criminal) (?:and|or|histor|record)|criminal histor(?:y|ies)|arrest (?:and|or)|status,|protected|veteran|national origin")
    });
    static WORK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:conduct|perform|run|administer|coordinat|process|initiat|complet|manag|review|handl|prepar|assist|support|facilitat|order|track|verif)(?:e|es|ed|ing|s)?\b[^.;]{0,60}$"));
    static SPONSOR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\b(?:executive|project|business|plan|event|study|clinical|sports?|corporate|team) sponsor|with or without (?:\w+ )?sponsor|sponsor(?:s|ed)? (?:by|events|research|programs)|\bsponsorship (?:deals?|sales|packages|activation|opportunities|agreements)"));
    static LIVE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bclearance (?:sale|rack|items?|height|merchandise)|customs clearance|clearances? between|(?:credit checks?|credit verif)\w* (?:on|for|of) (?:customers?|clients?|new|applicants|tenants)|(?:drug|background) (?:screen|test)ing (?:products|services|company|industry|solutions)|security (?:testing|tests?|verification|investigations?|checks? (?:of|on))|penetration"));
    let before = &words[..at.start];
    if FAIR.is_match(words) || LIVE.is_match(words) {
        return false;
    }
    match kind {
        VisaKind::Sponsorship => !SPONSOR.is_match(words),
        VisaKind::BackgroundCheck | VisaKind::WorkAuthorization => {
            let of_the_candidate = ["must", "required", "subject to", "willing", "able to pass", "successful", "contingent", "condition", "you ", "candidate", "offer", "clear ", "pass ", "clean"]
                .iter()
                .any(|word| words.to_lowercase().contains(word));
            !responsibility && (of_the_candidate || !WORK.is_match(before))
        }
        VisaKind::Citizenship | VisaKind::SecurityClearance => !responsibility || words.to_lowercase().contains("must"),
    }
}

/// Whether a sentence of running text says what a candidate needs.
fn speaks_to_candidates(words: &str) -> bool {
    static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:must|required|requires|obtain|eligib\w+|active|hold|possess|you|candidates?|applicants?|need(?:ed)?|current|clearance ?:|level)\b")
    });
    CANDIDATE.is_match(words)
}

/// Whether a statement rules out or waives what it speaks of.
fn is_denied(kind: VisaKind, words: &str, at: &Range<usize>) -> bool {
    static SPONSOR_NOT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:no|not|unable|cannot|can ?not|can['’]t|won['’]?t|don['’]?t|doesn['’]?t|without|unavailable|never|neither|nor|isn['’]?t|aren['’]?t|non)\b")
    });
    static WAIVED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\bno (?:active )?(?:\w+ )?(?:clearance|background check|citizenship|permit|visa)|\b(?:not|isn['’]t) (?:required|needed|necessary|mandatory)")
    });
    match kind {
        VisaKind::Sponsorship => SPONSOR_NOT.is_match(words),
        VisaKind::WorkAuthorization | VisaKind::Citizenship => WAIVED.is_match(&words[at.start..]) && !words.to_lowercase().contains("sponsor"),
        VisaKind::SecurityClearance | VisaKind::BackgroundCheck => WAIVED.is_match(words),
    }
}

/// How much the job travels.
pub(crate) fn travel(posting: &Posting<'_>) -> Field<Travel> {
    static TRAVEL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\btravel(?:s|l?ing)?\b"));
    let mut best: Option<(u8, Stated<Travel>)> = None;
    for unit in &posting.parts.units {
        let kind = posting.kind(unit);
        let quiet = matches!(
            kind,
            SectionKind::Eeo | SectionKind::Accommodation | SectionKind::Legal | SectionKind::Benefits | SectionKind::AboutCompany | SectionKind::Hashtags | SectionKind::Title
        );
        if quiet || !TRAVEL.is_match(posting.words(unit)) {
            continue;
        }
        for sentence in sentences(posting.str(), unit.range.clone()) {
            let words = &posting.str()[sentence.clone()];
            let Some((weight, travel)) = read_travel(words, kind) else { continue };
            if best.as_ref().is_none_or(|(most, _)| weight > *most) {
                let range = cut(words, TRAVEL.find(words).map_or(0..0, |found| found.range()));
                let span = posting.span(sentence.start + range.start..sentence.start + range.end);
                best = Some((weight, Stated::read(travel, span)));
            }
        }
    }
    best.or_else(|| labelled(posting)).map(|(_, travel)| travel)
}

/// "Travel: 25 %", "Travel required: No" where the label reads as a heading.
fn labelled(posting: &Posting<'_>) -> Option<(u8, Stated<Travel>)> {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:% ?of ?)?travel(?: required| requirements?| percentage| time)?\??\s?(?:%|\(%\))?\s?[:–-]\s?\n?(?:up to |approximately |less than |~ ?|< ?)?(?:(?P<low>\d{1,3})(?: ?%? ?(?:-|–|to) ?(?P<high>\d{1,3}))? ?(?:%|percent\b|$|\n)|(?P<no>none|no\b|n/a|not required|0\b)|(?P<yes>yes(?:, ?(?:up to )?(?P<share>\d{1,3}) ?%)?|required|occasional|some|minimal|frequent|moderate))")
    });
    let hit = LABEL.captures(posting.str())?;
    let whole = hit.get(0)?;
    if matches!(posting.kind_at(whole.start()), SectionKind::Eeo | SectionKind::Legal | SectionKind::Benefits | SectionKind::AboutCompany) {
        return None;
    }
    let percent: Option<u8> = hit.name("high").or(hit.name("low")).or(hit.name("share")).and_then(|digits| digits.as_str().parse().ok()).filter(|&percent| percent <= 100);
    let required = hit.name("no").is_none() && percent != Some(0);
    Some((9, Stated::read(Travel { required, percent: percent.filter(|_| required) }, posting.span(whole.range()))))
}

/// What one sentence says of travel, and how surely.
fn read_travel(words: &str, kind: SectionKind) -> Option<(u8, Travel)> {
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\btravel(?:l?ing)? (?:industry|agen|compan|insurance|management|arrangements?|booking|bookings|expens|reimburse|itinerar|plans|logistics|demand|products?|brand|technolog|platform|sector|allowance|discounts?|benefits?|planning|coordination|services?|needs of|desk|accommodations?|policy|policies|restrictions?|advis|related|experiences?|website|content|media|programs?|packages|documents|visas?|perks|stipend|cost|time (?:paid|pay)|nurs|trailer|retail|and (?:leisure|tourism|hospitality|expens|accommodation|meeting|entertainment))|\b(?:arrang|book|coordinat|organi[sz]|manag|schedul|plan|process|prepar|reconcil|business|corporate|online|global|domestic and international|executive|calendar|calendars|meetings?|handl|love|space|air|leisure|customer|guest|luxury|client)(?:e|es|ed|ing|s)?,?(?: and| or)?(?: \w+){0,2} travel\b(?: (?:arrange|for|book|and cal|itiner|for exec|requests?))?|\btravell?ers?\b|\btravel,? (?:calendar|meeting|hotel|accommodation|lodging|hospitality|tourism|leisure)|\b(?:hotel|tourism|hospitality|leisure|airline|retail),? (?:and )?travel\b|\btravel (?:will be|is) (?:compensated|reimbursed|paid)|\b(?:is|are|while|when) (?:not )?travell?ing\b|travel (?:tech\b|pay\b|fare|mugs?)|world travel|travel the world|time travel|sound travel")
    });
    static DEMANDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:willing(?:ness)?|able|ability|available|availability|flexible|flexibility|prepared|required?|requires|requirement|must|may|need|expect(?:ed)?|open|willingness|comfortable|some|occasional(?:ly)?|frequent(?:ly)?|minimal|extensive|limited|overnight|regular(?:ly)?|local|national|international|domestic|regional|periodic(?:ally)?|light|significant|heavy|moderate|up to|no)\b(?:[^.;:]{0,45})\btravel(?:l?ing)?\b|\btravel(?:l?ing)?\b[^.;:]{0,60}\b(?:required|expected|necessary|as needed|needed|may be|is a must|up to|involved|when|to (?:client|customer|other|different|various|job|project|site|work)|between|within|is (?:minimal|limited|occasional)|\d)|^travel(?:l?ing)?\b")
    });
    static PERCENT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:\d{1,3} ?%? ?(?:-|–|to) ?)?(\d{1,3}) ?\+? ?(?:\([^)]{0,6}\) ?)?(?:%|percent\b|pct\b)"));
    static TRAVEL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\btravel(?:s|l?ing)?\b"));
    static NONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:no|zero|without)(?: (?:any|much|business|regular|required))? travel(?:l?ing)?\b|\b(?:does|will|do) not (?:require|involve|need)(?: \w+)? travel|\bnot (?:be )?(?:required|need(?:ed)?) to travel|\btravel(?:l?ing)?(?: is| will be)?(?: not (?:be )?(?:required|needed|expected|necessary|anticipated)|:? none\b|:? n/a\b|:? no\b)")
    });
    let section = kind == SectionKind::Travel;
    if NONE.is_match(words) && !words.to_lowercase().contains("no travel restrict") && !words.to_lowercase().contains("not required to travel more") {
        return Some((8, Travel { required: false, percent: None }));
    }
    let mentions: Vec<Range<usize>> = TRAVEL.find_iter(words).map(|found| found.range()).collect();
    let percent = PERCENT
        .captures_iter(words)
        .filter_map(|hit| hit.get(1))
        .filter(|digits| {
            let away = |range: &Range<usize>| range.start.saturating_sub(digits.end()).max(digits.start().saturating_sub(range.end));
            mentions.iter().any(|range| away(range) <= 80)
        })
        .filter_map(|digits| digits.as_str().parse::<u8>().ok())
        .filter(|percent| (1..=100).contains(percent))
        .max();
    if percent.is_none() && (OTHER.is_match(words) || !(DEMANDS.is_match(words) || section)) {
        return None;
    }
    if percent.is_some() && OTHER.is_match(words) && !DEMANDS.is_match(words) {
        return None;
    }
    let own = matches!(
        kind,
        SectionKind::QualificationsRequired | SectionKind::QualificationsPreferred | SectionKind::QualificationsUnspecified | SectionKind::EmploymentTerms | SectionKind::LocationWorkmode
    );
    // A word of hope in a story about the employer is no travel of the job.
    let weight = if percent.is_some() { 7 } else { 1 } + 2 * u8::from(section) + u8::from(own);
    Some((weight, Travel { required: true, percent }))
}

#[cfg(test)]
mod tests;
