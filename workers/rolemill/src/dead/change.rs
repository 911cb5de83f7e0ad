//! Editing dead letters, putting them away, taking them back.

use anyhow::{Context as _, bail};
use contract::MAX_DOCUMENT_BYTES;
use replay::{Edit, EditError, edited};
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use store::{DeadPick, Store};
use time::{Duration, OffsetDateTime};

use super::{ArchiveArguments, Change, EditArguments, RestoreArguments};
use crate::PARTLY;

/// `rolemill dead edit`.
pub(super) async fn edit(store: &Store, arguments: &EditArguments) -> anyhow::Result<()> {
    let edit = match &arguments.change {
        Change { patch: Some(path), .. } => Edit::Patch(text("the patch", path)?),
        Change { body: Some(path), .. } => Edit::Body(text("the body", path)?),
        Change { patch: None, body: None } => unreachable!("clap asks for one of them"),
    };
    let letter = store.dead_letter(arguments.id).await?;
    let (id, newest) = (letter.line.id, letter.line.revision);
    // An edit is for the body that its author looked at.
    if newest != arguments.revision {
        let by = letter.line.changed_by.map(|by| format!(" by {by}")).unwrap_or_default();
        bail!(
            "dead letter {id} was edited{by}: you looked at revision {}, it is at {newest}",
            arguments.revision
        );
    }
    let body = match (&letter.edited_body, &letter.body) {
        (Some(edited), _) => edited.as_bytes(),
        (None, Some(original)) => original.as_bytes(),
        (None, None) => bail!("the body of dead letter {id} was erased"),
    };
    let body = edited(letter.line.stage, letter.kind.as_deref(), letter.content_type.as_deref(), body, edit);
    if let Err(error @ EditError::NoJson(_)) = &body {
        bail!(
            "{error}\nNo patch can change it. Take its body with `rolemill dead show {id} --body > FILE`, mend it, and give it back \
             with `rolemill dead edit {id} --revision {newest} --body FILE`"
        );
    }
    let revision = store.edit_dead(id, arguments.revision, &body?, &arguments.actor.actor).await?;
    crate::say(&format!("dead letter {id} is at revision {revision} now; replay it to send it\n")).map(drop)
}

/// A text, from a file or standard input. A patch is no longer than what it may put into a message.
fn text(what: &str, path: &Path) -> anyhow::Result<String> {
    let most = MAX_DOCUMENT_BYTES as u64 * 2;
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_string(&mut text))
    };
    read.with_context(|| format!("{what} {} cannot be read", path.display()))?;
    Ok(text)
}

/// `rolemill dead archive`.
pub(super) async fn archive(store: &Store, arguments: &ArchiveArguments) -> anyhow::Result<ExitCode> {
    let pick = arguments.picked.pick()?;
    let until = arguments.keep_days.map(|days| OffsetDateTime::now_utc() + Duration::days(days.into()));
    let moved = store.archive_dead(&pick, &arguments.reason, until, &arguments.actor.actor).await?;
    told(&pick, moved, "put away", "do not wait")
}

/// `rolemill dead restore`.
pub(super) async fn restore(store: &Store, arguments: &RestoreArguments) -> anyhow::Result<ExitCode> {
    let pick = arguments.picked.pick()?;
    let moved = store.restore_dead(&pick, &arguments.actor.actor).await?;
    told(&pick, moved, "wait again", "were not put away")
}

/// Says how many of what was named were changed; of what a filter matches all were.
fn told(pick: &DeadPick, moved: u64, done: &str, not_done: &str) -> anyhow::Result<ExitCode> {
    let named = match pick {
        DeadPick::Matching(_) => moved,
        DeadPick::Ids(ids) => ids.iter().collect::<std::collections::BTreeSet<_>>().len() as u64,
    };
    let left = named.saturating_sub(moved);
    let rest = if left > 0 { format!("; {left} are not there or {not_done}") } else { String::new() };
    crate::say(&format!("dead letters {done}: {moved}{rest}\n"))?;
    Ok(match (moved, left) {
        (_, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::FAILURE,
        (_, _) => ExitCode::from(PARTLY),
    })
}
