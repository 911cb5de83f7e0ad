//! The whole product with every use of a language model switched on, before servers that nobody here wrote: `make test-llm`.
//!
//! The model behind them is tiny. Its answers are often of the wrong shape and mostly false, which is what this is about: whatever
//! it says, every run completes, and nothing gets into the outputs that the posting does not say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use contract::{CallOutcome, ModelCall, ModelUse};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use strum::VariantArray as _;
use support::process::bin;

/// At most 2 KB each.
const SAMPLES: [&str; 5] = [
    "samples/01-backend.txt",
    "samples/05-data-analyst-flat.txt",
    "samples/06-react.md",
    "samples/19-scrum-injected.txt",
    "llm/unknown-skills.txt",
];
/// Longer than the model reads.
const LONG: &str = "samples/21-long-project-manager.txt";

/// What became of the questions for one use.
#[derive(Default)]
struct Tally {
    calls: u32,
    shaped: u32,
    dropped: u32,
    tokens: u32,
}

fn settings() -> String {
    let [chat, embeddings] = ["ROLEMILL_TEST_CHAT", "ROLEMILL_TEST_EMBEDDINGS"]
        .map(|name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make test-llm`")));
    let mut settings = format!(
        "base_url = \"{chat}\"\ncalls_per_question = 2\ntimeout_seconds = 300\npatience_seconds = 600\nconcurrency = 2\n\
         [budget]\nper_run = 1.0\n[prices.smollm2]\ninput = 1.0\noutput = 2.0\n[prices.e5]\ninput = 1.0\n"
    );
    for purpose in ModelUse::VARIANTS {
        let (model, own) = match purpose {
            ModelUse::Embedding => ("e5", format!("base_url = \"{embeddings}\"\nanswer_tokens = 0\n")),
            _ => ("smollm2", "answer_tokens = 420\n".to_owned()),
        };
        write!(settings, "[uses.{purpose}]\non = true\nmodel = \"{model}\"\ncontext_tokens = 4096\n{own}")
            .unwrap();
    }
    settings
}

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    SAMPLES.iter().chain([&LONG]).map(|name| folder.join(name)).collect()
}

/// Runs the samples; a line of JSON for each.
fn run(folder: &Path, answers: &str, db: &str) -> Vec<Value> {
    let models = folder.join("models.toml");
    let output = Command::new(bin("rolemill"))
        .args(["run", "--format", "jsonl", "--jobs", "2", "--answers", answers, "--db"])
        .arg(folder.join(db))
        .arg("--models")
        .arg(&models)
        .args(samples())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {words}", output.status);
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn calls(run: &Value) -> Vec<ModelCall> {
    serde_json::from_value(run["model_calls"].clone()).unwrap_or_default()
}

/// Every quote in the outputs, with where it says to stand.
fn quotes<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            if members.contains_key("quote") {
                found.push(value);
            }
            members.values().for_each(|member| quotes(member, found));
        }
        Value::Array(values) => values.iter().for_each(|value| quotes(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn five_samples_and_one_that_is_too_long_are_answered_with_every_use_switched_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("models.toml"), settings()).unwrap();
    let begun = std::time::Instant::now();
    let runs = run(folder.path(), "stored", "rolemill.db");
    println!("{} runs in {:.0} s", runs.len(), begun.elapsed().as_secs_f64());
    assert_eq!(runs.len(), SAMPLES.len() + 1);
    let mut tallies = BTreeMap::<ModelUse, Tally>::new();
    for run in &runs {
        assert_eq!(run["status"], "completed", "{}", run["id"]);
        let text: Vec<char> = run["outputs"]["parse"]["text"].as_str().unwrap().chars().collect();
        let mut found = Vec::new();
        quotes(&run["outputs"], &mut found);
        for span in found {
            let place = |end: &str| span[end].as_u64().unwrap() as usize;
            let there: String = text[place("start")..place("end")].iter().collect();
            assert_eq!(span["quote"], there, "{}", run["id"]);
        }
        assert_eq!(
            run["outputs"]["enrichment"]["client"]["evidence"]["value"]["unsupported"], 0,
            "{}",
            run["id"]
        );
        for call in calls(run) {
            let tally = tallies.entry(call.purpose).or_default();
            tally.calls += 1;
            tally.shaped += u32::from(call.outcome == CallOutcome::Answered);
            tally.dropped += call.dropped;
            tally.tokens += call.input_tokens.unwrap_or(0) + call.output_tokens.unwrap_or(0);
        }
    }
    println!("{:<18}{:>6}{:>10}{:>10}{:>10}", "use", "calls", "in shape", "dropped", "tokens");
    for (purpose, Tally { calls, shaped, dropped, tokens }) in &tallies {
        println!("{:<18}{calls:>6}{shaped:>10}{dropped:>10}{tokens:>10}", purpose.to_string());
    }
    let asked = |purpose| tallies.get(&purpose).map_or(0, |tally| tally.calls);
    // Ties and missing roles are none of these samples'.
    for purpose in ModelUse::VARIANTS {
        let is_rare = matches!(purpose, ModelUse::Adjudication | ModelUse::RolePlan);
        assert!(is_rare || asked(*purpose) > 0, "{purpose} was never asked");
    }
    let long = runs.last().unwrap();
    assert!(calls(long).len() < calls(&runs[0]).len(), "what is too long is not sent");
    let cost: f64 = runs.iter().flat_map(calls).map(|call| call.cost_usd.unwrap()).sum();
    let said: f64 = runs.iter().map(|run| run["cost_usd"].as_f64().unwrap()).sum();
    assert!(cost > 0.0 && (cost - said).abs() < 1e-9, "{cost} {said}");

    // The same once more from what was recorded: the same answers, for nothing.
    let again = run(folder.path(), "recorded", "rolemill.db");
    for (first, again) in runs.iter().zip(&again) {
        for stage in ["parse", "signals", "decision", "enrichment"] {
            assert_eq!(first["outputs"][stage], again["outputs"][stage], "{stage} of {}", first["id"]);
        }
        assert!(calls(again).iter().all(|call| call.cached && call.cost_usd == Some(0.0)), "{}", again["id"]);
    }
}
