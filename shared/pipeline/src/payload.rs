//! What travels between stages, whatever carries it.

use contract::{Envelope, RunFinished, RunId, SCHEMA_VERSION, Stage, State, Timing};
use time::OffsetDateTime;

/// A message as it came, before anybody understood it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Letter<'a> {
    /// Name and version of what it says it is.
    pub kind: Option<&'a str>,
    /// MIME type of the body.
    pub content_type: Option<&'a str>,
    /// The sender's id of the message.
    pub message_id: Option<&'a str>,
    /// The key under which the sender counts it as the same posting.
    pub idempotency_key: Option<&'a str>,
    /// The sending system, where the way it came tells.
    pub system: Option<&'a str>,
    /// Which pass of the run a replay of the message is.
    pub attempt: Option<u32>,
    /// When it was sent, as the sender says.
    pub sent_at: Option<OffsetDateTime>,
    /// The body.
    pub body: &'a [u8],
}

/// A message that is not what its reader expects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

/// What a stage reads from a message.
pub trait Incoming: Sized + Send + 'static {
    /// Understands a message.
    ///
    /// # Errors
    /// When it is of another kind, of a newer major version, or broken.
    fn open(letter: &Letter<'_>) -> Result<Self, Malformed>;
    /// The run.
    fn run_id(&self) -> RunId;
    /// Which pass of it.
    fn attempt(&self) -> u32;
    /// The run of a message that cannot be opened, as far as there is one.
    fn run_of(letter: &Letter<'_>) -> Option<(RunId, u32)> {
        /// What is looked for in a body that is otherwise not understood.
        #[derive(serde::Deserialize)]
        struct Named {
            run_id: RunId,
            attempt: u32,
        }
        let Named { run_id, attempt } = serde_json::from_slice(letter.body).ok()?;
        Some((run_id, attempt))
    }
}

/// What is pinned to a library version.
pub trait Pinned {
    /// The version's name; none for what is to be pinned to the newest.
    fn library(&self) -> Option<&str>;
}

impl<S> Pinned for Envelope<S> {
    fn library(&self) -> Option<&str> {
        Some(&self.versions.library)
    }
}

/// Where an output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// To the next stage.
    Stage(Stage),
    /// To whoever wants to know; nobody need to.
    Events(&'static str),
}

/// What a stage hands on.
pub trait Outgoing: Send + Sync + 'static {
    /// Where to.
    fn address(&self) -> Address;
    /// Name and version of the message.
    fn kind(&self) -> &'static str;
    /// The run.
    fn run_id(&self) -> RunId;
    /// Which pass of it.
    fn attempt(&self) -> u32;
    /// Notes how long the stage took that made it.
    fn timed(&mut self, timing: Timing);
    /// The body.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    fn seal(&self) -> Result<Vec<u8>, serde_json::Error>;
}

/// Whether an envelope of this version is read here: one of our major version or an older one.
fn readable(version: &str) -> Result<(), Malformed> {
    let major = |version: &str| version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    match (major(version), major(SCHEMA_VERSION)) {
        (Some(theirs), Some(ours)) if theirs <= ours => Ok(()),
        (_, _) => Err(Malformed(format!(
            "its schema version is \"{version}\", {SCHEMA_VERSION} is the newest that is read here"
        ))),
    }
}

/// What is wrong with a body whose version says that it is not ours.
fn newer(body: &[u8]) -> Option<Malformed> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        schema_version: String,
    }
    let Versioned { schema_version } = serde_json::from_slice(body).ok()?;
    readable(&schema_version).err()
}

impl<S: State> Incoming for Envelope<S> {
    fn open(letter: &Letter<'_>) -> Result<Self, Malformed> {
        if let Some(kind) = letter.kind.filter(|kind| *kind != S::KIND) {
            return Err(Malformed(format!("it is a \"{kind}\", a \"{}\" is read here", S::KIND)));
        }
        match serde_json::from_slice::<Self>(letter.body) {
            Ok(run) => readable(&run.schema_version).map(|()| run),
            // What a newer major version calls its members is not ours to complain about: the version is.
            Err(error) => Err(newer(letter.body).unwrap_or_else(|| Malformed(error.to_string()))),
        }
    }

    fn run_id(&self) -> RunId {
        self.run_id
    }

    fn attempt(&self) -> u32 {
        self.attempt
    }
}

impl<S: State> Outgoing for Envelope<S> {
    fn address(&self) -> Address {
        S::NEXT.map_or(Address::Events("run.persisted"), Address::Stage)
    }

    fn kind(&self) -> &'static str {
        S::KIND
    }

    fn run_id(&self) -> RunId {
        self.run_id
    }

    fn attempt(&self) -> u32 {
        self.attempt
    }

    fn timed(&mut self, timing: Timing) {
        self.timings.push(timing);
    }

    fn seal(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

impl Outgoing for RunFinished {
    fn address(&self) -> Address {
        Address::Events(Self::KEY)
    }

    fn kind(&self) -> &'static str {
        Self::KIND
    }

    fn run_id(&self) -> RunId {
        self.run_id
    }

    fn attempt(&self) -> u32 {
        self.attempt
    }

    fn timed(&mut self, _: Timing) {}

    fn seal(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}
