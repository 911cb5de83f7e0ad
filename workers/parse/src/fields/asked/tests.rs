use super::*;
use crate::fields::sample::{LIBRARY, posting};
use contract::{DegreeLevel, EmploymentType, WorkPlace};

/// The fields of a posting, with one more that is said to stand in a quote; whether it was taken.
fn filled(input: &str, open: Open, value: &str, quote: &str) -> (bool, Fields) {
    posting(input, |posting| {
        let mut fields = crate::fields::read(posting, &LIBRARY);
        let place = |words: &str| posting.str().find(words).map(|at| at..at + words.len());
        let quote = place(quote).unwrap();
        let value_at = posting.str()[quote.clone()]
            .find(value)
            .map(|at| quote.start + at..quote.start + at + value.len());
        let taken = fill(posting, &LIBRARY, &mut fields, open, value, value_at, quote);
        settle(posting, &LIBRARY, &mut fields, &[open]);
        (taken, fields)
    })
}

#[track_caller]
fn refused(input: &str, open: Open, value: &str, quote: &str) {
    let (taken, fields) = filled(input, open, value, quote);
    assert!(!taken, "{value} was taken for {open:?} from {quote}: {fields:?}");
    posting(input, |posting| assert_eq!(fields, crate::fields::read(posting, &LIBRARY)));
}

#[test]
fn a_title_is_one_that_reads_like_a_title_of_this_job() {
    let input = "Responsibilities\n- Be the Harbour Logistics Planner that our port lacks\n- You report to the Port Director and work with our Data Engineer";
    let (taken, fields) = filled(
        input,
        Open::Title,
        "Harbour Logistics Planner",
        "Be the Harbour Logistics Planner that our port lacks",
    );
    assert!(taken);
    let title = fields.title.unwrap();
    assert_eq!((title.value.as_str(), title.evidence.spans().len()), ("Harbour Logistics Planner", 1));
    refused(input, Open::Title, "Port Director", "You report to the Port Director");
    refused(input, Open::Title, "Data Engineer", "work with our Data Engineer");
    refused(input, Open::Title, "port", "our port lacks");
    refused(input, Open::Title, "Penetration Tester", "our port lacks");
}

#[test]
fn what_depends_on_a_title_is_read_again() {
    let input = "Responsibilities\n- Be the Senior Harbour Planner that our port lacks";
    let (_, fields) =
        filled(input, Open::Title, "Senior Harbour Planner", "Be the Senior Harbour Planner that");
    assert_eq!(fields.seniority.unwrap().value.level, Some(Level::Senior));
}

#[test]
fn an_employer_is_named_where_it_speaks_of_itself() {
    let input = "About us\nTidewater Tools has three yards, and it all started with Salesforce.\nOur client Initech grows.\n\nRequirements\n- Oracle Tools";
    let (taken, fields) = filled(input, Open::Company, "Tidewater Tools", "Tidewater Tools has three yards");
    assert!(taken, "{fields:?}");
    refused(input, Open::Company, "Salesforce", "it all started with Salesforce");
    refused(input, Open::Company, "Initech", "Our client Initech grows");
    refused(input, Open::Company, "Oracle Tools", "Oracle Tools");
}

#[test]
fn a_word_of_a_closed_vocabulary_is_what_the_lexicon_hears_in_the_quote() {
    let input = "Planner\nYour contract: a full time one, most of it remote.\nPlan ships.";
    let (taken, fields) = filled(input, Open::EmploymentType, "full-time", "a full time one");
    assert!(taken);
    assert_eq!(fields.employment_type.unwrap().value, EmploymentType::FullTime);
    refused(input, Open::EmploymentType, "part_time", "a full time one");
    refused(input, Open::EmploymentType, "full_time", "Plan ships");
    let (taken, fields) = filled(input, Open::WorkMode, "remote", "most of it remote");
    assert!(taken);
    assert_eq!(fields.work_mode.unwrap().value.mode, WorkPlace::Remote);
    refused(input, Open::WorkMode, "hybrid", "most of it remote");
    refused("Planner\nYou lead remote teams.", Open::WorkMode, "remote", "You lead remote teams");
}

#[test]
fn a_level_is_the_jobs_and_not_that_of_those_around_it() {
    let input = "Planner\nThis is a job for a senior who plans alone.\nYou mentor junior planners.";
    let (taken, fields) = filled(input, Open::Seniority, "senior", "a job for a senior who plans alone");
    assert!(taken);
    assert_eq!(fields.seniority.unwrap().value.level, Some(Level::Senior));
    refused(input, Open::Seniority, "junior", "You mentor junior planners");
    refused(input, Open::Seniority, "principal", "a job for a senior who plans alone");
}

#[test]
fn a_place_is_one_that_the_table_knows_and_where_the_job_is() {
    let input =
        "Planner\n\nSchedule\nSome days Galway, Ireland sees us all.\nWe have customers in Oslo, Norway.";
    let (taken, fields) = filled(input, Open::Location, "Galway, Ireland", "Galway, Ireland sees us all");
    assert!(taken, "{fields:?}");
    assert_eq!(fields.locations[0].value.country.as_deref(), Some("Ireland"));
    refused(input, Open::Location, "Oslo, Norway", "customers in Oslo, Norway");
    refused(input, Open::Location, "Some days", "Some days Galway, Ireland");
}

#[test]
fn numbers_stand_in_their_quote_and_count_what_is_asked() {
    let input =
        "Responsibilities\n- Bring 6 years of ships to the quays\n- Look back on our 25 years in business";
    let (taken, fields) = filled(input, Open::Experience, "6", "Bring 6 years of ships");
    assert!(taken);
    assert_eq!((fields.experience[0].value.min, fields.experience[0].value.primary), (Some(6.0), true));
    refused(input, Open::Experience, "9", "Bring 6 years of ships");
    refused(input, Open::Experience, "25", "our 25 years in business");
    let input = "Planner\nOur yards turn over $90,000 a day.\nThe till gives you $60,000 in a year.";
    let (taken, fields) = filled(input, Open::Salary, "60,000", "$60,000 in a year");
    assert!(taken, "{fields:?}");
    assert_eq!(fields.salary.unwrap().value.min, Some(60_000.0));
    refused(input, Open::Salary, "600000", "$60,000 in a year");
}

#[test]
fn a_degree_is_one_that_the_reader_hears_too() {
    let input = "Responsibilities\n- Together with all of us, put to work a bachelor's degree in geography\n- Plan ships";
    let (taken, fields) = filled(input, Open::Education, "bachelor", "a bachelor's degree in geography");
    assert!(taken);
    let degree = &fields.education[0].value;
    assert_eq!(
        (degree.level, degree.fields_of_study.as_slice()),
        (Some(DegreeLevel::Bachelor), &["geography".to_owned()][..])
    );
    refused(input, Open::Education, "master", "a bachelor's degree in geography");
    refused("Planner\nPlan ships.", Open::Education, "master", "Plan ships");
}

#[test]
fn nothing_is_read_from_where_nothing_is_asked() {
    let input = "Planner\n\nBenefits\n- A hybrid bike and a full time cook\n- Senior Planner shirts\n\nEqual opportunity\nAcme hires without regard to race, color or religion in Galway, Ireland.";
    refused(input, Open::WorkMode, "hybrid", "A hybrid bike");
    refused(input, Open::EmploymentType, "full_time", "a full time cook");
    refused(input, Open::Seniority, "senior", "Senior Planner shirts");
    refused(input, Open::Location, "Galway, Ireland", "in Galway, Ireland");
}

#[test]
fn only_what_the_readers_left_is_open() {
    posting("Senior Planner\nLocation: Galway, Ireland\nThis is a fully remote position.", |posting| {
        let open = open(&crate::fields::read(posting, &LIBRARY));
        for closed in [Open::Title, Open::Seniority, Open::Location, Open::WorkMode] {
            assert!(!open.contains(&closed), "{closed:?}");
        }
        assert!(open.contains(&Open::Salary) && open.contains(&Open::Education));
    });
}
