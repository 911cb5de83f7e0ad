//! Steering replay batches, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

mod given;

use contract::{BatchState, DeadState, ItemState, ReplayDepth, SkipReason};
use given::{all_dead, another, buried, claim, database, execute, ids, letter, of_letters, state};
use std::collections::BTreeMap;
use store::{
    DeadFilter, DeadPick, EndedItem, ItemCursor, Plan, ReplayOf, ReplayWish, RunFilter, Store, StoreError,
};
use support::BOTH;

#[tokio::test]
async fn a_stopped_batch_gives_back_what_it_has_not_sent() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let letters = buried(&store, 5).await;
        let first = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        let items = store.claim_items(&claim(first, 2)).await.unwrap();
        store.items_sent(&[items[0].id]).await.unwrap();
        assert_eq!(store.cancel_batch(first, "bob").await.unwrap(), 3, "{kind:?}");
        let over = store.cancel_batch(first, "ada").await.unwrap_err();
        assert!(matches!(&over, StoreError::Conflict(why) if why.contains("cancelled")), "{over}");
        assert_eq!(store.claim_items(&claim(first, 9)).await.unwrap(), []);
        assert_eq!(state(&store, letters[1]).await, DeadState::Queued, "its worker may be about to send it");

        // What was given back goes with another batch; what was taken and never sent follows in time.
        let second = store.freeze_replay(&all_dead()).await.unwrap();
        assert_eq!((second.plan.total, second.plan.skipped[&SkipReason::Queued]), (3, 1), "{kind:?}");
        execute(
            &fresh,
            "UPDATE replay_items SET claimed_at = '2026-01-01T00:00:00Z' WHERE state = 'claimed'",
        )
        .await;
        assert_eq!(store.settle_batches().await.unwrap().cancelled, 1, "{kind:?}");
        assert_eq!(state(&store, letters[1]).await, DeadState::Parked);
        let third = store.freeze_replay(&of_letters(&letters[1..2])).await.unwrap();
        assert_eq!(third.plan.total, 1, "{kind:?}");
        // The lost worker comes back: it has no say over what another batch has by now.
        store.items_sent(&[items[1].id]).await.unwrap();
        assert_eq!(state(&store, letters[1]).await, DeadState::Queued, "{kind:?}");
        let attempts = fresh
            .texts("SELECT CAST(attempt AS TEXT) FROM replay_items WHERE batch_id > 1 ORDER BY attempt")
            .await;
        assert_eq!(attempts, ["2", "2", "2", "2"], "a number is never given twice");
    }
}

#[tokio::test]
async fn a_canary_goes_first_and_the_others_follow_when_somebody_says_so() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        buried(&store, 5).await;
        let wish = ReplayWish { canary: Some(2), ..all_dead() };
        let batch = store.freeze_replay(&wish).await.unwrap().batch.id;
        let first = store.claim_items(&claim(batch, 9)).await.unwrap();
        assert_eq!(first.len(), 2, "{kind:?}");
        store.items_sent(&[first[0].id]).await.unwrap();
        assert_eq!(store.settle_batches().await.unwrap().awaiting_go, 0);
        assert!(matches!(store.go_batch(batch, "ada").await, Err(StoreError::Conflict(_))));
        store.items_sent(&[first[1].id]).await.unwrap();
        assert_eq!(store.settle_batches().await.unwrap().awaiting_go, 1, "{kind:?}");
        assert_eq!(store.claim_items(&claim(batch, 9)).await.unwrap(), []);
        store.go_batch(batch, "ada").await.unwrap();
        assert_eq!(store.settle_batches().await.unwrap().awaiting_go, 0);
        assert_eq!(store.claim_items(&claim(batch, 9)).await.unwrap().len(), 3, "{kind:?}");
        assert!(store.batch(batch).await.unwrap().went_at.is_some());
    }
}

#[tokio::test]
async fn a_halted_batch_gives_nothing_until_it_goes_on() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        buried(&store, 2).await;
        let batch = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        store.pause_batch(batch, "ada").await.unwrap();
        assert!(matches!(store.pause_batch(batch, "bob").await, Err(StoreError::Conflict(_))));
        assert_eq!(store.claim_items(&claim(batch, 9)).await.unwrap(), [], "{kind:?}");
        store.resume_batch(batch, "bob").await.unwrap();
        assert_eq!(store.claim_items(&claim(batch, 9)).await.unwrap().len(), 2, "{kind:?}");
        for missing in [
            store.pause_batch(99, "ada").await,
            store.claim_items(&claim(99, 9)).await.map(|_| ()),
            store.batch(99).await.map(|_| ()),
        ] {
            assert!(matches!(missing, Err(StoreError::Missing(_))));
        }
        let actions = fresh.texts("SELECT actor || ' ' || action FROM audit_log ORDER BY id").await;
        assert_eq!(actions, ["ada replay.freeze", "ada replay.pause", "bob replay.resume"], "{kind:?}");
    }
}

#[tokio::test]
async fn a_batch_keeps_its_rate_whoever_asks() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        buried(&store, 30).await;
        let other = another(&fresh).await;
        let wish = ReplayWish { rate_per_second: 0.001, ..all_dead() };
        let slow = store.freeze_replay(&wish).await.unwrap().batch.id;
        let wanted = claim(slow, 9);
        let (one, two) = tokio::join!(store.claim_items(&wanted), other.claim_items(&wanted));
        assert_eq!(one.unwrap().len() + two.unwrap().len(), 1, "{kind:?}");
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let wish = ReplayWish { rate_per_second: rate, ..all_dead() };
            assert!(matches!(store.freeze_replay(&wish).await, Err(StoreError::Refused(_))));
        }
    }
}

#[tokio::test]
async fn a_shadow_leaves_everything_as_it_was() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let letters = buried(&store, 2).await;
        let wish = ReplayWish { depth: ReplayDepth::Shadow, ..all_dead() };
        let batch = store.freeze_replay(&wish).await.unwrap().batch.id;
        let items = store.claim_items(&claim(batch, 9)).await.unwrap();
        assert!(items.iter().all(|item| item.depth == ReplayDepth::Shadow));
        store.items_sent(&ids(&items)).await.unwrap();
        assert_eq!(state(&store, letters[0]).await, DeadState::Queued, "{kind:?}");
        let ended = EndedItem { id: items[0].id, state: ItemState::Completed, note: Some("equal".into()) };
        store.end_items(&[ended]).await.unwrap();
        assert_eq!(state(&store, letters[0]).await, DeadState::Parked, "{kind:?}");
        // A shadow that dies says nothing of its run.
        store.bury(&[letter(1, items[1].attempt)]).await.unwrap();
        assert_eq!(state(&store, letters[1]).await, DeadState::Parked, "{kind:?}");
        let runs = store.runs(&RunFilter::page(9)).await.unwrap();
        assert!(runs.iter().all(|run| run.attempt == 0), "{kind:?}");
        assert_eq!(store.settle_batches().await.unwrap().finished, 1);
        let lines =
            store.batch_items(batch, &ItemCursor { limit: 9, ..ItemCursor::default() }).await.unwrap();
        assert_eq!(lines[0].note.as_deref(), Some("equal"));
        assert_eq!(lines[1].state, ItemState::DeadLettered, "{kind:?}");
        let open = EndedItem { id: items[0].id, state: ItemState::Sent, note: None };
        assert!(matches!(store.end_items(&[open]).await, Err(StoreError::Refused(_))));
    }
}

/// Does it until no other writer is in the way, as a worker would.
async fn patiently<T>(act: impl AsyncFn() -> Result<T, StoreError>) -> T {
    loop {
        match act().await {
            Ok(done) => break done,
            Err(StoreError::Busy(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[tokio::test]
async fn however_many_work_at_once_no_letter_is_sent_twice() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        buried(&store, 60).await;
        let [sender, second, archivist] =
            [another(&fresh).await, another(&fresh).await, another(&fresh).await];
        let stops = async {
            for round in 0..6 {
                let frozen = patiently(async || store.freeze_replay(&all_dead()).await).await;
                if round < 5 && frozen.plan.total > 0 {
                    patiently(async || match store.cancel_batch(frozen.batch.id, "ada").await {
                        Err(StoreError::Conflict(_)) => Ok(0),
                        other => other,
                    })
                    .await;
                }
            }
        };
        let sends = async |store: &Store| {
            for _ in 0..12 {
                let running = patiently(async || store.batches_in(&[BatchState::Running], 9).await).await;
                for batch in running {
                    let items = patiently(async || store.claim_items(&claim(batch.id, 5)).await).await;
                    patiently(async || store.items_sent(&ids(&items)).await).await;
                }
            }
        };
        let buries = async {
            for n in 60..72 {
                patiently(async || archivist.bury(&[letter(n, 0), letter(n - 60, 1)]).await).await;
                patiently(async || archivist.settle_batches().await).await;
            }
        };
        tokio::join!(stops, sends(&sender), sends(&second), buries);
        let twice = "SELECT CAST(dead_letter_id AS TEXT) FROM replay_items WHERE state NOT IN ('pending', 'cancelled') \
             GROUP BY dead_letter_id HAVING count(*) > 1";
        assert_eq!(fresh.texts(twice).await, Vec::<String>::new(), "{kind:?}");
        let astray = "SELECT CAST(id AS TEXT) FROM dead_letters d WHERE (state = 'queued') <> EXISTS (SELECT 1 FROM \
             replay_items i WHERE i.dead_letter_id = d.id AND i.batch_id = d.batch_id AND i.state IN ('pending', 'claimed'))";
        assert_eq!(fresh.texts(astray).await, Vec::<String>::new(), "{kind:?}");
    }
}

#[tokio::test]
async fn pages_of_batches_and_items_follow_one_another() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let letters = buried(&store, 5).await;
        for letter in &letters[..3] {
            store.freeze_replay(&of_letters(&[*letter])).await.unwrap();
        }
        let first = store.batches(None, 2).await.unwrap();
        let rest = store.batches(first.last().map(|batch| batch.id), 2).await.unwrap();
        let seen: Vec<i64> = first.iter().chain(&rest).map(|batch| batch.id).collect();
        assert_eq!(seen, [3, 2, 1], "{kind:?}");
        assert_eq!(first[0].counts, BTreeMap::from([(ItemState::Pending, 1)]));
        let running = store.batches_in(&[BatchState::Running], 9).await.unwrap();
        assert_eq!(running.iter().map(|batch| batch.id).collect::<Vec<_>>(), [1, 2, 3], "{kind:?}");

        store.cancel_batch(1, "ada").await.unwrap();
        let wish = ReplayWish {
            what: ReplayOf::Dead(DeadPick::Matching(DeadFilter {
                source: Some("board".into()),
                ..DeadFilter::default()
            })),
            ..all_dead()
        };
        let batch = store.freeze_replay(&wish).await.unwrap().batch;
        assert_eq!(batch.filter, serde_json::json!({ "dead": { "matching": { "source": "board" } } }));
        let page =
            store.batch_items(batch.id, &ItemCursor { limit: 2, ..ItemCursor::default() }).await.unwrap();
        let cursor = ItemCursor { state: Some(ItemState::Pending), after: Some(page[1].position), limit: 2 };
        let rest = store.batch_items(batch.id, &cursor).await.unwrap();
        assert_eq!(
            page.iter().chain(&rest).map(|line| line.position).collect::<Vec<_>>(),
            [0, 1, 2],
            "{kind:?}"
        );
        let nothing: Plan = store.plan_replay(&of_letters(&[])).await.unwrap();
        assert_eq!(nothing, Plan::default());
    }
}
