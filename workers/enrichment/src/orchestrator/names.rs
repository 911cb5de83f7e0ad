//! What a name alone tells of a skill.

use contract::{MatchStrategy, SkillType};
use library::{Library, SkillId};
use std::collections::HashMap;

/// Names with fewer letters are too easily one another's misspelling.
const SHORTEST_MISSPELT: usize = 6;
/// From so many letters on two may be wrong.
const TWO_WRONG: usize = 10;

/// What a name's last word says of its type.
const HEAD_WORDS: [(&str, SkillType); 26] = [
    ("framework", SkillType::Framework),
    ("library", SkillType::Library),
    ("sdk", SkillType::Library),
    ("database", SkillType::Datastore),
    ("db", SkillType::Datastore),
    ("warehouse", SkillType::Datastore),
    ("protocol", SkillType::Protocol),
    ("standard", SkillType::Standard),
    ("language", SkillType::Language),
    ("script", SkillType::Language),
    ("runtime", SkillType::Runtime),
    ("platform", SkillType::Platform),
    ("cloud", SkillType::Platform),
    ("suite", SkillType::Tool),
    ("software", SkillType::Tool),
    ("tool", SkillType::Tool),
    ("tools", SkillType::Tool),
    ("studio", SkillType::Tool),
    ("server", SkillType::Platform),
    ("service", SkillType::Service),
    ("format", SkillType::Format),
    ("methodology", SkillType::Methodology),
    ("certification", SkillType::Certification),
    ("certified", SkillType::Certification),
    ("analysis", SkillType::Practice),
    ("management", SkillType::Practice),
];

/// Words that a name may have more than the entry it means.
const FILLERS: [&str; 16] = [
    "api",
    "apis",
    "library",
    "framework",
    "tool",
    "tools",
    "database",
    "db",
    "server",
    "suite",
    "platform",
    "software",
    "language",
    "programming",
    "technologies",
    "technology",
];

/// The key under which runs propose the same skill: folded, without a version behind it and signs around it.
pub(super) fn key(name: &str) -> String {
    let folded = text::fold(name);
    let trimmed = folded.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#'));
    let words: Vec<&str> = trimmed.split_whitespace().collect();
    let is_version = |word: &str| word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let kept = words.iter().rposition(|word| !is_version(word)).map_or(words.len(), |last| last + 1);
    words[..kept].join(" ")
}

/// The type that the name's last word says outright.
pub(super) fn head_word_type(key: &str) -> Option<SkillType> {
    let (first, last) = (key.split(' ').next()?, key.rsplit(' ').next()?);
    if !key.contains(' ') {
        return None;
    }
    HEAD_WORDS
        .iter()
        .find(|(word, _)| *word == last || *word == first && *word == "certified")
        .map(|&(_, skill_type)| skill_type)
}

/// Every alias of a library by its folded words, and by its first letter.
pub(super) struct Names {
    by_name: HashMap<String, SkillId>,
    by_letter: HashMap<char, Vec<(String, SkillId)>>,
}

impl Names {
    pub(super) fn of(library: &Library) -> Self {
        let mut by_name = HashMap::new();
        let mut by_letter: HashMap<char, Vec<(String, SkillId)>> = HashMap::new();
        for alias in library.aliases().aliases() {
            if alias.strategy == MatchStrategy::Regex || alias.needs_context {
                continue;
            }
            let folded = alias.folded();
            let is_product = !library.skill(alias.skill).skill_type.is_lasting();
            if let Some(first) =
                folded.chars().next().filter(|_| is_product && folded.len() >= SHORTEST_MISSPELT)
            {
                by_letter.entry(first).or_default().push((folded.clone(), alias.skill));
            }
            by_name.entry(folded).or_insert(alias.skill);
        }
        Self { by_name, by_letter }
    }

    /// The skill that a name probably means: the same with filling words left out, or misspelt; and how alike the two are.
    pub(super) fn nearly(&self, key: &str) -> Option<(SkillId, f32)> {
        let bare: Vec<&str> = key.split(' ').filter(|word| !FILLERS.contains(word)).collect();
        if bare.len() < key.split(' ').count()
            && let Some(&id) = self.by_name.get(&bare.join(" "))
        {
            return Some((id, 0.9));
        }
        let length = key.chars().count();
        if length < SHORTEST_MISSPELT || key.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let most = if length >= TWO_WRONG { 2 } else { 1 };
        let candidates = self.by_letter.get(&key.chars().next()?)?;
        candidates
            .iter()
            .filter(|(name, _)| name.chars().count().abs_diff(length) <= most)
            .filter_map(|(name, id)| distance(key, name, most).map(|distance| (distance, name, *id)))
            .filter(|&(distance, _, _)| distance > 0)
            .min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)))
            .map(|(distance, _, id)| (id, 1.0 - distance as f32 / length as f32))
    }

    /// The two skills that a compound names, where both halves are skills: "HTML/CSS", but not "CI/CD".
    pub(super) fn halves(&self, key: &str) -> Option<[SkillId; 2]> {
        let (left, right) = ["/", " & ", "&", " and ", "+"].iter().find_map(|joint| key.split_once(joint))?;
        let known = |half: &str| self.by_name.get(half.trim()).copied();
        Some([known(left)?, known(right)?])
    }
}

/// Edits between two words, a swap of neighbours counted as one, when there are at most `most` (Damerau–Levenshtein, restricted).
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (row, &from) in a.iter().enumerate() {
        let mut line = Vec::with_capacity(b.len() + 1);
        line.push(row + 1);
        for (column, &to) in b.iter().enumerate() {
            let mut best =
                (above[column] + usize::from(from != to)).min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && from == b[column - 1] && a[row - 1] == to {
                best = best.min(before[column - 1] + 1);
            }
            line.push(best);
        }
        if line.iter().all(|&edits| edits > most) {
            return None;
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().filter(|&edits| edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_version_and_signs_are_no_part_of_a_key() {
        assert_eq!(key("Zentarrow v2.1"), "zentarrow");
        assert_eq!(key("(Quorvex 11.x)"), "quorvex");
        assert_eq!(key("C++"), "c++");
    }

    #[test]
    fn swapped_letters_are_one_edit() {
        assert_eq!(distance("ansbile", "ansible", 1), Some(1));
        assert_eq!(distance("teredata", "teradata", 1), Some(1));
        assert_eq!(distance("kafka", "spark", 2), None);
    }

    proptest! {
        #[test]
        fn distance_is_the_same_both_ways(a in "[a-d]{0,7}", b in "[a-d]{0,7}") {
            prop_assert_eq!(distance(&a, &b, 9), distance(&b, &a, 9));
            prop_assert_eq!(distance(&a, &a, 0), Some(0));
        }
    }
}
