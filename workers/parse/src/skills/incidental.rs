//! Words that name a skill elsewhere and are only said in passing here.
//!
//! A product's name is a skill wherever it stands. Habits, practices and fields are also everyday words: "new business" in a
//! posting for engineers asks nobody to sell. They count where the statement asks or assigns something, and where the
//! posting has more of their kind.

use contract::{Necessity, SkillType};
use library::{Library, SkillId};
use std::collections::{HashMap, HashSet};

use super::Place;
use crate::posting::Posting;

/// A family of domains with at most so many different skills in a posting is not what the posting is about …
const FEW: usize = 2;
/// … and neither is one with less than this share of its skills.
const SMALL_SHARE: f32 = 0.15;
/// A skill that stands more often than this is meant.
const REPEATED: usize = 2;
/// In a statement of at most so many words a single trait is what is asked: "Energetic and reliable".
const SHORT_STATEMENT: usize = 8;

/// Leaves out the places of skills that are only said in passing.
pub(super) fn drop(posting: &Posting<'_>, library: &Library, places: &mut Vec<Place>) {
    let mut by_family: HashMap<&str, HashSet<SkillId>> = HashMap::new();
    let mut times: HashMap<SkillId, usize> = HashMap::new();
    for id in places.iter().filter_map(|place| place.skill) {
        *times.entry(id).or_default() += 1;
        if library.skill(id).skill_type != SkillType::SoftSkill {
            by_family.entry(library.family(id)).or_default().insert(id);
        }
    }
    let total: usize = by_family.values().map(HashSet::len).sum();
    let strongest: HashMap<SkillId, Necessity> =
        places.iter().fold(HashMap::new(), |mut strongest, place| {
            if let Some(id) = place.skill {
                let entry = strongest.entry(id).or_insert(place.necessity);
                *entry = (*entry).min(place.necessity);
            }
            strongest
        });
    places.retain(|place| {
        let Some(id) = place.skill else { return true };
        let skill_type = library.skill(id).skill_type;
        let asked = strongest[&id];
        let is_trait = skill_type == SkillType::SoftSkill;
        if place.necessity == Necessity::Context && (is_trait || skill_type == SkillType::Practice) {
            return false;
        }
        if is_trait {
            return !is_adjective_in_passing(posting, place);
        }
        let everyday = matches!(
            skill_type,
            SkillType::Practice | SkillType::Domain | SkillType::Concept | SkillType::Methodology
        );
        let kin = by_family.get(library.family(id)).map_or(0, HashSet::len);
        let alone = kin <= FEW || (kin as f32) < SMALL_SHARE * total as f32;
        // A field or idea that is asked for is asked for, whatever else the posting wants.
        let binding =
            skill_type != SkillType::Practice && matches!(asked, Necessity::Required | Necessity::Preferred);
        !(everyday && alone && !binding && total > FEW && times[&id] <= REPEATED)
    });
}

/// A single word in a long statement: "creative agency", "in collaboration with".
fn is_adjective_in_passing(posting: &Posting<'_>, place: &Place) -> bool {
    let words = &posting.str()[place.range.clone()];
    let single = !words.contains([' ', '-']);
    let long = posting.words(&posting.parts.units[place.unit]).split_whitespace().count() > SHORT_STATEMENT;
    single && long
}
