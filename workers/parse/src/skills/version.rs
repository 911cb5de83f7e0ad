//! The version behind a product's name: "Java 17", "Angular 2+", "Python 3.x".

use contract::SkillType;
use regex::Regex;
use std::sync::LazyLock;

/// The version that stands right behind a mention which ends at `at`, as written.
pub(super) fn behind(text: &str, at: usize, end: usize, skill_type: SkillType) -> Option<String> {
    static VERSION: LazyLock<Regex> = LazyLock::new(|| {
        text::pattern(
            r"(?i)^ ?\(?(?:v|version |ver\. ?|release )?(\d{1,4}(?:\.(?:\d{1,4}|x))*(?:\.x)?\+?(?: or (?:higher|above|later|newer))?)",
        )
    });
    let has_versions = matches!(
        skill_type,
        SkillType::Language
            | SkillType::Library
            | SkillType::Framework
            | SkillType::Tool
            | SkillType::Platform
            | SkillType::Runtime
            | SkillType::Datastore
            | SkillType::Protocol
            | SkillType::Standard
    );
    if !has_versions || end <= at {
        return None;
    }
    let rest = &text[at..end];
    let found = VERSION.captures(rest)?.get(1)?;
    let after = rest[found.end()..].trim_start().to_lowercase();
    // "Java 5 years", "Excel 10 key", "SQL 2 - 4", "Python 3,000 users" are counts.
    let counts = ["year", "yr", "month", "+ year", "-", "–", "to ", "key", "%", "hour", "day", "k ", ",0"];
    let whole = !after.starts_with(|c: char| c.is_alphanumeric()) || rest[found.end()..].starts_with(' ');
    (whole && !counts.iter().any(|word| after.starts_with(word))).then(|| found.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_behind_a_product_is_its_version_unless_it_counts_something() {
        let version = |text: &str, name: &str| behind(text, name.len(), text.len(), SkillType::Language);
        assert_eq!(version("Java 17 or Kotlin", "Java").as_deref(), Some("17"));
        assert_eq!(version("Angular 2+, RxJS", "Angular").as_deref(), Some("2+"));
        assert_eq!(version("Python 3.x", "Python").as_deref(), Some("3.x"));
        assert_eq!(version("Java 5 years", "Java"), None);
        assert_eq!(version("Java 5+ years", "Java"), None);
        assert_eq!(version("Java, 5", "Java"), None);
    }
}
