//! How near names are to one another in meaning.

use library::{Embedder, dot};
use std::collections::HashMap;

/// Whatever the scale, less than this is no synonym; cosine.
const SYNONYM: f32 = 0.80;

/// Names with their vectors, all of one model.
pub(super) struct Meaning {
    vectors: HashMap<String, Vec<f32>>,
    /// Names of different things are at most this near.
    apart: f32,
}

impl Meaning {
    /// Compares names by the vectors that a model gave, else by the built-in table. The first names are of dimensions, which
    /// are different things: how near two of them are tells what a synonym must surpass, on the scale of any model.
    pub(super) fn of(
        embedder: &dyn Embedder,
        names: Vec<String>,
        dimensions: usize,
        served: Option<Vec<Vec<f32>>>,
    ) -> Self {
        let is_whole = |vectors: &Vec<Vec<f32>>| {
            let width = vectors.first().map_or(0, Vec::len);
            vectors.len() == names.len() && width > 0 && vectors.iter().all(|vector| vector.len() == width)
        };
        let vectors = served
            .filter(is_whole)
            .unwrap_or_else(|| names.iter().map(|name| embedder.embed(name).values().to_vec()).collect());
        let of_dimensions = &vectors[..dimensions.min(vectors.len())];
        let apart = of_dimensions
            .iter()
            .enumerate()
            .flat_map(|(place, one)| of_dimensions[..place].iter().map(move |other| dot(one, other)))
            .fold(SYNONYM, f32::max);
        Self { vectors: names.into_iter().zip(vectors).collect(), apart }
    }

    /// Cosine of two names, −1 to 1; 0 where one has no vector.
    pub(super) fn similarity(&self, one: &str, other: &str) -> f32 {
        match (self.vectors.get(one), self.vectors.get(other)) {
            (Some(one), Some(other)) => dot(one, other),
            (_, _) => 0.0,
        }
    }

    /// How alike two names are that may mean the same, 0 to 1.
    pub(super) fn synonym(&self, one: &str, other: &str) -> Option<f32> {
        let similarity = self.similarity(one, other);
        (similarity >= self.apart).then_some(similarity.min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use library::StaticTable;

    fn meaning(served: Option<Vec<Vec<f32>>>) -> Meaning {
        let names = ["Baking", "Brewing", "Bread making"].map(str::to_owned).to_vec();
        Meaning::of(StaticTable::shared(), names, 2, served)
    }

    #[test]
    fn a_synonym_is_nearer_than_different_things_are() {
        let meaning = meaning(Some(vec![vec![1.0, 0.0], vec![0.9, 0.436], vec![0.95, 0.312]]));
        assert!(meaning.synonym("Baking", "Bread making").is_some());
        assert!(meaning.synonym("Baking", "Brewing").is_some(), "as near as they are themselves");
        let far = Meaning { apart: 0.96, ..meaning };
        assert_eq!(far.synonym("Baking", "Bread making"), None);
        assert_eq!(far.synonym("Baking", "Welding"), None, "without a vector nothing is near");
    }

    #[test]
    fn vectors_that_do_not_fit_the_names_are_not_used() {
        let built_in = meaning(None).similarity("Baking", "Bread making");
        for served in
            [vec![], vec![vec![]; 3], vec![vec![1.0]; 2], vec![vec![1.0], vec![1.0], vec![1.0, 0.0]]]
        {
            assert_eq!(meaning(Some(served)).similarity("Baking", "Bread making"), built_in);
        }
    }
}
