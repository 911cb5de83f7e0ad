//! Sums of money: "$60,000-$70,000 per year", "£45k - £55k", "€50.000", "₹8,00,000", "12-15 LPA".

use contract::PayPeriod;
use regex::{Match, Regex};
use std::ops::Range;
use std::sync::LazyLock;

use crate::fields::pattern;

/// A sum or a range of sums that stands in a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sum {
    /// Its words, with currency and period.
    pub(super) range: Range<usize>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    /// ISO code, or `$` when the text does not say whose dollar.
    pub(super) currency: Option<&'static str>,
    /// The period right behind the sum.
    pub(super) period: Option<PayPeriod>,
    /// Counted in millions or more: no pay.
    pub(super) huge: bool,
    /// Written with thousands separators or as thousands, as only sums are.
    pub(super) grouped: bool,
    /// Counted in lakhs or crores.
    pub(super) lakhs: bool,
}

/// Every sum of a text, in order.
pub(super) fn sums(text: &str) -> Vec<Sum> {
    static SUM: LazyLock<Regex> = LazyLock::new(|| {
        let sign = r"(?:US\$|U\.S\. ?\$|USD ?\$?|CA\$|C\$|CAD ?\$?|CDN ?\$?|AU\$|A\$|AUD ?\$?|NZ\$|NZD ?\$?|S\$|SGD ?\$?|HK\$|HKD ?\$?|\$ ?(?:USD|CAD|CDN|AUD)?|£|GBP ?£?|€|EUR ?€?|₹|\bRs\.? ?|INR ?₹?|CHF ?|AED ?|ZAR ?|PLN ?|SEK ?|NOK ?|DKK ?|JPY ?|¥|MYR ?|PHP ?)";
        let number = r"(?:\d{1,3}(?:[,.'’]\d{2,3})+(?:[.,]\d{1,2})?|\d{1,3}(?: \d{3})+(?:[.,]\d{2})?|\d{1,7}(?:[.,]\d{1,2})?)";
        let suffix = r"(?:(?i:\s?(?:k|thousand|lakhs?|lacs?|lpa|crores?|cr|million|billion|trillion|mm|mn|bn|mil)|l|m|b|\sM|\sB))";
        let code = r"(?:\s?\(?(?:USD|CAD|CDN|AUD|NZD|SGD|HKD|GBP|EUR|INR|CHF|AED|ZAR|PLN|SEK|NOK|DKK|€|£)\b\)?|\s?[€£])";
        let short = r"(?i:\s?(?:/|per|an?\b)\s?(?:hours?|hrs?|h|years?|yrs?|annum|month|mo|week|wk|day)\b\.?|\s?hourly\b|\s(?:annually|yearly)\b)";
        pattern(&format!(
            r"(?P<c1>{sign})?\s?(?P<n1>{number})(?P<s1>{suffix}\b)?(?P<k1>{code})?(?:\.0)?(?P<p1>{short})?(?P<plus>\s?\+)?(?:\s?(?:-|–|—|~|\b(?i:to|and)\b)\s?(?P<c2>{sign})?\s?(?P<n2>{number})(?P<s2>{suffix}\b)?(?P<k2>{code})?)?"
        ))
    });
    windows(text).into_iter().flat_map(|window| sums_in(&SUM, text, window)).collect()
}

/// The stretches of a text in which a sum may stand: the wide pattern need not walk over the rest.
fn windows(text: &str) -> Vec<Range<usize>> {
    static SIGNS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"[$£€₹¥]|[0-9] ?(?:[kK]|LPA|lpa|[Ll]a[kc]|[Cc]r)|[0-9][,. ’'][0-9]{3}|USD|CAD|CDN|AUD|GBP|EUR|INR|Rs|CHF|NZD|SGD|HKD|AED|ZAR|PLN|SEK|NOK|DKK|JPY|MYR|PHP",
        )
    });
    let mut windows: Vec<Range<usize>> = Vec::new();
    for sign in SIGNS.find_iter(text) {
        let start = (sign.start().saturating_sub(30)..=sign.start())
            .find(|&at| text.is_char_boundary(at))
            .unwrap_or(sign.start());
        let end = (sign.end()..=(sign.end() + 60).min(text.len()))
            .rev()
            .find(|&at| text.is_char_boundary(at))
            .unwrap_or(sign.end());
        match windows.last_mut() {
            Some(last) if last.end >= start => last.end = end,
            _ => windows.push(start..end),
        }
    }
    windows
}

fn sums_in(pattern: &Regex, text: &str, window: Range<usize>) -> Vec<Sum> {
    let mut found = Vec::new();
    let mut at = window.start;
    while let Some(sum) = pattern.captures_at(&text[..window.end], at) {
        let (Some(whole), Some(first)) = (sum.get(0), sum.name("n1")) else { break };
        at = whole.end().max(at + 1);
        let one = |name: &str| sum.name(name);
        let marked = ["c1", "c2", "k1", "k2"].iter().find_map(|name| one(name));
        let starts_clean = one("c1").is_some()
            || !text[..first.start()]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ',' | '-' | '/' | '#' | '+'));
        let suffixed = one("s1").or(one("s2"));
        if !starts_clean || !(marked.is_some() || suffixed.is_some() || first.as_str().contains([',', ' '])) {
            at = first.end();
            continue;
        }
        found.extend(read(text, whole.range(), first, &one));
    }
    found
}

fn read<'t>(
    text: &str,
    whole: Range<usize>,
    first: Match<'t>,
    one: &impl Fn(&str) -> Option<Match<'t>>,
) -> Option<Sum> {
    let lower = |name: &str| one(name).map(|part| part.as_str().trim().to_lowercase());
    let currency = ["c1", "k1", "c2", "k2"]
        .iter()
        .filter_map(|name| one(name))
        .map(|sign| iso(sign.as_str()))
        .reduce(|a, b| if a == "$" { b } else { a });
    let (s1, s2) = (lower("s1"), lower("s2"));
    let mut end = whole.end;
    let mut low = amount(first.as_str(), s1.as_deref().or(s2.as_deref()))?;
    let mut high = one("n2").and_then(|second| amount(second.as_str(), s2.as_deref().or(s1.as_deref())));
    // "60,000 and 3 weeks": the second number belongs to something else.
    let alien = high.is_some_and(|high| high < low || (high > low * 12.0))
        || (one("n2").is_some()
            && one("c1").is_some()
            && one("c2").is_none()
            && counts_something(&text[end..]));
    if alien && one("n2").is_some() {
        let plain = amount(first.as_str(), s1.as_deref())?;
        if s1.is_none() && s2.is_some() && high.is_some_and(|high| plain < high) && plain > 999.0 {
            low = plain;
        } else {
            low = plain;
            high = None;
            end = ["p1", "k1", "s1"].iter().find_map(|name| one(name)).map_or(first.end(), |part| part.end());
        }
    }
    let unit = high.map_or(&s1, |_| if s2.is_some() { &s2 } else { &s1 }).clone().unwrap_or_default();
    // "401k plans"
    let plan = currency.is_none() && ["401", "403", "457"].contains(&first.as_str());
    let huge = plan
        || ["m", "mm", "mn", "mil", "million", "b", "bn", "billion", "trillion"].contains(&unit.as_str());
    let lakhs =
        ["l", "lakh", "lakhs", "lac", "lacs", "lpa", "cr", "crore", "crores"].contains(&unit.as_str());
    let (behind, period) = period_behind(&text[end..]);
    let inner = one("p1").and_then(|part| period_behind(part.as_str()).1);
    let (end, period) = match period {
        Some(period) => (end + behind, Some(period)),
        None => (end, inner),
    };
    let period = period.or_else(|| (unit == "lpa").then_some(PayPeriod::Year));
    let mut start = whole.start;
    start += text[start..].len() - text[start..].trim_start().len();
    let open = one("plus").is_some() || text[end..].trim_start().to_lowercase().starts_with("and up");
    let (min, max) = match high {
        Some(high) => (Some(low), Some(high)),
        None => bounds(&text[..start], low, open),
    };
    let grouped = first.as_str().contains([',', ' ']) && low >= 1000.0 || unit == "k";
    let currency = currency.or(lakhs.then_some("INR"));
    Some(Sum { range: start..end, min, max, currency, period, huge, grouped, lakhs })
}

/// Whether the words behind a number say that it counts something else than money.
fn counts_something(behind: &str) -> bool {
    static COUNTS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)^\s?(?:\+|%|weeks?|days?|hours?\b|years?|months?|employees|people|vacation|bonus)")
    });
    COUNTS.is_match(behind)
}

/// Lower and upper bound of a lone sum: "up to $50", "from $20", "$25".
fn bounds(before: &str, sum: f64, open: bool) -> (Option<f64>, Option<f64>) {
    static UP_TO: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:\bup to|\bupto|\bmax(?:imum)?(?: of)?|\bas high as)[ :]*$"));
    static FROM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\bfrom|\bstart(?:ing|s)?(?: at| from| salary)?|\bmin(?:imum)?(?: of)?|\bat least|\bover|\bmore than)[ :]*$",
        )
    });
    let mut start = before.len().saturating_sub(24);
    while !before.is_char_boundary(start) {
        start += 1;
    }
    let near = &before[start..];
    if UP_TO.is_match(near) {
        (None, Some(sum))
    } else if open || FROM.is_match(near) {
        (Some(sum), None)
    } else {
        (Some(sum), Some(sum))
    }
}

/// The period right behind a sum, and where its words end.
fn period_behind(behind: &str) -> (usize, Option<PayPeriod>) {
    static PERIOD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\s?\+)?(?:[\s,(-]{0,2}(?:USD|CAD|CDN|AUD|GBP|EUR|INR|gross|base|basic|dollars?)\b)?[\s,(]{0,2}(?:/\s?|per\s|an?\s|each\s|p\.?\s?(?:h|a|m|d)\b|\bp/?(?:h|a|m|d)\b|-\s?|)(?P<unit>hourly|hour(?-i:s)?|hr(?-i:s)?|h\b|yearly|year(?-i:s)?|yr(?-i:s)?|annum|annually|annual|monthly|month(?-i:s)?|mth|mo\b|weekly|week(?-i:s)?|wk|daily|day(?-i:s)?|diem)",
        )
    });
    static SHORT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"^\s?\(?(?:(?P<year>(?i:p\.?a\b\.?|lpa\b))|(?P<hour>(?i:p\.?h\b|/h\b))|(?P<month>(?i:p\.?m\b))|(?P<day>(?i:p\.?d\b)))",
        )
    });
    if let Some(short) = SHORT.captures(behind) {
        let end = short.get(0).map_or(0, |whole| whole.end());
        let after = behind[end..].chars().next();
        let period = [
            ("year", PayPeriod::Year),
            ("hour", PayPeriod::Hour),
            ("month", PayPeriod::Month),
            ("day", PayPeriod::Day),
        ]
        .into_iter()
        .find(|(name, _)| short.name(name).is_some())
        .map(|(_, period)| period);
        if !after.is_some_and(char::is_alphanumeric) {
            return (end, period);
        }
    }
    let Some(found) = PERIOD.captures(behind) else { return (0, None) };
    let Some(unit) = found.name("unit") else { return (0, None) };
    // "per yearSchedule": a capital begins a new line whose break was lost.
    if behind[unit.end()..].starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()) {
        return (0, None);
    }
    // "$5,000 days": a bare plural is no period.
    let words = &found[0];
    let led = words.contains('/')
        || words.to_lowercase().contains("per")
        || words.to_lowercase().contains(" a")
        || words.contains('-');
    let adverb = unit.as_str().to_lowercase().ends_with("ly")
        || ["annual", "hr", "yr"].contains(&unit.as_str().to_lowercase().as_str());
    if !(led || adverb) {
        return (0, None);
    }
    (unit.end(), period_of(unit.as_str()))
}

fn period_of(unit: &str) -> Option<PayPeriod> {
    let unit = unit.to_lowercase();
    Some(match unit.get(..1)? {
        "h" => PayPeriod::Hour,
        "y" | "a" => PayPeriod::Year,
        "m" => PayPeriod::Month,
        "w" => PayPeriod::Week,
        _ => PayPeriod::Day,
    })
}

/// The period in the words before a sum: "hourly rate: $25", "annual salary of $60,000".
pub(super) fn period_before(clause: &str) -> Option<PayPeriod> {
    static PERIOD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(hourly|per hour|/hr|annual(?:ized)?|annually|yearly|per annum|per year|monthly|per month|weekly|per week|daily|day rate|per day)\b",
        )
    });
    let found = PERIOD.find_iter(clause).last()?;
    let word = found.as_str().to_lowercase();
    let word = word.trim_start_matches("per ").trim_start_matches('/');
    period_of(word)
}

/// The ISO code of a currency's sign.
fn iso(sign: &str) -> &'static str {
    let sign = sign.trim().trim_matches(['(', ')', ' ', '.']);
    match sign {
        "$" => "$",
        "£" => "GBP",
        "€" => "EUR",
        "¥" => "JPY",
        _ if sign.starts_with("Rs") || sign.starts_with("INR") || sign.starts_with('₹') => "INR",
        _ if sign.starts_with("US") || sign.starts_with("U.S") || sign.ends_with("USD") => "USD",
        _ if sign.starts_with("CA")
            || sign.starts_with("C$")
            || sign.starts_with("CDN")
            || sign.ends_with("CAD")
            || sign.ends_with("CDN") =>
        {
            "CAD"
        }
        _ if sign.starts_with('A') && sign != "AED" || sign.ends_with("AUD") => "AUD",
        _ if sign.starts_with("NZ") => "NZD",
        _ if sign.starts_with("S$") || sign.starts_with("SGD") => "SGD",
        _ if sign.starts_with("HK") => "HKD",
        _ if sign.starts_with("GBP") => "GBP",
        _ if sign.starts_with("EUR") => "EUR",
        "CHF" => "CHF",
        "AED" => "AED",
        "ZAR" => "ZAR",
        "PLN" => "PLN",
        "SEK" => "SEK",
        "NOK" => "NOK",
        "DKK" => "DKK",
        "JPY" => "JPY",
        "MYR" => "MYR",
        "PHP" => "PHP",
        _ => "$",
    }
}

/// The value of a number with its suffix: "60,000", "60.000", "8,00,000", "45k", "12 lakhs".
fn amount(number: &str, suffix: Option<&str>) -> Option<f64> {
    let plain: String = number.chars().filter(|c| !matches!(c, ' ' | '\'' | '’')).collect();
    let last = plain.rfind([',', '.']);
    let decimals = last.map_or(0, |at| plain.len() - at - 1);
    let kinds = usize::from(plain.contains(',')) + usize::from(plain.contains('.'));
    let marks = plain.matches([',', '.']).count();
    let fraction = match (kinds, decimals) {
        (0, _) | (_, 3) => None,
        // "60,000.50" and "60.000,50": the last mark is the decimal one.
        (2, _) => last,
        (_, 1 | 2) if marks == 1 => last,
        _ => None,
    };
    let whole: String =
        plain[..fraction.unwrap_or(plain.len())].chars().filter(char::is_ascii_digit).collect();
    let rest = fraction.map_or("", |at| &plain[at + 1..]);
    let value: f64 =
        if rest.is_empty() { whole.parse().ok()? } else { format!("{whole}.{rest}").parse().ok()? };
    let factor = match suffix {
        Some("k" | "thousand") if value < 1000.0 => 1_000.0,
        Some("l" | "lakh" | "lakhs" | "lac" | "lacs" | "lpa") => 100_000.0,
        Some("cr" | "crore" | "crores") => 10_000_000.0,
        _ => 1.0,
    };
    Some(value * factor)
}
