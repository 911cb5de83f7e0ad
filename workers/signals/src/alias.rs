//! The title as evidence.

use contract::{AliasScore, rounded};
use library::Library;

use crate::title::{TitleIndex, cores, is_general, normalised};

/// What a similar title can score at most.
const SIMILAR: f32 = 0.8;
/// An exact hit after the level words are gone.
const WITHOUT_LEVEL: f32 = 0.9;

/// Every role's score for a printed or given title, best first, and the title's core.
pub(crate) fn score(library: &Library, titles: &TitleIndex, title: Option<&str>) -> (Vec<AliasScore>, Option<String>) {
    let Some(title) = title.filter(|title| !title.trim().is_empty()) else {
        return (library.roles().iter().map(|role| silent(&role.slug)).collect(), None);
    };
    let whole = normalised(title);
    let cores = cores(title);
    let similar: Vec<_> = cores.iter().take(3).map(|core| titles.similar(core)).collect();
    let mut scores: Vec<AliasScore> = library
        .role_ids()
        .map(|id| {
            let slug = library.role(id).slug.clone();
            if titles.claimants(&whole).contains(&id) {
                return exact(slug, 1.0, &whole, titles.claimants(&whole).len());
            }
            // A part of the title counts only when no longer part names another role.
            let named = cores.iter().find(|core| !titles.claimants(core).is_empty() && !is_general(core));
            if titles.claimants(&whole).is_empty()
                && let Some(core) = named
                && titles.claimants(core).contains(&id)
            {
                return exact(slug, WITHOUT_LEVEL, core, titles.claimants(core).len());
            }
            let best = similar.iter().filter_map(|similar| similar.get(&id)).max_by(|a, b| a.0.total_cmp(&b.0));
            match best {
                Some(&(similarity, alias)) => AliasScore {
                    slug,
                    score: rounded(SIMILAR * similarity),
                    trusted: false,
                    alias: Some(alias.to_owned()),
                },
                None => silent(&slug),
            }
        })
        .collect();
    scores.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.slug.cmp(&b.slug)));
    for score in scores.iter_mut().skip(5) {
        score.alias = None;
    }
    (scores, cores.into_iter().next())
}

fn exact(slug: String, score: f32, title: &str, claimants: usize) -> AliasScore {
    let score = score / claimants as f32;
    AliasScore { slug, score: rounded(score), trusted: score >= WITHOUT_LEVEL && !is_general(title), alias: Some(title.to_owned()) }
}

fn silent(slug: &str) -> AliasScore {
    AliasScore { slug: slug.to_owned(), score: 0.0, trusted: false, alias: None }
}
