//! A document taken apart: its text with its sections and statements, and what was read from them.

use contract::{Fields, Item, JdType};
use library::{Library, Mention};
use text::read::Hints;
use text::{Segmentation, Text};

use crate::posting::{Posting, mentions};
use crate::skills::Place;
use crate::{fields, items, requirements, sections, skills};

/// A posting that the gate let through, as far as it was read.
pub(crate) struct Apart {
    pub(crate) jd_type: JdType,
    pub(crate) language: Option<&'static str>,
    text: Text,
    parts: Segmentation,
    items: Vec<Item>,
    mentions: Vec<Mention>,
    hints: Hints,
    /// Where skills stand.
    pub(crate) places: Vec<Place>,
    /// What else it states.
    pub(crate) fields: Fields,
}

impl Apart {
    /// Reads a segmented text.
    pub(crate) fn read(
        jd_type: JdType,
        language: Option<&'static str>,
        text: Text,
        mut parts: Segmentation,
        hints: Hints,
        library: &Library,
    ) -> Self {
        let items = items::read(&text, &mut parts);
        let mentions = mentions(&text, &parts, library);
        let (places, fields) = (Vec::new(), Fields::default());
        let mut apart = Self { jd_type, language, text, parts, items, mentions, hints, places, fields };
        apart.places = skills::places(&apart.posting(), library);
        apart.fields = fields::read(&apart.posting(), library);
        apart
    }

    /// The posting as its readers look at it.
    pub(crate) fn posting(&self) -> Posting<'_> {
        let Self { text, parts, items, mentions, hints, .. } = self;
        Posting { text, parts, items, mentions, hints }
    }

    /// Everything that it states, as the wire has it.
    pub(crate) fn parse(&self, library: &Library) -> contract::Parse {
        let posting = self.posting();
        let sections = sections::of(&self.text, &self.parts);
        contract::Parse {
            jd_type: self.jd_type,
            reason: None,
            problem: None,
            language: self.language.map(str::to_owned),
            items: sections::items(&posting, &sections),
            sections,
            requirements: requirements::tree(&posting, library, &self.places, &self.fields),
            skills: skills::collect(&posting, library, &self.places),
            fields: self.fields.clone(),
            dropped: 0,
            text: self.text.whole().into_owned(),
        }
    }
}
