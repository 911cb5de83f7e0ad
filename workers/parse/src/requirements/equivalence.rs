//! "Or equivalent experience": the words that accept something else in place of a degree.

use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;
use text::pattern;

/// The words that accept something else in place of a degree.
pub(crate) fn equivalent(words: &str) -> Option<Range<usize>> {
    static EQUIVALENT: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [
            pattern(
                r"(?i)(?:\b(?:and/or|or)|,|/|\()\s?(?:(?:an?|its|the|their|have|other|any) )?(?:equivalent|equivalency|equiv\.?|commensurate|comparable)\b(?:,? ?(?:(?:and|or|/) ?)?(?:[a-zA-Z]+[ /-]){0,3}?(?:experience|training|education)\b|(?: \w+)? combination of (?:[\w,/]+ ){0,6}?(?:experience|training|education)\b)*",
            ),
            pattern(
                r"(?i)\b(?:and/or|or)\s(?:(?:an?|the|any) )?(?:(?:equal|suitable|combination of|relevant|related|similar|practical|sufficient|significant|demonstrated|proven|appropriate|direct|hands[- ]on|professional|industry|commensurate|work|working|job|life|acceptable|some|education|training|skills|and|of|or|&|/),? ?)+experience\b|\bin lieu of (?:an? |the )?(?:\S+ )?degree\b",
            ),
        ]
    });
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^\s?(?:technical |engineering |scientific )?(?:field|discipline|subject|area|major|degree (?:in|level)|degree$|degree\.|gpa|grade|course|tools?|technolog|language)",
        )
    });
    let mut hits = EQUIVALENT.iter().filter_map(|pattern| {
        pattern.find_iter(words).find(|found| !SUBJECT.is_match(&words[found.end()..]))
    });
    hits.next().map(|found| {
        let lead = found.len() - found.as_str().trim_start_matches([',', '/', '(', ' ']).len();
        found.start() + lead..found.end()
    })
}

/// Whether only "or" and signs stand in a gap.
pub(crate) fn is_or(gap: &str) -> bool {
    let mut words = gap.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("or")) && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::{equivalent, is_or};

    fn check(words: &str, expected: Option<&str>) {
        assert_eq!(equivalent(words).map(|range| &words[range]), expected, "{words}");
    }

    #[test]
    fn many_words_accept_experience() {
        check("in Physics or equivalent experience.", Some("or equivalent experience"));
        check("OR equivalent experience", Some("OR equivalent experience"));
        check("degree, or equivalent practical experience", Some("or equivalent practical experience"));
        check("or relevant work experience", Some("or relevant work experience"));
        check(
            "or an equivalent combination of education and experience",
            Some("or an equivalent combination of education and experience"),
        );
        check("(or equivalent)", Some("or equivalent"));
        check("or four years of service in lieu of a degree", Some("in lieu of a degree"));
    }

    #[test]
    fn an_equivalent_subject_is_no_experience() {
        check("in Physics or equivalent field", None);
        check("or equivalent discipline3-4 years experience", None);
        check("or equivalent technical discipline", None);
        check("in Physics or Chemistry", None);
    }

    #[test]
    fn or_stands_alone_between_bullets() {
        assert!(is_or(" \n• OR "));
        assert!(!is_or(" or a "));
        assert!(!is_or(" • "));
    }
}
