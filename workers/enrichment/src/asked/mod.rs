//! What is asked of a language model: one module a use.

mod kra_descriptions;
mod orchestrator;

#[cfg(test)]
mod given;

use contract::Enrichment;
use model::{ModelError, Session};

use crate::orchestrator::Orchestrator;
use crate::view::View;

/// Amends what the built-in engine says.
pub(crate) async fn amend(
    view: &View<'_>,
    orchestrator: &Orchestrator,
    session: &mut Session<'_>,
    enrichment: &mut Enrichment,
) -> Result<(), ModelError> {
    orchestrator::place(view, orchestrator, session, &mut enrichment.skills_detail).await?;
    kra_descriptions::describe(view, session, &mut enrichment.client.kra_description).await
}
