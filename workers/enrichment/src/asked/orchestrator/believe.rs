//! What is believed of an answer.

use contract::SkillType;
use library::{Library, SkillId};

use super::offer::{Offer, Open, category_of};
use super::{Answer, Place};
use crate::orchestrator::AGREED;

/// Where a skill belongs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Placing {
    /// It is another name of a library skill; how alike the names are, 0 to 1.
    Alias(SkillId, f32),
    /// Among others of its kind.
    Place {
        /// None where the vote has said it.
        skill_type: Option<SkillType>,
        /// Number of its category.
        category: Option<u32>,
        /// Number of its dimension.
        dimension: Option<u32>,
        /// A practice was to be linked to a technology, which takes a second posting.
        is_held_back: bool,
        /// How sure the model is, 0 to 1.
        confidence: f32,
    },
}

/// Which of the posting's skills belongs where; and how much of the answer nothing supports.
pub(super) fn believe(
    library: &Library,
    offer: &Offer<'_>,
    answer: &Answer,
) -> (Vec<(usize, Placing)>, usize) {
    let mut placings: Vec<(usize, Placing)> = Vec::new();
    let mut dropped = 0;
    let mut seen = Vec::new();
    for place in &answer.skills {
        let skill = (place.number as usize).checked_sub(1).and_then(|number| offer.open.get(number));
        let is_share = (0.0..=1.0).contains(&place.confidence);
        let Some(skill) = skill.filter(|_| is_share && !seen.contains(&place.number)) else {
            dropped += 1;
            continue;
        };
        seen.push(place.number);
        // What a model itself doubts is no placing, and nothing that was made up.
        if place.confidence >= AGREED {
            let placing = of_skill(library, offer, skill, place, &mut dropped);
            placings.extend(placing.map(|placing| (skill.place, placing)));
        }
    }
    (placings, dropped)
}

fn of_skill(
    library: &Library,
    offer: &Offer<'_>,
    skill: &Open,
    place: &Place,
    dropped: &mut usize,
) -> Option<Placing> {
    if let Some(slug) = &place.alias_of {
        match alias(library, offer, skill, slug) {
            Some((id, likeness)) => return Some(Placing::Alias(id, likeness)),
            None => *dropped += 1,
        }
    }
    let mut believed = |named: &Option<String>, found: Option<u32>| {
        *dropped += usize::from(named.is_some() && found.is_none());
        found
    };
    // The vote's word stands; without a type nothing can be said of the rest.
    let skill_type = skill.skill_type.or(place.skill_type);
    let named = place.dimension.as_deref().filter(|_| skill_type.is_some());
    let dimension = named.and_then(|slug| {
        offer.dimensions.iter().copied().find(|&id| library.dimensions()[id as usize].slug == slug)
    });
    let dimension = believed(&place.dimension, dimension).filter(|_| skill.dimensions.is_empty());
    let is_held_back = dimension
        .is_some_and(|id| skill_type.is_some_and(SkillType::is_lasting) && is_technology(library, id));
    let dimension = dimension.filter(|_| !is_held_back);
    let category = place.category.as_deref().zip(skill_type).and_then(|(slug, skill_type)| {
        let offered = offer.categories.iter().copied();
        offered
            .filter(|&id| library.categories()[id as usize].slug == slug)
            .find(|&id| has_type(library, id, skill_type))
            .filter(|&id| {
                dimension.or(skill.dimensions.first().copied()).is_none_or(|at| meet(library, id, at))
            })
    });
    let category = believed(&place.category, category);
    let skill_type = place.skill_type.filter(|_| skill.skill_type.is_none());
    let is_anything = skill_type.is_some() || category.is_some() || dimension.is_some();
    is_anything.then_some(Placing::Place {
        skill_type,
        category,
        dimension,
        is_held_back,
        confidence: place.confidence,
    })
}

/// A library skill that was offered, if the names are alike in their letters or their meaning.
fn alias(library: &Library, offer: &Offer<'_>, skill: &Open, slug: &str) -> Option<(SkillId, f32)> {
    let &(id, likeness) = skill.aliases.iter().find(|&&(id, _)| library.skill(id).slug == slug)?;
    let likeness = likeness.or_else(|| offer.meaning.synonym(&skill.name, &library.skill(id).name))?;
    Some((id, likeness))
}

/// Whether the library has skills of a type in a category.
fn has_type(library: &Library, category: u32, skill_type: SkillType) -> bool {
    let known = &library.categories()[category as usize];
    library.skills().iter().any(|skill| {
        skill.skill_type == skill_type && skill.category == known.slug && skill.domain == known.domain
    })
}

/// Whether a category and a dimension belong to one domain, or the library has a skill in both.
fn meet(library: &Library, category: u32, dimension: u32) -> bool {
    let cluster = library.dimensions()[dimension as usize].cluster;
    let domain = library.clusters()[cluster as usize].domain;
    library.categories()[category as usize].domain == domain
        || (0..library.skills().len() as u32).map(SkillId).any(|id| {
            library.skill(id).dimensions.first() == Some(&dimension)
                && category_of(library, id) == Some(category)
        })
}

/// Whether most of the skills that a dimension is the first of are products.
fn is_technology(library: &Library, dimension: u32) -> bool {
    let (mut products, mut all) = (0usize, 0usize);
    for skill in library.skills().iter().filter(|skill| skill.dimensions.first() == Some(&dimension)) {
        all += 1;
        products += usize::from(!skill.skill_type.is_lasting());
    }
    products * 2 > all
}
