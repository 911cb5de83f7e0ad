use contract::DegreeLevel::{self, Associate, Bachelor, Doctorate, Master, Secondary, Vocational};

use super::degrees;
use crate::fields::sample::{LIBRARY, REFERENCE, posting};

/// Level, subjects, years, or equivalent, preferred.
type Expected<'a> = (Option<DegreeLevel>, &'a [&'a str], Option<f32>, bool, bool);

fn check(text: &str, expected: &[Expected<'_>]) {
    let found = posting(text, |posting| degrees(posting, &LIBRARY));
    assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
    for (stated, &(level, fields, with_years, or_equivalent, preferred)) in found.iter().zip(expected) {
        let value = &stated.value;
        assert_eq!(
            (value.level, value.with_years, value.or_equivalent, value.preferred),
            (level, with_years, or_equivalent, preferred),
            "{text}: {stated:?}"
        );
        assert_eq!(value.fields_of_study, fields, "{text}");
    }
    let scalars: Vec<char> = text::normalise(text).0.chars().collect();
    for span in found.iter().flat_map(|stated| stated.evidence.spans()) {
        assert_eq!(scalars[span.start as usize..span.end as usize].iter().collect::<String>(), span.quote);
    }
}

fn quotes(text: &str) -> Vec<String> {
    let found = posting(text, |posting| degrees(posting, &LIBRARY));
    found.iter().flat_map(|stated| stated.evidence.spans()).map(|span| span.quote.clone()).collect()
}

#[test]
fn the_reference_keeps_its_or_across_bullets() {
    check(
        REFERENCE,
        &[(Some(Bachelor), &["Computer Science", "related technical field"], Some(7.0), true, false)],
    );
    let quotes = quotes(REFERENCE);
    assert!(
        quotes[0].starts_with("Bachelor's Degree") && quotes[0].ends_with("OR equivalent experience"),
        "{quotes:?}"
    );
}

#[test]
fn the_least_degree_counts() {
    check("Requirements:\n- BS/MS/PhD in Physics", &[(Some(Bachelor), &["Physics"], None, false, false)]);
    check(
        "Requirements:\n- B.Tech or M.Tech in Electronics",
        &[(Some(Bachelor), &["Electronics"], None, false, false)],
    );
    check(
        "Requirements:\n- Master's or PhD in Statistics",
        &[(Some(Master), &["Statistics"], None, false, false)],
    );
    check("Requirements:\n- PhD in Chemistry", &[(Some(Doctorate), &["Chemistry"], None, false, false)]);
    check("Requirements:\n- BA/BS degree", &[(Some(Bachelor), &[], None, false, false)]);
}

#[test]
fn schools_and_diplomas() {
    check("Requirements:\n- High school diploma or GED", &[(Some(Secondary), &[], None, false, false)]);
    check(
        "Requirements:\n- Associate degree in Nursing",
        &[(Some(Associate), &["Nursing"], None, false, false)],
    );
    check(
        "Requirements:\n- College diploma in Carpentry",
        &[(Some(Vocational), &["Carpentry"], None, false, false)],
    );
    check("Requirements:\n- University degree in Law", &[(Some(Bachelor), &["Law"], None, false, false)]);
    check(
        "Requirements:\n- Completed Bachelor's degree program",
        &[(Some(Bachelor), &[], None, false, false)],
    );
}

#[test]
fn a_wish_is_its_own_entry() {
    check(
        "Requirements:\n- Bachelor's degree required, Master's degree preferred",
        &[(Some(Bachelor), &[], None, false, false), (Some(Master), &[], None, false, true)],
    );
    check("Requirements:\n- MBA preferred", &[(Some(Master), &[], None, false, true)]);
    check("Preferred qualifications\n- MS in Robotics", &[(Some(Master), &["Robotics"], None, false, true)]);
}

#[test]
fn years_and_substitutes() {
    check(
        "Requirements:\n- Bachelor's degree in Biology or Chemistry and 3 years of lab experience",
        &[(Some(Bachelor), &["Biology", "Chemistry"], Some(3.0), false, false)],
    );
    check(
        "Requirements:\n- Bachelor's degree or 5 years of experience",
        &[(Some(Bachelor), &[], None, true, false)],
    );
    check(
        "Requirements:\n- Degree in Geology, Geography or a related field, or equivalent practical experience",
        &[(None, &["Geology", "Geography", "related field"], None, true, false)],
    );
    check(
        "Requirements:\n- Bachelor's degree AND 4+ years of sales\n- OR Master's degree AND 2+ years of sales\n- OR equivalent experience",
        &[(Some(Bachelor), &[], Some(4.0), true, false), (Some(Master), &[], Some(2.0), true, false)],
    );
}

#[test]
fn other_masters_and_bachelors_are_no_degrees() {
    for text in [
        "Requirements:\n- MS Office and MS SQL",
        "Requirements:\n- Work with the BA team",
        "Requirements:\n- Sales associate background",
        "Requirements:\n- Knowledge of master data management",
        "Requirements:\n- Certified Scrum Master",
        "Requirements:\n- A high degree of accuracy",
        "Responsibilities:\n- Mentor PhD students",
        "About us\nOur founders hold PhDs in Physics.",
        "Benefits:\n- We pay for your Master's degree",
        "Requirements:\n- Be a team player",
        "Requirements:\n- Someone who learns and masters new tools",
    ] {
        check(text, &[]);
    }
}
