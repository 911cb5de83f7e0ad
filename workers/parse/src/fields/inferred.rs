//! A title for a posting that prints none: the role whose words and core skills its own work speaks of. Output, never evidence.

use contract::{Field, ItemKind, SectionKind, Span, Stated};
use library::{Library, Mention, Role, RoleId, SkillId};
use std::collections::BTreeMap;

use super::phrase;
use crate::posting::Posting;

/// The least score of a title that is worth saying.
const FLOOR: f32 = 0.5;
/// What each place that names the work counts ("software engineering" for Software Engineer), and how many are counted.
const NAMED: f32 = 0.3;
const MOST_NAMED: usize = 3;
/// How many skills of a role must be named.
const LEAST_SKILLS: usize = 4;

/// The inferred title, with the words it was concluded from.
pub(super) fn title(posting: &Posting<'_>, library: &Library) -> Field<String> {
    let (skills, words) = work(posting);
    if skills.len() < LEAST_SKILLS {
        return None;
    }
    let document: f32 = skills.keys().map(|&skill| library.profiles().idf(skill).powi(2)).sum::<f32>().sqrt();
    let mut best: Option<(f32, RoleId)> = None;
    for id in library.role_ids() {
        let profiles = library.profiles();
        let dot: f32 =
            skills.keys().filter_map(|&skill| Some(profiles.weight(id, skill)? * profiles.idf(skill))).sum();
        if dot == 0.0 {
            continue;
        }
        let cosine = dot / (profiles.length(id) * document).max(f32::EPSILON);
        let named = named(library.role(id), &words).min(MOST_NAMED) as f32;
        let score = cosine + NAMED * named;
        if best.is_none_or(|(most, _)| score > most) {
            best = Some((score, id));
        }
    }
    let (score, id) = best?;
    let role = general(library, id, &words);
    let core: Vec<&Mention> = skills
        .iter()
        .filter(|(skill, _)| library.profiles().weight(id, **skill).is_some())
        .map(|(_, mention)| mention)
        .collect();
    if score < FLOOR || core.len() < LEAST_SKILLS || !role.name.split_whitespace().any(phrase::is_job_noun) {
        return None;
    }
    let mut core: Vec<&Mention> = core.into_iter().collect();
    core.sort_by_key(|mention| mention.range.start);
    let spans: Vec<Span> = core.iter().take(6).map(|mention| posting.span(mention.range.clone())).collect();
    let quotes: Vec<&str> = spans.iter().map(|span| span.quote.as_str()).collect();
    let reason = format!("no title is printed; the work and the requirements speak of {}", quotes.join(", "));
    Some(Stated::inferred(role.name.clone(), reason, spans))
}

/// The skills of the work and the requirements by their first mention, and the words of both.
fn work(posting: &Posting<'_>) -> (BTreeMap<SkillId, Mention>, Vec<String>) {
    let mut skills = BTreeMap::new();
    let mut words = Vec::new();
    for (unit, item) in posting.parts.units.iter().zip(posting.items) {
        let asks = matches!(item.kind, ItemKind::Responsibility | ItemKind::Requirement);
        if !asks && !matches!(posting.kind(unit), SectionKind::Overview | SectionKind::AboutTeam) {
            continue;
        }
        words.extend(text::lower_words(posting.words(unit)));
        words.push(".".to_owned());
        if !asks {
            continue;
        }
        for mention in posting.mentions_in(&unit.range) {
            skills.entry(mention.skill).or_insert_with(|| mention.clone());
        }
    }
    (skills, words)
}

/// How often the text names a role's work: "software engineering" and "software engineers" for Software Engineer.
fn named(role: &Role, words: &[String]) -> usize {
    let name: Vec<String> = text::lower_words(&role.name).collect();
    let Some((head, modifiers)) = name.split_last() else { return 0 };
    if modifiers.is_empty() {
        return 0;
    }
    let stem = &head[..head.char_indices().rev().nth(1).map_or(0, |(at, _)| at).max(4.min(head.len()))];
    words
        .windows(name.len())
        .filter(|window| window[..modifiers.len()] == *modifiers && window[modifiers.len()].starts_with(stem))
        .count()
}

/// A narrow role that the text does not name gives way to the broader one it belongs to.
fn general<'l>(library: &'l Library, id: RoleId, words: &[String]) -> &'l Role {
    let mut role = library.role(id);
    for _ in 0..3 {
        let parent = role.parent.as_deref().and_then(|slug| library.role_named(slug));
        match parent {
            Some(parent) if named(role, words) == 0 => role = library.role(parent),
            Some(_) | None => break,
        }
    }
    role
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::sample::{LIBRARY, REFERENCE, posting};

    #[test]
    fn a_posting_without_a_title_is_given_one_by_its_work() {
        posting(REFERENCE, |posting| {
            let title = title(posting, &LIBRARY).expect("a title");
            assert_eq!(title.value, "Software Engineer");
            assert!(title.evidence.spans().len() >= 3);
        });
    }

    #[test]
    fn too_little_work_gives_no_title() {
        posting("Come and join us. We are nice people and like boats.", |posting| {
            assert!(title(posting, &LIBRARY).is_none())
        });
    }
}
