//! Dead letters, replays and cancelled runs, as analysts work on them at the command line.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/desk.rs"]
mod desk;

use contract::{DeadState, ItemState, RunId, Stage, Status};
use desk::{Desk, jd, letter, posting, run};
use serde_json::{Value, json};
use store::{DeadFilter, RunFilter};
use support::BOTH;

#[tokio::test]
async fn dead_letters_are_listed_filtered_paged_and_exported() {
    for kind in BOTH {
        let desk = Desk::new(kind).await;
        let mut letters: Vec<_> =
            (0..4).map(|n| letter(n, Stage::Signals, "stage_failed", "no vector")).collect();
        letters.push(letter(4, Stage::Decision, "malformed", "=1+1 is \"no\" cell"));
        let ids = desk.store.bury(&letters).await.unwrap();

        let page = desk.lines(&["dead", "list", "--stage", "signals", "--limit", "3", "--format", "jsonl"]);
        let last = page.last().unwrap()["id"].to_string();
        let rest = desk.lines(&["dead", "list", "--stage", "signals", "--after", &last, "--format", "jsonl"]);
        let seen: Vec<i64> = page.iter().chain(&rest).map(|line| line["id"].as_i64().unwrap()).collect();
        assert_eq!(seen, [ids[3], ids[2], ids[1], ids[0]], "{kind:?}");
        let people = desk.said(&["dead", "list", "--limit", "3"]);
        assert!(people.contains("no vector") && people.contains(&format!("--after {}", ids[2])), "{people}");
        for filter in [["--text", "CELL"], ["--code", "malformed"], ["--run", &run(4).to_string()]] {
            let found = desk.lines(&["dead", "list", "--format", "jsonl", filter[0], filter[1]]);
            assert_eq!(found.len(), 1, "{kind:?} {filter:?}");
            assert_eq!(found[0]["id"], ids[4]);
        }
        assert_eq!(desk.said(&["dead", "list", "--since", "1h"]), "no dead letters\n", "they are months old");
        let csv = desk.said(&["dead", "export", "--format", "csv"]);
        assert_eq!(csv.lines().count(), 6, "{csv}");
        assert!(
            csv.starts_with("id,state,stage,code,message,") && csv.contains("\"'=1+1 is \"\"no\"\" cell\""),
            "{csv}"
        );
        desk.said(&["dead", "export", "--bodies", "--code", "malformed", "--out", "letters.jsonl"]);
        let whole: Value = serde_json::from_str(&desk.file("letters.jsonl")).unwrap();
        assert!(whole["body"]["text"].as_str().unwrap().contains("run_id"), "{whole}");
        for wrong in [&["dead", "list", "--stage", "sorting"][..], &["dead", "archive", "--reason", "x"]] {
            assert_eq!(desk.code(wrong), 2, "{wrong:?}");
        }
    }
}

#[tokio::test]
async fn causes_are_counted_and_what_is_known_of_one_stays_with_it() {
    for kind in BOTH {
        let desk = Desk::new(kind).await;
        let mut letters: Vec<_> =
            (0..3).map(|n| letter(n, Stage::Signals, "stage_failed", "no vector")).collect();
        letters.push(letter(3, Stage::Decision, "malformed", "no roles"));
        desk.store.bury(&letters).await.unwrap();
        let groups = desk.lines(&["dead", "groups", "--format", "jsonl"]);
        let counts: Vec<_> = groups.iter().map(|group| group["count"].as_u64().unwrap()).collect();
        assert_eq!(counts, [3, 1], "{kind:?}");
        let print = groups[0]["fingerprint"].as_str().unwrap();
        let note = desk.rolemill(&["dead", "note", "nowhere", "words"]);
        assert!(!note.status.success());
        desk.said(&["dead", "note", print, "the embedder was away", "--actor", "bob"]);
        let people = desk.said(&["dead", "groups"]);
        assert!(people.contains("the embedder was away (bob)") && people.contains("no roles"), "{people}");
        let page = desk.said(&["dead", "groups", "--limit", "1"]);
        let cursor = page.lines().last().unwrap().rsplit(' ').next().unwrap();
        let rest = desk.lines(&["dead", "groups", "--format", "jsonl", "--after", cursor]);
        assert_eq!(rest.len(), 1, "{kind:?}");
        assert_eq!(rest[0]["code"], "malformed");
    }
}

#[tokio::test]
async fn an_edit_is_for_the_revision_that_was_looked_at_and_keeps_the_original() {
    for kind in BOTH {
        let desk = Desk::new(kind).await;
        let buried = posting(0, json!({ "id": 7, "title": "Baker", "salary": "much" }), "malformed");
        let id = desk.store.bury(&[buried]).await.unwrap()[0].to_string();
        desk.write(
            "fix.json",
            r#"[{"op":"remove","path":"/salary"},{"op":"add","path":"/text","value":"We bake."}]"#,
        );
        desk.write("bad.json", r#"[{"op":"remove","path":"/title"}]"#);
        let edit = |revision: &str, patch: &str| {
            desk.rolemill(&["dead", "edit", &id, "--revision", revision, "--patch", patch])
        };
        let refused = edit("0", "bad.json");
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && error.contains("not what the parse stage reads"), "{error}");
        assert!(edit("0", "fix.json").status.success(), "{kind:?}");
        let late = edit("0", "fix.json");
        let error = String::from_utf8_lossy(&late.stderr).into_owned();
        assert!(
            !late.status.success() && error.contains("edited by ada") && error.contains("at 1"),
            "{error}"
        );

        let body: Value = serde_json::from_str(&desk.said(&["dead", "show", &id, "--body"])).unwrap();
        assert_eq!(body, json!({ "id": 7, "title": "Baker", "text": "We bake." }), "{kind:?}");
        let original: Value = serde_json::from_str(&desk.said(&["dead", "show", &id, "--original"])).unwrap();
        assert_eq!(original, json!({ "id": 7, "title": "Baker", "salary": "much" }), "{kind:?}");
        let shown = desk.said(&["dead", "show", &id]);
        for words in
            ["revision 1", "malformed", "because", "4bf92f3577b34da6a3ce929d0e0e4736", "ada dead.edit"]
        {
            assert!(shown.contains(words), "{words} is not in {shown}");
        }
    }
}

#[tokio::test]
async fn a_message_that_is_no_json_is_mended_by_a_whole_new_body() {
    let desk = Desk::new(support::Kind::Sqlite).await;
    let whole = json!({ "id": 7, "title": "Baker", "text": "We bake." }).to_string();
    let mut broken = posting(0, json!({}), "malformed");
    broken.letter.body = contract::Content::Text(whole.replace('}', ""));
    let id = desk.store.bury(&[broken]).await.unwrap()[0].to_string();
    desk.write("fix.json", r#"[{"op":"remove","path":"/id"}]"#);
    let edit = |with: &[&str]| desk.rolemill(&[&["dead", "edit", &id, "--revision", "0"], with].concat());
    let refused = edit(&["--patch", "fix.json"]);
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && error.contains(&format!("dead show {id} --body")), "{error}");
    for wrong in [&[][..], &["--patch", "fix.json", "--body", "whole.json"]] {
        assert_eq!(edit(wrong).status.code(), Some(2), "{wrong:?}");
    }
    desk.write("whole.json", &whole);
    assert!(edit(&["--body", "whole.json"]).status.success());
    assert_eq!(desk.said(&["dead", "show", &id, "--body"]), whole);
    let shown = desk.said(&["dead", "show", &id]);
    assert!(shown.starts_with(&format!("Dead letter {id}, revision 1 parked\n")), "{shown}");
    let shadow = desk.json(&["dead", "replay", &id, "--shadow", "--format", "json"]);
    assert_eq!(shadow["items"][0]["outcome"], "new", "{shadow:#}");
}

#[tokio::test]
async fn what_is_put_away_is_told_apart_from_what_was_not_there() {
    let desk = Desk::new(support::Kind::Sqlite).await;
    let letters: Vec<_> = (0..3).map(|n| letter(n, Stage::Signals, "stage_failed", "no vector")).collect();
    let ids: Vec<String> = desk.store.bury(&letters).await.unwrap().iter().map(i64::to_string).collect();
    let archive = |which: &[&str]| desk.code(&[&["dead", "archive", "--reason", "old"], which].concat());
    assert_eq!(archive(&[&ids[0], "99"]), 3);
    assert_eq!(archive(&[&ids[0]]), 1, "it does not wait any more");
    assert_eq!(archive(&["--stage", "signals", "--keep-days", "90"]), 0);
    assert_eq!(archive(&[&ids[1], "--all"]), 2);
    let shown = desk.json(&["dead", "show", &ids[1], "--format", "json"]);
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("archived"), &json!("old")));
    assert!(shown["keep_until"].is_string());
    assert_eq!(desk.code(&["dead", "restore", &ids[0], &ids[1]]), 0);
    let parked = DeadFilter { state: Some(DeadState::Parked), ..DeadFilter::page(9) };
    assert_eq!(desk.store.dead_letters(&parked).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_replay_that_is_asked_for_twice_goes_once() {
    for kind in BOTH {
        let desk = Desk::new(kind).await;
        let letters: Vec<_> =
            (0..3).map(|n| letter(n, Stage::Signals, "stage_failed", "no vector")).collect();
        desk.store.bury(&letters).await.unwrap();
        let replay = ["dead", "replay", "--code", "stage_failed", "--format", "json"];
        let plan = desk.json(&[&replay[..], &["--plan"]].concat());
        let first = desk.json(&replay);
        assert_eq!(first["plan"], plan, "{kind:?}");
        assert_eq!((&plan["total"], &plan["by_stage"]), (&json!(3), &json!({ "signals": 3 })), "{kind:?}");
        let second = desk.json(&replay);
        assert_eq!(
            (&second["plan"]["total"], &second["plan"]["skipped"]),
            (&json!(0), &json!({ "queued": 3 })),
            "{kind:?}"
        );
        let people = desk.said(&["dead", "replay", "--all"]);
        assert!(people.contains("0 items") && people.contains("3 waiting in another batch"), "{people}");

        let batch = first["batch"]["id"].to_string();
        desk.said(&["batches", "pause", &batch]);
        assert_eq!(desk.code(&["batches", "pause", &batch]), 1, "it is halted already");
        desk.said(&["batches", "resume", &batch]);
        assert_eq!(desk.code(&["batches", "go", &batch]), 1, "it has no canary");
        let shown = desk.json(&["batches", "show", &batch, "--format", "json"]);
        assert_eq!((&shown["batch"]["actor"], shown["items"].as_array().unwrap().len()), (&json!("ada"), 3));
        assert!(desk.said(&["batches", "show", &batch]).contains("3 pending"), "{kind:?}");
        let stopped = desk.said(&["batches", "cancel", &batch]);
        assert!(stopped.contains("3 items are not sent"), "{stopped}");
        let listed = desk.lines(&["batches", "list", "--format", "jsonl"]);
        let states: Vec<&str> = listed.iter().map(|batch| batch["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["finished", "finished", "cancelled"], "{kind:?}");
        assert_eq!(desk.json(&[&replay[..], &["--plan"]].concat())["total"], 3, "they wait again");
        let unknown = desk.rolemill(&["dead", "replay", "--all", "--library", "nowhere-1"]);
        assert_eq!(unknown.status.code(), Some(2), "{kind:?}");
    }
}

#[tokio::test]
async fn a_shadow_says_what_would_differ_and_leaves_everything_as_it_was() {
    for kind in BOTH {
        let desk = Desk::new(kind).await;
        let run = desk.ran(&jd());
        let good =
            posting(5, json!({ "id": 5, "title": "Data Engineer", "text": jd()["text"] }), "stage_gave_up");
        let bad = posting(6, json!({ "id": 6 }), "malformed");
        desk.store.bury(&[good, bad]).await.unwrap();
        let tables = ["run_attempts", "replay_batches", "replay_items", "audit_log", "runs", "dead_letters"];
        let before = desk.database.counts(&tables).await;

        let of_run = run.to_string();
        let shadow =
            |from| desk.json(&["runs", "replay", &of_run, "--shadow", "--from", from, "--format", "json"]);
        for from in ["parse", "enrichment", "persistence"] {
            let equal = shadow(from);
            assert_eq!(equal["summary"]["equal"], 1, "{kind:?} {from}: {equal:#}");
        }
        let letters = desk.json(&["dead", "replay", "--all", "--shadow", "--format", "json"]);
        let outcomes: Vec<_> =
            letters["items"].as_array().unwrap().iter().map(|item| &item["outcome"]).collect();
        assert_eq!(outcomes, ["new", "given_up"], "{kind:?}: {letters:#}");
        assert_eq!(letters["items"][0]["status"], "completed", "{kind:?}");
        assert_eq!(letters["items"][0]["role"], "data-engineer", "{kind:?}");
        assert!(letters["items"][1]["why"].as_str().unwrap().contains("neither"), "{letters:#}");
        assert_eq!(desk.database.counts(&tables).await, before, "{kind:?}");

        // Another attempt is stored that chose another role: the shadow differs from it, and only there.
        desk.saved_otherwise(run).await;
        for from in ["signals", "decision"] {
            let shadow = shadow(from);
            let summary = &shadow["summary"];
            assert_eq!(summary["by_stage"], json!({ "decision": 1 }), "{kind:?} {from}: {shadow:#}");
            let role = &summary["roles"][0];
            assert_eq!((&role["from"], &role["count"]), (&json!("night-baker"), &json!(1)), "{from}");
            assert_eq!(shadow["items"][0]["compared_with"], 1);
        }
        let people = desk.said(&["runs", "replay", "--role", "data-engineer", "--shadow"]);
        assert!(
            people.contains("1 of 1 in the shadow") && people.contains("night-baker → data-engineer"),
            "{people}"
        );
    }
}

#[tokio::test]
async fn two_attempts_of_a_run_are_compared_stage_by_stage() {
    for kind in BOTH {
        let desk = Desk::new(kind).await;
        let run = desk.ran(&jd()).to_string();
        assert_eq!(desk.code(&["runs", "diff", &run]), 1, "there is one attempt");
        assert!(desk.said(&["runs", "diff", &run, "--from", "0", "--to", "0"]).contains("no difference"));
        desk.saved_otherwise(run.parse().map(RunId).unwrap()).await;
        let whole = desk.json(&["runs", "diff", &run, "--stage", "decision", "--format", "json"]);
        assert_eq!((&whole["from"]["attempt"], &whole["to"]["attempt"]), (&json!(0), &json!(1)), "{kind:?}");
        let changes = &whole["stages"]["decision"];
        assert_eq!(changes.as_array().unwrap().len(), 1, "{changes:#}");
        assert_eq!(changes[0]["path"], "/chosen_role/slug");
        assert_eq!(
            (&changes[0]["before"], &changes[0]["after"]),
            (&json!("data-engineer"), &json!("night-baker"))
        );
        let people = desk.said(&["runs", "diff", &run]);
        assert!(people.contains("/chosen_role/slug  \"data-engineer\" → \"night-baker\""), "{people}");
        let none = desk.json(&["runs", "diff", &run, "--stage", "parse", "--format", "json"]);
        assert_eq!(none["equal"], true, "{kind:?}");
    }
}

#[tokio::test]
async fn a_cancelled_run_says_so_and_one_that_ended_says_how() {
    let desk = Desk::new(support::Kind::Sqlite).await;
    let ended = desk.ran(&jd()).to_string();
    desk.store.bury(&[letter(0, Stage::Signals, "stage_failed", "no vector")]).await.unwrap();
    let dead = run(0).to_string();
    let cancelled = desk.rolemill(&["runs", "cancel", &ended, &dead, "--reason", "by mistake"]);
    assert_eq!(cancelled.status.code(), Some(3));
    let (said, error) =
        (String::from_utf8_lossy(&cancelled.stdout), String::from_utf8_lossy(&cancelled.stderr));
    assert!(
        said.contains(&format!("run {dead} is cancelled up to attempt 0; dead letters put away: 1")),
        "{said}"
    );
    assert!(error.contains(&ended) && error.contains("it was completed"), "{error}");
    assert_eq!(desk.code(&["runs", "cancel", &dead, "--reason", "again"]), 1);
    let filter = RunFilter { status: Some(Status::Cancelled), ..RunFilter::page(9) };
    let line = desk.store.runs(&filter).await.unwrap().remove(0);
    assert_eq!((line.run_id, line.reason.as_deref()), (run(0), Some("by mistake")));
}

mod with_a_broker {
    use super::*;
    use desk::Broker;
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_canary_is_sent_first_and_the_others_follow_after_a_go() {
        let (desk, broker) = (Desk::new(support::Kind::Sqlite).await, Broker::new().await);
        let letters: Vec<_> =
            (0..3).map(|n| letter(n, Stage::Signals, "stage_failed", "no vector")).collect();
        desk.store.bury(&letters).await.unwrap();
        let replay =
            ["dead", "replay", "--all", "--send", "--canary", "2", "--rate", "1000/s", "--format", "json"];
        let sent = desk.json(&broker.flags(&replay));
        assert_eq!(sent["batch"]["state"], "awaiting_go", "{sent:#}");
        assert_eq!(sent["batch"]["counts"], json!({ "pending": 1, "sent": 2 }), "{sent:#}");
        let batch = sent["batch"]["id"].to_string();
        let again = desk.json(&broker.flags(&replay));
        assert_eq!(
            (&again["plan"]["total"], &again["plan"]["skipped"]),
            (&json!(0), &json!({ "queued": 1 }))
        );
        desk.said(&broker.flags(&["batches", "go", &batch, "--send"]));

        let queue = format!("{}.signals.work", broker.prefix);
        let messages = broker.client.take_many(&queue, 3, PATIENCE).await;
        for (n, message) in messages.iter().enumerate() {
            let properties = &message.properties;
            let id = properties.message_id().as_ref().unwrap().as_str();
            assert_eq!(id, run(n).message_id(Stage::Signals, 1).to_string());
            let envelope: Value = serde_json::from_slice(&message.data).unwrap();
            assert_eq!((&envelope["attempt"], &envelope["replay_of"]), (&json!(1), &json!(0)));
        }
        assert_eq!(broker.client.depth(&queue).await, 0, "each went once");
        let items = desk.store.batch(batch.parse().unwrap()).await.unwrap().counts;
        assert_eq!(items, [(ItemState::Sent, 3)].into());
    }

    #[tokio::test]
    async fn a_replay_that_is_waited_for_ends_as_its_run_does() {
        let (desk, broker) = (Desk::new(support::Kind::Sqlite).await, Broker::new().await);
        let ran = desk.ran(&jd()).to_string();
        let again = ["runs", "replay", &ran, "--send", "--wait", "--format", "json"];
        let mut command = desk.start(&broker.flags(&again));
        // The workers are played by this test: one run of theirs is completed, the other is given up.
        let message = broker.client.take(&format!("{}.parse.work", broker.prefix), PATIENCE).await;
        let record = desk.answer(&message.data).await;
        assert_eq!((record.attempt, record.replay_of), (1, Some(0)));
        desk.store.save(&[record]).await.unwrap();
        let (code, said) = command.end().await;
        assert_eq!(code, Some(0), "{said}");
        let whole: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(
            (&whole["batch"]["state"], &whole["batch"]["counts"]),
            (&json!("finished"), &json!({ "completed": 1 }))
        );

        desk.store.bury(&[letter(0, Stage::Signals, "stage_failed", "no vector")]).await.unwrap();
        let mut command = desk.start(&broker.flags(&["dead", "replay", "--all", "--send", "--wait"]));
        broker.client.take(&format!("{}.signals.work", broker.prefix), PATIENCE).await;
        let mut died = letter(0, Stage::Signals, "stage_failed_again", "no vector");
        died.letter.attempt = Some(1);
        desk.store.bury(&[died]).await.unwrap();
        let (code, said) = command.end().await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("finished: 1 dead lettered"), "{said}");
    }

    #[tokio::test]
    async fn a_stranded_run_is_sent_once_more() {
        let (desk, broker) = (Desk::new(support::Kind::Sqlite).await, Broker::new().await);
        desk.store.accept_runs(&[desk::accepted(0), desk::accepted(1)]).await.unwrap();
        desk.store.strand(&[run(0)]).await.unwrap();
        let listed = desk.lines(&["dead", "stranded", "--format", "jsonl"]);
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0]["run_id"], run(0).to_string());
        assert_eq!(
            desk.code(&broker.flags(&["dead", "re-emit", &run(1).to_string()])),
            1,
            "it is not stranded"
        );
        let said = desk.said(&broker.flags(&["dead", "re-emit", "--all"]));
        assert!(said.contains("sent once more: 1, not sent: 0"), "{said}");
        let message = broker.client.take(&format!("{}.parse.work", broker.prefix), PATIENCE).await;
        assert_eq!(message.data, desk::accepted(0).body);
        assert_eq!(message.properties.message_id().as_ref().unwrap().as_str(), run(0).to_string());
        assert_eq!(desk.said(&["dead", "stranded"]), "no run is stranded\n");
    }

    #[tokio::test]
    async fn a_broker_that_is_not_there_is_found_out_before_anything_is_taken() {
        let desk = Desk::new(support::Kind::Sqlite).await;
        desk.store.bury(&[letter(0, Stage::Signals, "stage_failed", "no vector")]).await.unwrap();
        let nowhere = format!("amqp://127.0.0.1:{}", support::process::free_port());
        assert_eq!(desk.code(&["dead", "replay", "--all", "--send", "--amqp", &nowhere]), 1);
        assert_eq!(desk.code(&["dead", "replay", "--all", "--send"]), 2, "no broker is named");
        assert_eq!(desk.said(&["batches", "list"]), "no batches\n");
    }
}
