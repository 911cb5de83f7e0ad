//! The queues for people.

use contract::{ReviewStatus, RunId};
use std::fmt::Write as _;
use store::{ReviewCursor, ReviewFilter, ReviewLine, Store};

use super::args::ListArguments;
use crate::args::HistoryFormat;
use crate::run::layout::{cut, page_width};

/// `rolemill review list`.
pub(super) async fn list(store: &Store, arguments: &ListArguments) -> anyhow::Result<String> {
    let paging = &arguments.paging;
    let items = store
        .reviews(&ReviewFilter {
            kind: arguments.kind,
            status: arguments.status,
            text: arguments.text.clone(),
            after: paging.after,
            limit: paging.limit,
        })
        .await?;
    if arguments.format == HistoryFormat::Json {
        return Ok(serde_json::to_string_pretty(&items)? + "\n");
    }
    if items.is_empty() {
        return Ok("nothing waits\n".to_owned());
    }
    let mut text =
        format!("{:>6}  {:<10}{:>5}{:>7}{:>10}  what\n", "item", "queue", "JDs", "firms", "priority");
    for item in &items {
        let state =
            if item.status == ReviewStatus::Pending { String::new() } else { format!(" ({})", item.status) };
        let what = cut(&format!("{}{state}", item.title), page_width().saturating_sub(42).max(20));
        let kind = item.kind.to_string();
        writeln!(
            text,
            "{:>6}  {kind:<10}{:>5}{:>7}{:>10.3}  {what}",
            item.id, item.jds, item.companies, item.priority
        )?;
    }
    let behind = |last: &ReviewLine| ReviewCursor { priority: last.priority, id: last.id };
    if let Some(cursor) = paging.next(&items, behind) {
        writeln!(text, "more: --after {cursor}")?;
    }
    Ok(text)
}

/// `rolemill review show`.
pub(super) async fn item(store: &Store, id: i64, format: HistoryFormat) -> anyhow::Result<String> {
    let item = store.review(id).await?;
    if format == HistoryFormat::Json {
        return Ok(serde_json::to_string_pretty(&item)? + "\n");
    }
    let line = &item.line;
    let mut text = String::new();
    writeln!(text, "Item        {} ({}), revision {}", line.id, line.kind, line.revision)?;
    writeln!(text, "What        {}", line.title)?;
    let who = line.reviewer.as_deref().map(|reviewer| format!(" by {reviewer}")).unwrap_or_default();
    let why = line.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    writeln!(text, "Status      {}{who}{why}", line.status)?;
    if let Some(into) = item.merged_into {
        writeln!(text, "Part of     item {into}")?;
    }
    writeln!(
        text,
        "Seen        in {} JDs of {} companies, priority {:.3}",
        line.jds, line.companies, line.priority
    )?;
    writeln!(text, "Advice      {}", line.suggested_action)?;
    let near: Vec<String> =
        item.nearest.iter().map(|near| format!("{} {:.2}", near.slug, near.similarity)).collect();
    if !near.is_empty() {
        writeln!(text, "Nearest     {}", near.join(", "))?;
    }
    writeln!(text, "Proposal    {}", item.suggestion)?;
    for evidence in &item.evidence {
        let RunId(run) = evidence.run_id;
        let company = evidence.company.as_deref().map(|company| format!(" · {company}")).unwrap_or_default();
        writeln!(
            text,
            "  \"{}\"  run {run}{company}",
            cut(&evidence.quote, page_width().saturating_sub(48).max(20))
        )?;
    }
    Ok(text)
}
