//! The smallest change of the input that would have fired another rule.

use contract::{Counterfactual, DecisionCase, RankedRole, Signals};
use library::Library;

use crate::evidence::Evidence;
use crate::fitted::Fitted;
use crate::rules::{Answer, first_that_holds};

/// Without the title where a rule on titles fired, with the role's own name for a title where another did.
pub(crate) fn of(
    library: &Library,
    fitted: &Fitted,
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
        return Some(untitled(signals, fitted));
    }
    let role = chosen.or_else(|| ranked.first().map(|role| role.slug.as_str()))?;
    let name = &library.role(library.role_named(role)?).name;
    let confirmed = evidence[1..].iter().any(|signal| signal.supports(role));
    Some(Counterfactual {
        change: format!("title \"{name}\" printed or given"),
        case: if confirmed { DecisionCase::AliasConfirmed } else { DecisionCase::AliasOnly },
        role: Some(role.to_owned()),
    })
}

/// Without the title, the other rules decide.
fn untitled(signals: &Signals, fitted: &Fitted) -> Counterfactual {
    let mut untitled = signals.clone();
    untitled.alias.iter_mut().for_each(|score| {
        score.trusted = false;
        score.score = 0.0;
    });
    untitled.notes.title = None;
    let evidence = Evidence::of(&untitled, fitted);
    let ruling = first_that_holds(&untitled, &evidence);
    let role = match ruling.answer {
        Answer::Role(role) | Answer::Provisional(role) => Some(role.to_owned()),
        Answer::Adjudicate | Answer::None => None,
    };
    Counterfactual { change: "no title printed or given".to_owned(), case: ruling.case, role }
}
