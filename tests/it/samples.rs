//! The sample postings, written for this project, against what must hold of each.

use contract::{Content, Document, Evidence, JdType, Options, Parse, Polarity};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::engine::{Answer, answer_of};

static ANSWERS: LazyLock<BTreeMap<String, Answer>> = LazyLock::new(|| {
    files("samples")
        .into_iter()
        .map(|path| (name(&path), answer_of(&read(&path), &Options::default())))
        .collect()
});

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn read(path: &Path) -> Document {
    Document::new(Content::Bytes(fs::read(path).unwrap()), None)
}

fn parse(name: &str) -> &'static Parse {
    &ANSWERS[name].parse
}

fn skills(name: &str) -> BTreeSet<&'static str> {
    parse(name).skills.iter().filter_map(|skill| skill.canonical_id.as_deref()).collect()
}

#[test]
fn every_sample_has_gold_and_is_of_the_kind_that_the_gold_says() {
    let gold: BTreeMap<String, serde_json::Value> = files("gold")
        .into_iter()
        .map(|path| (name(&path), serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap()))
        .collect();
    assert!(ANSWERS.len() >= 20 && gold.keys().eq(ANSWERS.keys()));
    for (name, answer) in &*ANSWERS {
        assert_eq!(answer.parse.jd_type.to_string(), gold[name]["jd_type"].as_str().unwrap(), "{name}");
    }
}

#[test]
fn sections_tile_and_every_quote_stands_where_it_says() {
    for (name, Answer { parse, .. }) in &*ANSWERS {
        let scalars: Vec<char> = parse.text.chars().collect();
        let mut at = 0;
        for section in &parse.sections {
            assert_eq!(section.start, at, "{name}");
            at = section.end;
        }
        assert_eq!(at as usize, scalars.len(), "{name}");
        for span in parse
            .skills
            .iter()
            .flat_map(|skill| &skill.spans)
            .chain(parse.requirements.leaves().flat_map(|leaf| &leaf.spans))
        {
            let quoted: String = scalars[span.start as usize..span.end as usize].iter().collect();
            assert_eq!(quoted, span.quote, "{name}");
        }
    }
}

#[test]
fn no_skill_is_without_its_words_and_no_field_without_its_source() {
    for (name, Answer { parse, .. }) in &*ANSWERS {
        assert!(parse.skills.iter().all(|skill| !skill.spans.is_empty()), "{name}");
        let fields = &parse.fields;
        let evidence = fields
            .title
            .iter()
            .map(|title| &title.evidence)
            .chain(fields.experience.iter().map(|years| &years.evidence));
        for evidence in evidence {
            match evidence {
                Evidence::Text { spans } => assert!(!spans.is_empty(), "{name}"),
                Evidence::Inferred { reason, .. } => assert!(!reason.is_empty(), "{name}"),
                Evidence::Given { .. } => {}
            }
        }
    }
}

#[test]
fn one_posting_asks_for_the_same_skills_as_text_page_document_and_print() {
    for other in ["02-backend", "03-backend", "04-backend"] {
        assert_eq!(skills(other), skills("01-backend"), "{other}");
    }
}

#[test]
fn two_jobs_in_one_text_are_told_apart() {
    assert_eq!(parse("13-two-jobs").jd_type, JdType::MultipleJds);
}

#[test]
fn a_recipe_is_no_job_and_french_is_not_read() {
    assert_eq!(parse("14-recipe").jd_type, JdType::NotAJd);
    assert_eq!(parse("15-french").jd_type, JdType::UnsupportedLanguage);
    assert!(parse("15-french").reason.is_some());
}

#[test]
fn what_is_not_needed_is_negative() {
    let angular = parse("06-react")
        .skills
        .iter()
        .find(|skill| skill.canonical_id.as_deref() == Some("angular"))
        .unwrap();
    assert_eq!(angular.polarity, Polarity::Negative);
}

#[test]
fn an_injected_instruction_changes_no_role() {
    let role = |name: &str| ANSWERS[name].decision.chosen_role.as_ref().map(|role| role.slug.clone());
    assert_eq!(role("19-scrum-injected"), role("18-scrum"));
    assert!(skills("18-scrum").is_subset(&skills("19-scrum-injected")));
}

#[test]
fn hidden_html_scripts_and_comments_are_the_source_of_nothing() {
    let parse = parse("20-hostile");
    for word in ["COBOL", "Haskell", "Erlang", "Prolog", "Perl", "Fortran"] {
        assert!(!parse.text.contains(word), "{word}");
    }
}
