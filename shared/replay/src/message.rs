//! An item's message.

use broker::{Lane, Posted, Replayed};
use contract::{
    Decided, Enriched, Envelope, Parsed, Received, Rejected, RunId, Signalled, Stage, State as _, Status,
    VersionOverride,
};
use serde_json::{Map, Value};
use store::{ClaimedItem, LetterOrigin, Origin, RunOrigin};

/// A message that is ready to be addressed.
#[derive(Clone, Debug)]
pub enum Message {
    /// A posting, for the public entrance.
    Posting(Posted),
    /// An envelope, for a stage.
    Envelope(Replayed),
}

/// Why an item cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum Unsendable {
    /// The body is no envelope.
    #[error("its message is no envelope: {0}")]
    NoEnvelope(String),
    /// The envelope lacks what the stage reads.
    #[error("the output of the {0} stage is missing in it")]
    Missing(Stage),
    /// The run is not known.
    #[error("its run is not known")]
    NoRun,
    /// Text was purged.
    #[error("its text was purged")]
    Purged,
    /// It cannot be written as JSON.
    #[error("it cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// The message of an item.
///
/// # Errors
/// When what is stored does not make one.
pub fn message(item: ClaimedItem) -> Result<Message, Unsendable> {
    let ClaimedItem { batch_id, run_id, from_attempt, attempt, stage, versions, origin, .. } = item;
    let again =
        Again { run_id, replay_of: from_attempt.unwrap_or(0), attempt, stage, versions, batch: batch_id };
    match origin {
        Origin::Letter(letter) => again.of_letter(*letter),
        Origin::Run(run) => again.of_run(*run),
    }
}

/// Which pass of a run a message is to be.
struct Again {
    run_id: Option<RunId>,
    replay_of: u32,
    attempt: u32,
    stage: Stage,
    versions: VersionOverride,
    batch: i64,
}

impl Again {
    fn of_letter(self, letter: LetterOrigin) -> Result<Message, Unsendable> {
        let is_envelope = letter.kind.as_deref().is_some_and(|kind| kind.starts_with("rolemill.run."));
        if !is_envelope {
            return Ok(Message::Posting(self.posting(letter)));
        }
        let envelope: Value = serde_json::from_slice(&letter.body)
            .map_err(|error| Unsendable::NoEnvelope(error.to_string()))?;
        let Value::Object(envelope) = envelope else {
            return Err(Unsendable::NoEnvelope("it is no object".to_owned()));
        };
        let was_rejected = letter.kind.as_deref() == Some(Rejected::KIND);
        self.envelope(envelope, was_rejected).map(Message::Envelope)
    }

    /// The same posting, as the next attempt of the same run.
    fn posting(self, letter: LetterOrigin) -> Posted {
        let system = letter.source.unwrap_or_else(|| {
            let word = letter.routing_key.strip_prefix("jd.").unwrap_or(&letter.routing_key);
            word.strip_suffix(".priority").unwrap_or(word).to_owned()
        });
        Posted {
            system,
            key: letter.idempotency_key,
            content_type: letter.content_type,
            lane: Lane::Bulk,
            run_id: self.run_id,
            attempt: self.attempt,
            body: letter.body,
        }
    }

    fn of_run(self, run: RunOrigin) -> Result<Message, Unsendable> {
        let run_id = self.run_id.ok_or(Unsendable::NoRun)?;
        if self.stage == Stage::Parse
            && run.document.content.as_bytes().is_empty()
            && run.document.title_hint.is_none()
        {
            return Err(Unsendable::Purged);
        }
        let outputs: Value = serde_json::from_str(&run.outputs)?;
        let accepted = Envelope::accept(run_id, run.source, run.document, run.options, run.versions);
        let accepted = Envelope::<Received> { created_at: run.created_at, ..accepted };
        let Value::Object(mut envelope) = serde_json::to_value(accepted)? else {
            return Err(Unsendable::NoRun);
        };
        envelope.insert("outputs".to_owned(), outputs);
        self.envelope(envelope, run.status == Status::Rejected).map(Message::Envelope)
    }

    /// The envelope for the wanted stage: with the outputs before it and none behind.
    fn envelope(self, mut envelope: Map<String, Value>, was_rejected: bool) -> Result<Replayed, Unsendable> {
        let run_id = match (self.run_id, envelope.get("run_id")) {
            (Some(run), _) => run,
            (None, Some(run)) => serde_json::from_value(run.clone())?,
            (None, None) => return Err(Unsendable::NoRun),
        };
        envelope.insert("attempt".to_owned(), self.attempt.into());
        envelope.insert("replay_of".to_owned(), self.replay_of.into());
        if !self.versions.is_empty() {
            let pinned = envelope.get("versions").cloned().unwrap_or_default();
            let versions = self.versions.over(&serde_json::from_value(pinned)?);
            envelope.insert("versions".to_owned(), serde_json::to_value(versions)?);
        }
        let ended_at_the_gate = was_rejected && self.stage == Stage::Persistence;
        let (kind, needed): (&str, &[Stage]) = match self.stage {
            Stage::Parse => (Received::KIND, &[]),
            Stage::Signals => (Parsed::KIND, &[Stage::Parse]),
            Stage::Decision => (Signalled::KIND, &[Stage::Parse, Stage::Signals]),
            Stage::Enrichment => (Decided::KIND, &[Stage::Parse, Stage::Signals, Stage::Decision]),
            Stage::Persistence if ended_at_the_gate => (Rejected::KIND, &[Stage::Parse]),
            Stage::Persistence => {
                (Enriched::KIND, &[Stage::Parse, Stage::Signals, Stage::Decision, Stage::Enrichment])
            }
        };
        let mut given = match envelope.remove("outputs") {
            Some(Value::Object(outputs)) => outputs,
            Some(_) | None => Map::new(),
        };
        let mut outputs = Map::new();
        for stage in needed {
            let output = given.remove(<&str>::from(stage)).ok_or(Unsendable::Missing(*stage))?;
            outputs.insert(stage.to_string(), output);
        }
        envelope.insert("outputs".to_owned(), Value::Object(outputs));
        Ok(Replayed {
            stage: self.stage,
            kind: kind.to_owned(),
            run_id,
            attempt: self.attempt,
            replay_of: self.replay_of,
            batch: Some(self.batch),
            body: serde_json::to_vec(&envelope)?,
        })
    }
}
