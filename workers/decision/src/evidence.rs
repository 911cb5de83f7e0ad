//! The signals as the rules see them: who leads, by how much, and who stands close.

use contract::{SignalKind, Signals};

use crate::fitted::{Fitted, Scale};

/// One signal, best role first.
pub(crate) struct Evidence<'a> {
    pub(crate) kind: SignalKind,
    pub(crate) scale: Scale,
    scores: Vec<(&'a str, f32)>,
}

impl<'a> Evidence<'a> {
    /// The four signals of a posting.
    pub(crate) fn of(signals: &'a Signals, fitted: &Fitted) -> [Self; 4] {
        [
            Self {
                kind: SignalKind::Alias,
                scale: fitted.alias,
                scores: signals.alias.iter().map(|score| (score.slug.as_str(), score.score)).collect(),
            },
            Self {
                kind: SignalKind::Skill,
                scale: fitted.skill,
                scores: signals.skill.iter().map(|score| (score.slug.as_str(), score.score)).collect(),
            },
            Self {
                kind: SignalKind::Kra,
                scale: fitted.kra,
                scores: signals
                    .kra
                    .iter()
                    .filter_map(|score| Some((score.slug.as_str(), score.score?)))
                    .collect(),
            },
            Self {
                kind: SignalKind::Domain,
                scale: fitted.domain,
                scores: signals.domain.iter().map(|score| (score.slug.as_str(), score.score)).collect(),
            },
        ]
    }

    /// The first role, if it reaches the floor.
    pub(crate) fn leader(&self) -> Option<&'a str> {
        self.scores
            .first()
            .filter(|(_, score)| *score >= self.scale.floor && *score > 0.0)
            .map(|&(slug, _)| slug)
    }

    /// The first role whatever its score.
    pub(crate) fn top(&self) -> Option<&'a str> {
        self.scores.first().map(|&(slug, _)| slug)
    }

    /// The first `count` roles.
    pub(crate) fn first(&self, count: usize) -> impl Iterator<Item = &'a str> + '_ {
        self.scores.iter().take(count).map(|&(slug, _)| slug)
    }

    /// The first role's score.
    pub(crate) fn best(&self) -> f32 {
        self.scores.first().map_or(0.0, |&(_, score)| score)
    }

    /// A role's score.
    pub(crate) fn score(&self, role: &str) -> f32 {
        self.scores.iter().find(|(slug, _)| *slug == role).map_or(0.0, |&(_, score)| score)
    }

    /// Whether the first leads the second by the margin.
    pub(crate) fn leads_clearly(&self) -> bool {
        let second = self.scores.get(1).map_or(0.0, |&(_, score)| score);
        self.leader().is_some() && self.best() - second >= self.scale.margin
    }

    /// Whether a role leads, or stands within the tie band of the leader, above the floor.
    pub(crate) fn supports(&self, role: &str) -> bool {
        let score = self.score(role);
        score >= self.scale.floor && score > 0.0 && self.best() - score <= self.scale.band
    }

    /// The roles within the tie band of the leader.
    pub(crate) fn tied(&self) -> Vec<&'a str> {
        match self.leader() {
            None => Vec::new(),
            Some(_) => self
                .scores
                .iter()
                .take_while(|(_, score)| self.best() - score <= self.scale.band)
                .map(|&(slug, _)| slug)
                .collect(),
        }
    }

    /// Of some roles, the one that leads the others by the margin.
    pub(crate) fn separates(&self, roles: &[&'a str]) -> Option<&'a str> {
        let mut ordered: Vec<(&str, f32)> =
            self.scores.iter().filter(|(slug, _)| roles.contains(slug)).copied().collect();
        ordered.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let (first, second) = (ordered.first()?, ordered.get(1).map_or(0.0, |&(_, score)| score));
        (first.1 >= self.scale.floor && first.1 - second >= self.scale.margin).then_some(first.0)
    }
}
