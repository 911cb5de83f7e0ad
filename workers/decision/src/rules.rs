//! The named cases, in the order in which they are asked. The first that holds wins.

use contract::{DecisionCase, Signals};

use crate::evidence::Evidence;

/// What a rule says.
pub(crate) struct Ruling<'a> {
    pub(crate) case: DecisionCase,
    /// What it saw, in words.
    pub(crate) because: String,
    pub(crate) answer: Answer<'a>,
}

/// Which role a rule chose.
pub(crate) enum Answer<'a> {
    /// This one.
    Role(&'a str),
    /// This one until a person says otherwise.
    Provisional(&'a str),
    /// One of several: an adjudicator chooses.
    Adjudicate,
    /// None of the library.
    None,
}

fn ruling<'a>(case: DecisionCase, because: String, answer: Answer<'a>) -> Option<Ruling<'a>> {
    Some(Ruling { case, because, answer })
}

/// The table of cases.
pub(crate) fn first_that_holds<'a>(signals: &'a Signals, evidence: &[Evidence<'a>; 4]) -> Ruling<'a> {
    let trusted: Vec<&'a str> =
        signals.alias.iter().filter(|score| score.trusted).map(|score| score.slug.as_str()).collect();
    alias_rules(&trusted, signals, evidence)
        .or_else(|| converged(evidence))
        .or_else(|| skill_rules(signals, evidence))
        .or_else(|| domain_rules(evidence))
        .or_else(|| multi_tie(evidence))
        .or_else(|| new_role(signals, evidence))
        .unwrap_or_else(|| Ruling {
            case: DecisionCase::LowSignal,
            because: "no signal is strong or clear enough".to_owned(),
            answer: Answer::None,
        })
}

fn alias_rules<'a>(
    trusted: &[&'a str],
    signals: &'a Signals,
    evidence: &[Evidence<'a>; 4],
) -> Option<Ruling<'a>> {
    let [_, skill, kra, domain] = evidence;
    let role = match trusted {
        [] => return None,
        [role] => *role,
        several => {
            let exact = || {
                let mut whole = signals.alias.iter().filter(|score| score.trusted && score.score >= 1.0);
                whole.next().filter(|_| whole.next().is_none()).map(|score| score.slug.as_str())
            };
            let names = several.join(", ");
            let settled = kra
                .separates(several)
                .map(|role| (role, "the work separates them"))
                .or_else(|| exact().map(|role| (role, "one is named exactly")))
                .or_else(|| skill.separates(several).map(|role| (role, "the skills separate them")));
            return match settled {
                Some((role, how)) => ruling(
                    DecisionCase::AliasCollision,
                    format!("the title names {names}; {how}"),
                    Answer::Role(role),
                ),
                None => ruling(
                    DecisionCase::AliasCollision,
                    format!("the title names {names}"),
                    Answer::Adjudicate,
                ),
            };
        }
    };
    let others = [skill, kra, domain];
    // Two signals that lead with another role, and clearly before the titled one.
    let against = others.iter().find_map(|signal| {
        let other = signal.leader()?;
        let agree =
            others.iter().filter(|signal| signal.leader() == Some(other) && !signal.supports(role)).count();
        (other != role && agree >= 2 && signal.best() - signal.score(role) >= signal.scale.margin)
            .then_some(other)
    });
    if let Some(other) = against {
        return ruling(
            DecisionCase::AliasConflict,
            format!("the title names {role}, but two other signals agree on {other}"),
            Answer::Adjudicate,
        );
    }
    let confirming: Vec<String> =
        others.iter().filter(|signal| signal.supports(role)).map(|signal| signal.kind.to_string()).collect();
    if confirming.is_empty() {
        ruling(
            DecisionCase::AliasOnly,
            format!("the title names {role}; no other signal leads with it"),
            Answer::Provisional(role),
        )
    } else {
        ruling(
            DecisionCase::AliasConfirmed,
            format!("the title names {role}, confirmed by {}", confirming.join(" and ")),
            Answer::Role(role),
        )
    }
}

fn converged<'a>(evidence: &[Evidence<'a>; 4]) -> Option<Ruling<'a>> {
    let [_, skill, kra, _] = evidence;
    let role = skill.leader()?;
    (kra.leader() == Some(role))
        .then(|| {
            ruling(
                DecisionCase::Converged,
                format!("skills and work both lead with {role}"),
                Answer::Role(role),
            )
        })
        .flatten()
}

fn skill_rules<'a>(signals: &Signals, evidence: &[Evidence<'a>; 4]) -> Option<Ruling<'a>> {
    let [_, skill, kra, _] = evidence;
    let weak = signals.notes.skill_is_weak;
    if let Some(role) = skill.leader()
        && skill.best() >= skill.scale.witness
        && skill.leads_clearly()
        && !weak
    {
        return ruling(
            DecisionCase::SkillLed,
            format!("the skills lead with {role}, clearly"),
            Answer::Role(role),
        );
    }
    let tied = skill.tied();
    if tied.len() > 1
        && !weak
        && let Some(role) = kra.separates(&tied)
    {
        return ruling(
            DecisionCase::SkillTieKra,
            format!("the skills tie {}; the work separates them", tied.join(", ")),
            Answer::Role(role),
        );
    }
    let skill_is_weak = weak || skill.best() < skill.scale.witness;
    if let Some(role) = kra.leader()
        && kra.leads_clearly()
        && skill_is_weak
    {
        return ruling(
            DecisionCase::KraLed,
            format!("the work leads with {role}; the skills say little"),
            Answer::Role(role),
        );
    }
    None
}

fn domain_rules<'a>(evidence: &[Evidence<'a>; 4]) -> Option<Ruling<'a>> {
    let [alias, skill, kra, domain] = evidence;
    let role = domain.leader().filter(|_| domain.best() >= domain.scale.witness)?;
    let confirmed = [alias, skill, kra]
        .iter()
        .any(|signal| signal.best() >= signal.scale.floor && signal.first(3).any(|other| other == role));
    if confirmed {
        ruling(
            DecisionCase::DomainConfirmed,
            format!("the whole text speaks of {role}, and another signal has it among its first"),
            Answer::Role(role),
        )
    } else {
        ruling(
            DecisionCase::Domain,
            format!("the whole text speaks of {role}; nothing else agrees"),
            Answer::Provisional(role),
        )
    }
}

fn multi_tie<'a>(evidence: &[Evidence<'a>; 4]) -> Option<Ruling<'a>> {
    // The leading signal is the one that stands highest above its own floor.
    let leading = evidence
        .iter()
        .filter(|signal| signal.leader().is_some())
        .max_by(|a, b| (a.best() / a.scale.floor).total_cmp(&(b.best() / b.scale.floor)))?;
    let tied = leading.tied();
    (tied.len() > 1)
        .then(|| {
            let names = tied.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            ruling(DecisionCase::MultiTie, format!("{} ties {names}", leading.kind), Answer::Adjudicate)
        })
        .flatten()
}

fn new_role<'a>(signals: &Signals, evidence: &[Evidence<'a>; 4]) -> Option<Ruling<'a>> {
    let silent = evidence.iter().all(|signal| signal.leader().is_none());
    (silent && signals.notes.title.is_some())
        .then(|| {
            ruling(
                DecisionCase::NewRole,
                "the title names a role that the library lacks; every signal is below its floor".to_owned(),
                Answer::None,
            )
        })
        .flatten()
}
