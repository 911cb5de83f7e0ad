//! What differs between two versions.

use contract::ChangeVerb;
use library::Library;
use std::collections::BTreeMap;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Difference {
    /// What kind of entry.
    pub entity: &'static str,
    /// Which.
    pub slug: String,
    /// What happened to it.
    pub verb: ChangeVerb,
    /// More of it.
    pub detail: String,
}

/// How `b` differs from `a`, in order of kind and name.
#[must_use]
pub fn difference(a: &Library, b: &Library) -> Vec<Difference> {
    let (a, b) = (entries(a), entries(b));
    let mut differences = Vec::new();
    for ((entity, slug), (name, says)) in &b {
        let verb = match a.get(&(*entity, slug.clone())) {
            None => ChangeVerb::Added,
            Some((before, _)) if before != name => ChangeVerb::Renamed,
            Some((_, before)) if before != says => ChangeVerb::Changed,
            Some(_) => continue,
        };
        differences.push(Difference { entity, slug: slug.clone(), verb, detail: name.clone() });
    }
    for ((entity, slug), (name, _)) in &a {
        if !b.contains_key(&(*entity, slug.clone())) {
            let detail = name.clone();
            differences.push(Difference { entity, slug: slug.clone(), verb: ChangeVerb::Retired, detail });
        }
    }
    differences.sort();
    differences
}

/// Every entry with its name and the rest of what is said of it.
fn entries(library: &Library) -> BTreeMap<(&'static str, String), (String, String)> {
    let mut entries = BTreeMap::new();
    for dimension in library.dimensions() {
        let says = format!("{:?} {}", dimension.difficulty, dimension.rationale);
        entries.insert(("dimension", dimension.slug.clone()), (dimension.name.clone(), says));
    }
    for (number, skill) in (0u32..).zip(library.skills()) {
        let dimensions: Vec<&str> = skill
            .dimensions
            .iter()
            .map(|&number| library.dimensions()[number as usize].slug.as_str())
            .collect();
        let says = format!(
            "{} {} {} {} {} {} {} {dimensions:?} {:?} {:?}",
            skill.category,
            skill.sub_category,
            skill.skill_type,
            skill.nature,
            skill.volatility,
            skill.lifespan,
            skill.version_strategy,
            skill.with,
            skill.without,
        );
        entries.insert(("skill", skill.slug.clone()), (skill.name.clone(), says));
        for alias in library.aliases().of(library::SkillId(number)) {
            let key = format!("{}: {}", skill.slug, alias.text);
            let says = format!("{} {} {}", alias.alias_type, alias.strategy, alias.needs_context);
            entries.insert(("skill alias", key), (alias.text.clone(), says));
        }
    }
    for role in library.roles() {
        let says = format!(
            "{:?} {} {} {} {:?} {:?}",
            role.archetype, role.soc, role.isco, role.text, role.dimensions, role.core
        );
        entries.insert(("role", role.slug.clone()), (role.name.clone(), says));
        for alias in &role.aliases {
            entries.insert(("role alias", format!("{}: {alias}", role.slug)), (alias.clone(), String::new()));
        }
        for kra in &role.kras {
            entries.insert(("kra", format!("{}: {kra}", role.slug)), (kra.clone(), String::new()));
        }
    }
    entries
}
