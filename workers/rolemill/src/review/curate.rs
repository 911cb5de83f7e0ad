//! From an item and what its reviewer adds to the edits that accepting it makes.

use anyhow::{Context as _, bail};
use contract::{DifficultyHint, ReviewKind, SkillType};
use library::{Edit, Entry, Library, WrittenDimension, WrittenRole, WrittenSkill};
use serde_json::Value;
use store::ReviewDetail;

use super::args::AcceptArguments;

/// The edits.
pub(super) fn edits(
    library: &Library,
    item: &ReviewDetail,
    given: &AcceptArguments,
) -> anyhow::Result<Vec<Edit>> {
    match item.line.kind {
        ReviewKind::Skill if given.as_alias_of.is_none() => {
            skill(library, item, given).map(|edit| vec![edit])
        }
        ReviewKind::Role if given.as_alias_of.is_none() => role(library, item, given).map(|edit| vec![edit]),
        ReviewKind::Skill | ReviewKind::Alias | ReviewKind::Role => {
            alias(library, item, given).map(|edit| vec![edit])
        }
        ReviewKind::Kra => kra(library, item, given).map(|edit| vec![edit]),
        ReviewKind::Dimension => dimension(item, given).map(|edit| vec![edit]),
        ReviewKind::Collision => collision(library, item, given),
    }
}

/// A member of the suggestion that is text.
fn suggested(item: &ReviewDetail, name: &str) -> Option<String> {
    item.suggestion.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Collects what is missing, so that all of it is named at once.
struct Wanted(Vec<&'static str>);

impl Wanted {
    fn need<T: Default>(&mut self, flag: &'static str, value: Option<T>) -> T {
        value.unwrap_or_else(|| {
            self.0.push(flag);
            T::default()
        })
    }

    fn all_there(self) -> anyhow::Result<()> {
        if self.0.is_empty() { Ok(()) } else { bail!("the proposal leaves open: {}", self.0.join(", ")) }
    }
}

fn slug_of(name: &str) -> String {
    let spelt = name.to_lowercase().replace("c++", "cpp").replace('#', "-sharp").replace('+', "-plus");
    let words: Vec<&str> =
        spelt.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

fn skill(library: &Library, item: &ReviewDetail, given: &AcceptArguments) -> anyhow::Result<Edit> {
    let mut wanted = Wanted(Vec::new());
    let name = wanted.need("--name", given.name.clone().or_else(|| suggested(item, "name")));
    let skill_type = given.skill_type.or_else(|| suggested(item, "type")?.parse::<SkillType>().ok());
    if skill_type.is_none() {
        wanted.0.push("--type");
    }
    let mut dims = given.dimensions.clone();
    if dims.is_empty() {
        dims = item
            .suggestion
            .get("dims")
            .and_then(Value::as_array)
            .map(|dims| dims.iter().filter_map(|slug| slug.as_str().map(str::to_owned)).collect())
            .unwrap_or_default();
    }
    if dims.is_empty() {
        wanted.0.push("--dimension");
    }
    // A skill stands beside those of its first dimension where nobody says otherwise.
    let beside = dims.first().and_then(|slug| {
        let number = library.dimensions().iter().position(|dimension| dimension.slug == *slug)? as u32;
        library
            .skills()
            .iter()
            .find(|skill| skill.dimensions.first() == Some(&number) && Some(skill.skill_type) == skill_type)
    });
    let domain_of = |skill: &library::Skill| library.domains()[skill.domain as usize].slug.clone();
    let (category, sub_category) = (suggested(item, "category"), suggested(item, "sub_category"));
    let is_placed =
        given.category.is_some() || given.domain.is_some() || category.is_some() && sub_category.is_some();
    let beside = beside.filter(|_| !is_placed);
    let domain = given.domain.clone().or_else(|| beside.map(domain_of)).or_else(|| suggested(item, "domain"));
    let category = given.category.clone().or_else(|| beside.map(|skill| skill.category.clone())).or(category);
    let sub_category = given
        .sub_category
        .clone()
        .or_else(|| beside.map(|skill| skill.sub_category.clone()))
        .or(sub_category);
    let domain = wanted.need("--domain", domain);
    let category = wanted.need("--category", category);
    let sub_category = wanted.need("--sub-category", sub_category);
    wanted.all_there()?;
    let slug = slug_of(&name);
    if library.skill_named(&slug).is_some() {
        bail!(
            "the library has a skill \"{slug}\" already: accept it with --as-alias-of {slug}, or give it another --name"
        );
    }
    let written = WrittenSkill {
        name,
        skill_type: skill_type.context("the proposal leaves open: --type")?,
        nature: None,
        volatility: None,
        lifespan: None,
        versions: None,
        dims,
        aliases: given.aliases.clone(),
        with: Vec::new(),
        without: Vec::new(),
    };
    Ok(Edit::Put(Entry::Skill { slug, domain, category, sub_category, written }))
}

fn alias(library: &Library, item: &ReviewDetail, given: &AcceptArguments) -> anyhow::Result<Edit> {
    let alias = given
        .name
        .clone()
        .or_else(|| suggested(item, "alias"))
        .or_else(|| suggested(item, "name"))
        .unwrap_or_else(|| item.line.title.clone());
    let of = given
        .as_alias_of
        .clone()
        .or_else(|| suggested(item, "slug"))
        .context("name the entry: --as-alias-of SLUG")?;
    if library.skill_named(&of).is_some()
        && item.line.kind != ReviewKind::Role
        && suggested(item, "of").as_deref() != Some("role")
    {
        return Ok(Edit::Put(Entry::SkillAlias { skill: of, alias }));
    }
    if library.role_named(&of).is_some() {
        return Ok(Edit::Put(Entry::RoleAlias { role: of, alias }));
    }
    bail!("the library has neither a skill nor a role \"{of}\"")
}

fn kra(library: &Library, item: &ReviewDetail, given: &AcceptArguments) -> anyhow::Result<Edit> {
    let role =
        given.role.clone().or_else(|| suggested(item, "role")).context("name the role: --role SLUG")?;
    let sentence = given
        .text
        .clone()
        .or_else(|| suggested(item, "sentence"))
        .context("give the sentence: --text WORDS")?;
    if library.role_named(&role).is_none() {
        bail!("the library has no role \"{role}\"");
    }
    Ok(Edit::Put(Entry::Kra { role, sentence }))
}

fn role(library: &Library, item: &ReviewDetail, given: &AcceptArguments) -> anyhow::Result<Edit> {
    let mut wanted = Wanted(Vec::new());
    let name = wanted.need("--name", given.name.clone().or_else(|| suggested(item, "name")));
    let like =
        wanted.need("--like (a role to take dimensions, core skills and codes from)", given.like.clone());
    let text = wanted.need("--text (what the role is)", given.text.clone());
    let planned = || item.suggestion.get("kras").and_then(Value::as_array).into_iter().flatten();
    let kras = match given.kras.as_slice() {
        [] => planned().filter_map(Value::as_str).map(str::to_owned).collect(),
        kras => kras.to_vec(),
    };
    if kras.is_empty() {
        wanted.0.push("--kra (six at least)");
    }
    wanted.all_there()?;
    let model = library
        .role(library.role_named(&like).with_context(|| format!("the library has no role \"{like}\""))?);
    let slug = slug_of(&name);
    if library.role_named(&slug).is_some() {
        bail!("the library has a role \"{slug}\" already: accept it with --as-alias-of {slug}");
    }
    let domain = given.domain.clone().or_else(|| suggested(item, "domain"));
    let domain = domain.unwrap_or_else(|| library.domains()[model.domain as usize].slug.clone());
    let archetype = suggested(item, "archetype").and_then(|word| word.parse().ok());
    let written = WrittenRole {
        name,
        archetype: archetype.unwrap_or(model.archetype),
        parent: None,
        branchable: false,
        soc: model.soc.clone(),
        isco: model.isco.clone(),
        text,
        aliases: given.aliases.clone(),
        dims: model
            .dimensions
            .iter()
            .map(|&(number, weight)| (library.dimensions()[number as usize].slug.clone(), weight))
            .collect(),
        core: model.core.iter().map(|&skill| library.skill(skill).slug.clone()).collect(),
        kras,
    };
    Ok(Edit::Put(Entry::Role { slug, domain, written }))
}

fn dimension(item: &ReviewDetail, given: &AcceptArguments) -> anyhow::Result<Edit> {
    let mut wanted = Wanted(Vec::new());
    let name = wanted.need("--name", given.name.clone().or_else(|| suggested(item, "name")));
    let cluster = wanted.need("--cluster", given.cluster.clone());
    let rationale = wanted.need("--rationale", given.rationale.clone());
    wanted.all_there()?;
    let difficulty = given.difficulty.unwrap_or(DifficultyHint::WellKnown);
    let slug = slug_of(&name);
    Ok(Edit::Put(Entry::Dimension {
        slug,
        written: WrittenDimension { name, cluster, difficulty, rationale },
    }))
}

/// The title stays with one role and is taken from the others.
fn collision(library: &Library, item: &ReviewDetail, given: &AcceptArguments) -> anyhow::Result<Vec<Edit>> {
    let keep = given.keep.as_deref().context("name the role that keeps the title: --keep SLUG")?;
    let alias = suggested(item, "alias").unwrap_or_else(|| item.line.title.clone());
    let roles: Vec<&str> = item
        .suggestion
        .get("roles")
        .and_then(Value::as_array)
        .map(|roles| roles.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if !roles.contains(&keep) {
        bail!("\"{keep}\" does not claim \"{alias}\": {} do", roles.join(", "));
    }
    let mut edits = Vec::new();
    for role in roles.into_iter().filter(|role| *role != keep) {
        let Some(id) = library.role_named(role) else { continue };
        let own = library.role(id).aliases.iter().filter(|known| text::fold(known) == text::fold(&alias));
        edits.extend(
            own.map(|known| Edit::Remove(Entry::RoleAlias { role: role.to_owned(), alias: known.clone() })),
        );
    }
    if edits.is_empty() {
        bail!("no other role has \"{alias}\" as an alias: it is a role's own name");
    }
    Ok(edits)
}
