//! Webhooks at the command line.
#![allow(clippy::unwrap_used, reason = "a test")]

use contract::{RunId, WebhookEvent};
use serde_json::{Value, json};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use store::{Place, RunEvent, Store, TryEnd, WebhookSecret};
use support::{BOTH, Fresh, Kind};
use tempfile::TempDir;
use time::OffsetDateTime;
use uuid::Uuid;

struct Desk {
    database: Fresh,
    store: Store,
    folder: TempDir,
}

impl Desk {
    async fn new(kind: Kind) -> Self {
        let database = Fresh::new(kind).await;
        let store = Store::connect(&Place::read(&database.url).unwrap()).await.unwrap();
        store.migrate().await.unwrap();
        Self { database, store, folder: TempDir::new().unwrap() }
    }

    fn rolemill(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_rolemill"))
            .arg("webhooks")
            .args(arguments)
            .env("ROLEMILL_DB", &self.database.url)
            .env("USER", "ada")
            .env_remove("ROLEMILL_LOG")
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

    fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        self.said(arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// An event that its receiver never took, for a webhook.
    async fn give_up(&self, webhook: i64) {
        let run_id = RunId::derived("board", "1");
        let event = RunEvent {
            event_id: Uuid::new_v5(&run_id.0, b"finished"),
            event: WebhookEvent::RunFinished,
            kind: "rolemill.run.finished.v1".into(),
            run_id: Some(run_id),
            body: json!({ "run_id": run_id }).to_string(),
        };
        self.store.enqueue_events(&[event]).await.unwrap();
        let now = OffsetDateTime::now_utc() + Duration::from_secs(60);
        let taken = self.store.claim_deliveries(webhook, 1, Duration::from_secs(60), now).await.unwrap();
        let dead = TryEnd::Dead { error: "it answered 503 Service Unavailable".into() };
        self.store.settle_delivery(&taken[0], &dead, now).await.unwrap();
    }
}

#[tokio::test]
async fn a_webhook_is_added_listed_and_removed_and_its_secret_is_shown_once() {
    for kind in BOTH {
        let desk = Desk::new(kind).await;
        let said = desk.said(&["add", "https://ats.example/hook"]);
        let secret: WebhookSecret = said.lines().last().unwrap().parse().unwrap();
        assert_eq!(said, format!("webhook 1 is told of run.finished, run.failed\n{}\n", secret.shown()));
        let own = "a secret that somebody chose, not us";
        std::fs::write(desk.folder.path().join("hook.secret"), format!("{own}\n")).unwrap();
        let added = desk.rolemill(&[
            "add",
            "http://10.0.0.1/hook",
            "--events",
            "run.failed",
            "--secret-file",
            "hook.secret",
        ]);
        assert_eq!(String::from_utf8(added.stdout).unwrap(), "webhook 2 is told of run.failed\n");
        assert!(String::from_utf8(added.stderr).unwrap().contains("ROLEMILL_WEBHOOKS_PRIVATE=allow"));

        let hooks = desk.lines(&["list", "--format", "jsonl"]);
        assert_eq!(
            (&hooks[0]["url"], &hooks[0]["created_by"]),
            (&json!("https://ats.example/hook"), &json!("ada"))
        );
        assert_eq!(hooks[1]["events"], json!(["run.failed"]), "{kind:?}");
        for format in ["pretty", "jsonl", "csv"] {
            let list = desk.said(&["list", "--format", format]);
            assert!(
                list.contains("https://ats.example/hook") && list.contains("http://10.0.0.1/hook"),
                "{list}"
            );
            assert!(!list.contains(own) && !list.contains("whsec_") && !list.contains("secret"), "{list}");
        }
        let again = desk.rolemill(&["add", "https://ats.example/hook"]);
        assert_eq!(again.status.code(), Some(1));
        assert!(String::from_utf8(again.stderr).unwrap().contains("webhook 1 posts to this address already"));
        assert_eq!(desk.said(&["remove", "1"]), "webhook 1 is removed\n");
        assert_eq!(desk.rolemill(&["remove", "1"]).status.code(), Some(1));
        assert_eq!(desk.lines(&["list", "--format", "jsonl"]).len(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_dead_delivery_is_seen_and_tried_again() {
    let desk = Desk::new(Kind::Sqlite).await;
    assert_eq!(desk.said(&["deliveries"]), "no deliveries\n");
    desk.said(&["add", "https://ats.example/hook"]);
    desk.give_up(1).await;
    let dead = desk.lines(&["deliveries", "--state", "dead", "--format", "jsonl"]);
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0]["last_error"], "it answered 503 Service Unavailable");
    assert!(desk.said(&["deliveries", "--webhook", "1"]).contains("503"));
    assert!(desk.said(&["list"]).contains("0 wait, 1 dead"));
    let id = dead[0]["id"].to_string();
    assert_eq!(desk.said(&["retry", &id]), format!("delivery {id} is due now\n"));
    assert!(desk.lines(&["deliveries", "--state", "dead", "--format", "jsonl"]).is_empty());
    let csv = desk.said(&["deliveries", "--format", "csv"]);
    assert!(
        csv.starts_with("id,webhook,state,kind,") && csv.lines().nth(1).unwrap().contains(",pending,"),
        "{csv}"
    );

    desk.store
        .switch_off_webhook(1, "it answered 410 Gone", "test", OffsetDateTime::now_utc())
        .await
        .unwrap();
    assert!(desk.said(&["list"]).contains("410 Gone"));
    let refused = desk.rolemill(&["retry", &id]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("switched off"));
    assert_eq!(desk.said(&["switch-on", "1"]), "webhook 1 is on\n");
    desk.said(&["retry", &id]);
}

#[tokio::test]
async fn what_cannot_be_a_webhook_is_refused_without_its_secret() {
    let desk = Desk::new(Kind::Sqlite).await;
    for wrong in [&["add", "ftp://ats.example"][..], &["add", "https://ats.example", "--events", "run.begun"]]
    {
        assert_eq!(desk.rolemill(wrong).status.code(), Some(2), "{wrong:?}");
    }
    std::fs::write(desk.folder.path().join("short"), "hush-hush").unwrap();
    for file in ["short", "missing"] {
        let refused = desk.rolemill(&["add", "https://ats.example", "--secret-file", file]);
        assert_eq!(refused.status.code(), Some(1));
        let words = String::from_utf8(refused.stderr).unwrap();
        assert!(words.contains(file) && !words.contains("hush-hush"), "{words}");
    }
    assert_eq!(desk.said(&["list"]), "no webhooks\n");
}
