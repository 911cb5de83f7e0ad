//! What runs propose, what people decide, and what the next run makes of it.
#![allow(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};
use std::process::{Command, Output, Stdio};
use support::{BOTH, Fresh};
use tempfile::TempDir;

/// Thirty postings of ten employers that name one product nobody knows.
fn postings() -> String {
    let duties = ["Keep", "Mend", "Plan", "Build", "Watch", "Move"];
    let things = ["the ledgers", "the depots", "the ovens", "the timetables", "the invoices"];
    (0..30usize)
        .map(|n| {
            let sentences: Vec<String> = (0..9)
                .map(|k| {
                    let (duty, thing) = (duties[(n + k) % 6], things[(n * 3 + k) % 5]);
                    format!(
                        "- {duty} {thing} of branch {} before the {} shift",
                        letters(n * 31 + k * 7),
                        letters(n * 17 + k)
                    )
                })
                .collect();
            let text = format!(
                "Data Engineer\nEmployer {} moves grain.\n\nResponsibilities\n{}\n\nRequirements\n\
                 - Experience with PostgreSQL, MySQL, Zentarrow, Oracle Database and SQL Server\n",
                n % 10,
                sentences.join("\n")
            );
            let company = format!("Grain House {}", letters(n % 10 + 40));
            json!({ "id": format!("{n}"), "title": "Data Engineer", "company": company, "text": text })
                .to_string()
                + "\n"
        })
        .collect()
}

/// A word for a number.
fn letters(mut n: usize) -> String {
    let mut word = String::new();
    for _ in 0..4 {
        word.push(char::from(b"bdfgklmnprst"[n % 12]));
        word.push(char::from(b"aeiou"[n % 5]));
        n /= 3;
    }
    word
}

struct Desk {
    database: Fresh,
    folder: TempDir,
}

impl Desk {
    fn rolemill(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_rolemill"))
            .args(arguments)
            .env("ROLEMILL_DB", &self.database.url)
            .env("ROLEMILL_REVIEWER", "ada")
            .env_remove("ROLEMILL_LIBRARY")
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = self.rolemill(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.said(arguments)).unwrap()
    }

    /// The slug that the product of the first posting has in a fresh run.
    fn slug_of_product(&self) -> Option<String> {
        let answer = self.said(&["run", "--format", "jsonl", "one.jsonl"]);
        let answer: Value = serde_json::from_str(answer.lines().next().unwrap()).unwrap();
        let skills = answer["outputs"]["parse"]["skills"].as_array().unwrap();
        let product = skills.iter().find(|skill| skill["surface"] == "Zentarrow").unwrap();
        product["canonical_id"].as_str().map(str::to_owned)
    }
}

#[tokio::test]
async fn thirty_postings_make_one_item_and_accepting_it_teaches_the_next_run() {
    for kind in BOTH {
        let desk = Desk { database: Fresh::new(kind).await, folder: TempDir::new().unwrap() };
        let all = postings();
        std::fs::write(desk.folder.path().join("all.jsonl"), &all).unwrap();
        std::fs::write(desk.folder.path().join("one.jsonl"), all.lines().next().unwrap()).unwrap();
        desk.said(&["migrate"]);
        desk.said(&["run", "--format", "jsonl", "all.jsonl"]);
        desk.said(&["run", "--format", "jsonl", "all.jsonl"]);

        let items = desk.json(&["review", "list", "--kind", "skill", "--format", "json"]);
        let [item] = &items.as_array().unwrap()[..] else { panic!("{kind:?}: {items}") };
        assert_eq!(
            (item["title"].as_str(), item["jds"].as_i64(), item["companies"].as_i64()),
            (Some("Zentarrow"), Some(30), Some(10))
        );
        let id = item["id"].to_string();
        let shown = desk.json(&["review", "show", &id, "--format", "json"]);
        assert_eq!(shown["evidence"].as_array().unwrap().len(), 10);
        assert_eq!(shown["suggestion"]["type"], "Datastore");
        assert_eq!(desk.slug_of_product(), None);

        let said = desk.said(&["review", "accept", &id]);
        assert!(said.contains("is in the library"), "{said}");
        assert_eq!(desk.slug_of_product().as_deref(), Some("zentarrow"));
        let versions = desk.json(&["library", "versions", "--format", "json"]);
        let names: Vec<&str> =
            versions.as_array().unwrap().iter().map(|line| line["name"].as_str().unwrap()).collect();
        let difference = desk.said(&["library", "diff", names[1], names[0]]);
        assert!(difference.contains("zentarrow"), "{difference}");

        // Whoever looked at it before is told who decided.
        let late = desk.rolemill(&[
            "review",
            "reject",
            &id,
            "--revision",
            "0",
            "--reviewer",
            "brian",
            "--reason",
            "no",
        ]);
        let error = String::from_utf8(late.stderr).unwrap();
        assert!(!late.status.success() && error.contains("ada") && error.contains("accepted"), "{error}");

        desk.said(&["review", "undo", &id]);
        assert_eq!(desk.slug_of_product(), None);
        let versions = desk.json(&["library", "versions", "--format", "json"]);
        let newest = versions[0]["name"].as_str().unwrap();
        let difference = desk.said(&["library", "diff", names[1], newest]);
        assert!(difference.contains("say the same"), "{difference}");
    }
}

#[tokio::test]
async fn what_a_proposal_leaves_open_is_named_at_once() {
    let desk = Desk { database: Fresh::new(support::Kind::Sqlite).await, folder: TempDir::new().unwrap() };
    let posting = json!({ "id": "1", "title": "Designer", "text": "Designer\nWe print books.\n\nResponsibilities\n- Draw covers\n\
        - Set type\n- Talk with authors\n\nRequirements\n- Experience with Photoshop, Zentarrow, PostgreSQL, Kubernetes and Java\n" });
    std::fs::write(desk.folder.path().join("one.jsonl"), posting.to_string()).unwrap();
    desk.said(&["run", "--format", "jsonl", "one.jsonl"]);
    let items = desk.json(&["review", "list", "--kind", "skill", "--format", "json"]);
    let id = items[0]["id"].to_string();
    let refused = desk.rolemill(&["review", "accept", &id]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && error.contains("--type") && error.contains("--dimension"),
        "{error}"
    );
    desk.said(&["review", "snooze", &id, "--days", "3"]);
    assert_eq!(desk.said(&["review", "list", "--kind", "skill"]), "nothing waits\n");
    assert!(desk.said(&["review", "list", "--status", "snoozed"]).contains("Zentarrow"));
}

#[tokio::test]
async fn a_stored_run_is_shown_exported_without_contacts_and_forgotten() {
    let desk = Desk { database: Fresh::new(support::Kind::Sqlite).await, folder: TempDir::new().unwrap() };
    let posting = json!({ "id": "7", "source": "board", "title": "Baker", "company": "Larchfield Mills", "text":
        "Baker\nLarchfield Mills is looking for a baker in Graz.\n\nResponsibilities\n- Bake bread and rolls every night\n\
         - Clean the ovens\n- Teach apprentices\n\nRequirements\n- 2+ years of experience as a baker\n- Knowledge of food safety\n\n\
         Contact: write to ovens@larchfield.test with your CV.\n" });
    std::fs::write(desk.folder.path().join("one.jsonl"), posting.to_string()).unwrap();
    let answer: Value = serde_json::from_str(&desk.said(&["run", "--format", "jsonl", "one.jsonl"])).unwrap();
    let run = answer["run_id"].as_str().unwrap();
    assert!(desk.said(&["runs", "list"]).contains(run));
    assert!(desk.said(&["runs", "show", run]).contains("Baker"));
    let shown = desk.json(&["runs", "show", run, "--format", "json"]);
    assert_eq!(shown["outputs"], answer["outputs"]);
    let export = desk.said(&["runs", "export"]);
    assert!(!export.contains("ovens@larchfield.test") && export.contains("•••"), "{export}");
    assert!(desk.said(&["runs", "export", "--with-contacts"]).contains("ovens@larchfield.test"));
    assert!(desk.said(&["runs", "purge", "--source", "board", "--dry-run"]).starts_with("1 runs would lose"));
    desk.said(&["runs", "purge", "--id", run]);
    assert!(desk.said(&["runs", "list"]).contains("(erased)"));
    assert!(!desk.rolemill(&["runs", "purge"]).status.success());
}
