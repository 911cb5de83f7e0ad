//! The ledger of accepted runs, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

mod given;

use contract::Status;
use given::{NOON, another, database, execute, letter, record, run};
use std::collections::BTreeMap;
use store::{AcceptedRun, Answered, Cursor, LedgerFilter, SettledRuns, StoreError};
use support::BOTH;
use time::Duration;

fn posting(n: usize) -> AcceptedRun {
    AcceptedRun {
        run_id: run(n),
        source: "board".into(),
        external_id: Some(n.to_string()),
        routing_key: "jd.board".into(),
        content_type: Some("text/plain".into()),
        headers: BTreeMap::from([("rolemill-idempotency-key".to_owned(), n.to_string())]),
        body: format!("Posting {n}").into_bytes(),
        accepted_at: NOON + Duration::minutes(n as i64),
    }
}

fn postings(count: usize) -> Vec<AcceptedRun> {
    (0..count).map(posting).collect()
}

#[tokio::test]
async fn a_posting_that_comes_twice_is_one_line_with_the_first_body() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        assert_eq!(store.accept_runs(&postings(3)).await.unwrap(), 3, "{kind:?}");
        let again = AcceptedRun { body: b"something else".to_vec(), ..posting(2) };
        assert_eq!(store.accept_runs(&[again, posting(3), posting(3)]).await.unwrap(), 1, "{kind:?}");
        assert_eq!(fresh.counts(&["accepted_runs"]).await["accepted_runs"], 4);
        let entry = store.accepted(run(2)).await.unwrap().unwrap();
        assert_eq!(entry.body.as_deref(), Some(&b"Posting 2"[..]));
        assert_eq!(entry.headers, posting(2).headers);
        assert_eq!((entry.line.state, entry.line.body_bytes), (Status::Accepted, 9));
        assert_eq!(store.accepted(run(9)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn two_tellers_of_the_same_postings_write_each_once() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let other = another(&fresh).await;
        let mut backwards = postings(200);
        backwards.reverse();
        let forwards = postings(200);
        let (one, two) = tokio::join!(store.accept_runs(&forwards), other.accept_runs(&backwards));
        assert_eq!(one.unwrap() + two.unwrap(), 200, "{kind:?}");
        assert_eq!(fresh.counts(&["accepted_runs"]).await["accepted_runs"], 200);
    }
}

#[tokio::test]
async fn an_answer_may_come_before_its_posting() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.accept_runs(&[posting(1)]).await.unwrap();
        let answered =
            [0, 1].map(|n| Answered { run_id: run(n), answered_by: run(7), status: Status::Completed });
        store.mark_answered(&answered).await.unwrap();
        store.mark_answered(&answered).await.unwrap();
        assert_eq!(store.accept_runs(&postings(2)).await.unwrap(), 0, "{kind:?}");
        for n in [0, 1] {
            let entry = store.accepted(run(n)).await.unwrap().unwrap();
            assert_eq!(entry.body, Some(posting(n).body), "{kind:?}");
            assert_eq!((entry.line.source.as_str(), entry.line.state), ("board", Status::Completed));
            assert_eq!(entry.line.answered_by, Some(run(7)));
            assert_eq!(entry.line.accepted_at, posting(n).accepted_at);
        }
        let late = Answered { run_id: run(0), answered_by: run(8), status: Status::Rejected };
        store.mark_answered(&[late]).await.unwrap();
        let line = store.accepted(run(0)).await.unwrap().unwrap().line;
        assert_eq!((line.state, line.answered_by), (Status::Completed, Some(run(7))), "an end stays");
    }
}

#[tokio::test]
async fn lines_end_as_their_runs_do() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.accept_runs(&postings(5)).await.unwrap();
        store.strand(&[run(0)]).await.unwrap();
        store.save(&[record(0, 0, Status::Completed), record(1, 0, Status::Rejected)]).await.unwrap();
        store.bury(&[letter(2, 0), letter(3, 0)]).await.unwrap();
        let settled = SettledRuns { completed: 1, rejected: 1, dead_lettered: 2, cancelled: 0 };
        assert_eq!(store.settle_ledger().await.unwrap(), settled, "{kind:?}");
        assert_eq!(store.settle_ledger().await.unwrap(), SettledRuns::default());
        let counts = store.ledger_counts(None).await.unwrap();
        let expected =
            [(Status::Accepted, 1), (Status::Completed, 1), (Status::Rejected, 1), (Status::DeadLettered, 2)];
        assert_eq!(counts, BTreeMap::from(expected), "{kind:?}");
        let since = store.ledger_counts(Some(NOON + Duration::minutes(3))).await.unwrap();
        assert_eq!(since.values().sum::<u64>(), 2);
        // A replay brings one of the two to a good end.
        store.save(&[record(2, 1, Status::Completed)]).await.unwrap();
        assert_eq!(store.settle_ledger().await.unwrap().completed, 1, "{kind:?}");
        let line = store.accepted(run(2)).await.unwrap().unwrap().line;
        assert_eq!(line.state, Status::Completed);
    }
}

#[tokio::test]
async fn more_lines_than_a_page_are_settled_in_one_go() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        assert_eq!(store.accept_runs(&postings(2_300)).await.unwrap(), 2_300);
        execute(
            &fresh,
            "INSERT INTO runs (run_id, status, attempt, source_system, created_at, finished_at) \
             SELECT run_id, 'completed', 0, source_system, accepted_at, accepted_at FROM accepted_runs",
        )
        .await;
        assert_eq!(store.settle_ledger().await.unwrap().completed, 2_300, "{kind:?}");
        assert_eq!(store.overdue(NOON + Duration::days(9), 10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_stranded_run_is_sent_once_more_by_one_of_two_who_click() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        store.accept_runs(&postings(3)).await.unwrap();
        let overdue = store.overdue(NOON + Duration::minutes(2), 10).await.unwrap();
        assert_eq!(overdue.iter().map(|line| line.run_id).collect::<Vec<_>>(), [run(0), run(1)]);
        assert_eq!(store.overdue(NOON + Duration::minutes(2), 1).await.unwrap().len(), 1);
        let runs = overdue.iter().map(|line| line.run_id).collect::<Vec<_>>();
        assert_eq!(store.strand(&runs).await.unwrap(), 2, "{kind:?}");
        assert_eq!(store.strand(&runs).await.unwrap(), 0);
        assert_eq!(store.overdue(NOON + Duration::minutes(2), 10).await.unwrap(), []);

        let other = another(&fresh).await;
        let (one, two) = tokio::join!(store.re_emit(run(0), "ada"), other.re_emit(run(0), "bob"));
        let (sent, refused): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(Result::is_ok);
        assert_eq!((sent.len(), refused.len()), (1, 1), "{kind:?}");
        let entry = sent.into_iter().next().unwrap().unwrap();
        assert_eq!(entry.body, Some(posting(0).body));
        assert_eq!((entry.line.emitted, entry.line.state), (1, Status::Accepted));
        assert!(matches!(&refused[0], Err(StoreError::Conflict(why)) if why.contains("not stranded")));
        // It was sent a moment ago: it is not overdue.
        assert_eq!(store.overdue(NOON + Duration::minutes(9), 10).await.unwrap()[0].run_id, run(2));
        assert!(matches!(store.re_emit(run(8), "ada").await, Err(StoreError::Missing(_))));
        assert_eq!(fresh.texts("SELECT action FROM audit_log").await, ["ledger.re_emit"]);
    }
}

#[tokio::test]
async fn a_forgotten_body_stays_forgotten() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.accept_runs(&postings(3)).await.unwrap();
        let before = NOON + Duration::minutes(2);
        assert_eq!(store.forget_bodies(before, "keeper").await.unwrap(), 2, "{kind:?}");
        assert_eq!(store.forget_bodies(before, "keeper").await.unwrap(), 0);
        assert_eq!(store.accept_runs(&postings(3)).await.unwrap(), 0);
        let entry = store.accepted(run(0)).await.unwrap().unwrap();
        assert_eq!((entry.body, entry.headers), (None, BTreeMap::new()), "{kind:?}");
        assert!(entry.line.forgotten_at.is_some());
        assert!(store.accepted(run(2)).await.unwrap().unwrap().body.is_some());
        store.strand(&[run(0)]).await.unwrap();
        assert!(matches!(store.re_emit(run(0), "ada").await, Err(StoreError::Missing(_))), "{kind:?}");
    }
}

#[tokio::test]
async fn pages_of_the_ledger_follow_one_another_without_gap_or_repetition() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.accept_runs(&postings(25)).await.unwrap();
        let mut filter = LedgerFilter { source: Some("board".into()), limit: 10, ..LedgerFilter::default() };
        let mut seen = Vec::new();
        loop {
            let page = store.ledger(&filter).await.unwrap();
            seen.extend(page.iter().map(|line| line.external_id.clone().unwrap().parse::<usize>().unwrap()));
            let Some(last) = page.last().filter(|_| page.len() == 10) else { break };
            filter.after = Some(Cursor { created_at: last.accepted_at, run_id: last.run_id });
        }
        assert_eq!(seen, (0..25).rev().collect::<Vec<_>>(), "{kind:?}");
        let of_state = LedgerFilter { state: Some(Status::Completed), limit: 9, ..LedgerFilter::default() };
        assert_eq!(store.ledger(&of_state).await.unwrap(), []);
        let before = LedgerFilter { before: Some(NOON), limit: 9, ..LedgerFilter::default() };
        assert_eq!(store.ledger(&before).await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_no_database_can_hold_is_replaced_and_stored() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let odd = AcceptedRun {
            source: "a\0b".into(),
            headers: BTreeMap::from([("x".to_owned(), "\0".to_owned())]),
            body: vec![0, 159, 146, 150],
            ..posting(0)
        };
        store.accept_runs(std::slice::from_ref(&odd)).await.unwrap();
        let entry = store.accepted(run(0)).await.unwrap().unwrap();
        assert_eq!((entry.line.source.as_str(), entry.body), ("a\u{fffd}b", Some(odd.body)), "{kind:?}");
        assert_eq!(entry.headers["x"], "\u{fffd}");
    }
}
