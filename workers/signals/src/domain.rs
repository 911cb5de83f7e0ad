//! The whole text as evidence: a linear classifier over the words and word pairs of the library's own role texts.
//!
//! Each role is a document: its name, titles, paragraph, key result areas, core skills and dimensions. A posting's cosine
//! with each (sublinear tf · idf) becomes a probability over all roles.

use contract::{DomainScore, Parse, rounded};
use library::Library;
use std::collections::HashMap;
use text::Text;

/// How sharply a small difference in similarity tells roles apart: the softmax's inverse temperature.
const SHARPNESS: f32 = 40.0;

/// The role texts of a library version as sparse vectors.
pub(crate) struct DomainIndex {
    /// Word or pair → its roles with the weight there.
    terms: HashMap<u64, Term>,
}

struct Term {
    idf: f32,
    roles: Vec<(u32, f32)>,
}

impl DomainIndex {
    pub(crate) fn build(library: &Library) -> Self {
        let documents: Vec<HashMap<u64, u32>> =
            library.role_ids().map(|role| counts(&role_text(library, role))).collect();
        let mut frequency: HashMap<u64, u32> = HashMap::new();
        for term in documents.iter().flat_map(HashMap::keys) {
            *frequency.entry(*term).or_default() += 1;
        }
        let count = documents.len() as f32;
        let mut terms: HashMap<u64, Term> = frequency
            .into_iter()
            .map(|(term, roles)| {
                (term, Term { idf: ((1.0 + count) / (1.0 + roles as f32)).ln() + 1.0, roles: Vec::new() })
            })
            .collect();
        for (role, document) in (0u32..).zip(documents) {
            let mut weights: Vec<(u64, f32)> = document
                .into_iter()
                .map(|(term, count)| (term, sublinear(count) * terms[&term].idf))
                .collect();
            weights.sort_unstable_by_key(|&(term, _)| term);
            let length =
                weights.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(f32::EPSILON);
            for (term, weight) in weights {
                if let Some(term) = terms.get_mut(&term) {
                    term.roles.push((role, weight / length));
                }
            }
        }
        Self { terms }
    }

    /// Every role's probability over the whole document, best first.
    pub(crate) fn score(&self, library: &Library, parse: &Parse, title: Option<&str>) -> Vec<DomainScore> {
        let mut text = speaking_text(parse);
        if let Some(title) = title {
            text.push_str(" . ");
            text.push_str(title);
        }
        let mut known: Vec<(u64, u32)> =
            counts(&text).into_iter().filter(|(term, _)| self.terms.contains_key(term)).collect();
        known.sort_unstable_by_key(|&(term, _)| term);
        let mut similarity = vec![0.0f32; library.roles().len()];
        let mut length = 0.0f32;
        for (term, count) in known {
            let term = &self.terms[&term];
            let weight = sublinear(count) * term.idf;
            length += weight * weight;
            for &(role, theirs) in &term.roles {
                similarity[role as usize] += weight * theirs;
            }
        }
        let length = length.sqrt().max(f32::EPSILON);
        similarity.iter_mut().for_each(|similarity| *similarity /= length);
        let most = similarity.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let total: f32 = similarity.iter().map(|similarity| (SHARPNESS * (similarity - most)).exp()).sum();
        let mut scores: Vec<DomainScore> = library
            .role_ids()
            .zip(similarity)
            .map(|(id, similarity)| {
                let role = library.role(id);
                DomainScore {
                    slug: role.slug.clone(),
                    score: rounded((SHARPNESS * (similarity - most)).exp() / total),
                    similarity: rounded(similarity),
                    domain: library.domains()[role.domain as usize].slug.clone(),
                }
            })
            .collect();
        scores.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then_with(|| a.slug.cmp(&b.slug)));
        scores
    }
}

/// The even mixture of the built-in probabilities and a model's, best first: its confidence on its role, and the rest on the others in
/// proportion to what they had.
///
/// A role gets at most half of its built-in probability and .5 from the model. So the score that lets this signal decide in the
/// decision, .75, is out of a model's reach where the built-in engine gives the role less than .5: it needs both to agree.
pub(crate) fn mixed(mut scores: Vec<DomainScore>, role: &str, confidence: f32) -> Vec<DomainScore> {
    let others: f32 = scores.iter().filter(|score| score.slug != role).map(|score| score.score).sum();
    let evenly = 1.0 / (scores.len() as f32 - 1.0).max(1.0);
    for score in &mut scores {
        let share = if score.slug == role {
            confidence
        } else if others > 0.0 {
            (1.0 - confidence) * score.score / others
        } else {
            (1.0 - confidence) * evenly
        };
        score.score = rounded(0.5 * score.score + 0.5 * share);
    }
    scores.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then(b.similarity.total_cmp(&a.similarity))
            .then_with(|| a.slug.cmp(&b.slug))
    });
    scores
}

fn sublinear(count: u32) -> f32 {
    1.0 + (count as f32).ln()
}

/// What the library itself says of a role, as one text.
fn role_text(library: &Library, id: library::RoleId) -> String {
    let role = library.role(id);
    let mut text = vec![role.text.as_str(), role.name.as_str()];
    text.extend(role.kras.iter().map(String::as_str));
    text.extend(role.aliases.iter().map(String::as_str));
    text.extend(role.core.iter().map(|&skill| library.skill(skill).name.as_str()));
    for &(dimension, _) in &role.dimensions {
        let dimension = &library.dimensions()[dimension as usize];
        text.extend([dimension.name.as_str(), dimension.rationale.as_str()]);
    }
    text.join(" . ")
}

/// The parts of a posting that speak of the job and not of the employer or the law, and to candidates and not to machines.
fn speaking_text(parse: &Parse) -> String {
    let heard = Text::heard(parse.text.clone());
    let mut text = String::with_capacity(parse.text.len());
    for section in parse.sections.iter().filter(|section| !section.kind.asks_nothing()) {
        text.push_str(&heard.as_str()[heard.byte(section.start)..heard.byte(section.end)]);
        text.push_str(" . ");
    }
    text
}

/// Words and pairs of neighbouring words, stop words left out, as hashes with their counts.
fn counts(text: &str) -> HashMap<u64, u32> {
    let mut counts = HashMap::new();
    let mut last: Option<u64> = None;
    let lower = text.to_lowercase();
    for word in lower.split(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '#' | '.'))) {
        let word = word.trim_end_matches('.');
        if word.is_empty() || STOP_WORDS.contains(&word) {
            continue;
        }
        let hash = fnv(word);
        *counts.entry(hash).or_insert(0) += 1;
        if let Some(last) = last {
            *counts.entry(last.rotate_left(17) ^ hash).or_insert(0) += 1;
        }
        last = Some(hash);
    }
    counts
}

/// FNV-1a, 64 bit: the same on every machine, unlike the standard hasher's seed. Source: the IETF draft by Fowler, Noll, Vo.
fn fnv(word: &str) -> u64 {
    word.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Words that tell no role from another.
const STOP_WORDS: [&str; 122] = [
    "a", "about", "above", "across", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be",
    "become", "been", "being", "both", "but", "by", "can", "could", "do", "does", "down", "during", "each",
    "etc", "every", "few", "for", "from", "full", "further", "get", "had", "has", "have", "he", "her",
    "here", "his", "how", "i", "if", "in", "into", "is", "it", "its", "keep", "made", "many", "may", "me",
    "more", "most", "much", "must", "my", "no", "nor", "not", "now", "of", "off", "on", "once", "one",
    "only", "or", "other", "our", "out", "over", "own", "per", "please", "same", "see", "she", "should",
    "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "through", "to", "too", "under", "until", "up", "upon", "us", "very", "via", "was", "we",
    "well", "were", "what", "when", "where", "which", "while", "who", "will", "with", "within", "would",
    "you", "your",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn score(slug: &str, score: f32) -> DomainScore {
        DomainScore { slug: slug.to_owned(), score, similarity: score / 2.0, domain: "d".to_owned() }
    }

    #[test]
    fn a_mixture_is_half_of_each_and_sorted() {
        let scores = vec![score("cook", 0.6), score("baker", 0.3), score("waiter", 0.1)];
        let mixed: Vec<(String, f32)> =
            mixed(scores, "baker", 0.8).into_iter().map(|score| (score.slug, score.score)).collect();
        let expected = [("baker", 0.55), ("cook", 0.3857), ("waiter", 0.0643)];
        for ((slug, score), (name, wanted)) in mixed.iter().zip(expected) {
            assert!(slug == name && (score - wanted).abs() < 1e-3, "{mixed:?}");
        }
    }

    proptest! {
        #[test]
        fn a_model_alone_never_reaches_what_decides(
            weights in prop::collection::vec(0.0f32..1.0, 2..30),
            at in any::<prop::sample::Index>(),
            confidence in 0.0f32..=1.0,
        ) {
            let total: f32 = weights.iter().sum::<f32>().max(f32::EPSILON);
            let scores: Vec<DomainScore> =
                weights.iter().enumerate().map(|(index, weight)| score(&format!("r{index}"), weight / total)).collect();
            let role = scores[at.index(scores.len())].clone();
            let mixed = mixed(scores, &role.slug, confidence);
            let then = mixed.iter().find(|score| score.slug == role.slug).unwrap();
            prop_assert!(then.score <= 0.5 + role.score / 2.0 + 1e-4);
            prop_assert!(role.score >= 0.5 || then.score < 0.75);
            prop_assert!(mixed.iter().all(|score| (0.0..=1.0).contains(&score.score)));
            prop_assert!(mixed.windows(2).all(|pair| pair[0].score >= pair[1].score));
        }
    }

    #[test]
    fn a_word_and_a_pair_are_counted_and_stop_words_are_not() {
        let counts = counts("the data engineer and the data engineer");
        assert_eq!(counts[&fnv("data")], 2);
        assert_eq!(counts.get(&fnv("the")), None);
        assert_eq!(counts[&(fnv("data").rotate_left(17) ^ fnv("engineer"))], 2);
    }
}
