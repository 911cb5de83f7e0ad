//! The settings: compiled-in defaults, then the environment, then flags.

use runtime::{Env, SettingError, logging};
use std::fmt::{self, Display};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use store::Place;

use crate::args::Flags;
use crate::library;

/// What is logged where nobody says otherwise: the clients of the broker and of language models would report as errors what is
/// said in our own words anyway.
pub(crate) const QUIET: &str = "warn,lapin=off,async_openai=off";

/// Every setting with where it comes from.
pub(crate) struct Settings {
    /// Where runs are stored.
    pub(crate) db: Setting<Place>,
    /// How many JDs are worked on at a time.
    pub(crate) jobs: Setting<NonZeroUsize>,
    /// What is logged.
    pub(crate) log: Setting<String>,
    /// A folder in place of the shipped library.
    pub(crate) library: Setting<Option<PathBuf>>,
}

/// A value and where it comes from.
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// Where a value comes from. A later one overrides an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Compiled in.
    Default,
    /// The named variable.
    Environment(&'static str),
    /// The named flag.
    Flag(&'static str),
}

/// Everything that is wrong with the settings, at once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problems(pub(crate) Vec<String>);

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// When a value cannot be used; all that are wrong are named.
    pub(crate) fn from(env: &Env<impl Fn(&str) -> Option<String>>, flags: &Flags) -> Result<Self, Problems> {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let mut problems = Vec::new();
        let jobs = Layers { env, variable: "ROLEMILL_JOBS", flag: "--jobs" }.setting(
            flags.jobs,
            cores,
            &mut problems,
        );
        let log = Layers { env, variable: "ROLEMILL_LOG", flag: "--log" }.setting(
            flags.common.log.clone(),
            QUIET.to_owned(),
            &mut problems,
        );
        let folder = Layers { env, variable: "ROLEMILL_LIBRARY", flag: "--library" };
        let library =
            folder.setting(flags.common.library.clone().map(Some).map(Folder), Folder(None), &mut problems);
        let library = Setting { value: library.value.0, origin: library.origin };
        let db = Layers { env, variable: "ROLEMILL_DB", flag: "--db" }.setting(
            flags.common.db.clone(),
            default_db(),
            &mut problems,
        );
        let db = Place::read(&db.value).map(|value| Setting { value, origin: db.origin });
        if let Err(error) = &db {
            problems.push(error.to_string());
        }
        if let Err(error) = log.value.parse::<logging::Filter>() {
            problems.push(format!("{} is \"{}\": {error}", log.origin, log.value));
        }
        if let Some(problem) = library.value.as_deref().and_then(unusable) {
            problems.push(format!("{}: {problem}", library.origin));
        }
        match db {
            Ok(db) if problems.is_empty() => Ok(Self { db, jobs, log, library }),
            Ok(_) | Err(_) => Err(Problems(problems)),
        }
    }

    /// Name, value and origin of every setting.
    pub(crate) fn rows(&self) -> [(&'static str, String, Origin); 4] {
        let library = self
            .library
            .value
            .as_ref()
            .map_or_else(|| "shipped".to_owned(), |folder| folder.display().to_string());
        [
            ("db", self.db.value.to_string(), self.db.origin),
            ("jobs", self.jobs.value.to_string(), self.jobs.origin),
            ("library", library, self.library.origin),
            ("log", self.log.value.clone(), self.log.origin),
        ]
    }
}

/// Where one setting is looked for.
struct Layers<'a, F> {
    env: &'a Env<F>,
    variable: &'static str,
    flag: &'static str,
}

impl<F: Fn(&str) -> Option<String>> Layers<'_, F> {
    /// The setting's value. A variable is checked also when a flag overrides it.
    fn setting<T: FromStr<Err: Display>>(
        &self,
        flag: Option<T>,
        default: T,
        problems: &mut Vec<String>,
    ) -> Setting<T> {
        let given = self.env.optional(self.variable).unwrap_or_else(|error: SettingError| {
            problems.push(error.to_string());
            None
        });
        match (flag, given) {
            (Some(value), _) => Setting { value, origin: Origin::Flag(self.flag) },
            (None, Some(value)) => Setting { value, origin: Origin::Environment(self.variable) },
            (None, None) => Setting { value: default, origin: Origin::Default },
        }
    }
}

/// `rolemill.db` in the user's data folder; in the current one where the user has none.
fn default_db() -> String {
    use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};
    choose_native_strategy()
        .map_or_else(|_| PathBuf::new(), |strategy| strategy.data_dir().join("rolemill"))
        .join("rolemill.db")
        .to_string_lossy()
        .into_owned()
}

/// A folder, or none; any text is a path.
struct Folder(Option<PathBuf>);

impl FromStr for Folder {
    type Err = std::convert::Infallible;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        Ok(Self(Some(PathBuf::from(path))))
    }
}

fn unusable(folder: &Path) -> Option<String> {
    library::files_in(folder).err().map(|error| format!("{error:#}"))
}

impl Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Environment(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

impl std::error::Error for Problems {}

impl Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)], flags: &Flags) -> Result<Settings, Problems> {
        let get = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::from(&Env(get), flags)
    }

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_default() {
        let flags = Flags { jobs: NonZeroUsize::new(3), ..Flags::default() };
        let settings = settings(&[("ROLEMILL_JOBS", "2"), ("ROLEMILL_LOG", "info")], &flags).unwrap();
        assert_eq!((settings.jobs.value.get(), settings.jobs.origin), (3, Origin::Flag("--jobs")));
        assert_eq!(
            (settings.log.value.as_str(), settings.log.origin),
            ("info", Origin::Environment("ROLEMILL_LOG"))
        );
        assert_eq!(settings.library.origin, Origin::Default);
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let variables =
            [("ROLEMILL_JOBS", "0"), ("ROLEMILL_LOG", "a=b=c"), ("ROLEMILL_LIBRARY", "/nowhere/at/all")];
        let Err(Problems(problems)) = settings(&variables, &Flags::default()) else {
            panic!("three things are wrong")
        };
        assert_eq!(problems.len(), 3, "{problems:?}");
    }
}
