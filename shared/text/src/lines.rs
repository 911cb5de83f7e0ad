//! What a statement is about, by its words alone: the weights behind [`crate::segment`] where no heading speaks.
//!
//! The weights are fitted by `tests/fit/lines.py` on postings whose own headings label their statements.

use contract::SectionKind;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::pieces::Opening;

/// Number of classes; [`CLASSES`] names them in the order of the weight file.
pub(crate) const COUNT: usize = 12;

/// The section that each class stands for where no heading says more.
pub(crate) const CLASSES: [SectionKind; COUNT] = [
    SectionKind::Overview,
    SectionKind::AboutCompany,
    SectionKind::Responsibilities,
    SectionKind::QualificationsUnspecified,
    SectionKind::QualificationsPreferred,
    SectionKind::Benefits,
    SectionKind::Compensation,
    SectionKind::EmploymentTerms,
    SectionKind::ApplicationProcess,
    SectionKind::Eeo,
    SectionKind::Accommodation,
    SectionKind::Legal,
];

/// The class of statements that stand under a heading of this kind; none where the heading promises nothing.
pub(crate) const fn class_of(kind: SectionKind) -> Option<usize> {
    Some(match kind {
        SectionKind::Overview => 0,
        SectionKind::AboutCompany | SectionKind::AboutTeam => 1,
        SectionKind::Responsibilities => 2,
        SectionKind::QualificationsRequired
        | SectionKind::QualificationsUnspecified
        | SectionKind::SkillsList
        | SectionKind::Experience
        | SectionKind::Education
        | SectionKind::Certifications => 3,
        SectionKind::QualificationsPreferred => 4,
        SectionKind::Benefits => 5,
        SectionKind::Compensation => 6,
        SectionKind::LocationWorkmode
        | SectionKind::EmploymentTerms
        | SectionKind::VisaClearance
        | SectionKind::Travel => 7,
        SectionKind::ApplicationProcess | SectionKind::Contact => 8,
        SectionKind::Eeo => 9,
        SectionKind::Accommodation => 10,
        SectionKind::Legal => 11,
        SectionKind::Title | SectionKind::Hashtags | SectionKind::Other => return None,
    })
}

/// A weight is this fraction of a nat.
const UNIT: f32 = 1.0 / 24.0;

type Row = [i8; COUNT];

struct Weights {
    bias: Row,
    features: HashMap<&'static str, Row>,
}

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let mut weights = Weights { bias: [0; COUNT], features: HashMap::with_capacity(6000) };
    for line in include_str!("lines.tsv").lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let Some(name) = cells.next() else { continue };
        let mut row = [0; COUNT];
        for (weight, cell) in row.iter_mut().zip(cells) {
            *weight = cell.parse().unwrap_or(0);
        }
        match name {
            "class" => {}
            "bias" => weights.bias = row,
            feature => {
                weights.features.insert(feature, row);
            }
        }
    }
    weights
});

/// Log-probability of each class for a statement.
pub(crate) fn log_probabilities(words: &str, opening: Opening) -> [f32; COUNT] {
    let weights = &*WEIGHTS;
    let mut sums = weights.bias.map(i32::from);
    let mut add = |feature: &str| {
        if let Some(row) = weights.features.get(feature) {
            for (sum, &weight) in sums.iter_mut().zip(row) {
                *sum += i32::from(weight);
            }
        }
    };
    let mut seen: Vec<String> = Vec::with_capacity(32);
    let mut feature = String::with_capacity(32);
    let mut count = 0;
    let mut first = String::new();
    for word in crate::words::lower_words(words) {
        let word = if word.bytes().all(|byte| byte.is_ascii_digit()) { "0".to_owned() } else { word };
        count += 1;
        if count <= 2 {
            feature.clear();
            if count == 1 {
                feature.push_str("f:");
                feature.push_str(&word);
                first.clone_from(&word);
            } else {
                feature.push_str("b:");
                feature.push_str(&first);
                feature.push(' ');
                feature.push_str(&word);
            }
            add(&feature);
        }
        if !seen.contains(&word) {
            feature.clear();
            feature.push_str("w:");
            feature.push_str(&word);
            add(&feature);
            seen.push(word);
        }
    }
    add(match count {
        0..=2 => "n:2",
        3..=6 => "n:6",
        7..=14 => "n:14",
        15..=30 => "n:30",
        _ => "n:99",
    });
    add(match opening {
        Opening::Line => "o:line",
        Opening::Bullet => "o:bullet",
        Opening::Sentence => "o:sentence",
        Opening::Seam => "o:seam",
    });
    if words.ends_with(['.', '!', '?']) {
        add("s:stop");
    } else if words.ends_with(':') {
        add("s:colon");
    }
    let logits = sums.map(|sum| sum as f32 * UNIT);
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total = logits.iter().map(|logit| (logit - most).exp()).sum::<f32>().ln() + most;
    logits.map(|logit| logit - total)
}
