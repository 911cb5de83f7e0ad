//! Who is told over HTTP, and what each is still to be told, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

mod given;

use contract::{WebhookEvent, WebhookState};
use given::{NOON, another, database, run};
use std::collections::BTreeSet;
use std::time::Duration as Wait;
use store::{
    DeliveryFilter, DeliveryLine, DueDelivery, NewWebhook, RunEvent, Store, StoreError, TryEnd, WebhookSecret,
};
use support::{BOTH, Kind};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const LEASE: Wait = Wait::from_secs(60);
const SECRET: &str = "correct horse battery staple";

/// Everything that is enqueued in a test is due by then.
fn later() -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::minutes(1)
}

async fn hook(store: &Store, path: &str, events: &[WebhookEvent]) -> i64 {
    let new = NewWebhook {
        url: format!("https://example.com/{path}").parse().unwrap(),
        events: events.iter().copied().collect(),
        secret: SECRET.parse().unwrap(),
        actor: "ada".into(),
    };
    store.add_webhook(&new).await.unwrap()
}

fn event(n: usize, event: WebhookEvent) -> RunEvent {
    RunEvent {
        event_id: Uuid::new_v5(&run(n).0, event.to_string().as_bytes()),
        event,
        kind: format!("rolemill.{event}.v1"),
        run_id: Some(run(n)),
        body: format!("{{\"run_id\":\"{}\"}}", run(n)),
    }
}

async fn all(store: &Store) -> Vec<DeliveryLine> {
    store.deliveries(&DeliveryFilter { limit: 100, ..DeliveryFilter::default() }).await.unwrap()
}

async fn one_delivery(kind: Kind) -> (support::Fresh, Store, DueDelivery) {
    let (fresh, store) = database(kind).await;
    let id = hook(&store, "a", &[WebhookEvent::RunFinished]).await;
    store.enqueue_events(&[event(1, WebhookEvent::RunFinished)]).await.unwrap();
    let taken = store.claim_deliveries(id, 10, LEASE, later()).await.unwrap();
    assert_eq!(taken.len(), 1, "{kind:?}");
    (fresh, store, taken.into_iter().next().unwrap())
}

#[tokio::test]
async fn an_event_becomes_one_delivery_for_every_webhook_that_wants_it() {
    use WebhookEvent::{RunFailed, RunFinished};
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let both = hook(&store, "both", &[RunFinished, RunFailed]).await;
        let failed = hook(&store, "failed", &[RunFailed]).await;
        let events = [event(1, RunFinished), event(2, RunFailed), event(1, RunFinished)];
        assert_eq!(store.enqueue_events(&events).await.unwrap(), 3, "{kind:?}");
        assert_eq!(store.enqueue_events(&events).await.unwrap(), 0, "the same events again");
        assert_eq!(store.enqueue_events(&[]).await.unwrap(), 0);
        let told: BTreeSet<(i64, Uuid)> =
            all(&store).await.iter().map(|line| (line.webhook_id, line.event_id)).collect();
        let expected = [(both, &events[0]), (both, &events[1]), (failed, &events[1])];
        assert_eq!(told, expected.map(|(hook, event)| (hook, event.event_id)).into(), "{kind:?}");
        let line = all(&store).await.into_iter().find(|line| line.event_id == events[0].event_id).unwrap();
        assert_eq!((line.run_id, line.kind.as_str()), (Some(run(1)), "rolemill.run.finished.v1"));
        assert_eq!((line.state, line.tries), (WebhookState::Pending, 0));
    }
}

#[tokio::test]
async fn of_all_who_ask_one_takes_a_delivery() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let id = hook(&store, "a", &[WebhookEvent::RunFinished]).await;
        let events: Vec<RunEvent> = (0..60).map(|n| event(n, WebhookEvent::RunFinished)).collect();
        store.enqueue_events(&events).await.unwrap();
        let (other, now) = (another(&fresh).await, later());
        assert_eq!(store.webhooks_due(now).await.unwrap(), [id]);
        let ask = async |store: &Store| {
            let mut taken = Vec::new();
            loop {
                let some = store.claim_deliveries(id, 7, LEASE, now).await.unwrap();
                if some.is_empty() {
                    return taken;
                }
                taken.extend(some.into_iter().map(|delivery| delivery.id));
            }
        };
        let (one, two) = tokio::join!(ask(&store), ask(&other));
        let distinct: BTreeSet<i64> = one.iter().chain(&two).copied().collect();
        assert_eq!((one.len() + two.len(), distinct.len()), (60, 60), "{kind:?}");
        assert!(store.webhooks_due(now).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_nothing_is_said_of_is_due_again_when_its_lease_is_over() {
    for kind in BOTH {
        let (fresh, store, first) = one_delivery(kind).await;
        let (other, after) = (another(&fresh).await, later() + LEASE);
        let second = other.claim_deliveries(first.webhook_id, 10, LEASE, after).await.unwrap().remove(0);
        assert_eq!((first.tries, second.tries), (1, 2), "{kind:?}");
        assert_eq!((&first.body, first.event_id), (&second.body, second.event_id));
        // The first one comes back late: that it failed is of no interest any more.
        store.settle_delivery(&first, &TryEnd::Dead { error: "late".into() }, after).await.unwrap();
        assert_eq!(all(&store).await[0].state, WebhookState::Pending, "{kind:?}");
        // That the receiver has it is.
        store.settle_delivery(&first, &TryEnd::Delivered, after).await.unwrap();
        other.settle_delivery(&second, &TryEnd::Dead { error: "slow".into() }, after).await.unwrap();
        let line = all(&store).await.remove(0);
        assert_eq!((line.state, line.last_error), (WebhookState::Delivered, None), "{kind:?}");
        assert_eq!(fresh.counts(&["webhook_deliveries WHERE body IS NULL"]).await.values().sum::<i64>(), 1);
    }
}

#[tokio::test]
async fn a_failed_try_waits_and_the_last_one_is_dead_until_somebody_has_it_tried_again() {
    for kind in BOTH {
        let (_fresh, store, first) = one_delivery(kind).await;
        let at = NOON + Duration::days(400);
        let again = TryEnd::Again { at, error: "it answered 503".into() };
        store.settle_delivery(&first, &again, NOON).await.unwrap();
        let claim = async |now| store.claim_deliveries(first.webhook_id, 1, LEASE, now).await.unwrap();
        assert!(claim(at - Duration::seconds(1)).await.is_empty(), "{kind:?}");
        let second = claim(at).await.remove(0);
        store.settle_delivery(&second, &TryEnd::Dead { error: "enough".into() }, at).await.unwrap();
        let filter =
            DeliveryFilter { state: Some(WebhookState::Dead), limit: 5, ..DeliveryFilter::default() };
        let line = store.deliveries(&filter).await.unwrap().remove(0);
        assert_eq!((line.tries, line.last_error.as_deref()), (2, Some("enough")), "{kind:?}");
        assert!(claim(at + Duration::days(9)).await.is_empty());
        assert_eq!(store.webhooks().await.unwrap()[0].dead, 1);

        store.retry_delivery(line.id, "ada", NOON).await.unwrap();
        let third = claim(NOON).await.remove(0);
        assert_eq!((third.tries, &third.body), (1, &first.body), "{kind:?}");
        store.settle_delivery(&third, &TryEnd::Delivered, NOON).await.unwrap();
        let refused = store.retry_delivery(line.id, "ada", NOON).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Conflict(why) if why.contains("was delivered")), "{refused}");
        assert!(matches!(store.retry_delivery(999, "ada", NOON).await, Err(StoreError::Missing(_))));
    }
}

#[tokio::test]
async fn a_webhook_that_is_switched_off_is_told_nothing_until_it_is_switched_on() {
    use WebhookEvent::RunFinished;
    for kind in BOTH {
        let (_fresh, store, taken) = one_delivery(kind).await;
        let id = taken.webhook_id;
        store.enqueue_events(&[event(2, RunFinished)]).await.unwrap();
        for _ in 0..2 {
            store.switch_off_webhook(id, "it answered 410", "rolemill-archive", NOON).await.unwrap();
        }
        let line = store.webhooks().await.unwrap().remove(0);
        assert_eq!((line.active, line.reason.as_deref()), (false, Some("it answered 410")), "{kind:?}");
        assert_eq!((line.pending, line.dead), (0, 2));
        assert_eq!(store.enqueue_events(&[event(3, RunFinished)]).await.unwrap(), 0, "{kind:?}");
        assert!(store.claim_deliveries(id, 9, LEASE, later()).await.unwrap().is_empty());
        let refused = store.retry_delivery(taken.id, "ada", NOON).await.unwrap_err();
        assert!(refused.to_string().contains("switched off"), "{refused}");

        store.switch_on_webhook(id, "ada").await.unwrap();
        assert_eq!(store.enqueue_events(&[event(4, RunFinished)]).await.unwrap(), 1, "{kind:?}");
        store.retry_delivery(taken.id, "ada", NOON).await.unwrap();
        assert_eq!(store.webhooks().await.unwrap()[0].pending, 2, "{kind:?}");
        let nobody = store.switch_on_webhook(id + 1, "ada").await;
        assert!(matches!(nobody, Err(StoreError::Missing(_))));
    }
}

#[tokio::test]
async fn a_secret_is_nowhere_but_with_what_is_signed() {
    for kind in BOTH {
        let (fresh, store, taken) = one_delivery(kind).await;
        assert_eq!(taken.secret.key(), SECRET.as_bytes());
        let shown: WebhookSecret = SECRET.parse().unwrap();
        let shown = [SECRET.to_owned(), shown.shown()];
        let mut said = fresh.texts("SELECT CAST(detail AS TEXT) FROM audit_log").await;
        said.push(serde_json::to_string(&store.webhooks().await.unwrap()).unwrap());
        said.push(serde_json::to_string(&all(&store).await).unwrap());
        said.push(format!("{taken:?}"));
        for words in &said {
            assert!(!shown.iter().any(|secret| words.contains(secret.as_str())), "{kind:?}: {words}");
        }
    }
}

#[tokio::test]
async fn an_address_is_posted_to_by_one_active_webhook_and_removed_with_its_deliveries() {
    for kind in BOTH {
        let (fresh, store, taken) = one_delivery(kind).await;
        let same = NewWebhook {
            url: taken.url.parse().unwrap(),
            events: [WebhookEvent::RunFailed].into(),
            secret: WebhookSecret::generate(),
            actor: "bob".into(),
        };
        let refused = store.add_webhook(&same).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict(_)), "{kind:?}: {refused}");
        store.remove_webhook(taken.webhook_id, "ada").await.unwrap();
        assert_eq!(fresh.counts(&["webhook_deliveries"]).await["webhook_deliveries"], 0, "{kind:?}");
        store.add_webhook(&same).await.unwrap();
        assert!(matches!(store.remove_webhook(taken.webhook_id, "ada").await, Err(StoreError::Missing(_))));
        let actions = fresh.texts("SELECT action FROM audit_log ORDER BY id").await;
        assert_eq!(actions, ["webhooks.add", "webhooks.remove", "webhooks.add"], "{kind:?}");
    }
}

#[tokio::test]
async fn erasing_a_run_takes_its_text_out_of_what_is_still_to_be_told() {
    for kind in BOTH {
        let (fresh, store, taken) = one_delivery(kind).await;
        store.enqueue_events(&[event(2, WebhookEvent::RunFinished)]).await.unwrap();
        assert_eq!(store.erase_messages(&[run(1)], "ada").await.unwrap(), 1, "{kind:?}");
        let lines = all(&store).await;
        let erased = lines.iter().find(|line| line.id == taken.id).unwrap();
        assert_eq!((erased.state, erased.last_error.as_deref()), (WebhookState::Dead, Some("(erased)")));
        let refused = store.retry_delivery(taken.id, "ada", NOON).await.unwrap_err();
        assert!(refused.to_string().contains("erased"), "{kind:?}: {refused}");
        assert_eq!(fresh.counts(&["webhook_deliveries WHERE body IS NULL"]).await.values().sum::<i64>(), 1);
    }
}

#[tokio::test]
async fn what_came_to_an_end_is_forgotten_in_time_and_what_waits_is_kept() {
    for kind in BOTH {
        let (_fresh, store, taken) = one_delivery(kind).await;
        let id = taken.webhook_id;
        let events = [event(2, WebhookEvent::RunFinished), event(3, WebhookEvent::RunFinished)];
        store.enqueue_events(&events).await.unwrap();
        let second = store.claim_deliveries(id, 1, LEASE, later()).await.unwrap().remove(0);
        store.settle_delivery(&taken, &TryEnd::Delivered, NOON).await.unwrap();
        store.settle_delivery(&second, &TryEnd::Dead { error: "no".into() }, NOON).await.unwrap();
        assert_eq!(store.forget_deliveries(NOON, "rolemill-archive").await.unwrap(), 0, "{kind:?}");
        let after = NOON + Duration::seconds(1);
        assert_eq!(store.forget_deliveries(after, "rolemill-archive").await.unwrap(), 2, "{kind:?}");
        assert_eq!(all(&store).await.len(), 1, "{kind:?}");
    }
}
