use super::*;
use crate::fields::sample::{REFERENCE, posting};
use crate::fields::{experience, title};

fn check(input: &str, expected: Option<(Option<Level>, Option<Track>, Option<bool>)>) {
    posting(input, |posting| {
        let labels = Labels::of(posting);
        let titles = title::read(posting, &labels, None);
        let found =
            read(posting, &labels, titles.first(), &experience::read(posting)).map(|stated| stated.value);
        assert_eq!(found.map(|found| (found.level, found.track, found.manages_people)), expected, "{input}");
    });
}

#[test]
fn years_and_guidance_speak_where_no_title_is_printed() {
    check(REFERENCE, Some((Some(Level::Senior), Some(Track::IndividualContributor), Some(false))));
}

#[test]
fn a_titles_words_name_the_level() {
    check(
        "Sr. Boat Designer\nDraw boats.",
        Some((Some(Level::Senior), Some(Track::IndividualContributor), None)),
    );
    check(
        "Staff Software Engineer\nWrite code.",
        Some((Some(Level::Staff), Some(Track::IndividualContributor), None)),
    );
    check("Product Manager\nOwn the product.", Some((None, Some(Track::IndividualContributor), None)));
    check("Director of Finance\nPlan the budget.", Some((Some(Level::Director), Some(Track::Manager), None)));
    check("Executive Assistant\nSupport the board.", Some((None, Some(Track::IndividualContributor), None)));
}

#[test]
fn people_management_is_said_and_not_guessed() {
    check(
        "Yard Engineer\n\nResponsibilities\n- Manage a team of six welders\n- Keep the yard safe",
        Some((None, Some(Track::Manager), Some(true))),
    );
    check(
        "Yard Engineer\n\nResponsibilities\n- Work under supervision\n- This position has no direct reports",
        Some((None, Some(Track::IndividualContributor), Some(false))),
    );
    check(
        "Yard Engineer\n\nResponsibilities\n- Mentor team members\n- Keep the yard safe",
        Some((None, Some(Track::IndividualContributor), Some(false))),
    );
}
