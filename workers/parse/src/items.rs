//! What each statement says: a responsibility, a requirement, a benefit, or something else; and how strongly.

use contract::{Item, ItemKind, Necessity, SectionKind};
use regex::RegexSet;
use std::sync::LazyLock;
use text::{Opening, Segmentation, Text, Unit};

/// Joins statements into items, one per bullet or line, and per sentence where a paragraph has neither; says what each is.
///
/// The units of the result are the items' ranges: a line of several sentences in a list is one item.
pub(crate) fn read(text: &Text, parts: &mut Segmentation) -> Vec<Item> {
    join_list_lines(parts);
    let blocks = Blocks::of(parts);
    parts
        .units
        .iter()
        .enumerate()
        .map(|(index, unit)| {
            let words = &text.as_str()[unit.range.clone()];
            let section = parts.segments[unit.section].kind;
            let kind = kind_of(section, words);
            let (necessity, necessity_inferred) =
                necessity_of(kind, section, words, blocks.is_second_list(index));
            let range = text.scalars(unit.range.clone());
            let section = unit.section as u32;
            Item { section, kind, necessity, necessity_inferred, start: range.start, end: range.end }
        })
        .collect()
}

/// Lines are items where a list is written as lines, also when one of them holds two sentences.
fn join_list_lines(parts: &mut Segmentation) {
    let units = std::mem::take(&mut parts.units);
    let mut joined: Vec<Unit> = Vec::with_capacity(units.len());
    let mut at = 0;
    while at < units.len() {
        // A block: statements of one section without an empty line between them.
        let mut end = at + 1;
        while end < units.len() && units[end].section == units[at].section && !units[end].after_gap {
            end += 1;
        }
        let block = &units[at..end];
        let lines = 1 + block.windows(2).filter(|pair| pair[0].line != pair[1].line).count();
        let bullets = block.iter().filter(|unit| unit.opening == Opening::Bullet).count();
        let is_list = bullets > 0 || (lines >= 2 && is_listed(parts.segments[units[at].section].kind));
        for unit in block {
            match joined.last_mut() {
                Some(last)
                    if is_list
                        && unit.opening == Opening::Sentence
                        && last.section == unit.section
                        && last.line == unit.line
                        && (last.opening == Opening::Bullet || bullets == 0) =>
                {
                    last.range.end = unit.range.end;
                }
                _ => joined.push(unit.clone()),
            }
        }
        at = end;
    }
    parts.units = joined;
}

/// Sections whose lines are items of a list.
const fn is_listed(kind: SectionKind) -> bool {
    matches!(
        kind,
        SectionKind::Responsibilities
            | SectionKind::QualificationsRequired
            | SectionKind::QualificationsPreferred
            | SectionKind::QualificationsUnspecified
            | SectionKind::SkillsList
            | SectionKind::Experience
            | SectionKind::Education
            | SectionKind::Certifications
            | SectionKind::Benefits
    )
}

/// Which statements stand in the second of two lists of qualifications that follow one another without a heading of their own.
struct Blocks(Vec<bool>);

impl Blocks {
    fn of(parts: &Segmentation) -> Self {
        let mut second = vec![false; parts.units.len()];
        let mut lists = 0;
        for (index, unit) in parts.units.iter().enumerate() {
            let segment = &parts.segments[unit.section];
            let unheaded = segment.heading.is_none()
                && matches!(
                    segment.kind,
                    SectionKind::QualificationsUnspecified | SectionKind::QualificationsPreferred
                );
            if !unheaded {
                lists = 0;
                continue;
            }
            let opens = index == 0 || unit.after_gap || parts.units[index - 1].section != unit.section;
            if opens && unit.opening != Opening::Sentence {
                lists += 1;
            }
            second[index] = lists == 2;
        }
        Self(second)
    }

    fn is_second_list(&self, index: usize) -> bool {
        self.0[index]
    }
}

fn kind_of(section: SectionKind, words: &str) -> ItemKind {
    match section {
        SectionKind::Responsibilities => ItemKind::Responsibility,
        SectionKind::QualificationsRequired
        | SectionKind::QualificationsPreferred
        | SectionKind::QualificationsUnspecified
        | SectionKind::SkillsList
        | SectionKind::Experience
        | SectionKind::Education
        | SectionKind::Certifications => ItemKind::Requirement,
        SectionKind::Benefits => ItemKind::Benefit,
        SectionKind::Travel | SectionKind::VisaClearance | SectionKind::EmploymentTerms if asks(words) => {
            ItemKind::Requirement
        }
        SectionKind::Overview | SectionKind::AboutTeam | SectionKind::Other if asks(words) => {
            ItemKind::Requirement
        }
        SectionKind::Overview | SectionKind::AboutTeam | SectionKind::Other if assigns(words) => {
            ItemKind::Responsibility
        }
        SectionKind::Title
        | SectionKind::Overview
        | SectionKind::AboutCompany
        | SectionKind::AboutTeam
        | SectionKind::Compensation
        | SectionKind::LocationWorkmode
        | SectionKind::EmploymentTerms
        | SectionKind::VisaClearance
        | SectionKind::Travel
        | SectionKind::ApplicationProcess
        | SectionKind::Eeo
        | SectionKind::Accommodation
        | SectionKind::Legal
        | SectionKind::Contact
        | SectionKind::Hashtags
        | SectionKind::Other => ItemKind::Other,
    }
}

/// Whether a sentence of running text asks something of the candidate.
fn asks(words: &str) -> bool {
    static ASKS: LazyLock<RegexSet> = LazyLock::new(|| {
        text::patterns([
            r"(?i)\b(?:candidates?|applicants?|you|incumbent|individual) (?:must|should|will need to|needs? to|is required to) (?:have|possess|be|hold)\b",
            r"(?i)\b\d+\+? ?(?:-|–|to)? ?\d* ?(?:\+ )?years?\b.*\b(?:experience|background)\b",
            r"(?i)\b(?:ideal|successful|qualified|right) (?:candidate|applicant)s?\b.*\b(?:has|have|is|are|possess|hold|demonstrat)",
            r"(?i)\b(?:is|are) (?:required|mandatory|a must|essential|preferred|desired)\b",
            r"(?i)^(?:must|should) (?:have|be|possess)\b|\bmust have\b",
            r"(?i)^(?:bachelor|master|ph\.?d|degree)\b",
        ])
    });
    ASKS.is_match(words)
}

/// Whether a sentence of running text says what the job does.
fn assigns(words: &str) -> bool {
    static ASSIGNS: LazyLock<RegexSet> = LazyLock::new(|| {
        text::patterns([
            r"(?i)\byou(?:'|’)?(?: wi)?ll (?:be )?(?:responsible|work|lead|build|design|develop|own|help|manage|drive|support|play|create|collaborate|partner|join|report|contribute|provide|ensure|oversee|analy)",
            r"(?i)\b(?:position|role|incumbent|candidate|engineer|analyst|manager|developer|specialist|individual|person) (?:will|is responsible|is accountable|leads?|works?|develops?|supports?|manages?|provides?|performs?)\b",
            r"(?i)\bresponsible for\b",
        ])
    });
    ASSIGNS.is_match(words)
}

/// Marks that make a requirement a wish.
pub(crate) fn is_wish(words: &str) -> bool {
    static WISH: LazyLock<RegexSet> = LazyLock::new(|| {
        text::patterns([
            r"(?i)\b(?:preferred|preferably|preferable|desired|desirable|desirably|advantageous|beneficial|ideally|optional|helpful)\b",
            r"(?i)\b(?:is|are|be|as|considered|would be|will be) (?:a |an )?(?:strong |big |huge |definite |distinct |great |real |significant )?(?:plus|asset|bonus|advantage|nice)\b",
            r"(?i)\b(?:nice|good|great)[ -]to[ -]have\b|\bbonus(?: points)?\b|\ba (?:big |huge |strong |definite )?plus\b|\ban asset\b|\(asset\)|\(plus\)|\bplus[.!)]?$|\bnot (?:required|mandatory|essential) but\b",
        ])
    });
    WISH.is_match(words)
}

/// Marks that make a statement binding.
pub(crate) fn is_demand(words: &str) -> bool {
    static DEMAND: LazyLock<RegexSet> = LazyLock::new(|| {
        text::patterns([
            r"(?i)\b(?:must|required|mandatory|essential|minimum|at least|need to have|necessary|requires?)\b",
        ])
    });
    DEMAND.is_match(words)
}

fn necessity_of(kind: ItemKind, section: SectionKind, words: &str, second_list: bool) -> (Necessity, bool) {
    match kind {
        ItemKind::Responsibility => (Necessity::Responsibility, false),
        ItemKind::Benefit | ItemKind::Other => (Necessity::Context, false),
        ItemKind::Requirement => {
            let wished = section == SectionKind::QualificationsPreferred && !demands_anyway(words);
            if wished || whole_is_wish(words) {
                (Necessity::Preferred, false)
            } else if section == SectionKind::QualificationsRequired || is_demand(words) {
                (Necessity::Required, false)
            } else if second_list {
                // Two lists in a row without headings: the second is what would be welcome besides.
                (Necessity::Preferred, true)
            } else {
                (Necessity::Required, true)
            }
        }
    }
}

/// "Required" inside a list of wishes: the writer's word for this line.
fn demands_anyway(words: &str) -> bool {
    let lower = words.to_lowercase();
    (lower.ends_with("required")
        || lower.ends_with("required.")
        || lower.contains("is required")
        || lower.starts_with("must "))
        && !is_wish(words)
}

/// Whether the wish covers the whole statement: it stands first or last and no demand does.
fn whole_is_wish(words: &str) -> bool {
    if !is_wish(words) {
        return false;
    }
    let lower = words.to_lowercase();
    // "… system software, preferably with experience in large-scale …" asks for the first part and wishes the second.
    let tail_only = lower.find("preferabl").or_else(|| lower.find("ideally")).is_some_and(|at| at > 25);
    !(tail_only || is_demand(words) && !lower.trim_end_matches(['.', ')']).ends_with("preferred"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &[(&str, ItemKind, Necessity)]) {
        let text = Text::new(text::normalise(input).0);
        let mut parts = text::segment(text.as_str());
        let items = read(&text, &mut parts);
        let found: Vec<_> = parts
            .units
            .iter()
            .zip(&items)
            .map(|(unit, item)| (&text.as_str()[unit.range.clone()], item.kind, item.necessity))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_of_two_sentences_in_a_list_is_one_item() {
        check(
            "Responsibilities\nLead suppliers. Set targets.\nBuild tools.",
            &[
                ("Lead suppliers. Set targets.", ItemKind::Responsibility, Necessity::Responsibility),
                ("Build tools.", ItemKind::Responsibility, Necessity::Responsibility),
            ],
        );
    }

    #[test]
    fn a_wish_among_requirements_is_preferred() {
        check(
            "Requirements:\n- 5 years of Java\n- Kafka is a plus",
            &[
                ("5 years of Java", ItemKind::Requirement, Necessity::Required),
                ("Kafka is a plus", ItemKind::Requirement, Necessity::Preferred),
            ],
        );
    }
}
