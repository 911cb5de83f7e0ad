//! What a server said, and what a failed call came to.

use contract::AnswerEnd;
use model::ModelError;
use serde_json::{Value, json};
use std::time::Duration;

/// What a model said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) content: String,
    pub(crate) end: AnswerEnd,
    pub(crate) usage: Usage,
}

/// Tokens that were counted, as far as the server says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: Option<u32>,
    pub(crate) output: Option<u32>,
}

/// A call that brought no answer.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: ModelError,
    /// When the server wants to be asked again.
    pub(crate) retry_after: Option<Duration>,
}

impl From<ModelError> for Failed {
    fn from(error: ModelError) -> Self {
        Self { error, retry_after: None }
    }
}

impl Said {
    /// Reads a chat completion. Servers differ in what they leave out, so only what is needed is asked for.
    pub(crate) fn read(body: &Value) -> Result<Self, ModelError> {
        let choice = &body["choices"][0];
        let message = &choice["message"];
        let refusal = message["refusal"].as_str().filter(|words| !words.is_empty());
        let end = match (choice["finish_reason"].as_str(), refusal) {
            (_, Some(_)) | (Some("content_filter"), None) => AnswerEnd::Refusal,
            (Some("length"), None) => AnswerEnd::Length,
            (_, None) => AnswerEnd::Stop,
        };
        let content = refusal.or_else(|| message["content"].as_str()).map(str::to_owned);
        let content = match (content, end) {
            (Some(content), _) => content,
            (None, AnswerEnd::Refusal) => "a content filter".to_owned(),
            (None, AnswerEnd::Length) => String::new(),
            (None, AnswerEnd::Stop) => {
                return Err(ModelError::Garbled("the answer has no message with content".to_owned()));
            }
        };
        Ok(Self { content, end, usage: Usage::read(body) })
    }

    /// Reads vectors, in the order of their texts: as JSON they are kept like any answer.
    pub(crate) fn vectors(body: &Value) -> Result<Self, ModelError> {
        let no_vectors = || ModelError::Garbled("the answer has no vectors".to_owned());
        let data = body["data"].as_array().ok_or_else(no_vectors)?;
        let mut rows: Vec<(u64, &Value)> = (0u64..)
            .zip(data)
            .map(|(place, row)| (row["index"].as_u64().unwrap_or(place), &row["embedding"]))
            .collect();
        rows.sort_by_key(|(place, _)| *place);
        let vectors: Vec<&Value> = rows.into_iter().map(|(_, vector)| vector).collect();
        Ok(Self { content: json!(vectors).to_string(), end: AnswerEnd::Stop, usage: Usage::read(body) })
    }
}

impl Usage {
    pub(crate) fn read(body: &Value) -> Self {
        let count = |name: &str| body["usage"][name].as_u64().and_then(|count| u32::try_from(count).ok());
        Self { input: count("prompt_tokens"), output: count("completion_tokens") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(choice: Value) -> Result<Said, ModelError> {
        Said::read(&json!({ "choices": [choice], "usage": { "prompt_tokens": 7, "completion_tokens": 3 } }))
    }

    #[test]
    fn an_answer_a_cut_a_refusal_and_a_filter_are_told_apart() {
        let answer = said(json!({ "message": { "content": "{}" }, "finish_reason": "stop" })).unwrap();
        assert_eq!(
            (answer.end, answer.usage.input, answer.usage.output),
            (AnswerEnd::Stop, Some(7), Some(3))
        );
        let cut = said(json!({ "message": { "content": "{\"a\":" }, "finish_reason": "length" })).unwrap();
        assert_eq!(cut.end, AnswerEnd::Length);
        let refused = json!({ "message": { "content": null, "refusal": "No." }, "finish_reason": "stop" });
        let refused = said(refused).unwrap();
        assert_eq!((refused.end, refused.content.as_str()), (AnswerEnd::Refusal, "No."));
        let filtered = said(json!({ "message": { "content": null }, "finish_reason": "content_filter" }));
        assert_eq!(filtered.unwrap().end, AnswerEnd::Refusal);
        assert!(said(json!({ "message": {} })).is_err());
    }
}
