//! The lines of a stream, each within a limit: a stream of any length needs the memory of one line.

use std::io::{self, BufRead};

/// The next line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Nothing is left.
    End,
    /// White space only.
    Blank,
    /// More bytes than allowed; they were skipped.
    TooLong,
    /// The line without its end.
    Full(Vec<u8>),
}

/// Reads lines and counts them.
pub(crate) struct Lines<R> {
    content: R,
    limit: usize,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// Reads lines of at most `limit` bytes.
    pub(crate) fn new(content: R, limit: usize) -> Self {
        Self { content, limit, number: 0 }
    }

    /// The number of the line that was read last; the first is 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The next line and how many bytes it has with its end.
    pub(crate) fn next(&mut self) -> io::Result<(Line, u64)> {
        let mut line = Vec::new();
        let (mut weight, mut is_too_long) = (0, false);
        loop {
            let available = match self.content.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                available => available?,
            };
            if available.is_empty() && weight == 0 {
                return Ok((Line::End, 0));
            }
            let end = memchr::memchr(b'\n', available);
            let part = &available[..end.unwrap_or(available.len())];
            is_too_long |= line.len() + part.len() > self.limit;
            if is_too_long {
                line = Vec::new();
            } else {
                line.extend_from_slice(part);
            }
            let (read, ends) =
                (part.len() + usize::from(end.is_some()), end.is_some() || available.is_empty());
            self.content.consume(read);
            weight += read as u64;
            if ends {
                break;
            }
        }
        self.number += 1;
        if is_too_long {
            return Ok((Line::TooLong, weight));
        }
        if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        let is_blank = line.trim_ascii().is_empty();
        Ok((if is_blank { Line::Blank } else { Line::Full(line) }, weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(content: &[u8], limit: usize, buffer: usize) -> Vec<(Line, u64)> {
        let mut lines = Lines::new(io::BufReader::with_capacity(buffer, content), limit);
        std::iter::from_fn(|| lines.next().ok().filter(|(line, _)| *line != Line::End)).collect()
    }

    #[test]
    fn a_byte_order_mark_and_carriage_returns_are_no_part_of_a_line() {
        let read = lines(b"\xef\xbb\xbfone\r\n \r\ntwo", 64, 64);
        assert_eq!(
            read,
            [(Line::Full(b"one".to_vec()), 8), (Line::Blank, 3), (Line::Full(b"two".to_vec()), 3)]
        );
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_the_next_is_read() {
        for buffer in [1, 3, 64] {
            let read = lines(b"longer than six\nsix six\nsix\n", 6, buffer);
            assert_eq!(read, [(Line::TooLong, 16), (Line::TooLong, 8), (Line::Full(b"six".to_vec()), 4)]);
        }
    }
}
