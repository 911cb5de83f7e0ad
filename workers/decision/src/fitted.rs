//! The constants of the decision, fitted on labelled postings and versioned with the pipeline.

use serde::Deserialize;
use std::sync::LazyLock;

/// Everything that `tests/fit/decision.py` fits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fitted {
    pub(crate) version: String,
    pub(crate) alias: Scale,
    pub(crate) skill: Scale,
    pub(crate) kra: Scale,
    pub(crate) domain: Scale,
    pub(crate) vote: VoteWeights,
    pub(crate) confidence: Calibration,
}

/// One signal's scale.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scale {
    /// Below it the signal speaks for no role.
    pub(crate) floor: f32,
    /// From here it may choose by itself.
    pub(crate) witness: f32,
    /// A lead over the second that is a lead.
    pub(crate) margin: f32,
    /// Within this of the first is a tie.
    pub(crate) band: f32,
}

/// What each feature of a role weighs in the vote.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoteWeights {
    pub(crate) trusted: f32,
    pub(crate) alias: f32,
    pub(crate) skill: f32,
    pub(crate) kra: f32,
    pub(crate) domain: f32,
    pub(crate) skill_raw: f32,
    pub(crate) kra_raw: f32,
}

/// From the vote's share and the number of agreeing signals to the probability of being right.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calibration {
    pub(crate) bias: f32,
    pub(crate) share: f32,
    /// What it is worth that the title is among the agreeing signals.
    pub(crate) titled: f32,
    /// By the number of agreeing signals, 0 to 4.
    pub(crate) agreement: [f32; 5],
    /// Lowest confidence of the band `auto`.
    pub(crate) auto_from: f32,
}

impl Fitted {
    /// The constants that ship with this version.
    pub(crate) fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Fitted> = LazyLock::new(|| {
            #[expect(clippy::expect_used, reason = "the file is compiled in and a test reads it")]
            toml::from_str(include_str!("fitted.toml")).expect("the compiled-in constants")
        });
        &SHIPPED
    }
}
