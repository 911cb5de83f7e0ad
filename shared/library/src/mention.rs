//! Which skill is meant: everyday words that are names need something near them that says so.

use std::ops::Range;

use crate::alias::Hit;
use crate::index::{Library, SkillId};

/// A skill of the library standing in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The skill.
    pub skill: SkillId,
    /// Whether the words alone named it, or their surroundings had to.
    pub by_context: bool,
    /// The alias that stands there, as an index into the library's aliases.
    pub alias: u32,
}

/// How far a confirming or refuting word may stand, in bytes: some twelve words.
const NEAR: usize = 80;

/// Where a mention stands before it is settled.
enum State {
    Settled(u32, bool),
    Open(Vec<u32>),
}

impl Library {
    /// The skills that stand in a text, in order and without overlaps.
    ///
    /// An ambiguous alias is taken when a word of its skill's `with` list is near, or when it stands in a list beside a
    /// skill that is sure; it is refused when a word of the `without` list is near.
    #[must_use]
    pub fn mentions(&self, text: &str, seams: &[usize]) -> Vec<Mention> {
        let hits = self.aliases().hits(text, seams);
        let lower = text.to_lowercase();
        // Lower-casing may move bytes outside ASCII; then windows are only roughly where they should be.
        let same_length = lower.len() == text.len();
        let window = |range: &Range<usize>| {
            if same_length {
                near(&lower, range.clone()).to_owned()
            } else {
                near(text, range.clone()).to_lowercase()
            }
        };
        let mut states: Vec<State> = hits.iter().map(|hit| self.first_look(hit, &window)).collect();
        // A settled neighbour settles the next one: twice through a list is enough for "Spring, Express, Flask".
        for _ in 0..2 {
            for at in 0..states.len() {
                let State::Open(open) = &states[at] else { continue };
                let neighbours = [at.checked_sub(1), Some(at + 1)];
                let chosen = neighbours.into_iter().flatten().find_map(|other| {
                    let State::Settled(alias, _) = states.get(other)? else { return None };
                    let gap = if other < at {
                        hits[other].range.end..hits[at].range.start
                    } else {
                        hits[at].range.end..hits[other].range.start
                    };
                    is_list_separator(&text[gap]).then(|| self.nearest_of(open, *alias)).flatten()
                });
                if let Some(alias) = chosen {
                    states[at] = State::Settled(alias, true);
                }
            }
        }
        hits.into_iter()
            .zip(states)
            .filter_map(|(hit, state)| {
                let State::Settled(alias, by_context) = state else { return None };
                let skill = self.aliases().aliases()[alias as usize].skill;
                Some(Mention { range: hit.range, skill, by_context, alias })
            })
            .collect()
    }

    fn first_look(&self, hit: &Hit, window: &impl Fn(&Range<usize>) -> String) -> State {
        let aliases = self.aliases().aliases();
        if let Some(&sure) = hit.aliases.iter().find(|&&alias| !aliases[alias as usize].needs_context) {
            let skill = self.skill(aliases[sure as usize].skill);
            if skill.without.is_empty() {
                return State::Settled(sure, false);
            }
            let near = window(&hit.range);
            return if skill.without.iter().any(|word| holds_word(&near, word)) {
                State::Open(Vec::new())
            } else {
                State::Settled(sure, false)
            };
        }
        let near = window(&hit.range);
        let mut open = Vec::new();
        let mut best: Option<(usize, u32)> = None;
        for &alias in &hit.aliases {
            let skill = self.skill(aliases[alias as usize].skill);
            if skill.without.iter().any(|word| holds_word(&near, word)) {
                continue;
            }
            let speaking = skill.with.iter().filter(|word| holds_word(&near, word)).count();
            if speaking > best.map_or(0, |(most, _)| most) {
                best = Some((speaking, alias));
            }
            open.push(alias);
        }
        best.map_or(State::Open(open), |(_, alias)| State::Settled(alias, true))
    }

    /// Of several owners, the one that shares a dimension or category with its neighbour; a lone owner needs a neighbour of its kind.
    fn nearest_of(&self, open: &[u32], neighbour: u32) -> Option<u32> {
        let aliases = self.aliases().aliases();
        let neighbour = self.skill(aliases[neighbour as usize].skill);
        let kinship = |alias: u32| {
            let skill = self.skill(aliases[alias as usize].skill);
            let shared =
                skill.dimensions.iter().filter(|dimension| neighbour.dimensions.contains(dimension)).count();
            shared * 4
                + usize::from(skill.category == neighbour.category) * 2
                + usize::from(skill.domain == neighbour.domain)
                + usize::from(!skill.skill_type.is_lasting() && !neighbour.skill_type.is_lasting())
        };
        open.iter()
            .copied()
            .map(|alias| (kinship(alias), alias))
            .filter(|&(kin, _)| kin > 0)
            .max_by_key(|&(kin, alias)| (kin, std::cmp::Reverse(alias)))
            .map(|(_, alias)| alias)
    }
}

/// The words around a range, the range itself left out.
fn near(text: &str, range: Range<usize>) -> String {
    let floor = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(range.start.saturating_sub(NEAR));
    let end = floor((range.end + NEAR).min(text.len()));
    let (from, to) = (floor(range.start.min(text.len())), floor(range.end.min(text.len())));
    format!("{} {}", &text[start..from], &text[to..end])
}

/// Whether a word or phrase stands in a lower-case text with boundaries around it.
fn holds_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(|c| c.is_alphanumeric() && c != 's')
    })
}

/// Whether only list punctuation lies between two mentions.
fn is_list_separator(gap: &str) -> bool {
    let gap = gap.trim();
    gap.len() <= 8
        && !gap.is_empty()
        && gap
            .split([',', '/', '|', '•', '&', ';', '·', '*', '+', ' ', '(', ')', '\n'])
            .all(|word| matches!(word, "" | "and" | "or" | "and/or" | "-"))
}
