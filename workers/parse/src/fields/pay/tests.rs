use contract::PayPeriod::{Day, Hour, Month, Year};
use contract::{Evidence, PayPeriod, Salary};
use text::read::{BaseSalary, Hints, JobPosting};

use super::salary;
use crate::fields::sample::{hinted, posting};

type Expected<'a> = (Option<f64>, Option<f64>, Option<&'a str>, Option<PayPeriod>, &'a str);

fn check(text: &str, expected: Option<Expected<'_>>) {
    let found = posting(text, salary);
    let value = found.as_ref().map(|stated| {
        let Salary { min, max, currency, period, raw, disclosed } = &stated.value;
        assert!(*disclosed, "{text}");
        (*min, *max, currency.as_deref(), *period, raw.as_str())
    });
    assert_eq!(value, expected, "{text}");
    let scalars: Vec<char> = text::normalise(text).0.chars().collect();
    for span in found.iter().flat_map(|stated| stated.evidence.spans()) {
        assert_eq!(scalars[span.start as usize..span.end as usize].iter().collect::<String>(), span.quote);
    }
}

fn range<'a>(min: f64, max: f64, currency: &'a str, period: PayPeriod, raw: &'a str) -> Option<Expected<'a>> {
    Some((Some(min), Some(max), Some(currency), Some(period), raw))
}

#[test]
fn dollars_by_the_year_and_the_hour() {
    check(
        "Job Type: Full-timeSalary: $60,000-$70,000 per yearSchedule: Monday to Friday",
        range(60_000.0, 70_000.0, "USD", Year, "$60,000-$70,000 per year"),
    );
    check("Pay: $25/hr", range(25.0, 25.0, "USD", Hour, "$25/hr"));
    check("Salary: $22.50 to $27.75 per hour", range(22.5, 27.75, "USD", Hour, "$22.50 to $27.75 per hour"));
    check(
        "The base salary range is $90k - $120k annually.",
        range(90_000.0, 120_000.0, "USD", Year, "$90k - $120k annually"),
    );
    check("Salary: $60-70k", range(60_000.0, 70_000.0, "USD", Year, "$60-70k"));
    check("Rate of pay: $31.10/Hourly", range(31.1, 31.1, "USD", Hour, "$31.10/Hourly"));
    check(
        "Salary: $80,000.00 - $95,000.00 /year",
        range(80_000.0, 95_000.0, "USD", Year, "$80,000.00 - $95,000.00 /year"),
    );
}

#[test]
fn bounds_that_stand_alone() {
    check("Salary: up to $50 per hour", Some((None, Some(50.0), Some("USD"), Some(Hour), "$50 per hour")));
    check(
        "Wages starting at $19.00 an hour",
        Some((Some(19.0), None, Some("USD"), Some(Hour), "$19.00 an hour")),
    );
    check(
        "Salary: $85,000+ per year",
        Some((Some(85_000.0), None, Some("USD"), Some(Year), "$85,000+ per year")),
    );
}

#[test]
fn a_dollar_is_the_one_of_the_place() {
    check(
        "Toronto, ON. Salary: $70,000 per year",
        range(70_000.0, 70_000.0, "CAD", Year, "$70,000 per year"),
    );
    check("Austin, TX. Salary: $70,000 per year", range(70_000.0, 70_000.0, "USD", Year, "$70,000 per year"));
    check("Salary: CAD 70,000 per year", range(70_000.0, 70_000.0, "CAD", Year, "CAD 70,000 per year"));
    check("Salary: A$110,000 per annum", range(110_000.0, 110_000.0, "AUD", Year, "A$110,000 per annum"));
    check("Salary: $70,000 CAD per year", range(70_000.0, 70_000.0, "CAD", Year, "$70,000 CAD per year"));
    let hints = Hints { location: Some("Vancouver, BC".to_owned()), ..Hints::default() };
    let found = hinted("Salary: $30 per hour", &hints, salary).unwrap();
    assert_eq!(found.value.currency.as_deref(), Some("CAD"));
}

#[test]
fn other_currencies_and_ways_to_write_a_number() {
    check("Salary £45k - £55k per annum", range(45_000.0, 55_000.0, "GBP", Year, "£45k - £55k per annum"));
    check("Salary: €50.000 per year", range(50_000.0, 50_000.0, "EUR", Year, "€50.000 per year"));
    check("Salary: 50.000 € per year", range(50_000.0, 50_000.0, "EUR", Year, "50.000 € per year"));
    check("Day rate: £450 per day", range(450.0, 450.0, "GBP", Day, "£450 per day"));
    check("CTC: INR 12-15 LPA", range(1_200_000.0, 1_500_000.0, "INR", Year, "INR 12-15 LPA"));
    check("Salary: ₹8,00,000 per annum", range(800_000.0, 800_000.0, "INR", Year, "₹8,00,000 per annum"));
    check("Salary: Rs. 40,000 per month", range(40_000.0, 40_000.0, "INR", Month, "Rs. 40,000 per month"));
    check("CTC: 6 to 9 lakhs per annum", range(600_000.0, 900_000.0, "INR", Year, "6 to 9 lakhs per annum"));
}

#[test]
fn other_sums_are_no_pay() {
    for text in [
        "We offer a 401(k) with a match of up to $5,000 per year.",
        "A $5B revenue company with 20,000 people.",
        "Manage a budget of $250,000 per year.",
        "Referral bonus of $1,500 for each hire.",
        "Sign-on bonus: $10,000",
        "We raised $40 million in funding.",
        "Own a sales quota of $1.2M per year.",
        "Tuition reimbursement up to $5,250 per year.",
        "Founded in 2010, we serve 10,000 customers.",
        "Projects worth $50,000 to $100,000",
        "Call 555 1234 between 9 and 5.",
        "Java 11 and 5 years of experience",
        "Total compensation with medical benefits, 401k plans and training",
    ] {
        check(text, None);
    }
}

#[test]
fn pay_that_is_spoken_of_and_not_named() {
    for (text, raw) in [
        ("What we offer\nCompetitive salary and benefits", "Competitive salary"),
        ("Salary: commensurate with experience", "Salary: commensurate with experience"),
        ("What we offer\nA highly competitive base salary.", "highly competitive base salary"),
        ("Compensation: to be discussed", "Compensation: to be discussed"),
    ] {
        let found = posting(text, salary).unwrap();
        assert_eq!((found.value.raw.as_str(), found.value.disclosed, found.value.min), (raw, false, None));
    }
    check("Responsibilities:\n- Benchmark competitive salaries", None);
    check("Senior Engineer wanted.", None);
}

#[test]
fn the_page_knows_its_salary() {
    let base = BaseSalary {
        currency: Some("EUR".to_owned()),
        min: Some(40_000.0),
        max: Some(48_000.0),
        unit: Some("YEAR".to_owned()),
    };
    let json_ld = Some(JobPosting { base_salary: Some(base), ..JobPosting::default() });
    let hints = Hints { json_ld, ..Hints::default() };
    let found = hinted("Salary: €40,000 - €48,000 per year", &hints, salary).unwrap();
    assert_eq!(
        (found.value.min, found.value.max, found.value.period),
        (Some(40_000.0), Some(48_000.0), Some(Year))
    );
    assert!(matches!(&found.evidence, Evidence::Given { spans } if spans.len() == 1));
    let found = hinted("Work with us.", &hints, salary).unwrap();
    assert!(matches!(&found.evidence, Evidence::Given { spans } if spans.is_empty()));
}
