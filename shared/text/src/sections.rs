//! Cutting a posting into sections that tile it.
//!
//! Headings say what follows them; where there are none, or where the end matter begins without one, the words of each
//! statement decide ([`crate::lines`]), smoothed over neighbours by the best path (Viterbi).

use contract::SectionKind;
use std::ops::Range;
use std::sync::LazyLock;

use crate::headings::{Heading, heading_at};
use crate::lines::{CLASSES, COUNT, class_of, log_probabilities};
use crate::pieces::{Opening, Piece, pieces};

/// One statement with what is known of its place.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its words; never empty.
    pub range: Range<usize>,
    /// Where its bullet sign or its words begin.
    pub outer: usize,
    /// What it begins with.
    pub opening: Opening,
    /// Number of its line.
    pub line: usize,
    /// Whether an empty line stands before it.
    pub after_gap: bool,
    /// Index of the section it lies in.
    pub section: usize,
}

/// A section: `start..end` tile the text; the heading, when there is one, lies at its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What it is about.
    pub kind: SectionKind,
    /// All of it.
    pub range: Range<usize>,
    /// The heading's words.
    pub heading: Option<Range<usize>>,
    /// Where its body begins.
    pub body: usize,
}

/// A posting in sections and statements.
#[derive(Clone, Debug, Default)]
pub struct Segmentation {
    /// The sections, in order; none for an empty text.
    pub segments: Vec<Segment>,
    /// The statements of their bodies, in order.
    pub units: Vec<Unit>,
}

/// A heading or a statement, before sections are known.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Heading(Heading, usize),
    Unit(Unit),
}

/// Headings and statements of a text, in order.
pub(crate) fn parts(text: &str) -> Vec<Part> {
    let pieces = pieces(text);
    let mut parts = Vec::with_capacity(pieces.len() + 8);
    for (index, piece) in pieces.iter().enumerate() {
        let mut rest = piece.clone();
        while let Some(heading) = heading_at(text, &rest, pieces.get(index + 1)) {
            let body = heading.body.min(piece.range.end);
            let outer = rest.outer;
            // Behind "Job title:" stands a title, also where its words could head a section: "Recruiter".
            let names_the_job = heading.kind == SectionKind::Title;
            parts.push(Part::Heading(heading, outer));
            let words = &text[body..piece.range.end];
            let start = piece.range.end - words.trim_start().len();
            rest = Piece {
                range: start..piece.range.end,
                outer: start,
                opening: Opening::Sentence,
                after_gap: false,
                ..rest
            };
            if names_the_job || rest.range.is_empty() {
                break;
            }
        }
        if !rest.range.is_empty() {
            let Piece { range, outer, opening, line, after_gap } = rest;
            parts.push(Part::Unit(Unit { range, outer, opening, line, after_gap, section: 0 }));
        }
    }
    parts
}

/// The headings (with their kind) and statements of a text, in order: what the line weights are fitted on.
#[must_use]
pub fn statements(text: &str) -> Vec<(Option<SectionKind>, Opening, bool, &str)> {
    parts(text)
        .into_iter()
        .map(|part| match part {
            Part::Heading(heading, _) => (Some(heading.kind), Opening::Line, false, &text[heading.words]),
            Part::Unit(unit) => (None, unit.opening, unit.after_gap, &text[unit.range]),
        })
        .collect()
}

/// Cuts normalised text into sections and statements.
#[must_use]
pub fn segment(text: &str) -> Segmentation {
    let mut segmentation = Segmentation::default();
    let mut run: Vec<Unit> = Vec::new();
    let mut heading: Option<(Heading, usize)> = None;
    for part in parts(text) {
        match part {
            Part::Unit(unit) => run.push(unit),
            Part::Heading(next, outer) => {
                segmentation.close(text, heading.take(), std::mem::take(&mut run));
                heading = Some((next, outer));
            }
        }
    }
    segmentation.close(text, heading, run);
    segmentation.tile(text.len());
    segmentation
}

impl Segmentation {
    /// Adds the sections of one heading's statements, or of those before the first heading.
    fn close(&mut self, text: &str, heading: Option<(Heading, usize)>, units: Vec<Unit>) {
        let kinds =
            place(text, heading.as_ref().map(|(heading, _)| heading.kind), &units, self.units.is_empty());
        if let Some((heading, outer)) = heading {
            let Heading { kind, words, body } = heading;
            self.segments.push(Segment { kind, range: outer..body, heading: Some(words), body });
        }
        let mut last =
            self.segments.last().filter(|segment| segment.heading.is_some()).map(|segment| segment.kind);
        for (mut unit, kind) in units.into_iter().zip(kinds) {
            if last != Some(kind) || self.segments.is_empty() {
                let body = unit.outer;
                // A heading over nothing of its own kind keeps its line: the next section begins behind it.
                self.segments.push(Segment { kind, range: body..body, heading: None, body });
                last = Some(kind);
            }
            unit.section = self.segments.len() - 1;
            self.units.push(unit);
        }
    }

    /// Lets every section begin where the one before it ends.
    fn tile(&mut self, end: usize) {
        let starts: Vec<usize> = self.segments.iter().map(|segment| segment.range.start).collect();
        for (index, segment) in self.segments.iter_mut().enumerate() {
            let start = if index == 0 { 0 } else { starts[index] };
            segment.range = start..starts.get(index + 1).copied().unwrap_or(end);
            segment.body = segment.body.clamp(segment.range.start, segment.range.end);
        }
        if self.segments.is_empty() && end > 0 {
            self.segments.push(Segment { kind: SectionKind::Other, range: 0..end, heading: None, body: 0 });
        }
    }
}

/// What a heading is worth for the statements below it, in nats, and what remains of it behind an empty line that ends a list.
const HEADING_BONUS: f32 = 3.2;
const HEADING_BONUS_BEHIND_A_GAP: f32 = 1.2;
/// A heading such as "Job description" promises little.
const VAGUE_BONUS: f32 = 0.6;

/// The kind of section for each statement of one run: its heading's, where the words do not speak against it.
fn place(text: &str, heading: Option<SectionKind>, units: &[Unit], opens_the_text: bool) -> Vec<SectionKind> {
    if units.is_empty() {
        return Vec::new();
    }
    let promised = heading.and_then(class_of);
    let vague =
        matches!(heading, Some(SectionKind::Overview | SectionKind::Other | SectionKind::Title) | None);
    let mut bonus = if vague { VAGUE_BONUS } else { HEADING_BONUS };
    let mut scores = Vec::with_capacity(units.len());
    for (index, unit) in units.iter().enumerate() {
        let words = &text[unit.range.clone()];
        let mut score = log_probabilities(words, unit.opening);
        if index > 0 && unit.after_gap && unit.opening != Opening::Bullet && !vague {
            bonus = HEADING_BONUS_BEHIND_A_GAP;
        }
        if index == 1 && unit.opening == Opening::Sentence && heading.is_some_and(is_label) {
            bonus = HEADING_BONUS_BEHIND_A_GAP;
        }
        if let Some(class) = promised {
            score[class] += bonus;
        }
        if let Some(class) = cue(words) {
            score[class] += CUE_BONUS;
        }
        scores.push(score);
    }
    let path = best_path(units, &scores, promised.filter(|_| !vague));
    let mut kinds: Vec<SectionKind> = path
        .into_iter()
        .map(|class| match heading {
            Some(kind) if promised == Some(class) => kind,
            _ => CLASSES[class],
        })
        .collect();
    for (kind, unit) in kinds.iter_mut().zip(units) {
        let words = &text[unit.range.clone()];
        if is_hashtags(words) {
            *kind = SectionKind::Hashtags;
        } else if *kind == SectionKind::EmploymentTerms && heading.is_none() && speaks_of_place(words) {
            *kind = SectionKind::LocationWorkmode;
        }
    }
    let named = heading == Some(SectionKind::Title) && crate::names_a_job(&text[units[0].range.clone()]);
    if named || opens_the_text && heading.is_none() && looks_like_a_title(text, units) {
        kinds[0] = SectionKind::Title;
    }
    kinds
}

/// Headings that are labels of one line: "Salary: …" says nothing of the sentence behind it.
const fn is_label(kind: SectionKind) -> bool {
    matches!(
        kind,
        SectionKind::Compensation
            | SectionKind::LocationWorkmode
            | SectionKind::EmploymentTerms
            | SectionKind::Travel
            | SectionKind::VisaClearance
    )
}

/// What a phrase that only one kind of section uses is worth, in nats.
const CUE_BONUS: f32 = 5.0;

/// The class of a statement that uses a phrase of only one kind of section.
fn cue(words: &str) -> Option<usize> {
    static CUES: LazyLock<(regex::RegexSet, Vec<usize>)> = LazyLock::new(|| {
        let cues = [
            (
                1,
                r"(?i)(?:['’]s|\bour|\bthe) mission is\b|\b(?:was |were )?founded in (?:19|20)\d\d\b|\bheadquartered in\b|\bis (?:a|the world['’]s|one of the) (?:leading|largest|premier|global leader|fastest[- ]growing)|\bas employees,? we\b|\b(?:on|by|to) our (?:core )?values\b|\bculture of inclusion\b",
            ),
            (
                10,
                r"(?i)\breasonable accommodation|\baccommodations? (?:during|for|to|in|needs|request)|\brequest(?:ing)? (?:an? )?accommodation|\b(?:need|require)s? (?:special )?assistance\b.*(?:disabilit|accommodation)|disabilit\w*.*\b(?:assistance|accommodation)",
            ),
            (
                9,
                r"(?i)\bequal[ -](?:employment[ -])?opportunit|\bwithout regard to\b|\bregardless of (?:race|age|gender|sex|colou?r)|\bprotected veteran|\brace, (?:colou?r|religion|ethnic)|\bsexual orientation|\bm/f/d/v\b|\baffirmative action|\bwomen and minorities|\beoe\b|visible minorit|indigenous peoples?, ",
            ),
            (
                8,
                r"(?i)\b(?:submit|send|forward|e-?mail) (?:us )?(?:your|a|their|an updated|the) (?:cover|resum|résum|cv\b|application|updated|most recent)|\bapplications? (?:are|will be|must be) (?:accepted|received|submitted|reviewed|consider)|\bonly (?:those )?(?:qualified |selected |shortlisted |successful )?(?:candidates|applicants) (?:selected|will|who)|\b(?:position|posting|job|role|requisition|vacancy) (?:will )?(?:remains?|be|is|stays?) open|\bclosing date\b|\bapplication deadline|^(?:please )?apply (?:now|online|today|at|via|directly|here|by|through)\b|\bto apply,? (?:please|for|send|visit|click)",
            ),
            (
                11,
                r"(?i)\b(?:recruitment|staffing|search) (?:agenc|firm)\w*\b.*\b(?:unsolicited|resum|cv)|\bunsolicited (?:resum|cv)|\bprivacy (?:policy|notice)|\bpersonal (?:information|data) (?:will|is|you)|\b(?:not|nor) (?:intended|designed) (?:to be|to cover)|\bconstrued as|\breserves? the right to (?:change|modify|amend)|\bdoes not constitute",
            ),
        ];
        let set = crate::pattern::patterns(cues.iter().map(|(_, pattern)| *pattern));
        (set, cues.iter().map(|&(class, _)| class).collect())
    });
    let (set, classes) = &*CUES;
    set.matches(words).iter().next().map(|index| classes[index])
}

/// The likeliest sequence of classes when changing the subject has a price.
fn best_path(units: &[Unit], scores: &[[f32; COUNT]], promised: Option<usize>) -> Vec<usize> {
    let mut best = scores[0];
    if let Some(class) = promised {
        // The first statement below a heading is nearly always its own.
        best[class] += 1.5;
    }
    let mut from: Vec<[u8; COUNT]> = Vec::with_capacity(scores.len());
    for (unit, score) in units.iter().zip(scores).skip(1) {
        let price = match unit.opening {
            _ if unit.after_gap => 0.8,
            Opening::Bullet => 2.6,
            Opening::Line | Opening::Seam => 1.8,
            Opening::Sentence => 2.4,
        };
        let (top, &most) = best.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap_or((0, &0.0));
        let mut next = [0.0; COUNT];
        let mut back = [0u8; COUNT];
        for class in 0..COUNT {
            let (value, origin) =
                if best[class] >= most - price { (best[class], class) } else { (most - price, top) };
            next[class] = value + score[class];
            back[class] = origin as u8;
        }
        from.push(back);
        best = next;
    }
    let mut class = (0..COUNT).max_by(|&a, &b| best[a].total_cmp(&best[b])).unwrap_or(0);
    let mut path = vec![class];
    for back in from.iter().rev() {
        class = back[class] as usize;
        path.push(class);
    }
    path.reverse();
    path
}

fn is_hashtags(words: &str) -> bool {
    let mut words = words.split_whitespace().peekable();
    words.peek().is_some()
        && words.all(|word| {
            word.strip_prefix('#').is_some_and(|tag| tag.starts_with(|c: char| c.is_alphanumeric()))
        })
}

fn speaks_of_place(words: &str) -> bool {
    let lower = words.to_lowercase();
    ["location", "remote", "on site", "onsite", "on-site", "hybrid", "office in"]
        .iter()
        .any(|word| lower.contains(word))
}

/// Whether the first statement is a line of its own that names a job: short, no sentence, with a word that titles end in.
fn looks_like_a_title(text: &str, units: &[Unit]) -> bool {
    let words = &text[units[0].range.clone()];
    let alone = units.get(1).is_none_or(|next| next.line != units[0].line);
    alone
        && units[0].opening == Opening::Line
        && crate::words::word_count(words) <= 14
        && !words.ends_with(['.', '!', '?', ':'])
        && crate::names_a_job(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[(SectionKind, &str)]) {
        let segmentation = segment(text);
        let found: Vec<(SectionKind, &str)> = segmentation
            .segments
            .iter()
            .map(|segment| (segment.kind, text[segment.range.clone()].trim()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn end_matter_without_a_heading_leaves_the_section_above_it() {
        check(
            "Requirements\n5 years of Java\nAcme is an equal opportunity employer and hires without regard to race, color or religion.",
            &[
                (SectionKind::QualificationsRequired, "Requirements\n5 years of Java"),
                (
                    SectionKind::Eeo,
                    "Acme is an equal opportunity employer and hires without regard to race, color or religion.",
                ),
            ],
        );
    }

    #[test]
    fn the_first_line_of_a_posting_is_its_title_when_it_names_a_job() {
        let text = "Senior Rust Engineer\n\nResponsibilities\nDesign services";
        assert_eq!(segment(text).segments[0].kind, SectionKind::Title);
    }

    proptest! {
        #[test]
        fn sections_tile_any_text(text in "(Requirements:|Overview|Benefits|We build|•|\\.|#tag|[A-Za-z é\n]{0,12}){0,40}") {
            let text = crate::normalise(&text).0;
            let segmentation = segment(&text);
            let mut at = 0;
            for segment in &segmentation.segments {
                prop_assert_eq!(segment.range.start, at);
                prop_assert!(segment.range.end > at && segment.body >= at && segment.body <= segment.range.end);
                at = segment.range.end;
            }
            prop_assert_eq!(at, text.len());
            for unit in &segmentation.units {
                let home = &segmentation.segments[unit.section].range;
                prop_assert!(home.start <= unit.range.start && unit.range.end <= home.end);
            }
        }
    }
}
