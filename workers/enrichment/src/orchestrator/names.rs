//! What a name alone tells of a skill.

use contract::{MatchStrategy, SkillType};
use library::{Library, SkillId};
use std::collections::{BTreeMap, HashMap};

use super::alike::{self, SHORTEST_MISSPELT, distance, most_wrong};

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
        let bare = alike::bare(key);
        if bare != key
            && let Some(&id) = self.by_name.get(&bare)
        {
            return Some((id, alike::BARE));
        }
        let length = key.chars().count();
        let most = most_wrong(key)?;
        let candidates = self.by_letter.get(&key.chars().next()?)?;
        candidates
            .iter()
            .filter(|(name, _)| name.chars().count().abs_diff(length) <= most)
            .filter_map(|(name, id)| distance(key, name, most).map(|distance| (distance, name, *id)))
            .filter(|&(distance, _, _)| distance > 0)
            .min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)))
            .map(|(distance, _, id)| (id, 1.0 - distance as f32 / length as f32))
    }

    /// The skills of which a name is like a key, the most alike first; and how alike, 0 to 1.
    pub(super) fn alike(&self, key: &str) -> Vec<(SkillId, f32)> {
        let mut best: BTreeMap<SkillId, f32> = BTreeMap::new();
        for (name, &id) in &self.by_name {
            if let Some(likeness) = alike::of(key, name) {
                let known = best.entry(id).or_default();
                *known = known.max(likeness);
            }
        }
        let mut found: Vec<(SkillId, f32)> = best.into_iter().collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        found
    }

    /// The two skills that a compound names, where both halves are skills: "HTML/CSS", but not "CI/CD".
    pub(super) fn halves(&self, key: &str) -> Option<[SkillId; 2]> {
        let (left, right) = ["/", " & ", "&", " and ", "+"].iter().find_map(|joint| key.split_once(joint))?;
        let known = |half: &str| self.by_name.get(half.trim()).copied();
        Some([known(left)?, known(right)?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_and_signs_are_no_part_of_a_key() {
        assert_eq!(key("Zentarrow v2.1"), "zentarrow");
        assert_eq!(key("(Quorvex 11.x)"), "quorvex");
        assert_eq!(key("C++"), "c++");
    }
}
