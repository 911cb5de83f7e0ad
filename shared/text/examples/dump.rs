//! Prints the headings and statements of postings, for `tests/fit/lines.py`: JSONL `{"id", "text"}` in, JSONL out.

use std::io::{BufRead, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let posting: serde_json::Value = serde_json::from_str(&line?)?;
        let (text, _) = text::normalise(posting["text"].as_str().unwrap_or_default());
        let parts: Vec<serde_json::Value> = text::statements(&text)
            .into_iter()
            .map(|(kind, opening, after_gap, words)| {
                serde_json::json!([kind, kind.is_some(), format!("{opening:?}"), after_gap, words])
            })
            .collect();
        writeln!(out, "{}", serde_json::json!({ "id": posting["id"], "parts": parts }))?;
    }
    Ok(())
}
