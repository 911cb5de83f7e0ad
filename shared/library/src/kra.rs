//! The key result areas of all roles as one matrix of sentence vectors.

use std::ops::Range;

use crate::embed::{Embedder, dot};
use crate::index::RoleId;

/// One row per key result area, with its mean similarity to generic sentences.
pub struct KraMatrix {
    model: &'static str,
    dimensions: usize,
    rows: Vec<f32>,
    background: Vec<f32>,
    by_role: Vec<Range<usize>>,
}

impl KraMatrix {
    /// Embeds every role's key result areas and measures each against the background sentences.
    pub(crate) fn build<'a>(
        embedder: &dyn Embedder,
        kras_by_role: impl Iterator<Item = &'a [String]>,
        background: &[String],
    ) -> Self {
        let dimensions = embedder.dimensions();
        let mut rows = Vec::new();
        let mut by_role = Vec::new();
        let mut vector = vec![0.0; dimensions];
        for kras in kras_by_role {
            let first = rows.len() / dimensions;
            for kra in kras {
                embedder.embed_into(kra, &mut vector);
                rows.extend_from_slice(&vector);
            }
            by_role.push(first..rows.len() / dimensions);
        }
        // The mean similarity to many unit vectors is the similarity to their mean.
        let mut mean = vec![0.0; dimensions];
        for sentence in background {
            embedder.embed_into(sentence, &mut vector);
            mean.iter_mut().zip(&vector).for_each(|(sum, value)| *sum += value / background.len() as f32);
        }
        let background = rows.chunks_exact(dimensions).map(|row| dot(row, &mean)).collect();
        Self { model: embedder.model(), dimensions, rows, background, by_role }
    }

    /// The model of the rows.
    #[must_use]
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.background.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.background.is_empty()
    }

    /// The rows of a role's key result areas, in the role's order.
    #[must_use]
    pub fn rows_of(&self, role: RoleId) -> Range<usize> {
        self.by_role[role.0 as usize].clone()
    }

    /// A row's vector.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.rows[row * self.dimensions..(row + 1) * self.dimensions]
    }

    /// A row's mean similarity to the background sentences.
    #[must_use]
    pub fn background(&self, row: usize) -> f32 {
        self.background[row]
    }

    /// Similarity of one sentence vector to every row, appended to `out`; the background is not taken off.
    pub fn similarities(&self, sentence: &[f32], out: &mut Vec<f32>) {
        out.extend(self.rows.chunks_exact(self.dimensions).map(|row| dot(row, sentence)));
    }
}
