//! A posting and signals for the tests of what is asked.

use contract::{
    AliasScore, Contact, ContactKind, Content, Decided, Document, Envelope, Fields, Item, ItemKind, JdType,
    Necessity, Options, Parse, Requirement, RunId, Section, SectionKind, SignalNotes, Signalled, Signals,
    Source, Span, Stated, Versions,
};
use library::Library;
use model::{Model as _, ModelError, Scripted};
use pipeline::Stage as _;
use std::sync::{Arc, LazyLock};

use crate::Decision;

/// The two roles that are tied.
pub(super) const TIED: [&str; 2] = ["backend-engineer", "data-engineer"];

pub(super) fn library() -> Arc<Library> {
    static LIBRARY: LazyLock<Arc<Library>> =
        LazyLock::new(|| Arc::new(Library::build(library::shipped()).unwrap()));
    Arc::clone(&LIBRARY)
}

const SECTIONS: [(SectionKind, &[&str]); 3] = [
    (SectionKind::AboutCompany, &["We have kept bees since 1961."]),
    (
        SectionKind::Responsibilities,
        &[
            "Keep the hives of four orchards",
            "Report wax moths to the farmers",
            "Harvest the honey in July",
            "Ask Ada Wren when a queen is lost",
        ],
    ),
    (SectionKind::QualificationsRequired, &["You know wax moths and foulbrood", "Two summers with bees"]),
];

/// A posting for a keeper of bees.
pub(super) fn parse() -> Parse {
    let (mut text, mut sections, mut items) = (String::new(), Vec::new(), Vec::new());
    for (number, (kind, lines)) in SECTIONS.into_iter().enumerate() {
        let start = text.len() as u32;
        for line in lines {
            let start = text.len() as u32;
            text.push_str(line);
            items.push(Item {
                section: number as u32,
                // Whatever an item is taken for, some sections ask nothing.
                kind: if number == 1 { ItemKind::Responsibility } else { ItemKind::Requirement },
                necessity: Necessity::Required,
                necessity_inferred: true,
                start,
                end: text.len() as u32,
            });
            text.push('\n');
        }
        sections.push(Section {
            kind,
            start,
            end: text.len() as u32,
            heading: None,
            heading_was_present: false,
            bullet_count: 0,
            word_count: 0,
            source_marker: Default::default(),
        });
    }
    let name = text.find("Ada Wren").unwrap() as u32;
    let span = Span { start: name, end: name + 8, quote: "Ada Wren".to_owned() };
    let contact = Contact { kind: ContactKind::Name, value: "Ada Wren".to_owned() };
    Parse {
        text,
        jd_type: JdType::Pass,
        reason: None,
        problem: None,
        language: None,
        sections,
        items,
        fields: Fields { contact: vec![Stated::read(contact, span)], ..Fields::default() },
        requirements: Requirement::AllOf(Vec::new()),
        skills: Vec::new(),
        dropped: 0,
    }
}

/// Signals of which none speaks, of a posting with a title.
pub(super) fn new_role() -> Signals {
    Signals {
        alias: Vec::new(),
        skill: Vec::new(),
        kra: Vec::new(),
        domain: Vec::new(),
        notes: SignalNotes { title: Some("Senior Beekeeper".to_owned()), ..SignalNotes::default() },
    }
}

/// Signals of a title that two roles claim and nothing separates.
pub(super) fn tie() -> Signals {
    let claims = |slug: &str| AliasScore { slug: slug.to_owned(), score: 0.5, trusted: true, alias: None };
    Signals { alias: TIED.map(claims).to_vec(), ..new_role() }
}

pub(super) fn built_in(signals: &Signals) -> contract::Decision {
    Decision::new(library()).of(signals)
}

/// The run of a posting with these signals, decided with a model that has every use.
pub(super) async fn decided(model: Scripted, signals: Signals) -> Result<Envelope<Decided>, ModelError> {
    decided_by(Arc::new(model), signals).await
}

pub(super) async fn decided_by(
    model: Arc<Scripted>,
    signals: Signals,
) -> Result<Envelope<Decided>, ModelError> {
    let source = Source { system: "test".to_owned(), external_id: None, idempotency_key: None };
    let parse = parse();
    let document = Document::new(Content::Text(parse.text.clone()), None);
    let mut run = Envelope::accept(RunId::mint(), source, document, Options::default(), Versions::default());
    model.pin(&run.options, &mut run.versions);
    let run = run.map(|_| Signalled { parse, signals });
    Decision::new(library()).with_model(Some(model)).run(run).await
}
