//! Editing a dead letter before it is sent once more.

use contract::{Decided, Enriched, Envelope, Parsed, Rejected, Signalled, Stage, State as _};
use json_patch::Patch;
use pipeline::{Arrival, Incoming, Letter};
use serde_json::Value;

/// Why an edit is not taken.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The body is no JSON, so a JSON patch has nothing to change.
    #[error("the message is no JSON: {0}")]
    NoJson(String),
    /// The patch is broken, or does not fit the message.
    #[error("the patch cannot be applied: {0}")]
    Patch(String),
    /// It changes what names the run.
    #[error("\"{0}\" must stay as it is")]
    Locked(&'static str),
    /// What comes out is not what the stage reads.
    #[error("the edited message is not what the {stage} stage reads: {why}")]
    Schema {
        /// The stage.
        stage: Stage,
        /// What is wrong.
        why: String,
    },
}

/// Members of an envelope that no edit may change.
const OF_ENVELOPE: [&str; 5] = ["schema_version", "run_id", "attempt", "replay_of", "created_at"];
/// Members of a posting or a CloudEvent that no edit may change.
const OF_POSTING: [&str; 3] = ["specversion", "id", "source"];

/// The body of a message for `stage`, of the given `type` and content type, with an RFC 6902 patch applied.
///
/// # Errors
/// When the patch does not fit, touches what names the run, or leaves a message that the stage does not read.
pub fn edited(
    stage: Stage,
    kind: Option<&str>,
    content_type: Option<&str>,
    body: &[u8],
    patch: &str,
) -> Result<String, EditError> {
    let mut value: Value =
        serde_json::from_slice(body).map_err(|error| EditError::NoJson(error.to_string()))?;
    let before = value.clone();
    let patch: Patch = serde_json::from_str(patch).map_err(|error| EditError::Patch(error.to_string()))?;
    json_patch::patch(&mut value, &patch).map_err(|error| EditError::Patch(error.to_string()))?;
    let is_envelope = kind.is_some_and(|kind| kind.starts_with("rolemill.run."));
    let locked = if is_envelope { &OF_ENVELOPE[..] } else { &OF_POSTING[..] };
    if let Some(member) = locked.iter().find(|member| value.get(member) != before.get(member)) {
        return Err(EditError::Locked(member));
    }
    let text = value.to_string();
    let letter = Letter { kind, content_type, body: text.as_bytes(), ..Letter::default() };
    readable(stage, &letter).map_err(|why| EditError::Schema { stage, why })?;
    Ok(text)
}

fn readable(stage: Stage, letter: &Letter<'_>) -> Result<(), String> {
    fn opens<I: Incoming>(letter: &Letter<'_>) -> Result<(), String> {
        I::open(letter).map(drop).map_err(|malformed| malformed.to_string())
    }
    match stage {
        Stage::Parse => opens::<Arrival>(letter),
        Stage::Signals => opens::<Envelope<Parsed>>(letter),
        Stage::Decision => opens::<Envelope<Signalled>>(letter),
        Stage::Enrichment => opens::<Envelope<Decided>>(letter),
        Stage::Persistence if letter.kind == Some(Rejected::KIND) => opens::<Envelope<Rejected>>(letter),
        Stage::Persistence => opens::<Envelope<Enriched>>(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{Content, Document, Options, Received, RunId, Source, Versions};

    fn envelope() -> String {
        let source = Source { system: "ats".into(), external_id: None, idempotency_key: None };
        let document = Document::new(Content::Text("We hire.".into()), None);
        let run = Envelope::accept(RunId::mint(), source, document, Options::default(), Versions::default());
        serde_json::to_string(&run).unwrap()
    }

    fn edit(patch: &str) -> Result<String, EditError> {
        edited(Stage::Parse, Some(Received::KIND), Some("application/json"), envelope().as_bytes(), patch)
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let edited = edit(r#"[{"op":"replace","path":"/document/text","value":"We hire a cook."}]"#).unwrap();
        assert!(edited.contains("We hire a cook."));
    }

    #[test]
    fn what_names_the_run_stays() {
        let error = edit(r#"[{"op":"replace","path":"/run_id","value":"x"}]"#).unwrap_err();
        assert_eq!(error.to_string(), "\"run_id\" must stay as it is");
        assert!(matches!(edit(r#"[{"op":"remove","path":"/attempt"}]"#), Err(EditError::Locked("attempt"))));
    }

    #[test]
    fn what_the_stage_does_not_read_is_refused_with_the_reason() {
        let error = edit(r#"[{"op":"remove","path":"/document/sha256"}]"#).unwrap_err();
        assert!(error.to_string().contains("sha256"), "{error}");
        assert!(matches!(edit(r#"[{"op":"remove","path":"/nowhere"}]"#), Err(EditError::Patch(_))));
        assert!(matches!(edit("{"), Err(EditError::Patch(_))));
    }
}
