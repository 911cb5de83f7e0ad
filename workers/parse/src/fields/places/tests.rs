use super::*;

fn check(input: &str, lenient: bool, expected: &[(&str, &str, &str, &str)]) {
    let found: Vec<(String, String, String, String)> = find(input, lenient)
        .into_iter()
        .map(|place| {
            let part = |part: Option<String>| part.unwrap_or_default();
            (
                place.location.raw,
                part(place.location.city),
                part(place.location.region),
                part(place.location.country),
            )
        })
        .collect();
    let found: Vec<(&str, &str, &str, &str)> =
        found.iter().map(|(a, b, c, d)| (a.as_str(), b.as_str(), c.as_str(), d.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_town_a_region_and_a_country_are_one_place() {
    check(
        "Kirkland, WA, United States",
        false,
        &[("Kirkland, WA, United States", "Kirkland", "Washington", "United States")],
    );
    check("Tel Aviv-Yafo, Israel", false, &[("Tel Aviv-Yafo, Israel", "Tel Aviv", "", "Israel")]);
    check("India - Bangalore", true, &[("India - Bangalore", "Bengaluru", "Karnataka", "India")]);
    check("London, ON", false, &[("London, ON", "London", "Ontario", "Canada")]);
}

#[test]
fn a_town_outside_the_table_is_known_by_its_region() {
    check(
        "in Little Falls, NJ today",
        false,
        &[("Little Falls, NJ", "Little Falls", "New Jersey", "United States")],
    );
}

#[test]
fn an_ambiguous_town_is_given_no_country() {
    check(
        "London or Leeds",
        false,
        &[("London", "London", "", ""), ("Leeds", "Leeds", "England", "United Kingdom")],
    );
}

#[test]
fn words_in_capitals_are_no_regions() {
    check("TELL US OR ME, IN SHORT. Marketing, OR sales", false, &[]);
    check("ABOUT US", false, &[]);
}
