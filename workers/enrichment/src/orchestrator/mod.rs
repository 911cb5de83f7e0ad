//! Places skills that the library does not know.
//!
//! A skill is known by the company it keeps: the library skills that stand beside it in the posting vote on its type, its
//! category and its dimensions, the nearer the more; a head word such as "framework" says the type outright. What less than
//! three fifths of the vote agree on stays null, and a person decides. Nothing is ever written to the library from here.

mod alike;
mod names;
mod vectors;
mod vote;

use contract::{
    Adjudicator, Direction, Method, Neighbour, Orchestration, ProposedRelationship, Relationship, Skill,
    SkillDetail, SkillDimension, SkillProfile, rounded,
};
use library::{Embedder, Library, SkillId};
use std::sync::OnceLock;

use crate::client::maturity;
use crate::view::View;
use names::Names;
use vectors::Vectors;
use vote::Vote;

pub(crate) use vote::{AGREED, BY_A_SECOND_POSTING, profile_of_type};

/// The most library skills that vote.
const VOTERS: usize = 8;
/// The most relationships that are proposed.
const RELATED: usize = 3;
/// A shorter name means something else as well.
const SHORT: usize = 3;

/// Everything that placing needs of a library version; gathered when it is first asked for.
pub(crate) struct Orchestrator {
    names: OnceLock<Names>,
    vectors: OnceLock<Vectors>,
}

impl Orchestrator {
    pub(crate) fn build(_library: &Library, _embedder: &dyn Embedder) -> Self {
        Self { names: OnceLock::new(), vectors: OnceLock::new() }
    }

    /// The library skills of which a name is like a key, the most alike first; and how alike, 0 to 1.
    pub(crate) fn alike(&self, library: &Library, key: &str) -> Vec<Voter> {
        self.names.get_or_init(|| Names::of(library)).alike(key)
    }

    /// The names of a library version as vectors of the built-in table.
    pub(crate) fn vectors(&self, library: &Library, embedder: &dyn Embedder) -> &Vectors {
        self.vectors.get_or_init(|| Vectors::of(library, embedder))
    }

    /// An unknown skill with a proposed place.
    pub(crate) fn place(&self, view: &View<'_>, skill: &Skill, context_tags: Vec<String>) -> SkillDetail {
        let library = view.library;
        let names = self.names.get_or_init(|| Names::of(library));
        let key = names::key(&skill.skill_name);
        let voters = company(view, skill);
        let vote = Vote::of(library, &voters, names::head_word_type(&key), speaks_of_languages(view, skill));
        let nearly = names.nearly(&key).filter(|&(id, _)| is_of_the_company(library, id, &voters));
        let alias_of = nearly.map(|(id, similarity)| Neighbour {
            slug: library.skill(id).slug.clone(),
            similarity: rounded(similarity),
        });
        let halves = names
            .halves(&key)
            .map_or_else(Vec::new, |halves| halves.map(|id| library.skill(id).name.clone()).to_vec());
        let mut warnings: Vec<String> = vote.warnings.clone();
        if voters.is_empty() {
            warnings.push("no known skill stands near it".to_owned());
        }
        let is_ambiguous = key.chars().count() <= SHORT;
        if is_ambiguous {
            warnings.push("a name this short may mean something else".to_owned());
        }
        let known_as = alias_of.as_ref().and_then(|known| library.skill_named(&known.slug));
        // A misspelt skill is the skill: its own entry says more than its neighbours do.
        let (profile, dimensions) = match known_as {
            Some(id) => (profile_of(library, id), dimensions_of(library, id)),
            None => (vote.profile, vote.dimensions),
        };
        SkillDetail {
            skill_name: skill.skill_name.clone(),
            canonical_id: None,
            matched_via: None,
            aliases: Vec::new(),
            profile,
            dimensions,
            context_tags,
            orchestration: Some(Orchestration {
                key,
                proposed_name: skill.surface.trim().to_owned(),
                halves,
                neighbours: neighbours(library, &voters),
                agreement: vote.agreement,
                proposals: if known_as.is_some() { Vec::new() } else { vote.proposals },
                relationships: related(library, &voters),
                facts: contract::SkillFacts {
                    is_ambiguous,
                    ..known_as.map(|id| maturity::facts_of(view, id)).unwrap_or_default()
                },
                alias_of,
                warnings,
                by: Adjudicator::Vote,
            }),
        }
    }
}

/// A library skill near an unknown one, and how near, 0 to 1.
pub(crate) type Voter = (SkillId, f32);

/// Scalars after which nearness has fallen to a half.
const HALF_WAY: f32 = 25.0;
/// Nothing farther away votes.
const FARTHEST: u32 = 160;

/// The library skills of the same item, the nearest first.
fn company(view: &View<'_>, skill: &Skill) -> Vec<Voter> {
    let Some(own) = skill.spans.first() else { return Vec::new() };
    let item = view.parse.items.iter().find(|item| item.start <= own.start && own.end <= item.end);
    let mut voters: Vec<(SkillId, f32, u32)> = view
        .parse
        .skills
        .iter()
        .filter(|other| other.method == Method::Alias)
        .filter_map(|other| {
            let id = view.library.skill_named(other.canonical_id.as_deref()?)?;
            let nearest = other
                .spans
                .iter()
                .filter(|span| item.is_none_or(|item| item.start <= span.start && span.end <= item.end))
                .map(|span| own.start.saturating_sub(span.end).max(span.start.saturating_sub(own.end)))
                .min()?;
            (nearest <= FARTHEST).then(|| (id, 1.0 / (1.0 + nearest as f32 / HALF_WAY), nearest))
        })
        .collect();
    voters.sort_by(|a, b| a.2.cmp(&b.2).then(a.0.cmp(&b.0)));
    voters.truncate(VOTERS);
    voters.into_iter().map(|(id, weight, _)| (id, weight)).collect()
}

/// Whether the item of a skill has the word in it.
fn speaks_of_languages(view: &View<'_>, skill: &Skill) -> bool {
    let Some(own) = skill.spans.first() else { return false };
    let items = &view.parse.items;
    items
        .iter()
        .find(|item| item.start <= own.start && own.end <= item.end)
        .is_some_and(|item| text::fold(view.words(item.start, item.end)).contains("language"))
}

/// Whether a skill belongs where the voters do: a misspelling keeps the company of what is meant.
fn is_of_the_company(library: &Library, id: SkillId, voters: &[Voter]) -> bool {
    let domain = |id: SkillId| {
        let category = &library.skill(id).category;
        library.categories().iter().find(|known| known.slug == *category).map(|known| known.domain)
    };
    let own = domain(id);
    voters.is_empty() || voters.iter().any(|&(voter, _)| domain(voter) == own)
}

fn neighbours(library: &Library, voters: &[Voter]) -> Vec<Neighbour> {
    voters
        .iter()
        .map(|&(id, weight)| Neighbour { slug: library.skill(id).slug.clone(), similarity: rounded(weight) })
        .collect()
}

fn related(library: &Library, voters: &[Voter]) -> Vec<ProposedRelationship> {
    let products = voters.iter().filter(|(id, _)| !library.skill(*id).skill_type.is_lasting());
    products
        .take(RELATED)
        .map(|&(id, weight)| ProposedRelationship {
            relationship: Relationship::RelatedTo,
            direction: Direction::Bidirectional,
            skill: library.skill(id).slug.clone(),
            // Standing beside one another is a hint, no more.
            confidence: rounded(weight * 0.5),
        })
        .collect()
}

/// A library skill's own profile.
pub(crate) fn profile_of(library: &Library, id: SkillId) -> SkillProfile {
    let skill = library.skill(id);
    SkillProfile {
        category: Some(skill.category.clone()),
        sub_category: Some(skill.sub_category.clone()),
        skill_type: Some(skill.skill_type),
        nature: Some(skill.nature),
        volatility: Some(skill.volatility),
        lifespan: Some(skill.lifespan),
        version_strategy: Some(skill.version_strategy),
    }
}

/// A library skill's own dimensions.
pub(crate) fn dimensions_of(library: &Library, id: SkillId) -> Vec<SkillDimension> {
    let named = library.skill(id).dimensions.iter().take(vote::MOST_DIMENSIONS).enumerate();
    named
        .map(|(place, &number)| {
            let dimension = &library.dimensions()[number as usize];
            SkillDimension {
                slug: Some(dimension.slug.clone()),
                display_name: dimension.name.clone(),
                is_primary: place == 0,
                reconciliation: Some(contract::Reconciliation::Merge),
                confidence: 1.0,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
