//! Cancelling runs, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

mod given;

use contract::{BatchState, DeadState, ItemState, RunId, Status};
use given::{NOON, all_dead, another, database, letter, record, run};
use std::collections::BTreeMap;
use store::{AcceptedRun, Claim, DeadFilter, RunFilter, RunLine, Store, StoreError};
use support::BOTH;

fn accepted(n: usize, title: &str) -> AcceptedRun {
    AcceptedRun {
        run_id: run(n),
        source: "board".into(),
        external_id: Some(n.to_string()),
        routing_key: "jd.board".into(),
        content_type: Some("application/json".into()),
        headers: BTreeMap::new(),
        body: serde_json::json!({ "title": title, "text": "We bake." }).to_string().into_bytes(),
        accepted_at: NOON,
    }
}

async fn line(store: &Store, of: RunId) -> Option<RunLine> {
    let runs = store.runs(&RunFilter::page(99)).await.unwrap();
    runs.into_iter().find(|line| line.run_id == of)
}

#[tokio::test]
async fn an_accepted_run_that_is_cancelled_leaves_nothing_behind() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        store.accept_runs(&[accepted(0, "Baker")]).await.unwrap();
        let cancelled = store.cancel_run(run(0), "sent by mistake", "ada").await.unwrap();
        assert_eq!((cancelled.attempt, cancelled.archived), (0, 0), "{kind:?}");
        // It was on its way, and arrives at the end of the pipeline now.
        let saved = store.save(&[record(0, 0, Status::Completed)]).await.unwrap();
        assert_eq!((saved[0].status, saved[0].is_new), (Status::Cancelled, false), "{kind:?}");
        assert_eq!(fresh.counts(&["run_attempts"]).await["run_attempts"], 0, "{kind:?}");

        let line = line(&store, run(0)).await.unwrap();
        assert_eq!(line.status, Status::Cancelled, "{kind:?}");
        assert_eq!((line.title.as_deref(), line.source.as_str()), (Some("Baker"), "board"), "{kind:?}");
        assert_eq!((line.reason.as_deref(), line.created_at), (Some("sent by mistake"), NOON), "{kind:?}");
        assert_eq!(store.accepted(run(0)).await.unwrap().unwrap().line.state, Status::Cancelled, "{kind:?}");
        let told = fresh.texts("SELECT actor || ' ' || action || ' ' || subject FROM audit_log").await;
        assert_eq!(told, [format!("ada run.cancel run {}", run(0))], "{kind:?}");
    }
}

#[tokio::test]
async fn what_has_ended_is_not_cancelled_and_says_how_it_ended() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.save(&[record(0, 0, Status::Completed), record(1, 0, Status::Rejected)]).await.unwrap();
        store.accept_runs(&[accepted(2, "Baker"), accepted(3, "Baker")]).await.unwrap();
        store.cancel_run(run(2), "no", "ada").await.unwrap();
        let answered = store::Answered { run_id: run(3), answered_by: run(0), status: Status::Completed };
        store.mark_answered(&[answered]).await.unwrap();
        for (n, how) in [(0, "completed"), (1, "rejected"), (2, "cancelled"), (3, "completed")] {
            let refused = store.cancel_run(run(n), "no", "bob").await.unwrap_err();
            assert!(
                matches!(&refused, StoreError::Conflict(why) if why.contains(how)),
                "{kind:?}: {refused}"
            );
        }
        let unknown = store.cancel_run(run(9), "no", "bob").await.unwrap_err();
        assert!(matches!(unknown, StoreError::Missing(_)), "{kind:?}");
        assert_eq!(line(&store, run(9)).await, None, "{kind:?}");
    }
}

#[tokio::test]
async fn the_dead_letters_of_a_cancelled_run_are_put_away_with_the_reason() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let ids = store.bury(&[letter(0, 0), letter(0, 1), letter(1, 0)]).await.unwrap();
        let cancelled = store.cancel_run(run(0), "a test posting", "ada").await.unwrap();
        assert_eq!((cancelled.attempt, cancelled.archived), (1, 2), "{kind:?}");
        let archived = DeadFilter { state: Some(DeadState::Archived), ..DeadFilter::page(9) };
        let archived = store.dead_letters(&archived).await.unwrap();
        assert_eq!(archived.iter().map(|line| line.id).collect::<Vec<_>>(), [ids[1], ids[0]], "{kind:?}");
        let put_away = &archived[0];
        assert_eq!(
            (put_away.reason.as_deref(), put_away.changed_by.as_deref()),
            (Some("a test posting"), Some("ada")),
            "{kind:?}"
        );
        let line = line(&store, run(0)).await.unwrap();
        assert_eq!((line.status, line.attempt), (Status::Cancelled, 1), "{kind:?}");
        assert_eq!(line.title.as_deref(), Some("Hint 0"), "what was known of it stays");
        let told =
            fresh.texts("SELECT subject FROM audit_log WHERE action = 'dead.archive' ORDER BY id").await;
        let expected: Vec<String> = ids[..2].iter().map(|id| format!("dead letter {id}")).collect();
        assert_eq!(told, expected, "{kind:?}");

        // Who takes one back and replays it has a new attempt, which counts.
        store.restore_dead(&store::DeadPick::Ids(vec![ids[1]]), "bob").await.unwrap();
        let wish = store::ReplayWish {
            what: store::ReplayOf::Dead(store::DeadPick::Ids(vec![ids[1]])),
            ..all_dead()
        };
        assert_eq!(store.freeze_replay(&wish).await.unwrap().plan.total, 1, "{kind:?}");
        let saved = store.save(&[record(0, 2, Status::Completed)]).await.unwrap();
        assert_eq!((saved[0].status, saved[0].is_new), (Status::Completed, true), "{kind:?}");
    }
}

#[tokio::test]
async fn the_replay_of_a_cancelled_run_ends_and_holds_its_batch_up_no_longer() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let ids = store.bury(&[letter(0, 0), letter(1, 0), letter(2, 0)]).await.unwrap();
        let batch = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        let claim = Claim { batch_id: batch, most: 2, lease: std::time::Duration::from_secs(60) };
        let items = store.claim_items(&claim).await.unwrap();
        store.items_sent(&[items[0].id, items[1].id]).await.unwrap();
        // One that is on its way, and one that waits.
        for n in [0, 2] {
            let cancelled = store.cancel_run(run(n), "no", "ada").await.unwrap();
            assert_eq!(cancelled.attempt, 1, "{kind:?}: the replay's attempt, too");
        }
        let saved = store.save(&[record(0, 1, Status::Completed), record(1, 1, Status::Completed)]).await;
        let statuses: Vec<Status> = saved.unwrap().iter().map(|saved| saved.status).collect();
        assert_eq!(statuses, [Status::Cancelled, Status::Completed], "{kind:?}");
        store.settle_batches().await.unwrap();
        let batch = store.batch(batch).await.unwrap();
        assert_eq!(batch.state, BatchState::Finished, "{kind:?}");
        let counts = BTreeMap::from([(ItemState::Completed, 1), (ItemState::Cancelled, 2)]);
        assert_eq!(batch.counts, counts, "{kind:?}");
        let mut states = Vec::new();
        for id in ids {
            states.push(store.dead_letter(id).await.unwrap().line.state);
        }
        // What was sent stays sent; what waited in the batch is put away with its run.
        assert_eq!(states, [DeadState::Replayed, DeadState::Replayed, DeadState::Archived], "{kind:?}");
    }
}

#[tokio::test]
async fn of_two_who_cancel_a_run_one_does() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        store.accept_runs(&[accepted(0, "Baker")]).await.unwrap();
        let other = another(&fresh).await;
        let both = tokio::join!(store.cancel_run(run(0), "no", "ada"), other.cancel_run(run(0), "no", "bob"));
        let done = [both.0, both.1].into_iter().filter(Result::is_ok).count();
        assert_eq!(done, 1, "{kind:?}");
        assert_eq!(fresh.counts(&["audit_log"]).await["audit_log"], 1, "{kind:?}");
    }
}
