//! A worker's settings, from the environment.

use broker::{BrokerSettings, BrokerUrl};
use llm::ModelSettings;
use runtime::telemetry::{LogFormat, TelemetrySettings};
use runtime::{Env, SettingError};
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use store::Place;

use crate::models::model_settings;

/// How often it is looked whether the database is there when a worker starts.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The client of the broker reports as errors what the worker waits for and says itself; the one of language models would report
/// what a server said.
const USUAL_LOG: &str = "info,lapin=off,async_openai=off";

pub(crate) const HELP: &str = "\
Settings (environment):
  ROLEMILL_AMQP                     broker: amqp://user:password@host:5672/vhost, amqps:// for TLS (or ROLEMILL_AMQP_FILE: a file that holds it)
  ROLEMILL_AMQP_CA_FILE             certificates (PEM) that the broker's is checked against, beside the well-known ones
  ROLEMILL_DB                       database: postgres://user:password@host/name, ?sslmode=verify-full for TLS (or ROLEMILL_DB_FILE)
  ROLEMILL_PREFIX                   what every name on the broker begins with [rolemill]
  ROLEMILL_PREFETCH                 runs in flight at a time [32]
  ROLEMILL_RETRY_DELAYS             how long a message waits before it is tried again [5s,30s,5m,30m]
  ROLEMILL_DELIVERY_LIMIT           how often a message that takes its worker down is delivered again [8]
  ROLEMILL_PATIENCE_SECONDS         how long the broker is waited for, whatever it is asked [20]
  ROLEMILL_RUN_DEADLINE_SECONDS     how long a run may take in one stage; below half the broker's consumer_timeout [600]
  ROLEMILL_GRACE_SECONDS            how long runs in flight are waited for at SIGTERM [25]
  ROLEMILL_WATCH_SECONDS            how often it is looked whether messages are ready and none arrives [30]
  ROLEMILL_MODELS                   settings of language models (TOML); `rolemill config models` prints a file with all of them [none]
  ROLEMILL_MODEL_KEY                key of the language model's server (or ROLEMILL_MODEL_KEY_FILE)
  ROLEMILL_HEALTH                   address that answers /livez, /readyz and /metrics [none]
  ROLEMILL_LOG                      what is logged: error, warn, info, debug or directives [info,lapin=off,async_openai=off]
  ROLEMILL_LOG_FORMAT               text or json [text]
  OTEL_EXPORTER_OTLP_ENDPOINT       collector for traces and measurements, over HTTP [none]

Exit codes: 0 asked to stop and stopped, 1 failed, 2 settings that cannot be used.";

/// Everything a worker is told.
#[derive(Debug)]
pub struct Settings {
    /// Where runs are stored and libraries come from.
    pub db: Place,
    /// The broker.
    pub broker: BrokerSettings,
    /// Language models; none where none are set up.
    pub models: Option<ModelSettings>,
    /// Where health is answered.
    pub health: Option<SocketAddr>,
    /// Logs, traces, measurements.
    pub telemetry: TelemetrySettings,
}

/// Everything that is wrong with the settings, at once.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl Settings {
    /// Reads the settings of the process that is called `name`.
    ///
    /// # Errors
    /// With all that is missing or cannot be used.
    pub fn from(env: &Env<impl Fn(&str) -> Option<String>>, name: &str) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let broker = secret::<BrokerUrl>(env, "ROLEMILL_AMQP", "ROLEMILL_AMQP_FILE", &mut problems)
            .map(|url| broker_settings(env, url, name, &mut problems));
        let db = secret::<Database>(env, "ROLEMILL_DB", "ROLEMILL_DB_FILE", &mut problems);
        let models = model_settings(env, None, &mut problems);
        let health = read(env.optional("ROLEMILL_HEALTH"), &mut problems);
        let telemetry = TelemetrySettings {
            filter: read(env.optional("ROLEMILL_LOG"), &mut problems).unwrap_or_else(|| USUAL_LOG.to_owned()),
            format: read(env.optional::<LogFormat>("ROLEMILL_LOG_FORMAT"), &mut problems).unwrap_or_default(),
            collector: read(env.optional("OTEL_EXPORTER_OTLP_ENDPOINT"), &mut problems),
        };
        if let Err(error) = telemetry.filter.parse::<runtime::logging::Filter>() {
            problems.push(format!("ROLEMILL_LOG is \"{}\": {error}", telemetry.filter));
        }
        match (broker, db) {
            (Some(broker), Some(Database(db))) if problems.is_empty() => {
                Ok(Self { db, broker, models, health, telemetry })
            }
            (_, _) => Err(Problems(problems)),
        }
    }
}

/// The settings for a broker, from the environment; what is wrong with them is added to `problems`.
pub fn broker_settings(
    env: &Env<impl Fn(&str) -> Option<String>>,
    url: BrokerUrl,
    name: &str,
    problems: &mut Vec<String>,
) -> BrokerSettings {
    let mut settings = BrokerSettings { name: name.to_owned(), ..BrokerSettings::usual(url) };
    let seconds = |variable, setting: &mut Duration, problems: &mut Vec<String>| {
        if let Some(Seconds(time)) = read(env.optional(variable), problems) {
            *setting = time;
        }
    };
    seconds("ROLEMILL_PATIENCE_SECONDS", &mut settings.patience, problems);
    seconds("ROLEMILL_RUN_DEADLINE_SECONDS", &mut settings.run_deadline, problems);
    seconds("ROLEMILL_GRACE_SECONDS", &mut settings.grace, problems);
    seconds("ROLEMILL_WATCH_SECONDS", &mut settings.watch_every, problems);
    if let Some(Prefix(prefix)) = read(env.optional("ROLEMILL_PREFIX"), problems) {
        settings.prefix = prefix;
    }
    if let Some(prefetch) = read(env.optional::<NonZeroU16>("ROLEMILL_PREFETCH"), problems) {
        settings.prefetch = prefetch.get();
    }
    if let Some(limit) = read(env.optional::<NonZeroU16>("ROLEMILL_DELIVERY_LIMIT"), problems) {
        settings.delivery_limit = limit.get().into();
    }
    if let Some(Delays(delays)) = read(env.optional("ROLEMILL_RETRY_DELAYS"), problems) {
        settings.delays = delays;
    }
    if let Some(path) = read(env.optional::<PathBuf>("ROLEMILL_AMQP_CA_FILE"), problems) {
        match std::fs::read_to_string(&path) {
            Ok(certificates) => settings.certificates = Some(certificates),
            Err(error) => problems.push(format!("ROLEMILL_AMQP_CA_FILE is \"{}\": {error}", path.display())),
        }
    }
    settings
}

pub(crate) fn read<T>(value: Result<Option<T>, SettingError>, problems: &mut Vec<String>) -> Option<T> {
    value.unwrap_or_else(|error| {
        problems.push(error.to_string());
        None
    })
}

/// A value that must be there, given itself or in a file; what is wrong with it is said without it.
fn secret<T: FromStr<Err: fmt::Display>>(
    env: &Env<impl Fn(&str) -> Option<String>>,
    variable: &'static str,
    file_variable: &'static str,
    problems: &mut Vec<String>,
) -> Option<T> {
    let before = problems.len();
    let value = maybe_secret(env, variable, file_variable, problems);
    if value.is_none() && problems.len() == before {
        problems.push(format!("{variable} is not set"));
    }
    value
}

/// The same of a value that may be missing.
pub(crate) fn maybe_secret<T: FromStr<Err: fmt::Display>>(
    env: &Env<impl Fn(&str) -> Option<String>>,
    variable: &'static str,
    file_variable: &'static str,
    problems: &mut Vec<String>,
) -> Option<T> {
    let given = read(env.optional::<String>(variable), problems);
    let file = read(env.optional::<PathBuf>(file_variable), problems);
    let (value, from) = match (given, file) {
        (Some(value), _) => (value, variable.to_owned()),
        (None, Some(path)) => match std::fs::read_to_string(&path) {
            Ok(value) => (value.trim().to_owned(), format!("{file_variable} {}", path.display())),
            Err(error) => {
                problems.push(format!("{file_variable} is \"{}\": {error}", path.display()));
                return None;
            }
        },
        (None, None) => return None,
    };
    value.parse().map_err(|error| problems.push(format!("{from} cannot be used: {error}"))).ok()
}

struct Database(Place);

impl FromStr for Database {
    type Err = store::StoreError;

    fn from_str(address: &str) -> Result<Self, Self::Err> {
        Place::read(address).map(Self)
    }
}

struct Seconds(Duration);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, Self::Err> {
        let seconds: f64 = words.parse().map_err(|_| "a number of seconds is expected".to_owned())?;
        match Duration::try_from_secs_f64(seconds) {
            Ok(time) if !time.is_zero() => Ok(Self(time)),
            Ok(_) | Err(_) => Err("more than 0 seconds are expected".to_owned()),
        }
    }
}

struct Prefix(String);

impl FromStr for Prefix {
    type Err = &'static str;

    fn from_str(words: &str) -> Result<Self, Self::Err> {
        let is_name = words.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if is_name && words.len() <= 64 {
            Ok(Self(words.to_owned()))
        } else {
            Err("at most 64 letters, digits, hyphens, dots and underscores are expected")
        }
    }
}

struct Delays(Vec<Duration>);

impl FromStr for Delays {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, Self::Err> {
        let mut delays = words.split(',').map(delay).collect::<Result<Vec<_>, _>>()?;
        delays.sort_unstable();
        delays.dedup();
        Ok(Self(delays))
    }
}

/// `250ms`, `5s`, `30m`.
fn delay(words: &str) -> Result<Duration, String> {
    let words = words.trim();
    let (number, unit) = words.split_at(words.find(|c: char| !c.is_ascii_digit()).unwrap_or(words.len()));
    let ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err(format!("\"{words}\" is no time such as 250ms, 5s or 30m")),
    };
    let number: u64 =
        number.parse().map_err(|_| format!("\"{words}\" is no time such as 250ms, 5s or 30m"))?;
    match number.checked_mul(ms) {
        Some(ms @ 1..=86_400_000) => Ok(Duration::from_millis(ms)),
        Some(_) | None => Err(format!("\"{words}\" is not between 1ms and a day")),
    }
}

/// A line a setting, without secrets.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let broker = &self.broker;
        let delays: Vec<String> = broker.delays.iter().map(|delay| format!("{delay:?}")).collect();
        let none = || "none".to_owned();
        let rows = [
            ("amqp", broker.url.to_string()),
            ("amqp ca", broker.certificates.as_ref().map_or_else(none, |_| "given".to_owned())),
            ("db", self.db.to_string()),
            ("prefix", broker.prefix.clone()),
            ("prefetch", broker.prefetch.to_string()),
            ("retry delays", delays.join(", ")),
            ("delivery limit", broker.delivery_limit.to_string()),
            ("patience", format!("{:?}", broker.patience)),
            ("run deadline", format!("{:?}", broker.run_deadline)),
            ("grace", format!("{:?}", broker.grace)),
            ("watch every", format!("{:?}", broker.watch_every)),
            ("health", self.health.map_or_else(none, |address| address.to_string())),
            ("log", self.telemetry.filter.clone()),
            ("log format", self.telemetry.format.to_string()),
            ("collector", self.telemetry.collector.clone().unwrap_or_else(none)),
        ];
        rows.iter().try_for_each(|(name, value)| writeln!(f, "{name:<16}{value}"))?;
        match &self.models {
            Some(models) => models.fmt(f),
            None => writeln!(f, "{:<16}none", "models"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, Problems> {
        let get = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::from(&Env(get), "rolemill-parse")
    }

    #[test]
    fn every_problem_is_named_at_once_and_no_secret_is_shown() {
        let Err(Problems(problems)) = settings(&[
            ("ROLEMILL_AMQP", "amqp://me:hush@mq"),
            ("ROLEMILL_PREFETCH", "0"),
            ("ROLEMILL_RETRY_DELAYS", "5s,soon"),
            ("ROLEMILL_PREFIX", "a b"),
        ]) else {
            panic!("four things are wrong")
        };
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(!problems.concat().contains("hush"));
    }

    #[test]
    fn the_effective_settings_show_no_password() {
        let variables =
            [("ROLEMILL_AMQP", "amqp://me:hush@mq"), ("ROLEMILL_DB", "postgres://me:hush@db/rolemill")];
        let shown = settings(&variables).unwrap().to_string();
        assert!(shown.contains("amqp://me:***@mq") && !shown.contains("hush"), "{shown}");
    }

    #[test]
    fn delays_are_sorted_and_each_is_there_once() {
        let Delays(delays) = "1s,250ms,1s".parse().unwrap();
        assert_eq!(delays, [Duration::from_millis(250), Duration::from_secs(1)]);
        assert!("0s".parse::<Delays>().is_err() && "99999999999m".parse::<Delays>().is_err());
    }
}
