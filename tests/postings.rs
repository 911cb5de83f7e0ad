//! Postings in any number, each another one, the same on every machine.

use library::Library;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

const ROLES: [(&str, [&str; 4], [&str; 4]); 6] = [
    (
        "Backend Engineer",
        ["Rust", "PostgreSQL", "RabbitMQ", "Docker"],
        ["Design services", "Review code", "Run them in production", "Write tests"],
    ),
    (
        "Data Analyst",
        ["SQL", "Python", "Tableau", "Excel"],
        ["Build dashboards", "Answer questions of sales", "Clean data", "Present findings"],
    ),
    (
        "Frontend Developer",
        ["TypeScript", "React", "CSS", "GraphQL"],
        ["Build pages", "Measure loading times", "Talk to design", "Write tests"],
    ),
    (
        "DevOps Engineer",
        ["Kubernetes", "Terraform", "AWS", "Prometheus"],
        ["Automate releases", "Watch systems", "Be on call", "Write runbooks"],
    ),
    (
        "Accountant",
        ["Excel", "SAP", "IFRS", "Bookkeeping"],
        ["Close the month", "Reconcile accounts", "Prepare audits", "Pay invoices"],
    ),
    (
        "Product Manager",
        ["Jira", "Roadmapping", "SQL", "A/B testing"],
        ["Talk to customers", "Write user stories", "Order the backlog", "Report results"],
    ),
];
const TOWNS: [&str; 7] = ["Lisbon", "Tallinn", "Ghent", "Brno", "Cork", "Leipzig", "Aarhus"];

/// One posting in so many is about a role of the library, in the library's own words: its answer needs no person.
const SURE_EVERY: usize = 5;
/// Statements of each kind in such a posting.
const STATEMENTS: usize = 6;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::build(library::shipped()).unwrap());

/// The `n`th posting, as one line of JSON.
#[must_use]
pub fn posting(n: usize) -> String {
    if n % SURE_EVERY == SURE_EVERY - 1 {
        return sure(n, n / SURE_EVERY);
    }
    let (title, skills, duties) = &ROLES[n % ROLES.len()];
    written(n, title, duties, skills)
}

/// The `n`th posting, about a role that the library knows; of the same role another time, other parts of it.
fn sure(n: usize, turn: usize) -> String {
    let roles = LIBRARY.roles();
    let (role, turn) = (&roles[turn % roles.len()], turn / roles.len());
    let of = |count: usize| (0..STATEMENTS.min(count)).map(move |place| (turn + place) % count);
    let duties: Vec<&str> = of(role.kras.len()).map(|place| role.kras[place].trim_end_matches('.')).collect();
    let skills: Vec<&str> =
        of(role.core.len()).map(|place| LIBRARY.skill(role.core[place]).name.as_str()).collect();
    written(n, &role.name, &duties, &skills)
}

fn written(n: usize, title: &str, duties: &[&str], skills: &[&str]) -> String {
    let town = TOWNS[n / ROLES.len() % TOWNS.len()];
    let mut text = format!("{title}\nTeam {n}, {town}\n\nWhat you do\n");
    for (place, duty) in duties.iter().enumerate() {
        let what = (n + place * 7) % 97;
        writeln!(text, "- {duty} for area {what} with colleagues of team {}", n + place).unwrap();
    }
    text.push_str("\nRequirements\n");
    for (place, skill) in skills.iter().enumerate() {
        let years = 1 + (n + place) % 8;
        writeln!(text, "- {years} years of {skill}").unwrap();
    }
    let days = 25 + n % 10;
    writeln!(text, "\nNice to have\n- Experience number {n}\n- Git\n\nWe offer\n- {days} days of leave")
        .unwrap();
    json!({ "id": n, "source": "chaos", "title": title, "text": text }).to_string()
}

/// Writes the first `count` postings to a file.
pub fn write(path: &Path, count: usize) {
    let mut lines = String::new();
    for n in 0..count {
        lines.push_str(&posting(n));
        lines.push('\n');
    }
    std::fs::write(path, lines).unwrap();
}
