//! The starter library as it ships.

use crate::engine::LIBRARY;

#[test]
fn the_shipped_library_has_no_finding() {
    let findings: Vec<String> = library::lint::lint(library::shipped())
        .into_iter()
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect();
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn the_shipped_library_covers_the_field() {
    assert!(LIBRARY.roles().len() >= 82);
    assert!(LIBRARY.skills().len() >= 1_000 && LIBRARY.aliases().aliases().len() >= 3_000);
    assert!(LIBRARY.dimensions().len() >= 90 && LIBRARY.clusters().len() >= 30);
}

#[test]
fn a_name_that_is_an_everyday_word_needs_company() {
    let slugs = |text: &str| {
        let mentions = LIBRARY.mentions(text, &[]);
        mentions.into_iter().map(|mention| LIBRARY.skill(mention.skill).slug.clone()).collect::<Vec<_>>()
    };
    assert!(slugs("Services written in Go, Rust and Python").contains(&"go".to_owned()));
    assert!(!slugs("We go where our customers go; Go for it").contains(&"go".to_owned()));
    assert!(!slugs("Starts in Spring").contains(&"spring-framework".to_owned()));
}
