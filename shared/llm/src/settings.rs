//! Whom to ask, for what, and what it may cost: from a file, over the defaults that are compiled in.

use contract::ModelUse;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use strum::VariantArray as _;
use toml::{Table, Value};

/// The defaults, with what every setting means.
pub const DEFAULTS: &str = include_str!("models.toml");

/// Everything about language models.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSettings {
    /// Where the server is, up to `/v1`.
    pub base_url: String,
    /// What lets us in. Never in a file that is shown.
    #[serde(skip)]
    pub key: Option<SecretString>,
    /// How the shape of an answer is asked for.
    pub shape: ShapeWay,
    /// HTTP calls for one question of one try, repair and repetitions included.
    pub calls_per_question: u32,
    timeout_seconds: f64,
    patience_seconds: f64,
    /// Calls on their way at once in this process.
    pub concurrency: usize,
    /// Calls a minute of all processes together; 0 is no limit.
    pub calls_per_minute: u64,
    /// After so many failures in a row the breaker opens.
    pub breaker_failures: u32,
    breaker_seconds: f64,
    /// What the model is asked with; none for servers that take none.
    pub temperature: Knob<f64>,
    /// The same answer to the same request, as far as the server can.
    pub seed: Knob<i64>,
    /// The request's member that limits an answer's tokens.
    pub tokens_member: String,
    /// What it may cost.
    pub budget: Budget,
    /// What a million tokens cost, by model.
    #[serde(default)]
    pub prices: BTreeMap<String, Price>,
    /// What is asked, by use.
    pub uses: BTreeMap<ModelUse, UseSettings>,
}

/// How the shape of an answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeWay {
    /// By JSON Schema, to which the server holds the model.
    Strict,
    /// As a JSON object; the shape is told in words.
    Object,
    /// In words only.
    Words,
}

/// A value that is sent, or `"none"`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Knob<T> {
    /// Sent.
    Set(T),
    /// Left out.
    None(NoneWord),
}

/// The word for a value that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoneWord {
    /// It.
    None,
}

impl<T> Knob<T> {
    pub(crate) fn set(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::None(NoneWord::None) => None,
        }
    }
}

/// What it may cost, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// One pass of one run.
    pub per_run: Option<f64>,
    /// All calls of a day (UTC).
    pub per_day: Option<f64>,
    /// What becomes of a run that has no room.
    pub over: OverBudget,
}

/// What becomes of a run when a budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverBudget {
    /// The built-in engine answers.
    Builtin,
    /// It waits.
    Wait,
}

/// What becomes of a run when there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The built-in engine answers.
    Builtin,
    /// It is tried later, or given up, as the failure's kind has it.
    Retry,
}

/// What a million tokens cost, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Tokens sent.
    pub input: f64,
    /// Tokens received.
    #[serde(default)]
    pub output: f64,
}

/// How one use is asked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseSettings {
    /// Whether at all.
    pub on: bool,
    /// Of which model.
    pub model: String,
    /// A server of its own, up to `/v1`.
    pub base_url: Option<String>,
    /// What the model can read and write in one call.
    pub context_tokens: u32,
    /// The longest answer.
    pub answer_tokens: u32,
    /// What becomes of a run when there is no answer.
    pub on_failure: OnFailure,
}

/// Everything that is wrong with the settings, at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SettingsError(pub Vec<String>);

impl ModelSettings {
    /// Reads a file over the defaults.
    ///
    /// # Errors
    /// With all that is wrong.
    pub fn read(file: &str, key: Option<SecretString>) -> Result<Self, SettingsError> {
        let one = |error: toml::de::Error| SettingsError(vec![error.to_string().trim_end().to_owned()]);
        let mut table: Table = DEFAULTS.parse().map_err(one)?;
        over(&mut table, file.parse().map_err(one)?);
        let settings = Self { key, ..table.try_into().map_err(one)? };
        let problems = settings.problems();
        if problems.is_empty() { Ok(settings) } else { Err(SettingsError(problems)) }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let own = self.uses.values().filter_map(|it| it.base_url.as_ref());
        for url in own.chain([&self.base_url]) {
            if !(url.starts_with("http://") || url.starts_with("https://")) {
                problems.push(format!("base_url is \"{url}\": http:// or https:// is expected"));
            }
        }
        for (name, seconds) in [
            ("timeout_seconds", self.timeout_seconds),
            ("patience_seconds", self.patience_seconds),
            ("breaker_seconds", self.breaker_seconds),
        ] {
            if !(seconds > 0.0 && seconds <= 3_600.0) {
                problems.push(format!("{name} is {seconds}: more than 0 and at most an hour is expected"));
            }
        }
        for (name, count) in [
            ("calls_per_question", self.calls_per_question as usize),
            ("concurrency", self.concurrency),
            ("breaker_failures", self.breaker_failures as usize),
        ] {
            if count == 0 {
                problems.push(format!("{name} is 0: at least 1 is expected"));
            }
        }
        let budgets = [("per_run", self.budget.per_run), ("per_day", self.budget.per_day)];
        for (name, usd) in budgets.iter().filter_map(|(name, usd)| usd.map(|usd| (name, usd))) {
            if !(0.0..1e9).contains(&usd) {
                problems.push(format!("budget.{name} is {usd}: a number of dollars is expected"));
            }
        }
        let is_limited = budgets.iter().any(|(_, usd)| usd.is_some());
        for (purpose, it) in self.uses.iter().filter(|(_, it)| it.on) {
            if is_limited && !self.prices.contains_key(&it.model) {
                problems.push(format!(
                    "uses.{purpose} asks \"{}\", which has no price: a budget cannot be kept with it",
                    it.model
                ));
            }
            if it.answer_tokens >= it.context_tokens {
                problems.push(format!("uses.{purpose} has no room for a question beside its answer_tokens"));
            }
        }
        for (model, price) in &self.prices {
            if !(price.input >= 0.0 && price.output >= 0.0) {
                problems.push(format!("prices.\"{model}\" is less than nothing"));
            }
        }
        problems
    }

    /// How long one call may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_secs_f64(self.timeout_seconds)
    }

    /// How long a run may wait for its turn in place.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_secs_f64(self.patience_seconds)
    }

    /// How long nobody calls once the breaker is open.
    #[must_use]
    pub fn breaker_time(&self) -> Duration {
        Duration::from_secs_f64(self.breaker_seconds)
    }

    /// Where a use is asked.
    #[must_use]
    pub fn base_url(&self, purpose: ModelUse) -> &str {
        let own = self.uses.get(&purpose).and_then(|it| it.base_url.as_deref());
        own.unwrap_or(&self.base_url).trim_end_matches('/')
    }
}

/// Puts the members of one table over those of another, tables within tables.
fn over(base: &mut Table, file: Table) {
    for (name, value) in file {
        match (base.get_mut(&name), value) {
            (Some(Value::Table(base)), Value::Table(value)) => over(base, value),
            (_, value) => {
                base.insert(name, value);
            }
        }
    }
}

/// A line a setting, without the key.
impl fmt::Display for ModelSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usd = |usd: Option<f64>| usd.map_or_else(|| "no limit".to_owned(), |usd| format!("${usd}"));
        let key = if self.key.is_some() { "***" } else { "none" };
        writeln!(f, "{:<16}{} (key {key})", "models", self.base_url)?;
        writeln!(
            f,
            "{:<16}{} a run, {} a day, over it {:?}",
            "model budget",
            usd(self.budget.per_run),
            usd(self.budget.per_day),
            self.budget.over
        )?;
        for purpose in ModelUse::VARIANTS {
            if let Some(it) = self.uses.get(purpose).filter(|it| it.on) {
                writeln!(f, "{:<16}{} ({:?} on failure)", purpose.to_string(), it.model, it.on_failure)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_ask_nothing_and_know_every_use() {
        let settings = ModelSettings::read("", None).unwrap();
        assert_eq!(settings.uses.len(), ModelUse::VARIANTS.len());
        assert!(settings.uses.values().all(|it| !it.on));
    }

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let file = "temperature = \"none\"\n[uses.domain]\non = true\nmodel = \"m\"\n[prices.m]\ninput = 1";
        let settings = ModelSettings::read(file, None).unwrap();
        assert_eq!(settings.temperature.set(), None);
        assert_eq!(settings.uses[&ModelUse::Domain].model, "m");
        assert!(
            settings.uses[&ModelUse::Domain].answer_tokens > 0 && !settings.uses[&ModelUse::NanoParse].on
        );
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let file = "base_url = \"ftp://x\"\nconcurrency = 0\ntimeout_seconds = 0\n[budget]\nper_day = 1\n\
                    [uses.domain]\non = true\nmodel = \"m\"";
        let SettingsError(problems) = ModelSettings::read(file, None).unwrap_err();
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(ModelSettings::read("bugdet = 1", None).unwrap_err().to_string().contains("bugdet"));
    }

    #[test]
    fn the_key_is_never_shown() {
        let settings = ModelSettings::read("", Some("sk-hush".into())).unwrap();
        assert!(!format!("{settings} {settings:?}").contains("hush"));
    }
}
