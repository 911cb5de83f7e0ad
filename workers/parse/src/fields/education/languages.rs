//! Spoken languages that the candidate should know, and how well.

use contract::{Evidence, ItemKind, SectionKind, SpokenLanguage, Stated};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use crate::fields::pattern;
use crate::posting::Posting;

/// Names of languages, as English postings write them.
const NAMES: &str = r"English|French|Spanish|German|Mandarin(?: Chinese)?|Cantonese|Chinese|Hindi|Japanese|Korean|(?:Brazilian )?Portuguese|Italian|Dutch|Russian|Arabic|Polish|Punjabi|Tamil|Telugu|Kannada|Malayalam|Bengali|Marathi|Gujarati|Urdu|Turkish|Swedish|Norwegian|Danish|Finnish|Greek|Hebrew|Czech|Slovak|Romanian|Hungarian|Bulgarian|Croatian|Serbian|Ukrainian|Vietnamese|Thai|Bahasa(?: Indonesia)?|Indonesian|Malay|Tagalog|Farsi|Persian|Flemish|Catalan|Welsh|Lithuanian|Latvian|Estonian|Afrikaans|Swahili|Haitian Creole|American Sign Language|ASL|British Sign Language|Inuktitut|Cree";

/// The languages asked for, in order, each once with all its places.
pub(crate) fn spoken_languages(posting: &Posting<'_>) -> Vec<Stated<SpokenLanguage>> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?:{NAMES})\b")));
    let mut stated: Vec<Stated<SpokenLanguage>> = Vec::new();
    for (unit, item) in posting.parts.units.iter().zip(posting.items) {
        let kind = posting.kind(unit);
        if kind == SectionKind::Hashtags || kind.asks_nothing() && kind != SectionKind::Compensation {
            continue;
        }
        let words = posting.words(unit);
        let asked = item.kind == ItemKind::Requirement;
        let mut last: Option<(Range<usize>, Option<String>)> = None;
        for name in NAME.find_iter(words) {
            let range = name.range();
            let listed = last.as_ref().filter(|(before, _)| is_listed(&words[before.end..range.start]));
            let level = level(words, &range).or_else(|| listed.and_then(|(_, level)| level.clone()));
            let whole_word =
                !words[..range.start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '-');
            let meant = whole_word
                && (listed.is_some() || is_asked(words, &range, asked))
                && !means_something_else(&words[range.end..]);
            if !meant {
                continue;
            }
            let span = posting.span(unit.range.start + range.start..unit.range.start + range.end);
            last = Some((range, level.clone()));
            add(&mut stated, canonical(name.as_str()), level, span);
        }
    }
    label(posting, &mut stated);
    stated
}

/// Whether words name a spoken language, perhaps with how well: "Fluent French".
pub(crate) fn is_a_language(words: &str) -> bool {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"^(?:(?i:fluent|fluency|native|good|excellent|spoken|written|verbal|oral|business|basic|conversational|proficient|bilingual|advanced|intermediate|level|and|or|in)[ ,/-]+)*(?:{NAMES})(?:[ ,/-]+(?:{NAMES}|(?i:language|speak\w+|fluency|proficiency|level|native|communication|skills?|and|or)))*$"
        ))
    });
    NAME.is_match(words)
}

/// "Language: English" on a line of its own, which other readers may take for a heading.
fn label(posting: &Posting<'_>, stated: &mut Vec<Stated<SpokenLanguage>>) {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            r"(?:^|\n|[a-z.)•])\s?(?i:languages?(?: skills| requirements?| required)?) ?: ?\n?((?:{NAMES})(?:(?:,| and| or| &|/)+ ?(?:{NAMES}))*)\b"
        ))
    });
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"(?:{NAMES})\b")));
    if !posting.str().contains("anguage") {
        return;
    }
    for hit in LABEL.captures_iter(posting.str()) {
        let Some(list) = hit.get(1) else { continue };
        if means_something_else(&posting.str()[list.end()..])
            || posting.kind_at(list.start()) == SectionKind::Eeo
        {
            continue;
        }
        for name in NAME.find_iter(list.as_str()) {
            let span = posting.span(list.start() + name.start()..list.start() + name.end());
            add(stated, canonical(name.as_str()), None, span);
        }
    }
    stated.sort_by_key(|language| language.evidence.spans().first().map(|span| span.start));
}

fn add(
    stated: &mut Vec<Stated<SpokenLanguage>>,
    language: &str,
    level: Option<String>,
    span: contract::Span,
) {
    match stated.iter_mut().find(|known| known.value.language == language) {
        Some(known) => {
            if let Evidence::Text { spans } = &mut known.evidence
                && !spans.contains(&span)
            {
                spans.push(span);
            }
            known.value.level = known.value.level.take().or(level);
        }
        None => stated.push(Stated::read(SpokenLanguage { language: language.to_owned(), level }, span)),
    }
}

fn canonical(name: &str) -> &str {
    match name {
        "Mandarin Chinese" => "Mandarin",
        "Brazilian Portuguese" => "Portuguese",
        "Bahasa" | "Bahasa Indonesia" => "Indonesian",
        "ASL" => "American Sign Language",
        "Farsi" => "Persian",
        name => name,
    }
}

/// Whether only list words lie between two languages.
fn is_listed(gap: &str) -> bool {
    static LIST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\s|[,/&()+-]|\b(?:and|or|and/or|as well as|both|fluent|written|spoken|in|another|either|preferably)\b)*$",
        )
    });
    LIST.is_match(gap)
}

/// Whether the words around a language ask that it be spoken.
fn is_asked(words: &str, at: &Range<usize>, asked: bool) -> bool {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:fluen\w+|proficien\w+|bilingual\w*|multilingual|trilingual|speak(?:s|ing)?|spoken|written|verbal|oral|command|languages?|native|mother tongue|read(?:ing)?|writ(?:e|ing)|literacy|communicat\w+|conversational|understand|knowledge|level|vocabulary|grammar)\b[^.;:]{0,60}$|\blanguages?:? ?\(?$|^(?:business |good |excellent |strong |basic |advanced |professional )?$",
        )
    });
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?: ?(?:/|and|or|&|,) ?[A-Z]\w+)?\s?(?:[-–(:]?\s?\(?(?:fluen\w+|proficien\w+|native|bilingual|[ABC][12]\b|business level|professional|mother tongue|conversational|spoken|written|verbal|oral|required|mandatory|preferred|basic|intermediate|advanced)|language\b|languages\b|skills\b|speaker|speaking|communication|(?:is|are|would be|will be) (?:a |an |also |highly |strongly )?(?:must|plus|asset|advantage|bonus|required|essential|mandatory|preferred|desirable|nice|beneficial)|(?:a|an) (?:plus|asset|must|advantage)|both written|at (?:an? )?(?:native|business|professional|c1|b2))",
        )
    });
    let near = at.start.saturating_sub(110);
    let near = (near..=at.start).find(|&start| words.is_char_boundary(start)).unwrap_or(at.start);
    let before = &words[near..at.start];
    let opened = before.trim().is_empty() || !BEFORE.is_match(before);
    let behind = BEHIND.is_match(&words[at.end..]);
    let strong = {
        static STRONG: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?i)\b(?:fluen\w+|bilingual\w*|multilingual|trilingual|proficien\w+ in|speak(?:s|ing)?|native|mother tongue|command of|conversational|spoken|(?:written|verbal|oral)(?: and (?:written|verbal|oral|spoken))?(?: communication)?(?: skills)?(?: in| of)?|knowledge of|communicat\w+[^.;:,]{0,30} in|read(?:,| and) write[^.;:,]{0,20})\b[^.;:]{0,35}$",
            )
        });
        STRONG.is_match(before)
    };
    let by_itself = before.trim().is_empty() && words.len() <= 40 && alone(&words[at.end..]);
    if asked {
        strong || behind || by_itself || !opened && alone(&words[at.end..])
    } else {
        strong && (speaks_to_candidates(words) || words.len() < 120) || behind && speaks_to_candidates(words)
    }
}

/// Whether a sentence of running text is about who is wanted.
fn speaks_to_candidates(words: &str) -> bool {
    static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:you|candidates?|applicants?|must|required?|requires|looking for|seeking|need\w*|mandatory|fluen\w+|bilingual\w*|asset|preferred)\b",
        )
    });
    CANDIDATE.is_match(words)
}

/// Whether nothing but punctuation and list words stands behind a language.
fn alone(behind: &str) -> bool {
    behind.trim().is_empty()
        || behind.starts_with(['.', ',', ';', ')', '/'])
        || behind.starts_with(" and ")
        || behind.starts_with(" or ")
}

/// "English department", "French cuisine", "German automotive customers", "English degree": no language is asked for.
fn means_something_else(behind: &str) -> bool {
    static OTHER: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^['’]?s?[ -](?:department|literature|teachers?|tutor|degree|major|course|class(?:es)?|cuisine|food|restaurant|market|customers?|clients?|compan|consumers?|government|automotive|subsidiary|team|office|culture|studies|immersion|history|law|version|subtitles?|content|test\b|proficiency test|translat|learners?|language (?:arts|learners?|teacher|school|program|instruction|model)|cooking|bulldog|riviera|studios|based|born|citizen|medicine|yen|regulations?|standards|localization|toast|press|door|as a second|or equivalent|or (?:a )?related|composition)|^[,/]? (?:or |and )?(?:journalism|math\w*|communications?\b(?: or|,)|marketing(?: or|,)|literature)",
        )
    });
    OTHER.is_match(behind)
}

/// How well, in the posting's words, before or behind a language.
fn level(words: &str, at: &Range<usize>) -> Option<String> {
    static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?: language)?(?: skills)?\s?(?:[-–:,(]|at(?: an?)?|to|level)?\s?\(?(?:level )?((?:native|mother tongue|fluen(?:t|cy)|bilingual|proficien(?:t|cy)|(?:full |limited )?professional(?: working)?(?: proficiency)?|business(?:[- ]level| fluent| level)?|conversational|basic|intermediate|advanced|[ABC][12][+]?)(?: level)?)\b",
        )
    });
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(native(?: or bilingual)?(?: proficiency)?|mother tongue|fluen(?:t|cy|tly)|bilingual|trilingual|multilingual|proficien(?:t|cy)|(?:full |limited )?professional(?: working)? proficiency|business[- ](?:level|fluent)|conversational|basic|intermediate|advanced|excellent|strong|good|perfect|working knowledge|[ABC][12])\b[^.;:]{0,60}$",
        )
    });
    static FLUENTLY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^(?:(?:,? and/or |,? and |,? or |, |/)[A-Z]\w+)*,? (fluently(?: and idiomatically)?)\b")
    });
    if let Some(found) = FLUENTLY.captures(&words[at.end..]).and_then(|hit| hit.get(1)) {
        return Some(found.as_str().to_owned());
    }
    if let Some(found) = BEHIND.captures(&words[at.end..]).and_then(|hit| hit.get(1)) {
        return Some(found.as_str().to_owned());
    }
    let near = at.start.saturating_sub(80);
    let near = (near..=at.start).find(|&start| words.is_char_boundary(start)).unwrap_or(at.start);
    BEFORE.captures(&words[near..at.start]).and_then(|hit| hit.get(1)).map(|found| found.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::spoken_languages;
    use crate::fields::sample::posting;

    fn check(text: &str, expected: &[(&str, Option<&str>)]) {
        let found = posting(text, spoken_languages);
        let values: Vec<(&str, Option<&str>)> = found
            .iter()
            .map(|stated| (stated.value.language.as_str(), stated.value.level.as_deref()))
            .collect();
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
    fn levels_stand_before_or_behind() {
        check("Requirements:\n- Fluent in French", &[("French", Some("Fluent"))]);
        check("Requirements:\n- German (C1)", &[("German", Some("C1"))]);
        check(
            "Requirements:\n- Bilingual English/French",
            &[("English", Some("Bilingual")), ("French", Some("Bilingual"))],
        );
        check("Requirements:\n- Excellent written and verbal English", &[("English", Some("Excellent"))]);
        check("Requirements:\n- Dutch at native level", &[("Dutch", Some("native level"))]);
        check(
            "Requirements:\n- Business-level Japanese is required",
            &[("Japanese", Some("Business-level"))],
        );
    }

    #[test]
    fn a_language_may_be_all_that_is_said() {
        check("Requirements:\n- English\n- Java", &[("English", None)]);
        check("Job Type: Full-time\nLanguage: English\nPositions: 2", &[("English", None)]);
        check("Requirements:\n- Polish is a plus", &[("Polish", None)]);
        check("Requirements:\n- Knowledge of Hindi or Tamil", &[("Hindi", None), ("Tamil", None)]);
    }

    #[test]
    fn other_uses_of_the_word_ask_for_nothing() {
        check("Requirements:\n- Degree in English or Journalism", &[]);
        check("Requirements:\n- Liaise with the English department", &[]);
        check("Responsibilities:\n- Sell to German customers", &[]);
        check("Requirements:\n- Polishing of metal parts", &[]);
        check("About us\nOur founders speak French.", &[]);
        check("Requirements:\n- Python and Go", &[]);
    }
}
