//! Databases for tests: a fresh one each, on SQLite and on PostgreSQL, gone when the test is over.
//!
//! PostgreSQL is expected at `ROLEMILL_TEST_POSTGRES`, else at `postgres://postgres@127.0.0.1:5432`; a test without it fails
//! and says so.

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, QueryResult, Statement};
use std::collections::BTreeMap;
use tempfile::TempDir;
use uuid::Uuid;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file in a folder of its own.
    Sqlite,
    /// A database of its own on the server.
    Postgres,
}

/// Both.
pub const BOTH: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

/// A fresh database.
pub struct Fresh {
    /// Its address, as `--db` takes it.
    pub url: String,
    kind: Kind,
    _folder: Option<TempDir>,
}

fn server() -> String {
    #[expect(clippy::disallowed_methods, reason = "tests have no settings")]
    std::env::var("ROLEMILL_TEST_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432".to_owned())
        .trim_end_matches('/')
        .to_owned()
}

async fn on_server(statement: &str) {
    let url = format!("{}/postgres", server());
    let db = Database::connect(&url).await.unwrap_or_else(|error| {
        panic!("no PostgreSQL at {url} (set ROLEMILL_TEST_POSTGRES, or run `make test`, which starts one): {error}")
    });
    db.execute_unprepared(statement).await.unwrap();
    db.close().await.unwrap();
}

impl Fresh {
    /// Makes one.
    pub async fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = TempDir::new().unwrap();
                let url = folder.path().join("rolemill.db").to_string_lossy().into_owned();
                Self { url, kind, _folder: Some(folder) }
            }
            Kind::Postgres => {
                let name = format!("rolemill_test_{}", Uuid::new_v4().simple());
                on_server(&format!("CREATE DATABASE {name}")).await;
                Self { url: format!("{}/{name}", server()), kind, _folder: None }
            }
        }
    }

    /// A connection of the test's own.
    pub async fn connect(&self) -> DatabaseConnection {
        let url = match self.kind {
            Kind::Sqlite => format!("sqlite://{}", self.url),
            Kind::Postgres => self.url.clone(),
        };
        Database::connect(url).await.unwrap()
    }

    /// The rows of a query.
    pub async fn rows(&self, query: &str) -> Vec<QueryResult> {
        let db = self.connect().await;
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap();
        db.close().await.unwrap();
        rows
    }

    /// The first column of a query's rows, as text.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        self.rows(query).await.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
    }

    /// How many rows each table has.
    pub async fn counts(&self, tables: &[&str]) -> BTreeMap<String, i64> {
        let mut counts = BTreeMap::new();
        for table in tables {
            let rows = self.rows(&format!("SELECT count(*) FROM {table}")).await;
            counts.insert((*table).to_owned(), rows[0].try_get_by_index(0).unwrap());
        }
        counts
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.kind == Kind::Postgres {
            let name = self.url.rsplit('/').next().unwrap_or_default().to_owned();
            // A test's runtime may be the current one: the database is dropped from a thread of its own.
            let dropped = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
            });
            dropped.join().ok();
        }
    }
}
