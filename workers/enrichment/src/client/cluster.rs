//! Output 1: which clusters of competence the posting's skills belong to.

use contract::{Assessed, SkillCluster, Slug, Span, rounded};
use std::collections::BTreeMap;

use super::weights;
use crate::view::{View, cannot_assess, library_source};

const SCALE: &str = "share of the skills' weight, 0 to 1; breadth is a number of clusters, at least 1";
const METHOD: &str = "skill weight = necessity × grade / 4; half to the first dimension's cluster, half to the others'; breadth = exp(entropy)";
/// The most spans of evidence.
const SPANS: usize = 3;

pub(crate) fn assess(view: &View<'_>) -> Assessed<SkillCluster> {
    let weighed = weights::of_known(view);
    let library = view.library;
    let mut by_cluster: BTreeMap<u32, f32> = BTreeMap::new();
    for (id, _, weight) in &weighed {
        let dimensions = &library.skill(*id).dimensions;
        let (first, others) = match dimensions.split_first() {
            None => continue,
            Some((first, [])) => (first, &[][..]),
            Some((first, others)) => (first, others),
        };
        let half = if others.is_empty() { *weight } else { weight / 2.0 };
        *by_cluster.entry(library.dimensions()[*first as usize].cluster).or_default() += half;
        for other in others {
            *by_cluster.entry(library.dimensions()[*other as usize].cluster).or_default() +=
                weight / 2.0 / others.len() as f32;
        }
    }
    let total: f32 = by_cluster.values().sum();
    if total <= 0.0 {
        return cannot_assess(SCALE, METHOD, "no skill of the posting is in the library");
    }
    let slug = |cluster: u32| library.clusters()[cluster as usize].slug.clone();
    let mut shares: BTreeMap<Slug, f32> = BTreeMap::new();
    let mut domains: BTreeMap<Slug, f32> = BTreeMap::new();
    let mut entropy = 0.0;
    for (&cluster, weight) in &by_cluster {
        let share = weight / total;
        entropy -= share * share.ln();
        let domain = &library.domains()[library.clusters()[cluster as usize].domain as usize].slug;
        *domains.entry(domain.clone()).or_default() += share;
        shares.insert(slug(cluster), share);
    }
    let largest = by_cluster
        .iter()
        .max_by(|(a, one), (b, two)| one.total_cmp(two).then_with(|| slug(**b).cmp(&slug(**a))));
    let Some((&largest, _)) = largest else {
        return cannot_assess(SCALE, METHOD, "no skill of the posting is in the library");
    };
    let mut members: Vec<_> = weighed
        .iter()
        .filter(|(id, _, _)| {
            library
                .skill(*id)
                .dimensions
                .first()
                .is_some_and(|&first| library.dimensions()[first as usize].cluster == largest)
        })
        .collect();
    members.sort_by(|a, b| b.2.total_cmp(&a.2));
    let evidence: Vec<Span> =
        members.iter().filter_map(|(_, skill, _)| skill.spans.first().cloned()).take(SPANS).collect();
    let known = weighed.len() as f32 / view.parse.skills.len().max(1) as f32;
    for share in shares.values_mut().chain(domains.values_mut()) {
        *share = rounded(*share);
    }
    Assessed {
        value: Some(SkillCluster {
            shares,
            domains,
            primary: slug(largest),
            breadth: rounded(entropy.exp()),
        }),
        cannot_assess: None,
        scale: SCALE.to_owned(),
        // The share of the posting's skills that it is computed from.
        confidence: rounded(known.min(1.0)),
        evidence,
        method: METHOD.to_owned(),
        sources: vec![library_source(library)],
    }
}
