//! Replaying dead letters and stored runs, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

mod given;

use contract::{BatchState, Content, DeadState, ItemState, SkipReason, Stage, Status, VersionOverride};
use given::{
    all_dead, another, buried, claim, database, execute, ids, letter, letter_of, of_letters, of_runs, record,
    run, state,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    ClaimedItem, DeadPick, ItemCursor, Origin, Purge, PurgeDepth, PurgeOf, ReplayOf, ReplayWish, RunFilter,
    RunPick, StoreError,
};
use support::BOTH;

/// The dead letter that an item sends.
fn letter_in(item: &ClaimedItem) -> &store::LetterOrigin {
    match &item.origin {
        Origin::Letter(letter) => letter,
        Origin::Run(_) => panic!("a stored run"),
    }
}

#[tokio::test]
async fn a_selection_that_is_clicked_twice_goes_once() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        buried(&store, 1_100).await;
        let other = another(&fresh).await;
        let wish = all_dead();
        let (one, two) = tokio::join!(store.freeze_replay(&wish), other.freeze_replay(&wish));
        let mut totals = [one.unwrap(), two.unwrap()].map(|frozen| (frozen.plan.total, frozen.batch.state));
        totals.sort_unstable();
        assert_eq!(totals, [(0, BatchState::Finished), (1_100, BatchState::Running)], "{kind:?}");
        let third = store.freeze_replay(&wish).await.unwrap();
        assert_eq!(third.plan.skipped, BTreeMap::from([(SkipReason::Queued, 1_100)]), "{kind:?}");
        let letters = fresh.texts("SELECT CAST(dead_letter_id AS TEXT) FROM replay_items").await;
        assert_eq!(letters.iter().collect::<BTreeSet<_>>().len(), 1_100);
        assert_eq!(letters.len(), 1_100, "{kind:?}");
    }
}

#[tokio::test]
async fn overlapping_selections_share_no_letter() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let letters = buried(&store, 90).await;
        let other = another(&fresh).await;
        let (first, last) = (of_letters(&letters[..60]), of_letters(&letters[30..]));
        let (one, two) = tokio::join!(store.freeze_replay(&first), other.freeze_replay(&last));
        let (one, two) = (one.unwrap().plan, two.unwrap().plan);
        assert_eq!(one.total + two.total, 90, "{kind:?}");
        let skipped = one.skipped.values().chain(two.skipped.values()).sum::<u64>();
        assert_eq!(skipped, 30, "{kind:?}");
    }
}

#[tokio::test]
async fn a_plan_says_what_freezing_then_does() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.save(&[record(0, 0, Status::Completed), record(1, 0, Status::Completed)]).await.unwrap();
        let mut letters = vec![letter(0, 1), letter(0, 2), letter(1, 1)];
        letters.extend((2..9).map(|n| letter(n, 0)));
        letters[4].letter.fault.code = "malformed".into();
        letters[5].letter.fault.stage = Stage::Parse;
        letters.push(letter_of(20, |letter| (letter.run_id, letter.attempt) = (None, None)));
        let ids = store.bury(&letters).await.unwrap();
        store.archive_dead(&DeadPick::Ids(vec![ids[9]]), "seen", None, "ada").await.unwrap();
        store.freeze_replay(&of_letters(&ids[8..9])).await.unwrap();

        let mut picked = ids.clone();
        picked.extend([ids[0], 9_999]);
        let mut totals = Vec::new();
        for (from, cap) in
            [(Some(Stage::Decision), None), (Some(Stage::Parse), None), (None, Some(3)), (None, None)]
        {
            let wish = ReplayWish { from, cap, ..of_letters(&picked) };
            let plan = store.plan_replay(&wish).await.unwrap();
            assert_eq!(store.plan_replay(&wish).await.unwrap(), plan, "nothing is changed by planning");
            let frozen = store.freeze_replay(&wish).await.unwrap();
            assert_eq!(frozen.plan, plan, "{kind:?}");
            assert_eq!(frozen.batch.total, plan.total);
            let left_out: u64 = plan.skipped.values().sum();
            assert_eq!(plan.total + left_out, 12, "each of the twelve is in it or has its reason");
            totals.push(plan.total);
            if plan.total > 0 {
                store.cancel_batch(frozen.batch.id, "ada").await.unwrap();
            }
        }
        assert_eq!(totals, [0, 7, 3, 8], "{kind:?}");
        let plan = store.plan_replay(&of_letters(&picked)).await.unwrap();
        assert_eq!(plan.by_stage, BTreeMap::from([(Stage::Parse, 1), (Stage::Signals, 7)]));
        assert_eq!(plan.by_code, BTreeMap::from([("malformed".into(), 1), ("stage_failed".into(), 7)]));
        let skipped = [
            (SkipReason::Queued, 1),
            (SkipReason::Archived, 1),
            (SkipReason::Missing, 1),
            (SkipReason::SameRun, 1),
        ];
        assert_eq!(plan.skipped, BTreeMap::from(skipped), "{kind:?}");
        // Two earlier attempts are known; they cost half a dollar each.
        assert_eq!(plan.estimated_cost_usd, Some(4.0), "{kind:?}");
    }
}

#[tokio::test]
async fn a_crash_after_a_claim_gives_the_item_to_another_worker() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        buried(&store, 3).await;
        let batch = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        let first = store.claim_items(&claim(batch, 2)).await.unwrap();
        assert_eq!(first.len(), 2, "{kind:?}");
        store.items_sent(&[first[0].id]).await.unwrap();
        assert_eq!(store.claim_items(&claim(batch, 9)).await.unwrap().len(), 1, "the lease still holds");
        execute(&fresh, "UPDATE replay_items SET claimed_at = '2026-01-01T00:00:00Z'").await;
        let again = store.claim_items(&claim(batch, 1)).await.unwrap();
        // It is the same message: the same run, stage and attempt.
        assert_eq!(again, [ClaimedItem { is_again: true, ..first[1].clone() }], "{kind:?}");
        let message = |item: &ClaimedItem| item.run_id.unwrap().message_id(item.stage, item.attempt);
        assert_eq!(message(&again[0]), message(&first[1]));
    }
}

#[tokio::test]
async fn two_workers_that_claim_at_once_share_no_item() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        buried(&store, 40).await;
        let batch = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        let others = [another(&fresh).await, another(&fresh).await];
        let wanted = claim(batch, 15);
        let claims = tokio::join!(
            store.claim_items(&wanted),
            others[0].claim_items(&wanted),
            others[1].claim_items(&wanted)
        );
        let claims = [claims.0.unwrap(), claims.1.unwrap(), claims.2.unwrap()];
        let all: Vec<i64> = claims.iter().flat_map(|claim| ids(claim)).collect();
        assert_eq!(all.len(), 40, "{kind:?}");
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 40, "{kind:?}");
        assert_eq!(store.claim_items(&wanted).await.unwrap(), []);
    }
}

#[tokio::test]
async fn an_item_ends_as_its_new_attempt_does() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let letters = buried(&store, 4).await;
        let batch = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        let items = store.claim_items(&claim(batch, 9)).await.unwrap();
        assert!(items.iter().all(|item| (item.from_attempt, item.attempt) == (Some(0), 1)));
        assert_eq!(items[0].stage, Stage::Signals);
        // The last one's worker is killed between the message and its note of it.
        store.items_sent(&ids(&items[..3])).await.unwrap();
        store.items_sent(&ids(&items[..3])).await.unwrap();
        assert_eq!(state(&store, letters[0]).await, DeadState::Replayed, "{kind:?}");
        assert_eq!(state(&store, letters[3]).await, DeadState::Queued, "{kind:?}");
        store.save(&[record(0, 1, Status::Completed), record(1, 1, Status::Rejected)]).await.unwrap();
        let new = store.bury(&[letter(2, 1)]).await.unwrap()[0];
        store.save(&[record(3, 1, Status::Completed)]).await.unwrap();
        let settled = store.settle_batches().await.unwrap();
        assert_eq!((settled.completed, settled.rejected, settled.finished), (2, 1, 1), "{kind:?}");
        assert_eq!(store.settle_batches().await.unwrap(), store::SettledBatches::default());

        let batch = store.batch(batch).await.unwrap();
        assert_eq!(batch.state, BatchState::Finished);
        let counts = [(ItemState::Completed, 2), (ItemState::Rejected, 1), (ItemState::DeadLettered, 1)];
        assert_eq!(batch.counts, BTreeMap::from(counts), "{kind:?}");
        for letter in &letters {
            assert_eq!(state(&store, *letter).await, DeadState::Replayed, "{kind:?}");
        }
        // What died once more waits under its new attempt, and can go again.
        assert_eq!(state(&store, new).await, DeadState::Parked);
        let again = store.freeze_replay(&all_dead()).await.unwrap();
        assert_eq!(again.plan.total, 1, "{kind:?}");
        let item = &store.claim_items(&claim(again.batch.id, 9)).await.unwrap()[0];
        assert_eq!((item.from_attempt, item.attempt), (Some(1), 2), "{kind:?}");
    }
}

#[tokio::test]
async fn an_edited_letter_goes_in_place_of_the_original() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let letters = buried(&store, 2).await;
        store.edit_dead(letters[1], 0, r#"{"edited":true}"#, "ada").await.unwrap();
        let batch = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        let items = store.claim_items(&claim(batch, 9)).await.unwrap();
        let (first, second) = (letter_in(&items[0]), letter_in(&items[1]));
        assert_eq!(Content::Text(String::from_utf8(first.body.clone()).unwrap()), letter(0, 0).letter.body);
        assert!(!first.is_edited && second.is_edited, "{kind:?}");
        assert_eq!(second.body, br#"{"edited":true}"#);
        assert_eq!((second.routing_key.as_str(), second.died_at), ("signals", Stage::Signals));
        let late = store.edit_dead(letters[1], 1, "{}", "bob").await;
        assert!(matches!(late, Err(StoreError::Conflict(_))), "{kind:?}");
    }
}

#[tokio::test]
async fn a_stored_run_is_taken_up_at_any_stage_it_has_reached() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let records = [
            record(0, 0, Status::Completed),
            record(1, 0, Status::Rejected),
            record(2, 0, Status::Completed),
        ];
        store.save(&records).await.unwrap();
        store.save(&[record(0, 1, Status::Completed)]).await.unwrap();
        store.bury(&[letter(3, 0)]).await.unwrap();
        let purge = Purge {
            of: PurgeOf { ids: vec![run(2)], ..PurgeOf::default() },
            depth: PurgeDepth::Documents,
            dry_run: false,
            actor: "ada".into(),
        };
        store.purge(&purge).await.unwrap();

        let from = |stage| of_runs(&[0, 1, 2, 3, 4], stage);
        let skipped = async |stage| store.plan_replay(&from(stage)).await.unwrap().skipped;
        let (missing, unstored) = ((SkipReason::Missing, 1), (SkipReason::NotStored, 1));
        let parse = [missing, unstored, (SkipReason::Erased, 1)];
        assert_eq!(skipped(None).await, BTreeMap::from(parse), "{kind:?}");
        let signals = [missing, unstored, (SkipReason::StageNotReached, 1)];
        assert_eq!(skipped(Some(Stage::Signals)).await, BTreeMap::from(signals), "{kind:?}");
        assert_eq!(skipped(Some(Stage::Persistence)).await, BTreeMap::from([missing, unstored]), "{kind:?}");

        let versions = VersionOverride { library: Some("test-2".into()), ..VersionOverride::default() };
        let wish = ReplayWish { versions: versions.clone(), ..from(Some(Stage::Signals)) };
        let frozen = store.freeze_replay(&wish).await.unwrap();
        // The three attempts of the two runs cost half a dollar each.
        assert_eq!(frozen.plan.estimated_cost_usd, Some(1.0), "{kind:?}");
        assert_eq!(frozen.plan.by_stage, BTreeMap::from([(Stage::Signals, 2)]));
        let items = store.claim_items(&claim(frozen.batch.id, 9)).await.unwrap();
        let numbers: Vec<_> = items.iter().map(|item| (item.from_attempt, item.attempt)).collect();
        assert_eq!(numbers, [(Some(1), 2), (Some(0), 1)], "{kind:?}");
        assert_eq!(items[0].versions, versions);
        let Origin::Run(origin) = &items[0].origin else { panic!("a dead letter") };
        assert_eq!(origin.document, record(0, 1, Status::Completed).document);
        assert_eq!(origin.outputs, record(0, 1, Status::Completed).outputs);
        assert_eq!(origin.options, record(0, 1, Status::Completed).options);
        assert_eq!(items[0].versions.over(&origin.versions).library, "test-2");
        assert_eq!(origin.source.external_id.as_deref(), Some("0"));
        let Origin::Run(purged) = &items[1].origin else { panic!("a dead letter") };
        assert_eq!(purged.document.content.as_bytes(), b"");

        // Whoever asks again is told that both are in a batch, until they have ended.
        let again = store.plan_replay(&from(Some(Stage::Signals))).await.unwrap();
        assert_eq!((again.total, again.skipped[&SkipReason::SameRun]), (0, 2), "{kind:?}");
        store.items_sent(&ids(&items)).await.unwrap();
        store.save(&[record(0, 2, Status::Completed), record(2, 1, Status::Completed)]).await.unwrap();
        store.settle_batches().await.unwrap();
        assert_eq!(store.plan_replay(&from(Some(Stage::Signals))).await.unwrap().total, 2, "{kind:?}");
        let matching = ReplayOf::Runs(RunPick::Matching(RunFilter {
            status: Some(Status::Rejected),
            ..RunFilter::default()
        }));
        let plan = store.plan_replay(&ReplayWish { what: matching, ..all_dead() }).await.unwrap();
        assert_eq!(plan.total, 1, "{kind:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_any_more_is_skipped_and_says_why() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let letters = buried(&store, 3).await;
        store.save(&[record(9, 0, Status::Completed)]).await.unwrap();
        let of_run = store.freeze_replay(&of_runs(&[9], None)).await.unwrap().batch.id;
        let batch = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        store.erase_messages(&[run(0)], "ada").await.unwrap();
        execute(&fresh, &format!("DELETE FROM dead_letters WHERE id = {}", letters[1])).await;
        execute(&fresh, "UPDATE documents SET content = NULL").await;
        let items = store.claim_items(&claim(batch, 9)).await.unwrap();
        assert_eq!(items.len(), 1, "{kind:?}");
        let cursor = ItemCursor { state: Some(ItemState::Skipped), after: None, limit: 9 };
        let skipped = store.batch_items(batch, &cursor).await.unwrap();
        let notes: Vec<_> = skipped.iter().filter_map(|line| line.note.as_deref()).collect();
        assert!(notes[0].contains("it was erased") && notes[1].contains("no stored attempt"), "{notes:?}");
        assert_eq!(store.claim_items(&claim(of_run, 9)).await.unwrap(), []);
        assert_eq!(state(&store, letters[0]).await, DeadState::Parked, "{kind:?}");
    }
}

#[tokio::test]
async fn a_message_that_nobody_could_read_ends_when_it_is_sent() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let nameless = letter_of(0, |letter| (letter.run_id, letter.attempt) = (None, None));
        let id = store.bury(&[nameless]).await.unwrap()[0];
        let elsewhere = ReplayWish { from: Some(Stage::Parse), ..all_dead() };
        let plan = store.plan_replay(&elsewhere).await.unwrap();
        assert_eq!(plan.skipped, BTreeMap::from([(SkipReason::Unreadable, 1)]), "{kind:?}");
        let batch = store.freeze_replay(&all_dead()).await.unwrap().batch.id;
        let items = store.claim_items(&claim(batch, 9)).await.unwrap();
        assert_eq!((items[0].run_id, items[0].attempt, items[0].from_attempt), (None, 0, None));
        store.items_sent(&ids(&items)).await.unwrap();
        assert_eq!(state(&store, id).await, DeadState::Replayed, "{kind:?}");
        assert_eq!(store.settle_batches().await.unwrap().finished, 1, "{kind:?}");
    }
}

#[tokio::test]
async fn of_several_letters_of_a_run_the_newest_goes() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let ids = store.bury(&[letter(0, 0), letter(0, 1), letter(1, 0)]).await.unwrap();
        let frozen = store.freeze_replay(&all_dead()).await.unwrap();
        assert_eq!(
            (frozen.plan.total, frozen.plan.skipped),
            (2, BTreeMap::from([(SkipReason::SameRun, 1)])),
            "{kind:?}"
        );
        assert_eq!(state(&store, ids[0]).await, DeadState::Parked);
        let items = store.claim_items(&claim(frozen.batch.id, 9)).await.unwrap();
        assert_eq!(items.iter().map(|item| item.attempt).collect::<Vec<_>>(), [2, 1], "{kind:?}");
    }
}
