//! The gate: what is no posting, or none that can be read, stops here with a reason.

use contract::{JdType, Options, SectionKind};
use regex::RegexSet;
use std::collections::HashSet;
use std::sync::LazyLock;
use text::{Segmentation, Text, word_count};

/// Fewer words than this say nothing about a job.
const FEWEST_WORDS: u32 = 12;
/// Shorter texts do not show their language.
const SHORTEST_FOR_LANGUAGE: usize = 80;
/// Share of everyday English words from which a text is English whatever else stands in it, and below which it may be something else.
const ENGLISH_SHARE: f32 = 0.12;

/// A posting shows at least so many different marks.
const FEWEST_MARKS: usize = 2;

/// What the gate says, with its reason when it stops the document.
pub(crate) struct Ruling {
    pub(crate) jd_type: JdType,
    pub(crate) reason: Option<String>,
}

fn stop(jd_type: JdType, reason: impl Into<String>) -> Ruling {
    Ruling { jd_type, reason: Some(reason.into()) }
}

/// Judges a normalised text. `title` is one given beside the text.
pub(crate) fn judge(
    text: &Text,
    parts: &Segmentation,
    title: Option<&str>,
    options: &Options,
    language: Option<&str>,
) -> Ruling {
    let content = text.as_str();
    let pass = |jd_type| Ruling { jd_type, reason: None };
    if content.is_empty() {
        return match title {
            Some(_) => pass(JdType::TitleOnly),
            None => stop(JdType::TooSparse, "there is neither text nor a title"),
        };
    }
    if content.len() > contract::MAX_TEXT_BYTES {
        return stop(
            JdType::TooLarge,
            format!("the text has {} bytes, {} are the most", content.len(), contract::MAX_TEXT_BYTES),
        );
    }
    if options.fragment {
        return pass(JdType::Fragment);
    }
    if let Some(language) = language.filter(|&language| language != "eng") {
        return stop(
            JdType::UnsupportedLanguage,
            format!("the text is in {language}; the built-in engine reads English"),
        );
    }
    let words = word_count(content);
    if words < FEWEST_WORDS {
        return stop(JdType::TooSparse, format!("{words} words, {FEWEST_WORDS} are the least"));
    }
    if let Some(titles) = several_titles(content, parts) {
        return stop(JdType::MultipleJds, format!("several postings in one text: {}", titles.join(" / ")));
    }
    let marks = marks_of_a_posting(content, parts);
    // A title beside the text, or statements that mostly read as duties and requirements, are marks of their own.
    let marks = marks + usize::from(title.is_some()) + usize::from(marks > 0 && reads_like_a_posting(parts));
    if marks < FEWEST_MARKS {
        return stop(
            JdType::NotAJd,
            "too little of it speaks of duties, requirements, terms or an invitation to apply",
        );
    }
    pass(JdType::Pass)
}

/// ISO 639-3 code of the text's language, when it can be told.
pub(crate) fn language(text: &str) -> Option<&'static str> {
    static EVERYDAY: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        [
            "the", "and", "of", "to", "in", "for", "with", "a", "is", "are", "you", "our", "we", "will",
            "on", "as", "or", "be", "an", "at", "by", "your",
        ]
        .into_iter()
        .collect()
    });
    let (mut everyday, mut all) = (0u32, 0u32);
    for word in text::lower_words(text).take(2000) {
        all += 1;
        everyday += u32::from(EVERYDAY.contains(word.as_str()));
    }
    let share = everyday as f32 / all.max(1) as f32;
    if share >= ENGLISH_SHARE {
        return Some("eng");
    }
    if text.len() < SHORTEST_FOR_LANGUAGE {
        return None;
    }
    let detected = whatlang::detect(text)?;
    // A list of product names is in no language: it is read as English unless another is sure.
    let sure = detected.is_reliable() && detected.confidence() > 0.85 && share < ENGLISH_SHARE / 2.0;
    Some(if sure { detected.lang().code() } else { "eng" })
}

/// How many different marks of a posting a text has.
fn marks_of_a_posting(content: &str, parts: &Segmentation) -> usize {
    static MARKS: LazyLock<RegexSet> = LazyLock::new(|| {
        text::patterns([
            r"(?i)\b(?:we are|we're|is|are currently|now) (?:looking for|seeking|hiring|recruiting)|\b(?:seeks|join our|join us|job opening|vacancy|opportunity for)\b",
            r"(?i)\b(?:responsible for|responsibilities|duties|you(?:'|’| wi)ll (?:be|work|build|lead|help|design|develop|own|join))\b",
            r"(?i)\b(?:requirements?|qualifications?|must have|(?:ideal|successful) candidate|what you bring|about you)\b",
            r"(?i)\b\d+\+? ?(?:-|–|to)? ?\d* ?\+?(?:years?|yrs)\b.{0,40}\bexperience|\bexperience (?:in|with|working|as)\b",
            r"(?i)\b(?:apply|applicants?|resume|résumé|cv|cover letter|equal opportunity|candidates?)\b",
            r"(?i)\b(?:salary|full[- ]time|part[- ]time|permanent|contract position|benefits|401\(?k|pto|per hour|per annum|job type|internship)\b",
            r"(?i)\b(?:this|the) (?:position|role|job)\b|\bjob (?:title|description|summary|id)\b",
            r"(?i)\b(?:bachelor|degree in|diploma|ability to|knowledge of|proficien|strong \w+ skills)",
        ])
    });
    let headings = parts
        .segments
        .iter()
        .filter(|segment| segment.heading.is_some())
        .filter(|segment| {
            matches!(
                segment.kind,
                SectionKind::Responsibilities
                    | SectionKind::QualificationsRequired
                    | SectionKind::QualificationsPreferred
                    | SectionKind::QualificationsUnspecified
                    | SectionKind::SkillsList
            )
        })
        .count();
    MARKS.matches(content).iter().count() + headings
}

/// Whether at least half of the statements lie in duties or requirements.
fn reads_like_a_posting(parts: &Segmentation) -> bool {
    let speaking = parts
        .units
        .iter()
        .filter(|unit| {
            matches!(
                parts.segments[unit.section].kind,
                SectionKind::Responsibilities
                    | SectionKind::QualificationsRequired
                    | SectionKind::QualificationsPreferred
                    | SectionKind::QualificationsUnspecified
            )
        })
        .count();
    speaking * 2 >= parts.units.len().max(1)
}

/// The titles of several postings pasted into one text: each with duties or requirements of its own.
fn several_titles(content: &str, parts: &Segmentation) -> Option<Vec<String>> {
    let mut titles: Vec<(usize, String)> = Vec::new();
    for (index, segment) in parts.segments.iter().enumerate() {
        if segment.kind == SectionKind::Title && segment.heading.is_some() {
            let body = content[segment.body..segment.range.end].lines().next().unwrap_or_default().trim();
            if text::names_a_job(body) && word_count(body) <= 12 {
                titles.push((index, body.to_lowercase()));
            }
        }
    }
    let mut distinct: Vec<String> = titles.iter().map(|(_, title)| title.clone()).collect();
    distinct.sort();
    distinct.dedup();
    if distinct.len() < 2 {
        return None;
    }
    let has_work = |from: usize, to: usize| {
        parts.segments[from..to].iter().any(|segment| {
            matches!(
                segment.kind,
                SectionKind::Responsibilities
                    | SectionKind::QualificationsRequired
                    | SectionKind::QualificationsUnspecified
            )
        })
    };
    let ends = titles.iter().skip(1).map(|&(index, _)| index).chain([parts.segments.len()]);
    let complete = titles.iter().zip(ends).filter(|&(&(index, _), end)| has_work(index, end)).count();
    (complete >= 2).then_some(distinct)
}
