//! Writes text as lines, the way a page is seen: white space collapses, blocks break the line.

/// Text under construction.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    owed: Owed,
}

/// A place to come back to when what follows turns out to be hidden.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    length: usize,
    owed: Owed,
}

/// What the next word must bring along.
#[derive(Clone, Copy, Debug, Default)]
struct Owed {
    /// Line ends; 2 for a blank line.
    breaks: u8,
    gap: Gap,
    /// A list item has begun and nothing of it is written.
    bullet: bool,
    /// A table cell has begun and nothing of it is written.
    fresh_cell: bool,
    /// Where the current table row begins, and its current cell.
    row: Option<usize>,
    cell: usize,
}

/// What stands between two words of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    Space,
    Tab,
}

/// Marks that stand for a bullet; hyphen and star only when they stand alone.
const BULLETS: [char; 7] = ['•', '·', '▪', '◦', '‣', '●', '\u{f0b7}'];

impl Lines {
    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Words; runs of white space become one space, and none begins a line.
    pub(super) fn words(&mut self, text: &str) {
        // Not `split_whitespace`: non-breaking spaces are text.
        for (at, word) in text.split([' ', '\t', '\n', '\r', '\u{c}']).enumerate() {
            if at > 0 {
                self.space();
            }
            self.word(word);
        }
    }

    /// Preformatted text: line ends count, and spaces within a line.
    pub(super) fn verbatim(&mut self, text: &str) {
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.line_break();
            }
            let words = line.trim_start_matches([' ', '\t', '\r']);
            if words.len() < line.len() {
                self.space();
            }
            self.word(words.trim_end_matches('\r'));
        }
    }

    fn space(&mut self) {
        if self.owed.gap == Gap::None {
            self.owed.gap = Gap::Space;
        }
    }

    fn word(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        if self.text.is_empty() {
            self.owed.breaks = 0;
        }
        if self.owed.breaks > 0 {
            self.text.extend(std::iter::repeat_n('\n', usize::from(self.owed.breaks)));
        } else if !(self.text.is_empty() || self.text.ends_with("• ")) {
            match self.owed.gap {
                Gap::None => {}
                Gap::Space => self.text.push(' '),
                Gap::Tab => self.text.push('\t'),
            }
        }
        if self.owed.fresh_cell {
            self.owed.cell = self.text.len();
        }
        let bullet = self.owed.bullet;
        self.owed = Owed { breaks: 0, gap: Gap::None, bullet: false, fresh_cell: false, ..self.owed };
        if !bullet {
            return self.text.push_str(word);
        }
        self.text.push_str("• ");
        // The item may bring a bullet of its own.
        if word != "-" && word != "*" {
            self.text.push_str(word.trim_start_matches(BULLETS).trim_start_matches('\u{a0}'));
        }
    }

    /// A block begins or ends.
    pub(super) fn block(&mut self) {
        self.owe(1);
    }

    /// A block with room around it begins or ends.
    pub(super) fn paragraph(&mut self) {
        self.owe(2);
    }

    /// `br`: a second one in a row makes a blank line.
    pub(super) fn line_break(&mut self) {
        self.owe((self.owed.breaks + 1).min(2));
    }

    /// Blocks inside an item or a cell don't break it before its first word.
    fn owe(&mut self, breaks: u8) {
        if !self.owed.bullet && !self.owed.fresh_cell {
            self.owed.gap = Gap::None;
            self.owed.breaks = self.owed.breaks.max(breaks);
        }
    }

    /// A list item begins.
    pub(super) fn item(&mut self) {
        self.end_item();
        self.owed.bullet = true;
    }

    /// A list item ends; an empty one leaves nothing.
    pub(super) fn end_item(&mut self) {
        (self.owed.bullet, self.owed.fresh_cell) = (false, false);
        self.block();
    }

    /// A table row begins or ends.
    pub(super) fn row(&mut self) {
        self.end_item();
        self.owed.row = None;
    }

    /// A table cell begins: behind a tab, if the row has a cell before it and that one is a single line.
    pub(super) fn cell(&mut self) {
        self.owed.bullet = false;
        let length = self.text.len();
        let row = *self.owed.row.get_or_insert(length);
        if length > row && !self.text[self.owed.cell.min(length)..].contains('\n') {
            (self.owed.breaks, self.owed.gap) = (0, Gap::Tab);
        } else {
            self.owed.fresh_cell = false;
            self.block();
        }
        self.owed.fresh_cell = true;
        self.owed.cell = length;
    }

    /// Remembers this place.
    pub(super) fn mark(&self) -> Mark {
        Mark { length: self.text.len(), owed: self.owed }
    }

    /// Forgets all that was written since `mark`.
    pub(super) fn forget(&mut self, mark: Mark) {
        self.text.truncate(mark.length);
        self.owed = mark.owed;
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.text
    }
}
