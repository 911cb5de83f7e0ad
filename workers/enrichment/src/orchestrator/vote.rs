//! The vote of the skills that stand near an unknown one.

use contract::{DimensionProposal, Reconciliation, SkillDimension, SkillProfile, SkillType, rounded};
use library::{Library, Skill};
use std::collections::BTreeMap;

use super::Voter;

/// What less of the vote agrees on stays open.
pub(crate) const AGREED: f32 = 0.60;
/// Why a practice has no dimension.
pub(crate) const BY_A_SECOND_POSTING: &str =
    "a practice beside technologies is linked to their dimensions by a second posting only";
/// Two dimensions that each have this much of the vote split a skill between them.
const SHARED: f32 = 0.35;
/// One voter is an accident.
const FEWEST_VOTERS: usize = 2;
/// Two voters that disagree split nothing.
const FEWEST_TO_SPLIT: usize = 3;
/// A primary dimension and two more.
pub(super) const MOST_DIMENSIONS: usize = 3;

/// What the voters agree on.
#[derive(Default)]
pub(super) struct Vote {
    pub(super) profile: SkillProfile,
    pub(super) agreement: f32,
    pub(super) proposals: Vec<DimensionProposal>,
    pub(super) dimensions: Vec<SkillDimension>,
    pub(super) warnings: Vec<String>,
}

impl Vote {
    /// Counts the votes; `said` is the type that the name itself says. Tools stand among languages as often as languages do
    /// ("Python, Matlab, Imaris"), so that a language is one only where the posting `speaks_of_languages`.
    pub(super) fn of(
        library: &Library,
        voters: &[Voter],
        said: Option<SkillType>,
        speaks_of_languages: bool,
    ) -> Self {
        let products: Vec<(&Skill, f32)> = voters
            .iter()
            .map(|&(id, weight)| (library.skill(id), weight))
            // What stands among products is one; an idea beside it says nothing of it.
            .filter(|(skill, _)| !skill.skill_type.is_lasting())
            .collect();
        if products.len() < FEWEST_VOTERS {
            let profile = said.map(profile_of_type).unwrap_or_default();
            return Self { profile, agreement: if said.is_some() { 1.0 } else { 0.0 }, ..Self::default() };
        }
        let (elected, share) = winner(products.iter().map(|&(skill, weight)| (skill.skill_type, weight)));
        let elected = elected.filter(|&elected| elected != SkillType::Language || speaks_of_languages);
        let skill_type = said.or(elected.filter(|_| share >= AGREED));
        let mut vote =
            Self { agreement: rounded(if said.is_some() { 1.0 } else { share }), ..Self::default() };
        if let Some(skill_type) = skill_type {
            vote.profile = profile_of_type(skill_type);
            // Skills of the same type say how it is classified.
            let peers = || products.iter().filter(move |(skill, _)| skill.skill_type == skill_type);
            let agreed = |(value, share): (Option<_>, f32)| value.filter(|_| share >= AGREED);
            vote.profile.volatility =
                agreed(winner(peers().map(|&(skill, weight)| (skill.volatility, weight))))
                    .or(vote.profile.volatility);
            let category =
                winner(peers().map(|&(skill, weight)| ((&skill.category, &skill.sub_category), weight)));
            if let (Some((category, sub)), share) = category
                && share >= AGREED
            {
                vote.profile.category = Some(category.clone());
                vote.profile.sub_category = Some(sub.clone());
            }
        }
        if skill_type.is_some_and(SkillType::is_lasting) {
            vote.warnings.push(BY_A_SECOND_POSTING.to_owned());
            return vote;
        }
        vote.place(library, &products);
        vote
    }

    /// Proposes dimensions, reconciles them with the library's, and locks what is left.
    fn place(&mut self, library: &Library, products: &[(&Skill, f32)]) {
        let first = |skill: &Skill| skill.dimensions.first().copied();
        let shares = shares(products.iter().filter_map(|&(skill, weight)| Some((first(skill)?, weight))));
        let cluster = |dimension: u32| library.dimensions()[dimension as usize].cluster;
        let name = |dimension: u32| library.dimensions()[dimension as usize].name.clone();
        let slug = |dimension: u32| library.dimensions()[dimension as usize].slug.clone();
        match shares.as_slice() {
            [(dimension, share), ..] if *share >= AGREED => {
                self.lock(slug(*dimension), name(*dimension), *share, Reconciliation::Merge);
                self.propose(name(*dimension), Reconciliation::Merge, vec![slug(*dimension)], *share);
            }
            [(one, a), (other, b), ..]
                if products.len() >= FEWEST_TO_SPLIT && *b >= SHARED && cluster(*one) != cluster(*other) =>
            {
                self.lock(slug(*one), name(*one), *a, Reconciliation::Split);
                self.lock(slug(*other), name(*other), *b, Reconciliation::Split);
                let both = format!("{} / {}", name(*one), name(*other));
                self.propose(both, Reconciliation::Split, vec![slug(*one), slug(*other)], a + b);
            }
            [_, ..] => {
                let clusters = self::shares(
                    products.iter().filter_map(|&(skill, weight)| Some((cluster(first(skill)?), weight))),
                );
                match (clusters.first(), &self.profile.category) {
                    (Some(&(agreed, share)), Some(category)) if share >= AGREED => {
                        let known = library.categories().iter().find(|known| known.slug == *category);
                        let name = known.map_or_else(
                            || library.clusters()[agreed as usize].name.clone(),
                            |known| known.name.clone(),
                        );
                        if library.dimensions().iter().all(|dimension| dimension.name != name) {
                            self.propose(name, Reconciliation::Keep, Vec::new(), share);
                        }
                    }
                    (_, _) => self.warnings.push("its neighbours belong to many dimensions".to_owned()),
                }
            }
            [] => {}
        }
        self.dimensions.truncate(MOST_DIMENSIONS);
    }

    fn propose(
        &mut self,
        display_name: String,
        reconciliation: Reconciliation,
        into: Vec<String>,
        share: f32,
    ) {
        self.proposals.push(DimensionProposal {
            display_name,
            reconciliation,
            into,
            confidence: rounded(share.min(1.0)),
        });
    }

    fn lock(&mut self, slug: String, display_name: String, share: f32, reconciliation: Reconciliation) {
        self.dimensions.push(SkillDimension {
            slug: Some(slug),
            display_name,
            is_primary: self.dimensions.is_empty(),
            reconciliation: Some(reconciliation),
            confidence: rounded(share),
        });
    }
}

/// What follows from a type alone.
pub(crate) fn profile_of_type(skill_type: SkillType) -> SkillProfile {
    SkillProfile {
        skill_type: Some(skill_type),
        nature: skill_type.natures().first().copied(),
        ..SkillProfile::default()
    }
}

/// The value with the largest share of the votes, and that share.
fn winner<T: Ord + Copy>(votes: impl Iterator<Item = (T, f32)>) -> (Option<T>, f32) {
    shares(votes).first().map_or((None, 0.0), |&(value, share)| (Some(value), share))
}

/// Values with their shares of the votes, the largest first.
fn shares<T: Ord + Copy>(votes: impl Iterator<Item = (T, f32)>) -> Vec<(T, f32)> {
    let mut sums: BTreeMap<T, f32> = BTreeMap::new();
    for (value, weight) in votes {
        *sums.entry(value).or_default() += weight;
    }
    let total: f32 = sums.values().sum();
    let mut shares: Vec<(T, f32)> = sums.into_iter().map(|(value, weight)| (value, weight / total)).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    shares
}
