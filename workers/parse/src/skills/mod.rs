//! The skills of a posting: where the library's aliases stand, and how strongly each skill is asked for there.

mod asked;
mod candidates;
mod clause;
mod groups;
mod incidental;
mod version;

use contract::{ItemKind, Method, Necessity, Polarity, SectionKind, Skill, SkillType, Span, rounded};
use library::{Library, Mention, SkillId};
use std::collections::HashMap;
use std::ops::Range;

use crate::posting::Posting;
pub(crate) use asked::{Named, add, bare};

/// How sure it is that a name which a language model gave, and the text has, is a skill: surer than one that its place alone
/// gives away, since that was read, and less sure than one that the library knows.
const ASKED: f32 = 0.6;

/// One place where a skill stands, with what its statement says of it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) range: Range<usize>,
    /// The library's skill; none for a candidate.
    pub(crate) skill: Option<SkillId>,
    /// Index of its statement.
    pub(crate) unit: usize,
    pub(crate) necessity: Necessity,
    pub(crate) polarity: Polarity,
    pub(crate) group: Option<u32>,
    pub(crate) min_years: Option<f32>,
    pub(crate) level: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) by_context: bool,
    pub(crate) in_responsibilities: bool,
    /// Whether a language model named it.
    pub(crate) is_asked: bool,
}

/// Every place where a skill is asked for or mentioned, in order; places where nothing may be a requirement are left out.
pub(crate) fn places(posting: &Posting<'_>, library: &Library) -> Vec<Place> {
    let mut places: Vec<Place> =
        posting.mentions.iter().filter_map(|mention| place(posting, library, mention)).collect();
    incidental::drop(posting, library, &mut places);
    places.extend(candidates::find(posting, library));
    places.sort_by_key(|place| place.range.start);
    groups::assign(posting, library, &mut places);
    places
}

/// What the statement around a mention says of it; none where it says nothing of the candidate.
fn place(posting: &Posting<'_>, library: &Library, mention: &Mention) -> Option<Place> {
    let skill = library.skill(mention.skill);
    let is_product = is_product(skill.skill_type);
    let place = stated(posting, mention.range.clone(), is_product)?;
    let end = posting.parts.units[place.unit].range.end;
    Some(Place {
        skill: Some(mention.skill),
        version: version::behind(posting.str(), mention.range.end, end, skill.skill_type),
        level: clause::level(posting.str(), &posting.parts.units[place.unit].range, &mention.range),
        by_context: mention.by_context,
        ..place
    })
}

/// What the statement around a name says of it, whatever it names.
fn stated(posting: &Posting<'_>, range: Range<usize>, is_product: bool) -> Option<Place> {
    let unit = posting.parts.units.partition_point(|unit| unit.range.start <= range.start).checked_sub(1);
    let unit = unit.filter(|&unit| range.start < posting.parts.units[unit].range.end);
    // A name outside every statement stands in a heading: "Salesforce skills:".
    let index = unit?;
    let item = &posting.items[index];
    let unit = &posting.parts.units[index];
    let kind = posting.kind_at(range.start);
    let necessity = if kind == SectionKind::AboutCompany && is_product {
        // Products that an employer makes or uses are worth knowing; its virtues are not skills.
        Necessity::Context
    } else if kind.asks_nothing() {
        return None;
    } else if kind == SectionKind::Title {
        Necessity::Responsibility
    } else {
        clause::necessity(posting, unit, item, &range)
    };
    Some(Place {
        skill: None,
        unit: index,
        necessity,
        polarity: clause::polarity(posting.str(), &unit.range, &range),
        group: None,
        min_years: clause::years(posting.str(), &unit.range, &range),
        level: None,
        version: None,
        by_context: false,
        in_responsibilities: item.kind == ItemKind::Responsibility,
        is_asked: false,
        range,
    })
}

/// Things with a maker, as against ideas, habits and traits.
const fn is_product(skill_type: SkillType) -> bool {
    matches!(
        skill_type,
        SkillType::Language
            | SkillType::Library
            | SkillType::Framework
            | SkillType::Tool
            | SkillType::Platform
            | SkillType::Service
            | SkillType::Runtime
            | SkillType::Datastore
    )
}

/// One entry per skill with all its places, in order of the first.
pub(crate) fn collect(posting: &Posting<'_>, library: &Library, places: &[Place]) -> Vec<Skill> {
    let mut order: Vec<(String, Vec<&Place>)> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for place in places {
        let key = match place.skill {
            Some(id) => library.skill(id).slug.clone(),
            None => format!("?{}", posting.str()[place.range.clone()].to_lowercase()),
        };
        let index = *seen.entry(key.clone()).or_insert_with(|| {
            order.push((key, Vec::new()));
            order.len() - 1
        });
        order[index].1.push(place);
    }
    order.into_iter().map(|(_, places)| merge(posting, library, &places)).collect()
}

fn merge(posting: &Posting<'_>, library: &Library, places: &[&Place]) -> Skill {
    let first = places[0];
    // A skill that is ruled out in one place and asked for in another is asked for.
    let wanted: Vec<&&Place> = places.iter().filter(|place| place.polarity == Polarity::Positive).collect();
    let polarity = if wanted.is_empty() { Polarity::Negative } else { Polarity::Positive };
    let strongest = if wanted.is_empty() {
        first
    } else {
        *wanted.iter().min_by_key(|place| place.necessity).unwrap_or(&&first)
    };
    let spans: Vec<Span> = places.iter().map(|place| posting.span(place.range.clone())).collect();
    let repeated = places.len() > 1 && places.iter().any(|place| place.in_responsibilities);
    let known = first.skill.map(|id| library.skill(id));
    let is_asked = places.iter().all(|place| place.is_asked);
    let confidence: f32 = match (known, places.iter().all(|place| place.by_context)) {
        (Some(_), false) => 0.95,
        (Some(_), true) => 0.8,
        (None, _) if is_asked => ASKED,
        (None, _) => 0.5,
    };
    let repeated_bonus = (places.len() as f32 - 1.0).min(3.0) * 0.01;
    Skill {
        canonical_id: known.map(|skill| skill.slug.clone()),
        skill_name: known.map_or_else(|| spans[0].quote.clone(), |skill| skill.name.clone()),
        surface: spans[0].quote.clone(),
        necessity: strongest.necessity,
        is_primary: polarity == Polarity::Positive
            && (strongest.necessity == Necessity::Required || repeated),
        any_of_group: strongest.group,
        min_years: places.iter().filter_map(|place| place.min_years).reduce(f32::max),
        level: places.iter().find_map(|place| place.level.clone()),
        version: places.iter().find_map(|place| place.version.clone()),
        polarity,
        // A name that was asked for stands in the text word for word, as an alias does.
        evidence_grade: if (known.is_some() || is_asked) && !first.by_context { 4 } else { 3 },
        confidence: rounded(confidence + repeated_bonus),
        method: match known {
            Some(_) => Method::Alias,
            None if is_asked => Method::Llm,
            None => Method::Candidate,
        },
        external: Vec::new(),
        spans,
    }
}
