//! Pay: the sum with its currency and period, or the word that none is named.

mod money;
mod place;

use contract::{Field, PayPeriod, Salary, SectionKind, Stated};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

use super::pattern;
use crate::posting::Posting;
use money::{Sum, sums};

/// What is paid: the page's own sum, else the text's, else the text's word that it is not told.
pub(crate) fn salary(posting: &Posting<'_>) -> Field<Salary> {
    let read = best(posting);
    if let Some(mut given) = given(posting) {
        let agrees = |stated: &Stated<Salary>| {
            stated.value.min == given.value.min || stated.value.max == given.value.max
        };
        if let Some(read) = read.filter(agrees) {
            given.evidence = contract::Evidence::Given { spans: read.evidence.spans().to_vec() };
        }
        return Some(given);
    }
    read.or_else(|| undisclosed(posting))
}

/// The sum in the page's JSON-LD.
fn given(posting: &Posting<'_>) -> Field<Salary> {
    let base = posting.hints.json_ld.as_ref()?.base_salary.as_ref()?;
    let positive = |bound: Option<f64>| bound.filter(|&bound| bound > 0.0);
    let (min, max) = (positive(base.min), positive(base.max));
    let first = min.or(max)?;
    let unit = base.unit.clone().unwrap_or_default().to_lowercase();
    let period = PERIODS.iter().find(|(name, _)| unit.starts_with(name)).map(|&(_, period)| period);
    let currency = base.currency.clone().map(|code| code.to_uppercase()).filter(|code| code.len() == 3);
    let mut raw = format!("{first}");
    if let Some(max) = max.filter(|&max| max > first) {
        raw.push_str(&format!("-{max}"));
    }
    for word in [base.currency.as_deref(), base.unit.as_deref()].into_iter().flatten() {
        raw.push(' ');
        raw.push_str(word);
    }
    Some(Stated::given(Salary { min, max, currency, period, raw, disclosed: true }))
}

/// How schema.org's `unitText` begins.
const PERIODS: [(&str, PayPeriod); 5] = [
    ("hour", PayPeriod::Hour),
    ("da", PayPeriod::Day),
    ("week", PayPeriod::Week),
    ("month", PayPeriod::Month),
    ("year", PayPeriod::Year),
];

/// The sum of the text that is most surely the pay.
fn best(posting: &Posting<'_>) -> Field<Salary> {
    let text = posting.str();
    let mut best: Option<(u32, Sum, Option<PayPeriod>)> = None;
    for sum in sums(text) {
        if matches!(posting.kind_at(sum.range.start), SectionKind::Eeo | SectionKind::Accommodation) {
            continue;
        }
        let Some((weight, period)) = weigh(posting, &sum, false) else { continue };
        if best.as_ref().is_none_or(|(most, ..)| weight > *most) {
            best = Some((weight, sum, period));
        }
    }
    best.map(|(_, sum, period)| named(posting, &sum, period))
}

/// The pay that somebody else found in words of the text, of which `bound` is one end.
pub(in crate::fields) fn asked(posting: &Posting<'_>, quote: &Range<usize>, bound: f64) -> Field<Salary> {
    let sum = sums(posting.str()).into_iter().find(|sum| {
        quote.start <= sum.range.start
            && sum.range.end <= quote.end
            && (sum.min == Some(bound) || sum.max == Some(bound))
    })?;
    let (_, period) = weigh(posting, &sum, true)?;
    Some(named(posting, &sum, period))
}

/// A sum of the text as the pay.
fn named(posting: &Posting<'_>, sum: &Sum, period: Option<PayPeriod>) -> Stated<Salary> {
    let range = sum.range.clone();
    let mut spans = vec![posting.span(range.clone())];
    let currency = match sum.currency {
        Some("$") => {
            let (code, place) = place::dollar(posting);
            spans.extend(place.map(|place| posting.span(place)));
            Some(code.to_owned())
        }
        Some(code) => Some(code.to_owned()),
        None => None,
    };
    let raw = posting.str()[range].to_owned();
    let value = Salary { min: sum.min, max: sum.max, currency, period, raw, disclosed: true };
    Stated { value, evidence: contract::Evidence::Text { spans } }
}

/// How surely a sum is the pay, and for what time it is; none when it is something else. Where `is_named` somebody else says that it
/// is, which stands for the words of pay.
fn weigh(posting: &Posting<'_>, sum: &Sum, is_named: bool) -> Option<(u32, Option<PayPeriod>)> {
    static PAY: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:salary|salaries|compensation|\bpay\b|pays\b|paid|\bwages?\b|remuneration|\bctc\b|\bpackage\b|\bearn(?:ings?)?\b|\bote\b|\brates?\b|\bbase\b|\bhourly\b|\bincome\b|\bstipend\b|pay (?:range|scale|rate)|starting at)",
        )
    });
    static STRONG: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)salary|salaries|\bpay\b|\bwages?\b|\bctc\b|compensation|remuneration|pay ?(?:range|rate|scale)|hourly|\bbase\b",
        )
    });
    static OTHER_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:bonus(?:es)?|sign[- ]?on|signing|referral|budgets?|revenues?|fund(?:s|ed|ing)?|raised|valu(?:ed|ation)|assets?|sales|turnover|quotas?|portfolio|tuition|reimburse\w*|allowance|discounts?|savings?|deductible|coverage|insurance|grants?|invest\w*|donat\w*|prizes?|gift|award(?:s|ed)?|worth|stipend|credits?|purchas\w*|transactions?|contracts? (?:up to|of|over|valued)|projects?|accounts?|spend|cost|costs|fees?|fines?|p&l|market|business|company|401\(?k\)?|contribution|match\w*|up to|loans?|commissions?|incentives?|childcare|wellness|equipment|benefits?)(?:[ :-]+(?:of|up|to|is|are|over|exceeding|around|between|from|about|in|than|more|range|ranging|the|with|at|an?|amount|totaling|approximately|per|under)){0,4}[ :-]*$",
        )
    });
    static OTHER_BEHIND: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^[+\s]*(?:in |of |for |a year in |per year in |annual(?:ly)? (?:in )?|annualized |worth of |towards? |dollars? |company |- )?(?:\w+ ){0,2}?(?:revenues?|fund(?:s|ing|ed)?|budgets?|assets?|valuation|sales|turnover|quota|bonus(?:es)?|sign[- ]?on|signing|referral|tuition|reimburse\w*|allowance|stipend|discounts?|savings?|deductible|coverage|insurance|gift|grants?|donat\w*|invest\w*|capital|portfolio|projects?|worth|business|compan(?:y|ies)|market|industry|enterprise|corporation|organi[sz]ation|fortune|brand|per (?:mile|share|unit|lead|student|visit|delivery|employee|referral|month towards)|credit|401|loan|spend|aum|value|incentive|commissions?|raise)\b",
        )
    });
    let text = posting.str();
    let before = window_before(text, sum.range.start, 80);
    let clause = before.rsplit(['.', ';', '!', '?', '•']).next().unwrap_or(before);
    let clause = if clause.trim().is_empty() { before } else { clause };
    let behind = window_behind(text, sum.range.end, 60);
    let pay = PAY.is_match(clause);
    let strong = STRONG.is_match(clause);
    let period = sum.period.or_else(|| money::period_before(clause));
    if sum.huge
        || OTHER_BEHIND.is_match(behind)
            && !(sum.period.is_some()
                && (strong
                    || sum.max.is_some()
                        && sum.min != sum.max
                        && !behind.trim_start().to_lowercase().starts_with("in ")))
    {
        return None;
    }
    if let Some(other) = OTHER_BEFORE.find(clause) {
        let upper_only = other.as_str().to_lowercase().starts_with("up to");
        if !(upper_only && (strong || sum.period.is_some())) && !(strong && sum.period.is_some()) {
            return None;
        }
    }
    let kind = posting.kind_at(sum.range.start);
    let known = sum.currency.is_some();
    let section = kind == SectionKind::Compensation;
    let speaks = if known {
        pay || section || sum.period.is_some()
    } else {
        strong && (sum.period.is_some() || sum.grouped) || sum.lakhs
    };
    if !(speaks || is_named && known) || !plausible(sum, period) {
        return None;
    }
    let ranged = sum.min.is_some() && sum.max.is_some() && sum.min != sum.max;
    let weight = 2 * u32::from(known)
        + 2 * u32::from(ranged)
        + 3 * u32::from(sum.period.is_some())
        + u32::from(period.is_some())
        + 2 * u32::from(pay)
        + 2 * u32::from(strong)
        + 2 * u32::from(section);
    // A lone sum without a word of pay and without a range says too little: "$20 per hour" alone may be anything that is hired.
    let doubtful = !is_named
        && !pay
        && !section
        && !ranged
        && !matches!(sum.period, Some(PayPeriod::Hour | PayPeriod::Year));
    if doubtful {
        return None;
    }
    Some((weight, period.or_else(|| yearly(sum))))
}

/// The year, for a sum that nobody is paid for less.
fn yearly(sum: &Sum) -> Option<PayPeriod> {
    let first = sum.min.or(sum.max)?;
    let large =
        matches!(sum.currency, Some("$" | "USD" | "CAD" | "AUD" | "NZD" | "SGD" | "GBP" | "EUR" | "CHF"));
    (large && (20_000.0..=1_000_000.0).contains(&first)).then_some(PayPeriod::Year)
}

/// Whether somebody may be paid such a sum for such a time.
fn plausible(sum: &Sum, period: Option<PayPeriod>) -> bool {
    let (Some(low), Some(high)) = (sum.min.or(sum.max), sum.max.or(sum.min)) else { return false };
    let scale = match sum.currency {
        Some("INR" | "JPY" | "PHP" | "RUB" | "HUF") => 40.0,
        Some("SEK" | "NOK" | "DKK" | "CNY" | "HKD" | "ZAR" | "CZK" | "MXN" | "AED" | "PLN" | "MYR") => 5.0,
        _ => 1.0,
    };
    let bounds = match period {
        Some(PayPeriod::Hour) => 4.0..=1_000.0 * scale,
        Some(PayPeriod::Day) => 20.0..=6_000.0 * scale,
        Some(PayPeriod::Week) => 60.0..=25_000.0 * scale,
        Some(PayPeriod::Month) => 150.0..=150_000.0 * scale,
        Some(PayPeriod::Year) => 5_000.0..=3_000_000.0 * scale,
        None => 7.0..=3_000_000.0 * scale,
    };
    bounds.contains(&low) && bounds.contains(&high) && high <= low * 12.0
}

fn window_before(text: &str, end: usize, width: usize) -> &str {
    let mut start = end.saturating_sub(width);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..end]
}

fn window_behind(text: &str, start: usize, width: usize) -> &str {
    let mut end = (start + width).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[start..end]
}

/// "Competitive salary", "commensurate with experience": pay is spoken of and not named.
fn undisclosed(posting: &Posting<'_>) -> Field<Salary> {
    static UNDISCLOSED: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        [
            pattern(
                r"(?i)\b(?:(?:very|highly|extremely|truly) )?(?:competitive|attractive|excellent|generous|lucrative|negotiable|market[- ](?:related|leading|rate|competitive)|above[- ]market|industry[- ](?:leading|competitive|standard)|top)(?:[,/]? (?:and|&|base|starting|annual|hourly|total|executive|industry|market|cash|monthly|rewarding|attractive|generous|compensation|remuneration|overall)){0,3} (?:salary|salaries|compensation|pay|wages?|remuneration|rates? of pay|pay rates?|hourly rate)\b(?: package| packages| structure)?",
            ),
            pattern(
                r"(?i)\b(?:salary|compensation|pay|wages?|remuneration|pay rate|rate of pay)(?: range| package| level)?s?(?: is| will be| are|:| -| –)?\s?(?:is |be )?(?:commensurate|competitive|negotiable|(?:is )?based (?:up)?on (?:experience|skills|qualifications)|(?:is )?depend(?:s|ing|ent|ant) (?:up)?on (?:experience|skills|qualifications)|doe\b|d\.o\.e|as per (?:market|industry|company|experience)|to be (?:discussed|determined|confirmed|negotiated|decided)|tbd\b|tbc\b|not disclosed|undisclosed)(?: (?:with|on|to) (?:\w+ ){0,2}(?:experience|qualifications|skills))?",
            ),
        ]
    });
    let found = UNDISCLOSED.iter().filter_map(|pattern| {
        pattern.find_iter(posting.str()).map(|found| found.range()).find(|range: &Range<usize>| {
            !matches!(
                posting.kind_at(range.start),
                SectionKind::Eeo
                    | SectionKind::Accommodation
                    | SectionKind::Legal
                    | SectionKind::Responsibilities
                    | SectionKind::QualificationsRequired
                    | SectionKind::QualificationsPreferred
            )
        })
    });
    let range = found.min_by_key(|range| range.start)?;
    let raw = posting.str()[range.clone()].to_owned();
    let salary = Salary { min: None, max: None, currency: None, period: None, raw, disclosed: false };
    Some(Stated::read(salary, posting.span(range)))
}

#[cfg(test)]
mod tests;
