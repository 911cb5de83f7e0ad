//! What is asked of a language model: one module a use.

mod adjudication;
mod role_plan;
mod statements;

#[cfg(test)]
mod given;

use contract::{Parse, Signals};
use model::{ModelError, Session};

use crate::{Decision, settle};

/// The decision with what a language model says of it; the built-in engine's where it says nothing.
pub(crate) async fn decide(
    stage: &Decision,
    session: &mut Session<'_>,
    parse: &Parse,
    signals: &Signals,
) -> Result<contract::Decision, ModelError> {
    let finding = stage.find(signals);
    let settled = if finding.is_open() {
        let by_model = adjudication::settle(session, &stage.library, parse, &finding).await?;
        Some(by_model.unwrap_or_else(|| settle::by_vote(&finding)))
    } else {
        None
    };
    let mut decision = stage.decide(finding, settled);
    if let Some(proposal) = &mut decision.proposal {
        proposal.plan = role_plan::plan(session, &stage.library, parse, &proposal.title).await?;
    }
    Ok(decision)
}
