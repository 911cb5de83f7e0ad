//! What can go wrong with a database, and what becomes of whoever met it.

use pipeline::{Failure, Fate};
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use std::time::Duration;

/// Why something was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database makes no sense.
    #[error("\"{address}\" names no database: {reason}")]
    Address {
        /// As it was given, without a password.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database cannot be reached, or was lost.
    #[error("the database cannot be reached")]
    Unreachable(#[source] DbErr),
    /// Another writer was in the way for too long.
    #[error("the database is busy")]
    Busy(#[source] DbErr),
    /// The tables are not those that this program knows.
    #[error("the database has not the tables of this version: run `rolemill migrate`")]
    NotMigrated,
    /// The database is of a newer version of this program.
    #[error("the database was migrated by a newer version: {0} is not known here")]
    Newer(String),
    /// What was to be written breaks a rule of the tables.
    #[error("the database refuses it: {0}")]
    Refused(String),
    /// Something was looked for that is not there.
    #[error("there is no {0}")]
    Missing(String),
    /// Somebody else was first.
    #[error("{0}")]
    Conflict(String),
    /// A library version cannot be built from what is stored.
    #[error("the library cannot be built")]
    Library(#[from] library::LibraryError),
    /// A stored value cannot be read.
    #[error("what is stored of {what} cannot be read: {why}")]
    Unreadable {
        /// What it is.
        what: String,
        /// Why.
        why: String,
    },
    /// Anything else that the database says.
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        let says = error.to_string();
        if let Some(SqlErr::UniqueConstraintViolation(rule) | SqlErr::ForeignKeyConstraintViolation(rule)) =
            error.sql_err()
        {
            return Self::Refused(rule);
        }
        if says.contains("database is locked") || says.contains("deadlock detected") {
            return Self::Busy(error);
        }
        if says.to_lowercase().contains("check constraint") {
            return Self::Refused(says);
        }
        let came_from_the_server = matches!(
            error,
            DbErr::ConnectionAcquire(_)
                | DbErr::Conn(_)
                | DbErr::Exec(RuntimeErr::SqlxError(_))
                | DbErr::Query(RuntimeErr::SqlxError(_))
        );
        if came_from_the_server && is_of_the_connection(&says) {
            Self::Unreachable(error)
        } else {
            Self::Database(error)
        }
    }
}

impl StoreError {
    /// Whether it may be different later without anybody changing what was asked.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.fate() != Fate::Permanent
    }
}

/// Whether the words are those of a lost connection, or of a server that starts or stops.
fn is_of_the_connection(says: &str) -> bool {
    const SIGNS: [&str; 12] = [
        "Connection",
        "connection",
        "pool timed out",
        "PoolTimedOut",
        "Broken pipe",
        "broken pipe",
        "expected to read",
        "error communicating",
        "starting up",
        "shutting down",
        "unable to open database file",
        "terminating",
    ];
    SIGNS.iter().any(|sign| says.contains(sign))
}

/// How long to wait for a database that is away.
const AWAY: Duration = Duration::from_secs(5);
/// How long to wait for another writer.
const BUSY: Duration = Duration::from_millis(500);

impl Failure for StoreError {
    fn fate(&self) -> Fate {
        match self {
            Self::Unreachable(_) | Self::NotMigrated => Fate::Waiting { retry_after: AWAY },
            Self::Busy(_) => Fate::Transient { retry_after: BUSY },
            Self::Address { .. }
            | Self::Newer(_)
            | Self::Refused(_)
            | Self::Missing(_)
            | Self::Conflict(_)
            | Self::Library(_)
            | Self::Unreadable { .. }
            | Self::Database(_) => Fate::Permanent,
        }
    }
}
