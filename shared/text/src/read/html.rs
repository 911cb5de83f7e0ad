//! Reads a web page through a tokenizer alone: no tree is built, so nesting costs nothing, and the tokenizer
//! hands attributes over one by one, so neither do thousands of them in one tag.
//!
//! **What is hidden.** The element with a `hidden`, `popover` or `aria-hidden` attribute, or with `display:none`,
//! `visibility:hidden`, `font-size:0` and the like in its own style, a `dialog` that is not open, and `template`, `svg`, `select`,
//! media and their like. What a style sheet hides is read: sheets are not. It ends at its own end tag, at a start tag that implies it (`li` after `li`, a block after `p`), or at the end tag of a block
//! around it. One that runs to the end of the page was never closed: then the rest of the page would be lost
//! with it, so its text is kept.

use std::convert::Infallible;

use contract::MAX_TEXT_BYTES;
use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};

use super::elements::{ELEMENTS, RAW, Shape, UNSEEN, VOID, element, hides};
use super::lines::{Lines, Mark};
use super::{Hints, json_ld};

/// A page's visible text and what it says of the posting beside it.
pub(super) struct Page {
    pub(super) text: String,
    pub(super) hints: Hints,
}

/// Reads a page or a piece of one.
pub(super) fn read(html: &str) -> Page {
    let sink = run(html);
    let json_ld = sink.scripts.iter().find_map(|script| json_ld::posting(script));
    let mut hints = Hints::default();
    if let Some(posting) = &json_ld {
        hints.title.clone_from(&posting.title);
        hints.company.clone_from(&posting.hiring_organization);
        hints.location = posting.job_location.first().cloned();
    }
    if hints.title.is_none() && !sink.has_h1 {
        hints.title = sink.title.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
        hints.title = hints.title.filter(|title| !title.is_empty());
    }
    let mut text = sink.lines.finish();
    if let Some(description) = json_ld.as_ref().and_then(|posting| posting.description.as_ref())
        && description.len() > text.len()
    {
        text.clone_from(description);
    }
    hints.json_ld = json_ld;
    Page { text, hints }
}

/// The visible text of a piece of HTML, or of plain text, inside another document.
pub(super) fn text_of(html: &str) -> String {
    run(html).lines.finish()
}

fn run(html: &str) -> Sink {
    let mut sink = Sink { verbatim: !has_blocks(html), ..Sink::default() };
    let mut emitter = CallbackEmitter::<_, Infallible>::new(|event: CallbackEvent<'_>, _| {
        sink.take(event);
        None
    });
    emitter.naively_switch_states(true);
    match Tokenizer::new_with_emitter(html, emitter).finish() {
        Ok(()) => {}
        Err(never) => match never {},
    }
    // What is hidden still was never closed.
    sink.show(true);
    sink
}

/// Without a single block, line ends are all that structures the text.
fn has_blocks(html: &str) -> bool {
    memchr::memchr_iter(b'<', html.as_bytes()).any(|at| {
        let rest = &html.as_bytes()[at + 1..];
        let name = rest.iter().take(12).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let name = rest[..name].to_ascii_lowercase();
        name == b"br" || element(&name).is_some_and(|found| !matches!(ELEMENTS[found].1, Shape::Root))
    })
}

/// What the tokens of a page become.
#[derive(Debug, Default)]
struct Sink {
    lines: Lines,
    /// The page has no blocks: its line ends count.
    verbatim: bool,
    tag: Option<StartTag>,
    /// The open elements, as places in [`ELEMENTS`], and how many there are of each.
    open: Vec<u8>,
    counts: Counts,
    hidden: Option<Hidden>,
    /// Inside an element of raw text.
    raw: Raw,
    title: Option<String>,
    has_h1: bool,
    /// JSON-LD, as written.
    scripts: Vec<String>,
    script_bytes: usize,
}

/// How many of each of [`ELEMENTS`] are open.
#[derive(Debug)]
struct Counts([u32; ELEMENTS.len()]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; ELEMENTS.len()])
    }
}

/// A start tag whose attributes are being read.
#[derive(Debug, Default)]
struct StartTag {
    name: Vec<u8>,
    attribute: Attribute,
    has_style: bool,
    hidden: bool,
    is_open: bool,
    json_ld: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Attribute {
    Style,
    Type,
    AriaHidden,
    #[default]
    Other,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Raw {
    #[default]
    No,
    Dropped,
    JsonLd,
    Title,
}

/// An element that is not shown.
#[derive(Debug)]
struct Hidden {
    name: Vec<u8>,
    /// It is one of [`ELEMENTS`], so that the open elements tell when it ends.
    block: bool,
    /// Elements of its name that were opened inside it, when it is none of them.
    nested: u32,
    /// How many elements were open around it.
    around: usize,
    /// Lists and tables open around it.
    containers: u32,
    mark: Mark,
}

impl Sink {
    fn take(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Some(StartTag { name: name.to_vec(), ..StartTag::default() });
            }
            CallbackEvent::AttributeName { name } => {
                if let Some(tag) = &mut self.tag {
                    tag.hidden |= name == b"hidden" || name == b"popover";
                    tag.is_open |= name == b"open";
                    tag.attribute = match name {
                        // Of two, the first counts.
                        b"style" if !tag.has_style => Attribute::Style,
                        b"type" => Attribute::Type,
                        b"aria-hidden" => Attribute::AriaHidden,
                        _ => Attribute::Other,
                    };
                    tag.has_style |= name == b"style";
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some(tag) = &mut self.tag {
                    match tag.attribute {
                        Attribute::Style => tag.hidden |= hides(&String::from_utf8_lossy(value)),
                        Attribute::Type => {
                            let value = value.trim_ascii();
                            tag.json_ld |= value.to_ascii_lowercase().starts_with(b"application/ld+json");
                        }
                        Attribute::AriaHidden => {
                            tag.hidden |= value.trim_ascii().eq_ignore_ascii_case(b"true")
                        }
                        Attribute::Other => {}
                    }
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(tag) = self.tag.take() {
                    self.start(tag, self_closing);
                }
            }
            CallbackEvent::EndTag { name } => {
                self.tag = None;
                self.end(name);
            }
            CallbackEvent::String { value } => self.string(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }

    fn string(&mut self, value: &str) {
        // Beyond the limit nothing needs to be known but that there is more.
        let full = self.hidden.is_none() && self.lines.len() > MAX_TEXT_BYTES;
        match self.raw {
            Raw::No if full => {}
            Raw::No if self.verbatim || self.preformatted() => self.lines.verbatim(value),
            Raw::No => self.lines.words(value),
            Raw::Dropped => {}
            Raw::JsonLd => {
                self.script_bytes += value.len();
                if self.script_bytes <= json_ld::MAX_BYTES {
                    self.scripts.push(value.to_owned());
                }
            }
            Raw::Title => self.title = self.title.take().or_else(|| Some(value.chars().take(512).collect())),
        }
    }

    fn preformatted(&self) -> bool {
        [b"pre".as_slice(), b"textarea", b"xmp"].iter().any(|name| self.is_open(name))
    }

    fn is_open(&self, name: &[u8]) -> bool {
        element(name).is_some_and(|found| self.counts.0[found] > 0)
    }

    fn containers(&self) -> u32 {
        let of = |shape| matches!(shape, Shape::List | Shape::Table);
        ELEMENTS.iter().zip(&self.counts.0).filter(|((_, shape), _)| of(*shape)).map(|(_, count)| count).sum()
    }

    fn start(&mut self, tag: StartTag, self_closing: bool) {
        let name = tag.name.as_slice();
        match name {
            b"br" => return self.lines.line_break(),
            b"hr" => return self.lines.paragraph(),
            _ if VOID.contains(&name) => return,
            b"title" if self.hidden.is_none() => return self.raw = Raw::Title,
            _ if RAW.contains(&name) => {
                return self.raw = if tag.json_ld { Raw::JsonLd } else { Raw::Dropped };
            }
            _ => {}
        }
        let found = element(name);
        if self.hidden.as_ref().is_some_and(|hidden| self.implies_the_end(hidden, found, name)) {
            self.show(false);
        }
        let unseen = UNSEEN.contains(&name);
        let is_hidden = tag.hidden || name == b"dialog" && !tag.is_open;
        match &mut self.hidden {
            Some(hidden) => hidden.nested += u32::from(hidden.name == name),
            None if (is_hidden || unseen)
                && !(unseen && self_closing)
                && name != b"html"
                && name != b"body" =>
            {
                let (around, containers, mark) = (self.open.len(), self.containers(), self.lines.mark());
                let (name, block) = (tag.name.clone(), found.is_some());
                self.hidden = Some(Hidden { name, block, nested: 0, around, containers, mark });
            }
            None => self.has_h1 |= name == b"h1",
        }
        if let Some(found) = found {
            self.shape(ELEMENTS[found].1, true);
            self.open.push(found as u8);
            self.counts.0[found] += 1;
        }
    }

    fn end(&mut self, name: &[u8]) {
        match name {
            b"br" => return self.lines.line_break(),
            b"title" if self.raw == Raw::Title => return self.raw = Raw::No,
            _ if RAW.contains(&name) => return self.raw = Raw::No,
            _ => {}
        }
        let found = element(name);
        if let Some(found) = found {
            self.close(found);
        }
        if let Some(hidden) = &mut self.hidden {
            let own = !hidden.block && hidden.name == name;
            if own && hidden.nested > 0 {
                hidden.nested -= 1;
            } else if own || self.open.len() < hidden.around + usize::from(hidden.block) {
                // One that is still open at the end of the page was never closed.
                self.show(found.is_some_and(|found| ELEMENTS[found].1 == Shape::Root));
            }
        }
        if let Some(found) = found {
            self.shape(ELEMENTS[found].1, false);
        }
    }

    /// Closes the innermost open element of a kind with all inside it.
    fn close(&mut self, found: usize) {
        let mut searching = self.counts.0[found] > 0;
        while searching && let Some(top) = self.open.pop() {
            self.counts.0[usize::from(top)] -= 1;
            searching = usize::from(top) != found;
        }
    }

    /// The hidden element has ended.
    fn show(&mut self, keep: bool) {
        let Some(hidden) = self.hidden.take() else { return };
        for left in self.open.drain(hidden.around.min(self.open.len())..) {
            self.counts.0[usize::from(left)] -= 1;
        }
        if !keep {
            self.lines.forget(hidden.mark);
        }
    }

    /// Whether this start tag ends a hidden element that has no end tag.
    fn implies_the_end(&self, hidden: &Hidden, found: Option<usize>, name: &[u8]) -> bool {
        let sibling = |group: &[&[u8]]| {
            group.contains(&hidden.name.as_slice())
                && group.contains(&name)
                && self.containers() <= hidden.containers
        };
        (hidden.name == b"p" && found.is_some())
            || sibling(&[b"li"])
            || sibling(&[b"dt", b"dd"])
            || sibling(&[b"td", b"th", b"tr"])
    }

    fn shape(&mut self, shape: Shape, starts: bool) {
        let lines = &mut self.lines;
        let nested = element(b"li").is_some_and(|item| self.counts.0[item] > 0);
        match (shape, starts) {
            (Shape::Root | Shape::Block, _) => lines.block(),
            (Shape::Paragraph | Shape::List | Shape::Table, _) if nested => lines.block(),
            (Shape::Paragraph | Shape::List | Shape::Table, _) => lines.paragraph(),
            (Shape::Item, true) => lines.item(),
            (Shape::Item, false) => lines.end_item(),
            (Shape::Row, _) => lines.row(),
            (Shape::Cell, true) => lines.cell(),
            (Shape::Cell, false) => {}
        }
    }
}
