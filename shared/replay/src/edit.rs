//! Editing a dead letter before it is sent once more.

use contract::{Decided, Enriched, Envelope, Parsed, Rejected, Signalled, Stage, State as _};
use json_patch::Patch;
use pipeline::{Arrival, Incoming, Letter};
use serde_json::Value;

/// What a message is changed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// What an RFC 6902 patch makes of its JSON.
    Patch(String),
    /// This body, whatever the one before was.
    Body(String),
}

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

/// The edited body of a message for `stage`, of the given `type` and content type.
///
/// # Errors
/// When a patch does not fit, what names the run is touched, or what comes out is not what the stage reads.
pub fn edited(
    stage: Stage,
    kind: Option<&str>,
    content_type: Option<&str>,
    body: &[u8],
    edit: Edit,
) -> Result<String, EditError> {
    let before: Result<Value, _> = serde_json::from_slice(body);
    let text = match edit {
        Edit::Body(body) => body,
        Edit::Patch(patch) => {
            let mut value = match &before {
                Ok(before) => before.clone(),
                Err(error) => return Err(EditError::NoJson(error.to_string())),
            };
            let patch: Patch =
                serde_json::from_str(&patch).map_err(|error| EditError::Patch(error.to_string()))?;
            json_patch::patch(&mut value, &patch).map_err(|error| EditError::Patch(error.to_string()))?;
            value.to_string()
        }
    };
    // What cannot be read names no run; the letter does.
    if let (Ok(before), Ok(after)) = (&before, serde_json::from_str::<Value>(&text)) {
        let is_envelope = kind.is_some_and(|kind| kind.starts_with("rolemill.run."));
        let locked = if is_envelope { &OF_ENVELOPE[..] } else { &OF_POSTING[..] };
        if let Some(member) = locked.iter().find(|member| after.get(member) != before.get(member)) {
            return Err(EditError::Locked(member));
        }
    }
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

    const JSON: Option<&str> = Some("application/json");

    fn edit(patch: &str) -> Result<String, EditError> {
        of_envelope(Edit::Patch(patch.to_owned()))
    }

    fn of_envelope(edit: Edit) -> Result<String, EditError> {
        edited(Stage::Parse, Some(Received::KIND), JSON, envelope().as_bytes(), edit)
    }

    fn of_posting(content_type: Option<&str>, body: &[u8], edit: Edit) -> Result<String, EditError> {
        edited(Stage::Parse, None, content_type, body, edit)
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

    #[test]
    fn what_is_no_json_takes_a_whole_body_and_no_patch() {
        let mended = r#"{"id": 7, "title": "Cook", "text": "We hire."}"#;
        let broken = &mended.as_bytes()[..mended.len() - 2];
        let patch = Edit::Patch(r#"[{"op":"remove","path":"/id"}]"#.to_owned());
        assert!(matches!(of_posting(JSON, broken, patch), Err(EditError::NoJson(_))));
        assert_eq!(of_posting(JSON, broken, Edit::Body(mended.to_owned())).unwrap(), mended);
        let error = of_posting(JSON, broken, Edit::Body("{".to_owned())).unwrap_err();
        assert!(matches!(error, EditError::Schema { .. }), "{error}");
        let text = "We hire a cook.".to_owned();
        assert_eq!(of_posting(Some("text/plain"), b"We hire \xff", Edit::Body(text.clone())).unwrap(), text);
    }

    #[test]
    fn a_whole_body_does_not_rename_the_run_either() {
        let of_another_run = Edit::Body(envelope());
        assert!(matches!(of_envelope(of_another_run), Err(EditError::Locked("run_id"))));
        let renamed = Edit::Body(r#"{"id": 8, "title": "Cook"}"#.to_owned());
        let error = of_posting(JSON, br#"{"id": 7, "title": "Cook"}"#, renamed).unwrap_err();
        assert!(matches!(error, EditError::Locked("id")), "{error}");
    }
}
