//! What a webhook is registered with: an address, and a secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Why an address or a secret cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// It is no address that something can be posted to.
    #[error("an address such as https://host/path is expected, without a user and without a fragment")]
    Address,
    /// It is easy to guess.
    #[error("the secret is too short: at least {} bytes are expected", WebhookSecret::SHORTEST)]
    Short,
    /// It is more than a secret.
    #[error("the secret is too long: at most {} bytes are expected", WebhookSecret::LONGEST)]
    Long,
    /// It says that it is base64.
    #[error("what follows whsec_ in the secret is not base64")]
    Encoding,
}

/// Where events are posted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    const LONGEST: usize = 2_048;

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what is posted there can be read on the way.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        scheme(&self.0).is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("http"))
    }
}

fn scheme(url: &str) -> Option<(&str, &str)> {
    url.split_once("://")
}

impl FromStr for WebhookUrl {
    type Err = RegistrationError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = scheme(url).ok_or(RegistrationError::Address)?;
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        let is_http = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
        let is_host = !host.is_empty() && !host.starts_with(':') && !host.contains(['@', '\\']);
        let is_one_line = url.chars().all(|c| !c.is_whitespace() && !c.is_control());
        if is_http && is_host && is_one_line && !url.contains('#') && url.len() <= Self::LONGEST {
            Ok(Self(url.to_owned()))
        } else {
            Err(RegistrationError::Address)
        }
    }
}

/// What deliveries are signed with. It is shown only to whoever asks for it by name.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// The fewest bytes.
    pub const SHORTEST: usize = 24;
    /// The most bytes.
    pub const LONGEST: usize = 1_024;
    const PREFIX: &str = "whsec_";

    /// A new one: 244 random bits.
    #[must_use]
    pub fn generate() -> Self {
        Self([Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat())
    }

    /// A stored one.
    pub(super) fn stored(key: Vec<u8>) -> Self {
        Self(key)
    }

    /// The key of the signature.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.0
    }

    /// As receivers are given it: `whsec_` and base64.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{}{}", Self::PREFIX, STANDARD.encode(&self.0))
    }
}

/// `whsec_` and base64, or the bytes of any other text.
impl FromStr for WebhookSecret {
    type Err = RegistrationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let key = match text.strip_prefix(Self::PREFIX) {
            Some(encoded) => STANDARD.decode(encoded).map_err(|_| RegistrationError::Encoding)?,
            None => text.as_bytes().to_vec(),
        };
        match key.len() {
            len if len < Self::SHORTEST => Err(RegistrationError::Short),
            len if len > Self::LONGEST => Err(RegistrationError::Long),
            _ => Ok(Self(key)),
        }
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_posted_to_is_an_address() {
        for url in ["https://example.com/hook?a=b", "http://10.0.0.1:8080", "HTTPS://[2001:db8::1]:443/x"] {
            assert_eq!(url.parse::<WebhookUrl>().map(|url| url.as_str().to_owned()), Ok(url.to_owned()));
        }
        for url in [
            "example.com",
            "ftp://example.com",
            "https://",
            "https:///path",
            "https://:443",
            "https://me:hush@example.com",
            r"https://example.com\@other",
            "https://example.com/#top",
            "https://example.com/a b",
            "https://example.com/\u{0}",
        ] {
            assert_eq!(url.parse::<WebhookUrl>(), Err(RegistrationError::Address), "{url}");
        }
        assert!("http://example.com".parse::<WebhookUrl>().unwrap().is_plain());
        assert!(!"https://example.com".parse::<WebhookUrl>().unwrap().is_plain());
    }

    #[test]
    fn a_secret_is_read_back_as_it_is_shown_and_two_are_never_equal() {
        let secret = WebhookSecret::generate();
        assert_eq!(secret.shown().parse(), Ok(secret.clone()));
        assert_ne!(secret, WebhookSecret::generate());
        assert_eq!(secret.key().len(), 32);
    }

    #[test]
    fn a_secret_is_not_shown_by_accident() {
        let secret: WebhookSecret = "correct horse battery staple\n".parse().unwrap();
        assert_eq!(secret.key(), b"correct horse battery staple");
        assert_eq!(format!("{secret:?}"), "WebhookSecret(***)");
    }

    #[test]
    fn a_secret_that_is_easy_to_guess_is_none() {
        assert_eq!("hush".parse::<WebhookSecret>(), Err(RegistrationError::Short));
        assert_eq!("whsec_aHVzaA==".parse::<WebhookSecret>(), Err(RegistrationError::Short));
        assert_eq!(
            "whsec_not base64 at all, however long".parse::<WebhookSecret>(),
            Err(RegistrationError::Encoding)
        );
        assert_eq!("a".repeat(1_025).parse::<WebhookSecret>(), Err(RegistrationError::Long));
    }
}
