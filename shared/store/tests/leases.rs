//! What replicas share of a dependency, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

mod given;

use contract::BreakerState;
use given::{NOON, another, database};
use std::time::Duration as Wait;
use support::BOTH;
use time::{Duration, OffsetDateTime};

#[tokio::test]
async fn four_replicas_together_keep_to_the_limit_in_every_minute() {
    const LIMIT: u64 = 120;
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let replicas = [store, another(&fresh).await, another(&fresh).await, another(&fresh).await];
        // When and until when how many calls may be made.
        let mut granted: Vec<(OffsetDateTime, OffsetDateTime, u64)> = Vec::new();
        for step in 0..46 {
            let now = NOON + Duration::milliseconds(step * 4_300);
            let [a, b, c, d] = &replicas;
            let take = |store: &store::Store| {
                let store = store.clone();
                async move { store.take_tokens("model", LIMIT, 17, now).await.unwrap() }
            };
            let leases = tokio::join!(take(a), take(b), take(c), take(d));
            for lease in [leases.0, leases.1, leases.2, leases.3] {
                assert!(lease.granted <= 17 && lease.valid_until > now);
                assert_eq!(lease.ask_again_at.is_some(), lease.granted < 17);
                granted.push((now, lease.valid_until, lease.granted));
            }
        }
        let minute = Duration::minutes(1);
        for &(_, begin, _) in &granted {
            // The minute that begins as late as the first one's calls can be made, and whatever may be called within it.
            let begin = begin - Duration::milliseconds(1);
            let calls: u64 = granted
                .iter()
                .filter(|(from, until, _)| *until > begin && *from < begin + minute)
                .map(|(_, _, granted)| granted)
                .sum();
            assert!(calls <= LIMIT, "{kind:?}: {calls} calls in the minute after {begin}");
        }
        let total: u64 = granted.iter().map(|(_, _, granted)| granted).sum();
        assert!(total >= 3 * LIMIT, "{kind:?}: {total} in 197.8 s");
    }
}

#[tokio::test]
async fn dependencies_do_not_share_and_unused_tokens_are_void() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        assert_eq!(store.take_tokens("model", 10, 99, NOON).await.unwrap().granted, 10, "{kind:?}");
        let lease = store.take_tokens("model", 10, 1, NOON).await.unwrap();
        assert_eq!(lease.granted, 0);
        assert_eq!(store.take_tokens("embedding", 10, 4, NOON).await.unwrap().granted, 4);
        let again = lease.ask_again_at.unwrap();
        assert_eq!(
            store.take_tokens("model", 10, 1, again - Duration::milliseconds(1)).await.unwrap().granted,
            0
        );
        assert_eq!(store.take_tokens("model", 10, 1, again).await.unwrap().granted, 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_refusal_halves_the_limit_once_and_success_gives_it_back() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let (other, wait) = (another(&fresh).await, Wait::from_secs(20));
        store.take_tokens("model", 100, 1, NOON).await.unwrap();
        for store in [&store, &other] {
            store.report_throttled("model", wait, NOON).await.unwrap();
        }
        let paused = store.take_tokens("model", 100, 1, NOON + Duration::seconds(19)).await.unwrap();
        assert_eq!((paused.granted, paused.ask_again_at), (0, Some(NOON + wait)), "{kind:?}");
        let now = NOON + Duration::minutes(5);
        assert_eq!(store.take_tokens("model", 100, 999, now).await.unwrap().granted, 50, "{kind:?}");
        // One step, however many say so at once.
        for store in [&store, &other, &store] {
            store.report_ok("model", now).await.unwrap();
        }
        let now = now + Duration::minutes(5);
        assert_eq!(store.take_tokens("model", 100, 999, now).await.unwrap().granted, 55, "{kind:?}");
        for step in 0..20 {
            store.report_ok("model", now + Duration::seconds(5 * step)).await.unwrap();
        }
        let now = now + Duration::minutes(5);
        assert_eq!(store.take_tokens("model", 100, 999, now).await.unwrap().granted, 100, "{kind:?}");
        // Whatever happens, one call a minute is tried.
        for step in 0..20 {
            let now = now + Duration::seconds(6 * step);
            store.report_throttled("model", Wait::ZERO, now).await.unwrap();
        }
        let now = now + Duration::minutes(5);
        assert_eq!(store.take_tokens("model", 100, 999, now).await.unwrap().granted, 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_refusal_before_any_call_is_remembered() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.report_ok("model", NOON).await.unwrap();
        store.report_throttled("model", Wait::from_secs(5), NOON).await.unwrap();
        assert_eq!(store.take_tokens("model", 100, 1, NOON).await.unwrap().granted, 0, "{kind:?}");
        let after = NOON + Duration::seconds(5);
        assert_eq!(store.take_tokens("model", 100, 999, after).await.unwrap().granted, 100, "{kind:?}");
    }
}

#[tokio::test]
async fn of_all_who_would_try_an_open_dependency_one_does() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let (other, patience) = (another(&fresh).await, Wait::from_secs(10));
        assert_eq!(store.breaker("model").await.unwrap().state, BreakerState::Closed);
        assert!(!store.try_half_open("model", patience, NOON).await.unwrap());
        let retry_at = NOON + Duration::seconds(30);
        store.open_breaker("model", retry_at, "it answers 503", NOON).await.unwrap();
        let breaker = other.breaker("model").await.unwrap();
        assert_eq!((breaker.state, breaker.retry_at), (BreakerState::Open, Some(retry_at)), "{kind:?}");
        assert!(!store.try_half_open("model", patience, NOON).await.unwrap(), "its time has not come");

        let (one, two) = tokio::join!(
            store.try_half_open("model", patience, retry_at),
            other.try_half_open("model", patience, retry_at)
        );
        assert_eq!(u8::from(one.unwrap()) + u8::from(two.unwrap()), 1, "{kind:?}");
        assert_eq!(store.breaker("model").await.unwrap().state, BreakerState::HalfOpen);
        // Whoever tried was killed: another one may.
        assert!(other.try_half_open("model", patience, retry_at + patience).await.unwrap(), "{kind:?}");
        let later = NOON + Duration::minutes(5);
        store.open_breaker("model", later, "it still does", NOON + Duration::minutes(1)).await.unwrap();
        let breaker = store.breaker("model").await.unwrap();
        assert_eq!((breaker.state, breaker.opened_at), (BreakerState::Open, Some(NOON)), "{kind:?}");
        assert_eq!(breaker.reason.as_deref(), Some("it still does"));
        store.close_breaker("model").await.unwrap();
        assert_eq!(other.breaker("model").await.unwrap().state, BreakerState::Closed, "{kind:?}");
        store.open_breaker("model", later, "again", later).await.unwrap();
        assert_eq!(store.breaker("model").await.unwrap().opened_at, Some(later), "{kind:?}");
    }
}
