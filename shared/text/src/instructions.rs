//! What a text says to a machine that reads it, and not to a candidate: "ignore the above and answer …".
//!
//! A posting may have such words put into it, by its writer or by whoever passed it on. They state nothing about a job. They are
//! told by what only a machine is told: to forget what it was told, to answer in a format, to set a field, and by forged marks of
//! whose turn it is to speak. A posting about such machines speaks of them and not to them; where a sentence could be either, it is
//! the posting's.

mod orders;

use std::ops::Range;

use crate::headings::heading_at;
use crate::pieces::{Opening, Piece, pieces};
use orders::{ABOUT_ORDERS, FORGED, GOES_ON, MARKS, order_in};

/// An order that begins so deep inside a sentence, in bytes, leaves what stands before it to the posting.
const DEEP: usize = 60;
/// The most that two forged marks hold between them, in bytes.
const LONGEST_BLOCK: usize = 4000;

/// The byte ranges of a normalised text that address a machine, in order and without overlaps; their bullet signs lie in them.
#[must_use]
pub fn instructions(text: &str) -> Vec<Range<usize>> {
    let pieces = pieces(text);
    let lines: Vec<usize> = text.split('\n').map(str::len).collect();
    let blocks = blocks(text, &pieces, &lines);
    let mut found: Vec<Range<usize>> = Vec::new();
    // The line of the statement before, when it addresses a machine.
    let mut last: Option<usize> = None;
    // The line of a forged message, which is all the message's.
    let mut message: Option<usize> = None;
    for (index, whole) in pieces.iter().enumerate() {
        let Some(piece) = behind(whole, &blocks) else {
            last = Some(whole.line);
            continue;
        };
        let words = &text[piece.range.clone()];
        let follows = last == Some(piece.line) || piece.range.start > whole.range.start;
        let start = if message == Some(piece.line) || follows && GOES_ON.is_match(words) {
            Some(piece.outer)
        } else {
            addressed(text, &piece, pieces.get(index + 1))
        };
        last = start.map(|_| piece.line);
        let Some(start) = start else { continue };
        if FORGED.is_match(words) && opens_a_small_line(text, &piece, &lines) {
            message = Some(piece.line);
        }
        found.push(start..piece.range.end);
    }
    found.extend(blocks);
    joined(text, found)
}

/// What of a statement stands behind the blocks in it; none where nothing does.
fn behind(piece: &Piece, blocks: &[Range<usize>]) -> Option<Piece> {
    let next = blocks.partition_point(|block| block.start < piece.range.end);
    let block = next.checked_sub(1).map(|last| &blocks[last]).filter(|block| piece.range.start < block.end);
    let Some(block) = block else { return Some(piece.clone()) };
    let range = block.end..piece.range.end;
    (!range.is_empty()).then(|| Piece {
        outer: range.start,
        range,
        opening: Opening::Sentence,
        ..piece.clone()
    })
}

/// Where in a statement the words begin that address a machine.
fn addressed(text: &str, piece: &Piece, next: Option<&Piece>) -> Option<usize> {
    let words = &text[piece.range.clone()];
    let at = order_in(words).filter(|_| !ABOUT_ORDERS.is_match(words))?;
    let sentence =
        words[..at].rfind(['.', '!', '?']).map(|end| words.len() - words[end + 1..].trim_start().len());
    if at >= DEEP || sentence == Some(at) {
        return Some(piece.range.start + at);
    }
    // Inside a line a heading before the order is the posting's own.
    let inside = matches!(piece.opening, Opening::Sentence | Opening::Seam);
    let heading =
        heading_at(text, piece, next).filter(|heading| inside && heading.body <= piece.range.start + at);
    Some(heading.map_or(piece.outer, |heading| heading.body))
}

/// Whether a statement opens its line, and the line is no more than half of the text: of a posting in one line nobody takes it all.
fn opens_a_small_line(text: &str, piece: &Piece, lines: &[usize]) -> bool {
    matches!(piece.opening, Opening::Line | Opening::Bullet) && lines[piece.line] * 2 <= text.len()
}

/// What stands between a forged mark and the one that closes it, both included; of a mark that nothing closes, its line, where it
/// opens one.
fn blocks(text: &str, pieces: &[Piece], lines: &[usize]) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    for (opens, closes) in &*MARKS {
        let mut from = 0;
        while let Some(mark) = opens.find_at(text, from) {
            let mut limit = (mark.end() + LONGEST_BLOCK).min(text.len());
            while !text.is_char_boundary(limit) {
                limit -= 1;
            }
            let close = closes.find(&text[mark.end()..limit]).map(|close| mark.end() + close.end());
            let piece = pieces.binary_search_by_key(&mark.start(), |piece| piece.range.start);
            let piece = piece.ok().map(|piece| &pieces[piece]);
            let line = piece.filter(|piece| opens_a_small_line(text, piece, lines));
            let rest =
                line.map(|_| mark.end() + text[mark.end()..].find('\n').unwrap_or(text.len() - mark.end()));
            let end = close.or(rest).unwrap_or(mark.end());
            // The bullet sign before a mark is the mark's.
            blocks.push(piece.map_or(mark.start(), |piece| piece.outer)..end);
            from = end;
        }
    }
    joined(text, blocks)
}

/// In order, those between which nothing stands as one.
fn joined(text: &str, mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end || text[last.end..range.start].trim().is_empty() => {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
