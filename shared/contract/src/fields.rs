//! The fields of a posting.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Stated;
use crate::vocabulary::closed;

/// One field of a posting; null when it is not stated.
pub type Field<T> = Option<Stated<T>>;

/// Everything a posting states besides skills and sections. Lists are empty when nothing is stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fields {
    /// The job's title.
    pub title: Field<String>,
    /// Other names that the posting gives the job.
    pub title_aliases: Vec<Stated<String>>,
    /// Level, track, people management.
    pub seniority: Field<Seniority>,
    /// The employer.
    pub company: Field<String>,
    /// The part of the employer.
    pub org_unit: Field<String>,
    /// The employer's industry.
    pub industry: Field<Industry>,
    /// Places of work.
    pub locations: Vec<Stated<Location>>,
    /// On site, remote or both.
    pub work_mode: Field<WorkMode>,
    /// Full time, contract …
    pub employment_type: Field<EmploymentType>,
    /// Pay.
    pub salary: Field<Salary>,
    /// Years asked for; exactly one is primary when any is stated.
    pub experience: Vec<Stated<Experience>>,
    /// Degrees asked for.
    pub education: Vec<Stated<Education>>,
    /// Certificates asked for.
    pub certifications: Vec<Stated<String>>,
    /// Spoken languages asked for.
    pub spoken_languages: Vec<Stated<SpokenLanguage>>,
    /// Work permits, sponsorship, clearances.
    pub visa_clearance: Vec<Stated<VisaClearance>>,
    /// How much travel.
    pub travel: Field<Travel>,
    /// What is offered.
    pub benefits: Vec<Stated<String>>,
    /// How long the posting is open.
    pub application: Field<ApplicationWindow>,
    /// Last day to apply, as written.
    pub deadline: Field<String>,
    /// Whom to ask.
    pub contact: Vec<Stated<Contact>>,
    /// Addresses of pages.
    pub urls: Vec<Stated<String>>,
    /// Whether there is an equal-opportunity statement.
    pub eeo_statement: Field<bool>,
    /// Whether help is offered to applicants with disabilities.
    pub accommodation_statement: Field<bool>,
}

closed! { "snake_case",
    /// How senior.
    Level { Intern, Entry, Junior, Mid, Senior, Lead, Staff, Principal, Manager, Director, Executive }
    /// Which career ladder.
    Track { IndividualContributor, Manager }
    /// Where the work is done.
    WorkPlace { Onsite, Hybrid, Remote }
    /// The form of employment.
    EmploymentType { FullTime, PartTime, Contract, ContractToHire, Temporary, Internship, Apprenticeship, Freelance, Volunteer, PerDiem }
    /// What a sum of pay is for.
    PayPeriod { Hour, Day, Week, Month, Year }
    /// A degree's height.
    DegreeLevel { Secondary, Vocational, Associate, Bachelor, Master, Doctorate }
    /// What is said of permits and clearances.
    VisaKind { Sponsorship, WorkAuthorization, Citizenship, SecurityClearance, BackgroundCheck }
    /// A way to reach somebody.
    ContactKind { Name, Email, Phone }
}

/// How senior the job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seniority {
    /// Level; null when only the track is known.
    pub level: Option<Level>,
    /// Career ladder.
    pub track: Option<Track>,
    /// Whether people report to it; null when not said.
    pub manages_people: Option<bool>,
}

/// An industry, in NAICS 2022.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Industry {
    /// In words.
    pub name: String,
    /// NAICS 2022 code, as many digits as are sure.
    pub naics: Option<String>,
}

/// A place of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// As written.
    pub raw: String,
    /// Town.
    pub city: Option<String>,
    /// State, county, province.
    pub region: Option<String>,
    /// Country, in English.
    pub country: Option<String>,
}

/// On site, remote, or some days of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkMode {
    /// Where.
    pub mode: WorkPlace,
    /// Days a week on site, when said.
    pub days_on_site: Option<u8>,
}

/// Pay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Salary {
    /// Lower bound, in `currency` per `period`.
    pub min: Option<f64>,
    /// Upper bound.
    pub max: Option<f64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// What the sum is for.
    pub period: Option<PayPeriod>,
    /// As written.
    pub raw: String,
    /// Whether a sum is named.
    pub disclosed: bool,
}

/// Years of something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Experience {
    /// At least, in years.
    pub min: Option<f32>,
    /// At most, in years.
    pub max: Option<f32>,
    /// Of what, as written.
    pub scope: Option<String>,
    /// Whether this is the posting's overall requirement.
    pub primary: bool,
}

/// A degree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Education {
    /// The least height that is accepted.
    pub level: Option<DegreeLevel>,
    /// Subjects, as written.
    pub fields_of_study: Vec<String>,
    /// Years that are asked for together with the degree.
    pub with_years: Option<f32>,
    /// Whether equivalent experience is accepted instead.
    pub or_equivalent: bool,
    /// Whether the posting only prefers it.
    pub preferred: bool,
}

/// A spoken language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpokenLanguage {
    /// In English.
    pub language: String,
    /// How well, as written.
    pub level: Option<String>,
}

/// What is said of permits and clearances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VisaClearance {
    /// What it is about.
    pub kind: VisaKind,
    /// As written.
    pub statement: String,
    /// Asked for or offered (true), ruled out (false).
    pub affirmed: bool,
}

/// How much travel the job needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Travel {
    /// Whether travel is needed at all.
    pub required: bool,
    /// The largest share of the time, in percent.
    pub percent: Option<u8>,
}

/// How long a posting is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApplicationWindow {
    /// At least so many days.
    pub min_open_days: Option<u16>,
    /// Applications are taken until the post is filled.
    pub rolling: bool,
}

/// A way to reach somebody about the job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    /// What the value is.
    pub kind: ContactKind,
    /// The name, address or number.
    pub value: String,
}
