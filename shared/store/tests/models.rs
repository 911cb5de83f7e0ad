//! What language models answered and what it cost, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

mod given;

use contract::{AnswerEnd, KeptAnswer, ModelUse, NoRoom, RunId, Settlement, SpendWish, Stage};
use given::{NOON, another, database};
use std::time::Duration as Wait;
use support::BOTH;
use time::Duration;
use uuid::Uuid;

const MINUTE: Wait = Wait::from_secs(60);

fn run(n: u128) -> RunId {
    RunId(Uuid::from_u128(n))
}

fn answer(n: u32, content: &str) -> KeptAnswer {
    KeptAnswer {
        request_hash: format!("hash {n}"),
        run_id: run(1),
        attempt: 0,
        stage: Stage::Decision,
        purpose: ModelUse::Adjudication,
        model: "small".into(),
        content: content.into(),
        end: AnswerEnd::Stop,
        input_tokens: Some(700),
        output_tokens: None,
        ms: 12.5,
        cost_usd: Some(0.002),
    }
}

fn paid(answer: KeptAnswer) -> Settlement {
    let usd = answer.cost_usd.unwrap_or_default();
    Settlement { reservation: None, run_id: answer.run_id, attempt: 0, usd, answer: Some(answer) }
}

fn wish(n: u128, usd: f64) -> SpendWish {
    SpendWish { run_id: run(n), attempt: 0, usd, run_limit_usd: Some(0.01), day_limit_usd: Some(0.05) }
}

#[tokio::test]
async fn an_answer_that_was_paid_for_is_there_for_whoever_asks_the_same() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let (first, second) = (answer(1, "{\"role\": \"welder\"}"), answer(2, "é"));
        let settled = [paid(first.clone()), paid(second.clone()), paid(second.clone())];
        store.settle_calls(&settled, NOON).await.unwrap();
        let hashes = ["hash 1", "hash 2", "hash 3"].map(str::to_owned);
        let kept = another(&fresh).await.kept_answers(&hashes).await.unwrap();
        assert_eq!(kept.len(), 2);
        assert_eq!((&kept["hash 1"], &kept["hash 2"]), (&first, &second));
        let spent = store.spent_on(NOON.date()).await.unwrap();
        assert!((spent - 0.006).abs() < 1e-12, "{spent}");

        let newer = answer(1, "{}");
        store.settle_calls(&[paid(newer.clone())], NOON).await.unwrap();
        assert_eq!(store.kept_answers(&hashes).await.unwrap()["hash 1"], newer);

        assert_eq!(store.forget_answers(NOON).await.unwrap(), 0);
        assert_eq!(store.forget_answers(NOON + Duration::seconds(1)).await.unwrap(), 2);
        assert!(store.kept_answers(&hashes).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_was_spent_and_what_is_set_aside_together_never_exceed_a_budget() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let replicas = [store.clone(), another(&fresh).await, another(&fresh).await];
        // Each asks for nine cents of five in parts of half a cent, for runs of their own.
        let asked = replicas.iter().enumerate().map(|(replica, store)| {
            let wishes: Vec<SpendWish> = (0..18).map(|n| wish((replica * 100 + n) as u128, 0.005)).collect();
            async move { store.reserve(&wishes, MINUTE, NOON).await.unwrap() }
        });
        let granted: Vec<Result<Uuid, NoRoom>> =
            futures::future::join_all(asked).await.into_iter().flatten().collect();
        assert_eq!(granted.iter().flatten().count(), 10, "{granted:?}");
        assert!(granted.iter().filter_map(|it| it.as_ref().err()).all(|no| *no == NoRoom::Day));

        // Room that was not needed is there for others, what was spent is not.
        let first = *granted.iter().flatten().next().unwrap();
        let cheap =
            Settlement { reservation: Some(first), run_id: run(0), attempt: 0, usd: 0.001, answer: None };
        store.settle_calls(&[cheap], NOON).await.unwrap();
        let more = store.reserve(&[wish(900, 0.005), wish(901, 0.004)], MINUTE, NOON).await.unwrap();
        assert!(more[0] == Err(NoRoom::Day) && more[1].is_ok(), "{more:?}");

        // Nobody came back for the rest.
        let later = NOON + Duration::minutes(2);
        assert!(store.reserve(&[wish(902, 0.009)], MINUTE, later).await.unwrap()[0].is_ok());
        let tomorrow = NOON + Duration::days(1);
        assert!(store.reserve(&[wish(903, 0.01)], MINUTE, tomorrow).await.unwrap()[0].is_ok());
    }
}

#[tokio::test]
async fn a_pass_of_a_run_keeps_to_its_own_budget() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        let both = store.reserve(&[wish(1, 0.006), wish(1, 0.006)], MINUTE, NOON).await.unwrap();
        assert!(both[0].is_ok() && both[1] == Err(NoRoom::Run), "{both:?}");
        let spent = Settlement {
            reservation: both[0].as_ref().ok().copied(),
            run_id: run(1),
            attempt: 0,
            usd: 0.004,
            answer: None,
        };
        store.settle_calls(&[spent], NOON).await.unwrap();
        assert!((store.spent_by(run(1), 0).await.unwrap() - 0.004).abs() < 1e-12);
        let next = store.reserve(&[wish(1, 0.006), wish(1, 0.000_001)], MINUTE, NOON).await.unwrap();
        assert!(next[0].is_ok() && next[1] == Err(NoRoom::Run), "{next:?}");
        let replay = SpendWish { attempt: 1, ..wish(1, 0.01) };
        assert!(store.reserve(&[replay], MINUTE, NOON).await.unwrap()[0].is_ok());
    }
}
