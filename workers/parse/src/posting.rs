//! A document while it is being taken apart: its text, its sections, and what stood beside it.

use contract::{Item, SectionKind, Span};
use library::{Library, Mention};
use std::ops::Range;
use text::read::Hints;
use text::{Segmentation, Text, Unit};

/// Everything the field and skill readers look at. Offsets are bytes of [`Posting::text`].
pub(crate) struct Posting<'a> {
    /// The normalised text.
    pub(crate) text: &'a Text,
    /// Its sections and statements.
    pub(crate) parts: &'a Segmentation,
    /// What each statement says, parallel to `parts.units`.
    pub(crate) items: &'a [Item],
    /// The library's skills in the text, in order.
    pub(crate) mentions: &'a [Mention],
    /// What the sender or the page said beside the text; the sender's word goes before the page's.
    pub(crate) hints: &'a Hints,
}

impl<'a> Posting<'a> {
    /// The text as a string.
    pub(crate) fn str(&self) -> &'a str {
        self.text.as_str()
    }

    /// The wire's span of a byte range.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        self.text.span(range)
    }

    /// The words of a statement.
    pub(crate) fn words(&self, unit: &Unit) -> &'a str {
        &self.text.as_str()[unit.range.clone()]
    }

    /// The kind of section that a statement lies in.
    pub(crate) fn kind(&self, unit: &Unit) -> SectionKind {
        self.parts.segments[unit.section].kind
    }

    /// The statements of sections of the given kinds.
    pub(crate) fn units_in(&self, kinds: &'static [SectionKind]) -> impl Iterator<Item = &'a Unit> + '_ {
        self.parts.units.iter().filter(move |unit| kinds.contains(&self.kind(unit)))
    }

    /// The mentions that lie in a byte range.
    pub(crate) fn mentions_in(&self, range: &Range<usize>) -> &'a [Mention] {
        let first = self.mentions.partition_point(|mention| mention.range.start < range.start);
        let behind = self.mentions.partition_point(|mention| mention.range.start < range.end);
        &self.mentions[first..behind.max(first)]
    }

    /// The kind of the section at a byte of the text.
    pub(crate) fn kind_at(&self, at: usize) -> SectionKind {
        let next = self.parts.segments.partition_point(|segment| segment.range.start <= at);
        next.checked_sub(1).map_or(SectionKind::Other, |index| self.parts.segments[index].kind)
    }
}

/// The library's skills in a text; a lost line break is a word boundary.
pub(crate) fn mentions(text: &Text, parts: &Segmentation, library: &Library) -> Vec<Mention> {
    let seams: Vec<usize> = parts
        .units
        .iter()
        .filter(|unit| unit.opening == text::Opening::Seam)
        .map(|unit| unit.range.start)
        .collect();
    library.mentions(text.as_str(), &seams)
}
