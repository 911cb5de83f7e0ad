//! The library's tables.

mod words {
    pub(super) use crate::Word;
    pub(super) use contract::{
        AliasType, Archetype, ChangeVerb, DifficultyHint, Direction, Lifespan, LinkOrigin, MatchStrategy,
        Nature, Relationship, SkillType, VersionKind, VersionStrategy, Volatility,
    };
    pub(super) use time::OffsetDateTime;
}

entity! { library_version "library_versions" {
    #[sea_orm(primary_key)] id: i64, name: String, parent_id: Option<i64>, kind: Word<VersionKind>, base_id: Option<i64>,
    base_hash: String, note: String, actor: String, created_at: OffsetDateTime,
} }
entity! { library_file "library_files" {
    #[sea_orm(primary_key, auto_increment = false)] version_id: i64, #[sea_orm(primary_key, auto_increment = false)] position: i32,
    name: String, content: Vec<u8>,
} }
entity! { library_change "library_changes" {
    #[sea_orm(primary_key)] id: i64, version_id: i64, verb: Word<ChangeVerb>, entity: String, slug: String, detail: String,
    #[sea_orm(column_type = "JsonBinary", nullable)] edit: Option<Json>,
} }
entity! { library_state "library_states" {
    #[sea_orm(primary_key, auto_increment = false)] id: i32, version_id: i64,
} }
entity! { domain "domains" { #[sea_orm(primary_key)] id: i64, slug: String, display_name: String, family: String } }
entity! { cluster "clusters" { #[sea_orm(primary_key)] id: i64, slug: String, display_name: String, domain_id: i64 } }
entity! { dimension "dimensions" {
    #[sea_orm(primary_key)] id: i64, slug: String, display_name: String, difficulty_hint: Word<DifficultyHint>, rationale: String,
    cluster_id: i64, retired_in: Option<i64>,
} }
entity! { category "categories" { #[sea_orm(primary_key)] id: i64, domain_id: i64, slug: String, display_name: String } }
entity! { sub_category "sub_categories" { #[sea_orm(primary_key)] id: i64, category_id: i64, slug: String, display_name: String } }
entity! { skill "skills" {
    #[sea_orm(primary_key)] id: i64, slug: String, display_name: String, domain_id: i64, sub_category_id: i64,
    skill_type: Word<SkillType>, nature: Word<Nature>, volatility: Word<Volatility>, lifespan: Word<Lifespan>,
    version_strategy: Word<VersionStrategy>, is_extractable: bool, is_also_category: bool,
    #[sea_orm(column_type = "JsonBinary")] context_words: Json, #[sea_orm(column_type = "JsonBinary", nullable)] facts: Option<Json>,
    retired_in: Option<i64>, replaced_by: Option<i64>,
} }
entity! { skill_alias "skill_aliases" {
    #[sea_orm(primary_key)] id: i64, skill_id: i64, alias_text: String, alias_type: Word<AliasType>,
    match_strategy: Word<MatchStrategy>, needs_context: bool, is_primary: bool,
} }
entity! { skill_tag "skill_tags" {
    #[sea_orm(primary_key, auto_increment = false)] skill_id: i64, #[sea_orm(primary_key, auto_increment = false)] tag: String,
} }
entity! { skill_relationship "skill_relationships" {
    #[sea_orm(primary_key)] id: i64, from_id: i64, to_id: i64, relationship: Word<Relationship>, direction: Word<Direction>,
    confidence: f32,
} }
entity! { skill_dimension "skill_dimensions" {
    #[sea_orm(primary_key)] id: i64, skill_id: i64, dimension_id: i64, is_primary: bool, origin: Word<LinkOrigin>,
} }
entity! { skill_external_id "skill_external_ids" {
    #[sea_orm(primary_key)] id: i64, skill_id: i64, scheme: String, uri: String, label: String,
} }
entity! { background_sentence "background_sentences" { #[sea_orm(primary_key)] id: i64, sentence: String } }
entity! { company "companies" {
    #[sea_orm(primary_key)] id: i64, display_name: String, industry: String, naics: String,
    #[sea_orm(column_type = "JsonBinary")] aliases: Json,
} }
entity! { role "roles" {
    #[sea_orm(primary_key)] id: i64, slug: String, display_name: String, domain_id: i64, archetype: Word<Archetype>,
    description: String, parent_id: Option<i64>, is_branchable: bool, soc: String, isco: String, esco: Option<String>,
    retired_in: Option<i64>, replaced_by: Option<i64>,
} }
entity! { role_exposure "role_exposures" {
    #[sea_orm(primary_key, auto_increment = false)] role_id: i64, value: f32, lowest: f32, highest: f32, source: String,
    date: String,
} }
entity! { role_alias "role_aliases" { #[sea_orm(primary_key)] id: i64, role_id: i64, alias_text: String } }
entity! { role_kra "role_kras" {
    #[sea_orm(primary_key)] id: i64, role_id: i64, position: i32, sentence: String, model: String, embedding: Vec<u8>,
} }
entity! { role_skill "role_skills" {
    #[sea_orm(primary_key, auto_increment = false)] role_id: i64, #[sea_orm(primary_key, auto_increment = false)] skill_id: i64,
    position: i32,
} }
entity! { role_dimension "role_dimensions" {
    #[sea_orm(primary_key)] id: i64, role_id: i64, dimension_id: i64, weight: Option<f32>, origin: Word<LinkOrigin>,
} }
entity! { role_centroid "role_centroids" {
    #[sea_orm(primary_key, auto_increment = false)] role_id: i64, n: i64, model: String, embedding: Vec<u8>,
} }
