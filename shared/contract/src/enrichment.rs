//! What the answer means: for clients, and for the library.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::vocabulary::closed;
use crate::{
    Adjudicator, Direction, Lifespan, Maturity, Nature, Relationship, SkillType, Slug, Span, VersionStrategy,
    Volatility, WorkNature,
};

closed! { "snake_case",
    /// How a skill met its library entry.
    MatchedVia { Alias, DisplayName, Fuzzy, Embedding }
    /// What a KRA asks of the person.
    KraLevel { Contribute, Own, Lead }
}
closed! { "SCREAMING_SNAKE_CASE",
    /// What becomes of a proposed dimension.
    Reconciliation { Merge, Split, Keep }
}

/// Everything the enrichment stage adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Enrichment {
    /// One entry per skill of the parse, in its order.
    pub skills_detail: Vec<SkillDetail>,
    /// The six outputs for clients.
    pub client: ClientOutputs,
}

/// What the library knows, or should learn, of one skill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillDetail {
    /// Name as in the parse.
    pub skill_name: String,
    /// Library slug, or null.
    pub canonical_id: Option<Slug>,
    /// How the two met.
    pub matched_via: Option<MatchedVia>,
    /// The library's stored aliases.
    pub aliases: Vec<String>,
    /// Its profile; members are null where nothing is sure.
    pub profile: SkillProfile,
    /// Its dimensions, primary first.
    pub dimensions: Vec<SkillDimension>,
    /// Tags from the posting's context.
    pub context_tags: Vec<String>,
    /// How an unknown skill was placed; null for one that the library has.
    pub orchestration: Option<Orchestration>,
}

/// How the orchestrator placed a skill that the library does not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Orchestration {
    /// The skill's name as its review item is keyed: folded, without version and company words.
    pub key: String,
    /// The name as a library entry would have it.
    pub proposed_name: String,
    /// The halves of a compound that names two skills; empty for a single skill.
    pub halves: Vec<String>,
    /// The library skills that voted, nearest first.
    pub neighbours: Vec<Neighbour>,
    /// Share of the vote that the profile's type got, 0 to 1.
    pub agreement: f32,
    /// Every proposed dimension with what became of it: merged into a library one, split, or kept as new.
    pub proposals: Vec<DimensionProposal>,
    /// How the skill stands to its nearest entries.
    pub relationships: Vec<ProposedRelationship>,
    /// What is known of it from sourced data.
    pub facts: SkillFacts,
    /// The library skill that this probably is under another name.
    pub alias_of: Option<Neighbour>,
    /// What a reviewer should know.
    pub warnings: Vec<String>,
    /// Who placed it; the vote where nothing is said.
    #[serde(default, skip_serializing_if = "Adjudicator::is_vote")]
    pub by: Adjudicator,
}

/// A library entry and how near it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Neighbour {
    /// The entry.
    pub slug: Slug,
    /// Similarity, 0 to 1.
    pub similarity: f32,
}

/// A dimension that was proposed for an unknown skill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DimensionProposal {
    /// Its name.
    pub display_name: String,
    /// What became of it.
    pub reconciliation: Reconciliation,
    /// The library's dimensions that it ended in; empty for one that is kept as new.
    pub into: Vec<Slug>,
    /// Share of the vote, 0 to 1.
    pub confidence: f32,
}

/// A relationship that was proposed for an unknown skill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProposedRelationship {
    /// What kind.
    pub relationship: Relationship,
    /// Which way it reads, from the unknown skill.
    pub direction: Direction,
    /// The library skill at its other end.
    pub skill: Slug,
    /// How sure, 0 to 1.
    pub confidence: f32,
}

/// What sourced data says of a skill; null where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillFacts {
    /// Who makes it.
    pub vendor: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
    /// Year of the first public release.
    pub first_release: Option<u16>,
    /// Where it stands in its life.
    pub maturity: Option<Maturity>,
    /// Words that stand near it.
    pub keywords: Vec<String>,
    /// Whether its name means something else as well.
    pub is_ambiguous: bool,
    /// How its versions are written.
    pub versioning: Option<String>,
}

/// A skill's classification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkillProfile {
    /// Category.
    pub category: Option<Slug>,
    /// Sub-category.
    pub sub_category: Option<Slug>,
    /// Type.
    pub skill_type: Option<SkillType>,
    /// Nature.
    pub nature: Option<Nature>,
    /// Volatility.
    pub volatility: Option<Volatility>,
    /// Lifespan.
    pub lifespan: Option<Lifespan>,
    /// Version strategy.
    pub version_strategy: Option<VersionStrategy>,
}

/// A skill's place in a dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillDimension {
    /// The library's dimension; null for one that is only proposed.
    pub slug: Option<Slug>,
    /// Its name.
    pub display_name: String,
    /// Whether it is the skill's first.
    pub is_primary: bool,
    /// What became of the proposal.
    pub reconciliation: Option<Reconciliation>,
    /// How sure, 0 to 1.
    pub confidence: f32,
}

/// A figure or finding for clients, or the statement that it cannot be had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assessed<T> {
    /// The value; null means it cannot be assessed.
    pub value: Option<T>,
    /// Why it cannot be assessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cannot_assess: Option<String>,
    /// Unit and range.
    pub scale: String,
    /// How sure, 0 to 1.
    pub confidence: f32,
    /// The words it rests on.
    pub evidence: Vec<Span>,
    /// The formula, by name.
    pub method: String,
    /// Published figures behind it.
    pub sources: Vec<SourceRef>,
}

/// A published source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceRef {
    /// Name.
    pub name: String,
    /// Release.
    pub version: String,
    /// Date of the figures.
    pub date: String,
}

/// The six outputs for clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientOutputs {
    /// Share of the skills per cluster.
    pub skill_cluster: Assessed<SkillCluster>,
    /// What the work consists of.
    pub nature_of_work: Assessed<NatureOfWork>,
    /// Exposure of the role to AI and demand for it.
    pub ai_index: Assessed<AiIndex>,
    /// Age and standing of the technologies.
    pub stack_maturity: Assessed<StackMaturity>,
    /// How well the run's claims are supported.
    pub evidence: Assessed<EvidenceShare>,
    /// The responsibilities as key result areas.
    pub kra_description: Assessed<Vec<KraDescription>>,
}

/// Output 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkillCluster {
    /// Cluster → share; sums to one.
    pub shares: BTreeMap<Slug, f32>,
    /// Domain of the clusters → share; sums to one.
    pub domains: BTreeMap<Slug, f32>,
    /// The largest.
    pub primary: Slug,
    /// exp(entropy): the number of clusters it amounts to.
    pub breadth: f32,
}

/// Output 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NatureOfWork {
    /// Mode → share of the responsibility items.
    pub modes: BTreeMap<WorkNature, f32>,
    /// `routine|non_routine` × `cognitive|interpersonal|manual` → share.
    pub tasks: BTreeMap<String, f32>,
    /// Flags such as `on_call`, `travel`, `manager`.
    pub flags: Vec<String>,
}

/// Output 3: two figures that are never mixed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AiIndex {
    /// 0 to 100, how much of the role's work AI can touch.
    pub ai_exposure: Option<f32>,
    /// Lower and upper end of it.
    pub ai_exposure_interval: Option<(f32, f32)>,
    /// 0 to 100, how much AI skill the posting asks for.
    pub ai_demand: f32,
}

/// Output 4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StackMaturity {
    /// Each technology's standing.
    pub technologies: BTreeMap<Slug, TechnologyMaturity>,
    /// Weighted mean over those that could be assessed, 0 to 1.
    pub mean: f32,
    /// The least mature.
    pub minimum: f32,
    /// What to look at.
    pub flags: Vec<String>,
}

/// Where one technology stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TechnologyMaturity {
    /// Its stage; null where too little is known.
    pub stage: Option<Maturity>,
    /// Weighted mean of the known parts, 0 to 1.
    pub score: Option<f32>,
    /// Each known part, 0 to 1.
    pub parts: BTreeMap<String, f32>,
    /// The parts that nothing is known of.
    pub unknown: Vec<String>,
}

/// Output 5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceShare {
    /// Number of claims.
    pub claims: u32,
    /// Share at grade 3 or above.
    pub well_supported: f32,
    /// Claims whose quote is not the text at its place; always 0.
    pub unsupported: u32,
    /// Section → claims that rest on it.
    pub sections: BTreeMap<String, u32>,
    /// The claims of the lowest grades, at most ten.
    pub weakest: Vec<Claim>,
}

/// A claim and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Where in the outputs it stands.
    pub path: String,
    /// The section of its first span; null where it has none.
    pub section: Option<String>,
    /// First scalar of its first span.
    pub start: Option<u32>,
    /// One past the last.
    pub end: Option<u32>,
    /// The first 16 hexadecimal digits of the quote's SHA-256.
    pub quote_hash: Option<String>,
    /// 4 explicit, 3 implied, 2 near, 1 prior, 0 none.
    pub grade: u8,
}

/// Output 6.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KraDescription {
    /// At most four words.
    pub title: String,
    /// At most thirty words: verb, object, purpose.
    pub description: String,
    /// What is asked of the person.
    pub level: KraLevel,
    /// Share by words.
    pub weight: f32,
    /// Where it stands.
    pub spans: Vec<Span>,
    /// The library's nearest KRA.
    pub nearest: Option<String>,
    /// Similarity to it.
    pub nearest_score: Option<f32>,
    /// Who worded it; the built-in engine where nothing is said.
    #[serde(default, skip_serializing_if = "Adjudicator::is_vote")]
    pub by: Adjudicator,
}
