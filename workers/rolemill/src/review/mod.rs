//! `rolemill review`: the queues, and what people decide.

mod args;
mod curate;
mod show;

use library::Library;
use library::lint::findings;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;
use store::{Acceptance, Looked, Store, StoreError};
use time::OffsetDateTime;

pub(crate) use args::ReviewCommand;
use args::{AcceptArguments, Which};

/// How often an accept is prepared again because the library changed meanwhile.
const TRIES: u32 = 3;

impl ReviewCommand {
    /// Where the database is.
    pub(crate) fn db(&self) -> &crate::args::DbFlags {
        match self {
            Self::List(arguments) => &arguments.db,
            Self::Show { db, .. } => db,
            Self::Accept(arguments) => &arguments.which.db,
            Self::Take { which }
            | Self::Merge { which, .. }
            | Self::Reject { which, .. }
            | Self::Snooze { which, .. }
            | Self::Undo { which } => &which.db,
        }
    }

    /// Does what was asked.
    pub(crate) async fn done(self, store: &Store) -> anyhow::Result<ExitCode> {
        let said = match self {
            Self::List(arguments) => show::list(store, &arguments).await?,
            Self::Show { id, format, .. } => show::item(store, id, format).await?,
            Self::Take { which } => {
                let looked = looked(store, &which).await?;
                store.take(&looked).await?;
                format!("item {} is yours, {}\n", looked.id, looked.reviewer)
            }
            Self::Reject { which, reason } => {
                let looked = looked(store, &which).await?;
                store.reject(&looked, &reason).await?;
                format!("item {} is rejected\n", looked.id)
            }
            Self::Snooze { which, days } => {
                let looked = looked(store, &which).await?;
                let until = OffsetDateTime::now_utc() + Duration::from_secs(u64::from(days) * 24 * 60 * 60);
                store.snooze(&looked, until).await?;
                format!("item {} comes back in {days} days\n", looked.id)
            }
            Self::Merge { which, into } => {
                let looked = looked(store, &which).await?;
                store.merge_into(&looked, into).await?;
                format!("item {} is part of item {into} now\n", looked.id)
            }
            Self::Undo { which } => {
                let looked = looked(store, &which).await?;
                match store.undo(&looked).await? {
                    Some(version) => format!("item {} is open again; the library is {version}\n", looked.id),
                    None => format!("item {} is open again\n", looked.id),
                }
            }
            Self::Accept(arguments) => accept(store, &arguments).await?,
        };
        crate::say(&said)
    }
}

/// The item as its reviewer sees it now, or saw it.
async fn looked(store: &Store, which: &Which) -> Result<Looked, StoreError> {
    let revision = match which.revision {
        Some(revision) => revision,
        None => store.review(which.id).await?.line.revision,
    };
    Ok(Looked {
        id: which.id,
        revision,
        reviewer: which.reviewer.clone().unwrap_or_else(crate::database::actor),
    })
}

async fn accept(store: &Store, arguments: &AcceptArguments) -> anyhow::Result<String> {
    let looked = looked(store, &arguments.which).await?;
    for tries in 1.. {
        let item = store.review(looked.id).await?;
        let content = store.library(None).await?;
        let before = content.build()?;
        let edits = curate::edits(&before, &item, arguments)?;
        let all = [content.edits.clone(), edits.clone()].concat();
        let listed = content.listed();
        let name = Store::next_name(&content.name, &Library::version_of(&listed));
        let after = Library::build_with(&listed, &all, name)?;
        refuse_new_faults(&before, &after)?;
        let note = format!("{} \"{}\"", item.line.kind, item.line.title);
        let acceptance = Acceptance { parent: content.version_id, edits, library: &after, note };
        match store.accept(&looked, acceptance).await {
            Ok(_) => {
                return Ok(format!("item {} is in the library; it is {} now\n", looked.id, after.version()));
            }
            // Somebody accepted something else meanwhile: it is prepared again on what they made.
            Err(StoreError::Refused(_) | StoreError::Busy(_)) if tries < TRIES => {}
            Err(StoreError::Conflict(_))
                if tries < TRIES && store.review(looked.id).await?.line.revision == looked.revision => {}
            Err(error) => return Err(error.into()),
        }
    }
    unreachable!("the last try returns")
}

/// What was wrong before may stay so; nothing may become wrong.
fn refuse_new_faults(before: &Library, after: &Library) -> anyhow::Result<()> {
    let known: BTreeSet<String> = findings(before).into_iter().map(|finding| finding.message).collect();
    let new: Vec<String> = findings(after)
        .into_iter()
        .map(|finding| finding.message)
        .filter(|message| !known.contains(message))
        .collect();
    anyhow::ensure!(new.is_empty(), "the library would be wrong: {}", new.join("; "));
    Ok(())
}
