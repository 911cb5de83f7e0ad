//! The library in the database, and the queues that it learns from, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

use contract::{
    AliasType, Archetype, ArtifactKind, ChangeVerb, ConfidenceBand, DecisionCase, DifficultyHint, Direction,
    JdType, Lifespan, LinkOrigin, LinkOutcome, MatchStrategy, Nature, Relationship, ReviewKind, ReviewStatus,
    SkillType, Stage, Status, SuggestedAction, VersionKind, VersionStrategy, Volatility,
};
use library::{Edit, Entry, Library, LibraryFile, shipped};
use sea_orm::ConnectionTrait as _;
use store::{Acceptance, Looked, Place, ReviewFilter, Store, StoreError, difference};
use strum::VariantArray;
use support::{BOTH, Fresh, Kind};

const HEAD: [&str; 12] = [
    "domains",
    "clusters",
    "dimensions",
    "categories",
    "sub_categories",
    "skills",
    "skill_aliases",
    "skill_dimensions",
    "roles",
    "role_aliases",
    "role_kras",
    "role_dimensions",
];

async fn migrated(kind: Kind) -> (Fresh, Store) {
    let fresh = Fresh::new(kind).await;
    let store = Store::connect(&Place::read(&fresh.url).unwrap()).await.unwrap();
    store.migrate().await.unwrap();
    (fresh, store)
}

#[tokio::test]
async fn the_shipped_library_is_imported_once_and_whole() {
    let library = Library::build(shipped()).unwrap();
    for kind in BOTH {
        let (fresh, store) = migrated(kind).await;
        let first = store.adopt(shipped(), "test").await.unwrap();
        let counts = fresh.counts(&HEAD).await;
        assert_eq!(first.name, library.version());
        assert_eq!(counts["skills"], library.skills().len() as i64);
        assert_eq!(counts["roles"], library.roles().len() as i64);
        assert_eq!(counts["role_kras"], library.kras().len() as i64);
        assert_eq!(counts["categories"], library.categories().len() as i64);
        assert_eq!(store.adopt(shipped(), "test").await.unwrap(), first);
        assert_eq!(fresh.counts(&HEAD).await, counts, "{kind:?}");
        assert_eq!(store.versions().await.unwrap().len(), 1);
        let rebuilt = store.library(None).await.unwrap().build().unwrap();
        assert_eq!(difference(&library, &rebuilt), []);
    }
}

/// An item to decide on, and what accepting it writes.
async fn item(fresh: &Fresh) -> i64 {
    let db = fresh.connect().await;
    db.execute_unprepared(
        "INSERT INTO review_items (kind, merge_key, title, suggestion, suggested_action, nearest, novelty, max_similarity, \
         priority, jds, companies, first_seen, last_seen, status, revision) VALUES ('alias', 'skill java: jawa', 'jawa', '{}', \
         'add_alias', '[]', 0.5, 0.1, 1.0, 1, 1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 'pending', 0)",
    )
    .await
    .unwrap();
    db.close().await.unwrap();
    fresh.rows("SELECT max(id) FROM review_items").await[0].try_get_by_index(0).unwrap()
}

fn looked(id: i64, revision: i32, reviewer: &str) -> Looked {
    Looked { id, revision, reviewer: reviewer.into() }
}

fn alias(words: &str) -> Vec<Edit> {
    vec![Edit::Put(Entry::SkillAlias { skill: "java".into(), alias: words.into() })]
}

/// The library that accepting some edits makes of the newest.
async fn after(store: &Store, edits: &[Edit]) -> (i64, Library) {
    let content = store.library(None).await.unwrap();
    let listed = content.listed();
    let name = Store::next_name(&content.name, &Library::version_of(&listed));
    let all = [content.edits.clone(), edits.to_vec()].concat();
    (content.version_id, Library::build_with(&listed, &all, name).unwrap())
}

#[tokio::test]
async fn accepting_writes_a_version_and_undo_restores_the_one_before() {
    for kind in BOTH {
        let (fresh, store) = migrated(kind).await;
        store.adopt(shipped(), "test").await.unwrap();
        let before = fresh
            .texts("SELECT alias_text FROM skill_aliases ORDER BY skill_id, alias_text, match_strategy")
            .await;
        let id = item(&fresh).await;
        let (parent, library) = after(&store, &alias("jawa")).await;
        let acceptance = Acceptance { parent, edits: alias("jawa"), library: &library, note: "test".into() };
        store.accept(&looked(id, 0, "ada"), acceptance).await.unwrap();
        assert_eq!(store.adopt(shipped(), "test").await.unwrap().edits, alias("jawa"));
        assert_eq!(
            fresh.texts("SELECT alias_text FROM skill_aliases WHERE alias_text = 'jawa'").await,
            ["jawa"]
        );
        assert_eq!(store.review(id).await.unwrap().line.status, ReviewStatus::Accepted);

        let undone = store.undo(&looked(id, 1, "ada")).await.unwrap();
        assert!(undone.is_some());
        assert_eq!(
            fresh
                .texts("SELECT alias_text FROM skill_aliases ORDER BY skill_id, alias_text, match_strategy")
                .await,
            before
        );
        assert_eq!(store.review(id).await.unwrap().line.status, ReviewStatus::Pending);
        assert_eq!(
            fresh.texts("SELECT action FROM audit_log WHERE actor = 'ada' ORDER BY id").await,
            ["library.change", "review.accept", "library.change", "review.undo"]
        );
    }
}

#[tokio::test]
async fn of_two_reviewers_at_once_one_is_told_of_the_other() {
    for kind in BOTH {
        let (fresh, store) = migrated(kind).await;
        store.adopt(shipped(), "test").await.unwrap();
        let id = item(&fresh).await;
        let (parent, library) = after(&store, &alias("jawa")).await;
        let other = Store::connect(&Place::read(&fresh.url).unwrap()).await.unwrap();
        let acceptance = Acceptance { parent, edits: alias("jawa"), library: &library, note: "test".into() };
        let (accepted, rejected) = (looked(id, 0, "ada"), looked(id, 0, "brian"));
        let (one, two) =
            tokio::join!(store.accept(&accepted, acceptance), other.reject(&rejected, "no such thing"));
        assert!(one.is_ok() != two.is_ok(), "{kind:?}: {one:?} and {two:?}");
        let (error, winner) = match (one, two) {
            (Err(error), Ok(())) => (error, "brian"),
            (Ok(_), Err(error)) => (error, "ada"),
            other => panic!("{other:?}"),
        };
        assert!(matches!(&error, StoreError::Conflict(words) if words.contains(winner)), "{error}");
        // Whoever was second looks again and may decide otherwise: nothing is lost.
        let line = store.review(id).await.unwrap().line;
        assert_eq!((line.revision, line.reviewer.as_deref()), (1, Some(winner)));
        store.undo(&looked(id, 1, "cleo")).await.unwrap();
        assert_eq!(
            store.reviews(&ReviewFilter { limit: 9, ..ReviewFilter::default() }).await.unwrap().len(),
            1
        );
    }
}

#[tokio::test]
async fn an_accept_that_fails_leaves_the_item_as_it_was() {
    for kind in BOTH {
        let (fresh, store) = migrated(kind).await;
        store.adopt(shipped(), "test").await.unwrap();
        let id = item(&fresh).await;
        let (parent, library) = after(&store, &alias("jawa")).await;
        let stale =
            Acceptance { parent: parent - 1, edits: alias("jawa"), library: &library, note: String::new() };
        let error = store.accept(&looked(id, 0, "ada"), stale).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Conflict(words) if words.contains("changed meanwhile")),
            "{error}"
        );
        assert_eq!(store.review(id).await.unwrap().line.revision, 0);
        assert_eq!(store.versions().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn rolling_back_makes_the_old_content_the_newest() {
    for kind in BOTH {
        let (fresh, store) = migrated(kind).await;
        let first = store.adopt(shipped(), "test").await.unwrap();
        for words in ["jawa", "jawwa"] {
            let id = item(&fresh).await;
            let (parent, library) = after(&store, &alias(words)).await;
            let acceptance =
                Acceptance { parent, edits: alias(words), library: &library, note: String::new() };
            store.accept(&looked(id, 0, "ada"), acceptance).await.unwrap();
            let db = fresh.connect().await;
            db.execute_unprepared("UPDATE review_items SET merge_key = merge_key || id").await.unwrap();
            db.close().await.unwrap();
        }
        let back = store.rollback(&first.name, "ada").await.unwrap();
        let (old, new) =
            (store.library(Some(&first.name)).await.unwrap(), store.library(None).await.unwrap());
        assert_eq!((new.name.as_str(), store.versions().await.unwrap().len()), (back.name.as_str(), 4));
        assert_eq!(difference(&old.build().unwrap(), &new.build().unwrap()), []);
        assert!(
            fresh
                .texts("SELECT alias_text FROM skill_aliases WHERE alias_text IN ('jawa', 'jawwa')")
                .await
                .is_empty()
        );
    }
}

#[tokio::test]
async fn other_files_make_another_version_and_what_is_gone_is_retired() {
    for kind in BOTH {
        let (fresh, store) = migrated(kind).await;
        store.adopt(shipped(), "test").await.unwrap();
        let companies = LibraryFile {
            name: "companies.toml",
            content: "[companies.larchfield]\nname = \"Larchfield Mills\"\nindustry = \"Milling\"\nnaics = \"3112\"\n",
        };
        let files: Vec<LibraryFile<'_>> = shipped()
            .iter()
            .map(|file| if file.name == "companies.toml" { companies } else { *file })
            .collect();
        let second = store.adopt(&files, "test").await.unwrap();
        assert_eq!(fresh.texts("SELECT display_name FROM companies").await, ["Larchfield Mills"]);
        assert_eq!(store.versions().await.unwrap()[0].name, second.name);
        assert_eq!(store.adopt(&files, "test").await.unwrap(), second);
        // And back again: the first files are a new version of their old content.
        let third = store.adopt(shipped(), "test").await.unwrap();
        assert_ne!(third.name, second.name);
        assert_eq!(store.versions().await.unwrap().len(), 3);
    }
}

fn words<T: VariantArray + Copy + Into<&'static str> + 'static>() -> &'static str {
    T::VARIANTS[0].into()
}

#[tokio::test]
async fn nothing_outside_the_vocabularies_can_be_written() {
    // Table, column, and a word that the column takes.
    let columns: [(&str, &str, &str); 30] = [
        ("dimensions", "difficulty_hint", words::<DifficultyHint>()),
        ("skills", "skill_type", words::<SkillType>()),
        ("skills", "nature", words::<Nature>()),
        ("skills", "volatility", words::<Volatility>()),
        ("skills", "lifespan", words::<Lifespan>()),
        ("skills", "version_strategy", words::<VersionStrategy>()),
        ("skill_aliases", "alias_type", words::<AliasType>()),
        ("skill_aliases", "match_strategy", words::<MatchStrategy>()),
        ("skill_relationships", "relationship", words::<Relationship>()),
        ("skill_relationships", "direction", words::<Direction>()),
        ("skill_dimensions", "origin", words::<LinkOrigin>()),
        ("role_dimensions", "origin", words::<LinkOrigin>()),
        ("roles", "archetype", words::<Archetype>()),
        ("library_versions", "kind", words::<VersionKind>()),
        ("library_changes", "verb", words::<ChangeVerb>()),
        ("runs", "status", words::<Status>()),
        ("runs", "jd_type", words::<JdType>()),
        ("runs", "decision_case", words::<DecisionCase>()),
        ("runs", "band", words::<ConfidenceBand>()),
        ("run_attempts", "status", words::<Status>()),
        ("link_outcomes", "skill_dimension", words::<LinkOutcome>()),
        ("link_outcomes", "role_dimension", words::<LinkOutcome>()),
        ("run_artifacts", "kind", words::<ArtifactKind>()),
        ("model_calls", "stage", words::<Stage>()),
        ("review_items", "kind", words::<ReviewKind>()),
        ("review_items", "status", words::<ReviewStatus>()),
        ("review_items", "suggested_action", words::<SuggestedAction>()),
        ("dimensions", "slug", "back-end"),
        ("skills", "slug", "java"),
        ("roles", "slug", "baker"),
    ];
    for kind in BOTH {
        let (fresh, _store) = migrated(kind).await;
        // What the tables say of themselves: every one of these columns has a check that knows the word and not another.
        let definitions = match kind {
            Kind::Sqlite => fresh.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'").await,
            Kind::Postgres => {
                fresh
                    .rows(
                        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'",
                    )
                    .await
            }
        };
        let definitions: Vec<(String, String)> = definitions
            .iter()
            .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
            .collect();
        let db = fresh.connect().await;
        for (table, column, word) in columns {
            let has_check = definitions
                .iter()
                .any(|(of, says)| of == table && says.contains(column) && says.contains("CHECK"));
            assert!(has_check, "{kind:?}: {table}.{column} takes anything");
            // The check is tried alone: a copy of the table's column with the same definition.
            let wrong = if column == "slug" { "d_init_01" } else { "MEDIUM_UNVERSIONED" };
            for (value, is_taken) in [(word, true), (wrong, false)] {
                let taken = try_check(&db, kind, &definitions, table, column, value).await;
                assert_eq!(taken, is_taken, "{kind:?}: {table}.{column} and '{value}'");
            }
        }
        db.close().await.unwrap();
    }
}

/// Whether the check of a column, as the database has it, takes a value.
async fn try_check(
    db: &sea_orm::DatabaseConnection,
    kind: Kind,
    definitions: &[(String, String)],
    table: &str,
    column: &str,
    value: &str,
) -> bool {
    let check = match kind {
        Kind::Postgres => definitions
            .iter()
            .find(|(of, says)| of == table && says.contains(column))
            .map(|(_, says)| says.clone())
            .unwrap(),
        Kind::Sqlite => {
            let definition = &definitions.iter().find(|(of, _)| of == table).unwrap().1;
            let at = definition.find(&format!("\"{column}\" ")).unwrap();
            let check = &definition[at + definition[at..].find("CHECK").unwrap()..];
            let mut depth = 0;
            let end = check
                .char_indices()
                .find(|&(_, c)| {
                    depth += i32::from(c == '(') - i32::from(c == ')');
                    c == ')' && depth == 0
                })
                .unwrap()
                .0;
            check[..=end].to_owned()
        }
    };
    db.execute_unprepared("DROP TABLE IF EXISTS trial").await.unwrap();
    db.execute_unprepared(&format!("CREATE TABLE trial (\"{column}\" text, {check})")).await.unwrap();
    db.execute_unprepared(&format!("INSERT INTO trial VALUES ('{value}')")).await.is_ok()
}
