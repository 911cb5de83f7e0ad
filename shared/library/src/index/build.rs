//! Building a library version of its files.

use contract::{AliasType, Lifespan, MatchStrategy, SkillType, Slug, VersionStrategy, Volatility};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use super::{
    Category, Cluster, Company, Dimension, Domain, Exposure, Library, LibraryError, Role, RoleId, Skill,
    SkillId,
};
use crate::alias::{Alias, AliasIndex};
use crate::edit::{self, Edit};
use crate::embed::{Embedder, StaticTable, to_unit};
use crate::kra::KraMatrix;
use crate::profile::Profiles;
use crate::source::{LibraryFile, Written, WrittenDimension, WrittenSkill};
use crate::technology::WrittenTechnologies;

impl Library {
    /// Builds the index of the files of one version, with the built-in embedder.
    ///
    /// # Errors
    /// When a file cannot be read, or an entry is written twice or names one that does not exist.
    pub fn build(files: &[LibraryFile<'_>]) -> Result<Self, LibraryError> {
        Self::build_with(files, &[], Self::version_of(files))
    }

    /// The name of the version that the files alone are: it has the hash of their content in it.
    #[must_use]
    pub fn version_of(files: &[LibraryFile<'_>]) -> String {
        let mut hash = Sha256::new();
        for file in files {
            hash.update((file.name.len() as u64).to_le_bytes());
            hash.update(file.name);
            hash.update((file.content.len() as u64).to_le_bytes());
            hash.update(file.content);
        }
        let digest = hash.finalize();
        format!("starter-{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
    }

    /// Builds the index of files with later edits, under the version's name.
    ///
    /// # Errors
    /// As [`Library::build`], and when an edit makes no sense.
    pub fn build_with(
        files: &[LibraryFile<'_>],
        edits: &[Edit],
        version: String,
    ) -> Result<Self, LibraryError> {
        // The embedding table and the files have nothing to do with one another: they are read side by side.
        let (written, embedder) = std::thread::scope(|scope| {
            let table = scope.spawn(StaticTable::shared);
            let half = files.len() / 2;
            let later = scope
                .spawn(move || files[half..].iter().map(LibraryFile::parse).collect::<Result<Vec<_>, _>>());
            let first: Result<Vec<_>, _> = files[..half].iter().map(LibraryFile::parse).collect();
            let later = later.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let table = table.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (
                first.and_then(|mut first| {
                    later.map(|later| {
                        first.extend(later);
                        first
                    })
                }),
                table,
            )
        });
        let mut written = written?;
        for edit in edits {
            edit::apply(&mut written, edit)?;
        }
        assemble(version, written, embedder)
    }

    /// The edits that take the last `edits.len() - keep` of the edits back, in the order in which they are to be made.
    ///
    /// # Errors
    /// When a file cannot be read or an edit makes no sense.
    pub fn inverses(
        files: &[LibraryFile<'_>],
        edits: &[Edit],
        keep: usize,
    ) -> Result<Vec<Edit>, LibraryError> {
        let mut written = files.iter().map(LibraryFile::parse).collect::<Result<Vec<_>, _>>()?;
        let mut inverses = Vec::new();
        for (place, edit) in edits.iter().enumerate() {
            let inverse = edit::apply(&mut written, edit)?;
            if place >= keep {
                inverses.push(inverse);
            }
        }
        inverses.reverse();
        Ok(inverses)
    }
}

fn assemble(
    version: String,
    files: Vec<Written>,
    embedder: &'static StaticTable,
) -> Result<Library, LibraryError> {
    let mut domains = Vec::new();
    let mut categories = Vec::new();
    let mut clusters = Vec::new();
    let mut dimensions = Vec::new();
    let mut companies = Vec::new();
    let mut background = Vec::new();
    let mut exposure = BTreeMap::new();
    let mut cluster_by_slug: HashMap<Slug, u32> = HashMap::new();
    let mut dimension_by_slug: HashMap<Slug, u32> = HashMap::new();
    let mut facts = WrittenTechnologies::default();
    let mut written_skills = Vec::new();
    let mut written_roles = Vec::new();
    for file in files {
        let domain = domains.len() as u32;
        if let Some(written) = file.domain {
            let family = written.family.unwrap_or_else(|| written.slug.clone());
            domains.push(Domain { slug: written.slug, name: written.name, family });
        }
        for (slug, name) in file.clusters {
            if cluster_by_slug.insert(slug.clone(), clusters.len() as u32).is_some() {
                return Err(LibraryError::Twice { kind: "cluster", slug });
            }
            clusters.push(Cluster { slug, name, domain });
        }
        for (slug, written) in file.dimensions {
            let cluster = *cluster_by_slug.get(&written.cluster).ok_or_else(|| LibraryError::Missing {
                entry: format!("dimension \"{slug}\""),
                kind: "cluster",
                slug: written.cluster.clone(),
            })?;
            if dimension_by_slug.insert(slug.clone(), dimensions.len() as u32).is_some() {
                return Err(LibraryError::Twice { kind: "dimension", slug });
            }
            let WrittenDimension { name, difficulty, rationale, .. } = written;
            dimensions.push(Dimension { slug, name, cluster, difficulty, rationale });
        }
        for (category, subs) in file.skills {
            for (sub, skills) in subs {
                if !file.categories.get(&category).is_some_and(|known| known.sub.contains_key(&sub)) {
                    return Err(LibraryError::Missing {
                        entry: format!("[skills.{category}.{sub}]"),
                        kind: "sub-category",
                        slug: format!("{category}.{sub}"),
                    });
                }
                written_skills.extend(
                    skills
                        .into_iter()
                        .map(|(slug, skill)| (domain, category.clone(), sub.clone(), slug, skill)),
                );
            }
        }
        categories.extend(file.categories.into_iter().map(|(slug, written)| Category {
            slug,
            name: written.name,
            domain,
            subs: written.sub,
        }));
        written_roles.extend(file.roles.into_iter().map(|(slug, role)| (domain, slug, role)));
        companies.extend(file.companies.into_values().map(|written| Company {
            name: written.name,
            industry: written.industry,
            naics: written.naics,
            aliases: written.aliases,
        }));
        background.extend(file.sentences);
        if let Some(written) = file.technologies {
            facts = written;
        }
        if let Some(written) = file.exposure {
            let (source, date): (Arc<str>, Arc<str>) = (written.source.into(), written.date.into());
            exposure.extend(written.occupations.into_iter().map(|(soc, [value, lowest, highest])| {
                (
                    soc,
                    Exposure { value, lowest, highest, source: Arc::clone(&source), date: Arc::clone(&date) },
                )
            }));
        }
    }
    let dimension = |slug: &str, entry: &str| {
        dimension_by_slug.get(slug).copied().ok_or_else(|| LibraryError::Missing {
            entry: entry.to_owned(),
            kind: "dimension",
            slug: slug.to_owned(),
        })
    };

    let mut skills = Vec::with_capacity(written_skills.len());
    let mut aliases = Vec::new();
    let mut skill_by_slug = HashMap::with_capacity(written_skills.len());
    let mut by_dimension: HashMap<u32, Vec<SkillId>> = HashMap::new();
    for (domain, category, sub_category, slug, written) in written_skills {
        let id = SkillId(skills.len() as u32);
        if skill_by_slug.insert(slug.clone(), id).is_some() {
            return Err(LibraryError::Twice { kind: "skill", slug });
        }
        let entry = format!("skill \"{slug}\"");
        let dimensions =
            written.dims.iter().map(|dims| dimension(dims, &entry)).collect::<Result<Vec<_>, _>>()?;
        for &member in &dimensions {
            by_dimension.entry(member).or_default().push(id);
        }
        aliases.extend(aliases_of(&written, id));
        let lasting = written.skill_type.is_lasting();
        let described = lasting
            || matches!(written.skill_type, SkillType::Standard | SkillType::Protocol | SkillType::Format);
        let versioned =
            !described && !matches!(written.skill_type, SkillType::Service | SkillType::Certification);
        skills.push(Skill {
            slug,
            name: written.name,
            domain,
            category,
            sub_category,
            skill_type: written.skill_type,
            nature: written.nature.unwrap_or(written.skill_type.natures()[0]),
            volatility: written.volatility.unwrap_or(if described {
                Volatility::Stable
            } else {
                Volatility::Evolving
            }),
            lifespan: written.lifespan.unwrap_or(if lasting {
                Lifespan::Evergreen
            } else {
                Lifespan::MultiYear
            }),
            version_strategy: written.versions.unwrap_or(if versioned {
                VersionStrategy::MergeToParent
            } else {
                VersionStrategy::NotApplicable
            }),
            dimensions,
            with: written.with,
            without: written.without,
        });
    }

    let mut roles = Vec::with_capacity(written_roles.len());
    let mut role_by_slug = HashMap::with_capacity(written_roles.len());
    for (domain, slug, written) in written_roles {
        let id = RoleId(roles.len() as u32);
        if role_by_slug.insert(slug.clone(), id).is_some() {
            return Err(LibraryError::Twice { kind: "role", slug });
        }
        let entry = format!("role \"{slug}\"");
        let mut dimensions = written
            .dims
            .iter()
            .map(|(dims, &weight)| Ok((dimension(dims, &entry)?, weight)))
            .collect::<Result<Vec<_>, LibraryError>>()?;
        dimensions.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let core = written
            .core
            .iter()
            .map(|skill| {
                skill_by_slug.get(skill).copied().ok_or_else(|| LibraryError::Missing {
                    entry: entry.clone(),
                    kind: "skill",
                    slug: skill.clone(),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        roles.push(Role {
            slug,
            name: written.name,
            domain,
            archetype: written.archetype,
            parent: written.parent,
            branchable: written.branchable,
            soc: written.soc,
            isco: written.isco,
            text: written.text,
            aliases: written.aliases,
            dimensions,
            core,
            kras: written.kras,
        });
    }
    let technologies = facts
        .entries
        .into_iter()
        .map(|(slug, technology)| {
            let missing = || LibraryError::Missing {
                entry: "technologies".to_owned(),
                kind: "skill",
                slug: slug.clone(),
            };
            skill_by_slug.get(&slug).map(|&id| (id, technology)).ok_or_else(missing)
        })
        .collect::<Result<_, _>>()?;
    for role in &roles {
        if let Some(parent) = role.parent.as_ref().filter(|parent| !role_by_slug.contains_key(*parent)) {
            return Err(LibraryError::Missing {
                entry: format!("role \"{}\"", role.slug),
                kind: "role",
                slug: parent.clone(),
            });
        }
    }

    let (aliases, kras, centroids) = std::thread::scope(|scope| {
        let automaton = scope.spawn(|| AliasIndex::build(aliases));
        let kras = KraMatrix::build(embedder, roles.iter().map(|role| role.kras.as_slice()), &background);
        let centroids = centroids(embedder, &roles, &kras);
        (automaton.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), kras, centroids)
    });
    let profiles = Profiles::build(&roles, &skills, &by_dimension);
    Ok(Library {
        version,
        domains,
        categories,
        clusters,
        dimensions,
        skills,
        roles,
        companies,
        skill_by_slug,
        role_by_slug,
        aliases: aliases?,
        profiles,
        kras,
        centroids,
        background,
        exposure,
        technologies,
        technology_sources: facts.sources,
        ordinary: OnceLock::new(),
        technology_year: facts.date.split('-').next().and_then(|year| year.parse().ok()).unwrap_or_default(),
    })
}

/// A skill's aliases; its name is one unless the list restricts it: `?Spring` needs context, `=React` keeps its case. An exact alias
/// in another case, `=UNIX` beside the name Unix, is one more way to write it.
fn aliases_of(written: &WrittenSkill, id: SkillId) -> Vec<Alias> {
    let mut aliases: Vec<Alias> =
        written.aliases.iter().map(|alias| Alias::read(alias, id, &written.name)).collect();
    let name = Alias {
        text: written.name.clone(),
        skill: id,
        alias_type: AliasType::Canonical,
        strategy: if written.name.starts_with(char::is_alphanumeric)
            && written.name.ends_with(char::is_alphanumeric)
        {
            MatchStrategy::CaseInsensitive
        } else {
            MatchStrategy::BoundaryAware
        },
        needs_context: false,
    };
    let restricts = |alias: &Alias| {
        alias.folded() == name.folded()
            && (alias.strategy != MatchStrategy::Exact || alias.needs_context || alias.text == name.text)
    };
    if !aliases.iter().any(restricts) {
        aliases.retain(|alias| alias.folded() != name.folded());
        aliases.insert(0, name);
    }
    aliases
}

/// A role's first centroid: the mean of its key result areas and its text.
fn centroids(embedder: &dyn Embedder, roles: &[Role], kras: &KraMatrix) -> Vec<f32> {
    let dimensions = embedder.dimensions();
    let mut rows = Vec::with_capacity(roles.len() * dimensions);
    let mut vector = vec![0.0; dimensions];
    for (id, role) in (0u32..).zip(roles) {
        let mut sum = vec![0.0; dimensions];
        embedder.embed_into(&role.text, &mut vector);
        sum.iter_mut().zip(&vector).for_each(|(sum, value)| *sum += value);
        for row in kras.rows_of(RoleId(id)) {
            sum.iter_mut().zip(kras.row(row)).for_each(|(sum, value)| *sum += value);
        }
        to_unit(&mut sum);
        rows.extend_from_slice(&sum);
    }
    rows
}
