//! Output 2: what the work consists of, read from the verbs of the responsibilities.

mod plain;

use contract::{Assessed, NatureOfWork, Span, Track, WorkNature, WorkPlace, rounded};
use std::collections::BTreeMap;

use crate::view::{View, cannot_assess, library_source};
use plain::{Mode, Verbs};

const SCALE: &str = "share of the responsibility items, 0 to 1";
const METHOD: &str =
    "an item counts once, in equal parts for the modes of the verbs that lead it and are joined to those";
/// Fewer items that could be read say nothing.
const FEWEST: usize = 3;
/// The most items of evidence.
const SPANS: usize = 6;

/// Whether a word, in lower case, is a form of a verb of work.
pub(crate) fn is_verb(word: &str) -> bool {
    Verbs::shipped().mode(word).is_some()
}

pub(crate) fn assess(view: &View<'_>) -> Assessed<NatureOfWork> {
    let verbs = Verbs::shipped();
    let mut modes: BTreeMap<WorkNature, f32> = BTreeMap::new();
    let mut tasks: BTreeMap<String, f32> = BTreeMap::new();
    let mut evidence: Vec<Span> = Vec::new();
    let (mut items, mut read) = (0usize, 0usize);
    for item in view.responsibilities() {
        items += 1;
        let found = verbs.of(view.words(item.start, item.end));
        if found.is_empty() {
            continue;
        }
        read += 1;
        let part = 1.0 / found.len() as f32;
        for Mode { nature, task } in &found {
            *modes.entry(*nature).or_default() += part;
            *tasks.entry((*task).to_owned()).or_default() += part;
        }
        if evidence.len() < SPANS {
            evidence.push(view.span(item.start, item.end));
        }
    }
    if read < FEWEST {
        return cannot_assess(
            SCALE,
            METHOD,
            format!("{read} responsibilities could be read, {FEWEST} are needed"),
        );
    }
    for share in modes.values_mut().chain(tasks.values_mut()) {
        *share = rounded(*share / read as f32);
    }
    Assessed {
        value: Some(NatureOfWork { modes, tasks, flags: flags(view) }),
        cannot_assess: None,
        scale: SCALE.to_owned(),
        // The share of the responsibilities whose verbs are known.
        confidence: rounded(read as f32 / items as f32),
        evidence,
        method: METHOD.to_owned(),
        sources: vec![library_source(view.library)],
    }
}

fn flags(view: &View<'_>) -> Vec<String> {
    let fields = &view.parse.fields;
    let mut flags = Vec::new();
    if let Some(seniority) = &fields.seniority {
        match seniority.value.track {
            Some(Track::IndividualContributor) => flags.push("individual_contributor"),
            Some(Track::Manager) => flags.push("manager"),
            None => {}
        }
        if seniority.value.manages_people == Some(true) {
            flags.push("manages_people");
        }
    }
    if plain::speaks_of_on_call(&view.parse.text) {
        flags.push("on_call");
    }
    if fields.travel.as_ref().is_some_and(|travel| travel.value.required) {
        flags.push("travel");
    }
    if let Some(mode) = &fields.work_mode {
        flags.push(match mode.value.mode {
            WorkPlace::Onsite => "onsite",
            WorkPlace::Hybrid => "hybrid",
            WorkPlace::Remote => "remote",
        });
    }
    flags.into_iter().map(str::to_owned).collect()
}
