//! Dead letters, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

mod given;

use contract::{Content, DeadState, Stage, Status};
use given::{NOON, all_dead, another, database, execute, letter, letter_of, record, run};
use store::{DeadFilter, DeadPick, GroupCursor, RunFilter, StoreError};
use support::BOTH;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

#[tokio::test]
async fn a_dead_letter_that_is_delivered_twice_is_one_row() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let first = store.bury(&[letter(0, 0), letter(1, 0)]).await.unwrap();
        let again = store.bury(&[letter(1, 0), letter(0, 0), letter(2, 0), letter(1, 0)]).await.unwrap();
        assert_eq!((again[0], again[1], again[3]), (first[1], first[0], first[1]), "{kind:?}");
        assert_eq!(fresh.counts(&["dead_letters", "runs"]).await.values().collect::<Vec<_>>(), [&3, &3]);

        let lines = store.runs(&RunFilter::page(9)).await.unwrap();
        let line = lines.iter().find(|line| line.run_id == run(1)).unwrap();
        assert_eq!((line.status, line.attempt), (Status::DeadLettered, 0));
        assert_eq!(line.reason.as_deref(), Some("stage_failed: row 1 is bad: no vector"));
        assert_eq!((line.title.as_deref(), line.source.as_str()), (Some("Hint 1"), "board"));
        assert_eq!(line.created_at, NOON - Duration::hours(1));
        assert_eq!(store.bury(&[]).await.unwrap(), Vec::<i64>::new());
    }
}

#[tokio::test]
async fn two_archivists_of_the_same_letters_store_each_once() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let other = another(&fresh).await;
        let forwards: Vec<_> = (0..100).map(|n| letter(n, 0)).collect();
        let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
        let (one, two) = tokio::join!(store.bury(&forwards), other.bury(&backwards));
        let (one, mut two) = (one.unwrap(), two.unwrap());
        two.reverse();
        assert_eq!(one, two, "{kind:?}");
        assert_eq!(fresh.counts(&["dead_letters"]).await["dead_letters"], 100);
    }
}

#[tokio::test]
async fn a_letter_that_is_late_leaves_a_run_that_ended_well_alone() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let runs = async || {
            let mut runs = store.runs(&RunFilter::page(9)).await.unwrap();
            runs.sort_by_key(|run| run.created_at);
            runs.iter().map(|run| (run.status, run.attempt)).collect::<Vec<_>>()
        };
        store.save(&[record(0, 0, Status::Completed), record(1, 0, Status::Completed)]).await.unwrap();
        store.bury(&[letter(0, 0), letter(1, 1)]).await.unwrap();
        assert_eq!(runs().await, [(Status::Completed, 0), (Status::DeadLettered, 1)], "{kind:?}");
        // The replay of the second one succeeds, and then the letter of the one before comes once more.
        store.save(&[record(1, 2, Status::Completed)]).await.unwrap();
        store.bury(&[letter(1, 1)]).await.unwrap();
        assert_eq!(runs().await, [(Status::Completed, 0), (Status::Completed, 2)], "{kind:?}");
        // Of several letters of a run the newest attempt stands for it, whatever their order.
        store.bury(&[letter(2, 1), letter(2, 0)]).await.unwrap();
        store.bury(&[letter(2, 0)]).await.unwrap();
        assert!(runs().await.contains(&(Status::DeadLettered, 1)), "{kind:?}");
        let attempts = store.dead_letters(&DeadFilter { run_id: Some(run(2)), ..DeadFilter::page(9) }).await;
        assert_eq!(attempts.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn what_nobody_could_read_is_kept_byte_for_byte() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let junk = letter_of(0, |letter| {
            letter.run_id = None;
            letter.attempt = None;
            letter.routing_key = "jd.board.priority".into();
            letter.fault.message = "a \0 in it".into();
            letter.body = Content::Bytes(vec![0, 159, 146, 150]);
        });
        let id = store.bury(&[junk]).await.unwrap()[0];
        let detail = store.dead_letter(id).await.unwrap();
        assert_eq!(detail.body, Some(Content::Bytes(vec![0, 159, 146, 150])), "{kind:?}");
        assert_eq!((detail.line.run_id, detail.line.source.as_deref()), (None, Some("board")));
        assert_eq!(detail.line.message, "a \u{fffd} in it");
        assert_eq!(fresh.counts(&["runs"]).await["runs"], 0);
    }
}

#[tokio::test]
async fn of_two_who_edit_the_same_revision_one_is_told_of_the_other() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let id = store.bury(&[letter(0, 0)]).await.unwrap()[0];
        let other = another(&fresh).await;
        let (ada, bob) =
            tokio::join!(store.edit_dead(id, 0, r#"{"a":1}"#, "ada"), other.edit_dead(id, 0, "{}", "bob"));
        let winner = if ada.is_ok() { "ada" } else { "bob" };
        let (won, lost) = if ada.is_ok() { (ada, bob) } else { (bob, ada) };
        assert_eq!(won.unwrap(), 1, "{kind:?}");
        let told = lost.unwrap_err();
        assert!(
            matches!(&told, StoreError::Conflict(why) if why.contains(winner) && why.contains("at 1")),
            "{told}"
        );
        let detail = store.dead_letter(id).await.unwrap();
        assert_eq!(detail.body, Some(letter(0, 0).letter.body), "the original is kept");
        assert!(detail.edited_body.is_some());
        assert_eq!(detail.line.revision, 1);
        let audit: Vec<_> =
            detail.audit.iter().map(|line| (line.actor.as_str(), line.action.as_str())).collect();
        assert_eq!(audit, [(winner, "dead.edit")]);

        store.freeze_replay(&all_dead()).await.unwrap();
        let queued = store.edit_dead(id, 1, "{}", "bob").await.unwrap_err();
        assert!(matches!(&queued, StoreError::Conflict(why) if why.contains("queued by ada")), "{queued}");
        assert!(matches!(store.edit_dead(99, 0, "{}", "bob").await, Err(StoreError::Missing(_))));
    }
}

#[tokio::test]
async fn an_edit_can_give_an_unreadable_message_its_run() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let nameless = letter_of(0, |letter| (letter.run_id, letter.attempt) = (None, None));
        let ids = store.bury(&[nameless, letter(1, 0)]).await.unwrap();
        let body = format!(r#"{{"run_id":"{}","attempt":3}}"#, run(7));
        for &id in &ids {
            store.edit_dead(id, 0, &body, "ada").await.unwrap();
        }
        let found = [ids[0], ids[1]].map(async |id| store.dead_letter(id).await.unwrap().line);
        let [first, second] = found;
        let (first, second) = (first.await, second.await);
        assert_eq!((first.run_id, first.attempt), (Some(run(7)), Some(3)), "{kind:?}");
        assert_eq!((second.run_id, second.attempt), (Some(run(1)), Some(0)), "a run stays what it is");
    }
}

#[tokio::test]
async fn what_was_put_away_can_be_taken_back_or_is_forgotten_in_time() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let ids = store.bury(&[0, 1, 2, 3].map(|n| letter(n, 0))).await.unwrap();
        let past = OffsetDateTime::now_utc() - Duration::hours(1);
        let of_run = DeadPick::Matching(DeadFilter { run_id: Some(run(0)), ..DeadFilter::default() });
        assert_eq!(store.archive_dead(&of_run, "a duplicate", Some(past), "ada").await.unwrap(), 1);
        let some = DeadPick::Ids(vec![ids[0], ids[1], ids[2], ids[2], 99]);
        assert_eq!(store.archive_dead(&some, "not worth it", None, "bob").await.unwrap(), 2, "{kind:?}");
        let line = store.dead_letter(ids[1]).await.unwrap().line;
        assert_eq!((line.state, line.reason.as_deref()), (DeadState::Archived, Some("not worth it")));
        assert_eq!(line.changed_by.as_deref(), Some("bob"));

        assert_eq!(store.restore_dead(&DeadPick::Ids(vec![ids[2], ids[3]]), "ada").await.unwrap(), 1);
        let detail = store.dead_letter(ids[2]).await.unwrap();
        assert_eq!((detail.line.state, detail.line.reason), (DeadState::Parked, None));
        let actions: Vec<_> = detail.audit.iter().map(|line| line.action.as_str()).collect();
        assert_eq!(actions, ["dead.archive", "dead.restore"]);

        assert_eq!(store.forget_dead(past, "keeper").await.unwrap(), 1, "{kind:?}");
        assert_eq!(store.forget_dead(past, "keeper").await.unwrap(), 0);
        assert!(matches!(store.dead_letter(ids[0]).await, Err(StoreError::Missing(_))));
        assert_eq!(fresh.counts(&["dead_letters"]).await["dead_letters"], 3);
    }
}

#[tokio::test]
async fn groups_count_what_has_one_cause() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let now = OffsetDateTime::now_utc();
        let hours_ago = |n, hours, print: &str| {
            letter_of(n, |letter| {
                letter.fault.at = now - Duration::hours(hours);
                letter.fault.fingerprint = print.to_owned();
            })
        };
        let letters = [
            hours_ago(0, 0, "a"),
            hours_ago(1, 2, "a"),
            hours_ago(2, 2, "a"),
            hours_ago(3, 30, "a"),
            hours_ago(4, 0, "b"),
            hours_ago(5, 0, "c"),
        ];
        let ids = store.bury(&letters).await.unwrap();
        store.note_group("a", "the model was away", "ada").await.unwrap();
        store.note_group("a", "the model was replaced", "bob").await.unwrap();
        let groups = store.dead_groups(&DeadFilter::page(2), None).await.unwrap();
        assert_eq!(groups.iter().map(|group| group.fingerprint.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let group = &groups[0];
        assert_eq!((group.count, group.stage, group.code.as_str()), (4, Stage::Signals, "stage_failed"));
        assert_eq!(group.trend.iter().sum::<u64>(), 3, "{kind:?}: {:?}", group.trend);
        assert_eq!((group.trend[23], group.trend[21]), (1, 2), "{kind:?}: {:?}", group.trend);
        assert!(group.message.contains("is bad"));
        assert_eq!(
            (group.note.as_deref(), group.noted_by.as_deref()),
            (Some("the model was replaced"), Some("bob"))
        );
        assert!(group.last - group.first >= Duration::hours(29));

        let after = GroupCursor { count: groups[1].count, fingerprint: "b".into() };
        let rest = store.dead_groups(&DeadFilter::page(2), Some(&after)).await.unwrap();
        assert_eq!(rest.iter().map(|group| group.fingerprint.as_str()).collect::<Vec<_>>(), ["c"]);
        store.archive_dead(&DeadPick::Ids(vec![ids[5]]), "seen", None, "ada").await.unwrap();
        let parked = DeadFilter { state: Some(DeadState::Parked), ..DeadFilter::page(9) };
        assert_eq!(store.dead_groups(&parked, None).await.unwrap().len(), 2);
        assert_eq!(fresh.counts(&["dead_groups"]).await["dead_groups"], 1);
    }
}

#[tokio::test]
async fn letters_are_found_by_what_is_known_of_them() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let mut letters: Vec<_> = (0..25).map(|n| letter(n, 0)).collect();
        letters[3].letter.fault.stage = Stage::Parse;
        letters[4].letter.fault.code = "malformed".into();
        letters[5].letter.fault.fingerprint = "f2".into();
        letters[6].letter.fault.message = "100% Wrong_".into();
        letters[7].letter.routing_key = "jd.other".into();
        letters[7].letter.body = Content::Text("no JSON".into());
        let ids = store.bury(&letters).await.unwrap();
        let found = async |filter: DeadFilter| {
            let lines = store.dead_letters(&DeadFilter { limit: 99, ..filter }).await.unwrap();
            lines.iter().map(|line| line.id).collect::<Vec<_>>()
        };
        let any = DeadFilter::default;
        assert_eq!(found(DeadFilter { stage: Some(Stage::Parse), ..any() }).await, [ids[3]], "{kind:?}");
        assert_eq!(found(DeadFilter { code: Some("malformed".into()), ..any() }).await, [ids[4]]);
        assert_eq!(found(DeadFilter { fingerprint: Some("f2".into()), ..any() }).await, [ids[5]]);
        assert_eq!(found(DeadFilter { text: Some("0% wrong_".into()), ..any() }).await, [ids[6]]);
        assert_eq!(found(DeadFilter { source: Some("other".into()), ..any() }).await, [ids[7]]);
        assert_eq!(found(DeadFilter { run_id: Some(run(8)), ..any() }).await, [ids[8]]);
        let (from, until) = (Some(NOON + Duration::seconds(9)), Some(NOON + Duration::seconds(11)));
        assert_eq!(found(DeadFilter { from, until, ..any() }).await, [ids[10], ids[9]], "{kind:?}");
        assert_eq!(found(DeadFilter { state: Some(DeadState::Archived), ..any() }).await, Vec::<i64>::new());

        let mut seen = Vec::new();
        let mut filter = DeadFilter::page(10);
        loop {
            let page = store.dead_letters(&filter).await.unwrap();
            seen.extend(page.iter().map(|line| line.id));
            let Some(last) = page.last().filter(|_| page.len() == 10) else { break };
            filter.after = Some(last.id);
        }
        assert_eq!(seen.len(), 25);
        assert!(seen.is_sorted_by(|a, b| a > b), "{kind:?}");
    }
}

#[tokio::test]
async fn a_letter_shows_everything_of_its_run() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.save(&[record(0, 0, Status::Completed)]).await.unwrap();
        let ids = store.bury(&[letter(0, 1), letter(0, 2), letter(1, 0)]).await.unwrap();
        let frozen = store.freeze_replay(&all_dead()).await.unwrap();
        let detail = store.dead_letter(ids[1]).await.unwrap();
        assert_eq!(detail.attempts.iter().map(|line| line.attempt).collect::<Vec<_>>(), [0], "{kind:?}");
        assert_eq!(detail.attempts[0].cost_usd, Some(0.5));
        assert_eq!(detail.siblings.iter().map(|line| line.id).collect::<Vec<_>>(), [ids[0]]);
        let [replay] = &detail.replays[..] else { panic!("{:?}", detail.replays) };
        assert_eq!((replay.batch_id, replay.attempt, replay.actor.as_str()), (frozen.batch.id, 3, "ada"));
        assert_eq!(detail.trace_id.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert_eq!((detail.routing_key.as_str(), detail.line.tries), ("signals", 5));
    }
}

#[tokio::test]
async fn an_erased_run_leaves_dead_letters_without_words() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let ids = store.bury(&[letter(0, 0), letter(1, 0)]).await.unwrap();
        store.edit_dead(ids[0], 0, "{}", "ada").await.unwrap();
        assert_eq!(store.erase_messages(&[run(0)], "ada").await.unwrap(), 1, "{kind:?}");
        assert_eq!(store.erase_messages(&[run(0)], "ada").await.unwrap(), 0);
        let detail = store.dead_letter(ids[0]).await.unwrap();
        assert_eq!((detail.body, detail.edited_body, detail.line.message.as_str()), (None, None, "(erased)"));
        assert!(store.dead_letter(ids[1]).await.unwrap().body.is_some());
        let plan = store.plan_replay(&all_dead()).await.unwrap();
        assert_eq!((plan.total, plan.skipped[&contract::SkipReason::Erased]), (1, 1), "{kind:?}");
        assert_eq!(fresh.counts(&["dead_letters"]).await["dead_letters"], 2);
    }
}

#[tokio::test]
async fn thousands_of_letters_are_changed_in_one_go() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let letters: Vec<_> = (0..2_100)
            .map(|n| {
                let mut letter = letter(n % 40, n as u32 / 40);
                letter.letter_id = Uuid::from_u128(n as u128);
                letter
            })
            .collect();
        assert_eq!(store.bury(&letters).await.unwrap().len(), 2_100);
        let everything = DeadPick::Matching(DeadFilter { text: Some("ROW".into()), ..DeadFilter::default() });
        assert_eq!(store.archive_dead(&everything, "a test", None, "ada").await.unwrap(), 2_100, "{kind:?}");
        assert_eq!(store.restore_dead(&everything, "ada").await.unwrap(), 2_100, "{kind:?}");
        assert_eq!(fresh.counts(&["audit_log"]).await["audit_log"], 4_200);
        execute(&fresh, "UPDATE dead_letters SET state = 'replayed', changed_at = '2026-01-01T00:00:00Z'")
            .await;
        assert_eq!(store.forget_dead(NOON, "keeper").await.unwrap(), 2_100, "{kind:?}");
    }
}
