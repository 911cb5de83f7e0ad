//! A posting as upstream systems send it: one JSON object.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::error::Category;

use crate::{Content, Document, Source};

/// `{id?, title?, company?, location?, source?, text|html}`; null is absent, other members are skipped unread.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(expecting = "an object {id?, title?, company?, location?, source?, text|html}")]
#[schemars(extend("anyOf" = [{ "required": ["text"] }, { "required": ["html"] }, { "required": ["title"] }]))]
pub struct Posting {
    /// The sender's own name for it.
    #[serde(default)]
    pub id: Option<PostingId>,
    /// Its title, where the sender has it apart from the text; alone it is read as a title.
    #[serde(default)]
    title: Option<String>,
    /// The employer.
    #[serde(default)]
    company: Option<String>,
    /// The place of work.
    #[serde(default)]
    location: Option<String>,
    /// The sending system. Source and id together name a run: the same again is the same run.
    #[serde(default)]
    source: Option<String>,
    /// The posting as plain text.
    #[serde(default)]
    text: Option<String>,
    /// The posting as a page; of use where there is no text.
    #[serde(default)]
    html: Option<String>,
}

/// How a sender calls a posting.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a string or a number as \"id\"")]
pub enum PostingId {
    /// By words.
    Text(String),
    /// By a number.
    Number(serde_json::Number),
}

impl std::fmt::Display for PostingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(id) => f.write_str(id),
            Self::Number(id) => id.fmt(f),
        }
    }
}

/// Why an object is no posting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostingError {
    /// It is not an object, or broken.
    #[error("it is not a JSON object: {0}")]
    Broken(String),
    /// A member is of the wrong kind.
    #[error("it has a member of the wrong kind: {0}")]
    Member(String),
    /// There is nothing to read in it.
    #[error("it has neither \"text\" nor \"html\" nor \"title\"")]
    NothingToRead,
}

impl Posting {
    /// Name and version of the message.
    pub const KIND: &'static str = "rolemill.posting.v1";

    /// Reads one object.
    ///
    /// # Errors
    /// When it is no posting.
    pub fn read(json: &str) -> Result<Self, PostingError> {
        // A struct would also be read from an array of its members.
        if !json.trim_start().starts_with('{') {
            return Err(PostingError::Broken("it does not begin with {".to_owned()));
        }
        let posting: Self = serde_json::from_str(json).map_err(|error| {
            // The line of the message would be the first of one.
            let words = error.to_string().replace(" at line 1 column ", ", at its character ");
            match error.classify() {
                Category::Data => PostingError::Member(words),
                Category::Syntax | Category::Eof | Category::Io => PostingError::Broken(words),
            }
        })?;
        let members = [&posting.text, &posting.html, &posting.title];
        if members.into_iter().any(|member| member.as_deref().is_some_and(says_something)) {
            Ok(posting)
        } else {
            Err(PostingError::NothingToRead)
        }
    }

    /// Who sent it, by its own word.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref().filter(|source| says_something(source))
    }

    /// The posting as a document; `system` sent it where it names no source itself.
    #[must_use]
    pub fn into_document(self, system: &str) -> (Document, Source) {
        let given = |value: Option<String>| value.filter(|value| says_something(value));
        let key = self.id.map(|id| id.to_string());
        // The sender's word for plain text; text that is plainly a page is read as one all the same.
        let (content, content_type) = match (given(self.text), given(self.html)) {
            (Some(text), _) => (text, "text/plain"),
            (None, Some(html)) => (html, "text/html"),
            (None, None) => (String::new(), "text/plain"),
        };
        let document = Document {
            title_hint: given(self.title),
            company_hint: given(self.company),
            location_hint: given(self.location),
            ..Document::new(Content::Text(content), Some(content_type.to_owned()))
        };
        let source = match (given(self.source), key) {
            // The sender's id is unique to the sender, so the same posting again is the same run.
            (Some(system), Some(key)) => {
                Source { system, external_id: Some(key.clone()), idempotency_key: Some(key) }
            }
            (Some(system), None) => Source { system, external_id: None, idempotency_key: None },
            (None, key) => Source { system: system.to_owned(), external_id: key, idempotency_key: None },
        };
        (document, source)
    }
}

fn says_something(value: &str) -> bool {
    !value.trim().is_empty()
}
