use contract::{Content, Document, Options, Reconciliation, SkillDetail, SkillType};
use decision::Decision;
use library::{Library, StaticTable};
use parse::Parse;
use signals::Signals;
use std::sync::{Arc, LazyLock};
use text::read::Reader;

use crate::Enrichment;

static LIBRARY: LazyLock<Arc<Library>> =
    LazyLock::new(|| Arc::new(Library::build(library::shipped()).unwrap()));

/// The unknown skills of one requirement.
fn unknown(requirement: &str) -> Vec<SkillDetail> {
    let text = format!(
        "Backend Engineer\nWe move parcels through forty towns.\n\nResponsibilities\n- Build the services of our depots\n\
         - Review code\n\nRequirements\n- {requirement}\n"
    );
    let library = Arc::clone(&LIBRARY);
    let parse = Parse::new(Arc::clone(&library), Reader::in_process());
    let parsed = parse.of(&Document::new(Content::Text(text), None), &Options::default());
    let signals = Signals::new(Arc::clone(&library), StaticTable::shared()).of(&parsed);
    let decision = Decision::new(Arc::clone(&library)).of(&signals);
    let enrichment = Enrichment::new(library, StaticTable::shared()).of(&parsed, &decision);
    enrichment.skills_detail.into_iter().filter(|detail| detail.canonical_id.is_none()).collect()
}

#[test]
fn a_name_among_databases_is_a_database() {
    let found = unknown("Experience with PostgreSQL, MySQL, Zentarrow, Oracle Database and SQL Server");
    let [zentarrow] = &found[..] else { panic!("{found:?}") };
    assert_eq!(zentarrow.profile.skill_type, Some(SkillType::Datastore));
    let dimension = zentarrow.dimensions.first().unwrap();
    assert_eq!(dimension.slug.as_deref(), Some("relational-databases"));
    assert_eq!(dimension.reconciliation, Some(Reconciliation::Merge));
    assert!(
        zentarrow
            .orchestration
            .as_ref()
            .unwrap()
            .relationships
            .iter()
            .any(|related| related.skill == "mysql")
    );
}

#[test]
fn a_misspelt_name_is_proposed_as_another_name() {
    let found = unknown("Experience with Terraform, Ansbile, Puppet and Docker");
    let [misspelt] = &found[..] else { panic!("{found:?}") };
    let known = misspelt.orchestration.as_ref().unwrap().alias_of.as_ref().unwrap();
    assert_eq!(known.slug, "ansible");
}

#[test]
fn neighbours_of_every_kind_agree_on_nothing() {
    let found = unknown("Experience with Photoshop, Zentarrow, PostgreSQL, Kubernetes and Java");
    let [zentarrow] = &found[..] else { panic!("{found:?}") };
    assert_eq!(zentarrow.profile.skill_type, None);
    assert!(zentarrow.dimensions.is_empty());
}
