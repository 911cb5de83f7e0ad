//! The whole text as evidence: its mean sentence vector against each role's centroid.

use contract::{DomainScore, Item, ItemKind, rounded};
use library::{Embedder, Library, dot};

/// How sharply a small difference in similarity tells roles apart: the softmax's inverse temperature, fitted with the vote.
const SHARPNESS: f32 = 18.0;

/// Every role's probability over the whole document, best first.
pub(crate) fn score(library: &Library, embedder: &dyn Embedder, text: &str, title: Option<&str>, items: &[Item]) -> Vec<DomainScore> {
    let mut document = vec![0.0f32; embedder.dimensions()];
    let mut vector = vec![0.0f32; embedder.dimensions()];
    let mut add = |words: &str, weight: f32| {
        embedder.embed_into(words, &mut vector);
        document.iter_mut().zip(&vector).for_each(|(sum, value)| *sum += weight * value);
    };
    let scalars: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    for item in items {
        let (Some(&start), Some(&end)) = (scalars.get(item.start as usize), scalars.get(item.end as usize)) else { continue };
        let weight = match item.kind {
            ItemKind::Responsibility => 1.0,
            ItemKind::Requirement => 0.8,
            ItemKind::Other => 0.3,
            ItemKind::Benefit => 0.0,
        };
        if weight > 0.0 {
            add(&text[start..end], weight);
        }
    }
    if let Some(title) = title {
        add(title, TITLE_WEIGHT.max(items.len() as f32 * 0.1));
    }
    let length = dot(&document, &document).sqrt().max(f32::EPSILON);
    let similarities: Vec<f32> = library.role_ids().map(|role| dot(&document, library.centroid(role)) / length).collect();
    let most = similarities.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = similarities.iter().map(|similarity| (SHARPNESS * (similarity - most)).exp()).sum();
    let mut scores: Vec<DomainScore> = library
        .role_ids()
        .zip(similarities)
        .map(|(id, similarity)| {
            let role = library.role(id);
            DomainScore {
                slug: role.slug.clone(),
                score: rounded((SHARPNESS * (similarity - most)).exp() / total),
                domain: library.domains()[role.domain as usize].slug.clone(),
            }
        })
        .collect();
    scores.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.slug.cmp(&b.slug)));
    scores
}

/// What a title weighs beside statements, at least.
const TITLE_WEIGHT: f32 = 2.0;
