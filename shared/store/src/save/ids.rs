//! From slugs to keys. A slug keeps its key for ever, so what was read once stays right.

use contract::{Record, Slug};
use migration::entity::{dimension, library_version, role, skill};
use sea_orm::{EntityTrait as _, QuerySelect as _};
use std::collections::HashMap;
use std::sync::Arc;

use crate::{Store, StoreError};

/// The keys of everything that a run can name.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    skills: HashMap<Slug, i64>,
    dimensions: HashMap<Slug, i64>,
    roles: HashMap<Slug, i64>,
    versions: HashMap<String, i64>,
}

impl Ids {
    pub(crate) fn skill(&self, slug: &str) -> Option<i64> {
        self.skills.get(slug).copied()
    }

    pub(crate) fn dimension(&self, slug: &str) -> Option<i64> {
        self.dimensions.get(slug).copied()
    }

    pub(crate) fn role(&self, slug: &str) -> Option<i64> {
        self.roles.get(slug).copied()
    }

    pub(crate) fn version(&self, name: &str) -> Option<i64> {
        self.versions.get(name).copied()
    }

    /// What a record names and the database has not.
    fn lacks(&self, record: &Record) -> Option<String> {
        let missing = |kind: &str, slug: &str| Some(format!("{kind} \"{slug}\" in the database"));
        if self.version(&record.versions.library).is_none() {
            return missing("library version", &record.versions.library);
        }
        if let Some(role) = record.facts.role.as_deref().filter(|role| self.role(role).is_none()) {
            return missing("role", role);
        }
        record.links.iter().find_map(|link| {
            let skill = link.skill_slug.as_deref().filter(|slug| self.skill(slug).is_none());
            let dimension = link.dimension_slug.as_deref().filter(|slug| self.dimension(slug).is_none());
            skill
                .and_then(|slug| missing("skill", slug))
                .or_else(|| dimension.and_then(|slug| missing("dimension", slug)))
        })
    }
}

impl Store {
    /// The keys of all that the records name; read again when one is not known yet.
    pub(crate) async fn ids_for(&self, records: &[Record]) -> Result<Arc<Ids>, StoreError> {
        let lacking = |ids: &Ids| records.iter().find_map(|record| ids.lacks(record));
        let known = self.ids.read().await.clone();
        if lacking(&known).is_none() {
            return Ok(known);
        }
        let mut ids = self.ids.write().await;
        *ids = Arc::new(self.read_ids().await?);
        match lacking(&ids) {
            Some(what) => Err(StoreError::Missing(what)),
            None => Ok(Arc::clone(&ids)),
        }
    }

    async fn read_ids(&self) -> Result<Ids, StoreError> {
        Ok(Ids {
            skills: skill::Entity::find()
                .select_only()
                .columns([skill::Column::Slug, skill::Column::Id])
                .into_tuple::<(String, i64)>()
                .all(&self.db)
                .await?
                .into_iter()
                .collect(),
            dimensions: dimension::Entity::find()
                .select_only()
                .columns([dimension::Column::Slug, dimension::Column::Id])
                .into_tuple::<(String, i64)>()
                .all(&self.db)
                .await?
                .into_iter()
                .collect(),
            roles: role::Entity::find()
                .select_only()
                .columns([role::Column::Slug, role::Column::Id])
                .into_tuple::<(String, i64)>()
                .all(&self.db)
                .await?
                .into_iter()
                .collect(),
            versions: library_version::Entity::find()
                .select_only()
                .columns([library_version::Column::Name, library_version::Column::Id])
                .into_tuple::<(String, i64)>()
                .all(&self.db)
                .await?
                .into_iter()
                .collect(),
        })
    }
}
