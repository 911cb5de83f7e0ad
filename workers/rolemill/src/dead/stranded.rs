//! Accepted runs that got lost, and sending them once more.

use anyhow::Context as _;
use broker::{BrokerSettings, Publisher};
use contract::{RunId, Status};
use pipeline::chain;
use replay::{DriveError, re_emit as send_again};
use std::process::ExitCode;
use store::{Cursor, LedgerFilter, LedgerLine, Store};

use super::table::{DIM, PLAIN, Row, cell, column, minute, print, rfc3339};
use super::{ReEmitArguments, StrandedArguments};
use crate::PARTLY;
use crate::run::layout::{Page, ink, own};

/// Stranded runs that are looked up at a time.
const PAGE: u64 = 200;

/// `rolemill dead stranded`.
pub(super) async fn list(store: &Store, arguments: &StrandedArguments) -> anyhow::Result<()> {
    let paging = &arguments.paging;
    let filter =
        LedgerFilter { source: arguments.source.clone(), after: paging.after, ..stranded(paging.limit) };
    let lines = store.ledger(&filter).await?;
    print(&lines, arguments.format, "no run is stranded", paging.next(&lines, behind))
}

fn stranded(limit: u64) -> LedgerFilter {
    LedgerFilter { state: Some(Status::Stranded), limit, ..LedgerFilter::default() }
}

fn behind(line: &LedgerLine) -> Cursor {
    Cursor { created_at: line.accepted_at, run_id: line.run_id }
}

/// `rolemill dead re-emit`.
pub(super) async fn re_emit(store: &Store, arguments: &ReEmitArguments) -> anyhow::Result<ExitCode> {
    let settings = arguments.amqp.settings("rolemill dead re-emit")?;
    broker::topology::apply(&settings).await.with_context(|| format!("the broker {}", settings.url))?;
    let publisher = Publisher::new(settings.clone());
    let mut sender = Sender { store, publisher, settings, actor: &arguments.actor.actor, sent: 0, failed: 0 };
    if arguments.all {
        sender.send_all().await?;
    } else {
        for run in &arguments.runs {
            sender.send(*run).await?;
        }
    }
    let Sender { publisher, sent, failed, .. } = sender;
    publisher.close().await;
    crate::say(&format!("stranded runs sent once more: {sent}, not sent: {failed}\n"))?;
    Ok(match (sent, failed) {
        (_, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::FAILURE,
        (_, _) => ExitCode::from(PARTLY),
    })
}

struct Sender<'a> {
    store: &'a Store,
    publisher: Publisher,
    settings: BrokerSettings,
    actor: &'a str,
    sent: u64,
    failed: u64,
}

impl Sender<'_> {
    /// Sends one; what is wrong with it alone is said and counted.
    async fn send(&mut self, run: RunId) -> anyhow::Result<()> {
        match send_again(self.store, &self.publisher, &self.settings, run, self.actor).await {
            Ok(()) => self.sent += 1,
            Err(DriveError::Store(error)) if !error.may_pass() => {
                eprintln!("rolemill: {}", chain(&error));
                self.failed += 1;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn send_all(&mut self) -> anyhow::Result<()> {
        let mut filter = stranded(PAGE);
        loop {
            let page = self.store.ledger(&filter).await?;
            for line in &page {
                self.send(line.run_id).await?;
            }
            match page.last() {
                Some(last) if page.len() as u64 == PAGE => filter.after = Some(behind(last)),
                Some(_) | None => return Ok(()),
            }
        }
    }
}

impl Row for LedgerLine {
    const COLUMNS: &'static [&'static str] = &[
        "run_id",
        "source",
        "external_id",
        "state",
        "accepted_at",
        "sent_at",
        "emitted",
        "body_bytes",
        "content_type",
        "routing_key",
        "forgotten_at",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.run_id.to_string(),
            self.source.clone(),
            cell(self.external_id.as_ref()),
            self.state.to_string(),
            rfc3339(self.accepted_at),
            rfc3339(self.sent_at),
            self.emitted.to_string(),
            self.body_bytes.to_string(),
            cell(self.content_type.as_ref()),
            self.routing_key.clone(),
            cell(self.forgotten_at.map(rfc3339)),
        ]
    }

    fn set(&self, page: &mut Page) {
        let body = if self.forgotten_at.is_some() { "; its body is gone" } else { "" };
        let often =
            if self.emitted > 0 { format!(", sent again {} times", self.emitted) } else { String::new() };
        page.line(&[
            column(PLAIN, &self.run_id.to_string(), 36),
            column(DIM, &minute(self.accepted_at), 16),
            ink(PLAIN, &self.source),
            own(DIM, format!(" {} bytes{often}{body}", self.body_bytes)),
        ]);
    }
}
