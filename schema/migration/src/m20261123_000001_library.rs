//! The library: what the newest version holds, and the history that every version can be rebuilt from.

use contract::{
    AliasType, Archetype, ChangeVerb, DifficultyHint, Direction, Lifespan, LinkOrigin, MatchStrategy, Nature,
    Relationship, SkillType, VersionKind, VersionStrategy, Volatility,
};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::{
    create, drop, index, key, part_of, primary, share, share_null, slug, table, unique, word,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: [&str; 24] = [
    "library_versions",
    "library_changes",
    "domains",
    "clusters",
    "dimensions",
    "categories",
    "sub_categories",
    "skills",
    "skill_aliases",
    "skill_tags",
    "skill_relationships",
    "skill_dimensions",
    "skill_external_ids",
    "roles",
    "role_aliases",
    "role_kras",
    "role_skills",
    "role_dimensions",
    "role_centroids",
    "background_sentences",
    "companies",
    "library_files",
    "library_states",
    "role_exposures",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, history().into_iter().chain(skills()).chain(roles()).collect(), indexes()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

/// Versions form one line: each has one parent, and no two have the same.
fn history() -> [TableCreateStatement; 4] {
    [
        table("library_versions")
            .col(big_pk_auto("id"))
            .col(text_uniq("name"))
            .col(big_integer_null("parent_id").unique_key())
            .col(word::<VersionKind>("kind"))
            .col(big_integer_null("base_id"))
            .col(text("base_hash"))
            .col(text("note"))
            .col(text("actor"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(&mut key("parent_id", "library_versions", "id"))
            .foreign_key(&mut key("base_id", "library_versions", "id"))
            .take(),
        // The files that a base version was read from, zstd-compressed.
        table("library_files")
            .col(big_integer("version_id"))
            .col(integer("position"))
            .col(text("name"))
            .col(blob("content"))
            .primary_key(&mut primary(&["version_id", "position"]))
            .foreign_key(&mut part_of("version_id", "library_versions", "id"))
            .take(),
        // An edit of what the base says has its entry; a line that only tells has none.
        table("library_changes")
            .col(big_pk_auto("id"))
            .col(big_integer("version_id"))
            .col(word::<ChangeVerb>("verb"))
            .col(text("entity"))
            .col(text("slug"))
            .col(text("detail"))
            .col(json_binary_null("edit"))
            .foreign_key(&mut part_of("version_id", "library_versions", "id"))
            .take(),
        // Which version the tables below hold.
        table("library_states")
            .col(integer("id").primary_key().check(Expr::col("id").eq(1)).take())
            .col(big_integer("version_id"))
            .foreign_key(&mut key("version_id", "library_versions", "id"))
            .take(),
    ]
}

fn skills() -> [TableCreateStatement; 13] {
    [
        table("domains")
            .col(big_pk_auto("id"))
            .col(slug())
            .col(text("display_name"))
            .col(text("family"))
            .take(),
        table("clusters")
            .col(big_pk_auto("id"))
            .col(slug())
            .col(text("display_name"))
            .col(big_integer("domain_id"))
            .foreign_key(&mut key("domain_id", "domains", "id"))
            .take(),
        table("dimensions")
            .col(big_pk_auto("id"))
            .col(slug())
            .col(text("display_name"))
            .col(word::<DifficultyHint>("difficulty_hint"))
            .col(text("rationale"))
            .col(big_integer("cluster_id"))
            .col(big_integer_null("retired_in"))
            .foreign_key(&mut key("cluster_id", "clusters", "id"))
            .foreign_key(&mut key("retired_in", "library_versions", "id"))
            .take(),
        table("categories")
            .col(big_pk_auto("id"))
            .col(big_integer("domain_id"))
            .col(text("slug"))
            .col(text("display_name"))
            .foreign_key(&mut key("domain_id", "domains", "id"))
            .take(),
        table("sub_categories")
            .col(big_pk_auto("id"))
            .col(big_integer("category_id"))
            .col(text("slug"))
            .col(text("display_name"))
            .foreign_key(&mut key("category_id", "categories", "id"))
            .take(),
        table("skills")
            .col(big_pk_auto("id"))
            .col(slug())
            .col(text("display_name"))
            .col(big_integer("domain_id"))
            .col(big_integer("sub_category_id"))
            .col(word::<SkillType>("skill_type"))
            .col(word::<Nature>("nature"))
            .col(word::<Volatility>("volatility"))
            .col(word::<Lifespan>("lifespan"))
            .col(word::<VersionStrategy>("version_strategy"))
            .col(boolean("is_extractable"))
            .col(boolean("is_also_category"))
            .col(json_binary("context_words"))
            .col(json_binary_null("facts"))
            .col(big_integer_null("retired_in"))
            .col(big_integer_null("replaced_by"))
            .foreign_key(&mut key("domain_id", "domains", "id"))
            .foreign_key(&mut key("sub_category_id", "sub_categories", "id"))
            .foreign_key(&mut key("retired_in", "library_versions", "id"))
            .foreign_key(&mut key("replaced_by", "skills", "id"))
            .take(),
        table("skill_aliases")
            .col(big_pk_auto("id"))
            .col(big_integer("skill_id"))
            .col(text("alias_text"))
            .col(word::<AliasType>("alias_type"))
            .col(word::<MatchStrategy>("match_strategy"))
            .col(boolean("needs_context"))
            .col(boolean("is_primary"))
            .foreign_key(&mut part_of("skill_id", "skills", "id"))
            .take(),
        table("skill_tags")
            .col(big_integer("skill_id"))
            .col(text("tag"))
            .primary_key(&mut primary(&["skill_id", "tag"]))
            .foreign_key(&mut part_of("skill_id", "skills", "id"))
            .take(),
        table("skill_relationships")
            .col(big_pk_auto("id"))
            .col(big_integer("from_id"))
            .col(big_integer("to_id"))
            .col(word::<Relationship>("relationship"))
            .col(word::<Direction>("direction"))
            .col(share("confidence"))
            .foreign_key(&mut part_of("from_id", "skills", "id"))
            .foreign_key(&mut part_of("to_id", "skills", "id"))
            .take(),
        table("skill_dimensions")
            .col(big_pk_auto("id"))
            .col(big_integer("skill_id"))
            .col(big_integer("dimension_id"))
            .col(boolean("is_primary"))
            .col(word::<LinkOrigin>("origin"))
            .foreign_key(&mut part_of("skill_id", "skills", "id"))
            .foreign_key(&mut key("dimension_id", "dimensions", "id"))
            .take(),
        table("skill_external_ids")
            .col(big_pk_auto("id"))
            .col(big_integer("skill_id"))
            .col(text("scheme"))
            .col(text("uri"))
            .col(text("label"))
            .foreign_key(&mut part_of("skill_id", "skills", "id"))
            .take(),
        table("background_sentences").col(big_pk_auto("id")).col(text_uniq("sentence")).take(),
        table("companies")
            .col(big_pk_auto("id"))
            .col(text_uniq("display_name"))
            .col(text("industry"))
            .col(text("naics"))
            .col(json_binary("aliases"))
            .take(),
    ]
}

fn roles() -> [TableCreateStatement; 7] {
    [
        table("roles")
            .col(big_pk_auto("id"))
            .col(slug())
            .col(text("display_name"))
            .col(big_integer("domain_id"))
            .col(word::<Archetype>("archetype"))
            .col(text("description"))
            .col(big_integer_null("parent_id"))
            .col(boolean("is_branchable"))
            .col(text("soc"))
            .col(text("isco"))
            .col(text_null("esco"))
            .col(big_integer_null("retired_in"))
            .col(big_integer_null("replaced_by"))
            .foreign_key(&mut key("domain_id", "domains", "id"))
            .foreign_key(&mut key("parent_id", "roles", "id"))
            .foreign_key(&mut key("retired_in", "library_versions", "id"))
            .foreign_key(&mut key("replaced_by", "roles", "id"))
            .take(),
        table("role_exposures")
            .col(big_integer("role_id").primary_key().take())
            .col(share("value"))
            .col(share("lowest"))
            .col(share("highest"))
            .col(text("source"))
            .col(text("date"))
            .foreign_key(&mut part_of("role_id", "roles", "id"))
            .take(),
        table("role_aliases")
            .col(big_pk_auto("id"))
            .col(big_integer("role_id"))
            .col(text("alias_text"))
            .foreign_key(&mut part_of("role_id", "roles", "id"))
            .take(),
        table("role_kras")
            .col(big_pk_auto("id"))
            .col(big_integer("role_id"))
            .col(integer("position"))
            .col(text("sentence"))
            .col(text("model"))
            .col(blob("embedding"))
            .foreign_key(&mut part_of("role_id", "roles", "id"))
            .take(),
        table("role_skills")
            .col(big_integer("role_id"))
            .col(big_integer("skill_id"))
            .col(integer("position"))
            .primary_key(&mut primary(&["role_id", "skill_id"]))
            .foreign_key(&mut part_of("role_id", "roles", "id"))
            .foreign_key(&mut key("skill_id", "skills", "id"))
            .take(),
        // A link that runs made has no weight until a release gives it one.
        table("role_dimensions")
            .col(big_pk_auto("id"))
            .col(big_integer("role_id"))
            .col(big_integer("dimension_id"))
            .col(share_null("weight"))
            .col(word::<LinkOrigin>("origin"))
            .foreign_key(&mut part_of("role_id", "roles", "id"))
            .foreign_key(&mut key("dimension_id", "dimensions", "id"))
            .take(),
        table("role_centroids")
            .col(big_integer("role_id").primary_key().take())
            .col(big_integer("n"))
            .col(text("model"))
            .col(blob("embedding"))
            .foreign_key(&mut part_of("role_id", "roles", "id"))
            .take(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("library_changes", &["version_id"]),
        unique("categories", &["domain_id", "slug"]),
        unique("sub_categories", &["category_id", "slug"]),
        index("skills", &["sub_category_id"]),
        unique("skill_aliases", &["skill_id", "alias_text", "match_strategy"]),
        index("skill_aliases", &["alias_text"]),
        unique("skill_relationships", &["from_id", "to_id", "relationship"]),
        unique("skill_dimensions", &["skill_id", "dimension_id"]),
        index("skill_dimensions", &["dimension_id"]),
        unique("skill_external_ids", &["skill_id", "scheme", "uri"]),
        unique("role_aliases", &["role_id", "alias_text"]),
        unique("role_kras", &["role_id", "sentence"]),
        unique("role_dimensions", &["role_id", "dimension_id"]),
    ]
}
