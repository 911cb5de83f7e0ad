//! Output 5: how well the run's claims are supported by the text.

use contract::{Assessed, Claim, Evidence, EvidenceShare, Field, Fields, Span, Stated, rounded};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

use crate::view::{View, library_source};

const SCALE: &str = "share of claims at grade 3 or 4, 0 to 1";
const METHOD: &str = "grade 4: quoted; 3: given beside the text, or concluded from quoted words; 1: concluded without words; a skill has its own grade";
/// The most claims that are listed.
const LISTED: usize = 10;
/// From this grade on a claim is well supported.
const WELL: u8 = 3;

pub(crate) fn assess(view: &View<'_>) -> Assessed<EvidenceShare> {
    let mut count =
        Count { view, claims: 0, well: 0, unsupported: 0, sections: BTreeMap::new(), weakest: Vec::new() };
    for (place, skill) in view.parse.skills.iter().enumerate() {
        count.claim(|| format!("parse.skills[{place}]"), &skill.spans, skill.evidence_grade);
    }
    for (place, leaf) in view.parse.requirements.leaves().enumerate() {
        count.claim(
            || format!("parse.requirements[{place}]"),
            &leaf.spans,
            if leaf.spans.is_empty() { 1 } else { 4 },
        );
    }
    count.fields(&view.parse.fields);
    let Count { claims, well, unsupported, sections, mut weakest, .. } = count;
    weakest.sort_by(|a, b| a.grade.cmp(&b.grade).then_with(|| a.path.cmp(&b.path)));
    weakest.truncate(LISTED);
    let well_supported = if claims == 0 { 0.0 } else { rounded(well as f32 / claims as f32) };
    Assessed {
        value: Some(EvidenceShare { claims, well_supported, unsupported, sections, weakest }),
        cannot_assess: None,
        scale: SCALE.to_owned(),
        confidence: 1.0,
        evidence: Vec::new(),
        method: METHOD.to_owned(),
        sources: vec![library_source(view.library)],
    }
}

struct Count<'a> {
    view: &'a View<'a>,
    claims: u32,
    well: u32,
    unsupported: u32,
    sections: BTreeMap<String, u32>,
    weakest: Vec<Claim>,
}

impl Count<'_> {
    fn claim(&mut self, path: impl FnOnce() -> String, spans: &[Span], grade: u8) {
        self.claims += 1;
        self.well += u32::from(grade >= WELL);
        self.unsupported +=
            u32::from(spans.iter().any(|span| self.view.words(span.start, span.end) != span.quote));
        let first = spans.first();
        let section = first.and_then(|span| {
            let sections = &self.view.parse.sections;
            sections.iter().find(|section| (section.start..section.end).contains(&span.start))
        });
        let section = section.map(|section| section.kind.to_string());
        if let Some(section) = &section {
            *self.sections.entry(section.clone()).or_default() += 1;
        }
        if grade < WELL {
            self.weakest.push(Claim {
                path: path(),
                section,
                start: first.map(|span| span.start),
                end: first.map(|span| span.end),
                quote_hash: first.map(|span| hash(&span.quote)),
                grade,
            });
        }
    }

    fn stated<T>(&mut self, path: impl FnOnce() -> String, value: &Stated<T>) {
        let grade = match &value.evidence {
            Evidence::Text { spans } if !spans.is_empty() => 4,
            Evidence::Given { .. } => 3,
            Evidence::Inferred { spans, .. } if !spans.is_empty() => 3,
            Evidence::Inferred { .. } => 1,
            Evidence::Text { .. } => 0,
        };
        self.claim(path, value.evidence.spans(), grade);
    }

    fn field<T>(&mut self, name: &str, field: &Field<T>) {
        if let Some(value) = field {
            self.stated(|| format!("parse.fields.{name}"), value);
        }
    }

    fn list<T>(&mut self, name: &str, list: &[Stated<T>]) {
        for (place, value) in list.iter().enumerate() {
            self.stated(|| format!("parse.fields.{name}[{place}]"), value);
        }
    }

    /// Every field is named here: a new one does not compile until it is counted.
    fn fields(&mut self, fields: &Fields) {
        let Fields {
            title,
            title_aliases,
            seniority,
            company,
            org_unit,
            industry,
            locations,
            work_mode,
            employment_type,
            salary,
            experience,
            education,
            certifications,
            spoken_languages,
            visa_clearance,
            travel,
            benefits,
            application,
            deadline,
            contact,
            urls,
            eeo_statement,
            accommodation_statement,
        } = fields;
        self.field("title", title);
        self.list("title_aliases", title_aliases);
        self.field("seniority", seniority);
        self.field("company", company);
        self.field("org_unit", org_unit);
        self.field("industry", industry);
        self.list("locations", locations);
        self.field("work_mode", work_mode);
        self.field("employment_type", employment_type);
        self.field("salary", salary);
        self.list("experience", experience);
        self.list("education", education);
        self.list("certifications", certifications);
        self.list("spoken_languages", spoken_languages);
        self.list("visa_clearance", visa_clearance);
        self.field("travel", travel);
        self.list("benefits", benefits);
        self.field("application", application);
        self.field("deadline", deadline);
        self.list("contact", contact);
        self.list("urls", urls);
        self.field("eeo_statement", eeo_statement);
        self.field("accommodation_statement", accommodation_statement);
    }
}

/// The first 16 hexadecimal digits of a quote's SHA-256.
fn hash(quote: &str) -> String {
    Sha256::digest(quote.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
