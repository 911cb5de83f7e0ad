//! Text in columns for a terminal: measured, wrapped, cut, and free of anything that could steer the terminal.

use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Width of the column of labels.
pub(crate) const LABEL: usize = 12;
/// No page is wider.
pub(crate) const WIDEST: usize = 100;
/// Narrower terminals get pages of this width.
const NARROWEST: usize = 60;

/// Words in one style.
#[derive(Clone, Debug)]
pub(crate) struct Ink {
    words: String,
    style: Style,
}

/// Words of a document in a style: control and direction characters taken out, white space made single.
pub(crate) fn ink(style: Style, words: impl AsRef<str>) -> Ink {
    let is_steering = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let words = words.as_ref().split_whitespace().collect::<Vec<_>>().join(" ");
    Ink { words: words.chars().filter(|&c| !is_steering(c)).collect(), style }
}

/// Words of a document that follow others.
pub(crate) fn after(style: Style, words: impl AsRef<str>) -> Ink {
    let Ink { words, style } = ink(style, words);
    Ink { words: format!(" {words}"), style }
}

/// Text of our own in a style, as it stands.
pub(crate) fn own(style: Style, words: impl Into<String>) -> Ink {
    Ink { words: words.into(), style }
}

/// What stays on one line.
pub(crate) type Item = Vec<Ink>;

fn width(item: &[Ink]) -> usize {
    item.iter().map(|ink| ink.words.width()).sum()
}

/// Text of at most `most` columns; what is cut ends in `…`.
pub(crate) fn cut(words: &str, most: usize) -> String {
    if words.width() <= most {
        return words.to_owned();
    }
    let mut kept = String::new();
    let mut columns = 1;
    for c in words.chars() {
        columns += c.width().unwrap_or(0);
        if columns > most {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// The width of standard output's terminal, within what a page may be.
pub(crate) fn page_width() -> usize {
    terminal_size::terminal_size_of(std::io::stdout())
        .map_or(WIDEST, |(width, _)| usize::from(width.0).clamp(NARROWEST, WIDEST))
}

/// Lines as they are set one below the other.
#[derive(Debug)]
pub(crate) struct Page {
    width: usize,
    text: String,
}

impl Page {
    /// An empty page.
    pub(crate) fn new(width: usize) -> Self {
        Self { width, text: String::new() }
    }

    /// The page with the codes that colour it.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// Width of what stands beside the labels.
    pub(crate) fn body(&self) -> usize {
        self.width - LABEL
    }

    /// An empty line.
    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A rule across the page with a name at its left and a remark at its right.
    pub(crate) fn rule(&mut self, line: Style, name: Ink, remark: &str) {
        let room = self.width.saturating_sub(remark.width() + 12);
        let name = Ink { words: cut(&name.words, room), style: name.style };
        let rest = self
            .width
            .saturating_sub(4 + name.words.width() + remark.width() + usize::from(!remark.is_empty()));
        let inks = [
            own(line, "── "),
            name,
            own(Style::new(), " "),
            own(line, "─".repeat(rest)),
            own(line, if remark.is_empty() { String::new() } else { format!(" {remark}") }),
        ];
        self.line(&inks);
    }

    /// A label and one line beside it, cut at the page's end.
    pub(crate) fn labelled(&mut self, label: Ink, item: &[Ink]) {
        let mut line = vec![padded(label)];
        line.extend_from_slice(item);
        self.line(&line);
    }

    /// A label and beside it as many lines as the items need, `most` at the most; what does not fit is counted.
    pub(crate) fn flow(&mut self, label: Ink, separator: &Ink, items: &[Item], most: usize) {
        let count_room = 12;
        let mut label = Some(label);
        let mut line: Item = Vec::new();
        let mut lines = 1;
        for (index, item) in items.iter().enumerate() {
            let is_last = index + 1 == items.len();
            let glue = if line.is_empty() { 0 } else { separator.words.width() };
            let tail = if is_last { 0 } else { separator.words.trim_end().width() };
            let reserved = if lines == most && !is_last { count_room } else { tail };
            if !line.is_empty() && width(&line) + glue + width(item) + reserved > self.body() {
                if lines == most {
                    line.push(own(Style::new().dimmed(), format!(" … {} more", items.len() - index)));
                    break;
                }
                line.push(own(separator.style, separator.words.trim_end()));
                self.labelled(label.take().unwrap_or_else(blank_label), &line);
                line.clear();
                lines += 1;
            }
            if !line.is_empty() {
                line.push(separator.clone());
            }
            line.extend_from_slice(item);
        }
        self.labelled(label.unwrap_or_else(blank_label), &line);
    }

    /// Prose, wrapped between its words.
    pub(crate) fn prose(&mut self, label: Ink, words: &Ink, most: usize) {
        let items: Vec<Item> = words.words.split(' ').map(|word| vec![own(words.style, word)]).collect();
        self.flow(label, &own(words.style, " "), &items, most);
    }

    /// One line, cut at the page's end.
    pub(crate) fn line(&mut self, inks: &[Ink]) {
        // Neighbours in one style are one, so that a line has no more codes than it needs.
        let mut stretches: Vec<Ink> = Vec::new();
        for ink in inks {
            match stretches.last_mut() {
                Some(last) if last.style == ink.style => last.words.push_str(&ink.words),
                Some(_) | None => stretches.push(ink.clone()),
            }
        }
        let mut room = self.width;
        let mut line = String::new();
        for Ink { words, style } in stretches {
            let words = cut(&words, room);
            room -= words.width().min(room);
            if words.trim().is_empty() || style == Style::new() {
                line.push_str(&words);
            } else {
                line.push_str(&format!("{style}{words}{style:#}"));
            }
            if room == 0 {
                break;
            }
        }
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

fn blank_label() -> Ink {
    own(Style::new(), "")
}

fn padded(label: Ink) -> Ink {
    let pad = LABEL.saturating_sub(label.words.width());
    Ink { words: format!("{}{}", label.words, " ".repeat(pad)), style: label.style }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(page: Page) -> String {
        anstream::adapter::strip_str(&page.into_text()).to_string()
    }

    #[test]
    fn a_document_cannot_steer_the_terminal() {
        let mut page = Page::new(60);
        page.line(&[ink(Style::new(), "\u{1b}[31mred\u{7} \u{202e}txet\r\nnext")]);
        assert_eq!(page.into_text(), "[31mred txet next\n");
    }

    #[test]
    fn items_wrap_beside_their_label_and_what_does_not_fit_is_counted() {
        let items: Vec<Item> =
            (0..40).map(|number| vec![ink(Style::new(), format!("skill-{number:02}"))]).collect();
        let mut page = Page::new(60);
        page.flow(own(Style::new(), "Required"), &own(Style::new(), ", "), &items, 2);
        let text = plain(page);
        assert_eq!(
            text,
            "Required    skill-00, skill-01, skill-02, skill-03,\n            skill-04, skill-05, skill-06 … 33 more\n"
        );
    }

    #[test]
    fn nothing_is_wider_than_the_page() {
        let mut page = Page::new(60);
        page.rule(Style::new(), ink(Style::new().bold(), "x".repeat(200)), "3.1 ms");
        page.flow(
            own(Style::new(), "Stated"),
            &own(Style::new(), " · "),
            &[vec![ink(Style::new(), "語".repeat(90))]],
            3,
        );
        page.prose(own(Style::new(), ""), &ink(Style::new(), "word ".repeat(50)), 9);
        let text = plain(page);
        assert!(text.lines().all(|line| line.width() <= 60), "{text}");
    }
}
