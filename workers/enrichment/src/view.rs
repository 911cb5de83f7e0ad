//! One decided posting as the modules of this stage look at it.

use contract::{Assessed, Decision, Item, ItemKind, Parse, Polarity, Skill, SourceRef, Span};
use library::{Embedder, Library, Role, SkillId};

/// A decided posting beside the library that it was decided with.
pub(crate) struct View<'a> {
    pub(crate) library: &'a Library,
    pub(crate) embedder: &'a dyn Embedder,
    pub(crate) parse: &'a Parse,
    pub(crate) decision: &'a Decision,
    /// Byte of every scalar of the text, its end included; empty for ASCII, where the two are the same.
    bytes: Vec<u32>,
}

impl<'a> View<'a> {
    pub(crate) fn of(
        library: &'a Library,
        embedder: &'a dyn Embedder,
        parse: &'a Parse,
        decision: &'a Decision,
    ) -> Self {
        let text = &parse.text;
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| at as u32).chain([text.len() as u32]).collect()
        };
        Self { library, embedder, parse, decision, bytes }
    }

    /// The role that was chosen.
    pub(crate) fn role(&self) -> Option<&'a Role> {
        let chosen = self.decision.chosen_role.as_ref()?;
        self.library.role_named(&chosen.slug).map(|id| self.library.role(id))
    }

    /// The posting's wanted skills that the library knows.
    pub(crate) fn known_skills(&self) -> impl Iterator<Item = (SkillId, &'a Skill)> + '_ {
        let library = self.library;
        self.parse
            .skills
            .iter()
            .filter(|skill| skill.polarity == Polarity::Positive)
            .filter_map(move |skill| Some((library.skill_named(skill.canonical_id.as_deref()?)?, skill)))
    }

    /// The items that say what the person does.
    pub(crate) fn responsibilities(&self) -> impl Iterator<Item = &'a Item> + '_ {
        self.parse.items.iter().filter(|item| item.kind == ItemKind::Responsibility)
    }

    /// The words of a range of scalars.
    pub(crate) fn words(&self, start: u32, end: u32) -> &'a str {
        let byte = |scalar: u32| self.bytes.get(scalar as usize).map_or(scalar, |&byte| byte) as usize;
        &self.parse.text[byte(start)..byte(end)]
    }

    /// A range of scalars as evidence.
    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        Span { start, end, quote: self.words(start, end).to_owned() }
    }
}

/// What can be said of a value that cannot be assessed.
pub(crate) fn cannot_assess<T>(scale: &str, method: &str, why: impl Into<String>) -> Assessed<T> {
    Assessed {
        value: None,
        cannot_assess: Some(why.into()),
        scale: scale.to_owned(),
        confidence: 0.0,
        evidence: Vec::new(),
        method: method.to_owned(),
        sources: Vec::new(),
    }
}

/// The library itself as a source.
pub(crate) fn library_source(library: &Library) -> SourceRef {
    SourceRef {
        name: "Rolemill library".to_owned(),
        version: library.version().to_owned(),
        date: String::new(),
    }
}
