//! Looking at what a replay would send, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

mod given;

use contract::{SkipReason, Stage, Status};
use given::{all_dead, database, letter, record, run};
use store::{Claim, ClaimedItem, Origin, ReplayOf, ReplayWish, RunPick};
use support::BOTH;

/// Everything that a replay writes into.
const TABLES: [&str; 5] = ["replay_batches", "replay_items", "audit_log", "run_attempts", "dead_letters"];

#[tokio::test]
async fn a_preview_shows_what_would_be_sent_and_writes_nothing() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let ids = store.bury(&[letter(0, 0), letter(0, 1), letter(1, 0), letter(2, 0)]).await.unwrap();
        store.edit_dead(ids[1], 0, r#"{"edited":true}"#, "ada").await.unwrap();
        let before = fresh.counts(&TABLES).await;
        let preview = store.preview_replay(&all_dead(), 2).await.unwrap();
        assert_eq!(fresh.counts(&TABLES).await, before, "{kind:?}");
        assert_eq!(preview.plan, store.plan_replay(&all_dead()).await.unwrap(), "{kind:?}");
        assert_eq!(preview.plan.skipped, [(SkipReason::SameRun, 1)].into(), "{kind:?}");
        assert!(preview.unreadable.is_empty());

        let mut edited = store.preview_replay(&all_dead(), 9).await.unwrap().items.into_iter();
        let edited = edited.find(|item| item.run_id == Some(run(0))).unwrap();
        let Origin::Letter(edited) = edited.origin else { panic!("a run") };
        assert_eq!(edited.body, br#"{"edited":true}"#, "{kind:?}");

        // The same as a batch would have it, but for its keys.
        let batch = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        let claim = Claim { batch_id: batch, most: 2, lease: std::time::Duration::from_secs(60) };
        let claimed = store.claim_items(&claim).await.unwrap();
        let without_keys = claimed.into_iter().map(|item| ClaimedItem { id: 0, batch_id: 0, ..item });
        assert_eq!(preview.items, without_keys.collect::<Vec<_>>(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_stored_run_is_previewed_with_its_outputs() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.save(&[record(0, 0, Status::Completed)]).await.unwrap();
        store.save(&[record(0, 1, Status::Completed)]).await.unwrap();
        let what = ReplayOf::Runs(RunPick::Ids(vec![run(0), run(7)]));
        let wish = ReplayWish { what, from: Some(Stage::Decision), ..all_dead() };
        let preview = store.preview_replay(&wish, 9).await.unwrap();
        assert_eq!(preview.plan.skipped, [(SkipReason::Missing, 1)].into(), "{kind:?}");
        let [item] = &preview.items[..] else { panic!("{kind:?}: {:?}", preview.items) };
        assert_eq!((item.from_attempt, item.attempt, item.stage), (Some(1), 2, Stage::Decision), "{kind:?}");
        let Origin::Run(origin) = &item.origin else { panic!("a dead letter") };
        assert_eq!(origin.outputs, record(0, 1, Status::Completed).outputs, "{kind:?}");
    }
}
