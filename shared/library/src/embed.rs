//! Sentence vectors. The built-in table needs no network and no inference; see `schema/embedding/MODEL_CARD.md`.

use std::sync::LazyLock;

use crate::wordpiece::WordPieces;

/// Turns text into a vector of length 1, or of length 0 where nothing is known of the text.
pub trait Embedder: Send + Sync {
    /// Names the model; vectors of different models are never compared.
    fn model(&self) -> &'static str;
    /// Length of the vectors.
    fn dimensions(&self) -> usize;
    /// Writes the vector of `text` into `out`, which has [`Embedder::dimensions`] members.
    fn embed_into(&self, text: &str, out: &mut [f32]);

    /// The vector of a text.
    fn embed(&self, text: &str) -> Vector {
        let mut values = vec![0.0; self.dimensions()];
        self.embed_into(text, &mut values);
        Vector { model: self.model(), values }
    }
}

/// A vector that knows its model.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    model: &'static str,
    values: Vec<f32>,
}

impl Vector {
    /// The model that made it.
    #[must_use]
    pub fn model(&self) -> &'static str {
        self.model
    }

    /// Its members.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Cosine similarity, −1 to 1; none for vectors of different models.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> Option<f32> {
        (self.model == other.model).then(|| dot(&self.values, &other.values))
    }
}

/// Dot product in a fixed order of additions, so that the same vectors give the same bits everywhere.
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let tail: f32 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    lanes.iter().sum::<f32>() + tail
}

/// Scales a vector to length 1; leaves a zero vector alone.
pub fn to_unit(values: &mut [f32]) {
    let length = dot(values, values).sqrt();
    if length > f32::EPSILON {
        values.iter_mut().for_each(|value| *value /= length);
    }
}

const TABLE: &[u8] = include_bytes!("../../../schema/embedding/table.bin");
const VOCABULARY: &str = include_str!("../../../schema/embedding/vocab.txt");

/// The table that ships with the project: one vector per word piece, a sentence is their sum.
pub struct StaticTable {
    pieces: WordPieces,
    dimensions: usize,
    scales: Vec<f32>,
    rows: &'static [u8],
}

/// The table's file is not what its header says. Only a damaged build can show it.
#[derive(Debug, thiserror::Error)]
#[error("the embedding table is damaged: {0}")]
struct TableError(&'static str);

impl StaticTable {
    /// The shipped table, read once per process.
    ///
    /// # Panics
    /// When the build's own file is damaged; a test reads it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the file is compiled in and a test reads it")]
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<StaticTable> =
            LazyLock::new(|| StaticTable::read(TABLE, VOCABULARY).expect("the compiled-in table"));
        &SHARED
    }

    /// Reads the layout that `MODEL_CARD.md` describes.
    fn read(file: &'static [u8], vocabulary: &'static str) -> Result<Self, TableError> {
        let (magic, rest) = file.split_at_checked(4).ok_or(TableError("it is empty"))?;
        if magic != b"JTE1" {
            return Err(TableError("it does not begin with JTE1"));
        }
        let (header, rest) = rest.split_at_checked(12).ok_or(TableError("its header is cut off"))?;
        let number = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize
        };
        let (words, dimensions, buckets) = (number(0), number(4), number(8));
        if buckets != 0 {
            return Err(TableError("it has bigram rows, which this reader does not know"));
        }
        if vocabulary.lines().count() != words {
            return Err(TableError("the vocabulary has another number of lines"));
        }
        let (scales, rows) = rest.split_at_checked(words * 2).ok_or(TableError("its scales are cut off"))?;
        if rows.len() != words * dimensions {
            return Err(TableError("its rows are cut off"));
        }
        let scales =
            scales.chunks_exact(2).map(|half| half_to_f32(u16::from_le_bytes([half[0], half[1]]))).collect();
        Ok(Self { pieces: WordPieces::new(vocabulary), dimensions, scales, rows })
    }
}

impl Embedder for StaticTable {
    fn model(&self) -> &'static str {
        "rolemill-static-256-v1"
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed_into(&self, text: &str, out: &mut [f32]) {
        out.fill(0.0);
        self.pieces.each(text, |piece| {
            let piece = piece as usize;
            let scale = self.scales[piece];
            let row = &self.rows[piece * self.dimensions..(piece + 1) * self.dimensions];
            for (sum, &value) in out.iter_mut().zip(row) {
                *sum += f32::from(value.cast_signed()) * scale;
            }
        });
        to_unit(out);
    }
}

/// IEEE 754 half precision; the table has no infinities.
fn half_to_f32(half: u16) -> f32 {
    let sign = if half >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(half >> 10 & 0x1f);
    let fraction = f32::from(half & 0x3ff);
    if exponent == 0 {
        sign * fraction * 2f32.powi(-24)
    } else {
        sign * (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_tells_near_from_far() {
        let table = StaticTable::shared();
        let similarity = |a: &str, b: &str| table.embed(a).similarity(&table.embed(b)).unwrap();
        let near =
            similarity("Designs and maintains REST APIs", "Build web services and application interfaces");
        let far = similarity("Designs and maintains REST APIs", "Drives a truck to customers");
        assert!(near > far + 0.2, "{near} against {far}");
    }

    #[test]
    fn a_text_of_unknown_characters_has_a_zero_vector() {
        let vector = StaticTable::shared().embed("\u{10ffff}\u{10ffff}");
        assert!(vector.values().iter().all(|&value| value == 0.0));
    }

    #[test]
    fn vectors_of_different_models_are_not_compared() {
        let ours = StaticTable::shared().embed("Rust");
        let theirs = Vector { model: "other", values: ours.values.clone() };
        assert_eq!(ours.similarity(&theirs), None);
    }

    #[test]
    fn half_precision_is_read_as_written() {
        assert_eq!(half_to_f32(0x3c00), 1.0);
        assert_eq!(half_to_f32(0xc000), -2.0);
        assert_eq!(half_to_f32(0x0001), 2f32.powi(-24));
    }
}
