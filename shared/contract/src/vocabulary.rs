//! The closed vocabularies: nothing outside them can be written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares a closed enum whose wire name is its variant in the given case.
macro_rules! closed {
    ($case:literal, $($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
            strum::Display, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
        )]
        #[serde(rename_all = $case)]
        #[strum(serialize_all = $case)]
        #[allow(missing_docs, reason = "the variant's name is its meaning where it has no line of its own")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
    )+};
}
pub(crate) use closed;

closed! { "snake_case",
    /// The five stages, in order.
    Stage { Parse, Signals, Decision, Enrichment, Persistence }
    /// How strongly something is asked for. Ordered: the strongest is the least.
    Necessity {
        /// The posting cannot do without it.
        Required,
        /// It is part of the work.
        Responsibility,
        /// It would be welcome.
        Preferred,
        /// It is mentioned, no more.
        Context,
    }
    /// Whether a thing is wanted or ruled out.
    Polarity { Positive, Negative }
    /// Where a run stands.
    Status { Accepted, Completed, Rejected, DeadLettered, Cancelled, WaitingBudget, Stranded }
}

closed! { "SCREAMING_SNAKE_CASE",
    /// What kind of thing a skill is by nature.
    Nature {
        Tool, Concept, Practice, Platform, Language, Credential, Library, Framework, Runtime, Protocol, Standard,
        Methodology, CloudService, Pattern, Api, Algorithm,
    }
    /// How fast a skill's content changes.
    Volatility { Stable, Evolving, Emerging, Deprecated }
    /// How long knowing it stays of use.
    Lifespan { Evergreen, MultiYear, ShortLived }
    /// What happens to a skill's versions.
    VersionStrategy { MergeToParent, SeparateEntity, NotApplicable }
    /// What an alias is to its skill.
    AliasType {
        Canonical, Abbreviation, Version, Misspelling, RegionalVariant, DeprecatedName, Colloquial, FullName, Acronym,
    }
    /// How an alias is compared with the text. All of them respect word boundaries.
    MatchStrategy {
        /// Letter case counts.
        Exact,
        /// Letter case does not count; a hyphen is a space; a plural s is allowed.
        CaseInsensitive,
        /// As above, and the alias begins or ends with a symbol that belongs to it (`C++`, `.NET`).
        BoundaryAware,
        /// A linear-time regular expression.
        Regex,
    }
    /// How two skills stand to one another.
    Relationship { ParentOf, Requires, RelatedTo, TransfersTo, CompetesWith, CoEvolvesWith, Suppresses }
    /// Which way a relationship reads.
    Direction { Forward, Reverse, Bidirectional }
    /// Where a technology stands in its life.
    Maturity { Experimental, Emerging, Growing, Mainstream, Mature, Declining, EndOfLife }
    /// What a unit of work consists of.
    WorkNature { Analyse, Design, Build, Assure, Operate, Lead, Collaborate, Support, Sell, Teach, Administer, Manual }
}

closed! { "snake_case",
    /// How hard it is to find people for a dimension.
    DifficultyHint { WellKnown, Emerging, Niche, Deprecated }
}

closed! { "PascalCase",
    /// The eighteen types of skills.
    SkillType {
        Language, Library, Framework, Tool, Platform, Service, Runtime, Datastore, Protocol, Standard, Format, Concept,
        Practice, Methodology, Architecture, Domain, SoftSkill, Certification,
    }
    /// The kind of work a role is.
    Archetype {
        Engineering, Data,
        #[serde(rename = "DevOps")]
        #[strum(serialize = "DevOps")]
        DevOps,
        Security,
        #[serde(rename = "QA")]
        #[strum(serialize = "QA")]
        Qa,
        Research, Design, Product, Management, Business, Support, Operations, Healthcare, Education, Trades, Other,
    }
}

impl SkillType {
    /// The natures that a skill of this type may have; the first is the usual one.
    #[must_use]
    pub const fn natures(self) -> &'static [Nature] {
        use Nature::{
            Algorithm, Api, CloudService, Concept, Credential, Framework, Language, Library, Methodology,
            Pattern, Platform, Practice, Protocol, Runtime, Standard, Tool,
        };
        match self {
            Self::Language => &[Language, Standard],
            Self::Library => &[Library, Framework, Api],
            Self::Framework => &[Framework, Library, Platform],
            Self::Tool => &[Tool, Platform, Library],
            Self::Platform => &[Platform, Tool, CloudService],
            Self::Service => &[CloudService, Platform, Api],
            Self::Runtime => &[Runtime, Platform],
            Self::Datastore => &[Platform, Tool, CloudService],
            Self::Protocol => &[Protocol, Standard, Api],
            Self::Standard => &[Standard, Protocol, Methodology],
            Self::Format => &[Standard, Language],
            Self::Concept => &[Concept, Pattern, Algorithm, Api],
            Self::Practice => &[Practice, Methodology, Concept],
            Self::Methodology => &[Methodology, Practice, Algorithm],
            Self::Architecture => &[Pattern, Concept],
            Self::Domain => &[Concept, Practice],
            Self::SoftSkill => &[Practice, Concept],
            Self::Certification => &[Credential, Standard],
        }
    }

    /// Whether skills of this type stay the same for years: ideas and habits, as against products.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        matches!(
            self,
            Self::Concept
                | Self::Practice
                | Self::Methodology
                | Self::Domain
                | Self::SoftSkill
                | Self::Architecture
        )
    }
}
