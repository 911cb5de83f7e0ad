//! The language models of a process, from its environment.

use llm::{Books, Consultant, MemoryBooks, ModelSettings, SettingsError};
use model::Model;
use runtime::Env;
use std::path::Path;
use std::sync::Arc;
use store::Store;

use crate::StoreBooks;
use crate::settings::{maybe_secret, read};

/// The variable that names the file with the settings of language models.
pub const MODELS: &str = "ROLEMILL_MODELS";

/// Reads the settings of language models; none where no file is named. What is wrong with them is added to `problems`.
pub fn model_settings(
    env: &Env<impl Fn(&str) -> Option<String>>,
    file: Option<&Path>,
    problems: &mut Vec<String>,
) -> Option<ModelSettings> {
    let named = read(env.optional::<std::path::PathBuf>(MODELS), problems);
    let path = file.map(Path::to_owned).or(named)?;
    let key = maybe_secret::<String>(env, "ROLEMILL_MODEL_KEY", "ROLEMILL_MODEL_KEY_FILE", problems);
    let file = match std::fs::read_to_string(&path) {
        Ok(file) => file,
        Err(error) => {
            problems.push(format!("{MODELS} is \"{}\": {error}", path.display()));
            return None;
        }
    };
    match ModelSettings::read(&file, key.map(Into::into)) {
        Ok(settings) => Some(settings),
        Err(SettingsError(wrong)) => {
            problems.extend(wrong.into_iter().map(|wrong| format!("{}: {wrong}", path.display())));
            None
        }
    }
}

/// The language models as the settings have them, with books in the database, or in memory where there is none. Within a runtime.
///
/// # Errors
/// When no HTTP client can be made.
pub fn consultant(
    settings: Option<&ModelSettings>,
    store: Option<&Store>,
) -> Result<Option<Arc<dyn Model>>, SettingsError> {
    let Some(settings) = settings else { return Ok(None) };
    let books: Arc<dyn Books> = match store {
        Some(store) => Arc::new(StoreBooks::of(store)),
        None => Arc::new(MemoryBooks::default()),
    };
    Ok(Some(Arc::new(Consultant::new(settings.clone(), books)?)))
}
