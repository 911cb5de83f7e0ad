use super::*;
use crate::fields::sample::{REFERENCE, hinted, posting};
use contract::Evidence;
use text::read::Hints;

fn check(input: &str, expected: &[&str]) {
    posting(input, |posting| {
        let names: Vec<String> =
            read(posting, &Labels::of(posting), None).into_iter().map(|name| name.value).collect();
        assert_eq!(names, expected, "{input}");
    });
}

#[test]
fn a_title_is_printed_in_lines_labels_and_sentences() {
    check("Senior Boat Designer - Remote\n\nResponsibilities\nDesign boats", &["Senior Boat Designer"]);
    check("Position: Data Modeler Location: Reno, NV Duration: 6 months", &["Data Modeler"]);
    check("Harbour Tools is looking for a friendly Night Auditor to join our hotel.", &["Night Auditor"]);
    check("About us\nWe make tools. As a Tool Designer you will draw new ones.", &["Tool Designer"]);
    check("Sail MakerWe sew sails for boats of all sizes. You will run Sail Technician shifts.", &[]);
    check("Sail TechnicianWe sew sails for boats of all sizes.", &["Sail Technician"]);
}

#[test]
fn other_names_of_the_job_follow_its_title() {
    check(
        "Job Title: Boat Designer\nWe are hiring a Naval Architect to draw ferries.",
        &["Boat Designer", "Naval Architect"],
    );
}

#[test]
fn a_bullets_word_is_no_title() {
    check(REFERENCE, &[]);
    check("Responsibilities\n• Engineering Excellence: Work with the Product Manager.", &[]);
    check("Please contact the hiring manager with questions.", &[]);
}

#[test]
fn a_given_title_goes_first_and_is_found_in_the_text() {
    let hints = Hints { title: Some("Boat Designer".to_owned()), ..Hints::default() };
    hinted("We want a boat designer.", &hints, |posting| {
        let names = read(posting, &Labels::of(posting), None);
        assert!(matches!(&names[0].evidence, Evidence::Given { spans } if spans[0].quote == "boat designer"));
    });
}
