//! What a curator must not ship: checked by the tests and by `rolemill library lint`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::index::{Library, RoleId};
use crate::source::LibraryFile;

/// One thing that is wrong with a library.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The rule that is broken, for grouping.
    pub rule: &'static str,
    /// What is wrong, naming the entry.
    pub message: String,
}

/// Two key result areas of different roles may be alike; this alike they are one.
const SAME_KRA: f32 = 0.97;
/// A key result area this close to the background on average would fit any role.
const GENERIC_KRA: f32 = 0.34;
/// Fewest key result areas of a role.
const FEWEST_KRAS: usize = 6;

/// Everything that is wrong with the files; nothing when they may ship.
#[must_use]
pub fn lint(files: &[LibraryFile<'_>]) -> Vec<Finding> {
    let unreadable: Vec<Finding> = files
        .iter()
        .filter_map(|file| file.parse().err())
        .map(|error| Finding { rule: "readable", message: error.to_string() })
        .collect();
    if !unreadable.is_empty() {
        return unreadable;
    }
    match Library::build(files) {
        Ok(library) => findings(&library),
        Err(error) => vec![Finding { rule: "consistent", message: error.to_string() }],
    }
}

/// Everything that is wrong with a library that could be built.
#[must_use]
pub fn findings(library: &Library) -> Vec<Finding> {
    let mut findings = Vec::new();
    aliases(library, &mut findings);
    titles(library, &mut findings);
    orphans(library, &mut findings);
    natures(library, &mut findings);
    kras(library, &mut findings);
    rationales(library, &mut findings);
    figures(library, &mut findings);
    findings.sort();
    findings
}

/// An alias with two owners needs context on both sides.
fn aliases(library: &Library, findings: &mut Vec<Finding>) {
    let mut owners: BTreeMap<String, Vec<&crate::Alias>> = BTreeMap::new();
    for alias in library.aliases().aliases() {
        if alias.strategy != contract::MatchStrategy::Regex {
            owners.entry(alias.folded()).or_default().push(alias);
        }
    }
    for (text, aliases) in owners {
        let distinct: BTreeSet<&str> =
            aliases.iter().map(|alias| library.skill(alias.skill).slug.as_str()).collect();
        if distinct.len() > 1 && aliases.iter().any(|alias| !alias.needs_context) {
            let names: Vec<&str> = distinct.into_iter().collect();
            findings.push(Finding {
                rule: "alias-owner",
                message: format!(
                    "the alias \"{text}\" belongs to {} without \"?\" on all of them",
                    names.join(", ")
                ),
            });
        }
    }
}

/// A title belongs to one role.
fn titles(library: &Library, findings: &mut Vec<Finding>) {
    let mut owners: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for role in library.roles() {
        for title in std::iter::once(&role.name).chain(&role.aliases) {
            owners.entry(text::fold(title)).or_default().insert(&role.slug);
        }
    }
    for (title, roles) in owners.into_iter().filter(|(_, roles)| roles.len() > 1) {
        let roles: Vec<&str> = roles.into_iter().collect();
        findings.push(Finding {
            rule: "title-owner",
            message: format!("the title \"{title}\" belongs to {}", roles.join(", ")),
        });
    }
}

/// Every dimension has skills and every role has skills and dimensions.
fn orphans(library: &Library, findings: &mut Vec<Finding>) {
    let used: HashSet<u32> =
        library.skills().iter().flat_map(|skill| skill.dimensions.iter().copied()).collect();
    for (number, dimension) in (0u32..).zip(library.dimensions()) {
        if !used.contains(&number) {
            findings.push(Finding {
                rule: "orphan",
                message: format!("no skill lies in the dimension \"{}\"", dimension.slug),
            });
        }
    }
    for skill in library.skills() {
        let distinct: BTreeSet<u32> = skill.dimensions.iter().copied().collect();
        if distinct.is_empty() || distinct.len() != skill.dimensions.len() || distinct.len() > 3 {
            findings.push(Finding {
                rule: "orphan",
                message: format!("skill \"{}\" needs one to three different dimensions", skill.slug),
            });
        }
    }
    for role in library.roles() {
        if role.dimensions.is_empty() || role.core.is_empty() {
            findings.push(Finding {
                rule: "orphan",
                message: format!("role \"{}\" has no dimension or no core skill", role.slug),
            });
        }
        if role.dimensions.iter().any(|&(_, weight)| !(0.0..=1.0).contains(&weight)) {
            findings.push(Finding {
                rule: "weight",
                message: format!("role \"{}\" has a dimension weight outside 0 to 1", role.slug),
            });
        }
        let distinct: HashSet<_> = role.core.iter().collect();
        if distinct.len() != role.core.len() {
            findings.push(Finding {
                rule: "twice",
                message: format!("role \"{}\" names a core skill twice", role.slug),
            });
        }
    }
}

/// A type allows only some natures.
fn natures(library: &Library, findings: &mut Vec<Finding>) {
    for skill in library.skills() {
        if !skill.skill_type.natures().contains(&skill.nature) {
            findings.push(Finding {
                rule: "nature",
                message: format!(
                    "skill \"{}\" is a {} and cannot be a {}",
                    skill.slug, skill.skill_type, skill.nature
                ),
            });
        }
    }
}

/// Key result areas are enough, their own, and not such as fit any role.
fn kras(library: &Library, findings: &mut Vec<Finding>) {
    let matrix = library.kras();
    for id in library.role_ids() {
        let role = library.role(id);
        if role.kras.len() < FEWEST_KRAS {
            findings.push(Finding {
                rule: "kra-count",
                message: format!(
                    "role \"{}\" has {} key result areas; {FEWEST_KRAS} are the least",
                    role.slug,
                    role.kras.len()
                ),
            });
        }
        let rows = matrix.rows_of(id);
        for (row, kra) in rows.clone().zip(&role.kras) {
            if matrix.background(row) > GENERIC_KRA {
                findings.push(Finding {
                    rule: "kra-generic",
                    message: format!(
                        "role \"{}\": \"{kra}\" would fit any role (background {:.2})",
                        role.slug,
                        matrix.background(row)
                    ),
                });
            }
            let twin = ((id.0 + 1)..library.roles().len() as u32)
                .map(RoleId)
                .flat_map(|other| matrix.rows_of(other).map(move |row| (other, row)))
                .find(|&(_, other)| crate::dot(matrix.row(row), matrix.row(other)) > SAME_KRA);
            if let Some((other, _)) = twin {
                findings.push(Finding {
                    rule: "kra-twin",
                    message: format!(
                        "\"{kra}\" stands in \"{}\" and, nearly the same, in \"{}\"",
                        role.slug,
                        library.role(other).slug
                    ),
                });
            }
        }
    }
}

/// A rationale speaks of the area, not of one skill in it.
fn rationales(library: &Library, findings: &mut Vec<Finding>) {
    let mut by_dimension: HashMap<u32, Vec<&str>> = HashMap::new();
    for skill in library.skills() {
        if !skill.skill_type.is_lasting() && skill.name.len() > 3 {
            for &dimension in &skill.dimensions {
                by_dimension.entry(dimension).or_default().push(&skill.name);
            }
        }
    }
    for (number, dimension) in (0u32..).zip(library.dimensions()) {
        let named = by_dimension.get(&number).into_iter().flatten().find(|name| {
            dimension.rationale.match_indices(**name).any(|(at, _)| {
                let after = dimension.rationale[at + name.len()..].chars().next();
                let before = dimension.rationale[..at].chars().next_back();
                !after.is_some_and(char::is_alphanumeric) && !before.is_some_and(char::is_alphanumeric)
            })
        });
        if let Some(name) = named {
            // An area that is one product's whole world may name it: "Azure services".
            if !dimension.name.contains(*name) {
                findings.push(Finding {
                    rule: "rationale",
                    message: format!(
                        "the rationale of dimension \"{}\" speaks of the skill {name}",
                        dimension.slug
                    ),
                });
            }
        }
    }
}

/// Every role's occupation has published exposure figures.
fn figures(library: &Library, findings: &mut Vec<Finding>) {
    for role in library.roles() {
        if library.exposure(&role.soc).is_none() {
            findings.push(Finding {
                rule: "exposure",
                message: format!("role \"{}\": no exposure figures for SOC {}", role.slug, role.soc),
            });
        }
    }
}
