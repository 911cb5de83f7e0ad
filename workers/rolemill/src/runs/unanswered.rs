//! A run that has no answer of its own: where it stands instead.

use anyhow::bail;
use contract::RunId;
use store::{DeadFilter, Store};

/// Letters that are named.
const LETTERS: u64 = 10;

/// What is known of a run without an answer, in words.
///
/// # Errors
/// When nothing at all is known of it.
pub(crate) async fn standing(store: &Store, run_id: RunId) -> anyhow::Result<String> {
    let letters = DeadFilter { run_id: Some(run_id), ..DeadFilter::page(LETTERS) };
    let mut text = String::new();
    for letter in store.dead_letters(&letters).await? {
        text += &format!(
            "given up by the {} stage: {} ({}); `rolemill dead show {}`\n",
            letter.stage, letter.message, letter.code, letter.id
        );
    }
    if let Some(entry) = store.accepted(run_id).await? {
        let line = entry.line;
        text += &match line.answered_by {
            Some(RunId(other)) => {
                format!("the same input was answered before: `rolemill runs show {other}`\n")
            }
            None => format!("accepted {} from {}: {}\n", line.accepted_at, line.source, line.state),
        };
    }
    if text.is_empty() {
        bail!("there is no such run: {run_id}");
    }
    Ok(format!("{run_id} has no answer of its own\n{text}"))
}
