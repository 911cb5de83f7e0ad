//! What hangs on skills and roles: aliases, links, key result areas, centroids, figures.

use contract::{LinkOrigin, MatchStrategy};
use library::{Library, RoleId, SkillId};
use migration::Word;
use migration::entity::{
    role_alias, role_centroid, role_dimension, role_exposure, role_kra, role_skill, skill_alias,
    skill_dimension,
};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
};
use std::collections::HashSet;

use super::import::{Changes, Keys, changes, insert};
use crate::StoreError;

/// Keys of one statement that deletes.
const DELETED_AT_ONCE: usize = 5_000;

pub(super) async fn bring(
    tx: &DatabaseTransaction,
    library: &Library,
    keys: &Keys,
) -> Result<(), StoreError> {
    skill_aliases(tx, library, keys).await?;
    skill_dimensions(tx, library, keys).await?;
    role_aliases(tx, library, keys).await?;
    role_kras(tx, library, keys).await?;
    role_skills(tx, library, keys).await?;
    role_dimensions(tx, library, keys).await?;
    centroids(tx, library, keys).await?;
    exposures(tx, library, keys).await
}

async fn skill_aliases(tx: &DatabaseTransaction, library: &Library, keys: &Keys) -> Result<(), StoreError> {
    // Two files' ways to write the same alias of one skill are one.
    let mut seen: HashSet<(i64, &str, MatchStrategy)> = HashSet::new();
    let wanted = library.aliases().aliases().iter().filter_map(|alias| {
        let skill = library.skill(alias.skill);
        let key = (keys.skills[&skill.slug], alias.text.as_str(), alias.strategy);
        seen.insert(key)
            .then(|| ((key.0, alias.text.clone(), alias.strategy), (key.0, alias, alias.text == skill.name)))
    });
    let Changes { new, changed, left_over } = changes(
        skill_alias::Entity::find().all(tx).await?,
        wanted.collect::<Vec<_>>(),
        |row| (row.skill_id, row.alias_text.clone(), row.match_strategy.0),
        |(skill, alias, is_primary)| skill_alias::ActiveModel {
            skill_id: Set(skill),
            alias_text: Set(alias.text.clone()),
            alias_type: Set(Word(alias.alias_type)),
            match_strategy: Set(Word(alias.strategy)),
            needs_context: Set(alias.needs_context),
            is_primary: Set(is_primary),
            ..Default::default()
        },
        |row, (_, alias, is_primary)| {
            let differs = row.alias_type.0 != alias.alias_type
                || row.needs_context != alias.needs_context
                || row.is_primary != *is_primary;
            differs.then(|| skill_alias::ActiveModel {
                id: Unchanged(row.id),
                alias_type: Set(Word(alias.alias_type)),
                needs_context: Set(alias.needs_context),
                is_primary: Set(*is_primary),
                ..Default::default()
            })
        },
    );
    insert(tx, new).await?;
    for row in changed {
        row.update(tx).await?;
    }
    let gone: Vec<i64> = left_over.into_iter().map(|row| row.id).collect();
    for ids in gone.chunks(DELETED_AT_ONCE) {
        skill_alias::Entity::delete_many()
            .filter(skill_alias::Column::Id.is_in(ids.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

async fn skill_dimensions(
    tx: &DatabaseTransaction,
    library: &Library,
    keys: &Keys,
) -> Result<(), StoreError> {
    let wanted = (0u32..).zip(library.skills()).flat_map(|(_, skill)| {
        let skill_id = keys.skills[&skill.slug];
        skill.dimensions.iter().enumerate().map(move |(place, &number)| {
            let dimension = keys.dimensions[&library.dimensions()[number as usize].slug];
            ((skill_id, dimension), (skill_id, dimension, place == 0))
        })
    });
    let Changes { new, changed, left_over } = changes(
        skill_dimension::Entity::find().all(tx).await?,
        wanted.collect::<Vec<_>>(),
        |row| (row.skill_id, row.dimension_id),
        |(skill, dimension, is_primary)| skill_dimension::ActiveModel {
            skill_id: Set(skill),
            dimension_id: Set(dimension),
            is_primary: Set(is_primary),
            origin: Set(Word(LinkOrigin::Library)),
            ..Default::default()
        },
        |row, &(_, _, is_primary)| {
            (row.is_primary != is_primary).then(|| skill_dimension::ActiveModel {
                id: Unchanged(row.id),
                is_primary: Set(is_primary),
                ..Default::default()
            })
        },
    );
    insert(tx, new).await?;
    for row in changed {
        row.update(tx).await?;
    }
    for row in left_over.into_iter().filter(|row| row.origin.0 == LinkOrigin::Library) {
        skill_dimension::Entity::delete_by_id(row.id).exec(tx).await?;
    }
    Ok(())
}

async fn role_aliases(tx: &DatabaseTransaction, library: &Library, keys: &Keys) -> Result<(), StoreError> {
    let mut seen = HashSet::new();
    let wanted = library.roles().iter().flat_map(|role| role.aliases.iter().map(move |alias| (role, alias)));
    let wanted: Vec<_> = wanted
        .filter_map(|(role, alias)| {
            let key = (keys.roles[&role.slug], alias.clone());
            seen.insert(key.clone()).then(|| (key.clone(), key))
        })
        .collect();
    let Changes { new, left_over, .. } = changes(
        role_alias::Entity::find().all(tx).await?,
        wanted,
        |row| (row.role_id, row.alias_text.clone()),
        |(role, alias)| role_alias::ActiveModel {
            role_id: Set(role),
            alias_text: Set(alias),
            ..Default::default()
        },
        |_, _| None,
    );
    insert(tx, new).await?;
    for row in left_over {
        role_alias::Entity::delete_by_id(row.id).exec(tx).await?;
    }
    Ok(())
}

async fn role_kras(tx: &DatabaseTransaction, library: &Library, keys: &Keys) -> Result<(), StoreError> {
    let matrix = library.kras();
    let wanted = library.role_ids().flat_map(|id| {
        let role = library.role(id);
        let role_id = keys.roles[&role.slug];
        matrix.rows_of(id).zip(&role.kras).enumerate().map(move |(position, (row, sentence))| {
            ((role_id, sentence.clone()), (role_id, position as i32, sentence, row))
        })
    });
    let Changes { new, changed, left_over } = changes(
        role_kra::Entity::find().all(tx).await?,
        wanted.collect::<Vec<_>>(),
        |row| (row.role_id, row.sentence.clone()),
        |(role, position, sentence, row)| role_kra::ActiveModel {
            role_id: Set(role),
            position: Set(position),
            sentence: Set(sentence.clone()),
            model: Set(matrix.model().to_owned()),
            embedding: Set(bytes(matrix.row(row))),
            ..Default::default()
        },
        |there, &(_, position, _, row)| {
            (there.position != position || there.model != matrix.model()).then(|| role_kra::ActiveModel {
                id: Unchanged(there.id),
                position: Set(position),
                model: Set(matrix.model().to_owned()),
                embedding: Set(bytes(matrix.row(row))),
                ..Default::default()
            })
        },
    );
    insert(tx, new).await?;
    for row in changed {
        row.update(tx).await?;
    }
    for row in left_over {
        role_kra::Entity::delete_by_id(row.id).exec(tx).await?;
    }
    Ok(())
}

async fn role_skills(tx: &DatabaseTransaction, library: &Library, keys: &Keys) -> Result<(), StoreError> {
    let skill = |id: SkillId| keys.skills[&library.skill(id).slug];
    let mut seen = HashSet::new();
    let wanted: Vec<_> = library
        .roles()
        .iter()
        .flat_map(|role| {
            role.core.iter().enumerate().map(move |(position, &core)| (role, position as i32, core))
        })
        .map(|(role, position, core)| (keys.roles[&role.slug], skill(core), position))
        .filter(|&(role, skill, _)| seen.insert((role, skill)))
        .map(|row| ((row.0, row.1), row))
        .collect();
    let Changes { new, changed, left_over } = changes(
        role_skill::Entity::find().all(tx).await?,
        wanted,
        |row| (row.role_id, row.skill_id),
        |(role, skill, position)| role_skill::ActiveModel {
            role_id: Set(role),
            skill_id: Set(skill),
            position: Set(position),
        },
        |row, &(role, skill, position)| {
            (row.position != position).then_some(role_skill::ActiveModel {
                role_id: Unchanged(role),
                skill_id: Unchanged(skill),
                position: Set(position),
            })
        },
    );
    insert(tx, new).await?;
    for row in changed {
        row.update(tx).await?;
    }
    for row in left_over {
        role_skill::Entity::delete_by_id((row.role_id, row.skill_id)).exec(tx).await?;
    }
    Ok(())
}

/// A link that runs made stays until the library says something of it.
async fn role_dimensions(tx: &DatabaseTransaction, library: &Library, keys: &Keys) -> Result<(), StoreError> {
    let wanted = library.roles().iter().flat_map(|role| {
        let role_id = keys.roles[&role.slug];
        role.dimensions.iter().map(move |&(number, weight)| {
            let dimension = keys.dimensions[&library.dimensions()[number as usize].slug];
            ((role_id, dimension), (role_id, dimension, weight))
        })
    });
    let Changes { new, changed, left_over } = changes(
        role_dimension::Entity::find().all(tx).await?,
        wanted.collect::<Vec<_>>(),
        |row| (row.role_id, row.dimension_id),
        |(role, dimension, weight)| role_dimension::ActiveModel {
            role_id: Set(role),
            dimension_id: Set(dimension),
            weight: Set(Some(weight)),
            origin: Set(Word(LinkOrigin::Library)),
            ..Default::default()
        },
        |row, &(_, _, weight)| {
            (row.weight != Some(weight) || row.origin.0 != LinkOrigin::Library).then(|| {
                role_dimension::ActiveModel {
                    id: Unchanged(row.id),
                    weight: Set(Some(weight)),
                    origin: Set(Word(LinkOrigin::Library)),
                    ..Default::default()
                }
            })
        },
    );
    insert(tx, new).await?;
    for row in changed {
        row.update(tx).await?;
    }
    for row in left_over.into_iter().filter(|row| row.origin.0 == LinkOrigin::Library) {
        role_dimension::Entity::delete_by_id(row.id).exec(tx).await?;
    }
    Ok(())
}

/// A role's first centroid; one that samples went into is left to the releases.
async fn centroids(tx: &DatabaseTransaction, library: &Library, keys: &Keys) -> Result<(), StoreError> {
    let model = library.kras().model();
    let says = |id: RoleId| role_centroid::ActiveModel {
        role_id: Set(keys.roles[&library.role(id).slug]),
        n: Set(0),
        model: Set(model.to_owned()),
        embedding: Set(bytes(library.centroid(id))),
    };
    let Changes { new, changed, .. } = changes(
        role_centroid::Entity::find().all(tx).await?,
        library.role_ids().map(|id| (keys.roles[&library.role(id).slug], id)),
        |row| row.role_id,
        says,
        |row, &id| {
            let differs = row.n == 0 && (row.model != model || row.embedding != bytes(library.centroid(id)));
            differs.then(|| role_centroid::ActiveModel { role_id: Unchanged(row.role_id), ..says(id) })
        },
    );
    insert(tx, new).await?;
    for row in changed {
        row.update(tx).await?;
    }
    Ok(())
}

async fn exposures(tx: &DatabaseTransaction, library: &Library, keys: &Keys) -> Result<(), StoreError> {
    let wanted = library.roles().iter().filter_map(|role| {
        let figures = library.exposure(&role.soc)?;
        let role_id = keys.roles[&role.slug];
        Some((
            role_id,
            role_exposure::Model {
                role_id,
                value: figures.value,
                lowest: figures.lowest,
                highest: figures.highest,
                source: figures.source.to_string(),
                date: figures.date.to_string(),
            },
        ))
    });
    let Changes { new, changed, .. } = changes(
        role_exposure::Entity::find().all(tx).await?,
        wanted.collect::<Vec<_>>(),
        |row| row.role_id,
        role_exposure::ActiveModel::from,
        |row, wanted| {
            (row != wanted).then(|| {
                let changed = role_exposure::ActiveModel::from(wanted.clone()).reset_all();
                role_exposure::ActiveModel { role_id: Unchanged(row.role_id), ..changed }
            })
        },
    );
    let new: Vec<role_exposure::ActiveModel> =
        new.into_iter().map(sea_orm::ActiveModelTrait::reset_all).collect();
    insert(tx, new).await?;
    for row in changed {
        row.update(tx).await?;
    }
    Ok(())
}

fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|value| value.to_le_bytes()).collect()
}
