use text::read::{Hints, JobPosting};

use super::read;
use crate::fields::sample::{REFERENCE, hinted, posting};

type Expected<'a> = (Option<f32>, Option<f32>, Option<&'a str>, bool);

fn check(text: &str, expected: &[Expected<'_>]) {
    let found = posting(text, read);
    let values: Vec<Expected<'_>> = found
        .iter()
        .map(|stated| {
            (stated.value.min, stated.value.max, stated.value.scope.as_deref(), stated.value.primary)
        })
        .collect();
    assert_eq!(values, expected, "{text}");
    assert!(found.is_empty() || found.iter().filter(|stated| stated.value.primary).count() == 1, "{text}");
    let scalars: Vec<char> = text::normalise(text).0.chars().collect();
    for span in found.iter().flat_map(|stated| stated.evidence.spans()) {
        assert_eq!(scalars[span.start as usize..span.end as usize].iter().collect::<String>(), span.quote);
    }
}

#[test]
fn the_reference_asks_for_seven_years_of_coding() {
    check(REFERENCE, &[(Some(7.0), None, Some("technical engineering experience with coding"), true)]);
}

#[test]
fn a_clause_says_of_what() {
    check(
        "Requirements:\n- 5+ years of experience in software development",
        &[(Some(5.0), None, Some("experience in software development"), true)],
    );
    check("Requirements:\n- Minimum of 2 years experience", &[(Some(2.0), None, None, true)]);
    check(
        "Requirements:\n- Three (3) years in retail sales, including shifts",
        &[(Some(3.0), None, Some("in retail sales"), true)],
    );
    check(
        "Requirements:\n- 18 months of teaching experience",
        &[(Some(1.5), None, Some("teaching experience"), true)],
    );
    check("Requirements:\n- 3-5 yrs managing teams", &[(Some(3.0), Some(5.0), Some("managing teams"), true)]);
    check(
        "Requirements:\n- Up to 4 years' relevant experience",
        &[(None, Some(4.0), Some("relevant experience"), true)],
    );
    check(
        "Experience:\nAdministrative: 2 years (Preferred)",
        &[(Some(2.0), None, Some("Administrative"), true)],
    );
}

#[test]
fn the_overall_requirement_is_primary() {
    check(
        "Requirements:\n- 3 years of experience with Kafka\n- 6 years of professional experience\n- 1 year with Terraform",
        &[
            (Some(3.0), None, Some("experience with Kafka"), false),
            (Some(6.0), None, Some("professional experience"), true),
            (Some(1.0), None, Some("with Terraform"), false),
        ],
    );
    check(
        "Requirements:\n- 5 years of software engineering experience\n- 8 years of software engineering experience preferred",
        &[
            (Some(5.0), None, Some("software engineering experience"), true),
            (Some(8.0), None, Some("software engineering experience"), false),
        ],
    );
}

#[test]
fn other_years_are_no_experience() {
    for text in [
        "Requirements:\n- Must be at least 18 years of age",
        "Requirements:\n- 18 years or older",
        "About us\nFounded 10 years ago, we have over 25 years of experience in steel.",
        "Overview\nWith over 20 years of experience, we serve farms.",
        "Benefits:\n- Three weeks of vacation after 2 years",
        "Requirements:\n- Four year degree in law",
        "Requirements:\n- Clean driving record for the past 3 years",
        "Employment: a 2 year contract",
        "Responsibilities:\n- Define the 3-year roadmap",
        "Responsibilities:\n- Support products with a 5 year warranty",
        "Equal opportunity\nWe consider everybody without regard to age, 40 years or older, or race.",
    ] {
        check(text, &[]);
    }
}

#[test]
fn the_page_may_know_the_months() {
    let json_ld = Some(JobPosting { months_of_experience: Some(30), ..JobPosting::default() });
    let found = hinted("Come and work with us.", &Hints { json_ld, ..Hints::default() }, read);
    assert_eq!((found.len(), found[0].value.min, found[0].value.primary), (1, Some(2.5), true));
}
