//! What the library should perhaps learn from a run.

use contract::{
    Adjudicator, ArtifactKind, Collision, ConfidenceBand, Decision, DecisionCase, Enrichment, Evidence,
    Neighbour, Orchestration, Parse, Proposal, Reconciliation, ReviewKind, RolePlan, RoleProposal, Signals,
    Skill, SkillDetail, Span, SuggestedAction,
};
use library::{Embedder, Library};
use serde_json::{Value, json};

use crate::kras;

/// How new a name for a known entry is, beside a new entry.
const NEW_NAME: f32 = 0.5;
/// How new a dimension is that the library's do not cover.
const NEW_DIMENSION: f32 = 0.8;
/// How much a title with several owners asks for a decision.
const COLLISION: f32 = 0.9;
/// Signals besides the title that must agree before a title is proposed as a role's name.
const AGREEING: usize = 2;

/// A run's outputs as the proposals read them.
pub(crate) struct Outputs<'a> {
    pub(crate) parse: &'a Parse,
    pub(crate) signals: &'a Signals,
    pub(crate) decision: &'a Decision,
    pub(crate) enrichment: &'a Enrichment,
}

/// Everything the library should perhaps have.
pub(crate) fn of(library: &Library, embedder: &dyn Embedder, run: &Outputs<'_>) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for (skill, detail) in run.parse.skills.iter().zip(&run.enrichment.skills_detail) {
        if let (Some(orchestration), Some(evidence)) = (&detail.orchestration, skill.spans.first()) {
            proposals.push(of_skill(library, skill, detail, orchestration, evidence));
            proposals.extend(of_dimensions(detail, orchestration, evidence));
        }
    }
    proposals.extend(of_title(run));
    proposals
        .extend(collision(run.signals, run.decision).and_then(|collision| of_collision(&collision, run)));
    proposals.extend(kras::proposals(library, embedder, run.parse, run.decision));
    // One run says a thing once.
    let mut seen = std::collections::HashSet::new();
    proposals.retain(|proposal| seen.insert((proposal.kind, proposal.key.clone())));
    proposals
}

fn of_skill(
    library: &Library,
    skill: &Skill,
    detail: &SkillDetail,
    orchestration: &Orchestration,
    evidence: &Span,
) -> Proposal {
    if let Some(known) = &orchestration.alias_of {
        return Proposal {
            kind: ReviewKind::Alias,
            key: format!("skill {}: {}", known.slug, orchestration.key),
            title: skill.surface.clone(),
            suggestion: by(
                orchestration,
                json!({ "of": "skill", "slug": known.slug, "alias": skill.surface }),
            ),
            action: SuggestedAction::AddAlias,
            evidence: evidence.clone(),
            nearest: vec![known.clone()],
            novelty: NEW_NAME,
            auto_rejected: None,
            artifact: ArtifactKind::AliasProposed,
        };
    }
    let profile = &detail.profile;
    let is_complete =
        profile.skill_type.is_some() && detail.dimensions.iter().any(|dimension| dimension.slug.is_some());
    let action = match (orchestration.halves.is_empty(), is_complete, orchestration.by) {
        (false, _, _) => SuggestedAction::Split,
        (true, true, Adjudicator::Vote) => SuggestedAction::Add,
        // A model's word alone advises nothing.
        (true, true, Adjudicator::Model) | (true, false, _) => SuggestedAction::Decide,
    };
    Proposal {
        kind: ReviewKind::Skill,
        key: orchestration.key.clone(),
        title: orchestration.proposed_name.clone(),
        suggestion: by(orchestration, skill_suggestion(library, detail, orchestration)),
        action,
        evidence: evidence.clone(),
        nearest: orchestration.neighbours.iter().take(3).cloned().collect(),
        novelty: 1.0,
        auto_rejected: None,
        artifact: ArtifactKind::CanonicalSkillProposed,
    }
}

/// A suggestion that says so where a language model made it.
fn by(orchestration: &Orchestration, mut suggestion: Value) -> Value {
    if !orchestration.by.is_vote() {
        suggestion["by"] = json!(orchestration.by);
    }
    suggestion
}

/// A role as it would be written, as far as it is known.
fn role_suggestion(proposal: &RoleProposal) -> Value {
    let mut suggestion =
        json!({ "name": proposal.title, "nearest": proposal.nearest, "occupation": proposal.occupation });
    if let Some(RolePlan { display_name, archetype, domain, kras }) = &proposal.plan {
        let kras: Vec<&str> = kras.iter().map(|kra| kra.quote.as_str()).collect();
        suggestion["name"] = json!(display_name);
        suggestion["archetype"] = json!(archetype);
        suggestion["domain"] = json!(domain);
        suggestion["kras"] = json!(kras);
        suggestion["by"] = json!(Adjudicator::Model);
    }
    suggestion
}

/// What would be written, as the library's files write it.
fn skill_suggestion(library: &Library, detail: &SkillDetail, orchestration: &Orchestration) -> Value {
    let dimensions: Vec<&str> =
        detail.dimensions.iter().filter_map(|dimension| dimension.slug.as_deref()).collect();
    let domain = dimensions.first().and_then(|slug| {
        let dimension = library.dimensions().iter().find(|dimension| dimension.slug == *slug)?;
        let cluster = &library.clusters()[dimension.cluster as usize];
        Some(&library.domains()[cluster.domain as usize].slug)
    });
    let profile = &detail.profile;
    json!({
        "name": orchestration.proposed_name,
        "type": profile.skill_type,
        "nature": profile.nature,
        "volatility": profile.volatility,
        "lifespan": profile.lifespan,
        "versions": profile.version_strategy,
        "domain": domain,
        "category": profile.category,
        "sub_category": profile.sub_category,
        "dims": dimensions,
        "halves": orchestration.halves,
        "warnings": orchestration.warnings,
    })
}

fn of_dimensions<'a>(
    detail: &'a SkillDetail,
    orchestration: &'a Orchestration,
    evidence: &'a Span,
) -> impl Iterator<Item = Proposal> + 'a {
    orchestration.proposals.iter().filter(|proposal| proposal.reconciliation == Reconciliation::Keep).map(
        |proposal| Proposal {
            kind: ReviewKind::Dimension,
            key: text::fold(&proposal.display_name),
            title: proposal.display_name.clone(),
            suggestion: json!({ "name": proposal.display_name, "for_skill": detail.skill_name }),
            action: SuggestedAction::Decide,
            evidence: evidence.clone(),
            nearest: Vec::new(),
            novelty: NEW_DIMENSION,
            auto_rejected: None,
            artifact: ArtifactKind::DimensionProposed,
        },
    )
}

/// A title that no role of the library has: a new role, or a new name for the role that everything else points at.
fn of_title(run: &Outputs<'_>) -> Option<Proposal> {
    let title = run.parse.fields.title.as_ref()?;
    let (Evidence::Text { spans } | Evidence::Given { spans }) = &title.evidence else { return None };
    let core = run.signals.notes.title_core.as_deref().unwrap_or(&title.value);
    // A given title that the text does not repeat has no words to quote: the title itself is the evidence.
    let evidence =
        spans.first().cloned().unwrap_or_else(|| Span { start: 0, end: 0, quote: title.value.clone() });
    let decision = run.decision;
    if let Some(proposal) = &decision.proposal {
        return Some(Proposal {
            kind: ReviewKind::Role,
            key: text::fold(core),
            title: proposal.title.clone(),
            suggestion: role_suggestion(proposal),
            action: SuggestedAction::Add,
            evidence,
            nearest: neighbours(decision),
            novelty: 1.0,
            auto_rejected: None,
            artifact: ArtifactKind::RoleProposed,
        });
    }
    let role = decision.chosen_role.as_ref()?;
    let is_known = run.signals.alias.iter().any(|score| score.alias.is_some() && score.trusted)
        || run.signals.alias.first().is_some_and(|score| score.score >= 0.9);
    let others = decision.agreeing.iter().filter(|kind| **kind != contract::SignalKind::Alias).count();
    let is_sure = decision.confidence_band != ConfidenceBand::Review && others >= AGREEING;
    (!is_known && is_sure).then(|| Proposal {
        kind: ReviewKind::Alias,
        key: format!("role {}: {}", role.slug, text::fold(core)),
        title: core.to_owned(),
        suggestion: json!({ "of": "role", "slug": role.slug, "alias": core }),
        action: SuggestedAction::AddAlias,
        evidence,
        nearest: neighbours(decision),
        novelty: NEW_NAME,
        auto_rejected: None,
        artifact: ArtifactKind::AliasProposed,
    })
}

fn neighbours(decision: &Decision) -> Vec<Neighbour> {
    decision
        .ranked
        .iter()
        .take(3)
        .map(|role| Neighbour { slug: role.slug.clone(), similarity: role.score })
        .collect()
}

/// Roles that claim the posting's title.
pub(crate) fn collision(signals: &Signals, decision: &Decision) -> Option<Collision> {
    if decision.case != DecisionCase::AliasCollision {
        return None;
    }
    let claimants: Vec<_> = signals.alias.iter().filter(|score| score.trusted).collect();
    let alias =
        claimants.iter().find_map(|score| score.alias.clone()).or_else(|| signals.notes.title.clone())?;
    Some(Collision {
        alias,
        roles: claimants.into_iter().map(|score| score.slug.clone()).collect(),
        chosen: decision.chosen_role.as_ref().map(|role| role.slug.clone()),
        resolution: decision.rule.clone(),
    })
}

fn of_collision(collision: &Collision, run: &Outputs<'_>) -> Option<Proposal> {
    let title = run.parse.fields.title.as_ref()?;
    let evidence = title.evidence.spans().first().cloned().unwrap_or_else(|| Span {
        start: 0,
        end: 0,
        quote: title.value.clone(),
    });
    Some(Proposal {
        kind: ReviewKind::Collision,
        key: text::fold(&collision.alias),
        title: collision.alias.clone(),
        suggestion: json!({ "alias": collision.alias, "roles": collision.roles }),
        action: SuggestedAction::Decide,
        evidence,
        nearest: Vec::new(),
        novelty: COLLISION,
        auto_rejected: None,
        artifact: ArtifactKind::CollisionLogged,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Archetype;

    fn proposal(plan: Option<RolePlan>) -> RoleProposal {
        let title = "Senior Beekeeper (m/f)".to_owned();
        RoleProposal { title, occupation: None, nearest: Some("gardener".to_owned()), plan }
    }

    #[test]
    fn a_role_without_a_plan_is_proposed_by_its_title() {
        assert_eq!(
            role_suggestion(&proposal(None)),
            json!({ "name": "Senior Beekeeper (m/f)", "nearest": "gardener", "occupation": null })
        );
    }

    #[test]
    fn a_planned_role_is_proposed_with_all_that_is_known_of_it() {
        let kra = |start: u32, quote: &str| Span {
            start,
            end: start + quote.chars().count() as u32,
            quote: quote.to_owned(),
        };
        let plan = RolePlan {
            display_name: "Beekeeper".to_owned(),
            archetype: Archetype::Trades,
            domain: "trades".to_owned(),
            kras: vec![kra(40, "Keep the hives"), kra(60, "Harvest the honey")],
        };
        assert_eq!(
            role_suggestion(&proposal(Some(plan))),
            json!({
                "name": "Beekeeper", "nearest": "gardener", "occupation": null, "archetype": "Trades",
                "domain": "trades", "kras": ["Keep the hives", "Harvest the honey"], "by": "model",
            })
        );
    }
}
