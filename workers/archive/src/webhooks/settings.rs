//! What is told of webhooks by the environment.

use anyhow::Context as _;
use runtime::Env;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// How webhooks are told.
#[derive(Clone, Debug)]
pub(crate) struct WebhookSettings {
    /// Whether private addresses and plain HTTP may be posted to (`ROLEMILL_WEBHOOKS_PRIVATE=allow`).
    pub(crate) is_private_allowed: bool,
    /// How long it is waited after each failed try (`ROLEMILL_WEBHOOKS_WAITS`), a fifth more or less; one more failure, and there is
    /// no further try.
    pub(crate) waits: Vec<Duration>,
    /// Certificates (PEM) that receivers are checked against, beside the well-known ones (`ROLEMILL_WEBHOOKS_CA_FILE`).
    pub(crate) certificates: Option<String>,
    /// How long a connection is waited for.
    pub(crate) connect_within: Duration,
    /// How long a try may take.
    pub(crate) answer_within: Duration,
    /// How often it is looked whether anything is due that nobody in this process knows of.
    pub(crate) look_every: Duration,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        let seconds = |seconds| Duration::from_secs(seconds);
        let hours = |hours: u64| seconds(hours * 60 * 60);
        Self {
            is_private_allowed: false,
            waits: vec![
                seconds(5),
                seconds(30),
                seconds(5 * 60),
                seconds(30 * 60),
                hours(2),
                hours(5),
                hours(10),
            ],
            certificates: None,
            connect_within: seconds(5),
            answer_within: seconds(15),
            look_every: seconds(1),
        }
    }
}

impl WebhookSettings {
    /// Reads the settings.
    ///
    /// # Errors
    /// When a value cannot be used, or the file cannot be read.
    pub(crate) fn from(env: &Env<impl Fn(&str) -> Option<String>>) -> anyhow::Result<Self> {
        let usual = Self::default();
        let certificates = env.optional::<PathBuf>("ROLEMILL_WEBHOOKS_CA_FILE")?.map(|path| {
            std::fs::read_to_string(&path)
                .with_context(|| format!("ROLEMILL_WEBHOOKS_CA_FILE is \"{}\"", path.display()))
        });
        Ok(Self {
            is_private_allowed: env.optional::<Allow>("ROLEMILL_WEBHOOKS_PRIVATE")?.is_some(),
            waits: env
                .optional::<Waits>("ROLEMILL_WEBHOOKS_WAITS")?
                .map_or(usual.waits, |Waits(waits)| waits),
            certificates: certificates.transpose()?,
            ..usual
        })
    }
}

struct Allow;

impl FromStr for Allow {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word == "allow" { Ok(Self) } else { Err("\"allow\" or nothing is expected") }
    }
}

struct Waits(Vec<Duration>);

impl FromStr for Waits {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, Self::Err> {
        words.split(',').map(|word| wait(word.trim())).collect::<Result<_, _>>().map(Self)
    }
}

/// `250ms`, `5s`, `30m`, `2h`.
fn wait(word: &str) -> Result<Duration, String> {
    let (number, unit) = word.split_at(word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len()));
    let ms = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let ms = ms.and_then(|ms: u64| ms.checked_mul(number.parse().ok()?));
    // Long enough for anything, and short enough to be added to a time.
    match ms {
        Some(ms @ 1..=2_592_000_000) => Ok(Duration::from_millis(ms)),
        Some(_) | None => {
            Err(format!("\"{word}\" is no time such as 250ms, 5s, 30m or 2h, of at most 30 days"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(name: &'static str, value: &'static str) -> anyhow::Result<WebhookSettings> {
        WebhookSettings::from(&Env(move |asked: &str| (asked == name).then(|| value.to_owned())))
    }

    #[test]
    fn nothing_private_is_allowed_unless_it_is_said() {
        assert!(!settings("", "").unwrap().is_private_allowed);
        assert!(settings("ROLEMILL_WEBHOOKS_PRIVATE", "allow").unwrap().is_private_allowed);
        let error = settings("ROLEMILL_WEBHOOKS_PRIVATE", "yes").unwrap_err();
        assert!(error.to_string().contains("ROLEMILL_WEBHOOKS_PRIVATE"), "{error}");
    }

    #[test]
    fn the_usual_waits_can_be_written_as_the_setting() {
        let written = settings("ROLEMILL_WEBHOOKS_WAITS", "5s, 30s, 5m, 30m, 2h, 5h, 10h").unwrap();
        assert_eq!(written.waits, WebhookSettings::default().waits);
        for wrong in ["0s", "5", "soon", "9999999h", "5s,"] {
            assert!(settings("ROLEMILL_WEBHOOKS_WAITS", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let error = settings("ROLEMILL_WEBHOOKS_CA_FILE", "/no/such/file").unwrap_err();
        assert!(error.to_string().contains("/no/such/file"), "{error}");
    }
}
