//! The decision stage: which role of the library it is, how sure that is, and why.
//!
//! The signals make a finding: all roles by their vote, and the rule that fired. Where the rule leaves the choice open, an
//! adjudicator settles it: the vote, or a language model where one is `asked`. Then the decision is drawn up.
//!
//! **Invariant:** the rules, the vote and the confidence read the signals, and nothing of the text but the words that a signal
//! already quoted. Only what is `asked` of a language model reads the parse; its word may settle an open choice among the
//! roles that stand for it, and describe a role that the library lacks. It moves no score and no confidence.

mod asked;
mod confidence;
mod counterfactual;
mod evidence;
mod finding;
mod fitted;
mod rules;
mod settle;
mod vote;

use contract::{ChosenRole, Decided, DecisionCase, Envelope, RoleProposal, SignalKind, Signalled, Signals};
use library::Library;
use model::{Model, ModelError, Session};
use pipeline::Stage;
use std::sync::Arc;

use evidence::Evidence;
use finding::Finding;
use fitted::Fitted;
use rules::{Answer, first_that_holds};
use settle::Settled;

/// Version of the fitted constants; part of the pipeline's version.
#[must_use]
pub fn constants_version() -> &'static str {
    &Fitted::shipped().version
}

/// The stage: the built-in engine, and the language model that it may ask.
pub struct Decision {
    library: Arc<Library>,
    fitted: &'static Fitted,
    model: Option<Arc<dyn Model>>,
}

impl Decision {
    /// Decides over a library version with the shipped constants; asks nobody.
    #[must_use]
    pub fn new(library: Arc<Library>) -> Self {
        Self { library, fitted: Fitted::shipped(), model: None }
    }

    /// Asks a language model what a run's versions name one for.
    #[must_use]
    pub fn with_model(mut self, model: Option<Arc<dyn Model>>) -> Self {
        self.model = model;
        self
    }

    /// The built-in engine's decision for one posting's signals.
    #[must_use]
    pub fn of(&self, signals: &Signals) -> contract::Decision {
        let finding = self.find(signals);
        let settled = finding.is_open().then(|| settle::by_vote(&finding));
        self.decide(finding, settled)
    }

    /// What the signals say.
    fn find<'a>(&self, signals: &'a Signals) -> Finding<'a> {
        let evidence = Evidence::of(signals, self.fitted);
        let ranked = vote::count(&self.library, signals, &self.fitted.vote);
        let ruling = first_that_holds(signals, &evidence);
        Finding { signals, evidence, ranked, ruling }
    }

    /// Draws a finding up, with what came of the adjudication where the rule left the choice open.
    fn decide(&self, finding: Finding<'_>, settled: Option<Settled>) -> contract::Decision {
        let Finding { signals, evidence, ranked, ruling } = finding;
        let no_role_fits = evidence.iter().all(|signal| signal.leader().is_none());
        let first = ranked.first().map(|role| role.slug.as_str());

        let mut case = ruling.case;
        let mut because = ruling.because;
        let chosen: Option<&str> = match ruling.answer {
            Answer::Role(role) | Answer::Provisional(role) => Some(role),
            Answer::Adjudicate => {
                let answer = settled
                    .as_ref()
                    .and_then(|settled| settled.adjudication.answer.as_deref())
                    .and_then(|answer| ranked.iter().find(|role| role.slug == answer));
                if answer.is_none() {
                    let why = settled.as_ref().and_then(|settled| settled.why_not.as_deref());
                    because = format!("{because}; {}", why.unwrap_or("nobody settled it"));
                    case = DecisionCase::LowSignal;
                }
                answer.map(|role| role.slug.as_str()).or(first)
            }
            Answer::None => first.filter(|_| !no_role_fits),
        };
        let chosen = chosen.filter(|_| !matches!(case, DecisionCase::NewRole | DecisionCase::TaxonomyNew));
        let agreeing: Vec<SignalKind> = match chosen {
            Some(role) => {
                evidence.iter().filter(|signal| signal.supports(role)).map(|signal| signal.kind).collect()
            }
            None => Vec::new(),
        };
        let share = chosen
            .and_then(|role| ranked.iter().find(|ranked| ranked.slug == role))
            .map_or(0.0, |role| role.score);
        // Whoever settled a tie, the confidence is that of the signals: a model's word has not been calibrated.
        let confidence =
            if chosen.is_some() { confidence::of(&self.fitted.confidence, share, &agreeing) } else { 0.0 };
        let is_new_role = case == DecisionCase::NewRole;
        let needs_help =
            matches!(case, DecisionCase::LowSignal | DecisionCase::NewRole | DecisionCase::TaxonomyNew);
        contract::Decision {
            case,
            rule: because,
            chosen_role: chosen.and_then(|slug| self.chosen(slug)),
            confidence,
            confidence_band: confidence::band(&self.fitted.confidence, confidence),
            agreeing,
            is_new_role,
            no_role_fits,
            provisional: matches!(ruling.answer, Answer::Provisional(_)),
            proposal: is_new_role.then(|| RoleProposal {
                title: signals.notes.title.clone().unwrap_or_default(),
                occupation: None,
                nearest: first.map(str::to_owned),
                plan: None,
            }),
            nearest: if needs_help {
                ranked.iter().take(3).map(|role| role.slug.clone()).collect()
            } else {
                Vec::new()
            },
            counterfactual: counterfactual::of(
                &self.library,
                self.fitted,
                signals,
                &evidence,
                case,
                chosen,
                &ranked,
            ),
            adjudication: settled.map(|settled| settled.adjudication),
            ranked,
        }
    }

    fn chosen(&self, slug: &str) -> Option<ChosenRole> {
        let role = self.library.role(self.library.role_named(slug)?);
        Some(ChosenRole {
            slug: role.slug.clone(),
            display_name: role.name.clone(),
            domain: self.library.domains()[role.domain as usize].slug.clone(),
            archetype: role.archetype,
        })
    }
}

impl Stage for Decision {
    type Input = Envelope<Signalled>;
    type Output = Envelope<Decided>;
    type Error = ModelError;

    async fn run(&self, mut run: Self::Input) -> Result<Self::Output, Self::Error> {
        let Signalled { parse, signals } = &run.outputs;
        let decision = match Session::open(self.model.as_deref(), contract::Stage::Decision, &run)? {
            Some(mut session) => {
                let decision = asked::decide(self, &mut session, parse, signals).await?;
                run.ledger.extend(session.close());
                decision
            }
            None => self.of(signals),
        };
        Ok(run.decided(decision))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_pipelines_version_names_the_constants() {
        let (_, constants) = contract::PIPELINE_VERSION.split_once('+').unwrap();
        assert_eq!(constants, super::constants_version());
    }
}
