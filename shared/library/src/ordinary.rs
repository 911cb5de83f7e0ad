//! The words of everyday work, as the library's own sentences use them.

use std::collections::HashSet;

use crate::Library;

/// The words that stand in lower case in key result areas, role texts and background sentences, and those of which the names of
/// categories, clusters and dimensions consist.
pub(crate) fn words(library: &Library) -> HashSet<String> {
    let kras = library.roles().iter().flat_map(|role| &role.kras);
    let sentences = kras.chain(library.background());
    let in_sentences =
        sentences.flat_map(|sentence| words_of(sentence)).filter(|word| word.chars().all(char::is_lowercase));
    let areas = (library.categories().iter().map(|category| &category.name))
        .chain(library.clusters().iter().map(|cluster| &cluster.name));
    // The first word of a name of several is in upper case, whatever it is; one of a single word may name a product.
    let in_names = areas.flat_map(|name| words_of(name)).filter(|word| word.chars().all(char::is_alphabetic));
    in_sentences.map(str::to_owned).chain(in_names.map(str::to_lowercase)).collect()
}

fn words_of(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
