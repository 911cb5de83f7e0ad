//! What is asked of the candidate, as a tree with the posting's own ANDs and ORs.

mod equivalence;

use contract::{
    Education, Evidence, Experience, Fields, Item, ItemKind, Necessity, Polarity, Requirement,
    RequirementKind, RequirementLeaf, SkillType, Span, Stated, VisaClearance, VisaKind,
};
use library::Library;
use std::collections::{BTreeMap, HashMap};

use crate::posting::Posting;
use crate::skills::Place;
pub(crate) use equivalence::{equivalent, is_or};

/// Everything that is asked for: skills with their alternatives, degrees with the experience that may replace them, years,
/// certificates, languages, permits, travel.
pub(crate) fn tree(
    posting: &Posting<'_>,
    library: &Library,
    places: &[Place],
    fields: &Fields,
) -> Requirement {
    let mut asked: Vec<(u32, Requirement)> = Vec::new();
    skills(posting, library, places, fields, &mut asked);
    let used = degrees(posting, fields, &mut asked);
    for (index, years) in fields.experience.iter().enumerate() {
        if let (false, Some(span)) = (used.contains(&index), years.evidence.spans().first()) {
            asked.push((span.start, experience(posting, years)));
        }
    }
    for certificate in &fields.certifications {
        push(
            posting,
            &mut asked,
            RequirementKind::Certification,
            &certificate.value,
            None,
            certificate.evidence.spans(),
        );
    }
    for language in &fields.spoken_languages {
        let level = language.value.level.clone();
        push(
            posting,
            &mut asked,
            RequirementKind::Language,
            &language.value.language,
            level,
            language.evidence.spans(),
        );
    }
    asked.extend(fields.visa_clearance.iter().filter_map(|permit| clearance(posting, permit)));
    if let Some(travel) = fields.travel.as_ref().filter(|travel| travel.value.required) {
        let level = travel.value.percent.map(|percent| format!("{percent}%"));
        push(posting, &mut asked, RequirementKind::Travel, "travel", level, travel.evidence.spans());
    }
    asked.sort_by_key(|(start, _)| *start);
    let asked = merged(asked);
    all_of(asked.into_iter().map(|(_, requirement)| requirement).collect())
        .unwrap_or(Requirement::AllOf(Vec::new()))
}

/// A skill that several items ask for by itself is asked for once, with all its places and the strongest necessity.
fn merged(asked: Vec<(u32, Requirement)>) -> Vec<(u32, Requirement)> {
    let mut kept: Vec<(u32, Requirement)> = Vec::with_capacity(asked.len());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (start, requirement) in asked {
        if let Requirement::Leaf(leaf) = &requirement
            && leaf.kind == RequirementKind::Skill
        {
            let first = *seen.entry(leaf.value.to_lowercase()).or_insert(kept.len());
            if let Some((_, Requirement::Leaf(known))) = kept.get_mut(first) {
                known.spans.extend(leaf.spans.iter().cloned());
                known.necessity = known.necessity.min(leaf.necessity);
                known.min_years = [known.min_years, leaf.min_years].into_iter().flatten().reduce(f32::max);
                known.level = known.level.take().or_else(|| leaf.level.clone());
                continue;
            }
        }
        kept.push((start, requirement));
    }
    kept
}

/// One requirement of several; none of none, the one of one; nested ones are taken in.
fn all_of(parts: Vec<Requirement>) -> Option<Requirement> {
    let mut flat: Vec<Requirement> = Vec::with_capacity(parts.len());
    for part in parts {
        if let Requirement::AllOf(inner) = part { flat.extend(inner) } else { flat.push(part) }
    }
    if flat.len() > 1 { Some(Requirement::AllOf(flat)) } else { flat.pop() }
}

/// As [`all_of`], for alternatives.
fn any_of(parts: Vec<Requirement>) -> Option<Requirement> {
    let mut flat: Vec<Requirement> = Vec::with_capacity(parts.len());
    for part in parts {
        if let Requirement::AnyOf(inner) = part { flat.extend(inner) } else { flat.push(part) }
    }
    if flat.len() > 1 { Some(Requirement::AnyOf(flat)) } else { flat.pop() }
}

/// The item that a span begins in.
fn item_at<'a>(posting: &Posting<'a>, start: u32) -> Option<&'a Item> {
    let next = posting.items.partition_point(|item| item.start <= start);
    next.checked_sub(1).map(|index| &posting.items[index]).filter(|item| start < item.end)
}

/// How strongly something is asked for that stands at a scalar of the text.
fn necessity_at(posting: &Posting<'_>, start: u32) -> Necessity {
    match item_at(posting, start) {
        Some(item) if item.kind == ItemKind::Requirement => item.necessity,
        // What other fields ask for outside the lists of requirements binds all the same.
        _ => Necessity::Required,
    }
}

fn leaf(kind: RequirementKind, value: &str, necessity: Necessity, spans: &[Span]) -> RequirementLeaf {
    let value = value.to_owned();
    RequirementLeaf {
        kind,
        value,
        min_years: None,
        level: None,
        necessity,
        polarity: Polarity::Positive,
        spans: spans.to_vec(),
    }
}

/// Adds a leaf; one without a place in the text is left out.
fn push(
    posting: &Posting<'_>,
    asked: &mut Vec<(u32, Requirement)>,
    kind: RequirementKind,
    value: &str,
    level: Option<String>,
    spans: &[Span],
) {
    if let Some(first) = spans.first() {
        let necessity = necessity_at(posting, first.start);
        asked.push((
            first.start,
            Requirement::Leaf(RequirementLeaf { level, ..leaf(kind, value, necessity, spans) }),
        ));
    }
}

/// The skills of the requirement items; those of one group are alternatives.
fn skills(
    posting: &Posting<'_>,
    library: &Library,
    places: &[Place],
    fields: &Fields,
    asked: &mut Vec<(u32, Requirement)>,
) {
    let taken = taken(fields);
    let mut groups: BTreeMap<u32, (u32, Vec<Requirement>)> = BTreeMap::new();
    for place in places {
        if posting.items[place.unit].kind != ItemKind::Requirement {
            continue;
        }
        let span = posting.span(place.range.clone());
        let skill = place.skill.map(|id| library.skill(id));
        let certificate = skill.is_some_and(|skill| skill.skill_type == SkillType::Certification);
        let domain = skill.is_some_and(|skill| skill.skill_type == SkillType::Domain);
        if certificate
            || taken.iter().any(|taken| taken.start < span.end && span.start < taken.end)
            || is_a_subject(fields, &span, domain)
        {
            continue;
        }
        let start = span.start;
        let name = skill.map_or_else(|| span.quote.clone(), |skill| skill.name.clone());
        let found = Requirement::Leaf(RequirementLeaf {
            kind: RequirementKind::Skill,
            value: name,
            min_years: place.min_years,
            level: place.level.clone(),
            necessity: place.necessity,
            polarity: place.polarity,
            spans: vec![span],
        });
        let found =
            if place.polarity == Polarity::Negative { Requirement::Not(Box::new(found)) } else { found };
        match place.group {
            Some(group) => groups.entry(group).or_insert_with(|| (start, Vec::new())).1.push(found),
            None => asked.push((start, found)),
        }
    }
    asked.extend(groups.into_values().filter_map(|(start, members)| Some((start, any_of(members)?))));
}

/// The places that certificates and languages have taken.
fn taken(fields: &Fields) -> Vec<&Span> {
    let certificates = fields.certifications.iter().flat_map(|stated| stated.evidence.spans());
    certificates.chain(fields.spoken_languages.iter().flat_map(|stated| stated.evidence.spans())).collect()
}

/// Whether a skill's place is a subject of a degree: "a degree in Computer Science" asks for the degree.
fn is_a_subject(fields: &Fields, span: &Span, domain: bool) -> bool {
    let words = span.quote.to_lowercase();
    fields.education.iter().any(|degree| {
        let inside =
            degree.evidence.spans().iter().any(|whole| whole.start <= span.start && span.end <= whole.end);
        let subject = |field: &String| {
            let field = field.to_lowercase();
            field == words
                || (words.len() > 3 && field.contains(&words))
                || (field.len() > 3 && words.contains(&field))
        };
        inside && (domain || degree.value.fields_of_study.iter().any(subject))
    })
}

/// The degrees, with the years asked for beside them and what may stand in their place. Gives back the years that are used up.
fn degrees(posting: &Posting<'_>, fields: &Fields, asked: &mut Vec<(u32, Requirement)>) -> Vec<usize> {
    let mut used = Vec::new();
    let mut alternatives: Vec<Requirement> = Vec::new();
    let mut opened = 0;
    let mut at = 0;
    while let Some(degree) = fields.education.get(at) {
        at += 1;
        let Some(span) = degree.evidence.spans().first() else { continue };
        if alternatives.is_empty() {
            opened = span.start;
        }
        let mut parts = vec![education(posting, degree, span)];
        for (index, years) in fields.experience.iter().enumerate() {
            let inside =
                years.evidence.spans().iter().any(|own| span.start <= own.start && own.start < span.end);
            if !inside || used.contains(&index) {
                continue;
            }
            if degree.value.with_years.is_some() && years.value.min == degree.value.with_years {
                used.push(index);
                parts.push(experience(posting, years));
                break;
            }
            if degree.value.with_years.is_none() && degree.value.or_equivalent {
                // "or five years of experience": the years stand in the degree's place.
                used.push(index);
                alternatives.extend(all_of(std::mem::take(&mut parts)));
                parts.push(experience(posting, years));
                break;
            }
        }
        alternatives.extend(all_of(parts));
        let next = fields.education.get(at).and_then(|next| next.evidence.spans().first());
        let continues =
            next.is_some_and(|next| next.start >= span.end && is_or(between(posting, span.end, next.start)));
        if continues {
            continue;
        }
        if degree.value.or_equivalent {
            alternatives.extend(substitute(span, necessity_of(posting, degree, span)));
        }
        asked.extend(any_of(std::mem::take(&mut alternatives)).map(|requirement| (opened, requirement)));
    }
    used
}

fn between<'a>(posting: &Posting<'a>, start: u32, end: u32) -> &'a str {
    let (start, end) = (posting.text.byte(start), posting.text.byte(end));
    &posting.str()[start..end.max(start)]
}

fn necessity_of(posting: &Posting<'_>, degree: &Stated<Education>, span: &Span) -> Necessity {
    if degree.value.preferred { Necessity::Preferred } else { stronger(necessity_at(posting, span.start)) }
}

/// What a field says is asked for is asked for, also where its item only prefers the rest.
const fn stronger(necessity: Necessity) -> Necessity {
    match necessity {
        Necessity::Preferred => Necessity::Preferred,
        Necessity::Required | Necessity::Responsibility | Necessity::Context => Necessity::Required,
    }
}

fn education(posting: &Posting<'_>, degree: &Stated<Education>, span: &Span) -> Requirement {
    let Education { level, fields_of_study, .. } = &degree.value;
    let level = level.map(|level| level.to_string());
    let value = match fields_of_study.is_empty() {
        true => level.clone().unwrap_or_else(|| "degree".to_owned()),
        false => format!("{} in {}", level.as_deref().unwrap_or("degree"), fields_of_study.join(", ")),
    };
    let necessity = necessity_of(posting, degree, span);
    let own = RequirementLeaf {
        level,
        ..leaf(RequirementKind::Education, &value, necessity, degree.evidence.spans())
    };
    Requirement::Leaf(own)
}

/// "Or equivalent experience", in its own words.
fn substitute(span: &Span, necessity: Necessity) -> Option<Requirement> {
    let range = equivalent(&span.quote)?;
    let before = span.quote[..range.start].chars().count() as u32;
    let quote = &span.quote[range];
    let start = span.start + before;
    let own = Span { start, end: start + quote.chars().count() as u32, quote: quote.to_owned() };
    let value =
        quote.split_once(' ').filter(|(or, _)| or.eq_ignore_ascii_case("or")).map_or(quote, |(_, rest)| rest);
    let value = if value.eq_ignore_ascii_case("equivalent") { "equivalent" } else { value };
    Some(Requirement::EquivalentTo(Box::new(Requirement::Leaf(leaf(
        RequirementKind::Equivalent,
        value,
        necessity,
        &[own],
    )))))
}

fn experience(posting: &Posting<'_>, years: &Stated<Experience>) -> Requirement {
    let Experience { min, max, scope, .. } = &years.value;
    let start = years.evidence.spans().first().map_or(0, |span| span.start);
    let value = scope.as_deref().unwrap_or("experience");
    let necessity = stronger(necessity_at(posting, start));
    let spans = match &years.evidence {
        Evidence::Text { spans } | Evidence::Given { spans } | Evidence::Inferred { spans, .. } => spans,
    };
    let level = if min.is_none() { max.map(|max| format!("up to {max} years")) } else { None };
    Requirement::Leaf(RequirementLeaf {
        min_years: *min,
        level,
        ..leaf(RequirementKind::Experience, value, necessity, spans)
    })
}

/// A permit that the candidate needs; an offer to sponsor asks for nothing.
fn clearance(posting: &Posting<'_>, permit: &Stated<VisaClearance>) -> Option<(u32, Requirement)> {
    let VisaClearance { kind, statement, affirmed } = &permit.value;
    let spans = permit.evidence.spans();
    let first = spans.first()?;
    let necessity = stronger(necessity_at(posting, first.start));
    let own = leaf(RequirementKind::Clearance, statement, necessity, spans);
    match (kind, affirmed) {
        (VisaKind::Sponsorship, true) => None,
        (VisaKind::Sponsorship, false) => {
            let own = RequirementLeaf { polarity: Polarity::Negative, ..own };
            Some((first.start, Requirement::Not(Box::new(Requirement::Leaf(own)))))
        }
        (_, true) => Some((first.start, Requirement::Leaf(own))),
        // "No clearance needed" asks for nothing.
        (_, false) => None,
    }
}

#[cfg(test)]
mod tests;
