//! Library versions, each built once from the database.

use library::Library;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Store, StoreError};
use tokio::sync::Mutex;

/// How many versions are kept built: the newest, and those of runs that were on their way when it changed.
const KEPT: usize = 3;
/// How long the newest version is taken for the newest without looking.
const FRESH: Duration = Duration::from_secs(5);

/// The library versions in use.
pub struct Shelf {
    store: Store,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The one used last comes first.
    built: VecDeque<Arc<Library>>,
    newest: Option<(String, Instant)>,
}

impl Shelf {
    /// Takes versions from a database.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, state: Mutex::default() }
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A version by its name, or the newest.
    ///
    /// # Errors
    /// When there is none of that name, it cannot be built, or the database is lost.
    pub async fn library(&self, name: Option<&str>) -> Result<Arc<Library>, StoreError> {
        // Held while a version is built: others that want the same one would only build it again.
        let mut state = self.state.lock().await;
        let name = match (name, &state.newest) {
            (Some(name), _) => name.to_owned(),
            (None, Some((newest, since))) if since.elapsed() < FRESH => newest.clone(),
            (None, _) => {
                let newest = self.store.newest_version().await?;
                state.newest = Some((newest.clone(), Instant::now()));
                newest
            }
        };
        if let Some(place) = state.built.iter().position(|library| library.version() == name) {
            if place > 0
                && let Some(library) = state.built.remove(place)
            {
                state.built.push_front(library);
            }
            return Ok(Arc::clone(&state.built[0]));
        }
        let content = self.store.library(Some(&name)).await?;
        let library = tokio::task::spawn_blocking(move || content.build()).await.map_err(|panic| {
            StoreError::Unreadable { what: format!("library {name}"), why: panic.to_string() }
        })??;
        tracing::info!(version = library.version(), "a library version is ready");
        let library = Arc::new(library);
        state.built.truncate(KEPT - 1);
        state.built.push_front(Arc::clone(&library));
        Ok(library)
    }
}
