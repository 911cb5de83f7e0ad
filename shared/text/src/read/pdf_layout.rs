//! From the glyphs of a PDF page to lines of text.
//!
//! A PDF knows no paragraphs: a line ends where its column does. So a line is joined to the one
//! before it when that one plainly ended for want of room: same size, ordinary distance, and the first word
//! would not have fitted any more, or nearly so and goes on in lower case.

use contract::MAX_TEXT_BYTES;
use pdf_extract::{MediaBox, OutputDev, OutputError, Transform};

/// Collects the text of a document.
#[derive(Default)]
pub(super) struct Layout {
    /// Finished lines; an empty one is a gap.
    lines: Vec<Line>,
    line: Line,
    page: u32,
    page_width: f64,
    bytes: usize,
    /// Pages begun.
    pub(super) pages: usize,
    /// More text than is wanted; reading was stopped.
    pub(super) full: bool,
}

/// A line as it stands on the page.
#[derive(Clone, Debug, Default)]
struct Line {
    text: String,
    page: u32,
    left: f64,
    /// Where its last character ends.
    right: f64,
    baseline: f64,
    /// Of its first letter, and of its last: a bullet is often of another size.
    size: f64,
    last_size: f64,
    /// How wide its first word is, and whether that has ended.
    first_word: f64,
    has_words: bool,
}

impl OutputDev for Layout {
    fn begin_page(
        &mut self,
        page: u32,
        sheet: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.page = page;
        self.page_width = (sheet.urx - sheet.llx).abs();
        self.pages += 1;
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        self.end_of_line();
        Ok(())
    }

    fn output_character(
        &mut self,
        at: &Transform,
        width: f64,
        _spacing: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.bytes += text.len();
        if self.bytes > 2 * MAX_TEXT_BYTES {
            self.full = true;
            return Err(OutputError::IoError(std::io::ErrorKind::FileTooLarge.into()));
        }
        // The side of the square that a letter of this size covers, whatever turns and stretches it.
        let size = (at.m11 * at.m22 - at.m12 * at.m21).abs().sqrt() * font_size.abs();
        self.glyph(at.m31, at.m32, width * size, size, text);
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

impl Layout {
    fn glyph(&mut self, x: f64, y: f64, width: f64, size: f64, text: &str) {
        let line = &self.line;
        let size = if size.is_finite() && size > 0.0 { size } else { 1.0 };
        let height = size.max(line.size);
        let back = x < line.right - height && x <= line.left;
        if !line.text.is_empty() && ((y - line.baseline).abs() > height * 0.5 || back) {
            self.end_of_line();
        }
        let line = &mut self.line;
        if line.text.is_empty() {
            if text.trim().is_empty() {
                return;
            }
            *line = Line { page: self.page, left: x, right: x, baseline: y, size, ..Line::default() };
        } else if x > line.right + size * 0.15 && !line.text.ends_with([' ', '\t']) && !text.starts_with(' ')
        {
            // A wide gap is another column or cell.
            line.text.push(if x > line.right + size * 3.0 { '\t' } else { ' ' });
            line.has_words = true;
        }
        line.text.extend(text.chars().filter(|c| !c.is_control()));
        line.right = line.right.max(x + width);
        line.last_size = size;
        line.has_words |= text.starts_with([' ', '\t']);
        if !line.has_words {
            line.first_word = line.right - line.left;
        }
    }

    fn end_of_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        line.text.truncate(line.text.trim_end().len());
        if !line.text.is_empty() {
            self.lines.push(line);
        }
    }

    /// The text: paragraphs on a line each, a blank line where the page has a gap.
    pub(super) fn finish(mut self) -> String {
        self.end_of_line();
        let mut text = String::with_capacity(self.bytes + self.lines.len());
        for (at, line) in self.lines.iter().enumerate() {
            match self.joint(at) {
                None => {}
                Some(Joint::Gap) => text.push_str("\n\n"),
                Some(Joint::Line) => text.push('\n'),
                // A soft hyphen goes; a hard one may be the word's own, so it stays.
                Some(Joint::Wrapped) if text.ends_with('\u{ad}') => drop(text.pop()),
                Some(Joint::Wrapped) if splits_a_word(&text) => {}
                Some(Joint::Wrapped) => text.push(' '),
            }
            text.push_str(&line.text);
        }
        text
    }
}

/// How two lines meet.
enum Joint {
    Wrapped,
    Line,
    Gap,
}

impl Layout {
    fn joint(&self, at: usize) -> Option<Joint> {
        let (before, line) = (self.lines.get(at.checked_sub(1)?)?, self.lines.get(at)?);
        let size = before.size.max(line.size);
        let drop = before.baseline - line.baseline;
        if before.page != line.page || drop < 0.0 || drop > size * 1.75 {
            return Some(Joint::Gap);
        }
        let same = |other: f64| (other - line.size).abs() < size * 0.05;
        let alike = (same(before.size) || same(before.last_size)) && drop > size * 0.5;
        let (left, right) = self.column(at - 1);
        let column = right - left >= self.page_width * 0.35 && before.text.len() >= 30;
        let no_room = before.right + size * 0.25 + line.first_word > right;
        // A ragged column's edge is that of its longest line; then the words tell.
        let goes_on = before.right > left + (right - left) * 0.8
            && line.text.starts_with(char::is_lowercase)
            && !before.text.ends_with(['.', '!', '?', ':', ';']);
        if alike && column && (no_room || goes_on) && !line.text.contains('\t') && !begins_a_block(&line.text)
        {
            Some(Joint::Wrapped)
        } else {
            Some(Joint::Line)
        }
    }

    /// From where to where the lines around this one go that begin about where it does.
    fn column(&self, at: usize) -> (f64, f64) {
        let line = &self.lines[at];
        let around = &self.lines[at.saturating_sub(30)..(at + 30).min(self.lines.len())];
        let same =
            around.iter().filter(|other| other.page == line.page && (other.left - line.left).abs() < 72.0);
        same.fold((line.left, line.right), |(left, right), other| {
            (left.min(other.left), right.max(other.right))
        })
    }
}

/// A hyphen or a slash at the end, right behind a letter.
fn splits_a_word(text: &str) -> bool {
    let before = text.strip_suffix(['-', '\u{2010}', '/']);
    before.is_some_and(|before| before.ends_with(char::is_alphanumeric))
}

/// A bullet, a number with its mark, or anything else that no sentence goes on with.
fn begins_a_block(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = (1..=2).contains(&digits) && text[digits..].starts_with(['.', ')']);
    let opens = text.starts_with(|c: char| c.is_alphanumeric() || "(“‘\"'$€£&+#.".contains(c));
    numbered || !opens || text.starts_with("o ")
}
