//! How a posting's text divides into sections, as a bar with its legend.

use anstyle::{AnsiColor, Style};
use contract::{Section, SectionKind};

use super::layout::{Item, own};
use super::pretty::{DIM, PLAIN};

/// Kinds that look alike are told apart by the legend, which goes in the bar's order.
fn style(kind: SectionKind) -> Style {
    match kind {
        SectionKind::Responsibilities => AnsiColor::Blue.on_default(),
        SectionKind::QualificationsRequired
        | SectionKind::QualificationsUnspecified
        | SectionKind::SkillsList
        | SectionKind::Experience
        | SectionKind::Education
        | SectionKind::Certifications => AnsiColor::Green.on_default(),
        SectionKind::QualificationsPreferred => AnsiColor::Cyan.on_default(),
        SectionKind::Title | SectionKind::Overview | SectionKind::AboutCompany | SectionKind::AboutTeam => {
            AnsiColor::Magenta.on_default()
        }
        SectionKind::Compensation | SectionKind::Benefits => AnsiColor::Yellow.on_default(),
        SectionKind::LocationWorkmode
        | SectionKind::EmploymentTerms
        | SectionKind::VisaClearance
        | SectionKind::Travel
        | SectionKind::ApplicationProcess
        | SectionKind::Eeo
        | SectionKind::Accommodation
        | SectionKind::Legal
        | SectionKind::Contact
        | SectionKind::Hashtags
        | SectionKind::Other => DIM,
    }
}

fn length(section: &Section) -> u64 {
    u64::from(section.end.saturating_sub(section.start))
}

/// A bar of `width` cells; neighbours of one kind are one stretch.
pub(crate) fn bar(sections: &[Section], width: usize) -> Item {
    let total: u64 = sections.iter().map(length).sum();
    let mut stretches: Vec<(SectionKind, u64)> = Vec::new();
    for section in sections {
        match stretches.last_mut() {
            Some((kind, sum)) if *kind == section.kind => *sum += length(section),
            Some(_) | None => stretches.push((section.kind, length(section))),
        }
    }
    let (mut seen, mut cells) = (0, 0);
    let mut bar = Vec::with_capacity(stretches.len());
    for (kind, length) in stretches {
        seen += length;
        let end = (seen as f64 / total.max(1) as f64 * width as f64).round() as usize;
        if end > cells {
            // The last cell of a stretch is left open, so that neighbours of one colour are two.
            let gap = if seen < total { "╸" } else { "━" };
            bar.push(own(style(kind), format!("{}{gap}", "━".repeat(end - cells - 1))));
            cells = end;
        }
    }
    bar
}

/// The kinds in order of their first appearance, each with its share of the text.
pub(crate) fn legend(sections: &[Section]) -> Vec<Item> {
    let total: u64 = sections.iter().map(length).sum();
    let mut kinds: Vec<(SectionKind, u64)> = Vec::new();
    for section in sections {
        match kinds.iter_mut().find(|(kind, _)| *kind == section.kind) {
            Some((_, sum)) => *sum += length(section),
            None => kinds.push((section.kind, length(section))),
        }
    }
    let share = |length: u64| (length as f64 / total.max(1) as f64 * 100.0).round();
    kinds
        .into_iter()
        .filter(|&(_, length)| share(length) >= 1.0)
        .map(|(kind, length)| {
            vec![
                own(style(kind), "■ "),
                own(PLAIN, kind.to_string().replace('_', " ")),
                own(DIM, format!(" {}%", share(length))),
            ]
        })
        .collect()
}
