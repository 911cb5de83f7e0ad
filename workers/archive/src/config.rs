//! What only the archive worker is told.

use anyhow::bail;
use runtime::Env;
use std::time::Duration;

/// Ages and intervals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    /// A run of which nothing is known for so long is overdue. Above the sum of all waits that a message may have.
    pub(crate) overdue_after: Duration,
    /// How often it is looked.
    pub(crate) audit_every: Duration,
    /// How long the bodies of accepted runs are kept.
    pub(crate) keep_bodies: Duration,
    /// How long dead letters are kept that were sent once more.
    pub(crate) keep_replayed: Duration,
    /// How long deliveries to webhooks are kept that came to an end.
    pub(crate) keep_deliveries: Duration,
    /// How long what language models answered is kept.
    pub(crate) keep_answers: Duration,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// When a value is no number above 0.
    pub(crate) fn from(env: &Env<impl Fn(&str) -> Option<String>>) -> anyhow::Result<Self> {
        let number = |name, usual: f64| match env.optional::<f64>(name)? {
            Some(number) if number.is_finite() && number > 0.0 => Ok(number),
            Some(number) => bail!("{name} is \"{number}\": a number above 0 is expected"),
            None => Ok(usual),
        };
        let seconds = |name, usual| number(name, usual).map(Duration::from_secs_f64);
        let days = |name, usual| number(name, usual).map(|days| DAY.mul_f64(days));
        Ok(Self {
            overdue_after: seconds("ROLEMILL_OVERDUE_SECONDS", 3_600.0)?,
            audit_every: seconds("ROLEMILL_AUDIT_SECONDS", 15.0)?,
            keep_bodies: days("ROLEMILL_KEEP_BODIES_DAYS", 30.0)?,
            keep_replayed: days("ROLEMILL_KEEP_REPLAYED_DAYS", 90.0)?,
            keep_deliveries: days("ROLEMILL_KEEP_DELIVERIES_DAYS", 30.0)?,
            keep_answers: days("ROLEMILL_KEEP_ANSWERS_DAYS", 365.0)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_of_nothing_is_refused_by_name() {
        let error =
            Config::from(&Env(|name: &str| (name == "ROLEMILL_AUDIT_SECONDS").then(|| "0".to_owned())));
        assert!(error.unwrap_err().to_string().contains("ROLEMILL_AUDIT_SECONDS"));
    }
}
