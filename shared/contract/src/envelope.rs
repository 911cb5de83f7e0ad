//! The message that travels: the document, the options, the pinned versions and the outputs so far.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Answers, Decision, Enrichment, ModelCall, Parse, Persistence, Signals, Stage};

/// `major.minor` of the envelope's shape. A higher major is not ours to read.
pub const SCHEMA_VERSION: &str = "1.0";

/// Version of the pipeline that runs are pinned to: of the code, and of the constants that were fitted for it.
pub const PIPELINE_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "+1");

/// The largest raw document that is accepted, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 8 << 20;
/// The largest extracted text that is accepted, in bytes of UTF-8.
pub const MAX_TEXT_BYTES: usize = 256 << 10;

/// One JD going through the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RunId(pub Uuid);

impl RunId {
    /// A fresh id for a document that enters at our own door.
    #[must_use]
    pub fn mint() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id of a document that carries an idempotency key, or the hash of its content: the same again is the same run.
    #[must_use]
    pub fn derived(source: &str, key: &str) -> Self {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"https://rolemill.dev/run");
        Self(Uuid::new_v5(&namespace, format!("{}:{source}:{key}", source.len()).as_bytes()))
    }

    /// The message that carries this run into `stage`: equal for every delivery of one attempt, so duplicates collapse.
    #[must_use]
    pub fn message_id(self, stage: Stage, attempt: u32) -> Uuid {
        let stage: &'static str = stage.into();
        Uuid::new_v5(&self.0, format!("{stage}/{attempt}").as_bytes())
    }
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Who sent the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The sending system's name.
    pub system: String,
    /// The sender's own id of the posting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Two messages of one system with the same key are the same run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// What is read: text as it came, or bytes of some format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Text whose format `content_type` names.
    Text(String),
    /// Raw bytes, base64 on the wire.
    Bytes(
        #[serde(with = "base64_bytes")]
        #[schemars(with = "String")]
        Vec<u8>,
    ),
}

impl Content {
    /// The content as bytes, whichever way it came.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// A job description as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// The text or the bytes.
    #[serde(flatten)]
    pub content: Content,
    /// MIME type, when the sender knows it; otherwise the content is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
    /// The posting's title, given beside the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_hint: Option<String>,
    /// The employer, given beside the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_hint: Option<String>,
    /// The place of work, given beside the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_hint: Option<String>,
}

impl Document {
    /// A document without hints.
    #[must_use]
    pub fn new(content: Content, content_type: Option<String>) -> Self {
        let sha256 = hex(&Sha256::digest(content.as_bytes()));
        Self { content, content_type, sha256, title_hint: None, company_hint: None, location_hint: None }
    }
}

/// Which engine a stage uses.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::EnumString,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Engine {
    /// The deterministic engine: no network, no key.
    #[default]
    Builtin,
    /// A language model behind an OpenAI-compatible server.
    Openai,
}

/// What the sender asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    /// The engine of a stage, where it is not the built-in one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub engine: BTreeMap<Stage, Engine>,
    /// The text is a part of a posting: the gate lets it through.
    pub fragment: bool,
    /// The most this run may cost, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_usd: Option<f64>,
    /// Where model answers may come from.
    #[serde(skip_serializing_if = "Answers::is_usual")]
    pub answers: Answers,
    /// When the answer is no longer of use.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub deadline: Option<OffsetDateTime>,
}

/// The versions a run is pinned to; the same input under the same versions gives the same outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Versions {
    /// Version of the code and its fitted constants.
    pub pipeline: String,
    /// The library version: a name and the hash of its content.
    pub library: String,
    /// Prompt file → version.
    #[serde(default)]
    pub prompts: BTreeMap<String, String>,
    /// Use → model id.
    #[serde(default)]
    pub models: BTreeMap<String, String>,
}

/// How long one stage took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// The stage.
    pub stage: Stage,
    /// Wall-clock time in milliseconds.
    pub ms: f64,
}

/// A run on its way; `O` is the outputs of the stages it has passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope<O> {
    /// [`SCHEMA_VERSION`] of whoever wrote it.
    pub schema_version: String,
    /// The run.
    pub run_id: RunId,
    /// Which pass of the run: 0 first, one more with every replay.
    pub attempt: u32,
    /// The attempt that this one replays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<u32>,
    /// When the run was accepted.
    #[serde(with = "time::serde::rfc3339")]
    #[schemars(with = "String")]
    pub created_at: OffsetDateTime,
    /// Who sent it.
    pub source: Source,
    /// What was sent.
    pub document: Document,
    /// What was asked for.
    #[serde(default)]
    pub options: Options,
    /// What it is pinned to.
    pub versions: Versions,
    /// The stages finished so far.
    pub outputs: O,
    /// Every model call so far.
    #[serde(default)]
    pub ledger: Vec<ModelCall>,
    /// How long each stage took.
    #[serde(default)]
    pub timings: Vec<Timing>,
    /// Members that a newer minor version added; kept when the envelope is sent on.
    #[serde(flatten)]
    pub later_members: BTreeMap<String, serde_json::Value>,
}

impl Envelope<Received> {
    /// A new run of `document`, first attempt.
    #[must_use]
    pub fn accept(
        run_id: RunId,
        source: Source,
        document: Document,
        options: Options,
        versions: Versions,
    ) -> Self {
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            run_id,
            attempt: 0,
            replay_of: None,
            created_at: OffsetDateTime::now_utc(),
            source,
            document,
            options,
            versions,
            outputs: Received {},
            ledger: Vec::new(),
            timings: Vec::new(),
            later_members: BTreeMap::new(),
        }
    }
}

impl<O> Envelope<O> {
    /// The same run with other outputs: how a stage hands over what it added. Nothing is copied.
    pub fn map<P>(self, change: impl FnOnce(O) -> P) -> Envelope<P> {
        Envelope {
            schema_version: self.schema_version,
            run_id: self.run_id,
            attempt: self.attempt,
            replay_of: self.replay_of,
            created_at: self.created_at,
            source: self.source,
            document: self.document,
            options: self.options,
            versions: self.versions,
            outputs: change(self.outputs),
            ledger: self.ledger,
            timings: self.timings,
            later_members: self.later_members,
        }
    }

    /// SHA-256 over everything that the outputs depend on, each part preceded by its length.
    #[must_use]
    pub fn input_hash(&self) -> String {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(self.document.sha256.as_bytes());
        for hint in [
            &self.document.content_type,
            &self.document.title_hint,
            &self.document.company_hint,
            &self.document.location_hint,
        ] {
            part(hint.as_deref().unwrap_or("\u{0}").as_bytes());
        }
        part(&serde_json::to_vec(&self.options).unwrap_or_default());
        part(&serde_json::to_vec(&self.versions).unwrap_or_default());
        hex(&hash.finalize())
    }
}

/// What an envelope can carry; `STAGE` is the stage that reads it next.
pub trait State: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stage that takes a run in this state.
    const NEXT: Option<Stage>;
    /// Name and version of the message that carries it: its `type` on the wire.
    const KIND: &'static str;
}

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident -> $next:expr, $kind:literal; { $($member:ident: $type:ty),* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        pub struct $name { $(
            #[doc = concat!("What the ", stringify!($member), " stage found.")]
            pub $member: $type,
        )* }
        impl State for $name {
            const NEXT: Option<Stage> = $next;
            const KIND: &'static str = $kind;
        }
    )*};
}

states! {
    /// Accepted, nothing done.
    Received -> Some(Stage::Parse), "rolemill.run.parse.v1"; {}
    /// Read, let through by the gate, taken apart.
    Parsed -> Some(Stage::Signals), "rolemill.run.signals.v1"; { parse: Parse }
    /// Stopped by the gate; goes straight to persistence.
    Rejected -> Some(Stage::Persistence), "rolemill.run.rejected.v1"; { parse: Parse }
    /// Every role has its scores.
    Signalled -> Some(Stage::Decision), "rolemill.run.decision.v1"; { parse: Parse, signals: Signals }
    /// A role was chosen, or said to be missing.
    Decided -> Some(Stage::Enrichment), "rolemill.run.enrichment.v1"; { parse: Parse, signals: Signals, decision: Decision }
    /// What it means for clients and for the library is known.
    Enriched -> Some(Stage::Persistence), "rolemill.run.persistence.v1"; { parse: Parse, signals: Signals, decision: Decision, enrichment: Enrichment }
    /// Written.
    Persisted -> None, "rolemill.run.persisted.v1"; { parse: Parse, signals: Signals, decision: Decision, enrichment: Enrichment, persistence: Persistence }
}

impl Envelope<Received> {
    /// Takes the outcome of the gate and of everything behind it.
    #[must_use]
    pub fn parsed(self, parse: Parse) -> Envelope<Parsed> {
        self.map(|_| Parsed { parse })
    }

    /// Takes what was seen of a document that the gate stopped.
    #[must_use]
    pub fn rejected(self, parse: Parse) -> Envelope<Rejected> {
        self.map(|_| Rejected { parse })
    }
}

impl Envelope<Parsed> {
    /// Adds the signals.
    #[must_use]
    pub fn signalled(self, signals: Signals) -> Envelope<Signalled> {
        self.map(|Parsed { parse }| Signalled { parse, signals })
    }
}

impl Envelope<Signalled> {
    /// Adds the decision.
    #[must_use]
    pub fn decided(self, decision: Decision) -> Envelope<Decided> {
        self.map(|Signalled { parse, signals }| Decided { parse, signals, decision })
    }
}

impl Envelope<Decided> {
    /// Adds what the answer means.
    #[must_use]
    pub fn enriched(self, enrichment: Enrichment) -> Envelope<Enriched> {
        self.map(|Decided { parse, signals, decision }| Enriched { parse, signals, decision, enrichment })
    }
}

impl Envelope<Enriched> {
    /// Adds what the database did.
    #[must_use]
    pub fn persisted(self, persistence: Persistence) -> Envelope<Persisted> {
        self.map(|Enriched { parse, signals, decision, enrichment }| Persisted {
            parse,
            signals,
            decision,
            enrichment,
            persistence,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

mod base64_bytes {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
