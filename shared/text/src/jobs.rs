//! Words that names of jobs end in.

/// The last word of most titles, lower case.
const JOB_NOUNS: [&str; 112] = [
    "accountant", "actuary", "adjuster", "administrator", "advisor", "adviser", "agent", "aide", "analyst", "apprentice", "architect",
    "artist", "assistant", "associate", "attorney", "auditor", "baker", "barista", "bookkeeper", "broker", "buyer", "captain",
    "caregiver", "carpenter", "cashier", "chef", "chemist", "cleaner", "clerk", "clinician", "coach", "consultant", "controller",
    "cook", "coordinator", "co-ordinator", "counsel", "counselor", "curator", "dentist", "designer", "developer", "director", "dispatcher", "doctor",
    "driver", "economist", "editor", "electrician", "engineer", "estimator", "evangelist", "examiner", "executive", "expert",
    "facilitator", "foreman", "generalist", "guard", "head", "hygienist", "inspector", "installer", "instructor", "intern",
    "investigator", "journalist", "lawyer", "lead", "leader", "lecturer", "librarian", "machinist", "manager", "mechanic",
    "mentor", "merchandiser", "modeler", "nanny", "nurse", "officer", "operator", "owner", "paralegal", "paramedic", "partner", "pharmacist",
    "physician", "pilot", "planner", "plumber", "president", "producer", "professor", "programmer", "receptionist", "recruiter",
    "representative", "researcher", "scientist", "secretary", "server", "specialist", "strategist", "supervisor", "surveyor",
    "teacher", "technician", "technologist", "tester", "therapist", "trainer",
];

/// Shorter or rarer endings.
const MORE: [&str; 20] = [
    "tutor", "underwriter", "veterinarian", "waiter", "waitress", "welder", "worker", "writer", "administration", "development",
    "engineering", "ceo", "cto", "cfo", "swe", "sde", "sdet", "sre", "dba", "internship",
];

/// Whether a phrase contains a word that names of jobs end in.
#[must_use]
pub fn names_a_job(phrase: &str) -> bool {
    phrase
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .map(str::to_lowercase)
        .any(|word| {
            let singular = word.strip_suffix('s').unwrap_or(&word);
            [word.as_str(), singular].iter().any(|word| JOB_NOUNS.contains(word) || MORE.contains(word))
        })
}
