//! The prompts: one file a use and version, compiled in. A version's file is never changed, a new one is added.

use contract::ModelUse;
use sha2::{Digest as _, Sha256};

/// What a model is told before it is shown data.
#[derive(Clone, Copy, Debug)]
pub struct Prompt {
    /// What it is for.
    pub purpose: ModelUse,
    /// Its number, and the beginning of its content's hash: `1-5f0c9a2b`.
    number: u16,
    /// The words.
    pub words: &'static str,
}

macro_rules! prompts {
    ($($purpose:ident $number:literal $file:literal)*) => {
        /// All, of each use the newest last.
        const PROMPTS: &[Prompt] = &[$(Prompt {
            purpose: ModelUse::$purpose,
            number: $number,
            words: include_str!(concat!("../../../schema/prompts/", $file)),
        }),*];
    };
}

prompts! {
    NanoParse 1 "nano_parse.1.md"
    HiddenSkills 1 "hidden_skills.1.md"
    Domain 1 "domain.1.md"
    Adjudication 1 "adjudication.1.md"
    RolePlan 1 "role_plan.1.md"
    Orchestrator 1 "orchestrator.1.md"
    KraDescriptions 1 "kra_descriptions.1.md"
}

/// What every prompt begins with: how data is marked, and that it never says what to do.
pub const PREAMBLE: &str = include_str!("../../../schema/prompts/preamble.1.md");

impl Prompt {
    /// The newest of a use; none for a use without words.
    #[must_use]
    pub fn newest(purpose: ModelUse) -> Option<Self> {
        PROMPTS.iter().rev().find(|prompt| prompt.purpose == purpose).copied()
    }

    /// One of a use by its version.
    #[must_use]
    pub fn named(purpose: ModelUse, version: &str) -> Option<Self> {
        PROMPTS.iter().find(|prompt| prompt.purpose == purpose && prompt.version() == version).copied()
    }

    /// Its number, and the beginning of the hash of all that it says.
    #[must_use]
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(PREAMBLE);
        hash.update(self.words);
        let hash = hash.finalize();
        format!("{}-{:02x}{:02x}{:02x}{:02x}", self.number, hash[0], hash[1], hash[2], hash[3])
    }
}
