//! Turns Markdown to plain text: marks go, words, bullets, numbers and link targets stay.

use contract::MAX_TEXT_BYTES;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The text of a Markdown document.
pub(super) fn read(markdown: &str) -> String {
    let mut writer = Writer::default();
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(markdown, options) {
        writer.take(event);
        // Link references can be repeated: beyond the limit nothing needs to be known but that there is more.
        if writer.text.len() > MAX_TEXT_BYTES {
            return writer.text;
        }
    }
    let length = writer.text.trim_end().len();
    writer.text.truncate(length);
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
    /// Line ends owed before the next character.
    breaks: usize,
    /// An item has its mark and no words yet.
    fresh_item: bool,
    /// The open lists: the next number of an ordered one.
    lists: Vec<Option<u64>>,
    /// The open links: where their text begins, and their targets.
    links: Vec<(usize, String)>,
}

impl Writer {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.push(&text),
            // A placeholder such as <COMPANY> comes as HTML; real tags are marks.
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.push(&text),
            Event::FootnoteReference(name) => self.push(&name),
            Event::SoftBreak | Event::HardBreak => self.owe(1),
            Event::Rule => self.owe(2),
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => self.owe(2),
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Table(_) => {
                self.owe(if self.lists.is_empty() { 2 } else { 1 });
            }
            Tag::List(first) => {
                self.owe(if self.lists.is_empty() { 2 } else { 1 });
                self.lists.push(first);
            }
            Tag::Item => {
                self.owe(1);
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number = number.saturating_add(1);
                        format!("{}. ", number.saturating_sub(1))
                    }
                    Some(None) | None => "• ".to_owned(),
                };
                self.push(&mark);
                self.fresh_item = true;
            }
            Tag::TableRow | Tag::TableHead => self.owe(1),
            Tag::TableCell => {
                if self.breaks == 0 && !self.text.is_empty() {
                    self.text.push('\t');
                }
            }
            Tag::Link { dest_url, .. } => self.links.push((self.text.len(), dest_url.to_string())),
            Tag::Image { .. }
            | Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if matches!(tag, TagEnd::List(_)) {
            self.lists.pop();
        }
        if matches!(tag, TagEnd::Item) {
            self.fresh_item = false;
        }
        if matches!(tag, TagEnd::Link)
            && let Some((start, target)) = self.links.pop()
        {
            let said = self.text.get(start..).is_some_and(|text| target.ends_with(text.trim()));
            if !said && (target.starts_with("http") || target.starts_with("mailto:")) {
                self.push(&format!(" ({target})"));
            }
        }
        if matches!(tag, TagEnd::Heading(_) | TagEnd::Table | TagEnd::CodeBlock) {
            self.owe(2);
        } else if matches!(tag, TagEnd::Paragraph | TagEnd::List(_)) {
            self.owe(if self.lists.is_empty() { 2 } else { 1 });
        } else if matches!(tag, TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead | TagEnd::HtmlBlock) {
            self.owe(1);
        }
    }

    fn html(&mut self, html: &str) {
        let name = html.trim_start_matches(['<', '/', '!', '-']);
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        let lower = name.to_ascii_lowercase();
        let is_mark = html.starts_with("<!") || (!name.is_empty() && KNOWN.contains(&lower.as_str()));
        if lower == "br" {
            self.owe(1);
        } else if is_mark {
            self.push(&super::html::text_of(html));
        } else {
            self.push(html);
        }
    }

    fn owe(&mut self, breaks: usize) {
        if !self.text.is_empty() && !self.fresh_item {
            self.breaks = self.breaks.max(breaks);
        }
    }

    fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let breaks = std::mem::take(&mut self.breaks);
        self.fresh_item = false;
        self.text.extend(std::iter::repeat_n('\n', breaks));
        let body = text.trim_end_matches('\n');
        self.text.push_str(body);
        self.breaks = (text.len() - body.len()).min(2);
    }
}

/// Tags that are marks and no placeholders.
const KNOWN: [&str; 28] = [
    "a", "b", "body", "br", "center", "code", "div", "em", "font", "h1", "h2", "h3", "h4", "hr", "i", "img",
    "li", "ol", "p", "span", "strong", "sub", "sup", "table", "td", "tr", "u", "ul",
];
