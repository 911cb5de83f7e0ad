//! Sentences of a posting that its role's key result areas do not cover.

use contract::{
    ArtifactKind, ConfidenceBand, Decision, ItemKind, Neighbour, Parse, Proposal, ReviewKind, Span,
    SuggestedAction,
};
use library::{Embedder, Library, RoleId, dot};
use serde_json::json;

/// Words of a sentence that can stand for itself.
const WORDS: std::ops::RangeInclusive<usize> = 6..=40;
/// A key result area this like a sentence covers it. Cosine of the built-in table; read off 60 pairs by eye.
const COVERED: f32 = 0.62;
/// A sentence must be this much nearer to the role's text than generic sentences are.
const SPECIFIC: f32 = 0.05;
/// The most sentences of one posting.
const MOST: usize = 3;
/// How new a key result area is beside a new skill or role.
const NOVELTY: f32 = 0.6;

struct Candidate {
    sentence: Span,
    nearest: usize,
    similarity: f32,
}

/// The sentences that say most of what the library lacks, the newest first.
pub(crate) fn proposals(
    library: &Library,
    embedder: &dyn Embedder,
    parse: &Parse,
    decision: &Decision,
) -> Vec<Proposal> {
    let Some(role) = decision.chosen_role.as_ref().and_then(|role| library.role_named(&role.slug)) else {
        return Vec::new();
    };
    if decision.confidence_band == ConfidenceBand::Review || library.kras().model() != embedder.model() {
        return Vec::new();
    }
    let mut candidates: Vec<Candidate> = sentences(parse)
        .into_iter()
        .filter_map(|sentence| uncovered(library, embedder, role, sentence))
        .collect();
    candidates
        .sort_by(|a, b| a.similarity.total_cmp(&b.similarity).then(a.sentence.start.cmp(&b.sentence.start)));
    candidates.truncate(MOST);
    candidates.into_iter().map(|candidate| proposal(library, role, candidate)).collect()
}

/// The single sentences of the responsibilities.
fn sentences(parse: &Parse) -> Vec<Span> {
    let mut scalars = parse.text.char_indices().map(|(at, _)| at).chain([parse.text.len()]).enumerate();
    let mut byte_of =
        |scalar: u32| scalars.by_ref().find(|&(index, _)| index == scalar as usize).map(|(_, byte)| byte);
    let mut found = Vec::new();
    for item in &parse.items {
        let (Some(start), Some(end)) = (byte_of(item.start), byte_of(item.end)) else { break };
        if item.kind != ItemKind::Responsibility {
            continue;
        }
        let words = &parse.text[start..end];
        for piece in text::pieces(words) {
            let sentence = &words[piece.range.clone()];
            if WORDS.contains(&sentence.split_whitespace().count()) {
                let first = item.start + words[..piece.range.start].chars().count() as u32;
                let end = first + sentence.chars().count() as u32;
                found.push(Span { start: first, end, quote: sentence.to_owned() });
            }
        }
    }
    found
}

fn uncovered(library: &Library, embedder: &dyn Embedder, role: RoleId, sentence: Span) -> Option<Candidate> {
    let kras = library.kras();
    let vector = embedder.embed(&sentence.quote);
    let (nearest, similarity) = kras
        .rows_of(role)
        .map(|row| (row, dot(kras.row(row), vector.values())))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    let specific = dot(library.centroid(role), vector.values()) - kras.background(nearest) > SPECIFIC;
    (similarity < COVERED && specific).then_some(Candidate { sentence, nearest, similarity })
}

fn proposal(library: &Library, role: RoleId, candidate: Candidate) -> Proposal {
    let Candidate { sentence, nearest, similarity } = candidate;
    let first = library.kras().rows_of(role).start;
    let role = library.role(role);
    let text = sentence.quote.trim_end_matches(['.', ';', ',']).to_owned();
    let folded: Vec<String> = text::lower_words(&text).collect();
    Proposal {
        kind: ReviewKind::Kra,
        key: format!("{}: {}", role.slug, folded.join(" ")),
        title: text.clone(),
        suggestion: json!({ "role": role.slug, "sentence": text, "nearest": role.kras.get(nearest - first) }),
        action: SuggestedAction::Decide,
        evidence: sentence,
        nearest: vec![Neighbour {
            slug: role.slug.clone(),
            similarity: contract::rounded(similarity.clamp(0.0, 1.0)),
        }],
        novelty: NOVELTY,
        auto_rejected: None,
        artifact: ArtifactKind::KraProposed,
    }
}
