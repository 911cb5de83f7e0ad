//! `rolemill library versions|diff|rollback|export`: the library in the database.

use contract::Slug;
use library::{Library, SkillId};
use serde_json::json;
use store::Store;
use time::macros::format_description;

use crate::args::{ExportFormat, HistoryFormat};
use crate::database::actor;

/// The versions, the newest first.
pub(crate) async fn versions(store: &Store, format: HistoryFormat) -> anyhow::Result<String> {
    let versions = store.versions().await?;
    if format == HistoryFormat::Json {
        return Ok(serde_json::to_string_pretty(&versions)? + "\n");
    }
    let mut text = String::new();
    for version in versions {
        let when = version.created_at.format(format_description!("[year]-[month]-[day] [hour]:[minute]"))?;
        let line = format!(
            "{:<20} {:<8} {when}  {:<12} {}",
            version.name, version.kind, version.actor, version.note
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    Ok(text)
}

/// How `to` differs from `from`.
pub(crate) async fn difference(
    store: &Store,
    from: &str,
    to: Option<&str>,
    format: HistoryFormat,
) -> anyhow::Result<String> {
    let (from, to) = (store.library(Some(from)).await?.build()?, store.library(to).await?.build()?);
    let differences = store::difference(&from, &to);
    if format == HistoryFormat::Json {
        return Ok(serde_json::to_string_pretty(&differences)? + "\n");
    }
    let mut text: String = differences
        .iter()
        .map(|difference| {
            let detail = if difference.slug.ends_with(&difference.detail) { "" } else { &difference.detail };
            format!("{:<9}{:<13}{}  {detail}", difference.verb, difference.entity, difference.slug)
                .trim_end()
                .to_owned()
                + "\n"
        })
        .collect();
    if text.is_empty() {
        text = format!("{} and {} say the same\n", from.version(), to.version());
    }
    Ok(text)
}

/// Makes an older version's content the newest.
pub(crate) async fn rollback(store: &Store, to: &str) -> anyhow::Result<String> {
    let adopted = store.rollback(to, &actor()).await?;
    Ok(format!("{} is the newest version now and says what {to} says\n", adopted.name))
}

/// The entries of a version.
pub(crate) async fn export(
    store: &Store,
    version: Option<&str>,
    format: ExportFormat,
) -> anyhow::Result<String> {
    let library = store.library(version).await?.build()?;
    match format {
        ExportFormat::Jsonl => Ok(entries(&library)),
        ExportFormat::Csv => skills_as_csv(&library),
    }
}

fn entries(library: &Library) -> String {
    let mut text = String::new();
    let mut put = |entry: serde_json::Value| {
        text.push_str(&entry.to_string());
        text.push('\n');
    };
    let domain = |number: u32| library.domains()[number as usize].slug.as_str();
    put(json!({ "entity": "version", "name": library.version() }));
    for entry in library.domains() {
        put(json!({ "entity": "domain", "slug": entry.slug, "name": entry.name, "family": entry.family }));
    }
    for entry in library.categories() {
        put(
            json!({ "entity": "category", "slug": entry.slug, "name": entry.name, "domain": domain(entry.domain), "sub": entry.subs }),
        );
    }
    for entry in library.clusters() {
        put(
            json!({ "entity": "cluster", "slug": entry.slug, "name": entry.name, "domain": domain(entry.domain) }),
        );
    }
    for entry in library.dimensions() {
        put(
            json!({ "entity": "dimension", "slug": entry.slug, "name": entry.name, "difficulty": entry.difficulty,
            "rationale": entry.rationale, "cluster": library.clusters()[entry.cluster as usize].slug }),
        );
    }
    for (number, entry) in (0u32..).zip(library.skills()) {
        let aliases: Vec<_> = library
            .aliases()
            .of(SkillId(number))
            .map(|alias| {
                json!({ "text": alias.text, "type": alias.alias_type, "match": alias.strategy,
                    "needs_context": alias.needs_context })
            })
            .collect();
        put(
            json!({ "entity": "skill", "slug": entry.slug, "name": entry.name, "domain": domain(entry.domain),
            "category": entry.category, "sub_category": entry.sub_category, "type": entry.skill_type,
            "nature": entry.nature, "volatility": entry.volatility, "lifespan": entry.lifespan,
            "versions": entry.version_strategy, "dims": dimensions(library, &entry.dimensions), "with": entry.with,
            "without": entry.without, "aliases": aliases }),
        );
    }
    for entry in library.roles() {
        let weights: serde_json::Map<String, serde_json::Value> = entry
            .dimensions
            .iter()
            .map(|&(number, weight)| (library.dimensions()[number as usize].slug.clone(), json!(weight)))
            .collect();
        let core: Vec<&Slug> = entry.core.iter().map(|&skill| &library.skill(skill).slug).collect();
        put(
            json!({ "entity": "role", "slug": entry.slug, "name": entry.name, "domain": domain(entry.domain),
            "archetype": entry.archetype, "parent": entry.parent, "branchable": entry.branchable, "soc": entry.soc,
            "isco": entry.isco, "text": entry.text, "aliases": entry.aliases, "dims": weights, "core": core,
            "kras": entry.kras }),
        );
    }
    for entry in library.companies() {
        put(
            json!({ "entity": "company", "name": entry.name, "industry": entry.industry, "naics": entry.naics,
            "aliases": entry.aliases }),
        );
    }
    for sentence in library.background() {
        put(json!({ "entity": "background", "sentence": sentence }));
    }
    text
}

fn dimensions<'a>(library: &'a Library, numbers: &[u32]) -> Vec<&'a Slug> {
    numbers.iter().map(|&number| &library.dimensions()[number as usize].slug).collect()
}

fn skills_as_csv(library: &Library) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "slug",
        "name",
        "domain",
        "category",
        "sub_category",
        "type",
        "nature",
        "volatility",
        "lifespan",
        "versions",
        "dimensions",
        "aliases",
    ])?;
    for (number, skill) in (0u32..).zip(library.skills()) {
        let dimensions: Vec<&str> =
            dimensions(library, &skill.dimensions).into_iter().map(String::as_str).collect();
        let aliases: Vec<&str> =
            library.aliases().of(SkillId(number)).map(|alias| alias.text.as_str()).collect();
        let row = [
            skill.slug.clone(),
            skill.name.clone(),
            library.domains()[skill.domain as usize].slug.clone(),
            skill.category.clone(),
            skill.sub_category.clone(),
            skill.skill_type.to_string(),
            skill.nature.to_string(),
            skill.volatility.to_string(),
            skill.lifespan.to_string(),
            skill.version_strategy.to_string(),
            dimensions.join("; "),
            aliases.join("; "),
        ];
        writer.write_record(row.map(guarded))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// A cell that no spreadsheet takes for a formula.
pub(crate) fn guarded(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
