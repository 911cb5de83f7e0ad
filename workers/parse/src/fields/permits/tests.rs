use contract::VisaKind::{
    self, BackgroundCheck, Citizenship, SecurityClearance, Sponsorship, WorkAuthorization,
};

use super::{travel, visa_clearance};
use crate::fields::sample::posting;

fn check(text: &str, expected: &[(VisaKind, bool)]) {
    let found = posting(text, visa_clearance);
    let values: Vec<(VisaKind, bool)> =
        found.iter().map(|stated| (stated.value.kind, stated.value.affirmed)).collect();
    assert_eq!(values, expected, "{text}");
    let scalars: Vec<char> = text::normalise(text).0.chars().collect();
    for stated in &found {
        for span in stated.evidence.spans() {
            let quote: String = scalars[span.start as usize..span.end as usize].iter().collect();
            assert_eq!((&quote, &quote), (&span.quote, &stated.value.statement));
        }
    }
}

fn check_travel(text: &str, expected: Option<(bool, Option<u8>)>) {
    let found = posting(text, travel);
    assert_eq!(
        found.as_ref().map(|stated| (stated.value.required, stated.value.percent)),
        expected,
        "{text}"
    );
    let scalars: Vec<char> = text::normalise(text).0.chars().collect();
    for span in found.iter().flat_map(|stated| stated.evidence.spans()) {
        assert_eq!(scalars[span.start as usize..span.end as usize].iter().collect::<String>(), span.quote);
    }
}

#[test]
fn sponsorship_is_offered_or_ruled_out() {
    check("Requirements:\n- Visa sponsorship is available", &[(Sponsorship, true)]);
    check("Requirements:\n- We are unable to sponsor H1B candidates", &[(Sponsorship, false)]);
    check("Requirements:\n- No sponsorship", &[(Sponsorship, false)]);
    check("Requirements:\n- We sponsor work visas, but there is no help with moving", &[(Sponsorship, true)]);
}

#[test]
fn permits_citizenship_and_clearances() {
    check("Requirements:\n- Must be authorized to work in the US", &[(WorkAuthorization, true)]);
    check("Requirements:\n- Valid work permit required", &[(WorkAuthorization, true)]);
    check("Requirements:\n- Must be a U.S. citizen", &[(Citizenship, true)]);
    check("Requirements:\n- Active Secret clearance", &[(SecurityClearance, true)]);
    check("Requirements:\n- TS/SCI with polygraph", &[(SecurityClearance, true)]);
    check("Requirements:\n- No security clearance required", &[(SecurityClearance, false)]);
}

#[test]
fn checks_are_the_candidate_s_not_the_work() {
    check("Requirements:\n- Must pass a background check and drug screen", &[(BackgroundCheck, true)]);
    check("Requirements:\n- Clear criminal record check", &[(BackgroundCheck, true)]);
    check("Responsibilities:\n- Conduct background checks for new tenants", &[]);
}

#[test]
fn end_matter_asks_for_nothing() {
    check(
        "Equal opportunity\nWe hire without regard to race, color, religion, citizenship status or veteran status.",
        &[],
    );
    check("Requirements:\n- Work with the project sponsor", &[]);
    check("Requirements:\n- Customs clearance paperwork", &[]);
}

#[test]
fn travel_has_a_share() {
    check_travel("Requirements:\n- Up to 50% travel", Some((true, Some(50))));
    check_travel("Requirements:\n- Willing to travel 10-25% of the time", Some((true, Some(25))));
    check_travel("Requirements:\n- Ability to travel to customer sites", Some((true, None)));
    check_travel("Requirements:\n- Occasional travel may be required", Some((true, None)));
    check_travel("Requirements:\n- Travel: 30 percent", Some((true, Some(30))));
}

#[test]
fn no_travel_is_said_too() {
    check_travel("Requirements:\n- No travel", Some((false, None)));
    check_travel("Requirements:\n- Travel is not required", Some((false, None)));
}

#[test]
fn other_travel_is_not_the_job_s() {
    check_travel("Responsibilities:\n- Book travel for executives", None);
    check_travel("About us\nWe travel far to make customers happy, 100% of the time.", None);
    check_travel("Requirements:\n- Background in the travel industry", None);
    check_travel("Responsibilities:\n- Coordinate travel arrangements and meetings", None);
    check_travel("Benefits:\n- Travel allowance", None);
}
