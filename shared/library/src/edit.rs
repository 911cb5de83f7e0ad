//! Changes to what a library's files say: what a reviewer accepts, and how it is taken back.

use contract::{ChangeVerb, Slug};
use serde::{Deserialize, Serialize};

use crate::source::{Written, WrittenDimension, WrittenRole, WrittenSkill};

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// The entry is there, as given; one of the same name is replaced.
    Put(Entry),
    /// The entry is not there.
    Remove(Entry),
}

/// What can be changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entity", rename_all = "snake_case")]
pub enum Entry {
    /// An area of competence, in the file of its cluster.
    Dimension {
        /// Its slug.
        slug: Slug,
        /// What is written of it.
        #[serde(flatten)]
        written: WrittenDimension,
    },
    /// A skill with its aliases.
    Skill {
        /// Its slug.
        slug: Slug,
        /// The file it stands in.
        domain: Slug,
        /// Its category there.
        category: Slug,
        /// Its sub-category there.
        sub_category: Slug,
        /// What is written of it.
        #[serde(flatten)]
        written: WrittenSkill,
    },
    /// One more way to write a skill, with the signs that the files use.
    SkillAlias {
        /// The skill.
        skill: Slug,
        /// The alias.
        alias: String,
    },
    /// A role.
    Role {
        /// Its slug.
        slug: Slug,
        /// The file it stands in.
        domain: Slug,
        /// What is written of it.
        #[serde(flatten)]
        written: WrittenRole,
    },
    /// One more title of a role.
    RoleAlias {
        /// The role.
        role: Slug,
        /// The title.
        alias: String,
    },
    /// One more key result area of a role.
    Kra {
        /// The role.
        role: Slug,
        /// The sentence.
        sentence: String,
    },
}

/// A change that makes no sense in a library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It names something that is not there.
    #[error("there is no {kind} \"{slug}\"")]
    Missing {
        /// What kind of thing.
        kind: &'static str,
        /// Its name.
        slug: String,
    },
    /// It is there already.
    #[error("{0} is there already")]
    There(String),
}

impl Entry {
    /// What kind of entry, as the changelog says it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Dimension { .. } => "dimension",
            Self::Skill { .. } => "skill",
            Self::SkillAlias { .. } => "skill alias",
            Self::Role { .. } => "role",
            Self::RoleAlias { .. } => "role alias",
            Self::Kra { .. } => "kra",
        }
    }

    /// The slug of the skill, role or dimension that is changed.
    #[must_use]
    pub fn slug(&self) -> &str {
        match self {
            Self::Dimension { slug, .. } | Self::Skill { slug, .. } | Self::Role { slug, .. } => slug,
            Self::SkillAlias { skill, .. } => skill,
            Self::RoleAlias { role, .. } | Self::Kra { role, .. } => role,
        }
    }

    /// What a changelog line adds to the slug.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::Dimension { written, .. } => &written.name,
            Self::Skill { written, .. } => &written.name,
            Self::Role { written, .. } => &written.name,
            Self::SkillAlias { alias, .. } | Self::RoleAlias { alias, .. } => alias,
            Self::Kra { sentence, .. } => sentence,
        }
    }
}

impl Edit {
    /// The entry that is put or removed.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        match self {
            Self::Put(entry) | Self::Remove(entry) => entry,
        }
    }

    /// What the changelog says of it, as far as the edit alone tells.
    #[must_use]
    pub const fn verb(&self) -> ChangeVerb {
        match self {
            Self::Put(_) => ChangeVerb::Added,
            Self::Remove(_) => ChangeVerb::Retired,
        }
    }
}

/// Applies an edit to files; the answer is the edit that takes it back.
pub(crate) fn apply(files: &mut [Written], edit: &Edit) -> Result<Edit, EditError> {
    let is_put = matches!(edit, Edit::Put(_));
    let inverse = |before: Option<Entry>, entry: &Entry| match before {
        Some(before) => Edit::Put(before),
        None => Edit::Remove(entry.clone()),
    };
    match edit.entry() {
        entry @ Entry::Dimension { slug, written } => {
            let file = file_where(files, "cluster", &written.cluster, |file| {
                file.clusters.contains_key(&written.cluster)
            })?;
            let before = if is_put {
                file.dimensions.insert(slug.clone(), written.clone())
            } else {
                file.dimensions.remove(slug)
            };
            let before = before.map(|written| Entry::Dimension { slug: slug.clone(), written });
            if is_put {
                Ok(inverse(before, entry))
            } else {
                before.map(Edit::Put).ok_or_else(|| missing("dimension", slug))
            }
        }
        entry @ Entry::Skill { slug, domain, category, sub_category, written } => {
            let before = take_skill(files, slug);
            if !is_put {
                return before.map(Edit::Put).ok_or_else(|| missing("skill", slug));
            }
            let file = file_of(files, domain)?;
            if !file.categories.get(category).is_some_and(|known| known.sub.contains_key(sub_category)) {
                return Err(missing("sub-category", &format!("{category}.{sub_category}")));
            }
            let subs = file.skills.entry(category.clone()).or_default();
            subs.entry(sub_category.clone()).or_default().insert(slug.clone(), written.clone());
            Ok(inverse(before, entry))
        }
        entry @ Entry::Role { slug, domain, written } => {
            let before = files.iter_mut().find_map(|file| {
                let written = file.roles.remove(slug)?;
                Some(Entry::Role { slug: slug.clone(), domain: file.slug()?.to_owned(), written })
            });
            if !is_put {
                return before.map(Edit::Put).ok_or_else(|| missing("role", slug));
            }
            file_of(files, domain)?.roles.insert(slug.clone(), written.clone());
            Ok(inverse(before, entry))
        }
        entry @ Entry::SkillAlias { skill, alias } => {
            let written =
                skills(files).find(|(slug, _)| *slug == skill).ok_or_else(|| missing("skill", skill))?.1;
            in_list(&mut written.aliases, alias, entry, is_put)
        }
        entry @ Entry::RoleAlias { role, alias } => {
            in_list(&mut role_mut(files, role)?.aliases, alias, entry, is_put)
        }
        entry @ Entry::Kra { role, sentence } => {
            in_list(&mut role_mut(files, role)?.kras, sentence, entry, is_put)
        }
    }
}

fn missing(kind: &'static str, slug: &str) -> EditError {
    EditError::Missing { kind, slug: slug.to_owned() }
}

/// Puts words into a list or takes them out of it.
fn in_list(list: &mut Vec<String>, words: &str, entry: &Entry, is_put: bool) -> Result<Edit, EditError> {
    let place = list.iter().position(|known| known == words);
    match (is_put, place) {
        (true, None) => {
            list.push(words.to_owned());
            Ok(Edit::Remove(entry.clone()))
        }
        (true, Some(_)) => {
            Err(EditError::There(format!("{} \"{words}\" of \"{}\"", entry.kind(), entry.slug())))
        }
        (false, Some(place)) => {
            list.remove(place);
            Ok(Edit::Put(entry.clone()))
        }
        (false, None) => Err(missing(entry.kind(), words)),
    }
}

fn file_where<'a>(
    files: &'a mut [Written],
    kind: &'static str,
    slug: &str,
    is_it: impl Fn(&Written) -> bool,
) -> Result<&'a mut Written, EditError> {
    files.iter_mut().find(|file| is_it(file)).ok_or_else(|| missing(kind, slug))
}

fn file_of<'a>(files: &'a mut [Written], domain: &str) -> Result<&'a mut Written, EditError> {
    file_where(files, "domain", domain, |file| file.slug() == Some(domain))
}

fn role_mut<'a>(files: &'a mut [Written], role: &str) -> Result<&'a mut WrittenRole, EditError> {
    files.iter_mut().find_map(|file| file.roles.get_mut(role)).ok_or_else(|| missing("role", role))
}

fn skills(files: &mut [Written]) -> impl Iterator<Item = (&Slug, &mut WrittenSkill)> {
    files
        .iter_mut()
        .flat_map(|file| file.skills.values_mut())
        .flat_map(|subs| subs.values_mut())
        .flat_map(|skills| skills.iter_mut())
}

fn take_skill(files: &mut [Written], slug: &str) -> Option<Entry> {
    files.iter_mut().find_map(|file| {
        let domain = file.slug()?.to_owned();
        file.skills.iter_mut().find_map(|(category, subs)| {
            subs.iter_mut().find_map(|(sub_category, skills)| {
                Some(Entry::Skill {
                    written: skills.remove(slug)?,
                    slug: slug.to_owned(),
                    domain: domain.clone(),
                    category: category.clone(),
                    sub_category: sub_category.clone(),
                })
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    fn files() -> Vec<Written> {
        shipped().iter().map(|file| file.parse().unwrap()).collect()
    }

    fn skill(name: &str) -> Edit {
        let written = serde_json::json!({ "put": { "entity": "skill", "slug": "zentarrow", "domain": "software",
            "category": "languages", "sub_category": "general-purpose", "name": name, "type": "Tool",
            "dims": ["backend-development"], "aliases": ["ZTA"] } });
        serde_json::from_value(written).unwrap()
    }

    fn some_sub_category(files: &[Written]) -> (Slug, Slug, Slug) {
        files
            .iter()
            .find_map(|file| {
                let (category, known) = file.categories.iter().next()?;
                Some((file.slug()?.to_owned(), category.clone(), known.sub.keys().next()?.clone()))
            })
            .unwrap()
    }

    /// The edit with a place that the shipped library has.
    fn placed(edit: Edit, files: &[Written]) -> Edit {
        let Edit::Put(Entry::Skill { slug, written, .. }) = edit else { panic!("a skill is put") };
        let (domain, category, sub_category) = some_sub_category(files);
        Edit::Put(Entry::Skill { slug, domain, category, sub_category, written })
    }

    #[test]
    fn taking_back_restores_what_was_there() {
        let mut files = files();
        let before = format!("{files:?}");
        let role = files.iter().find_map(|file| file.roles.keys().next().cloned()).unwrap();
        let edits = [
            placed(skill("Zentarrow"), &files),
            placed(skill("Zentarrow Suite"), &files),
            Edit::Put(Entry::SkillAlias { skill: "zentarrow".into(), alias: "=ZTW".into() }),
            Edit::Put(Entry::RoleAlias { role: role.clone(), alias: "Oven Keeper".into() }),
            Edit::Put(Entry::Kra { role, sentence: "Keep the ovens warm through the night".into() }),
        ];
        let mut inverses: Vec<Edit> = edits.iter().map(|edit| apply(&mut files, edit).unwrap()).collect();
        assert!(format!("{files:?}").contains("Zentarrow Suite"));
        inverses.reverse();
        for inverse in &inverses {
            apply(&mut files, inverse).unwrap();
        }
        // An emptied sub-category may stay as an empty table: it says nothing.
        let after = format!("{files:?}").replace(": {}", "");
        assert!(!after.contains("entarrow"));
        assert_eq!(after.contains("Oven Keeper"), before.contains("Oven Keeper"));
    }

    #[test]
    fn a_change_of_something_that_is_not_there_names_it() {
        let mut files = files();
        let edit = Edit::Put(Entry::SkillAlias { skill: "no-such".into(), alias: "x".into() });
        assert_eq!(apply(&mut files, &edit).unwrap_err().to_string(), "there is no skill \"no-such\"");
    }
}
