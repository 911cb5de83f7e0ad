//! Which skills are asked for, and what may be said of each.

use contract::{Polarity, SkillDetail, SkillType, Span};
use library::{Library, SkillId};
use std::cmp::Ordering;
use std::fmt::Write as _;

use super::meaning::Meaning;
use crate::orchestrator::Orchestrator;
use crate::view::View;

/// Dimensions and categories from which those of a question are taken.
const CANDIDATES: (usize, usize) = (40, 24);
/// The most dimensions and categories of one question.
const OFFERED: (usize, usize) = (25, 15);
/// The most library skills that one may be another name of.
const ALIASES: usize = 5;
/// Names that are nearer than this in meaning are offered, cosine of the built-in table.
const NEAR: f32 = 0.55;
/// The most names that are put into vectors.
const NAMES: usize = 150;
/// What it counts that a dimension or category belongs to the chosen role or to any known skill of the posting, on the scale
/// of a neighbour's weight.
const IN_THE_POSTING: f32 = 0.3;
/// Scalars that are shown on either side of a skill.
const AROUND: usize = 60;

/// A skill that is asked for.
pub(super) struct Open {
    /// Which of the posting's skills it is.
    pub(super) place: usize,
    pub(super) name: String,
    /// The words around it.
    words: String,
    /// What the vote says it is.
    pub(super) skill_type: Option<SkillType>,
    /// Numbers of the dimensions that the vote found.
    pub(super) dimensions: Vec<u32>,
    /// The library skills that it may be another name of, and how alike the names are by their letters.
    pub(super) aliases: Vec<(SkillId, Option<f32>)>,
    company: Company,
}

/// How near every dimension and every category is by the company that a skill keeps, 0 to 1.
#[derive(Clone)]
struct Company {
    dimensions: Vec<f32>,
    categories: Vec<f32>,
}

impl Company {
    /// What the whole posting is about.
    fn of(view: &View<'_>) -> Self {
        let library = view.library;
        let mut company = Self {
            dimensions: vec![0.0; library.dimensions().len()],
            categories: vec![0.0; library.categories().len()],
        };
        for &(dimension, _) in view.role().iter().flat_map(|role| &role.dimensions) {
            company.dimensions[dimension as usize] = IN_THE_POSTING;
        }
        for (id, _) in view.known_skills() {
            company.add(library, id, IN_THE_POSTING);
        }
        company
    }

    fn add(&mut self, library: &Library, id: SkillId, weight: f32) {
        let raise = |known: &mut f32| *known = known.max(weight);
        for &dimension in &library.skill(id).dimensions {
            raise(&mut self.dimensions[dimension as usize]);
        }
        if let Some(category) = category_of(library, id) {
            raise(&mut self.categories[category as usize]);
        }
    }
}

/// What the questions of one posting are made of.
pub(super) struct Candidates {
    pub(super) open: Vec<Open>,
    dimensions: Vec<u32>,
    categories: Vec<u32>,
}

impl Candidates {
    /// The skills that the vote left open, and what of the library is near any of them.
    pub(super) fn of(
        view: &View<'_>,
        orchestrator: &Orchestrator,
        details: &[SkillDetail],
        most: usize,
    ) -> Self {
        let library = view.library;
        let text: Vec<char> = model::posting(view.parse).chars().collect();
        let company = Company::of(view);
        let mut near = company.clone();
        let mut open = Vec::new();
        for (place, detail) in details.iter().enumerate() {
            let Some(skill) = open_skill(view, orchestrator, &text, &company, place, detail) else {
                continue;
            };
            let vector = view.embedder.embed(&skill.name);
            let vectors = orchestrator.vectors(library, view.embedder);
            let meant = vectors.to_dimensions(vector.values());
            raise(&mut near.dimensions, &meant, &skill.company.dimensions);
            let meant = vectors.to_categories(vector.values());
            raise(&mut near.categories, &meant, &skill.company.categories);
            open.push(skill);
            if open.len() == most {
                break;
            }
        }
        let dimensions = best(&near.dimensions, CANDIDATES.0);
        let categories = best(&near.categories, CANDIDATES.1);
        Self { open, dimensions, categories }
    }

    /// The names whose meanings are compared, those of dimensions first; and how many those are.
    pub(super) fn names(&self, library: &Library) -> (Vec<String>, usize) {
        if self.open.is_empty() {
            return (Vec::new(), 0);
        }
        let skills = self.open.iter().map(|skill| skill.name.clone());
        let dimensions = self.dimensions.iter().map(|&id| library.dimensions()[id as usize].name.clone());
        let categories = self.categories.iter().map(|&id| library.categories()[id as usize].name.clone());
        let aliases = self.open.iter().flat_map(|skill| &skill.aliases);
        let aliases = aliases.map(|&(id, _)| library.skill(id).name.clone());
        let mut names: Vec<String> = Vec::new();
        for name in dimensions.chain(skills).chain(categories).chain(aliases) {
            if names.len() < NAMES && !names.contains(&name) {
                names.push(name);
            }
        }
        (names, self.dimensions.len())
    }
}

fn open_skill(
    view: &View<'_>,
    orchestrator: &Orchestrator,
    text: &[char],
    company: &Company,
    place: usize,
    detail: &SkillDetail,
) -> Option<Open> {
    let orchestration = detail.orchestration.as_ref()?;
    let found = view.parse.skills.get(place).filter(|found| found.polarity == Polarity::Positive)?;
    let is_settled = detail.profile.skill_type.is_some() && !detail.dimensions.is_empty();
    let is_other = orchestration.alias_of.is_some() || !orchestration.halves.is_empty();
    if is_settled || is_other || orchestration.key.is_empty() {
        return None;
    }
    let library = view.library;
    let number = |slug: &str| library.dimensions().iter().position(|dimension| dimension.slug == slug);
    let mut company = company.clone();
    for neighbour in &orchestration.neighbours {
        if let Some(id) = library.skill_named(&neighbour.slug) {
            company.add(library, id, neighbour.similarity);
        }
    }
    Some(Open {
        place,
        name: detail.skill_name.clone(),
        words: around(view, text, found.spans.first()),
        skill_type: detail.profile.skill_type,
        dimensions: detail
            .dimensions
            .iter()
            .filter_map(|dimension| number(dimension.slug.as_deref()?))
            .map(|number| number as u32)
            .collect(),
        aliases: aliases(view, orchestrator, &orchestration.key, &detail.skill_name),
        company,
    })
}

/// The number of a skill's category.
pub(super) fn category_of(library: &Library, id: SkillId) -> Option<u32> {
    let skill = library.skill(id);
    let is_its = |known: &library::Category| known.slug == skill.category && known.domain == skill.domain;
    library.categories().iter().position(is_its).map(|number| number as u32)
}

/// The library skills whose names are like an unknown one's: by their letters first, then by their meaning.
fn aliases(
    view: &View<'_>,
    orchestrator: &Orchestrator,
    key: &str,
    name: &str,
) -> Vec<(SkillId, Option<f32>)> {
    let library = view.library;
    let mut found: Vec<(SkillId, Option<f32>)> = orchestrator
        .alike(library, key)
        .into_iter()
        .take(ALIASES)
        .map(|(id, likeness)| (id, Some(likeness)))
        .collect();
    let near = orchestrator.vectors(library, view.embedder).to_skills(view.embedder.embed(name).values());
    for number in best(&near, ALIASES) {
        let id = SkillId(number);
        if found.len() < ALIASES
            && near[number as usize] >= NEAR
            && found.iter().all(|&(known, _)| known != id)
        {
            found.push((id, None));
        }
    }
    found
}

/// The words of the item around a span.
fn around(view: &View<'_>, text: &[char], span: Option<&Span>) -> String {
    let Some(span) = span else { return String::new() };
    let item = view.parse.items.iter().find(|item| item.start <= span.start && span.end <= item.end);
    let bounds = item.map_or((span.start, span.end), |item| (item.start, item.end));
    let start = (span.start as usize).saturating_sub(AROUND).max(bounds.0 as usize);
    let end = (span.end as usize + AROUND).min(bounds.1 as usize);
    let words: String = text.get(start..end).unwrap_or_default().iter().collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Raises the best scores so far to those of a skill: by meaning and company together.
fn raise(best: &mut [f32], meant: &[f32], company: &[f32]) {
    for ((best, meant), company) in best.iter_mut().zip(meant).zip(company) {
        *best = best.max(meant + company);
    }
}

/// The numbers of the highest scores, highest first.
fn best(scores: &[f32], most: usize) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..scores.len() as u32).collect();
    let descending = |&a: &u32, &b: &u32| -> Ordering {
        scores[b as usize].total_cmp(&scores[a as usize]).then(a.cmp(&b))
    };
    numbers.sort_by(descending);
    numbers.truncate(most);
    numbers
}

/// What one question offers.
pub(super) struct Offer<'a> {
    pub(super) open: &'a [Open],
    pub(super) dimensions: Vec<u32>,
    pub(super) categories: Vec<u32>,
    pub(super) meaning: &'a Meaning,
}

impl<'a> Offer<'a> {
    /// Of the candidates those that are nearest to any skill of the question.
    pub(super) fn of(
        library: &Library,
        candidates: &Candidates,
        meaning: &'a Meaning,
        open: &'a [Open],
    ) -> Self {
        let near = |name: &str, company: &dyn Fn(&Open) -> f32| {
            let scores = open.iter().map(|skill| meaning.similarity(&skill.name, name) + company(skill));
            scores.fold(f32::MIN, f32::max)
        };
        let dimensions = nearest(&candidates.dimensions, OFFERED.0, |id| {
            near(&library.dimensions()[id as usize].name, &|skill| skill.company.dimensions[id as usize])
        });
        let categories = nearest(&candidates.categories, OFFERED.1, |id| {
            near(&library.categories()[id as usize].name, &|skill| skill.company.categories[id as usize])
        });
        Self { open, dimensions, categories, meaning }
    }

    /// The skills as the model is shown them, each with its number.
    pub(super) fn skills(&self, library: &Library) -> String {
        let mut shown = String::new();
        for (place, skill) in self.open.iter().enumerate() {
            write!(shown, "{}. {}", place + 1, skill.name).ok();
            if let Some(skill_type) = skill.skill_type {
                write!(shown, " (a {skill_type})").ok();
            }
            writeln!(shown, "\n   in: {}", skill.words).ok();
            if !skill.aliases.is_empty() {
                let names = skill.aliases.iter().map(|&(id, _)| library.skill(id));
                let names: Vec<String> = names.map(|skill| named(&skill.slug, &skill.name)).collect();
                writeln!(shown, "   like: {}", names.join("; ")).ok();
            }
        }
        shown.trim_end().to_owned()
    }

    /// The dimensions that may be chosen, one a line.
    pub(super) fn dimensions(&self, library: &Library) -> String {
        let all = self.dimensions.iter().map(|&id| &library.dimensions()[id as usize]);
        all.map(|dimension| named(&dimension.slug, &dimension.name)).collect::<Vec<_>>().join("\n")
    }

    /// The categories that may be chosen, one a line.
    pub(super) fn categories(&self, library: &Library) -> String {
        let all = self.categories.iter().map(|&id| &library.categories()[id as usize]);
        all.map(|category| named(&category.slug, &category.name)).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn dimension_slugs<'l>(&self, library: &'l Library) -> Vec<&'l str> {
        self.dimensions.iter().map(|&id| library.dimensions()[id as usize].slug.as_str()).collect()
    }

    pub(super) fn category_slugs<'l>(&self, library: &'l Library) -> Vec<&'l str> {
        self.categories.iter().map(|&id| library.categories()[id as usize].slug.as_str()).collect()
    }

    /// The library skills that any of the skills may be another name of.
    pub(super) fn alias_slugs<'l>(&self, library: &'l Library) -> Vec<&'l str> {
        let mut slugs: Vec<&str> = Vec::new();
        for &(id, _) in self.open.iter().flat_map(|skill| &skill.aliases) {
            let slug = library.skill(id).slug.as_str();
            if !slugs.contains(&slug) {
                slugs.push(slug);
            }
        }
        slugs
    }
}

/// The numbers that score highest.
fn nearest(numbers: &[u32], most: usize, score: impl Fn(u32) -> f32) -> Vec<u32> {
    let scores: Vec<f32> = numbers.iter().map(|&number| score(number)).collect();
    best(&scores, most).into_iter().map(|place| numbers[place as usize]).collect()
}

/// A slug, with the name where that says more.
fn named(slug: &str, name: &str) -> String {
    let is_plain = name.to_lowercase().replace(' ', "-") == slug;
    if is_plain { slug.to_owned() } else { format!("{slug}: {name}") }
}
