//! The title as evidence.

use contract::{AliasScore, rounded};
use library::{Library, RoleId};

use crate::title::{Part, TitleIndex, cores, is_general, is_level, makes_software, normalised};

/// What a similar title can score at most.
const SIMILAR: f32 = 0.8;
/// A named part of the title, or the title after the level words are gone.
const WITHOUT_LEVEL: f32 = 0.9;

/// Every role's score for a printed or given title, best first, and the title's core.
pub(crate) fn score(
    library: &Library,
    titles: &TitleIndex,
    title: Option<&str>,
) -> (Vec<AliasScore>, Option<String>) {
    let Some(title) = title.filter(|title| !title.trim().is_empty()) else {
        return (library.roles().iter().map(|role| silent(&role.slug)).collect(), None);
    };
    let whole = normalised(title);
    let cores = cores(title);
    let named = Named::by(library, titles, &whole, &cores);
    let similar: Vec<_> = cores.iter().take(3).map(|core| titles.similar(&core.words)).collect();
    let mut scores: Vec<AliasScore> = library
        .role_ids()
        .map(|id| {
            let slug = library.role(id).slug.clone();
            if let Some(claim) = named.claim_of(id) {
                return claim.score(slug);
            }
            let best =
                similar.iter().filter_map(|similar| similar.get(&id)).max_by(|a, b| a.0.total_cmp(&b.0));
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
    (scores, cores.into_iter().next().map(|core| core.words))
}

/// The roles that a title names, not merely resembles.
struct Named {
    claims: Vec<(RoleId, Claim)>,
}

/// How a title names a role.
struct Claim {
    title: String,
    score: f32,
    claimants: usize,
}

impl Claim {
    fn score(&self, slug: String) -> AliasScore {
        let score = self.score / self.claimants as f32;
        AliasScore {
            slug,
            score: rounded(score),
            trusted: score >= WITHOUT_LEVEL && !is_general(&self.title),
            alias: Some(self.title.clone()),
        }
    }
}

impl Named {
    fn by(library: &Library, titles: &TitleIndex, whole: &str, cores: &[Part]) -> Self {
        let claims = |title: &str, score: f32| {
            let claimants = titles.claimants(title);
            claimants
                .iter()
                .map(|&id| (id, Claim { title: title.to_owned(), score, claimants: claimants.len() }))
                .collect()
        };
        if !titles.claimants(whole).is_empty() {
            return Self { claims: claims(whole, 1.0) };
        }
        // The longest part that names a role decides; "Full Stack (Python)" lacks only its noun. Where alternatives are listed,
        // the technology that stands first does: "Node.js / React Developer".
        let names = |title: &String| !titles.claimants(title).is_empty() && !is_general(title);
        let (parts, alternatives): (Vec<&Part>, Vec<&Part>) =
            cores.iter().partition(|part| !part.is_alternative);
        let technologies: Vec<String> = if makes_software(whole) {
            whole
                .split(' ')
                .filter(|word| !is_level(word))
                .map(|word| format!("{word} developer"))
                .filter(|title| names(title))
                .collect()
        } else {
            Vec::new()
        };
        let with_noun = parts.first().map(|part| format!("{} developer", part.words));
        let alternative = alternatives.iter().map(|part| &part.words).find(|title| names(title));
        let first_technology = technologies.first().filter(|_| {
            let of_a_technology = |title: &String| {
                titles
                    .claimants(title)
                    .iter()
                    .all(|id| technologies.iter().any(|other| titles.claimants(other).contains(id)))
            };
            alternative.is_none_or(of_a_technology)
        });
        let core = parts
            .iter()
            .map(|part| &part.words)
            .chain(with_noun.as_ref().filter(|_| makes_software(whole)))
            .find(|title| names(title))
            .or(first_technology)
            .or(alternative);
        let Some(core) = core else { return Self { claims: Vec::new() } };
        // "Backend Developer (Node.js)": a broad role with a technology beside it is that technology's role.
        let specific = technologies.iter().filter(|title| *title != core).find(|title| {
            matches!(titles.claimants(title), [narrower] if titles.claimants(core).iter().any(|&broader| is_narrower(library, *narrower, broader)))
        });
        Self { claims: claims(specific.unwrap_or(core), WITHOUT_LEVEL) }
    }

    fn claim_of(&self, role: RoleId) -> Option<&Claim> {
        self.claims.iter().find(|(id, _)| *id == role).map(|(_, claim)| claim)
    }
}

/// Whether `broader` is above `narrower` in the library, or is the broad role above both.
fn is_narrower(library: &Library, narrower: RoleId, broader: RoleId) -> bool {
    let parent = |id: RoleId| library.role(id).parent.as_deref().and_then(|slug| library.role_named(slug));
    std::iter::successors(parent(narrower), |&id| parent(id)).any(|ancestor| ancestor == broader)
}

fn silent(slug: &str) -> AliasScore {
    AliasScore { slug: slug.to_owned(), score: 0.0, trusted: false, alias: None }
}
