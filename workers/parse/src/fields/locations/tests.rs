use super::*;
use crate::fields::sample::{REFERENCE, hinted, posting};
use text::read::Hints;

fn check(input: &str, expected: &[&str]) {
    posting(input, |posting| {
        let found: Vec<String> =
            read(posting, &Labels::of(posting)).into_iter().map(|location| location.value.raw).collect();
        assert_eq!(found, expected, "{input}");
    });
}

#[test]
fn places_are_read_behind_labels_and_in_headers() {
    check(
        "Night Auditor\nHarbour Hotels, Galway, Ireland\n\nResponsibilities\nCount money",
        &["Galway, Ireland"],
    );
    check(
        "Position: Data Modeler Location: Reno, NV or Boise, ID Duration: 6 months",
        &["Reno, NV", "Boise, ID"],
    );
    check("Welder - Halifax, NS\nWe weld.", &["Halifax, NS"]);
}

#[test]
fn a_sentence_about_the_job_may_name_its_place() {
    check(
        "About the role\nWe are looking for a nurse to join us in Calgary, Alberta.",
        &["Calgary, Alberta"],
    );
    check("About the role\nThis position is based in our Pune or Chennai offices.", &["Pune", "Chennai"]);
    check("About the role\nThis role is remote within the United States.", &["United States"]);
}

#[test]
fn the_globe_and_the_companys_offices_are_no_places_of_work() {
    check(REFERENCE, &[]);
    check("About us\nHeadquartered in Paris, we have offices in Tokyo, Seoul and Lima.", &[]);
    check("About the role\nYou must be legally authorized to work in the United States.", &[]);
    check("About the role\nWe are hiring for a role in Mobile development.", &[]);
}

#[test]
fn a_given_place_is_taken_as_it_is() {
    let hints = Hints { location: Some("Zürich, Switzerland".to_owned()), ..Hints::default() };
    hinted("Analyst wanted", &hints, |posting| {
        let found = read(posting, &Labels::of(posting));
        assert_eq!(found[0].value.country.as_deref(), Some("Switzerland"));
        assert!(matches!(found[0].evidence, Evidence::Given { .. }));
    });
}
