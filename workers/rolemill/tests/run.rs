//! `rolemill run` as a user runs it.
#![allow(clippy::unwrap_used, reason = "a test")]

use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const JD: &str = "Baker wanted\\nWe are looking for a baker for our shop in Graz. You will bake bread and rolls every night.\\n\
Requirements:\\n- 2+ years of experience as a baker\\n- Knowledge of food safety\\nApply with your CV.";

/// A folder with files, and the command on them.
struct Shop(TempDir);

impl Shop {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Answered {
        let output = rolemill()
            .current_dir(self.0.path())
            .args(["run", "--no-store"])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Answered(output)
    }

    fn run_on(&self, input: &[u8], arguments: &[&str]) -> Answered {
        let mut child = rolemill()
            .args(["run", "--no-store"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input).ok());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Answered(output)
    }
}

fn rolemill() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolemill"));
    for variable in ["ROLEMILL_JOBS", "ROLEMILL_LOG", "ROLEMILL_LIBRARY"] {
        command.env_remove(variable);
    }
    command
}

struct Answered(Output);

impl Answered {
    fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn each(&self, path: &str) -> Vec<Value> {
        self.lines().iter().map(|line| line.pointer(path).cloned().unwrap_or(Value::Null)).collect()
    }
}

fn row(id: usize) -> String {
    format!("{{\"id\": {id}, \"title\": \"Baker\", \"text\": \"{JD}\"}}\n")
}

#[test]
fn answers_come_in_the_order_of_the_lines_whatever_the_jobs() {
    let rows: String = (0..60).map(row).collect();
    let shop = Shop::with(&[("jobs.jsonl", rows.as_bytes())]);
    let answered = shop.run(&["jobs.jsonl", "--jobs", "4"]);
    assert_eq!(answered.code(), 0);
    assert_eq!(answered.each("/id"), (0..60).map(Value::from).collect::<Vec<_>>());
}

#[test]
fn a_bad_line_in_the_middle_fails_alone() {
    let mut rows = row(1).into_bytes();
    rows.extend_from_slice(b"{\"id\": 2, \"text\": \"half\n\n[1]\n{\"text\": \"\xff\"}\n{\"text\": 5}\n");
    rows.extend_from_slice(row(6).as_bytes());
    let shop = Shop::with(&[("jobs.jsonl", &rows)]);
    let answered = shop.run(&["jobs.jsonl"]);
    assert_eq!(answered.code(), 3);
    assert_eq!(answered.each("/id"), [1, 2, 4, 5, 6, 6].map(Value::from));
    assert_eq!(
        answered.each("/error/code"),
        [
            Value::Null,
            "broken_json".into(),
            "broken_json".into(),
            "invalid_encoding".into(),
            "json_member".into(),
            Value::Null
        ]
    );
    let statuses = ["completed", "failed", "failed", "failed", "failed", "completed"];
    assert_eq!(answered.each("/status"), statuses.map(Value::from));
    assert!(answered.lines()[1].get("run_id").is_none());
}

#[test]
fn a_line_over_the_limit_fails_alone() {
    let long = format!("{{\"text\": \"{}\"}}\n", "x".repeat(9 << 20));
    let shop = Shop::with(&[("jobs.jsonl", format!("{}{long}{}", row(1), row(3)).as_bytes())]);
    let answered = shop.run(&["jobs.jsonl"]);
    assert_eq!(
        (answered.code(), answered.each("/error/code")),
        (3, vec![Value::Null, "line_too_long".into(), Value::Null])
    );
}

#[test]
fn the_same_input_gives_the_same_outputs_byte_for_byte() {
    let outputs = |answered: &Answered| -> Vec<String> {
        let text = answered.text();
        text.lines()
            .map(|line| {
                line[line.find("\"outputs\":").unwrap()..line.find(",\"timings\":").unwrap()].to_owned()
            })
            .collect()
    };
    let rows: String = (0..8).map(row).collect();
    let shop = Shop::with(&[("jobs.jsonl", rows.as_bytes())]);
    let (once, again) = (shop.run(&["jobs.jsonl", "-j1"]), shop.run(&["jobs.jsonl", "-j4"]));
    assert_eq!(outputs(&once), outputs(&again));
    assert_ne!(once.each("/run_id"), again.each("/run_id"));
}

#[test]
fn a_row_with_an_id_and_a_source_is_the_same_run_again() {
    let row = format!("{{\"id\": \"a\", \"source\": \"board\", \"text\": \"{JD}\"}}\n");
    let shop = Shop::with(&[("jobs.jsonl", row.as_bytes())]);
    assert_eq!(shop.run(&["jobs.jsonl"]).each("/run_id"), shop.run(&["jobs.jsonl"]).each("/run_id"));
}

#[test]
fn a_title_without_a_text_is_a_title_only_run() {
    let shop = Shop::with(&[]);
    let answered = shop.run_on(b"\xef\xbb\xbf{\"title\": \"Senior Data Engineer\", \"text\": null}\r\n", &[]);
    assert_eq!(answered.code(), 0);
    assert_eq!(answered.each("/outputs/parse/jd_type"), ["title_only"].map(Value::from));
    assert_eq!(answered.each("/outputs/decision/chosen_role/slug"), ["data-engineer"].map(Value::from));
    assert_eq!(answered.each("/id"), [1].map(Value::from));
}

#[test]
fn a_hidden_title_is_not_used() {
    let shop = Shop::with(&[]);
    let row = format!("{{\"title\": \"Senior Data Engineer\", \"text\": \"{JD}\"}}\n");
    let titles =
        |arguments: &[&str]| shop.run_on(row.as_bytes(), arguments).each("/outputs/signals/notes/title");
    assert_eq!(titles(&[]), ["Senior Data Engineer"].map(Value::from));
    assert_ne!(titles(&["--hide-title"]), ["Senior Data Engineer"].map(Value::from));
    let masked = shop.run_on(row.replace("Senior Data Engineer", "Baker").as_bytes(), &["--mask-title"]);
    assert!(!masked.text().to_lowercase().contains("baker"), "{}", masked.text());
}

#[test]
fn a_rejected_document_is_an_answer() {
    let shop = Shop::with(&[("note.txt", b"Lunch at noon?")]);
    let answered = shop.run(&["note.txt"]);
    assert_eq!(answered.code(), 0);
    let answer = &answered.lines()[0];
    assert_eq!(answer["status"], "rejected");
    assert!(answer["reason"].as_str().unwrap().starts_with("too_sparse"), "{answer}");
    assert_eq!(answer["outputs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["parse"]);
    assert_eq!(answer["cost_usd"], 0.0);
}

#[test]
fn a_file_that_cannot_be_read_fails_and_the_rest_goes_on() {
    let large = vec![b'a'; (8 << 20) + 1];
    let files: [(&str, &[u8]); 4] = [
        ("in/a.txt", b""),
        ("in/b.bin", b"\0\x01\x02"),
        ("in/c.txt", &large),
        ("in/d/e.txt", b"Lunch at noon, all of you?"),
    ];
    let shop = Shop::with(&files);
    let answered = shop.run(&["in", "missing.txt"]);
    assert_eq!(answered.code(), 3);
    let codes = ["empty", "not_text", "document_too_large"].map(Value::from);
    assert_eq!(answered.each("/error/code"), [&codes[..], &[Value::Null, "file_not_found".into()]].concat());
    assert_eq!(
        answered.each("/status"),
        ["rejected", "rejected", "rejected", "rejected", "failed"].map(Value::from)
    );
    assert_eq!(
        answered.each("/id")[3],
        shop.path("in/d/e.txt").strip_prefix(shop.0.path()).unwrap().to_str().unwrap()
    );
    assert_eq!(shop.run(&["missing.txt"]).code(), 3);
}

#[cfg(unix)]
#[test]
fn a_folder_is_read_without_hidden_files_and_linked_folders() {
    let shop = Shop::with(&[("in/b.txt", b"Lunch?"), ("in/.git/config", b"x"), ("out/c.txt", b"Lunch?")]);
    std::os::unix::fs::symlink(shop.path("out"), shop.path("in/folder")).unwrap();
    std::os::unix::fs::symlink(shop.path("out/c.txt"), shop.path("in/a.txt")).unwrap();
    std::os::unix::fs::symlink(shop.path("nowhere"), shop.path("in/z.txt")).unwrap();
    let answered = shop.run(&["in"]);
    assert_eq!(answered.each("/id"), ["in/a.txt", "in/b.txt", "in/z.txt"].map(Value::from));
    assert_eq!(answered.each("/error/code"), [Value::Null, Value::Null, "file_not_found".into()]);
}

#[test]
fn wrong_usage_is_told_from_failure() {
    let shop = Shop::with(&[]);
    assert_eq!(shop.run(&["--format", "xml"]).code(), 2);
    assert_eq!(shop.run(&["--jobs", "0"]).code(), 2);
    assert_eq!(shop.run(&["--library", "nowhere"]).code(), 2);
    assert_eq!(shop.run_on(b"", &["--format", "jsonl"]).code(), 3);
}

#[test]
fn a_reader_that_has_read_enough_ends_the_command_quietly() {
    let rows: String = (0..2000).map(row).collect();
    let shop = Shop::with(&[("jobs.jsonl", rows.as_bytes())]);
    let mut child = rolemill()
        .args(["run", "--no-store", "jobs.jsonl"])
        .current_dir(shop.0.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"id\":0,"));
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
fn one_file_is_an_object_and_anything_else_an_array() {
    let shop = Shop::with(&[("a.txt", b"Lunch?"), ("b.jsonl", row(1).as_bytes())]);
    let json = |arguments: &[&str]| -> Value { serde_json::from_str(&shop.run(arguments).text()).unwrap() };
    assert!(json(&["a.txt", "--format", "json"]).is_object());
    assert_eq!(json(&["a.txt", "b.jsonl", "--format", "json"]).as_array().unwrap().len(), 2);
    assert_eq!(json(&["b.jsonl", "--format", "json"]).as_array().unwrap().len(), 1);
}

#[test]
fn only_the_first_roles_are_written_when_asked() {
    let shop = Shop::with(&[("jobs.jsonl", row(1).as_bytes())]);
    let answered = shop.run(&["jobs.jsonl", "--top", "2"]);
    for path in ["/outputs/decision/ranked", "/outputs/signals/alias", "/outputs/signals/domain"] {
        assert_eq!(answered.lines()[0].pointer(path).unwrap().as_array().unwrap().len(), 2, "{path}");
    }
}

#[test]
fn a_formula_in_a_title_is_harmless_in_csv() {
    let shop = Shop::with(&[]);
    let answered = shop.run_on(b"{\"id\": \"=HYPERLINK(1)\", \"title\": \"@Baker\"}\n", &["--format", "csv"]);
    let mut reader = csv::Reader::from_reader(answered.0.stdout.as_slice());
    let record = reader.records().next().unwrap().unwrap();
    assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{record:?}");
    assert_eq!(&record[0], "'=HYPERLINK(1)");
}

#[test]
fn pretty_answers_fit_the_page_and_are_plain_in_a_pipe() {
    let rows: String = (0..3)
        .map(row)
        .chain(["{\"text\": 1}\n".to_owned(), "{\"title\": \"=\u{1b}[2J\"}\n".to_owned()])
        .collect();
    let shop = Shop::with(&[("jobs.jsonl", rows.as_bytes())]);
    let text = shop.run(&["jobs.jsonl", "--format", "pretty"]).text();
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.contains("5 JDs") && text.contains("json_member"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_stop_finishes_what_has_begun_and_says_what_was_not_taken() {
    let mut child = rolemill()
        .args(["run", "--no-store", "-", "--jobs", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Standard input stays open: only the stop ends the command.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(row(1).as_bytes()).unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"id\":1,"), "an answer does not wait for the next input");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let remark = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), remark.as_str()),
        (Some(3), "rolemill: stopped: 1 done, the rest was not taken\n")
    );
}
