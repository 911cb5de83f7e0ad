//! Saving runs, on both databases.
#![allow(clippy::unwrap_used, reason = "a test")]

use contract::{
    ArtifactKind, CentroidSample, ConfidenceBand, Content, DecisionCase, Document, JdType, LinkOutcome,
    LinkWish, ModelCall, Options, OutcomeWords, Proposal, Record, ReviewKind, RunFacts, RunId, Source, Span,
    Stage, Status, SuggestedAction, Versions,
};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use store::{Place, Purge, PurgeDepth, PurgeOf, RunFilter, Store, StoreError};
use support::{BOTH, Fresh};
use time::macros::datetime;

const TABLES: [&str; 11] = [
    "runs",
    "run_attempts",
    "documents",
    "near_duplicates",
    "link_outcomes",
    "run_artifacts",
    "collision_log",
    "model_calls",
    "centroid_updates",
    "review_items",
    "review_evidence",
];

/// A database with a library of one role, two dimensions and one skill.
async fn database(kind: support::Kind) -> (Fresh, Store) {
    let fresh = Fresh::new(kind).await;
    let store = Store::connect(&Place::read(&fresh.url).unwrap()).await.unwrap();
    store.migrate().await.unwrap();
    let db = fresh.connect().await;
    for row in [
        "INSERT INTO library_versions (name, kind, base_hash, note, actor, created_at) \
         VALUES ('test-1', 'import', 'x', '', 'test', '2026-01-01 00:00:00+00:00')",
        "INSERT INTO domains (slug, display_name, family) VALUES ('software', 'Software', 'technology')",
        "INSERT INTO clusters (slug, display_name, domain_id) VALUES ('code', 'Code', 1)",
        "INSERT INTO dimensions (slug, display_name, difficulty_hint, rationale, cluster_id) \
         VALUES ('backend', 'Backend', 'well_known', 'r', 1), ('quality', 'Quality', 'well_known', 'r', 1)",
        "INSERT INTO categories (domain_id, slug, display_name) VALUES (1, 'languages', 'Languages')",
        "INSERT INTO sub_categories (category_id, slug, display_name) VALUES (1, 'general', 'General')",
        "INSERT INTO skills (slug, display_name, domain_id, sub_category_id, skill_type, nature, volatility, lifespan, \
         version_strategy, is_extractable, is_also_category, context_words) VALUES ('java', 'Java', 1, 1, 'Language', \
         'LANGUAGE', 'EVOLVING', 'MULTI_YEAR', 'MERGE_TO_PARENT', true, false, '{}')",
        "INSERT INTO roles (slug, display_name, domain_id, archetype, description, is_branchable, soc, isco) \
         VALUES ('backend-engineer', 'Backend Engineer', 1, 'Engineering', 'd', false, '15-1252', '2512')",
    ] {
        db.execute_unprepared(row).await.unwrap();
    }
    db.close().await.unwrap();
    (fresh, store)
}

/// A text of its own for every number.
fn text(n: usize) -> String {
    (0..80)
        .map(|word| format!("w{}x{} ", char::from(b'a' + (n % 26) as u8), "ab".repeat((word * (n + 3)) % 17)))
        .collect()
}

fn record(n: usize, text: &str) -> Record {
    let quote = "Zentarrow".to_owned();
    Record {
        run_id: RunId::derived("test", &n.to_string()),
        attempt: 0,
        replay_of: None,
        created_at: datetime!(2026-03-01 12:00 UTC) + time::Duration::minutes(n as i64),
        source: Source { system: "board".into(), external_id: Some(n.to_string()), idempotency_key: None },
        status: Status::Completed,
        facts: RunFacts {
            jd_type: Some(JdType::Pass),
            title: Some("Backend Engineer".into()),
            company: Some(format!("Company {}", n % 5)),
            role: Some("backend-engineer".into()),
            case: Some(DecisionCase::Converged),
            confidence: Some(0.96),
            band: Some(ConfidenceBand::Auto),
            reason: None,
        },
        input_hash: format!("hash of {text}"),
        options: Options::default(),
        versions: Versions { pipeline: "1".into(), library: "test-1".into(), ..Versions::default() },
        outputs: json!({ "parse": { "text": text } }).to_string(),
        timings: Vec::new(),
        ledger: vec![ModelCall {
            stage: Stage::Parse,
            purpose: contract::ModelUse::HiddenSkills,
            model: "small".into(),
            request_hash: "r".into(),
            input_tokens: Some(100),
            output_tokens: None,
            ms: 12.5,
            cost_usd: Some(0.25),
            cached: false,
            outcome: contract::CallOutcome::Answered,
            dropped: 0,
            why: None,
        }],
        document: Document::new(Content::Text(text.to_owned()), Some("text/plain".into())),
        signature: text::shingles::signature(text),
        links: [("backend", LinkOutcome::Saved), ("quality", LinkOutcome::Skipped)]
            .map(|(dimension, role_dimension)| LinkWish {
                skill: "Java".into(),
                skill_slug: Some("java".into()),
                dimension: dimension.into(),
                dimension_slug: Some(dimension.into()),
                skill_dimension: LinkOutcome::Unchanged,
                role_dimension,
                outcome: OutcomeWords {
                    skill: "Existing dimension (library)",
                    role: "dimension not under chosen role",
                },
            })
            .to_vec(),
        proposals: vec![Proposal {
            kind: ReviewKind::Skill,
            key: "zentarrow".into(),
            title: quote.clone(),
            suggestion: json!({ "name": quote }),
            action: SuggestedAction::Decide,
            evidence: Span { start: 3, end: 12, quote },
            nearest: Vec::new(),
            novelty: 1.0,
            auto_rejected: None,
            artifact: ArtifactKind::CanonicalSkillProposed,
        }],
        collision: None,
        centroid: Some(CentroidSample {
            role: "backend-engineer".into(),
            model: "m".into(),
            vector: vec![0.6, 0.8],
        }),
    }
}

fn records(count: usize) -> Vec<Record> {
    (0..count).map(|n| record(n, &text(n))).collect()
}

#[tokio::test]
async fn a_batch_saved_twice_leaves_the_same_rows_and_gives_the_same_answer() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let batch = records(20);
        let first = store.save(&batch).await.unwrap();
        let counts = fresh.counts(&TABLES).await;
        let again = store.save(&batch).await.unwrap();
        assert_eq!(fresh.counts(&TABLES).await, counts, "{kind:?}");
        assert_eq!((counts["runs"], counts["link_outcomes"], counts["centroid_updates"]), (20, 40, 20));
        for (first, again) in first.iter().zip(&again) {
            assert!(first.is_new && !again.is_new);
            assert_eq!((&first.persistence, first.run_id), (&again.persistence, again.run_id));
        }
    }
}

#[tokio::test]
async fn the_first_run_makes_a_link_and_the_others_find_it() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let saved = store.save(&records(3)).await.unwrap();
        let lines: Vec<&str> =
            saved.iter().map(|saved| saved.persistence.links[0].outcome_line.as_str()).collect();
        let there = "Existing dimension (library) · Role↔dimension unchanged (already linked)";
        assert_eq!(lines, ["Existing dimension (library) · Role↔dimension saved", there, there]);
        assert_eq!(fresh.counts(&["role_dimensions"]).await["role_dimensions"], 1);
        assert_eq!(
            saved[0].persistence.links[1].outcome_line,
            "Existing dimension (library) · Role↔dimension skipped (dimension not under chosen role)"
        );
    }
}

#[tokio::test]
async fn the_same_input_is_answered_by_the_run_that_had_it_first() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let first = record(0, &text(0));
        let second = Record { run_id: RunId::derived("test", "other"), ..first.clone() };
        let saved = store.save(&[first.clone(), second.clone()]).await.unwrap();
        assert_eq!((saved[1].run_id, saved[1].is_new), (first.run_id, false));
        assert_eq!(store.save(&[second]).await.unwrap()[0].run_id, first.run_id);
        assert_eq!(fresh.counts(&["runs"]).await["runs"], 1);
        let stored = store.answered(&first.input_hash).await.unwrap().unwrap();
        assert_eq!((stored.run_id, stored.outputs), (first.run_id, Some(first.outputs)));
    }
}

#[tokio::test]
async fn another_input_of_the_same_run_is_its_next_attempt() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let first = record(0, &text(0));
        let changed = Record { input_hash: "under a newer library".into(), ..first.clone() };
        store.save(std::slice::from_ref(&first)).await.unwrap();
        assert_eq!(store.save(&[changed]).await.unwrap()[0].attempt, 1);
        let counts = fresh.counts(&TABLES).await;
        // The run is one JD: it gives one sample and one piece of evidence, however often it is taken up.
        let named =
            ["runs", "run_attempts", "centroid_updates", "review_evidence"].map(|table| counts[table]);
        assert_eq!(named, [1, 2, 1, 1]);
        assert_eq!(store.runs(&RunFilter::page(9)).await.unwrap()[0].attempt, 1);
    }
}

#[tokio::test]
async fn the_same_posting_in_another_city_is_linked_to_the_first_and_counted_once() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let first = record(0, &format!("In Ghent. {}", text(7)));
        let again = |n: usize, city: &str| Record {
            facts: RunFacts { company: first.facts.company.clone(), ..first.facts.clone() },
            ..record(n, &format!("In {city}. {}", text(7)))
        };
        let elsewhere = Record {
            facts: RunFacts { company: Some("Another employer".into()), ..first.facts.clone() },
            ..record(9, &format!("In Oslo. {}", text(7)))
        };
        // One in the same batch, one in a later one, and one of another employer, which is a posting of its own.
        let one = store.save(&[first.clone(), again(1, "Porto")]).await.unwrap();
        let two = store.save(&[again(2, "Cork"), elsewhere]).await.unwrap();
        assert_eq!(one[1].persistence.duplicate_of, Some(first.run_id), "{kind:?}");
        assert_eq!(two[0].persistence.duplicate_of, Some(first.run_id), "{kind:?}");
        assert_eq!(two[1].persistence.duplicate_of, None, "{kind:?}");
        let counts = fresh.counts(&TABLES).await;
        let named =
            ["runs", "near_duplicates", "centroid_updates", "review_evidence"].map(|table| counts[table]);
        assert_eq!(named, [4, 2, 2, 2], "{kind:?}");
        assert_eq!(
            store
                .runs(&RunFilter::page(9))
                .await
                .unwrap()
                .iter()
                .filter(|run| run.duplicate_of.is_some())
                .count(),
            2
        );
    }
}

#[tokio::test]
async fn what_the_database_refuses_leaves_nothing_of_its_batch() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let unknown = Record {
            facts: RunFacts { role: Some("no-such-role".into()), ..record(1, "").facts },
            ..record(1, &text(1))
        };
        let error = store.save(&[record(0, &text(0)), unknown]).await.unwrap_err();
        assert!(matches!(&error, StoreError::Missing(what) if what.contains("no-such-role")), "{error}");
        let wrong = Record {
            facts: RunFacts { confidence: Some(1.5), ..record(1, "").facts },
            ..record(1, &text(1))
        };
        let error = store.save(&[record(0, &text(0)), wrong]).await.unwrap_err();
        assert!(matches!(error, StoreError::Refused(_)), "{error:?}");
        assert!(fresh.counts(&TABLES).await.values().all(|&count| count == 0), "{kind:?}");
    }
}

#[tokio::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    for kind in BOTH {
        let (_fresh, store) = database(kind).await;
        store.save(&records(25)).await.unwrap();
        let mut seen = Vec::new();
        let mut filter = RunFilter::page(10);
        loop {
            let page = store.runs(&filter).await.unwrap();
            seen.extend(page.iter().map(|run| run.external_id.clone().unwrap().parse::<usize>().unwrap()));
            let Some(last) = page.last().filter(|_| page.len() == 10) else { break };
            filter.after = Some(store::Cursor { created_at: last.created_at, run_id: last.run_id });
        }
        assert_eq!(seen, (0..25).rev().collect::<Vec<_>>(), "{kind:?}");
        let of_one = RunFilter { text: Some("COMPANY 3".into()), ..RunFilter::page(99) };
        assert_eq!(store.runs(&of_one).await.unwrap().len(), 5);
        let of_role = RunFilter {
            role: Some("backend-engineer".into()),
            status: Some(Status::Completed),
            ..RunFilter::page(99)
        };
        assert_eq!(store.runs(&of_role).await.unwrap().len(), 25);
        let wild = RunFilter { text: Some("%".into()), ..RunFilter::page(99) };
        assert_eq!(store.runs(&wild).await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn an_erased_run_leaves_counts_and_no_text() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        store.save(&records(4)).await.unwrap();
        let before = fresh.counts(&TABLES).await;
        let purge = Purge {
            of: PurgeOf { source: Some("board".into()), ..PurgeOf::default() },
            depth: PurgeDepth::Everything,
            dry_run: true,
            actor: "ada".into(),
        };
        let planned = store.purge(&purge).await.unwrap();
        assert_eq!(store.runs(&RunFilter::page(9)).await.unwrap()[0].erased_at, None);
        let done = store.purge(&Purge { dry_run: false, ..purge.clone() }).await.unwrap();
        assert_eq!(planned, done);
        assert_eq!((done.runs, done.documents), (4, 4));
        assert_eq!(fresh.counts(&TABLES).await, before, "rows stay, {kind:?}");
        let run = store.runs(&RunFilter::page(9)).await.unwrap().remove(0);
        assert_eq!((run.title, run.company, run.role.as_deref()), (None, None, Some("backend-engineer")));
        assert!(store.attempt(run.run_id, None).await.unwrap().unwrap().outputs.is_none());
        assert!(store.answered(&record(0, &text(0)).input_hash).await.unwrap().is_none());
        assert_eq!(fresh.texts("SELECT actor || ' ' || action FROM audit_log").await, ["ada runs.purge"]);
        // Again: there is nothing left to forget.
        assert_eq!(store.purge(&Purge { dry_run: false, ..purge }).await.unwrap().runs, 0);
    }
}

#[tokio::test]
async fn two_writers_of_the_same_runs_leave_them_once() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let batch = records(12);
        let other = Store::connect(&Place::read(&fresh.url).unwrap()).await.unwrap();
        let saved = async |store: &Store| loop {
            match store.save(&batch).await {
                Ok(saved) => break saved,
                // The other one was first: the batch is tried again, as a worker would.
                Err(StoreError::Refused(_) | StoreError::Busy(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        };
        let (one, two) = tokio::join!(saved(&store), saved(&other));
        assert_eq!(
            one.iter().filter(|saved| saved.is_new).count() + two.iter().filter(|saved| saved.is_new).count(),
            12
        );
        assert_eq!(fresh.counts(&["runs"]).await["runs"], 12);
        assert_eq!(fresh.texts("SELECT title || ' ' || jds FROM review_items").await, ["Zentarrow 12"]);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    for kind in BOTH {
        let (fresh, store) = database(kind).await;
        let db = fresh.connect().await;
        db.execute_unprepared(
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99990101_000001_future', 1)",
        )
        .await
        .unwrap();
        db.close().await.unwrap();
        assert!(
            matches!(store.migrate().await, Err(StoreError::Newer(version)) if version.contains("future"))
        );
    }
}

#[test]
fn a_password_is_in_no_message() {
    let place = Place::read("postgres://ada:secret@db.test/rolemill").unwrap();
    assert_eq!(place.to_string(), "postgres://ada:***@db.test/rolemill");
    let error = Place::read("mysql://ada:secret@db.test/rolemill").unwrap_err().to_string();
    assert!(!error.contains("secret") && error.contains("neither"), "{error}");
}
