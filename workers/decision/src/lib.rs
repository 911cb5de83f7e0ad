//! The decision stage: which role of the library it is, how sure that is, and why.
//!
//! **Invariant:** a decision reads the signals and nothing of the text but the words that a signal already quoted.

mod confidence;
mod evidence;
mod fitted;
mod rules;
mod vote;

use contract::{
    Adjudication, Adjudicator, ChosenRole, Counterfactual, Decided, DecisionCase, Envelope, RankedRole,
    RoleProposal, SignalKind, Signalled, Signals, Span,
};
use library::Library;
use pipeline::{Failure, Fate, Stage};
use std::convert::Infallible;
use std::sync::Arc;

use evidence::Evidence;
use fitted::Fitted;
use rules::{Answer, first_that_holds};

/// Version of the fitted constants; part of the pipeline's version.
#[must_use]
pub fn constants_version() -> &'static str {
    &Fitted::shipped().version
}

/// The built-in engine of the stage.
pub struct Decision {
    library: Arc<Library>,
    fitted: &'static Fitted,
}

/// Below this the adjudicator's answer counts as none.
const SURE_ENOUGH: f32 = 0.70;
/// The most roles that stand for adjudication.
const COHORT: usize = 5;

impl Decision {
    /// Decides over a library version with the shipped constants.
    #[must_use]
    pub fn new(library: Arc<Library>) -> Self {
        Self { library, fitted: Fitted::shipped() }
    }

    /// The decision for one posting's signals.
    #[must_use]
    pub fn of(&self, signals: &Signals) -> contract::Decision {
        let evidence = Evidence::of(signals, self.fitted);
        let ranked = vote::count(&self.library, signals, &self.fitted.vote);
        let ruling = first_that_holds(signals, &evidence);
        let no_role_fits = evidence.iter().all(|signal| signal.leader().is_none());
        let first = ranked.first().map(|role| role.slug.as_str());

        let mut case = ruling.case;
        let mut because = ruling.because;
        let mut provisional = false;
        let mut adjudication = None;
        let chosen: Option<&str> = match ruling.answer {
            Answer::Role(role) => Some(role),
            Answer::Provisional(role) => {
                provisional = true;
                Some(role)
            }
            Answer::Adjudicate => {
                let settled = adjudicate(signals, &evidence, &ranked);
                let answer = settled
                    .answer
                    .as_deref()
                    .and_then(|answer| ranked.iter().find(|role| role.slug == answer));
                if answer.is_none() {
                    because = format!("{because}; the vote is not sure enough");
                    case = DecisionCase::LowSignal;
                }
                adjudication = Some(settled);
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
            provisional,
            proposal: is_new_role.then(|| RoleProposal {
                title: signals.notes.title.clone().unwrap_or_default(),
                occupation: None,
                nearest: first.map(str::to_owned),
            }),
            nearest: if needs_help {
                ranked.iter().take(3).map(|role| role.slug.clone()).collect()
            } else {
                Vec::new()
            },
            adjudication,
            counterfactual: self.counterfactual(signals, &evidence, case, chosen, &ranked),
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

    /// The smallest change of the input that fires another rule.
    fn counterfactual(
        &self,
        signals: &Signals,
        evidence: &[Evidence<'_>; 4],
        case: DecisionCase,
        chosen: Option<&str>,
        ranked: &[RankedRole],
    ) -> Option<Counterfactual> {
        let titled = matches!(
            case,
            DecisionCase::AliasCollision
                | DecisionCase::AliasConflict
                | DecisionCase::AliasConfirmed
                | DecisionCase::AliasOnly
        );
        if titled {
            // Without the title, the other rules decide.
            let mut untitled = signals.clone();
            untitled.alias.iter_mut().for_each(|score| {
                score.trusted = false;
                score.score = 0.0;
            });
            untitled.notes.title = None;
            let evidence = Evidence::of(&untitled, self.fitted);
            let ruling = first_that_holds(&untitled, &evidence);
            let role = match ruling.answer {
                Answer::Role(role) | Answer::Provisional(role) => Some(role.to_owned()),
                Answer::Adjudicate | Answer::None => None,
            };
            return Some(Counterfactual {
                change: "no title printed or given".to_owned(),
                case: ruling.case,
                role,
            });
        }
        let role = chosen.or_else(|| ranked.first().map(|role| role.slug.as_str()))?;
        let name = &self.library.role(self.library.role_named(role)?).name;
        let confirmed = evidence[1..].iter().any(|signal| signal.supports(role));
        Some(Counterfactual {
            change: format!("title \"{name}\" printed or given"),
            case: if confirmed { DecisionCase::AliasConfirmed } else { DecisionCase::AliasOnly },
            role: Some(role.to_owned()),
        })
    }
}

/// Settles a tie by the vote: the built-in adjudicator. Its quotes are the words that the signals matched.
fn adjudicate(signals: &Signals, evidence: &[Evidence<'_>; 4], ranked: &[RankedRole]) -> Adjudication {
    let mut cohort: Vec<&str> = Vec::with_capacity(COHORT);
    let tops = evidence.iter().filter_map(Evidence::top);
    for role in tops.chain(ranked.iter().map(|role| role.slug.as_str())) {
        if cohort.len() < COHORT && !cohort.contains(&role) {
            cohort.push(role);
        }
    }
    let share =
        |role: &str| ranked.iter().find(|ranked| ranked.slug == role).map_or(0.0, |ranked| ranked.score);
    let total: f32 = cohort.iter().map(|role| share(role)).sum();
    let best = cohort.iter().copied().max_by(|a, b| share(a).total_cmp(&share(b)).then_with(|| b.cmp(a)));
    let confidence = best.map_or(0.0, |role| if total > 0.0 { share(role) / total } else { 0.0 });
    let quotes: Vec<Span> = best
        .and_then(|role| signals.kra.iter().find(|score| score.slug == role))
        .map(|score| score.pairs.iter().map(|pair| pair.sentence.clone()).collect())
        .unwrap_or_default();
    let answer = best.filter(|_| confidence >= SURE_ENOUGH).map(str::to_owned);
    Adjudication {
        by: Adjudicator::Vote,
        cohort: cohort.into_iter().map(str::to_owned).collect(),
        answer,
        confidence: contract::rounded(confidence),
        quotes,
    }
}

/// The built-in engine cannot fail.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DecisionError(#[from] Infallible);

impl Failure for DecisionError {
    fn fate(&self) -> Fate {
        match self.0 {}
    }
}

impl Stage for Decision {
    type Input = Envelope<Signalled>;
    type Output = Envelope<Decided>;
    type Error = DecisionError;

    async fn run(&self, run: Self::Input) -> Result<Self::Output, Self::Error> {
        let decision = self.of(&run.outputs.signals);
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
