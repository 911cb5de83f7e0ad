//! Where a value was read: spans of text, a hint that was given, or an inference with its reason.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A half-open range of Unicode scalars in `outputs.parse.text`, with the text that stands there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// First scalar of the quote.
    pub start: u32,
    /// One past the last scalar of the quote.
    pub end: u32,
    /// The quoted text itself; equal to `text[start..end]`.
    pub quote: String,
}

/// Why a value is believed. Without one of these a value is not written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Evidence {
    /// Read from the posting's own words.
    Text {
        /// The words; never empty.
        spans: Vec<Span>,
    },
    /// Given beside the text: a hint of the sender, or the page's JSON-LD.
    Given {
        /// Where the text says it too, if it does.
        #[serde(default)]
        spans: Vec<Span>,
    },
    /// Concluded from something else.
    Inferred {
        /// What it was concluded from, in words.
        reason: String,
        /// The words behind the reason, if there are any.
        #[serde(default)]
        spans: Vec<Span>,
    },
}

impl Evidence {
    /// The quoted words, whatever the source.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        match self {
            Self::Text { spans } | Self::Given { spans } | Self::Inferred { spans, .. } => spans,
        }
    }
}

/// A value with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// Why it is believed.
    #[serde(flatten)]
    pub evidence: Evidence,
}

impl<T> Stated<T> {
    /// A value read from one place of the text.
    pub fn read(value: T, span: Span) -> Self {
        Self { value, evidence: Evidence::Text { spans: vec![span] } }
    }

    /// A value that was given beside the text.
    pub fn given(value: T) -> Self {
        Self { value, evidence: Evidence::Given { spans: Vec::new() } }
    }

    /// A value concluded from `spans` for a reason.
    pub fn inferred(value: T, reason: impl Into<String>, spans: Vec<Span>) -> Self {
        Self { value, evidence: Evidence::Inferred { reason: reason.into(), spans } }
    }
}
