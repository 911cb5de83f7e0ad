//! When a delivery that failed is tried once more.

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::Duration;
use store::DueDelivery;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use uuid::Uuid;

/// A receiver that asks for more time is tried after this all the same.
const LONGEST_ASKED: Duration = Duration::from_secs(60 * 60);
/// By so much of itself a wait is longer or shorter, so that what failed together does not come back together.
const SPREAD: f64 = 0.2;

/// How long a receiver that says that it is busy asks to be left alone: it names seconds or a date.
pub(super) fn asked(status: StatusCode, headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let written = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match written.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        // A date that is past asks for nothing.
        Err(_) => {
            Duration::try_from(OffsetDateTime::parse(written, &Rfc2822).ok()? - now).unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST_ASKED))
}

/// How long it is waited after a try that failed, not shorter than the receiver asked for; none after the last try.
pub(super) fn wait_after(
    delivery: &DueDelivery,
    waits: &[Duration],
    asked: Option<Duration>,
) -> Option<Duration> {
    let usual = waits.get(delivery.tries.checked_sub(1)? as usize)?;
    let spread = 1.0 + SPREAD * lot(delivery);
    Some(usual.mul_f64(spread).max(asked.unwrap_or_default()))
}

/// A number from -1 to 1 that looks drawn, and is the same for a delivery and its try wherever it is asked for.
fn lot(delivery: &DueDelivery) -> f64 {
    let of = format!("{} {}", delivery.id, delivery.tries);
    let (drawn, ..) = Uuid::new_v5(&delivery.event_id, of.as_bytes()).as_fields();
    f64::from(drawn) / f64::from(u32::MAX) * 2.0 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);
    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn asked_by(status: StatusCode, written: &str) -> Option<Duration> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(written).unwrap())]);
        asked(status, &headers, NOW)
    }

    fn delivery(id: i64, tries: u32) -> DueDelivery {
        DueDelivery {
            id,
            webhook_id: 1,
            url: "https://ats.example".to_owned(),
            secret: "correct horse battery staple".parse().unwrap(),
            event_id: Uuid::from_u128(7),
            kind: "rolemill.run.finished.v1".to_owned(),
            body: "{}".to_owned(),
            tries,
        }
    }

    #[test]
    fn a_busy_receiver_asks_for_seconds_or_until_a_date_and_is_given_an_hour_at_most() {
        let seconds = Duration::from_secs;
        for (written, wait) in [
            ("120", Some(seconds(120))),
            ("0", Some(seconds(0))),
            ("86400", Some(HOUR)),
            ("Sun, 01 Mar 2026 12:01:30 GMT", Some(seconds(90))),
            ("Sun, 01 Mar 2026 11:59:00 GMT", Some(seconds(0))),
            ("Mon, 02 Mar 2026 12:00:00 GMT", Some(HOUR)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(asked_by(StatusCode::TOO_MANY_REQUESTS, written), wait, "{written}");
            assert_eq!(asked_by(StatusCode::SERVICE_UNAVAILABLE, written), wait, "{written}");
        }
        assert_eq!(asked(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), NOW), None);
    }

    #[test]
    fn another_failure_asks_for_nothing() {
        assert_eq!(asked_by(StatusCode::INTERNAL_SERVER_ERROR, "120"), None);
        assert_eq!(asked_by(StatusCode::FOUND, "120"), None);
    }

    #[test]
    fn what_failed_together_comes_back_within_a_fifth_of_the_wait_and_not_together() {
        let waits: Vec<f64> = (0..100)
            .map(|id| wait_after(&delivery(id, 1), &[HOUR], None).unwrap().div_duration_f64(HOUR))
            .collect();
        let (least, most) =
            (waits.iter().copied().fold(2.0, f64::min), waits.iter().copied().fold(0.0, f64::max));
        assert!((0.8..0.85).contains(&least) && (1.15..=1.2).contains(&most), "{least} to {most}");
        let early = waits.iter().filter(|wait| **wait < 1.0).count();
        assert!((30..70).contains(&early), "{early} of 100 are shorter");
    }

    #[test]
    fn a_wait_is_never_shorter_than_the_receiver_asked_for_and_ends_with_the_last_try() {
        let waits = [Duration::from_secs(10), HOUR];
        let after = |tries, asked| wait_after(&delivery(1, tries), &waits, asked);
        assert_eq!(after(1, Some(Duration::from_secs(60))), Some(Duration::from_secs(60)));
        assert_eq!(after(2, Some(Duration::from_secs(60))), after(2, None));
        assert_eq!(after(3, Some(HOUR)), None);
    }
}
