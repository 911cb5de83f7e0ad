//! A connection to a database, whichever of the two it is.

use migration::Migrator;
use sea_orm::sqlx::sqlite::SqliteSynchronous;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};
use sea_orm_migration::MigratorTrait as _;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLock;

use crate::StoreError;
use crate::save::Ids;

/// How long another writer is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection is waited for.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Where a database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL server, by URL.
    Server(String),
}

impl Place {
    /// Reads `postgres://…`, `sqlite:FILE` or a plain path.
    ///
    /// # Errors
    /// When it is of some other scheme, or empty.
    pub fn read(address: &str) -> Result<Self, StoreError> {
        let wrong = |reason: &str| {
            Err(StoreError::Address { address: without_password(address), reason: reason.to_owned() })
        };
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Ok(Self::Server(address.to_owned()));
        }
        let path =
            address.strip_prefix("sqlite://").or_else(|| address.strip_prefix("sqlite:")).unwrap_or(address);
        if path.contains("://") {
            return wrong("it is neither postgres://… nor a file");
        }
        if path.is_empty() || path == ":memory:" {
            return wrong("a file is needed");
        }
        Ok(Self::File(PathBuf::from(path)))
    }
}

/// Without the password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = user.split_once(':').map_or(user, |(user, _)| user);
    format!("{scheme}://{user}:***@{host}")
}

/// A database with the tables of this version.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: DatabaseConnection,
    /// What was read of the slugs' keys so far.
    pub(crate) ids: Arc<RwLock<Arc<Ids>>>,
}

impl Store {
    /// Connects, and leaves the tables alone.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(place: &Place) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new(match place {
            Place::File(path) => {
                make_folder(path)?;
                // The path goes in by `filename` below: a URL would take `?` and `%` in it for its own.
                "sqlite::memory:".to_owned()
            }
            Place::Server(url) => url.clone(),
        });
        options.sqlx_logging(false).acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false);
        match place {
            Place::File(path) => {
                let path = path.clone();
                options.max_connections(4).map_sqlx_sqlite_opts(move |options| {
                    options
                        .in_memory(false)
                        .shared_cache(false)
                        .filename(&path)
                        .create_if_missing(true)
                        .busy_timeout(BUSY_TIMEOUT)
                        .synchronous(SqliteSynchronous::Normal)
                        .pragma("journal_mode", "WAL")
                        .pragma("foreign_keys", "ON")
                        .pragma("temp_store", "MEMORY")
                        .pragma("cache_size", "-16000")
                });
            }
            Place::Server(_) => {
                options.max_connections(8).connect_timeout(ACQUIRE_TIMEOUT);
            }
        }
        let db = Database::connect(options).await.map_err(StoreError::Unreachable)?;
        Ok(Self { db, ids: Arc::default() })
    }

    /// Brings the tables to this version; nothing happens where they are.
    ///
    /// # Errors
    /// When the database is lost, refuses, or is of a newer version.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.known_migrations().await?;
        Migrator::up(&self.db, None).await?;
        Ok(())
    }

    /// Whether the tables are those of this version.
    ///
    /// # Errors
    /// When they are not, or the database is lost.
    pub async fn check(&self) -> Result<(), StoreError> {
        if self.known_migrations().await? < Migrator::migrations().len() {
            Err(StoreError::NotMigrated)
        } else {
            Ok(())
        }
    }

    /// How many of the known migrations were applied.
    async fn known_migrations(&self) -> Result<usize, StoreError> {
        use sea_orm::{ConnectionTrait as _, Statement};
        let backend = self.db.get_database_backend();
        let there = match backend {
            DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE name = 'seaql_migrations'",
            DbBackend::Postgres | DbBackend::MySql | _ => {
                "SELECT table_name AS name FROM information_schema.tables WHERE table_name = 'seaql_migrations' \
                 AND table_schema = current_schema()"
            }
        };
        if self.db.query_one_raw(Statement::from_string(backend, there)).await?.is_none() {
            return Ok(0);
        }
        let rows = self
            .db
            .query_all_raw(Statement::from_string(
                backend,
                "SELECT version FROM seaql_migrations ORDER BY version",
            ))
            .await?;
        let known = Migrator::migrations();
        for row in &rows {
            let version: String = row.try_get("", "version")?;
            if !known.iter().any(|migration| migration.name() == version) {
                return Err(StoreError::Newer(version));
            }
        }
        Ok(rows.len())
    }

    /// A transaction that will write: SQLite's single writer is waited for here and not in the middle.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.db.begin_with_options(options).await?)
    }

    /// Closes all connections.
    ///
    /// # Errors
    /// When the database says so.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.db.close().await?)
    }
}

fn make_folder(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| StoreError::Address {
        address: path.display().to_string(),
        reason: format!("its folder cannot be made: {error}"),
    })
}
