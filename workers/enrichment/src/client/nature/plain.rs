//! The verbs of work.

use contract::WorkNature;
use regex::Regex;
use std::collections::HashMap;
use std::str::FromStr as _;
use std::sync::LazyLock;

/// What a verb tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    pub(crate) nature: WorkNature,
    /// `routine_cognitive` and the like.
    pub(crate) task: &'static str,
}

/// Verb → mode.
pub(crate) struct Verbs(HashMap<String, Mode>);

/// The most words before the verb that leads an item: an adverb, "you will", "responsible for".
const LEADING_WORDS: usize = 6;
/// The most verbs of one item.
const MOST: usize = 3;

impl Verbs {
    pub(crate) fn shipped() -> &'static Self {
        static VERBS: LazyLock<Verbs> = LazyLock::new(|| Verbs::read(include_str!("verbs.txt")));
        &VERBS
    }

    fn read(text: &str) -> Self {
        let mut verbs = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((head, members)) = line.split_once(':') else { continue };
            let mut head = head.split(' ');
            let Some(nature) = head.next().and_then(|name| WorkNature::from_str(name).ok()) else { continue };
            let task = match (head.next(), head.next()) {
                (Some("r"), Some("c")) => "routine_cognitive",
                (Some("r"), Some("i")) => "routine_interpersonal",
                (Some("r"), Some("m")) => "routine_manual",
                (Some("n"), Some("i")) => "non_routine_interpersonal",
                (Some("n"), Some("m")) => "non_routine_manual",
                (_, _) => "non_routine_cognitive",
            };
            for verb in members.split_whitespace() {
                verbs.entry(verb.to_owned()).or_insert(Mode { nature, task });
            }
        }
        Self(verbs)
    }

    /// The modes of the verbs that lead an item, each once: the first one and those that are joined to it.
    pub(crate) fn of(&self, item: &str) -> Vec<Mode> {
        let words: Vec<String> = without_label(item).split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<Mode> = Vec::new();
        let mut is_joined = false;
        for (place, word) in words.iter().enumerate() {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            match self.mode(bare) {
                Some(mode) if found.is_empty() || is_joined => {
                    if !found.contains(&mode) {
                        found.push(mode);
                    }
                    // "design, build and operate", "build/operate": the next word may lead as well.
                    is_joined = word.ends_with(',')
                        || matches!(words.get(place + 1).map(String::as_str), Some("and" | "or" | "&" | "/"));
                }
                Some(_) | None if matches!(bare, "and" | "or" | "") && is_joined => {}
                Some(_) | None => is_joined = false,
            }
            if found.len() == MOST || found.is_empty() && place >= LEADING_WORDS {
                break;
            }
            if !found.is_empty() && !is_joined && place > LEADING_WORDS {
                break;
            }
        }
        found
    }

    /// What a word in any form of a verb tells.
    pub(crate) fn mode(&self, word: &str) -> Option<Mode> {
        bases(word).into_iter().flatten().find_map(|base| self.0.get(&base).copied())
    }
}

/// What stands behind the label of an item: "Coding: Lead by example" is led by "Lead".
fn without_label(item: &str) -> &str {
    match item.split_once(": ") {
        Some((label, rest)) if label.split_whitespace().count() <= 4 => rest,
        Some(_) | None => item,
    }
}

/// The base forms that a word may be a form of, the word itself first.
fn bases(word: &str) -> [Option<String>; 5] {
    let stem = |ending: &str| word.strip_suffix(ending).filter(|stem| stem.len() > 2);
    let undoubled = |stem: &str| {
        let mut letters = stem.chars().rev();
        match (letters.next(), letters.next()) {
            (Some(a), Some(b)) if a == b && !matches!(a, 's' | 'l') => stem[..stem.len() - 1].to_owned(),
            _ => stem.to_owned(),
        }
    };
    let third = stem("ies").map(|stem| format!("{stem}y")).or_else(|| stem("es").map(str::to_owned));
    let gerund = stem("ing").or_else(|| stem("ed"));
    [
        Some(word.to_owned()),
        stem("s").map(str::to_owned),
        third,
        gerund.map(undoubled),
        gerund.map(|stem| format!("{stem}e")),
    ]
}

/// Whether the posting asks somebody to be reachable.
pub(crate) fn speaks_of_on_call(text: &str) -> bool {
    static ON_CALL: LazyLock<Regex> = LazyLock::new(|| text::pattern(r"(?i)\bon[- ]call\b"));
    ON_CALL.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::WorkNature::{Analyse, Build, Collaborate, Design, Lead, Operate};

    fn modes(item: &str) -> Vec<WorkNature> {
        Verbs::shipped().of(item).into_iter().map(|mode| mode.nature).collect()
    }

    #[test]
    fn joined_verbs_share_an_item() {
        assert_eq!(modes("Design, build and operate the ovens"), [Design, Build, Operate]);
        assert_eq!(modes("Design the ovens that build our name"), [Design]);
    }

    #[test]
    fn a_verb_is_read_in_every_form() {
        assert_eq!(modes("Leading a team of bakers"), [Lead]);
        assert_eq!(modes("Collaborates with the mill"), [Collaborate]);
        assert_eq!(modes("You will be analysing flour"), [Analyse]);
        assert_eq!(modes("Planning the week"), [Design]);
    }

    #[test]
    fn a_label_does_not_lead() {
        assert_eq!(modes("Support: Build the tools of the night shift"), [Build]);
    }

    #[test]
    fn words_without_a_known_verb_say_nothing() {
        assert!(modes("Flour, water, salt").is_empty());
    }
}
