//! The work as evidence: each statement against each role's key result areas.

use contract::{Item, ItemKind, KraPair, KraScore, Span, rounded};
use library::{Embedder, KraMatrix, Library, RoleId};

use crate::assignment::best_pairs;

/// Fewer statements than this say too little.
const FEWEST_ITEMS: usize = 3;
/// A role with fewer key result areas has no score.
const FEWEST_KRAS: usize = 3;
/// How many pairs make the score.
const PAIRS: usize = 3;
/// More statements than this add time, not knowledge.
const MOST_ITEMS: usize = 80;

/// Every role's score, best first; or why there is none.
pub(crate) fn score(
    library: &Library,
    embedder: &dyn Embedder,
    text: &str,
    items: &[Item],
) -> (Vec<KraScore>, Option<String>) {
    let kras = library.kras();
    if kras.model() != embedder.model() {
        return (
            Vec::new(),
            Some(format!(
                "the library's vectors are of {}, the embedder is {}",
                kras.model(),
                embedder.model()
            )),
        );
    }
    let sentences = sentences(text, items);
    if sentences.len() < FEWEST_ITEMS {
        return (
            Vec::new(),
            Some(format!(
                "{} statements on the work or its requirements, {FEWEST_ITEMS} are needed",
                sentences.len()
            )),
        );
    }
    let similarity = Similarities::of(kras, embedder, &sentences);
    let mut scored: Vec<(KraScore, Pairs)> = library
        .role_ids()
        .map(|role| {
            let slug = library.role(role).slug.clone();
            match similarity.best(kras, role) {
                None => (KraScore { slug, score: None, score_plain: None, pairs: Vec::new() }, Vec::new()),
                Some((pairs, score, plain)) => (
                    KraScore {
                        slug,
                        score: Some(rounded(score)),
                        score_plain: Some(rounded(plain)),
                        pairs: Vec::new(),
                    },
                    pairs,
                ),
            }
        })
        .collect();
    scored.sort_by(|(a, _), (b, _)| {
        b.score
            .unwrap_or(f32::NEG_INFINITY)
            .total_cmp(&a.score.unwrap_or(f32::NEG_INFINITY))
            .then_with(|| a.slug.cmp(&b.slug))
    });
    for (score, pairs) in scored.iter_mut().take(5) {
        let Some(role) = library.role_named(&score.slug) else { continue };
        let first = kras.rows_of(role).start;
        score.pairs = pairs
            .iter()
            .map(|&(row, sentence)| KraPair {
                kra: library.role(role).kras[row - first].clone(),
                sentence: sentences[sentence].clone(),
                similarity: rounded(similarity.above_background(kras, row, sentence)),
            })
            .collect();
    }
    (scored.into_iter().map(|(score, _)| score).collect(), None)
}

/// The statements that say what is done or asked.
fn sentences(text: &str, items: &[Item]) -> Vec<Span> {
    let mut scalars = text.char_indices().map(|(at, _)| at).chain([text.len()]).enumerate();
    let mut byte_of =
        |scalar: u32| scalars.by_ref().find(|&(index, _)| index == scalar as usize).map(|(_, byte)| byte);
    let mut found = Vec::new();
    for item in items {
        let (Some(start), Some(end)) = (byte_of(item.start), byte_of(item.end)) else { break };
        let counts = matches!(item.kind, ItemKind::Responsibility | ItemKind::Requirement);
        let quote = &text[start..end];
        if counts && quote.split_whitespace().nth(2).is_some() && found.len() < MOST_ITEMS {
            found.push(Span { start: item.start, end: item.end, quote: quote.to_owned() });
        }
    }
    found
}

/// Row of the matrix, number of the sentence.
type Pairs = Vec<(usize, usize)>;

/// Sentence by KRA.
struct Similarities {
    values: Vec<f32>,
    rows: usize,
    sentences: usize,
}

impl Similarities {
    fn of(kras: &KraMatrix, embedder: &dyn Embedder, sentences: &[Span]) -> Self {
        let mut values = Vec::with_capacity(sentences.len() * kras.len());
        let mut vector = vec![0.0; embedder.dimensions()];
        for sentence in sentences {
            embedder.embed_into(&sentence.quote, &mut vector);
            kras.similarities(&vector, &mut values);
        }
        Self { values, rows: kras.len(), sentences: sentences.len() }
    }

    fn at(&self, row: usize, sentence: usize) -> f32 {
        self.values[sentence * self.rows + row]
    }

    fn above_background(&self, kras: &KraMatrix, row: usize, sentence: usize) -> f32 {
        self.at(row, sentence) - kras.background(row)
    }

    /// The three best pairs of the best one-to-one assignment, their mean, and the older mean with reuse.
    fn best(&self, kras: &KraMatrix, role: RoleId) -> Option<(Pairs, f32, f32)> {
        let rows = kras.rows_of(role);
        if rows.len() < FEWEST_KRAS {
            return None;
        }
        let value = |row: usize, sentence: usize| self.above_background(kras, row, sentence);
        let mut pairs: Pairs = if rows.len() <= self.sentences {
            best_pairs(rows.len(), self.sentences, |row, sentence| value(rows.start + row, sentence))
                .into_iter()
                .enumerate()
                .map(|(row, sentence)| (rows.start + row, sentence))
                .collect()
        } else {
            best_pairs(self.sentences, rows.len(), |sentence, row| value(rows.start + row, sentence))
                .into_iter()
                .enumerate()
                .map(|(sentence, row)| (rows.start + row, sentence))
                .collect()
        };
        pairs.sort_by(|a, b| value(b.0, b.1).total_cmp(&value(a.0, a.1)).then(a.cmp(b)));
        pairs.truncate(PAIRS);
        let score = pairs.iter().map(|&(row, sentence)| value(row, sentence)).sum::<f32>() / PAIRS as f32;
        let mut plain: Vec<f32> = (0..self.sentences)
            .map(|sentence| rows.clone().map(|row| self.at(row, sentence)).fold(f32::NEG_INFINITY, f32::max))
            .collect();
        plain.sort_by(|a, b| b.total_cmp(a));
        let plain = plain.iter().take(PAIRS).sum::<f32>() / PAIRS as f32;
        Some((pairs, score, plain))
    }
}
