//! How far and how often the job sends somebody away.

use contract::{Field, SectionKind, Stated, Travel};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::{cut, sentences};
use crate::fields::pattern;
use crate::posting::Posting;

/// How much the job travels.
pub(crate) fn travel(posting: &Posting<'_>) -> Field<Travel> {
    static TRAVEL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\btravel(?:s|l?ing)?\b"));
    let mut best: Option<(u8, Stated<Travel>)> = None;
    for unit in &posting.parts.units {
        let kind = posting.kind(unit);
        let quiet = matches!(
            kind,
            SectionKind::Eeo
                | SectionKind::Accommodation
                | SectionKind::Legal
                | SectionKind::Benefits
                | SectionKind::AboutCompany
                | SectionKind::Hashtags
                | SectionKind::Title
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
        pattern(
            r"(?i)\b(?:% ?of ?)?travel(?: required| requirements?| percentage| time)?\??\s?(?:%|\(%\))?\s?[:–-]\s?\n?(?:up to |approximately |less than |~ ?|< ?)?(?:(?P<low>\d{1,3})(?: ?%? ?(?:-|–|to) ?(?P<high>\d{1,3}))? ?(?:%|percent\b|$|\n)|(?P<no>none|no\b|n/a|not required|0\b)|(?P<yes>yes(?:, ?(?:up to )?(?P<share>\d{1,3}) ?%)?|required|occasional|some|minimal|frequent|moderate))",
        )
    });
    let hit = LABEL.captures(posting.str())?;
    let whole = hit.get(0)?;
    if matches!(
        posting.kind_at(whole.start()),
        SectionKind::Eeo | SectionKind::Legal | SectionKind::Benefits | SectionKind::AboutCompany
    ) {
        return None;
    }
    let percent: Option<u8> = hit
        .name("high")
        .or(hit.name("low"))
        .or(hit.name("share"))
        .and_then(|digits| digits.as_str().parse().ok())
        .filter(|&percent| percent <= 100);
    let required = hit.name("no").is_none() && percent != Some(0);
    Some((
        9,
        Stated::read(Travel { required, percent: percent.filter(|_| required) }, posting.span(whole.range())),
    ))
}

/// What one sentence says of travel, and how surely.
fn read_travel(words: &str, kind: SectionKind) -> Option<(u8, Travel)> {
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\btravel(?:l?ing)? (?:industry|agen|compan|insurance|management|arrangements?|booking|bookings|expens|reimburse|itinerar|plans|logistics|demand|products?|brand|technolog|platform|sector|allowance|discounts?|benefits?|planning|coordination|services?|needs of|desk|accommodations?|policy|policies|restrictions?|advis|related|experiences?|website|content|media|programs?|packages|documents|visas?|perks|stipend|cost|time (?:paid|pay)|nurs|trailer|retail|and (?:leisure|tourism|hospitality|expens|accommodation|meeting|entertainment))|\b(?:arrang|book|coordinat|organi[sz]|manag|schedul|plan|process|prepar|reconcil|business|corporate|online|global|domestic and international|executive|calendar|calendars|meetings?|handl|love|space|air|leisure|customer|guest|luxury|client)(?:e|es|ed|ing|s)?,?(?: and| or)?(?: \w+){0,2} travel\b(?: (?:arrange|for|book|and cal|itiner|for exec|requests?))?|\btravell?ers?\b|\btravel,? (?:calendar|meeting|hotel|accommodation|lodging|hospitality|tourism|leisure)|\b(?:hotel|tourism|hospitality|leisure|airline|retail),? (?:and )?travel\b|\btravel (?:will be|is) (?:compensated|reimbursed|paid)|\b(?:is|are|while|when) (?:not )?travell?ing\b|travel (?:tech\b|pay\b|fare|mugs?)|world travel|travel the world|time travel|sound travel",
        )
    });
    static DEMANDS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:willing(?:ness)?|able|ability|available|availability|flexible|flexibility|prepared|required?|requires|requirement|must|may|need|expect(?:ed)?|open|willingness|comfortable|some|occasional(?:ly)?|frequent(?:ly)?|minimal|extensive|limited|overnight|regular(?:ly)?|local|national|international|domestic|regional|periodic(?:ally)?|light|significant|heavy|moderate|up to|no)\b(?:[^.;:]{0,45})\btravel(?:l?ing)?\b|\btravel(?:l?ing)?\b[^.;:]{0,60}\b(?:required|expected|necessary|as needed|needed|may be|is a must|up to|involved|when|to (?:client|customer|other|different|various|job|project|site|work)|between|within|is (?:minimal|limited|occasional)|\d)|^travel(?:l?ing)?\b",
        )
    });
    static PERCENT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:\d{1,3} ?%? ?(?:-|–|to) ?)?(\d{1,3}) ?\+? ?(?:\([^)]{0,6}\) ?)?(?:%|percent\b|pct\b)",
        )
    });
    static TRAVEL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\btravel(?:s|l?ing)?\b"));
    static NONE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:no|zero|without)(?: (?:any|much|business|regular|required))? travel(?:l?ing)?\b|\b(?:does|will|do) not (?:require|involve|need)(?: \w+)? travel|\bnot (?:be )?(?:required|need(?:ed)?) to travel|\btravel(?:l?ing)?(?: is| will be)?(?: not (?:be )?(?:required|needed|expected|necessary|anticipated)|:? none\b|:? n/a\b|:? no\b)",
        )
    });
    let section = kind == SectionKind::Travel;
    if NONE.is_match(words)
        && !words.to_lowercase().contains("no travel restrict")
        && !words.to_lowercase().contains("not required to travel more")
    {
        return Some((8, Travel { required: false, percent: None }));
    }
    let mentions: Vec<Range<usize>> = TRAVEL.find_iter(words).map(|found| found.range()).collect();
    let percent = PERCENT
        .captures_iter(words)
        .filter_map(|hit| hit.get(1))
        .filter(|digits| {
            let away = |range: &Range<usize>| {
                range.start.saturating_sub(digits.end()).max(digits.start().saturating_sub(range.end))
            };
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
        SectionKind::QualificationsRequired
            | SectionKind::QualificationsPreferred
            | SectionKind::QualificationsUnspecified
            | SectionKind::EmploymentTerms
            | SectionKind::LocationWorkmode
    );
    // A word of hope in a story about the employer is no travel of the job.
    let weight = if percent.is_some() { 7 } else { 1 } + 2 * u8::from(section) + u8::from(own);
    Some((weight, Travel { required: true, percent }))
}
