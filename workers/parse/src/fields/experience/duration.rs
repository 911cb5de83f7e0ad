//! Lengths of time as postings write them: "7+ years", "three (3) to five (5) years", "18 months".

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use crate::fields::pattern;

/// A length of time that stands in a text.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::fields) struct Duration {
    /// Its words, "at least" and the like before it included.
    pub(in crate::fields) range: Range<usize>,
    /// Where its first number begins.
    pub(in crate::fields) number: usize,
    /// At least, in years.
    pub(in crate::fields) min: Option<f32>,
    /// At most, in years.
    pub(in crate::fields) max: Option<f32>,
}

/// The lengths of time inside a range of the text, in order.
pub(in crate::fields) fn durations(text: &str, within: Range<usize>) -> Vec<Duration> {
    static DURATION: LazyLock<Regex> = LazyLock::new(|| {
        let number = r"(?:\d{1,3}(?:\.\d{1,2})?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|eighteen|twenty[- ]four|twenty)";
        pattern(&format!(
            r"(?i)(?P<lead>\b(?:minimum|min\.?|at ?least|over|more than|greater than|up to|less than|maximum|between)\s*[:-]?\s*(?:of\s+)?(?:at least\s+)?)?(?P<a>{number})(?:\s?\+)?(?:\s?\(\s?(?P<again>{number})\s?\+?\s?\))?(?:\s?\+|\s?plus)?(?:(?P<sep>\s?(?:-|–|—|/|\bto\b|\bor\b|\band\b)\s?)(?P<b>{number})(?:\s?\(\s?(?P<bgain>{number})\s?\+?\s?\))?)?(?P<open>\s?\+|\s?plus|\s?or more|\s?or above)?[ -]{{0,2}}(?P<unit>years?|yrs?|months?)(?P<tail>\s?\(s\)|\s?\+|\s(?:or|and) (?:more|above|over)\b|\splus\b|\sminimum\b)?['’]?"
        ))
    });
    let words = &text[within.clone()];
    DURATION
        .captures_iter(words)
        .filter_map(|found| {
            let whole = found.get(0)?;
            let first = found.name("a")?;
            let unit = found.name("unit")?;
            if !stands_alone(words, first.range(), unit.end()) {
                return None;
            }
            let lead = found.name("lead").map(|lead| lead.as_str().to_lowercase()).unwrap_or_default();
            let separator =
                found.name("sep").map(|sep| sep.as_str().trim().to_lowercase()).unwrap_or_default();
            let mut low = number(found.name("again").unwrap_or(first).as_str())?;
            let mut high = found.name("b").and_then(|b| number(found.name("bgain").unwrap_or(b).as_str()));
            let mut number_at = first.start();
            if separator == "and" && !lead.starts_with("between") {
                // "Java 11 and 5 years": the first number counts something else.
                number_at = found.name("b")?.start();
                low = high.take()?;
            }
            let months = unit.as_str().to_lowercase().starts_with("month");
            let years = |value: f32| if months { contract::rounded(value / 12.0) } else { value };
            if high.is_some_and(|high| high < low) || years(low) > 40.0 {
                return None;
            }
            let bounded = ["up to", "less", "max"].iter().any(|word| lead.starts_with(word));
            let (min, max) = if bounded && high.is_none() { (None, Some(low)) } else { (Some(low), high) };
            let start = if separator == "and" && high.is_none() { number_at } else { whole.start() };
            Some(Duration {
                range: within.start + start..within.start + whole.end(),
                number: within.start + number_at,
                min: min.map(years),
                max: max.map(years),
            })
        })
        .collect()
}

/// Whether the number and the unit are words of their own; a capital may be glued behind where a line break was lost.
fn stands_alone(words: &str, number: Range<usize>, unit_end: usize) -> bool {
    let before = words[..number.start].chars().next_back();
    let after = words[unit_end..].chars().next();
    let spelled = words[number.clone()].starts_with(|c: char| c.is_ascii_alphabetic());
    // "experience.6+ years": the stop ends a sentence when a letter stands before it.
    let stopped = words[..number.start]
        .strip_suffix('.')
        .is_some_and(|head| head.ends_with(|c: char| c.is_alphabetic() || c == ')'));
    let head = if spelled {
        !before.is_some_and(char::is_alphanumeric)
    } else {
        stopped
            || !before.is_some_and(|c| {
                c.is_ascii_digit() || matches!(c, '.' | ',' | '$' | '€' | '£' | '₹' | '#' | '%')
            })
    };
    head && !after.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit())
}

fn number(word: &str) -> Option<f32> {
    let lower = word.to_lowercase().replace('-', " ");
    Some(match lower.as_str() {
        "one" => 1.0,
        "two" => 2.0,
        "three" => 3.0,
        "four" => 4.0,
        "five" => 5.0,
        "six" => 6.0,
        "seven" => 7.0,
        "eight" => 8.0,
        "nine" => 9.0,
        "ten" => 10.0,
        "eleven" => 11.0,
        "twelve" => 12.0,
        "fifteen" => 15.0,
        "eighteen" => 18.0,
        "twenty" => 20.0,
        "twenty four" => 24.0,
        digits => digits.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, Option<f32>, Option<f32>)]) {
        let found: Vec<_> = durations(text, 0..text.len())
            .into_iter()
            .map(|found| (&text[found.range], found.min, found.max))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn digits_words_and_both() {
        check("7+ years coding", &[("7+ years", Some(7.0), None)]);
        check("five years of sales", &[("five years", Some(5.0), None)]);
        check("three (3) years in retail", &[("three (3) years", Some(3.0), None)]);
        check("2 (two) yrs", &[("2 (two) yrs", Some(2.0), None)]);
        check("5years", &[("5years", Some(5.0), None)]);
        check("1 year's service desk", &[("1 year'", Some(1.0), None)]);
        check("2.5 years", &[("2.5 years", Some(2.5), None)]);
    }

    #[test]
    fn ranges_and_bounds() {
        check("3-5 years", &[("3-5 years", Some(3.0), Some(5.0))]);
        check("3 – 5+ yrs", &[("3 – 5+ yrs", Some(3.0), Some(5.0))]);
        check("two to four years", &[("two to four years", Some(2.0), Some(4.0))]);
        check("between 4 and 6 years", &[("between 4 and 6 years", Some(4.0), Some(6.0))]);
        check("minimum of 2 years", &[("minimum of 2 years", Some(2.0), None)]);
        check("up to 3 years", &[("up to 3 years", None, Some(3.0))]);
        check("Java 11 and 5 years", &[("5 years", Some(5.0), None)]);
        check("4 plus years", &[("4 plus years", Some(4.0), None)]);
    }

    #[test]
    fn months_are_parts_of_years() {
        check("18 months", &[("18 months", Some(1.5), None)]);
        check("6-12 months", &[("6-12 months", Some(0.5), Some(1.0))]);
    }

    #[test]
    fn other_numbers_are_none() {
        check("$5 years", &[]);
        check("version 1.5 yearly", &[]);
        check("in finance.6+ years", &[("6+ years", Some(6.0), None)]);
        check("Someone years", &[]);
        check("1998 years", &[]);
    }
}
