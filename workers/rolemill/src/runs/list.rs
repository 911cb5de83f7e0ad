//! Lists and pages of runs for people.

use anstyle::{AnsiColor, Style};
use contract::{ModelCall, RunId, Status};
use std::io::{self, Write as _};
use store::{Cursor, RunLine, Store, StoredAttempt};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::args::{ListArguments, ListFormat};
use super::{outputs, persisted};
use crate::run::layout::{cut, page_width};

const DIM: Style = Style::new().dimmed();

/// `rolemill runs list`.
pub(super) async fn list(store: &Store, arguments: &ListArguments) -> anyhow::Result<()> {
    let paging = &arguments.paging;
    let mut filter = arguments.which.filter(paging.limit);
    filter.after = paging.after;
    let runs = store.runs(&filter).await?;
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    for run in &runs {
        match arguments.format {
            ListFormat::Jsonl => writeln!(out, "{}", serde_json::to_string(run)?)?,
            ListFormat::Pretty => writeln!(out, "{}", line(run, page_width())?)?,
        }
    }
    let next = paging.next(&runs, |last| Cursor { created_at: last.created_at, run_id: last.run_id });
    if let (Some(cursor), ListFormat::Pretty) = (next, arguments.format) {
        writeln!(out, "{DIM}more: --after {cursor}{DIM:#}")?;
    }
    if runs.is_empty() && arguments.format == ListFormat::Pretty {
        writeln!(out, "no runs")?;
    }
    Ok(())
}

fn line(run: &RunLine, width: usize) -> anyhow::Result<String> {
    let when = run.created_at.format(format_description!("[year]-[month]-[day] [hour]:[minute]"))?;
    let (mark, style) = match run.status {
        Status::Completed => ("✓", AnsiColor::Green.on_default()),
        Status::Rejected => ("–", AnsiColor::Magenta.on_default()),
        Status::Accepted | Status::WaitingBudget => ("…", Style::new()),
        Status::DeadLettered | Status::Cancelled | Status::Stranded => ("✗", AnsiColor::Red.on_default()),
    };
    let answer = match (&run.role, run.confidence, &run.reason) {
        (Some(role), Some(confidence), _) => {
            format!("{role} {confidence:.2} {}", run.band.map(|band| band.to_string()).unwrap_or_default())
        }
        (_, _, Some(reason)) => {
            format!("{}: {reason}", run.jd_type.map(|jd_type| jd_type.to_string()).unwrap_or_default())
        }
        (_, _, None) => run.case.map(|case| case.to_string()).unwrap_or_default(),
    };
    let copy = if run.duplicate_of.is_some() { " (repeats another)" } else { "" };
    let erased = if run.erased_at.is_some() { "(erased)" } else { "(no title)" };
    let title = run.title.as_deref().unwrap_or(erased);
    let company = run.company.as_deref().map(|company| format!(", {company}")).unwrap_or_default();
    let room = width.saturating_sub(57).max(20);
    Ok(format!(
        "{style}{mark}{style:#} {} {DIM}{when}{DIM:#} {}",
        run.run_id,
        cut(&format!("{title}{company} → {answer}{copy}"), room)
    ))
}

/// One attempt for people.
pub(super) fn page(attempt: &StoredAttempt, calls: &[ModelCall]) -> anyhow::Result<String> {
    use std::fmt::Write as _;
    let RunId(run) = attempt.run_id;
    let mut text = String::new();
    writeln!(text, "Run         {run}, attempt {}", attempt.attempt)?;
    writeln!(text, "Status      {}", attempt.status)?;
    writeln!(text, "Stored      {}", attempt.created_at.format(&Rfc3339)?)?;
    writeln!(text, "Versions    {} · library {}", attempt.versions.pipeline, attempt.versions.library)?;
    if let Some(outputs) = outputs(attempt)? {
        let decision = &outputs.decision;
        let title = outputs.parse.fields.title.as_ref().map_or("(no title)", |title| title.value.as_str());
        writeln!(text, "Title       {title}")?;
        match &decision.chosen_role {
            Some(role) => writeln!(
                text,
                "Role        {} ({}) {:.2} {} · {}",
                role.display_name, role.slug, decision.confidence, decision.confidence_band, decision.case
            )?,
            None => writeln!(text, "Role        none · {}", decision.case)?,
        }
        writeln!(text, "Because     {}", decision.rule)?;
        let names: Vec<&str> = outputs.parse.skills.iter().map(|skill| skill.skill_name.as_str()).collect();
        writeln!(text, "Skills      {}", names.join(", "))?;
    }
    if !calls.is_empty() {
        let cost =
            contract::cost_usd(calls).map_or_else(|| "no price".to_owned(), |usd| format!("${usd:.6}"));
        writeln!(text, "Models      {} calls, {cost}", calls.len())?;
        for call in calls {
            writeln!(text, "            {}", called(call))?;
        }
    }
    if let Some(persistence) = &attempt.persistence {
        writeln!(text, "Left        {}", persisted(persistence))?;
        for line in &persistence.links {
            writeln!(text, "            {} · {}: {}", line.skill, line.dimension, line.outcome_line)?;
        }
        for artifact in &persistence.artifacts {
            let item = artifact.review_item.map(|item| format!(" (review item {item})")).unwrap_or_default();
            writeln!(text, "            {} {}{item}", artifact.kind, artifact.name)?;
        }
    }
    Ok(text)
}

/// One call of a language model on one line.
fn called(call: &ModelCall) -> String {
    let count = |tokens: Option<u32>| tokens.map_or_else(|| "?".to_owned(), |tokens| tokens.to_string());
    let paid = match (call.cached, call.cost_usd) {
        (true, _) => "stored".to_owned(),
        (false, Some(usd)) => format!("${usd:.6}"),
        (false, None) => "no price".to_owned(),
    };
    let tokens = format!("{}+{} tokens", count(call.input_tokens), count(call.output_tokens));
    let dropped =
        if call.dropped == 0 { String::new() } else { format!(", {} values dropped", call.dropped) };
    let why = call.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let ModelCall { stage, purpose, model, outcome, ms, .. } = call;
    format!("{stage} · {purpose} · {model} · {tokens} · {ms:.0} ms · {paid} · {outcome}{dropped}{why}")
}
