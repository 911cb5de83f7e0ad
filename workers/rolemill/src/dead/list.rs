//! Lists of dead letters.

use anstyle::Style;
use contract::DeadState;
use store::{DeadLine, Store};

use super::ListArguments;
use super::table::{BAD, DIM, GOOD, PLAIN, Row, WAITS, cell, column, minute, print, rfc3339};
use crate::run::layout::{Page, ink, own};

/// `rolemill dead list`.
pub(super) async fn list(store: &Store, arguments: &ListArguments) -> anyhow::Result<()> {
    let paging = &arguments.paging;
    let mut filter = arguments.which.filter(paging.limit);
    filter.after = paging.after;
    let lines = store.dead_letters(&filter).await?;
    print(&lines, arguments.format, "no dead letters", paging.next(&lines, |last| last.id))
}

/// The colour of a state.
pub(super) fn colour(state: DeadState) -> Style {
    match state {
        DeadState::Parked => BAD,
        DeadState::Queued => WAITS,
        DeadState::Replayed => GOOD,
        DeadState::Archived => DIM,
    }
}

impl Row for DeadLine {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "state",
        "stage",
        "code",
        "message",
        "fingerprint",
        "run_id",
        "attempt",
        "source",
        "tries",
        "retryable",
        "worker",
        "revision",
        "occurred_at",
        "stored_at",
        "changed_by",
        "changed_at",
        "reason",
        "keep_until",
        "batch_id",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.state.to_string(),
            self.stage.to_string(),
            self.code.clone(),
            self.message.clone(),
            self.fingerprint.clone(),
            cell(self.run_id),
            cell(self.attempt),
            cell(self.source.as_ref()),
            self.tries.to_string(),
            self.retryable.to_string(),
            self.worker.clone(),
            self.revision.to_string(),
            rfc3339(self.occurred_at),
            rfc3339(self.stored_at),
            cell(self.changed_by.as_ref()),
            cell(self.changed_at.map(rfc3339)),
            cell(self.reason.as_ref()),
            cell(self.keep_until.map(rfc3339)),
            cell(self.batch_id),
        ]
    }

    fn set(&self, page: &mut Page) {
        page.line(&[
            column(PLAIN, &self.id.to_string(), 6),
            column(colour(self.state), &self.state.to_string(), 8),
            column(DIM, &minute(self.occurred_at), 16),
            column(PLAIN, &self.stage.to_string(), 11),
            ink(PLAIN, &self.code),
            own(DIM, "  "),
            ink(DIM, &self.message),
        ]);
    }
}
