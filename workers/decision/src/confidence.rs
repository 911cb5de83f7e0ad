//! How sure a decision is: the calibrated probability that the role is right.

use contract::{ConfidenceBand, SignalKind, rounded};

use crate::fitted::Calibration;

/// What may be claimed at most with so many independent signals agreeing.
const CAPS: [f32; 5] = [0.30, 0.60, 0.85, 0.95, 0.99];

/// The probability that the role is right, from its share of the vote and the number of signals that lead with it.
pub(crate) fn of(calibration: &Calibration, share: f32, agreeing: &[SignalKind]) -> f32 {
    let titled = if agreeing.contains(&SignalKind::Alias) { calibration.titled } else { 0.0 };
    let agreeing = agreeing.len().min(CAPS.len() - 1);
    let share = share.clamp(0.001, 0.999);
    let logit = calibration.bias
        + calibration.share * (share / (1.0 - share)).ln()
        + titled
        + calibration.agreement[agreeing];
    rounded((1.0 / (1.0 + (-logit).exp())).min(CAPS[agreeing]))
}

/// What may be done with an answer of this confidence.
pub(crate) fn band(calibration: &Calibration, confidence: f32) -> ConfidenceBand {
    if confidence >= calibration.auto_from.max(0.80) {
        ConfidenceBand::Auto
    } else if confidence >= 0.50 {
        ConfidenceBand::Provisional
    } else {
        ConfidenceBand::Review
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fitted::Fitted;

    #[test]
    fn no_confidence_exceeds_the_cap_of_its_signals() {
        let all = [SignalKind::Alias, SignalKind::Skill, SignalKind::Kra, SignalKind::Domain];
        for (agreeing, cap) in CAPS.into_iter().enumerate() {
            assert!(of(&Fitted::shipped().confidence, 1.0, &all[..agreeing]) <= cap);
        }
    }

    #[test]
    fn auto_is_never_claimed_below_four_fifths() {
        let calibration = Calibration { auto_from: 0.1, ..Fitted::shipped().confidence.clone() };
        assert_eq!(band(&calibration, 0.79), ConfidenceBand::Provisional);
    }
}
