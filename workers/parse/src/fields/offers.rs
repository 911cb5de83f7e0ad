//! What is offered besides pay: the benefits section, one short phrase an item.

use contract::{SectionKind, Stated};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::pattern;
use crate::posting::Posting;

/// The longest benefit, in scalars.
const MAX_BENEFIT: usize = 80;

/// The benefits as they are written, in order and each once.
pub(crate) fn benefits(posting: &Posting<'_>) -> Vec<Stated<String>> {
    let text = posting.str();
    let listed =
        posting.units_in(&[SectionKind::Benefits]).flat_map(|unit| phrases(text, unit.range.clone()));
    let mut ranges: Vec<Range<usize>> = listed.chain(lone_headings(posting)).collect();
    ranges.sort_by_key(|range| range.start);
    let mut stated: Vec<Stated<String>> = Vec::new();
    for range in ranges {
        let words = &text[range.clone()];
        if !stated.iter().any(|known| known.value.eq_ignore_ascii_case(words)) {
            stated.push(Stated::read(words.to_owned(), posting.span(range)));
        }
    }
    stated
}

/// Headings over nothing that name a benefit: "Paid time off" on a line of its own.
fn lone_headings<'a>(posting: &'a Posting<'_>) -> impl Iterator<Item = Range<usize>> + 'a {
    let text = posting.str();
    posting.parts.segments.iter().filter(|segment| segment.kind == SectionKind::Benefits).filter_map(
        move |segment| {
            let heading = segment.heading.clone()?;
            let words = &text[heading.clone()];
            let general = ["benefit", "perk", "offer", "reward", "package", "what", "why", "compensation"];
            let empty = text[segment.body..segment.range.end].trim().is_empty();
            let named = !general.iter().any(|word| words.to_lowercase().contains(word));
            (empty && named && names_a_benefit(words)).then(|| trimmed(text, heading))
        },
    )
}

/// The benefits that one statement names: itself when it is short, the members of its list when it is one.
fn phrases(text: &str, unit: Range<usize>) -> Vec<Range<usize>> {
    static INTRODUCTION: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[^:.]{0,90}\b(?:benefits?|perks?|offers?|package|includ\w+|following|provides?|receive|enjoy|advantages|rewards)\b[^:.]{0,60}:|(?:[\w ,'’&-]{0,80}\b(?:benefits?|package|perks|offers?|provides?|receive|enjoy|eligible for|entitled to)\b[\w ,'’&-]{0,50}?\b(?:includ\w+|such as|like|of|with|are|offer|provide|receive|enjoy|for|to)\b))\s?",
        )
    });
    let words = &text[unit.clone()];
    let skip = INTRODUCTION.find(words).map_or(0, |introduction| introduction.end());
    let whole = trimmed(text, unit.start..unit.end);
    if skip == 0 && is_short(&text[whole.clone()]) {
        let lists = text[whole.clone()].matches([',', ';', '|']).count() >= 2;
        if !lists && parts(text, whole.clone()).len() == 1 {
            return if names_a_benefit(&text[whole.clone()]) && !is_a_sentence(&text[whole.clone()]) {
                vec![whole]
            } else {
                Vec::new()
            };
        }
    }
    let mut found = Vec::new();
    for part in parts(text, unit.start + skip..unit.end) {
        let part = trimmed(text, part);
        let words = &text[part.clone()];
        if is_short(words) && names_a_benefit(words) && !is_a_sentence(words) {
            found.push(part);
        }
    }
    found
}

/// The members of a list: cut at commas, semicolons, bars and sentence ends outside brackets.
fn parts(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let words = &text[range.clone()];
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0u32);
    for (at, c) in words.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let next = words[at + c.len_utf8()..].chars().next();
        let digits =
            next.is_some_and(|c| c.is_ascii_digit()) && words[..at].ends_with(|c: char| c.is_ascii_digit());
        // "insuranceOn-site": a line break was lost there.
        let seam = c.is_ascii_uppercase()
            && next.is_some_and(|c| c.is_ascii_lowercase())
            && words[..at].bytes().rev().take_while(u8::is_ascii_lowercase).count() >= 3;
        if seam {
            parts.push(range.start + start..range.start + at);
            start = at;
        }
        let ends = matches!(c, ';' | '|' | '•' | '\n' | '!')
            || (c == ',' && depth == 0 && !digits)
            || (c == '.' && next.is_none_or(char::is_whitespace));
        if ends {
            parts.push(range.start + start..range.start + at);
            start = at + c.len_utf8();
        }
    }
    parts.push(range.start + start..range.end);
    parts
}

/// Without "and", signs and stops around it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    static LEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:[\s\-–—*•:+&]+|(?:and|plus|as well as|along with|in addition to|or|also|including)\b)+",
        )
    });
    let words = &text[range.clone()];
    let skip = LEAD.find(words).map_or(0, |lead| lead.end());
    let body =
        words[skip..].trim_end().trim_end_matches(['.', ',', ';', ':', '!', '*', '-', '–', '&']).trim_end();
    let start = range.start + skip;
    start..start + body.len()
}

fn is_short(words: &str) -> bool {
    let count = words.chars().count();
    (3..=MAX_BENEFIT).contains(&count)
}

/// Marketing and rules come as sentences, benefits as phrases.
fn is_a_sentence(words: &str) -> bool {
    static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:we|our|you|you['’]ll|at|as|if|this|these|join|when|please|all|who|the (?:company|successful|position)|their|it|here|because|what|why|to (?:be|apply|learn)|benefits?(?: package)?$|perks)\b.*|\b(?:is|are|was|will|has|have|can|believe|offers?|provides?|work for|join us)\b [a-z]|\?$",
        )
    });
    SENTENCE.is_match(words)
}

/// Whether a phrase names something that employers give.
fn names_a_benefit(words: &str) -> bool {
    static BENEFIT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)insurance|health|dental|vision\b|medical|\b401 ?\(?k|\b403 ?\(?b|pension|retirement|superannuation|rrsp|\bisa\b|\bpto\b|paid|vacation|holiday|leave\b|time off|days off|sick (?:days?|time|pay)|\bbonus|stock|equity|\besop|\brsus?\b|\bespp\b|shares?\b|profit[- ]sharing|tuition|reimburse|allowance|stipend|subsid|training|learning|development|education|parking|lunch|meals?|snacks?|coffee|\bfood\b|gym|fitness|wellness|well-?being|discount|flexib|remote|work from home|home ?office|hybrid|disability|employee assistance|\beap\b|relocation|referral|company (?:car|vehicle|phone|events?|laptop)|laptop|\bphone\b|events?\b|maternity|paternity|parental|bereavement|childcare|life (?:cover|assurance|$)|\bad&d\b|\bhsa\b|\bfsa\b|spending account|savings|commuter|transit|transport|mileage|per diem|overtime|commission|incentive|uniform|mentor|career|advancement|growth|schedule|hours|fridays|sabbatical|visa|sponsorship|match|coverage|\bcover\b|counsel|therapy|massage|prescription|drug plan|pet|dress|shift premium|weekends? off|cash|gratuit|tips\b|on-site|cafeteria|store|accommodation provided|housing|volunteer",
        )
    });
    static WEAK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)training|learning|development|education|mentor|career|advancement|growth|schedule|hours|events?\b|flexib|food|store|cash|health|leave\b",
        )
    });
    // Words that are in every story about an employer name a benefit only in a short phrase.
    BENEFIT.is_match(words)
        && (words.split_whitespace().count() <= 7
            || BENEFIT.find_iter(words).any(|found| !WEAK.is_match(found.as_str())))
}

#[cfg(test)]
mod tests {
    use super::benefits;
    use crate::fields::sample::posting;

    fn check(text: &str, expected: &[&str]) {
        let found = posting(text, benefits);
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
    fn one_phrase_an_item() {
        check(
            "Benefits:\n- Dental care\n- 401(k) with match\n- Paid time off.",
            &["Dental care", "401(k) with match", "Paid time off"],
        );
        check("Perks and benefits\n• Free lunch\n• Gym membership", &["Free lunch", "Gym membership"]);
        check(
            "Benefits:\nDental careExtended health careLife insurance",
            &["Dental care", "Extended health care", "Life insurance"],
        );
    }

    #[test]
    fn lists_in_a_line_are_taken_apart() {
        check(
            "Benefits:\nHealth, dental, and vision insurance; 20 days of vacation",
            &["Health", "dental", "vision insurance", "20 days of vacation"],
        );
        check(
            "Benefits\nOur benefits include: medical insurance, pension, company car.",
            &["medical insurance", "pension", "company car"],
        );
        check(
            "Benefits:\n- Savings plan (RRSP, TFSA)\n- Sick leave",
            &["Savings plan (RRSP, TFSA)", "Sick leave"],
        );
        check(
            "Benefits:\n- Bonus of $1,000, paid yearly, and stock options",
            &["Bonus of $1,000", "paid yearly", "stock options"],
        );
    }

    #[test]
    fn marketing_is_no_benefit() {
        check(
            "Benefits:\n- We believe that people who learn are happy people\n- Parental leave",
            &["Parental leave"],
        );
        check("Benefits:\n- Dental\n- Dental\n- Join us and grow your career", &["Dental"]);
    }

    #[test]
    fn other_sections_offer_nothing() {
        check("Responsibilities:\n- Administer health insurance plans", &[]);
        check("Requirements:\n- Knowledge of pension law", &[]);
        check("Equal opportunity\nWe hire without regard to race, color or religion.", &[]);
    }
}
