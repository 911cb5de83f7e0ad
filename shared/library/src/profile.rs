//! Each role's skills with their weights, and how much a skill tells roles apart.

use std::collections::HashMap;

use crate::index::{Role, RoleId, Skill, SkillId};

/// The skill side of every role.
pub struct Profiles {
    /// Per skill: inverse document frequency over roles.
    idf: Vec<f32>,
    /// Per role: skill → weight × idf, with the length of that vector.
    vectors: Vec<(HashMap<SkillId, f32>, f32)>,
    /// Per skill: the roles that have it, with their weight.
    postings: Vec<Vec<(RoleId, f32)>>,
}

/// Below 1, rare skills count a little less than their information: a single odd tool should not name a role.
const IDF_POWER: f32 = 0.8;
/// What the first and the last core skill of a role weigh; the others lie between.
const CORE: (f32, f32) = (1.0, 0.6);
/// What a dimension's skills weigh together, as a fraction of a core skill, at link weight 1.
const DIMENSION: f32 = 0.5;

impl Profiles {
    pub(crate) fn build(roles: &[Role], skills: &[Skill], by_dimension: &HashMap<u32, Vec<SkillId>>) -> Self {
        let mut weights: Vec<HashMap<SkillId, f32>> = Vec::with_capacity(roles.len());
        for role in roles {
            let mut profile: HashMap<SkillId, f32> = HashMap::new();
            for &(dimension, link) in &role.dimensions {
                let members = by_dimension.get(&dimension).map_or(&[][..], Vec::as_slice);
                let share = DIMENSION * link / (members.len() as f32).sqrt().max(1.0);
                for &skill in members {
                    let weight = profile.entry(skill).or_default();
                    *weight = weight.max(share.min(CORE.1));
                }
            }
            let last = role.core.len().saturating_sub(1).max(1) as f32;
            for (rank, &skill) in role.core.iter().enumerate() {
                let weight = CORE.0 + (CORE.1 - CORE.0) * rank as f32 / last;
                profile.insert(skill, weight);
            }
            weights.push(profile);
        }
        let mut frequency = vec![0.0f32; skills.len()];
        for profile in &weights {
            for (skill, weight) in profile {
                frequency[skill.0 as usize] += weight.min(1.0);
            }
        }
        let count = roles.len() as f32;
        let idf: Vec<f32> = frequency
            .iter()
            .map(|&frequency| ((1.0 + count) / (1.0 + frequency)).ln().max(0.1).powf(IDF_POWER))
            .collect();
        let mut postings = vec![Vec::new(); skills.len()];
        let mut vectors = Vec::with_capacity(roles.len());
        for (role, mut profile) in (0u32..).zip(weights) {
            let mut members: Vec<SkillId> = profile.keys().copied().collect();
            members.sort_unstable();
            let mut length = 0.0f32;
            for skill in members {
                let weight = profile[&skill] * idf[skill.0 as usize];
                profile.insert(skill, weight);
                postings[skill.0 as usize].push((RoleId(role), weight));
                length += weight * weight;
            }
            vectors.push((profile, length.sqrt()));
        }
        Self { idf, vectors, postings }
    }

    /// How much a skill tells roles apart.
    #[must_use]
    pub fn idf(&self, skill: SkillId) -> f32 {
        self.idf[skill.0 as usize]
    }

    /// The weight of a skill in a role's profile, idf included; none when it is not in it.
    #[must_use]
    pub fn weight(&self, role: RoleId, skill: SkillId) -> Option<f32> {
        self.vectors[role.0 as usize].0.get(&skill).copied()
    }

    /// The length of a role's vector.
    #[must_use]
    pub fn length(&self, role: RoleId) -> f32 {
        self.vectors[role.0 as usize].1
    }

    /// The roles that have a skill.
    #[must_use]
    pub fn roles_with(&self, skill: SkillId) -> &[(RoleId, f32)] {
        &self.postings[skill.0 as usize]
    }
}
