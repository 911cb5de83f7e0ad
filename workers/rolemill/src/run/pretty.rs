//! An answer for people: what it is, which role and why, what is stated, which skills are asked for.

use anstyle::{AnsiColor, Style};
use contract::{
    ConfidenceBand, Decision, Enriched, Necessity, Parse, Polarity, RankedRole, SignalKind, Skill,
};
use library::Library;
use rolemill::Finished;

use super::facts::{self, plural};
use super::input::Id;
use super::layout::{Ink, Item, Page, after, cut, ink, own};
use super::work::{Answer, End};
use super::{meaning, sections};

/// Set in the terminal's own colours; no white and no black, so that both backgrounds do.
pub(crate) const PLAIN: Style = Style::new();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const FAIR: Style = AnsiColor::Cyan.on_default();
const POOR: Style = AnsiColor::Magenta.on_default();
const WRONG: Style = AnsiColor::Red.on_default();

/// How many cells the bar of confidence has.
const BAR: usize = 20;

/// One block.
pub(crate) fn block(answer: &Answer, library: &Library, width: usize) -> String {
    let mut page = Page::new(width);
    let id = match &answer.id {
        Id::Text(id) => id.clone(),
        Id::Number(line) => format!("line {line}"),
    };
    let ms = match &answer.end {
        End::Ran(finished) if !finished.timings().is_empty() => {
            format!("{:.1} ms", finished.timings().iter().map(|timing| timing.ms).sum::<f64>())
        }
        End::Ran(_) | End::Failed(_) => String::new(),
    };
    page.rule(DIM, ink(PLAIN, id), &ms);
    page.blank();
    match &answer.end {
        End::Ran(Finished::Completed { run, .. }) => completed(&mut page, &run.outputs, library),
        End::Ran(Finished::Rejected(run)) if run.outputs.parse.problem.is_none() => {
            page.prose(own(POOR, "Rejected"), &ink(PLAIN, answer.reason().unwrap_or_default()), 4);
            size_line(&mut page, &run.outputs.parse);
        }
        End::Ran(Finished::Rejected(_) | Finished::Buried { .. }) | End::Failed(_) => {
            let problem = answer.problem().map(|problem| format!("{}: {}", problem.code, problem.message));
            page.prose(own(WRONG, "Failed"), &ink(PLAIN, problem.unwrap_or_default()), 4);
        }
    }
    page.blank();
    page.into_text()
}

fn completed(page: &mut Page, outputs: &Enriched, library: &Library) {
    let Enriched { parse, decision, enrichment, .. } = outputs;
    let headline = facts::headline(&parse.fields);
    if !headline.is_empty() {
        page.flow(own(DIM, "Posting"), &own(DIM, " · "), &headline, 2);
    }
    let stated = facts::stated(&parse.fields);
    if !stated.is_empty() {
        page.flow(own(DIM, "Stated"), &own(DIM, " · "), &stated, 4);
    }
    page.blank();
    role(page, decision, library);
    page.blank();
    skills(page, parse);
    page.blank();
    meaning::lines(page, enrichment, library);
    page.blank();
    size_line(page, parse);
    if parse.sections.len() > 1 {
        let body = page.body();
        page.labelled(own(PLAIN, ""), &sections::bar(&parse.sections, body));
        page.flow(own(PLAIN, ""), &own(PLAIN, "  "), &sections::legend(&parse.sections), 3);
    }
}

fn role(page: &mut Page, decision: &Decision, library: &Library) {
    let name = |slug: &str| {
        library.role_named(slug).map_or_else(|| slug.to_owned(), |id| library.role(id).name.clone())
    };
    match &decision.chosen_role {
        Some(role) => {
            let remark = format!("  {} · {}", role.domain, role.archetype);
            page.labelled(own(DIM, "Role"), &[ink(BOLD, &role.display_name), own(DIM, remark)]);
            let filled = (decision.confidence * BAR as f32).round().clamp(0.0, BAR as f32) as usize;
            let (style, band) = band(decision.confidence_band);
            page.labelled(
                own(PLAIN, ""),
                &[
                    own(style, "━".repeat(filled)),
                    own(DIM, "╌".repeat(BAR - filled)),
                    own(PLAIN, format!(" {:.2} ", decision.confidence)),
                    own(style, band),
                    own(DIM, " · "),
                    own(PLAIN, decision.case.to_string()),
                ],
            );
        }
        None => {
            let item =
                [own(BOLD, "none of the library"), own(DIM, " · "), own(PLAIN, decision.case.to_string())];
            page.labelled(own(DIM, "Role"), &item);
        }
    }
    page.prose(own(PLAIN, ""), &ink(DIM, &decision.rule), 3);
    if let Some(proposal) = &decision.proposal {
        let near =
            proposal.nearest.as_deref().map(|slug| format!(" (nearest: {})", name(slug))).unwrap_or_default();
        page.prose(own(PLAIN, ""), &ink(PLAIN, format!("proposed: {}{near}", proposal.title)), 2);
    }
    if decision.ranked.is_empty() {
        return;
    }
    page.blank();
    let width = page.body() - 5 * COLUMN - 2;
    page.labelled(own(PLAIN, ""), &[own(DIM, format!("{:<width$}{}", "", headings(), width = width + 2))]);
    let chosen = decision.chosen_role.as_ref().map(|role| role.slug.as_str());
    for role in decision.ranked.iter().take(3) {
        page.labelled(
            own(PLAIN, ""),
            &ranked(role, &name(&role.slug), chosen == Some(&role.slug), &decision.agreeing, width),
        );
    }
}

/// Width of a column of scores.
const COLUMN: usize = 8;

fn headings() -> String {
    ["vote", "alias", "skill", "kra", "domain"].iter().map(|name| format!("{name:>COLUMN$}")).collect()
}

/// A row of the table of roles; signals that agree with the choice stand out.
fn ranked(role: &RankedRole, name: &str, is_chosen: bool, agreeing: &[SignalKind], width: usize) -> Item {
    let name = cut(name, width);
    let pad = " ".repeat(width.saturating_sub(unicode_width::UnicodeWidthStr::width(name.as_str())));
    let (mark, style) = if is_chosen { (own(GOOD, "▸ "), BOLD) } else { (own(PLAIN, "  "), PLAIN) };
    let mut row = vec![
        mark,
        ink(style, name),
        own(PLAIN, pad),
        own(PLAIN, format!("{:>COLUMN$}", score(Some(role.score)))),
    ];
    let signals = [
        (SignalKind::Alias, role.alias),
        (SignalKind::Skill, role.skill),
        (SignalKind::Kra, role.kra),
        (SignalKind::Domain, role.domain),
    ];
    for (kind, value) in signals {
        let style = if is_chosen && agreeing.contains(&kind) { GOOD } else { DIM };
        row.push(own(style, format!("{:>COLUMN$}", score(value))));
    }
    row
}

/// `.62`, `1.00`, or a dash where the signal said nothing.
fn score(value: Option<f32>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |value| {
            let digits = format!("{value:.2}");
            digits.strip_prefix('0').map_or(digits.clone(), str::to_owned)
        },
    )
}

/// A band with its colour.
pub(crate) fn band(band: ConfidenceBand) -> (Style, &'static str) {
    let style = match band {
        ConfidenceBand::Auto => GOOD,
        ConfidenceBand::Provisional => FAIR,
        ConfidenceBand::Review => POOR,
    };
    (style, band.into())
}

fn skills(page: &mut Page, parse: &Parse) {
    let groups = [
        (Necessity::Required, "Required", 4),
        (Necessity::Responsibility, "In the work", 3),
        (Necessity::Preferred, "Preferred", 3),
    ];
    for (necessity, label, most) in groups {
        let wanted = |skill: &&Skill| skill.polarity == Polarity::Positive && skill.necessity == necessity;
        let items = alternatives(&parse.skills.iter().filter(wanted).collect::<Vec<_>>());
        if !items.is_empty() {
            page.flow(own(DIM, label), &own(DIM, ", "), &items, most);
        }
    }
    let refused: Vec<Item> = parse
        .skills
        .iter()
        .filter(|skill| skill.polarity == Polarity::Negative)
        .map(|skill| vec![ink(PLAIN, &skill.skill_name)])
        .collect();
    if !refused.is_empty() {
        page.flow(own(DIM, "Ruled out"), &own(DIM, ", "), &refused, 2);
    }
    if parse.dropped > 0 {
        page.labelled(
            own(DIM, "Dropped"),
            &[own(PLAIN, format!("{} values without support in the text", parse.dropped))],
        );
    }
}

/// The skills in reading order; members of one group are told as alternatives, where the first of them stands.
fn alternatives(skills: &[&Skill]) -> Vec<Item> {
    let mut items = Vec::new();
    for (index, skill) in skills.iter().enumerate() {
        let members: Vec<&Skill> = match skill.any_of_group {
            None => vec![skill],
            Some(group) if skills[..index].iter().any(|earlier| earlier.any_of_group == Some(group)) => {
                continue;
            }
            Some(group) => skills.iter().copied().filter(|other| other.any_of_group == Some(group)).collect(),
        };
        let mut item: Item = Vec::new();
        if members.len() > 1 {
            item.push(own(DIM, "one of "));
        }
        for (place, member) in members.iter().enumerate() {
            if place > 0 {
                item.push(own(DIM, " / "));
            }
            item.extend(skill_ink(member));
        }
        items.push(item);
    }
    items
}

/// A skill's name; what the library does not know is set back.
fn skill_ink(skill: &Skill) -> Vec<Ink> {
    let style = if skill.canonical_id.is_some() { PLAIN } else { Style::new().italic().dimmed() };
    let mut name = vec![ink(style, cut(&skill.skill_name, 48))];
    if let Some(version) = &skill.version {
        name.push(after(DIM, version));
    }
    if let Some(years) = skill.min_years {
        name.push(own(DIM, format!(" {years}+ y")));
    }
    name
}

fn size_line(page: &mut Page, parse: &Parse) {
    let words = text::word_count(&parse.text);
    if words == 0 {
        return;
    }
    page.blank();
    let language = parse
        .language
        .as_deref()
        .filter(|&language| language != "eng")
        .map(|language| format!(" · {language}"));
    let counts = [
        plural(words as usize, "word"),
        plural(parse.sections.len(), "section"),
        plural(parse.items.len(), "statement"),
    ];
    let counts = format!("{}{}", counts.join(" · "), language.unwrap_or_default());
    page.labelled(own(DIM, "Text"), &[own(PLAIN, counts)]);
}
