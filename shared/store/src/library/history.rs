//! Versions: the line they form, and what each holds.

use contract::{ChangeVerb, VersionKind};
use library::{Edit, Library, LibraryFile};
use migration::Word;
use migration::entity::{library_change, library_file, library_state, library_version};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    QueryFilter as _, QueryOrder as _,
};
use serde_json::json;
use time::OffsetDateTime;

use crate::bytes::{compressed, decompressed, json_of};
use crate::find::read;
use crate::{Store, StoreError, audit};

/// What a process builds its library from, beside the files.
#[derive(Clone, Debug, PartialEq)]
pub struct Adopted {
    /// Key of the version.
    pub version_id: i64,
    /// Its name.
    pub name: String,
    /// What was changed since the files.
    pub edits: Vec<Edit>,
}

/// Everything that a version is built from.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Key of the version.
    pub version_id: i64,
    /// Its name.
    pub name: String,
    /// Name and content of its files, in their order.
    pub files: Vec<(String, String)>,
    /// What was changed since.
    pub edits: Vec<Edit>,
}

impl Content {
    /// Builds the library.
    ///
    /// # Errors
    /// When the stored files or edits do not make one.
    pub fn build(&self) -> Result<Library, StoreError> {
        Ok(Library::build_with(&self.listed(), &self.edits, self.name.clone())?)
    }

    /// The files as the library reads them.
    #[must_use]
    pub fn listed(&self) -> Vec<LibraryFile<'_>> {
        self.files.iter().map(|(name, content)| LibraryFile { name, content }).collect()
    }
}

/// A version that is to follow another.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// How it comes to be.
    pub kind: VersionKind,
    /// Why, in words.
    pub note: String,
    /// Who wants it.
    pub actor: String,
    /// The version it was made for: it must still be the newest.
    pub parent: i64,
    /// What is changed.
    pub edits: Vec<Edit>,
}

/// A version as lists show it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct VersionLine {
    /// Its key.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// How it came to be.
    pub kind: VersionKind,
    /// Why.
    pub note: String,
    /// Who made it.
    pub actor: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// One line of the changelog.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ChangeLine {
    /// What happened.
    pub verb: ChangeVerb,
    /// To what kind of entry.
    pub entity: String,
    /// To which.
    pub slug: String,
    /// More of it.
    pub detail: String,
}

/// How often a writer who was second looks again.
const TRIES: u32 = 5;

impl Store {
    /// The newest version for a process with these files. Where they are not those of the newest base, a new version is made of
    /// them, and the edits that were made so far are carried over as far as they still make sense.
    ///
    /// # Errors
    /// When the database is lost or not migrated, or the files make no library.
    pub async fn adopt(&self, files: &[LibraryFile<'_>], actor: &str) -> Result<Adopted, StoreError> {
        let base_hash = Library::version_of(files);
        for _ in 0..TRIES {
            let newest = newest(&self.db).await?;
            if let Some(newest) = &newest
                && newest.base_hash == base_hash
            {
                let edits = edits_until(&self.db, newest).await?;
                return Ok(Adopted { version_id: newest.id, name: newest.name.clone(), edits });
            }
            match self.import(files, &base_hash, newest, actor).await {
                // Somebody else imported at the same time.
                Err(StoreError::Refused(_) | StoreError::Busy(_)) => {}
                other => return other,
            }
        }
        Err(StoreError::Conflict("the library is being changed by somebody else".to_owned()))
    }

    async fn import(
        &self,
        files: &[LibraryFile<'_>],
        base_hash: &str,
        newest: Option<library_version::Model>,
        actor: &str,
    ) -> Result<Adopted, StoreError> {
        let before = match &newest {
            Some(newest) => edits_until(&self.db, newest).await?,
            None => Vec::new(),
        };
        let mut edits: Vec<Edit> = Vec::new();
        let mut dropped: Vec<Edit> = Vec::new();
        for edit in before {
            edits.push(edit);
            if Library::inverses(files, &edits, edits.len()).is_err() {
                dropped.extend(edits.pop());
            }
        }
        let name = free_name(&self.db, base_hash, &edits).await?;
        let library = Library::build_with(files, &edits, name.clone())?;
        let tx = self.begin().await?;
        let note = match dropped.len() {
            0 => format!("{} files, {} edits carried over", files.len(), edits.len()),
            dropped => format!(
                "{} files, {} edits carried over, {dropped} make no sense any more",
                files.len(),
                edits.len()
            ),
        };
        let row = library_version::ActiveModel {
            name: Set(name.clone()),
            parent_id: Set(newest.as_ref().map(|newest| newest.id)),
            kind: Set(Word(VersionKind::Import)),
            base_id: Set(None),
            base_hash: Set(base_hash.to_owned()),
            note: Set(note),
            actor: Set(actor.to_owned()),
            created_at: Set(OffsetDateTime::now_utc()),
            ..Default::default()
        };
        let version_id = library_version::Entity::insert(row).exec(&tx).await?.last_insert_id;
        let mut rows = Vec::with_capacity(files.len());
        for (position, file) in files.iter().enumerate() {
            rows.push(library_file::ActiveModel {
                version_id: Set(version_id),
                position: Set(position as i32),
                name: Set(file.name.to_owned()),
                content: Set(compressed(file.content.as_bytes())?),
            });
        }
        library_file::Entity::insert_many(rows).exec_without_returning(&tx).await?;
        write_changes(&tx, version_id, edits.iter().map(|edit| (edit, true))).await?;
        write_changes(&tx, version_id, dropped.iter().map(|edit| (edit, false))).await?;
        super::import::bring(&tx, &library, version_id).await?;
        set_state(&tx, version_id).await?;
        audit::tell(&tx, actor, "library.import", name.clone(), json!({ "files": files.len() })).await?;
        tx.commit().await?;
        Ok(Adopted { version_id, name, edits })
    }

    /// Adds a version with edits, in a transaction of the caller's: `library` is what its parent's content and the edits make.
    pub(crate) async fn append(
        tx: &DatabaseTransaction,
        new: &NewVersion,
        library: &Library,
    ) -> Result<i64, StoreError> {
        let parent = newest(tx)
            .await?
            .filter(|newest| newest.id == new.parent)
            .ok_or_else(|| StoreError::Conflict("the library changed meanwhile: look again".to_owned()))?;
        let row = library_version::ActiveModel {
            name: Set(library.version().to_owned()),
            parent_id: Set(Some(parent.id)),
            kind: Set(Word(new.kind)),
            base_id: Set(Some(parent.base_id.unwrap_or(parent.id))),
            base_hash: Set(parent.base_hash),
            note: Set(new.note.clone()),
            actor: Set(new.actor.clone()),
            created_at: Set(OffsetDateTime::now_utc()),
            ..Default::default()
        };
        let version_id = library_version::Entity::insert(row).exec(tx).await?.last_insert_id;
        write_changes(tx, version_id, new.edits.iter().map(|edit| (edit, true))).await?;
        super::import::bring(tx, library, version_id).await?;
        set_state(tx, version_id).await?;
        let detail = json!({ "kind": new.kind, "edits": new.edits.len(), "note": new.note });
        audit::tell(tx, &new.actor, "library.change", library.version().to_owned(), detail).await?;
        Ok(version_id)
    }

    /// Name of the newest version.
    ///
    /// # Errors
    /// When there is none yet, or the database is lost.
    pub async fn newest_version(&self) -> Result<String, StoreError> {
        let newest = newest(&self.db).await?;
        newest.map(|version| version.name).ok_or(StoreError::NotMigrated)
    }

    /// The content of a version; of the newest where none is named.
    ///
    /// # Errors
    /// When there is no such version, or the database is lost.
    pub async fn library(&self, name: Option<&str>) -> Result<Content, StoreError> {
        let version = match name {
            Some(name) => {
                library_version::Entity::find()
                    .filter(library_version::Column::Name.eq(name))
                    .one(&self.db)
                    .await?
            }
            None => newest(&self.db).await?,
        };
        let version =
            version.ok_or_else(|| {
                StoreError::Missing(name.map_or_else(
                    || "library version".to_owned(),
                    |name| format!("library version \"{name}\""),
                ))
            })?;
        let rows = library_file::Entity::find()
            .filter(library_file::Column::VersionId.eq(version.base_id.unwrap_or(version.id)))
            .order_by_asc(library_file::Column::Position)
            .all(&self.db)
            .await?;
        let mut files = Vec::with_capacity(rows.len());
        for row in rows {
            let content = String::from_utf8(decompressed("a library file", &row.content)?)
                .map_err(|error| StoreError::Unreadable { what: row.name.clone(), why: error.to_string() })?;
            files.push((row.name, content));
        }
        let edits = edits_until(&self.db, &version).await?;
        Ok(Content { version_id: version.id, name: version.name, files, edits })
    }

    /// The name that the version after `parent` gets.
    #[must_use]
    pub fn next_name(parent: &str, base_hash: &str) -> String {
        let number: u64 =
            parent.strip_prefix(base_hash).and_then(|rest| rest.strip_prefix('.')?.parse().ok()).unwrap_or(0);
        format!("{base_hash}.{}", number + 1)
    }

    /// Every version, the newest first.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn versions(&self) -> Result<Vec<VersionLine>, StoreError> {
        let rows =
            library_version::Entity::find().order_by_desc(library_version::Column::Id).all(&self.db).await?;
        Ok(rows
            .into_iter()
            .map(|row| VersionLine {
                id: row.id,
                name: row.name,
                kind: row.kind.0,
                note: row.note,
                actor: row.actor,
                created_at: row.created_at,
            })
            .collect())
    }

    /// The changelog of one version.
    ///
    /// # Errors
    /// When the database is lost.
    pub async fn changes(&self, version_id: i64) -> Result<Vec<ChangeLine>, StoreError> {
        let rows = library_change::Entity::find()
            .filter(library_change::Column::VersionId.eq(version_id))
            .order_by_asc(library_change::Column::Id)
            .all(&self.db)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| ChangeLine {
                verb: row.verb.0,
                entity: row.entity,
                slug: row.slug,
                detail: row.detail,
            })
            .collect())
    }

    /// Makes an older version's content the newest. Later versions stay in the history.
    ///
    /// # Errors
    /// When there is no such version, it has other files than the newest, or somebody else changed the library meanwhile.
    pub async fn rollback(&self, to: &str, actor: &str) -> Result<Adopted, StoreError> {
        let (target, newest) = (self.library(Some(to)).await?, self.library(None).await?);
        if target.files != newest.files {
            return Err(StoreError::Conflict(format!(
                "{to} has other files than the newest version: run `rolemill migrate` with its files (--library) instead"
            )));
        }
        let shared = target.edits.iter().zip(&newest.edits).take_while(|(a, b)| a == b).count();
        let mut edits = Library::inverses(&newest.listed(), &newest.edits, shared)?;
        edits.extend_from_slice(&target.edits[shared..]);
        let base_hash = Library::version_of(&newest.listed());
        let name = Self::next_name(&newest.name, &base_hash);
        let all: Vec<Edit> = newest.edits.iter().chain(&edits).cloned().collect();
        let library = Library::build_with(&newest.listed(), &all, name.clone())?;
        let new = NewVersion {
            kind: VersionKind::Rollback,
            note: format!("back to {to}"),
            actor: actor.to_owned(),
            parent: newest.version_id,
            edits,
        };
        let tx = self.begin().await?;
        let version_id = Self::append(&tx, &new, &library).await?;
        tx.commit().await?;
        Ok(Adopted { version_id, name, edits: all })
    }
}

/// The newest version.
pub(super) async fn newest(db: &impl ConnectionTrait) -> Result<Option<library_version::Model>, StoreError> {
    Ok(library_version::Entity::find().order_by_desc(library_version::Column::Id).one(db).await?)
}

/// The edits between a version's base and itself.
async fn edits_until(
    db: &impl ConnectionTrait,
    version: &library_version::Model,
) -> Result<Vec<Edit>, StoreError> {
    let rows = library_change::Entity::find()
        .filter(library_change::Column::VersionId.between(version.base_id.unwrap_or(version.id), version.id))
        .filter(library_change::Column::Edit.is_not_null())
        .order_by_asc(library_change::Column::Id)
        .all(db)
        .await?;
    rows.into_iter().filter_map(|row| row.edit).map(|edit| read("a library change", edit)).collect()
}

async fn write_changes<'a>(
    tx: &DatabaseTransaction,
    version_id: i64,
    edits: impl Iterator<Item = (&'a Edit, bool)>,
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (edit, applies) in edits {
        let entry = edit.entry();
        rows.push(library_change::ActiveModel {
            version_id: Set(version_id),
            verb: Set(Word(if applies { edit.verb() } else { ChangeVerb::Retired })),
            entity: Set(entry.kind().to_owned()),
            slug: Set(entry.slug().to_owned()),
            detail: Set(entry.detail().to_owned()),
            edit: Set(if applies { Some(json_of(edit)?) } else { None }),
            ..Default::default()
        });
    }
    if !rows.is_empty() {
        library_change::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn set_state(tx: &DatabaseTransaction, version_id: i64) -> Result<(), StoreError> {
    let state = library_state::ActiveModel { id: Set(1), version_id: Set(version_id) };
    let there = OnConflict::column(library_state::Column::Id)
        .update_column(library_state::Column::VersionId)
        .to_owned();
    library_state::Entity::insert(state).on_conflict(there).exec_without_returning(tx).await?;
    Ok(())
}

/// The files' own name where it is free and nothing is carried over, else the next number behind it.
async fn free_name(db: &impl ConnectionTrait, base_hash: &str, edits: &[Edit]) -> Result<String, StoreError> {
    let taken: Vec<String> = library_version::Entity::find()
        .filter(library_version::Column::BaseHash.eq(base_hash))
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.name)
        .collect();
    if edits.is_empty() && taken.is_empty() {
        return Ok(base_hash.to_owned());
    }
    let last = taken
        .iter()
        .filter_map(|name| name.strip_prefix(base_hash)?.strip_prefix('.')?.parse::<u64>().ok())
        .max()
        .unwrap_or(0);
    Ok(format!("{base_hash}.{}", last + 1))
}
