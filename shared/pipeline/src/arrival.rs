//! What comes in at the public entrance: an envelope of our own, or a posting from anybody.
//!
//! A posting is one JSON object, a CloudEvent in structured mode that holds one, or a document of any format that the readers
//! know. Whoever reads a message here gets the same run for it: the parse worker that runs it, and the ledger that notes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::{
    Content, Document, Envelope, Options, Posting, Received, RunId, Source, State as _, Versions,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::payload::{Incoming, Letter, Malformed, Pinned};

/// `type` of what our own ingress publishes: its message id is the run's id.
pub const POSTING_KIND: &str = Posting::KIND;
/// What a sender is called who does not say who it is.
const UNNAMED: &str = "amqp";
const CLOUD_EVENT: &str = "application/cloudevents+json";

/// A run as it arrives.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    run: Envelope<Received>,
    /// Whether its versions are chosen already: a replay's are, a posting's are not.
    is_pinned: bool,
}

impl Arrival {
    /// The run, on the versions it is pinned to, or else on those that its options are given.
    #[must_use]
    pub fn pinned(mut self, versions: impl FnOnce(&Options) -> Versions) -> Envelope<Received> {
        if !self.is_pinned {
            self.run.versions = versions(&self.run.options);
        }
        self.run
    }

    /// Who sent it.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.run.source
    }

    fn of_posting(letter: &Letter<'_>, document: Document, source: Source) -> Self {
        let run_id = match (&source.idempotency_key, minted(letter)) {
            (Some(key), _) => RunId::derived(&source.system, key),
            (None, Some(minted)) => minted,
            (None, None) => RunId::derived(&source.system, &document.sha256),
        };
        let mut run = Envelope::accept(run_id, source, document, Options::default(), Versions::default());
        if let Some(sent_at) = letter.sent_at {
            run.created_at = sent_at;
        }
        if let Some(attempt @ 1..) = letter.attempt {
            (run.attempt, run.replay_of) = (attempt, Some(attempt - 1));
        }
        Self { run, is_pinned: false }
    }
}

/// The id that our own ingress gave the run.
fn minted(letter: &Letter<'_>) -> Option<RunId> {
    letter.message_id.filter(|_| letter.kind == Some(POSTING_KIND)).and_then(|id| id.parse().ok()).map(RunId)
}

impl Pinned for Arrival {
    fn library(&self) -> Option<&str> {
        self.is_pinned.then_some(self.run.versions.library.as_str())
    }
}

impl Incoming for Arrival {
    fn open(letter: &Letter<'_>) -> Result<Self, Malformed> {
        if letter.kind == Some(Received::KIND) {
            let run = Envelope::<Received>::open(letter)?;
            return Ok(Self { run, is_pinned: true });
        }
        let media_type = letter.content_type.unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let system = letter.system.filter(|system| !system.is_empty()).unwrap_or(UNNAMED);
        if media_type == CLOUD_EVENT {
            return cloud_event(letter, json(letter.body)?);
        }
        if media_type == "application/json" {
            let text = json(letter.body)?;
            let (document, mut source) = posting(text)?.into_document(system);
            if let Some(key) = letter.idempotency_key {
                source.idempotency_key = Some(key.to_owned());
            }
            return Ok(Self::of_posting(letter, document, source));
        }
        if letter.body.is_empty() {
            return Err(Malformed("its body is empty".to_owned()));
        }
        let content_type = (!media_type.is_empty()).then_some(media_type);
        let document = document(letter.body.to_vec(), content_type);
        let source = Source {
            system: system.to_owned(),
            external_id: letter.idempotency_key.map(str::to_owned),
            idempotency_key: letter.idempotency_key.map(str::to_owned),
        };
        Ok(Self::of_posting(letter, document, source))
    }

    fn run_id(&self) -> RunId {
        self.run.run_id
    }

    fn attempt(&self) -> u32 {
        self.run.attempt
    }

    /// What cannot be read is a run all the same, so that it is seen to end.
    fn run_of(letter: &Letter<'_>) -> Option<(RunId, u32)> {
        let system = letter.system.unwrap_or(UNNAMED);
        let run = minted(letter).unwrap_or_else(|| match letter.idempotency_key {
            Some(key) => RunId::derived(system, key),
            None => RunId::derived(system, &format!("{:x}", Sha256::digest(letter.body))),
        });
        Some((run, letter.attempt.unwrap_or_default()))
    }
}

fn json(body: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(body)
        .map_err(|error| Malformed(format!("it is not UTF-8 from byte {} on", error.valid_up_to())))
}

fn posting(text: &str) -> Result<Posting, Malformed> {
    Posting::read(text).map_err(|error| Malformed(error.to_string()))
}

/// Text stays text, so that an envelope of it can be read by people.
fn document(bytes: Vec<u8>, content_type: Option<String>) -> Document {
    let is_text = content_type.as_deref().is_some_and(|name| name.starts_with("text/"));
    let content = match String::from_utf8(bytes) {
        Ok(text) if is_text => Content::Text(text),
        Ok(text) => Content::Bytes(text.into_bytes()),
        Err(error) => Content::Bytes(error.into_bytes()),
    };
    Document::new(content, content_type)
}

/// A CloudEvent 1.0 in structured JSON mode; attributes that are not of use here are skipped.
#[derive(Deserialize)]
struct CloudEvent<'a> {
    specversion: String,
    id: String,
    source: String,
    #[serde(default)]
    datacontenttype: Option<String>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    data_base64: Option<String>,
}

fn cloud_event(letter: &Letter<'_>, text: &str) -> Result<Arrival, Malformed> {
    let event: CloudEvent<'_> =
        serde_json::from_str(text).map_err(|error| Malformed(format!("it is no CloudEvent: {error}")))?;
    if !event.specversion.starts_with("1.") {
        return Err(Malformed(format!("CloudEvents {} are not read here, 1.x are", event.specversion)));
    }
    let content_type = event.datacontenttype.as_deref();
    let media_type =
        content_type.and_then(|name| name.split(';').next()).unwrap_or("application/json").trim();
    let body = match (event.data, &event.data_base64) {
        (None, None) => return Err(Malformed("the CloudEvent has neither data nor data_base64".to_owned())),
        (Some(_), Some(_)) => {
            return Err(Malformed("the CloudEvent has both data and data_base64".to_owned()));
        }
        (Some(data), None)
            if media_type.eq_ignore_ascii_case("application/json") && data.get().starts_with('{') =>
        {
            let (document, posted) = posting(data.get())?.into_document(&event.source);
            return Ok(Arrival::of_posting(letter, document, of_event(event, posted.external_id)));
        }
        (Some(data), None) => serde_json::from_str::<String>(data.get())
            .map_err(|_| Malformed(format!("the CloudEvent's data is no string, as {media_type} is")))?
            .into_bytes(),
        (None, Some(data)) => STANDARD
            .decode(data)
            .map_err(|error| Malformed(format!("the CloudEvent's data_base64 is broken: {error}")))?,
    };
    let document = document(body, content_type.map(|_| media_type.to_ascii_lowercase()));
    Ok(Arrival::of_posting(letter, document, of_event(event, None)))
}

/// Source and id name an event once in the world: the same event again is the same run.
fn of_event(event: CloudEvent<'_>, posting: Option<String>) -> Source {
    Source {
        external_id: Some(posting.unwrap_or_else(|| event.id.clone())),
        idempotency_key: Some(event.id),
        system: event.source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(letter: Letter<'_>) -> Result<Envelope<Received>, String> {
        Arrival::open(&letter).map(|arrival| arrival.pinned(|_| Versions::default())).map_err(|error| error.0)
    }

    fn json(body: &str) -> Letter<'_> {
        Letter { content_type: Some("application/json"), body: body.as_bytes(), ..Letter::default() }
    }

    #[test]
    fn the_same_posting_twice_is_the_same_run() {
        let letter = json(r#"{"id":7,"source":"ats","text":"We hire."}"#);
        let (once, twice) = (open(letter).unwrap(), open(letter).unwrap());
        assert_eq!(once.run_id, twice.run_id);
        assert_eq!(once.run_id, RunId::derived("ats", "7"));
        let plain = Letter { body: b"We hire.", system: Some("board"), ..Letter::default() };
        assert_eq!(open(plain).unwrap().run_id, open(plain).unwrap().run_id);
    }

    #[test]
    fn a_key_in_the_headers_goes_before_what_the_body_says() {
        let letter = Letter {
            idempotency_key: Some("k"),
            system: Some("board"),
            ..json(r#"{"id":7,"text":"We hire."}"#)
        };
        assert_eq!(open(letter).unwrap().run_id, RunId::derived("board", "k"));
    }

    #[test]
    fn a_cloud_event_is_named_by_its_source_and_id() {
        let body = r#"{"specversion":"1.0","id":"e1","source":"/ats","type":"posted","data":{"id":9,"title":"Cook"}}"#;
        let letter =
            Letter { content_type: Some("application/cloudevents+json; charset=utf-8"), ..json(body) };
        let run = open(letter).unwrap();
        assert_eq!(run.run_id, RunId::derived("/ats", "e1"));
        assert_eq!(run.source.external_id.as_deref(), Some("9"));
        assert_eq!(run.document.title_hint.as_deref(), Some("Cook"));
        let html = r#"{"specversion":"1.0","id":"e2","source":"/ats","type":"posted","datacontenttype":"text/html","data_base64":"PHA+SGk8L3A+"}"#;
        let run = open(Letter { content_type: Some(CLOUD_EVENT), ..json(html) }).unwrap();
        assert_eq!(run.document.content, Content::Text("<p>Hi</p>".to_owned()));
        assert_eq!(run.document.content_type.as_deref(), Some("text/html"));
    }

    #[test]
    fn what_cannot_be_read_says_why_and_is_a_run_all_the_same() {
        for (letter, why) in [
            (json("[]"), "does not begin with {"),
            (json("{}"), "neither"),
            (
                Letter { content_type: Some("application/json"), body: b"\xff", ..Letter::default() },
                "not UTF-8 from byte 0",
            ),
            (Letter::default(), "empty"),
            (
                Letter {
                    content_type: Some(CLOUD_EVENT),
                    ..json(r#"{"specversion":"1.0","id":"1","source":"s"}"#)
                },
                "neither data",
            ),
            (
                Letter { kind: Some(Received::KIND), ..json(r#"{"schema_version":"2.0"}"#) },
                "newest that is read here",
            ),
        ] {
            let said = open(letter).unwrap_err();
            assert!(said.contains(why), "{said} does not say {why}");
            assert_eq!(Arrival::run_of(&letter), Arrival::run_of(&letter));
        }
    }

    #[test]
    fn a_replayed_posting_is_the_next_attempt_of_the_same_run() {
        let letter = json(r#"{"id":7,"source":"ats","text":"We hire."}"#);
        let again = open(Letter { attempt: Some(2), ..letter }).unwrap();
        assert_eq!(
            (again.run_id, again.attempt, again.replay_of),
            (open(letter).unwrap().run_id, 2, Some(1))
        );
    }
}
