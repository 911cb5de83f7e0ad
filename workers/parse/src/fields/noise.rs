//! What stands in a title line besides the title: ids, places, terms, the company.

use regex::Regex;
use std::sync::LazyLock;

use super::{pattern, places};

/// Where noise at the end of a title line begins: a bracket, what follows the last dash or comma, an id.
pub(super) fn at_end(words: &str, company: Option<&str>) -> Option<usize> {
    static ID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)[\s(\[]*(?:(?:#|\b(?:req|requisition|job|ref|posting)\b\.?(?: ?(?:id|no|number|#))?\.?\s?[:#]?\s?)[A-Z]{0,4}-?\d{3,}|\b[A-Z]{0,4}-?\d{5,}|\b[A-Z]{1,4}-?\d{4,})[\])]?$",
        )
    });
    let bracket = words.ends_with([')', ']']).then(|| words.rfind(['(', '['])).flatten();
    if let Some(open) = bracket.filter(|&open| is_noise(&words[open + 1..words.len() - 1], company)) {
        return Some(open);
    }
    if let Some(id) = ID.find(words).filter(|id| id.start() > 3) {
        return Some(id.start());
    }
    [
        " - ", " – ", " — ", " | ", "|", " • ", " · ", "•", " @ ", " at ", " in ", " for ", ", ", " -", "- ",
        " / ",
    ]
    .into_iter()
    .find_map(|sign| {
        let at = words.rfind(sign)?;
        is_noise(&words[at + sign.len()..], company).then_some(at)
    })
}

/// Whether a part of a title line says something else than the title.
pub(super) fn is_noise(part: &str, company: Option<&str>) -> bool {
    static NOISE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:(?:100\s?%|fully|full|part|partly|mostly|temporarily|initially|mainly|possible|potential|us|usa|uk|canada|work|from|home|time|with|and|or|to|in|is|a|the|hire|perm|of|on|off|based|position|role|opportunity|job|only|mandatory|\d+|months?|mos|weeks?|years?|yrs?|hrs?|hours?|month|day|night|evening|weekend|afternoon|shift|shifts|maternity|parental|leave|cover|coverage|fixed|term|ft|pt|wfh|remote|remotely|hybrid|onsite|on-site|site|in-office|office|virtual|telecommute|telework|flexible|full-time|fulltime|part-time|contract|contractor|c2h|c2c|w2|1099|contract-to-hire|permanent|temporary|temp|seasonal|casual|freelance|direct|immediate|start|urgent|new|hiring|now|multiple|openings?|positions|vacancies|m|f|d|w|x|h|div|all|genders|gn|male|female|req|id|ref|n/a|local|candidates?|locals|relocation|visa|sponsorship|available|signing|bonus|salary|competitive|ote|per|annum|up|k|lpa|anywhere|nationwide|worldwide|various|locations?|jobs?|careers?|apply)[\s,/+&;.*|:$£€-]*)+$|^[$£€]|^\d[\d,.]*\s?k?\s?[-–]|^\d{1,2}/\d{1,2}/\d{2,4}$|^(?:r|jr|req)?[-#]?\d{3,}$|^[mfwdxh](?:\s?/\s?[mfwdxh*]+)+$",
        )
    });
    static TELLING: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:\d+|months?|shifts?|leave|term|ft|pt|wfh|remote(?:ly)?|hybrid|on-?site|in-office|virtual|telecommute|telework|full|fulltime|part|contract|contractor|c2[hc]|w2|perm|permanent|temporary|temp|seasonal|casual|freelance|urgent|hiring|openings?|positions|vacancies|genders|gn|male|female|relocation|visa|sponsorship|bonus|salary|anywhere|nationwide|worldwide|locations?|jobs?|careers?|apply|locals?|usa?|uk|canada)\b|[$£€]|/",
        )
    });
    let part = part.trim();
    NOISE.is_match(part) && TELLING.is_match(part)
        || company.is_some_and(|company| is_company(part, company))
        || is_place(part)
}

fn is_company(part: &str, company: &str) -> bool {
    let (part, company) = (part.to_lowercase(), company.to_lowercase());
    part == company
        || part.len() > 3 && company.starts_with(&format!("{part} "))
        || part.starts_with(&format!("{company},"))
        || part.strip_suffix(" inc.").is_some_and(|part| part == company)
}

/// Whether nothing but a place and words of place stand here.
fn is_place(part: &str) -> bool {
    static REST: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:area|metro|greater|region|downtown|remote|hybrid|onsite|office|or|and|based|north|south|east|west|\W)*$",
        )
    });
    let found = places::find(part, true);
    let mut rest = part.to_owned();
    for place in found.iter().rev() {
        rest.replace_range(place.range.clone(), " ");
    }
    !found.is_empty() && REST.is_match(&rest)
}
