//! A run as it is saved.

use contract::{
    CentroidSample, ConfidenceBand, Enriched, Envelope, ItemKind, Parse, Record, Rejected, RunFacts, Status,
    canonical,
};
use library::{Embedder, Library};

use crate::links;
use crate::proposals::{self, Outputs};

/// The record of a run that went through all stages.
///
/// # Errors
/// When its outputs cannot be written as JSON.
pub fn completed(
    library: &Library,
    embedder: &dyn Embedder,
    run: &Envelope<Enriched>,
) -> Result<Record, serde_json::Error> {
    let Enriched { parse, signals, decision, enrichment } = &run.outputs;
    let outputs = Outputs { parse, signals, decision, enrichment };
    let facts = RunFacts {
        role: decision.chosen_role.as_ref().map(|role| role.slug.clone()),
        case: Some(decision.case),
        confidence: Some(decision.confidence),
        band: Some(decision.confidence_band),
        ..facts(parse)
    };
    Ok(Record {
        links: links::wishes(library, parse, decision, enrichment),
        proposals: proposals::of(library, embedder, &outputs),
        collision: proposals::collision(signals, decision),
        centroid: centroid(embedder, parse, decision),
        ..record(run, Status::Completed, facts, parse)?
    })
}

/// The record of a run that the gate stopped.
///
/// # Errors
/// When its outputs cannot be written as JSON.
pub fn rejected(run: &Envelope<Rejected>) -> Result<Record, serde_json::Error> {
    let parse = &run.outputs.parse;
    record(run, Status::Rejected, facts(parse), parse)
}

fn facts(parse: &Parse) -> RunFacts {
    RunFacts {
        jd_type: Some(parse.jd_type),
        reason: parse.reason.clone(),
        title: parse.fields.title.as_ref().map(|title| title.value.clone()),
        company: parse.fields.company.as_ref().map(|company| company.value.clone()),
        ..RunFacts::default()
    }
}

/// What every record has.
fn record<O: serde::Serialize>(
    run: &Envelope<O>,
    status: Status,
    facts: RunFacts,
    parse: &Parse,
) -> Result<Record, serde_json::Error> {
    Ok(Record {
        run_id: run.run_id,
        attempt: run.attempt,
        replay_of: run.replay_of,
        created_at: run.created_at,
        source: run.source.clone(),
        status,
        facts,
        input_hash: run.input_hash(),
        options: run.options.clone(),
        versions: run.versions.clone(),
        outputs: canonical::to_json(&run.outputs)?,
        timings: run.timings.clone(),
        ledger: run.ledger.clone(),
        document: run.document.clone(),
        signature: text::shingles::signature(&parse.text),
        links: Vec::new(),
        proposals: Vec::new(),
        collision: None,
        centroid: None,
    })
}

/// The mean of what the posting says of the work and its requirements; only of an answer that needs no person.
fn centroid(embedder: &dyn Embedder, parse: &Parse, decision: &contract::Decision) -> Option<CentroidSample> {
    if decision.confidence_band != ConfidenceBand::Auto {
        return None;
    }
    let role = decision.chosen_role.as_ref()?;
    let scalars: Vec<usize> = parse.text.char_indices().map(|(at, _)| at).chain([parse.text.len()]).collect();
    let mut sum = vec![0.0; embedder.dimensions()];
    let mut vector = vec![0.0; embedder.dimensions()];
    let items = parse
        .items
        .iter()
        .filter(|item| matches!(item.kind, ItemKind::Responsibility | ItemKind::Requirement));
    for item in items {
        let words = parse.text.get(*scalars.get(item.start as usize)?..*scalars.get(item.end as usize)?)?;
        embedder.embed_into(words, &mut vector);
        sum.iter_mut().zip(&vector).for_each(|(sum, value)| *sum += value);
    }
    library::to_unit(&mut sum);
    let is_empty = sum.iter().all(|&value| value == 0.0);
    (!is_empty).then(|| CentroidSample {
        role: role.slug.clone(),
        model: embedder.model().to_owned(),
        vector: sum,
    })
}
