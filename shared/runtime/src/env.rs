//! Settings as a process is given them.

use std::fmt::Display;
use std::str::FromStr;

/// Where settings come from: the environment in a process, a map in a test.
#[derive(Clone, Copy, Debug)]
pub struct Env<F>(pub F);

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is \"{value}\": {problem}")]
pub struct SettingError {
    /// The variable.
    pub name: &'static str,
    /// What it is set to.
    pub value: String,
    /// Why that is wrong.
    pub problem: String,
}

impl<F: Fn(&str) -> Option<String>> Env<F> {
    /// The value of `name`; none when it is not set or empty.
    ///
    /// # Errors
    /// When the value is not what is expected.
    pub fn optional<T>(&self, name: &'static str) -> Result<Option<T>, SettingError>
    where
        T: FromStr<Err: Display>,
    {
        let Some(value) = (self.0)(name).filter(|value| !value.trim().is_empty()) else { return Ok(None) };
        match value.trim().parse() {
            Ok(parsed) => Ok(Some(parsed)),
            Err(error) => Err(SettingError { name, problem: T::Err::to_string(&error), value }),
        }
    }
}

impl Env<fn(&str) -> Option<String>> {
    /// The environment of this process.
    #[must_use]
    pub fn process() -> Self {
        Self(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_not_set() {
        assert_eq!(Env(|_: &str| Some(" ".to_owned())).optional::<u16>("PREFETCH"), Ok(None));
    }

    #[test]
    fn a_wrong_value_names_the_variable_and_what_is_wrong() {
        let error = Env(|_: &str| Some("many".to_owned())).optional::<u16>("PREFETCH").unwrap_err();
        assert_eq!(error.to_string(), "PREFETCH is \"many\": invalid digit found in string");
    }
}
