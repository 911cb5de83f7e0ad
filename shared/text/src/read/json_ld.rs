//! Reads the schema.org `JobPosting` that a page carries as JSON-LD: hints, never evidence.

use serde_json::{Map, Value};

use super::html;

/// How much JSON-LD of one page is looked at.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// How deep a posting may lie in it.
const MAX_DEPTH: usize = 6;
/// The longest value that is a name and no text.
const MAX_NAME: usize = 512;
/// How many values of one member are taken.
const MAX_VALUES: usize = 32;

/// Members of a schema.org `JobPosting`, as given; no member is checked against another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobPosting {
    /// `title`.
    pub title: Option<String>,
    /// The name of `hiringOrganization`.
    pub hiring_organization: Option<String>,
    /// Each `jobLocation` on a line: place, region, country.
    pub job_location: Vec<String>,
    /// `employmentType`, such as `FULL_TIME`.
    pub employment_type: Vec<String>,
    /// `baseSalary`.
    pub base_salary: Option<BaseSalary>,
    /// `datePosted`.
    pub date_posted: Option<String>,
    /// `validThrough`.
    pub valid_through: Option<String>,
    /// `industry`.
    pub industry: Vec<String>,
    /// The names in `applicantLocationRequirements`.
    pub applicant_location_requirements: Vec<String>,
    /// `jobLocationType`, such as `TELECOMMUTE`.
    pub job_location_type: Option<String>,
    /// `educationRequirements`: degrees or text.
    pub education_requirements: Vec<String>,
    /// `monthsOfExperience` of `experienceRequirements`.
    pub months_of_experience: Option<u32>,
    /// `description` as text; it is the page's text when that is thinner.
    pub description: Option<String>,
}

/// What schema.org's `MonetaryAmount` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BaseSalary {
    /// `currency`, such as `USD`.
    pub currency: Option<String>,
    /// `minValue`, or `value` when there is just one.
    pub min: Option<f64>,
    /// `maxValue`, or `value` when there is just one.
    pub max: Option<f64>,
    /// `unitText`, such as `YEAR`.
    pub unit: Option<String>,
}

/// The first job posting in a script, if it is JSON and has one.
pub(super) fn posting(script: &str) -> Option<JobPosting> {
    let value: Value = serde_json::from_str(script.trim()).ok()?;
    find(&value, MAX_DEPTH).map(read)
}

fn find(value: &Value, depth: usize) -> Option<&Map<String, Value>> {
    let depth = depth.checked_sub(1)?;
    match value {
        Value::Array(values) => values.iter().find_map(|value| find(value, depth)),
        Value::Object(object) if is_posting(object) => Some(object),
        Value::Object(object) => ["@graph", "mainEntity", "itemListElement", "item"]
            .iter()
            .find_map(|key| find(object.get(*key)?, depth)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn is_posting(object: &Map<String, Value>) -> bool {
    let kind = |value: &Value| {
        value.as_str().is_some_and(|kind| kind.rsplit(['/', ':']).next() == Some("JobPosting"))
    };
    object.get("@type").is_some_and(|value| values(value).any(kind))
}

fn read(object: &Map<String, Value>) -> JobPosting {
    let first = |key: &str| names(object.get(key), &[]).into_iter().next();
    JobPosting {
        title: first("title"),
        hiring_organization: names(object.get("hiringOrganization"), &["name", "legalName"])
            .into_iter()
            .next(),
        job_location: object
            .get("jobLocation")
            .into_iter()
            .flat_map(values)
            .take(MAX_VALUES)
            .filter_map(place)
            .collect(),
        employment_type: names(object.get("employmentType"), &[]),
        base_salary: object.get("baseSalary").and_then(|value| values(value).find_map(salary)),
        date_posted: first("datePosted"),
        valid_through: first("validThrough"),
        industry: names(object.get("industry"), &["name"]),
        applicant_location_requirements: names(object.get("applicantLocationRequirements"), &["name"]),
        job_location_type: first("jobLocationType"),
        education_requirements: names(object.get("educationRequirements"), &["credentialCategory", "name"]),
        months_of_experience: object
            .get("experienceRequirements")
            .and_then(|value| number(value.get("monthsOfExperience")?))
            .filter(|months| (0.0..=1200.0).contains(months))
            .map(|months| months as u32),
        description: object.get("description").and_then(Value::as_str).and_then(description),
    }
}

/// One value or a list of them.
fn values(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

/// Strings, or objects with the first member there is of `keys`.
fn names(value: Option<&Value>, keys: &[&str]) -> Vec<String> {
    let name = |value: &Value| match value {
        Value::String(text) => name(text),
        Value::Object(object) => keys.iter().find_map(|key| name(object.get(*key)?.as_str()?)),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    };
    value.into_iter().flat_map(values).take(MAX_VALUES).filter_map(name).collect()
}

/// A short text on one line, entities resolved.
fn name(text: &str) -> Option<String> {
    let cut: String = text.chars().take(MAX_NAME).collect();
    let words = html::text_of(&cut).split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

/// A `Place` on a line.
fn place(value: &Value) -> Option<String> {
    let address = value.get("address").unwrap_or(value);
    let part = |key: &str| names(address.get(key), &["name"]).into_iter().next();
    let parts: Vec<String> =
        ["addressLocality", "addressRegion", "addressCountry"].iter().filter_map(|key| part(key)).collect();
    if parts.is_empty() {
        let whole = if address.is_string() { address } else { value };
        return names(Some(whole), &["name"]).into_iter().next();
    }
    Some(parts.join(", "))
}

fn salary(value: &Value) -> Option<BaseSalary> {
    let quantity = value.get("value").unwrap_or(value);
    let one = number(quantity).or_else(|| number(quantity.get("value")?));
    let bound = |key: &str| number(quantity.get(key)?).or_else(|| number(value.get(key)?));
    let word = |key: &str| {
        let found = quantity.get(key).or_else(|| value.get(key));
        names(found, &[]).into_iter().next()
    };
    let (min, max) = (bound("minValue").or(one), bound("maxValue").or(one));
    (min.is_some() || max.is_some()).then(|| BaseSalary {
        currency: word("currency"),
        min,
        max,
        unit: word("unitText"),
    })
}

/// A finite number, also one that is written as a string.
fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().replace(',', "").parse().ok());
    number.filter(|number| number.is_finite() && *number >= 0.0)
}

/// A description is HTML, and often escaped once more.
fn description(html: &str) -> Option<String> {
    let mut text = html::text_of(html);
    if super::sniff::is_html(&text) {
        text = html::text_of(&text);
    }
    (!text.trim().is_empty()).then_some(text)
}
