//! What crosses the database boundary: one attempt of one run with everything that it leaves behind.

use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    ArtifactKind, ConfidenceBand, DecisionCase, Document, JdType, LinkOutcome, ModelCall, Neighbour, Options,
    Persistence, ReviewKind, RunId, Slug, Source, Span, Status, SuggestedAction, Timing, Versions,
};

/// Number of hashes in a [`Signature`].
pub const SIGNATURE_HASHES: usize = 64;

/// The smallest hashes of a text's shingles: two texts share as large a part of them as they share of their shingles.
pub type Signature = [u32; SIGNATURE_HASHES];

/// One attempt of one run as it is saved: in one transaction, and once however often it is tried.
#[derive(Clone, Debug)]
pub struct Record {
    /// The run.
    pub run_id: RunId,
    /// The attempt.
    pub attempt: u32,
    /// The attempt that this one replays.
    pub replay_of: Option<u32>,
    /// When the run was accepted.
    pub created_at: OffsetDateTime,
    /// Who sent it.
    pub source: Source,
    /// How it ended.
    pub status: Status,
    /// What lists and searches show.
    pub facts: RunFacts,
    /// Hash of everything that the outputs depend on.
    pub input_hash: String,
    /// What was asked for.
    pub options: Options,
    /// What it is pinned to.
    pub versions: Versions,
    /// The outputs of all stages but persistence, as canonical JSON.
    pub outputs: String,
    /// How long each stage took.
    pub timings: Vec<Timing>,
    /// Every model call.
    pub ledger: Vec<ModelCall>,
    /// The document as it came.
    pub document: Document,
    /// What the text is compared by; none for a text too short to compare.
    pub signature: Option<Signature>,
    /// What is to be linked.
    pub links: Vec<LinkWish>,
    /// What the library should perhaps have.
    pub proposals: Vec<Proposal>,
    /// Roles that claimed the same title.
    pub collision: Option<Collision>,
    /// A sample for the chosen role's centroid; only of an answer that needs no person.
    pub centroid: Option<CentroidSample>,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The run that holds the answer: the record's own, or the one that had answered the same input before.
    pub run_id: RunId,
    /// The attempt.
    pub attempt: u32,
    /// How it ended: as the record says, or cancelled, if somebody was faster.
    pub status: Status,
    /// What the database did.
    pub persistence: Persistence,
    /// Whether it was written now.
    pub is_new: bool,
}

/// What lists and searches show of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFacts {
    /// The gate's word.
    pub jd_type: Option<JdType>,
    /// Why it ended as it did, when that was not well.
    pub reason: Option<String>,
    /// The posting's title.
    pub title: Option<String>,
    /// The employer.
    pub company: Option<String>,
    /// The chosen role.
    pub role: Option<Slug>,
    /// The rule that chose it.
    pub case: Option<DecisionCase>,
    /// How sure.
    pub confidence: Option<f32>,
    /// What that allows.
    pub band: Option<ConfidenceBand>,
}

/// One skill in one dimension, and what is wished for the links of the two and of the chosen role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkWish {
    /// The skill's name as in the parse.
    pub skill: String,
    /// Its slug, where the library has it.
    pub skill_slug: Option<Slug>,
    /// The dimension's name.
    pub dimension: String,
    /// Its slug, where the library has it.
    pub dimension_slug: Option<Slug>,
    /// What is known to become of the skill's link.
    pub skill_dimension: LinkOutcome,
    /// What is known to become of the role's link; `Saved` is a wish that the database may answer with `Unchanged`.
    pub role_dimension: LinkOutcome,
    /// Why, in the older service's words: what stands before and after the word for the role's link.
    pub outcome: OutcomeWords,
}

/// The parts of an outcome line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeWords {
    /// Of the skill's link.
    pub skill: &'static str,
    /// Of the role's link, in brackets; empty for none.
    pub role: &'static str,
}

/// Something that the library should perhaps have.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Which queue it belongs to.
    pub kind: ReviewKind,
    /// What makes it the same proposal in another run.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// What would be written if it were accepted, as far as it is known.
    pub suggestion: Value,
    /// What a reviewer is advised to do.
    pub action: SuggestedAction,
    /// The words it rests on.
    pub evidence: Span,
    /// The nearest library entries.
    pub nearest: Vec<Neighbour>,
    /// How new it would be to the library, 0 to 1.
    pub novelty: f32,
    /// Why nobody needs to look at it, if that is so.
    pub auto_rejected: Option<&'static str>,
    /// What the run calls it.
    pub artifact: ArtifactKind,
}

/// Roles that claimed the same title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// The title.
    pub alias: String,
    /// The roles.
    pub roles: Vec<Slug>,
    /// The one that was chosen.
    pub chosen: Option<Slug>,
    /// How.
    pub resolution: String,
}

/// A vector for the chosen role's centroid.
#[derive(Clone, Debug, PartialEq)]
pub struct CentroidSample {
    /// The role.
    pub role: Slug,
    /// The embedder's model.
    pub model: String,
    /// The posting's mean sentence vector, of length 1.
    pub vector: Vec<f32>,
}
