//! An answer as a row of CSV, for spreadsheets.

use contract::{Field, Necessity, Parse, Polarity};
use rolemill::Finished;
use std::fmt::Display;

use super::input::Id;
use super::work::{Answer, End};

/// The columns.
const HEADER: [&str; 35] = [
    "id",
    "run_id",
    "status",
    "reason",
    "error_code",
    "error_message",
    "jd_type",
    "language",
    "words",
    "title",
    "company",
    "location",
    "work_mode",
    "employment_type",
    "seniority",
    "experience_min_years",
    "experience_max_years",
    "education",
    "salary_min",
    "salary_max",
    "salary_currency",
    "salary_period",
    "role",
    "role_name",
    "domain",
    "case",
    "confidence",
    "confidence_band",
    "second_role",
    "third_role",
    "required_skills",
    "responsibility_skills",
    "preferred_skills",
    "candidate_skills",
    "cost_usd",
];

/// The line with the columns' names.
pub(crate) fn header() -> Result<String, csv::Error> {
    written(HEADER.iter().map(|name| (*name).to_owned()))
}

/// The answer's row.
pub(crate) fn row(answer: &Answer) -> Result<String, csv::Error> {
    let finished = match &answer.end {
        End::Ran(finished) => Some(finished),
        End::Failed(_) => None,
    };
    let problem = answer.problem();
    let id = match &answer.id {
        Id::Text(id) => id.clone(),
        Id::Number(id) => id.to_string(),
    };
    let mut row = vec![
        id,
        text(finished.map(Finished::run_id)),
        finished.map_or_else(|| "failed".to_owned(), |finished| finished.status().to_string()),
        answer.reason().unwrap_or_default(),
        text(problem.as_ref().map(|problem| &problem.code)),
        text(problem.as_ref().map(|problem| &problem.message)),
    ];
    let parse = finished.and_then(Finished::parse);
    row.extend(parsed(parse));
    row.extend(decided(finished));
    row.extend([Necessity::Required, Necessity::Responsibility, Necessity::Preferred].map(|necessity| {
        skills(parse, |skill| skill.canonical_id.is_some() && skill.necessity == necessity)
    }));
    row.push(skills(parse, |skill| skill.canonical_id.is_none() && skill.necessity != Necessity::Context));
    row.push(text(finished.and_then(Finished::cost_usd)));
    written(row.into_iter())
}

/// From `jd_type` to `salary_period`.
fn parsed(parse: Option<&Parse>) -> [String; 16] {
    let Some(parse) = parse else { return Default::default() };
    let fields = &parse.fields;
    let experience =
        fields.experience.iter().map(|stated| &stated.value).find(|experience| experience.primary);
    let salary = fields.salary.as_ref().map(|stated| &stated.value);
    let education: Vec<String> = fields
        .education
        .iter()
        .filter_map(|stated| stated.value.level)
        .map(|level| level.to_string())
        .collect();
    let locations: Vec<&str> = fields.locations.iter().map(|stated| stated.value.raw.as_str()).collect();
    [
        parse.jd_type.to_string(),
        text(parse.language.as_ref()),
        text::word_count(&parse.text).to_string(),
        stated(&fields.title),
        stated(&fields.company),
        locations.join("; "),
        text(fields.work_mode.as_ref().map(|stated| stated.value.mode)),
        stated(&fields.employment_type),
        text(fields.seniority.as_ref().and_then(|stated| stated.value.level)),
        text(experience.and_then(|experience| experience.min)),
        text(experience.and_then(|experience| experience.max)),
        education.join("; "),
        text(salary.and_then(|salary| salary.min)),
        text(salary.and_then(|salary| salary.max)),
        text(salary.and_then(|salary| salary.currency.as_ref())),
        text(salary.and_then(|salary| salary.period)),
    ]
}

/// From `role` to `third_role`.
fn decided(finished: Option<&Finished>) -> [String; 8] {
    let Some(decision) = finished.and_then(Finished::decision) else { return Default::default() };
    let role = decision.chosen_role.as_ref();
    let ranked = |place: usize| text(decision.ranked.get(place).map(|role| &role.slug));
    [
        text(role.map(|role| &role.slug)),
        text(role.map(|role| &role.display_name)),
        text(role.map(|role| &role.domain)),
        decision.case.to_string(),
        decision.confidence.to_string(),
        decision.confidence_band.to_string(),
        ranked(1),
        ranked(2),
    ]
}

fn skills(parse: Option<&Parse>, wanted: impl Fn(&contract::Skill) -> bool) -> String {
    let skills = parse.map_or(&[][..], |parse| &parse.skills);
    let names: Vec<&str> = skills
        .iter()
        .filter(|skill| skill.polarity == Polarity::Positive && wanted(skill))
        .map(|skill| skill.skill_name.as_str())
        .collect();
    names.join("; ")
}

fn stated<T: Display>(field: &Field<T>) -> String {
    text(field.as_ref().map(|stated| &stated.value))
}

fn text(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn written(cells: impl Iterator<Item = String>) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells.map(harmless))?;
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_gets_an_apostrophe() {
        let cells = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=1", "C++"];
        assert_eq!(
            cells.map(|cell| harmless(cell.to_owned())),
            ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=1", "C++"]
        );
    }

    #[test]
    fn every_row_has_as_many_cells_as_there_are_columns() {
        let end = End::Failed(crate::run::input::InputError::NotFound);
        let row = row(&Answer { id: Id::Text("=a,b".to_owned()), end }).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row.as_bytes());
        let cells = reader.records().next().unwrap().unwrap();
        assert_eq!(
            (cells.len(), &cells[0], &cells[2], &cells[4]),
            (HEADER.len(), "'=a,b", "failed", "file_not_found")
        );
    }
}
