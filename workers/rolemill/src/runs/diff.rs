//! `rolemill runs diff`: how two attempts of a run differ, stage by stage.

use anyhow::{Context as _, bail};
use clap::Args;
use contract::{RunId, Stage};
use json_patch::{PatchOperation, diff as patch_between};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::process::ExitCode;
use store::{Store, StoredAttempt};
use strum::VariantArray as _;

use super::args::run_id;
use crate::args::DbFlags;
use crate::dead::args::OneFormat;
use crate::dead::table::{BAD, DIM, GOOD, PLAIN, fact, show};
use crate::run::layout::{Page, cut, ink, own, page_width};
use crate::words::word;

/// `rolemill runs diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The run.
    #[arg(value_name = "RUN", value_parser = run_id)]
    id: RunId,
    /// The one attempt [default: the one that the other replays, else the one before it].
    #[arg(long, value_name = "N")]
    from: Option<u32>,
    /// The other attempt [default: the newest].
    #[arg(long, value_name = "N")]
    to: Option<u32>,
    /// Only this stage.
    #[arg(long, value_parser = word::<Stage>)]
    stage: Option<Stage>,
    /// So many differences of a stage are shown; --format json has them all.
    #[arg(long, value_name = "N", default_value_t = 50)]
    most: usize,
    /// How the differences are written.
    #[arg(short, long, value_enum, default_value_t = OneFormat::Pretty)]
    format: OneFormat,
    #[command(flatten)]
    pub(super) db: DbFlags,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Change {
    /// Where, as a JSON pointer into the stage's output.
    path: String,
    /// What stood there; nothing where something was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    /// What stands there now; nothing where something was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

/// The stages that differ, and how.
pub(crate) type Stages = BTreeMap<Stage, Vec<Change>>;

/// `rolemill runs diff`.
pub(super) async fn diff(store: &Store, arguments: &DiffArguments) -> anyhow::Result<ExitCode> {
    let (from, to) = attempts(store, arguments).await?;
    let (before, after) = (outputs(&from)?, outputs(&to)?);
    let mut stages = stages(&before, &after);
    if let Some(stage) = arguments.stage {
        stages.retain(|of, _| *of == stage);
    }
    if arguments.format == OneFormat::Json {
        let whole = json!({
            "run_id": to.run_id,
            "from": { "attempt": from.attempt, "status": from.status, "versions": from.versions },
            "to": { "attempt": to.attempt, "status": to.status, "versions": to.versions },
            "equal": stages.is_empty(),
            "stages": stages,
        });
        return crate::say(&(serde_json::to_string_pretty(&whole)? + "\n"));
    }
    let mut page = Page::new(page_width());
    let heading = format!("{}, attempt {} → {}", to.run_id, from.attempt, to.attempt);
    page.labelled(own(DIM, "Run"), &[own(PLAIN, heading)]);
    let changed = |before: &str, after: &str| {
        if before == after { String::new() } else { format!("{before} → {after}") }
    };
    fact(&mut page, "Status", changed(&from.status.to_string(), &to.status.to_string()));
    fact(&mut page, "Pipeline", changed(&from.versions.pipeline, &to.versions.pipeline));
    fact(&mut page, "Library", changed(&from.versions.library, &to.versions.library));
    let name = |outputs: &Value| role(outputs).unwrap_or_else(|| "none".to_owned());
    fact(&mut page, "Role", changed(&name(&before), &name(&after)));
    if stages.is_empty() {
        page.line(&[own(GOOD, "no difference")]);
    } else {
        let numbers: Vec<String> =
            stages.iter().map(|(stage, changes)| format!("{stage} {}", changes.len())).collect();
        fact(&mut page, "Differences", numbers.join(", "));
        set(&mut page, &stages, arguments.most);
    }
    show(page)?;
    Ok(ExitCode::SUCCESS)
}

/// The two attempts that are meant.
async fn attempts(
    store: &Store,
    arguments: &DiffArguments,
) -> anyhow::Result<(StoredAttempt, StoredAttempt)> {
    let run = arguments.id;
    let stored = async |attempt: u32| {
        let stored = store.attempt(run, Some(attempt)).await?;
        stored.with_context(|| format!("no attempt {attempt} of run {run} is stored"))
    };
    let to = match arguments.to {
        Some(attempt) => stored(attempt).await?,
        None => store.attempt(run, None).await?.with_context(|| format!("there is no such run: {run}"))?,
    };
    if let Some(from) = arguments.from {
        return Ok((stored(from).await?, to));
    }
    // An attempt that was given up is not stored: the one before it is compared then.
    for attempt in to.replay_of.into_iter().chain((0..to.attempt).rev()) {
        if let Some(from) = store.attempt(run, Some(attempt)).await? {
            return Ok((from, to));
        }
    }
    bail!("attempt {} of run {run} has none before it to be compared with", to.attempt)
}

fn outputs(attempt: &StoredAttempt) -> anyhow::Result<Value> {
    let Some(outputs) = &attempt.outputs else {
        bail!("the outputs of attempt {} of run {} were erased", attempt.attempt, attempt.run_id)
    };
    let mut outputs: Value = serde_json::from_str(outputs)?;
    if let (Some(persistence), Some(members)) = (&attempt.persistence, outputs.as_object_mut()) {
        members.insert(Stage::Persistence.to_string(), serde_json::to_value(persistence)?);
    }
    Ok(outputs)
}

/// The slug of the role that outputs chose.
pub(crate) fn role(outputs: &Value) -> Option<String> {
    outputs.pointer("/decision/chosen_role/slug").and_then(Value::as_str).map(str::to_owned)
}

/// How the outputs of two attempts differ; equal stages are not named.
pub(crate) fn stages(before: &Value, after: &Value) -> Stages {
    Stage::VARIANTS
        .iter()
        .map(|stage| {
            let name: &str = stage.into();
            (*stage, changes(before.get(name), after.get(name)))
        })
        .filter(|(_, changes)| !changes.is_empty())
        .collect()
}

fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    match (before, after) {
        (Some(before), Some(after)) => between(before, after),
        (None, None) => Vec::new(),
        (_, _) => vec![Change { path: String::new(), before: before.cloned(), after: after.cloned() }],
    }
}

fn between(before: &Value, after: &Value) -> Vec<Change> {
    // A patch is applied one operation after the other: what follows a removed element has moved up when it is removed itself.
    let mut removed: HashMap<String, usize> = HashMap::new();
    let mut changes = Vec::new();
    for operation in patch_between(before, after).0 {
        let path = operation.path().as_str().to_owned();
        let there = |path: &str| before.pointer(path).cloned();
        changes.push(match operation {
            PatchOperation::Add(add) => Change { path, before: None, after: Some(add.value) },
            PatchOperation::Replace(replace) => {
                Change { before: there(&path), path, after: Some(replace.value) }
            }
            PatchOperation::Remove(_) => {
                let path = original(before, path, &mut removed);
                Change { before: there(&path), path, after: None }
            }
            // A difference is told without them.
            PatchOperation::Move(_) | PatchOperation::Copy(_) | PatchOperation::Test(_) => continue,
        });
    }
    changes
}

/// Where what a patch removes stood before the patch.
fn original(before: &Value, path: String, removed: &mut HashMap<String, usize>) -> String {
    let Some((parent, last)) = path.rsplit_once('/') else { return path };
    let (true, Ok(at)) = (before.pointer(parent).is_some_and(Value::is_array), last.parse::<usize>()) else {
        return path;
    };
    let gone = removed.entry(parent.to_owned()).or_default();
    let path = format!("{parent}/{}", at + *gone);
    *gone += 1;
    path
}

/// Sets differences for people, at most so many of a stage.
pub(crate) fn set(page: &mut Page, stages: &Stages, most: usize) {
    const WIDEST: usize = 60;
    let short = |value: &Value| cut(&value.to_string(), WIDEST);
    for (stage, changes) in stages {
        let many = if changes.len() == 1 {
            "1 difference".to_owned()
        } else {
            format!("{} differences", changes.len())
        };
        page.line(&[own(PLAIN, format!("  {stage}: ")), own(DIM, many)]);
        for Change { path, before, after } in changes.iter().take(most) {
            let path = if path.is_empty() { "(all)" } else { path.as_str() };
            let mut line = vec![own(PLAIN, "    "), ink(PLAIN, path), own(PLAIN, "  ")];
            match (before, after) {
                (Some(before), Some(after)) => {
                    line.extend([ink(BAD, short(before)), own(DIM, " → "), ink(GOOD, short(after))]);
                }
                (Some(before), None) => line.extend([own(DIM, "− "), ink(BAD, short(before))]),
                (None, after) => {
                    line.extend([own(DIM, "+ "), ink(GOOD, after.as_ref().map(short).unwrap_or_default())]);
                }
            }
            page.line(&line);
        }
        if changes.len() > most {
            page.line(&[own(DIM, format!("    … {} more", changes.len() - most))]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &Value, after: &Value) -> Vec<(Stage, String)> {
        let told = |stage, Change { path, before, after }: &Change| {
            let word = |value: &Option<Value>| value.as_ref().map_or("·".to_owned(), Value::to_string);
            (stage, format!("{path} {} {}", word(before), word(after)))
        };
        let stages = stages(before, after);
        stages.iter().flat_map(|(stage, changes)| changes.iter().map(|change| told(*stage, change))).collect()
    }

    #[test]
    fn equal_outputs_have_no_difference() {
        let outputs = json!({ "parse": { "skills": [1, 2] }, "decision": null });
        assert_eq!(stages(&outputs, &outputs), Stages::default());
    }

    #[test]
    fn what_differs_is_told_by_stage_with_what_stood_there() {
        let before =
            json!({ "parse": { "a": 1, "list": [1, 2, 3, [4]], "gone": true }, "signals": { "x": [0.5] } });
        let after = json!({ "parse": { "a": 2, "list": [1, 9], "new": null }, "decision": {} });
        let mut parse = told(&before, &after);
        parse.sort();
        let expected = [
            (Stage::Parse, "/a 1 2"),
            (Stage::Parse, "/gone true ·"),
            (Stage::Parse, "/list/1 2 9"),
            (Stage::Parse, "/list/2 3 ·"),
            (Stage::Parse, "/list/3 [4] ·"),
            (Stage::Parse, "/new · null"),
            (Stage::Signals, " {\"x\":[0.5]} ·"),
            (Stage::Decision, " · {}"),
        ];
        assert_eq!(parse, expected.map(|(stage, words)| (stage, words.to_owned())));
    }
}
