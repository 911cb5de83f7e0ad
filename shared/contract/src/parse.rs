//! What the parse stage reads from a document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::vocabulary::closed;
use crate::{Fields, Necessity, Requirement, Skill};

closed! { "snake_case",
    /// What the gate says of a document.
    JdType {
        /// A posting.
        Pass,
        /// A title and no text: answers title, seniority and role.
        TitleOnly,
        /// A part of a posting, by the sender's word.
        Fragment,
        NotAJd,
        MultipleJds,
        TooSparse,
        UnsupportedLanguage,
        TooLarge,
    }
    /// What a section of a posting is about.
    SectionKind {
        Title, Overview, AboutCompany, AboutTeam, Responsibilities, QualificationsRequired, QualificationsPreferred,
        QualificationsUnspecified, SkillsList, Experience, Education, Certifications, Compensation, Benefits,
        LocationWorkmode, EmploymentTerms, VisaClearance, Travel, ApplicationProcess, Eeo, Accommodation, Legal, Contact,
        Hashtags, Other,
    }
    /// What one bullet, line or sentence states.
    ItemKind { Responsibility, Requirement, Benefit, Other }
}

impl JdType {
    /// Whether the run goes on to the next stage.
    #[must_use]
    pub const fn goes_on(self) -> bool {
        matches!(self, Self::Pass | Self::TitleOnly | Self::Fragment)
    }
}

impl SectionKind {
    /// Whether nothing in such a section is ever a requirement.
    #[must_use]
    pub const fn asks_nothing(self) -> bool {
        matches!(
            self,
            Self::Eeo
                | Self::Accommodation
                | Self::Benefits
                | Self::Legal
                | Self::AboutCompany
                | Self::Compensation
                | Self::ApplicationProcess
                | Self::Contact
        )
    }
}

/// Everything the parse stage found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Parse {
    /// The normalised text; every offset counts its Unicode scalars.
    pub text: String,
    /// The gate's word.
    pub jd_type: JdType,
    /// Why the gate stopped the document, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why the document could not be read at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// ISO 639-3 code of the text's language, where it could be told.
    #[serde(default)]
    pub language: Option<String>,
    /// The sections; they tile the text.
    pub sections: Vec<Section>,
    /// The bullets, lines or sentences that state something.
    pub items: Vec<Item>,
    /// The posting's fields.
    pub fields: Fields,
    /// What is asked of the candidate, as a tree.
    pub requirements: Requirement,
    /// The skills, in order of their first span.
    pub skills: Vec<Skill>,
    /// How many values were dropped because no text supports them.
    pub dropped: u32,
}

/// An input that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// A stable name of the cause.
    pub code: String,
    /// What is wrong, for people.
    pub message: String,
}

/// A stretch of the text about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// What it is about.
    pub kind: SectionKind,
    /// First scalar, its heading included.
    pub start: u32,
    /// One past the last scalar: the start of the next section.
    pub end: u32,
    /// The heading as it is written.
    #[serde(default)]
    pub heading: Option<String>,
    /// Whether the text has a heading for it.
    pub heading_was_present: bool,
    /// How many bullets it holds.
    pub bullet_count: u32,
    /// Tokens with a letter or digit, heading left out.
    pub word_count: u32,
    /// How its body begins and ends.
    pub source_marker: SourceMarker,
}

/// The first and last words of a section's body, to find it again by eye.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceMarker {
    /// Up to five words.
    pub first_5_words: String,
    /// Up to five words.
    pub last_5_words: String,
}

/// One bullet or line; one sentence where a paragraph has neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// Index into `sections`.
    pub section: u32,
    /// What it states.
    pub kind: ItemKind,
    /// How strongly.
    pub necessity: Necessity,
    /// Whether no word of the text said how strongly.
    pub necessity_inferred: bool,
    /// First scalar, the bullet sign left out.
    pub start: u32,
    /// One past the last scalar.
    pub end: u32,
}
