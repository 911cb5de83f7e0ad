//! Normalised text that knows its Unicode scalars.

use contract::Span;
use std::ops::Range;

/// Bytes between two counted places of the scalar index.
const STRIDE: usize = 64;

/// Normalised text. Inside this workspace offsets are bytes; on the wire they are scalars, and this type converts.
#[derive(Clone, Debug)]
pub struct Text {
    content: String,
    /// Scalars before every [`STRIDE`]th byte; empty for ASCII, where the two are the same.
    scalars: Vec<u32>,
}

impl Text {
    /// Indexes text that is normalised already.
    #[must_use]
    pub fn new(content: String) -> Self {
        let mut scalars = Vec::new();
        if !content.is_ascii() {
            let mut count = 0;
            for (at, byte) in content.bytes().enumerate() {
                if at % STRIDE == 0 {
                    scalars.push(count);
                }
                count += u32::from(starts_scalar(byte));
            }
            scalars.push(count);
        }
        Self { content, scalars }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.content
    }

    /// Gives the text back.
    #[must_use]
    pub fn into_string(self) -> String {
        self.content
    }

    /// How many scalars stand before the byte `offset`.
    #[must_use]
    pub fn scalar(&self, offset: usize) -> u32 {
        if self.scalars.is_empty() {
            return offset as u32;
        }
        let stride = offset / STRIDE;
        let near = &self.content.as_bytes()[stride * STRIDE..offset];
        self.scalars[stride] + near.iter().filter(|&&byte| starts_scalar(byte)).count() as u32
    }

    /// The wire's span of a byte range.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        Span {
            start: self.scalar(range.start),
            end: self.scalar(range.end),
            quote: self.content[range].to_owned(),
        }
    }
}

const fn starts_scalar(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_span_quotes_the_scalars_it_names(content in "\\PC{1,200}", ends in any::<(prop::sample::Index, prop::sample::Index)>()) {
            let places: Vec<usize> = content.char_indices().map(|(at, _)| at).chain([content.len()]).collect();
            let (a, b) = (*ends.0.get(&places), *ends.1.get(&places));
            let span = Text::new(content.clone()).span(a.min(b)..a.max(b));
            let quoted: String = content.chars().skip(span.start as usize).take((span.end - span.start) as usize).collect();
            prop_assert_eq!(quoted, span.quote);
        }
    }
}
