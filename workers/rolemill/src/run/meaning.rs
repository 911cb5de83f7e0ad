//! What an answer means, for people: clusters, the work, AI, the stack, and what the library does not know.

use contract::{AiIndex, ClientOutputs, Enrichment, NatureOfWork, SkillCluster, SkillDetail, StackMaturity};
use library::Library;
use std::fmt::Display;

use super::layout::{Item, Page, ink, own};
use super::pretty::{BOLD, DIM, PLAIN};

/// Shares below this are not worth a line.
const WORTH_SAYING: f32 = 0.05;

/// The lines.
pub(crate) fn lines(page: &mut Page, enrichment: &Enrichment, library: &Library) {
    let ClientOutputs { skill_cluster, nature_of_work, ai_index, stack_maturity, kra_description, .. } =
        &enrichment.client;
    if let Some(clusters) = &skill_cluster.value {
        self::clusters(page, clusters, library);
    }
    if let Some(work) = &nature_of_work.value {
        self::work(page, work);
    }
    if let Some(index) = &ai_index.value {
        page.labelled(own(DIM, "AI"), &ai(index));
    }
    if let Some(stack) = &stack_maturity.value {
        self::stack(page, stack, library);
    }
    if let Some(kras) = &kra_description.value {
        let items: Vec<Item> = kras
            .iter()
            .map(|kra| {
                vec![ink(PLAIN, &kra.title), own(DIM, format!(" {} {}", kra.level, percent(kra.weight)))]
            })
            .collect();
        page.flow(own(DIM, "Themes"), &own(DIM, " · "), &items, 3);
    }
    unknown(page, &enrichment.skills_detail);
}

fn clusters(page: &mut Page, clusters: &SkillCluster, library: &Library) {
    let name = |slug: &str| {
        let cluster = library.clusters().iter().find(|cluster| cluster.slug == slug);
        cluster.map_or_else(|| slug.to_owned(), |cluster| cluster.name.clone())
    };
    let items = largest_first(clusters.shares.iter().map(|(slug, &share)| (name(slug), share)));
    page.flow(own(DIM, "Clusters"), &own(DIM, " · "), &items, 2);
}

fn work(page: &mut Page, work: &NatureOfWork) {
    let items =
        largest_first(work.modes.iter().map(|(mode, &share)| (mode.to_string().to_lowercase(), share)));
    page.flow(own(DIM, "Work"), &own(DIM, " · "), &items, 2);
}

fn ai(index: &AiIndex) -> Item {
    let exposure = match (index.ai_exposure, index.ai_exposure_interval) {
        (Some(exposure), Some((low, high))) => {
            vec![own(BOLD, format!("{exposure:.0}")), own(DIM, format!(" ({low:.0} to {high:.0})"))]
        }
        (Some(exposure), None) => vec![own(BOLD, format!("{exposure:.0}"))],
        (None, _) => vec![own(DIM, "unknown")],
    };
    let mut item = vec![own(PLAIN, "exposure ")];
    item.extend(exposure);
    item.extend([own(DIM, " · "), own(PLAIN, "demand "), own(BOLD, format!("{:.0}", index.ai_demand))]);
    item
}

fn stack(page: &mut Page, stack: &StackMaturity, library: &Library) {
    let mut items: Vec<Item> =
        vec![vec![own(PLAIN, format!("mean {:.2}, lowest {:.2}", stack.mean, stack.minimum))]];
    items.extend(stack.flags.iter().map(|flag| {
        let words = flag.split_once(": ").map_or_else(
            || flag.clone(),
            |(what, slug)| {
                let name = library.skill_named(slug).map(|id| library.skill(id).name.clone());
                format!("{what}: {}", name.unwrap_or_else(|| slug.to_owned()))
            },
        );
        vec![ink(PLAIN, words)]
    }));
    page.flow(own(DIM, "Stack"), &own(DIM, " · "), &items, 2);
}

fn unknown(page: &mut Page, skills: &[SkillDetail]) {
    let items: Vec<Item> = skills
        .iter()
        .filter_map(|skill| {
            let orchestration = skill.orchestration.as_ref()?;
            let place = match (&orchestration.alias_of, skill.dimensions.first()) {
                (Some(known), _) => format!(" (perhaps {})", known.slug),
                (None, Some(dimension)) => format!(" ({})", dimension.display_name),
                (None, None) => String::new(),
            };
            Some(vec![ink(PLAIN, &skill.skill_name), own(DIM, place)])
        })
        .collect();
    if !items.is_empty() {
        page.flow(own(DIM, "New to us"), &own(DIM, " · "), &items, 2);
    }
}

fn largest_first(shares: impl Iterator<Item = (impl Display, f32)>) -> Vec<Item> {
    let mut shares: Vec<_> = shares.filter(|&(_, share)| share >= WORTH_SAYING).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    shares
        .into_iter()
        .map(|(name, share)| vec![own(PLAIN, name.to_string()), own(DIM, format!(" {}", percent(share)))])
        .collect()
}

fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}
