//! One dead letter, for people.

use contract::{Content, Status};
use std::io::{self, Write as _};
use store::{AuditLine, DeadDetail, DeadFilter, DeadLine, RunAttemptLine, RunReplayLine, Store};

use super::ShowArguments;
use super::args::OneFormat;
use super::list::colour;
use super::table::{BAD, DIM, GOOD, PLAIN, WAITS, beside, fact, minute, prose, rfc3339, show as print};
use crate::run::layout::{Item, Page, ink, own, page_width};

/// `rolemill dead show`.
pub(super) async fn show(store: &Store, arguments: &ShowArguments) -> anyhow::Result<()> {
    let letter = store.dead_letter(arguments.id).await?;
    if arguments.body || arguments.original {
        return body(&letter, arguments.original);
    }
    if arguments.format == OneFormat::Json {
        return crate::say(&(serde_json::to_string_pretty(&letter)? + "\n")).map(drop);
    }
    let fingerprint = Some(letter.line.fingerprint.clone());
    let group = DeadFilter { fingerprint, ..DeadFilter::page(1) };
    let group = store.dead_groups(&group, None).await?.pop();
    let note = group.as_ref().and_then(|group| group.note.as_deref());
    print(page(&letter, group.as_ref().map_or(1, |group| group.count), note))
}

/// The message's body, byte for byte.
fn body(letter: &DeadDetail, is_original: bool) -> anyhow::Result<()> {
    let bytes = match (&letter.edited_body, &letter.body) {
        (Some(edited), _) if !is_original => edited.as_bytes(),
        (_, Some(original)) => original.as_bytes(),
        (_, None) => anyhow::bail!("the body of dead letter {} was erased", letter.line.id),
    };
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

fn page(letter: &DeadDetail, of_cause: u64, note: Option<&str>) -> Page {
    let mut page = Page::new(page_width());
    let DeadDetail { line, .. } = letter;
    let id = format!("{}, revision {}", line.id, line.revision);
    page.labelled(own(DIM, "Dead letter"), &[own(PLAIN, id), own(PLAIN, " "), state(line)]);
    let run = line.run_id.map(|run| format!("{run}, attempt {}", line.attempt.unwrap_or(0)));
    fact(&mut page, "Run", run.unwrap_or_else(|| "none could be read from the message".to_owned()));
    fact(&mut page, "Source", line.source.as_deref().unwrap_or_default());
    fact(&mut page, "Given up", format!("{} by {}", rfc3339(line.occurred_at), line.worker));
    let often = if line.tries == 1 { "1 try".to_owned() } else { format!("{} tries", line.tries) };
    let hope = if line.retryable { "may succeed another time" } else { "will not succeed as it is" };
    fact(&mut page, "At", format!("{}, after {often}; {hope}", line.stage));
    let mut causes = chain(&line.message);
    prose(&mut page, "Cause", BAD, &format!("{}: {}", line.code, causes.next().unwrap_or_default()));
    causes.for_each(|cause| prose(&mut page, "", PLAIN, &format!("because {cause}")));
    let equal = if of_cause == 1 { "the only one".to_owned() } else { format!("one of {of_cause}") };
    fact(&mut page, "Group", format!("{} ({equal} of this cause)", line.fingerprint));
    if let Some(note) = note {
        prose(&mut page, "Note", WAITS, note);
    }
    fact(&mut page, "Message", message(letter));
    fact(&mut page, "Trace", letter.trace_id.as_deref().unwrap_or_default());
    fact(&mut page, "Body", bodies(letter));
    let reason = line.reason.as_deref().map(|reason| match line.keep_until {
        Some(until) => format!("{reason} (kept until {})", minute(until)),
        None => reason.to_owned(),
    });
    fact(&mut page, "Put away", reason.unwrap_or_default());
    several(&mut page, "Attempts", letter.attempts.iter().map(attempt));
    several(&mut page, "Also dead", letter.siblings.iter().map(sibling));
    several(&mut page, "Replays", letter.replays.iter().map(replay));
    several(&mut page, "History", letter.audit.iter().map(audit));
    page
}

fn state(line: &DeadLine) -> crate::run::layout::Ink {
    own(colour(line.state), line.state.to_string())
}

/// The causes of an error, the nearest first: an error's chain is joined by colons when it is written down. What stands in quotes
/// or brackets is one cause's words.
fn chain(message: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let mut quoted = false;
    let mut from = 0;
    let mut causes = Vec::new();
    for (at, c) in message.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ':' if !quoted && depth <= 0 && message[at + 1..].starts_with(' ') => {
                causes.push(&message[from..at]);
                from = at + 2;
            }
            _ => {}
        }
    }
    causes.push(&message[from..]);
    causes.into_iter()
}

fn message(letter: &DeadDetail) -> String {
    let kind = letter.kind.as_deref().unwrap_or("of no type");
    let content_type = letter.content_type.as_deref().filter(|name| !name.is_empty());
    let content_type = content_type.map(|name| format!(", {name}")).unwrap_or_default();
    format!("{kind}{content_type}, published as {}", letter.routing_key)
}

fn bodies(letter: &DeadDetail) -> String {
    let original = match &letter.body {
        Some(body @ Content::Text(_)) => format!("{} bytes of text", body.as_bytes().len()),
        Some(body @ Content::Bytes(_)) => format!("{} bytes", body.as_bytes().len()),
        None => return "erased".to_owned(),
    };
    match &letter.edited_body {
        Some(edited) => format!("edited: {} bytes go in place of the original's {original}", edited.len()),
        None => original,
    }
}

/// A label with a line for each of several things; nothing where there is none.
fn several(page: &mut Page, label: &str, items: impl Iterator<Item = Item>) {
    for (place, item) in items.enumerate() {
        match place {
            0 => page.labelled(own(DIM, label), &item),
            _ => beside(page, &item),
        }
    }
}

fn attempt(line: &RunAttemptLine) -> Item {
    let style = match line.status {
        Status::Completed => GOOD,
        Status::Rejected | Status::Accepted | Status::WaitingBudget => PLAIN,
        Status::DeadLettered | Status::Cancelled | Status::Stranded => BAD,
    };
    let of = line.replay_of.map(|of| format!(", replays attempt {of}")).unwrap_or_default();
    let cost =
        line.cost_usd.filter(|cost| *cost > 0.0).map(|cost| format!(", ${cost:.4}")).unwrap_or_default();
    vec![
        own(PLAIN, format!("attempt {} ", line.attempt)),
        own(style, line.status.to_string()),
        own(DIM, format!(" {}{of}{cost}", minute(line.created_at))),
    ]
}

fn sibling(line: &DeadLine) -> Item {
    vec![
        own(PLAIN, format!("{} ", line.id)),
        state(line),
        own(
            DIM,
            format!(" {}, attempt {}, {}: ", minute(line.occurred_at), line.attempt.unwrap_or(0), line.stage),
        ),
        ink(PLAIN, &line.code),
    ]
}

fn replay(line: &RunReplayLine) -> Item {
    let note = line.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    let words = format!(
        "batch {} ({}) from {} as attempt {}, {}{note}",
        line.batch_id, line.depth, line.stage, line.attempt, line.state
    );
    vec![own(DIM, format!("{} {} ", minute(line.created_at), line.actor)), ink(PLAIN, words)]
}

fn audit(line: &AuditLine) -> Item {
    let words = match line.detail.as_object() {
        Some(detail) if detail.is_empty() => line.action.clone(),
        Some(_) | None => format!("{} {}", line.action, line.detail),
    };
    vec![own(DIM, format!("{} ", minute(line.at))), ink(PLAIN, format!("{} {words}", line.actor))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_causes_is_told_one_by_one() {
        let causes = |message| chain(message).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            causes("no vector: the file is away: os error 2"),
            ["no vector", "the file is away", "os error 2"]
        );
        assert_eq!(
            causes("invalid type: string \"a: b\", expected u32 (row 1: x) at 12:30"),
            ["invalid type", "string \"a: b\", expected u32 (row 1: x) at 12:30"]
        );
        assert_eq!(causes(""), [""]);
        assert_eq!(causes("é: ü:"), ["é", "ü:"]);
    }
}
