use super::*;

fn check_sentence(words: &str, expected: Option<&str>) {
    assert_eq!(in_sentence(words, 0, words.len()).map(|range| &words[range]), expected, "{words}");
}

fn check_line(words: &str, expected: &str) {
    assert_eq!(
        in_line(words, 0..words.len(), Some("Harbour Tools")).map(|range| &words[range]),
        Some(expected),
        "{words}"
    );
}

#[test]
fn a_name_in_a_sentence_is_cut_out_of_its_praise() {
    check_sentence(
        "highly motivated, experienced Senior Boat Designer to join us",
        Some("Senior Boat Designer"),
    );
    check_sentence("passionate data engineer with a mind for ships", Some("data engineer"));
    check_sentence("Director of Harbour Operations in Leith", Some("Director of Harbour Operations"));
    check_sentence("Rust Engineers.You will", Some("Rust Engineer"));
    check_sentence("Software Engineer II, based here", Some("Software Engineer II"));
}

#[test]
fn people_and_virtues_are_no_titles() {
    check_sentence("motivated individual to join our engineering team", None);
    check_sentence("leader in marine tools", None);
    check_sentence("great place for engineering", None);
}

#[test]
fn a_line_loses_ids_places_terms_and_the_company() {
    check_line("REQ-12345: Senior Rust Engineer - Remote (m/f/d)", "Senior Rust Engineer");
    check_line("Data Analyst, Reno, NV", "Data Analyst");
    check_line("Night Auditor | Harbour Tools | Galway, Ireland", "Night Auditor");
    check_line("Hiring: Machinist (Full-time) 204518", "Machinist");
    check_line("Account Executive - Public Sector", "Account Executive - Public Sector");
    check_line("Remote Sensing Scientist", "Remote Sensing Scientist");
}
