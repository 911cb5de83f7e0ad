//! Bringing the tables to a version: what is missing is added, what differs is changed, what is gone is retired.

use contract::Slug;
use library::Library;
use migration::Word;
use migration::entity::{
    background_sentence, category, cluster, company, dimension, domain, role, skill, sub_category,
};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Iterable as _,
};
use serde_json::json;
use std::collections::HashMap;
use std::hash::Hash;

use super::links;
use crate::StoreError;

/// The most values of one statement; SQLite takes 32,766.
const VALUES: usize = 30_000;

/// The keys of everything that has a slug.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) skills: HashMap<Slug, i64>,
    pub(super) dimensions: HashMap<Slug, i64>,
    pub(super) roles: HashMap<Slug, i64>,
}

/// Makes the tables say what a version says.
pub(super) async fn bring(
    tx: &DatabaseTransaction,
    library: &Library,
    version_id: i64,
) -> Result<(), StoreError> {
    let domains = domains(tx, library).await?;
    let clusters = clusters(tx, library, &domains).await?;
    let subs = categories(tx, library, &domains).await?;
    let keys = Keys {
        dimensions: dimensions(tx, library, &clusters, version_id).await?,
        skills: skills(tx, library, &domains, &subs, version_id).await?,
        roles: roles(tx, library, &domains, version_id).await?,
    };
    links::bring(tx, library, &keys).await?;
    sentences(tx, library).await?;
    companies(tx, library).await
}

/// Inserts rows in as many statements as they need.
pub(super) async fn insert<A>(tx: &DatabaseTransaction, rows: Vec<A>) -> Result<(), StoreError>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let columns = <A::Entity as EntityTrait>::Column::iter().count();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows.by_ref().take(VALUES / columns).collect();
        A::Entity::insert_many(chunk).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Rows that are wanted beside those that are there: the new ones, the changed ones and what is left over.
pub(super) struct Changes<M, A> {
    pub(super) new: Vec<A>,
    pub(super) changed: Vec<A>,
    pub(super) left_over: Vec<M>,
}

/// Compares by key; `changed` makes the row's update where it differs.
pub(super) fn changes<K: Eq + Hash, M, W, A>(
    there: Vec<M>,
    wanted: impl IntoIterator<Item = (K, W)>,
    key: impl Fn(&M) -> K,
    new: impl Fn(W) -> A,
    changed: impl Fn(&M, &W) -> Option<A>,
) -> Changes<M, A> {
    let mut left: HashMap<K, M> = there.into_iter().map(|row| (key(&row), row)).collect();
    let mut changes = Changes { new: Vec::new(), changed: Vec::new(), left_over: Vec::new() };
    for (key, wanted) in wanted {
        match left.remove(&key) {
            Some(row) => changes.changed.extend(changed(&row, &wanted)),
            None => changes.new.push(new(wanted)),
        }
    }
    changes.left_over = left.into_values().collect();
    changes
}

async fn apply<M, A>(tx: &DatabaseTransaction, changes: Changes<M, A>) -> Result<Vec<M>, StoreError>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    insert(tx, changes.new).await?;
    for row in changes.changed {
        row.update(tx).await?;
    }
    Ok(changes.left_over)
}

async fn domains(tx: &DatabaseTransaction, library: &Library) -> Result<HashMap<Slug, i64>, StoreError> {
    let changes = changes(
        domain::Entity::find().all(tx).await?,
        library.domains().iter().map(|domain| (domain.slug.clone(), domain)),
        |row| row.slug.clone(),
        |wanted| domain::ActiveModel {
            slug: Set(wanted.slug.clone()),
            display_name: Set(wanted.name.clone()),
            family: Set(wanted.family.clone()),
            ..Default::default()
        },
        |row, wanted| {
            (row.display_name != wanted.name || row.family != wanted.family).then(|| domain::ActiveModel {
                id: Unchanged(row.id),
                display_name: Set(wanted.name.clone()),
                family: Set(wanted.family.clone()),
                ..Default::default()
            })
        },
    );
    apply(tx, changes).await?;
    Ok(domain::Entity::find().all(tx).await?.into_iter().map(|row| (row.slug, row.id)).collect())
}

async fn clusters(
    tx: &DatabaseTransaction,
    library: &Library,
    domains: &HashMap<Slug, i64>,
) -> Result<HashMap<Slug, i64>, StoreError> {
    let domain_of = |number: u32| domains[&library.domains()[number as usize].slug];
    let changes = changes(
        cluster::Entity::find().all(tx).await?,
        library.clusters().iter().map(|cluster| (cluster.slug.clone(), cluster)),
        |row| row.slug.clone(),
        |wanted| cluster::ActiveModel {
            slug: Set(wanted.slug.clone()),
            display_name: Set(wanted.name.clone()),
            domain_id: Set(domain_of(wanted.domain)),
            ..Default::default()
        },
        |row, wanted| {
            (row.display_name != wanted.name || row.domain_id != domain_of(wanted.domain)).then(|| {
                cluster::ActiveModel {
                    id: Unchanged(row.id),
                    display_name: Set(wanted.name.clone()),
                    domain_id: Set(domain_of(wanted.domain)),
                    ..Default::default()
                }
            })
        },
    );
    apply(tx, changes).await?;
    Ok(cluster::Entity::find().all(tx).await?.into_iter().map(|row| (row.slug, row.id)).collect())
}

/// Keys of the sub-categories by domain, category and their own slug.
async fn categories(
    tx: &DatabaseTransaction,
    library: &Library,
    domains: &HashMap<Slug, i64>,
) -> Result<HashMap<(i64, Slug, Slug), i64>, StoreError> {
    let domain_of = |number: u32| domains[&library.domains()[number as usize].slug];
    let differences = changes(
        category::Entity::find().all(tx).await?,
        library
            .categories()
            .iter()
            .map(|category| ((domain_of(category.domain), category.slug.clone()), category)),
        |row| (row.domain_id, row.slug.clone()),
        |wanted| category::ActiveModel {
            domain_id: Set(domain_of(wanted.domain)),
            slug: Set(wanted.slug.clone()),
            display_name: Set(wanted.name.clone()),
            ..Default::default()
        },
        |row, wanted| {
            (row.display_name != wanted.name).then(|| category::ActiveModel {
                id: Unchanged(row.id),
                display_name: Set(wanted.name.clone()),
                ..Default::default()
            })
        },
    );
    apply(tx, differences).await?;
    let categories: HashMap<(i64, Slug), i64> = category::Entity::find()
        .all(tx)
        .await?
        .into_iter()
        .map(|row| ((row.domain_id, row.slug), row.id))
        .collect();
    let wanted = library.categories().iter().flat_map(|category| {
        let id = categories[&(domain_of(category.domain), category.slug.clone())];
        category.subs.iter().map(move |(slug, name)| ((id, slug.clone()), (id, slug, name)))
    });
    let differences = changes(
        sub_category::Entity::find().all(tx).await?,
        wanted,
        |row| (row.category_id, row.slug.clone()),
        |(category, slug, name)| sub_category::ActiveModel {
            category_id: Set(category),
            slug: Set(slug.clone()),
            display_name: Set(name.clone()),
            ..Default::default()
        },
        |row, (_, _, name)| {
            (row.display_name != **name).then(|| sub_category::ActiveModel {
                id: Unchanged(row.id),
                display_name: Set((*name).clone()),
                ..Default::default()
            })
        },
    );
    apply(tx, differences).await?;
    let names: HashMap<i64, (i64, Slug)> = categories.into_iter().map(|(key, id)| (id, key)).collect();
    Ok(sub_category::Entity::find()
        .all(tx)
        .await?
        .into_iter()
        .filter_map(|row| {
            let (domain, category) = names.get(&row.category_id)?.clone();
            Some(((domain, category, row.slug), row.id))
        })
        .collect())
}

async fn dimensions(
    tx: &DatabaseTransaction,
    library: &Library,
    clusters: &HashMap<Slug, i64>,
    version_id: i64,
) -> Result<HashMap<Slug, i64>, StoreError> {
    let says = |wanted: &library::Dimension| dimension::ActiveModel {
        display_name: Set(wanted.name.clone()),
        difficulty_hint: Set(Word(wanted.difficulty)),
        rationale: Set(wanted.rationale.clone()),
        cluster_id: Set(clusters[&library.clusters()[wanted.cluster as usize].slug]),
        retired_in: Set(None),
        ..Default::default()
    };
    let changes = changes(
        dimension::Entity::find().all(tx).await?,
        library.dimensions().iter().map(|dimension| (dimension.slug.clone(), dimension)),
        |row| row.slug.clone(),
        |wanted| dimension::ActiveModel { slug: Set(wanted.slug.clone()), ..says(wanted) },
        |row, wanted| {
            let says = says(wanted);
            let differs = row.display_name != wanted.name
                || row.difficulty_hint.0 != wanted.difficulty
                || row.rationale != wanted.rationale
                || says.cluster_id != Set(row.cluster_id)
                || row.retired_in.is_some();
            differs.then_some(dimension::ActiveModel { id: Unchanged(row.id), ..says })
        },
    );
    for gone in apply(tx, changes).await?.into_iter().filter(|row| row.retired_in.is_none()) {
        let retired = dimension::ActiveModel {
            id: Unchanged(gone.id),
            retired_in: Set(Some(version_id)),
            ..Default::default()
        };
        retired.update(tx).await?;
    }
    Ok(dimension::Entity::find().all(tx).await?.into_iter().map(|row| (row.slug, row.id)).collect())
}

async fn skills(
    tx: &DatabaseTransaction,
    library: &Library,
    domains: &HashMap<Slug, i64>,
    subs: &HashMap<(i64, Slug, Slug), i64>,
    version_id: i64,
) -> Result<HashMap<Slug, i64>, StoreError> {
    let says = |wanted: &library::Skill| {
        let domain = domains[&library.domains()[wanted.domain as usize].slug];
        skill::Model {
            id: 0,
            slug: wanted.slug.clone(),
            display_name: wanted.name.clone(),
            domain_id: domain,
            sub_category_id: subs[&(domain, wanted.category.clone(), wanted.sub_category.clone())],
            skill_type: Word(wanted.skill_type),
            nature: Word(wanted.nature),
            volatility: Word(wanted.volatility),
            lifespan: Word(wanted.lifespan),
            version_strategy: Word(wanted.version_strategy),
            is_extractable: true,
            is_also_category: library.categories().iter().any(|category| category.name == wanted.name),
            context_words: json!({ "with": wanted.with, "without": wanted.without }),
            facts: None,
            retired_in: None,
            replaced_by: None,
        }
    };
    let changes = changes(
        skill::Entity::find().all(tx).await?,
        library.skills().iter().map(|skill| (skill.slug.clone(), says(skill))),
        |row| row.slug.clone(),
        |wanted| skill::ActiveModel { id: sea_orm::ActiveValue::NotSet, ..wanted.into_active_model() },
        |row, wanted| {
            let wanted = skill::Model { id: row.id, facts: row.facts.clone(), ..wanted.clone() };
            (*row != wanted).then(|| skill::ActiveModel {
                id: Unchanged(row.id),
                ..wanted.into_active_model().reset_all()
            })
        },
    );
    for gone in apply(tx, changes).await?.into_iter().filter(|row| row.retired_in.is_none()) {
        let retired = skill::ActiveModel {
            id: Unchanged(gone.id),
            retired_in: Set(Some(version_id)),
            ..Default::default()
        };
        retired.update(tx).await?;
    }
    Ok(skill::Entity::find().all(tx).await?.into_iter().map(|row| (row.slug, row.id)).collect())
}

async fn roles(
    tx: &DatabaseTransaction,
    library: &Library,
    domains: &HashMap<Slug, i64>,
    version_id: i64,
) -> Result<HashMap<Slug, i64>, StoreError> {
    let says = |wanted: &library::Role| role::Model {
        id: 0,
        slug: wanted.slug.clone(),
        display_name: wanted.name.clone(),
        domain_id: domains[&library.domains()[wanted.domain as usize].slug],
        archetype: Word(wanted.archetype),
        description: wanted.text.clone(),
        parent_id: None,
        is_branchable: wanted.branchable,
        soc: wanted.soc.clone(),
        isco: wanted.isco.clone(),
        esco: None,
        retired_in: None,
        replaced_by: None,
    };
    let changes = changes(
        role::Entity::find().all(tx).await?,
        library.roles().iter().map(|role| (role.slug.clone(), says(role))),
        |row| row.slug.clone(),
        |wanted| role::ActiveModel { id: sea_orm::ActiveValue::NotSet, ..wanted.into_active_model() },
        |row, wanted| {
            let wanted = role::Model { id: row.id, parent_id: row.parent_id, ..wanted.clone() };
            (*row != wanted).then(|| role::ActiveModel {
                id: Unchanged(row.id),
                ..wanted.into_active_model().reset_all()
            })
        },
    );
    for gone in apply(tx, changes).await?.into_iter().filter(|row| row.retired_in.is_none()) {
        let retired = role::ActiveModel {
            id: Unchanged(gone.id),
            retired_in: Set(Some(version_id)),
            ..Default::default()
        };
        retired.update(tx).await?;
    }
    let rows = role::Entity::find().all(tx).await?;
    let keys: HashMap<Slug, i64> = rows.iter().map(|row| (row.slug.clone(), row.id)).collect();
    // A parent may stand behind its child: the keys must be there first.
    for row in rows {
        let wanted = library
            .role_named(&row.slug)
            .and_then(|id| library.role(id).parent.as_ref())
            .and_then(|parent| keys.get(parent).copied());
        if row.parent_id != wanted && row.retired_in.is_none() {
            let child =
                role::ActiveModel { id: Unchanged(row.id), parent_id: Set(wanted), ..Default::default() };
            child.update(tx).await?;
        }
    }
    Ok(keys)
}

async fn sentences(tx: &DatabaseTransaction, library: &Library) -> Result<(), StoreError> {
    let changes = changes(
        background_sentence::Entity::find().all(tx).await?,
        library.background().iter().map(|sentence| (sentence.clone(), sentence)),
        |row| row.sentence.clone(),
        |wanted| background_sentence::ActiveModel { sentence: Set(wanted.clone()), ..Default::default() },
        |_, _| None,
    );
    for gone in apply(tx, changes).await? {
        background_sentence::Entity::delete_by_id(gone.id).exec(tx).await?;
    }
    Ok(())
}

async fn companies(tx: &DatabaseTransaction, library: &Library) -> Result<(), StoreError> {
    let says = |wanted: &library::Company| company::ActiveModel {
        display_name: Set(wanted.name.clone()),
        industry: Set(wanted.industry.clone()),
        naics: Set(wanted.naics.clone()),
        aliases: Set(json!(wanted.aliases)),
        ..Default::default()
    };
    let changes = changes(
        company::Entity::find().all(tx).await?,
        library.companies().iter().map(|company| (company.name.clone(), company)),
        |row| row.display_name.clone(),
        says,
        |row, wanted| {
            (row.industry != wanted.industry
                || row.naics != wanted.naics
                || row.aliases != json!(wanted.aliases))
            .then(|| company::ActiveModel { id: Unchanged(row.id), ..says(wanted) })
        },
    );
    for gone in apply(tx, changes).await? {
        company::Entity::delete_by_id(gone.id).exec(tx).await?;
    }
    Ok(())
}
