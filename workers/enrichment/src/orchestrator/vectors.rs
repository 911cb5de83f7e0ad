//! The names of a library version as vectors.

use library::{Embedder, Library, dot};

/// One vector a name, of the built-in table.
pub(crate) struct Vectors {
    width: usize,
    dimensions: Vec<f32>,
    categories: Vec<f32>,
    skills: Vec<f32>,
}

impl Vectors {
    pub(super) fn of(library: &Library, embedder: &dyn Embedder) -> Self {
        Self {
            width: embedder.dimensions(),
            dimensions: rows(embedder, library.dimensions().iter().map(|dimension| dimension.name.as_str())),
            categories: rows(embedder, library.categories().iter().map(|category| category.name.as_str())),
            skills: rows(embedder, library.skills().iter().map(|skill| skill.name.as_str())),
        }
    }

    /// How near a vector is to every dimension's name, in their order; −1 to 1.
    pub(crate) fn to_dimensions(&self, vector: &[f32]) -> Vec<f32> {
        self.to(&self.dimensions, vector)
    }

    /// How near a vector is to every category's name, in their order.
    pub(crate) fn to_categories(&self, vector: &[f32]) -> Vec<f32> {
        self.to(&self.categories, vector)
    }

    /// How near a vector is to every skill's name, in their order.
    pub(crate) fn to_skills(&self, vector: &[f32]) -> Vec<f32> {
        self.to(&self.skills, vector)
    }

    fn to(&self, rows: &[f32], vector: &[f32]) -> Vec<f32> {
        rows.chunks_exact(self.width).map(|row| dot(row, vector)).collect()
    }
}

fn rows<'a>(embedder: &dyn Embedder, names: impl Iterator<Item = &'a str>) -> Vec<f32> {
    let mut rows = Vec::new();
    for name in names {
        let start = rows.len();
        rows.resize(start + embedder.dimensions(), 0.0);
        embedder.embed_into(name, &mut rows[start..]);
    }
    rows
}
