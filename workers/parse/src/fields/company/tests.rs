use super::*;
use crate::fields::sample::{LIBRARY, REFERENCE, posting};

fn check(input: &str, expected: Option<&str>) {
    posting(input, |posting| {
        let company = name(posting, &LIBRARY, &Labels::of(posting)).map(|company| company.value);
        assert_eq!(company.as_deref(), expected, "{input}");
    });
}

#[test]
fn a_company_is_named_where_it_speaks_of_itself() {
    check(REFERENCE, Some("Microsoft"));
    check("About Harbour Tools\nWe make tools for yards.", Some("Harbour Tools"));
    check("Harbour Tools, Inc. is seeking a welder.", Some("Harbour Tools, Inc."));
    check("Welder\nHarbour Tools - Reno, NV\nWeld things.", Some("Harbour Tools"));
    check("Weld for us. Harbour Tools is an equal opportunity employer.", Some("Harbour Tools"));
    check("Company: Harbour Tools\nJob Title: Welder", Some("Harbour Tools"));
}

#[test]
fn products_clients_and_we_are_no_company() {
    check("Requirements\n- Experience with Salesforce and Oracle\n- Two years at sea", None);
    check("Our client, Harbour Tools, is looking for a welder.", None);
    check(
        "We are looking for a welder. The company is growing. This is an equal opportunity employer.",
        None,
    );
}
