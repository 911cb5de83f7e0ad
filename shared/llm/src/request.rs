//! A question as a request, and what makes two requests the same.

use contract::{ModelUse, canonical};
use model::{Enquiry, ModelError, Prompt};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::settings::{ModelSettings, ShapeWay, UseSettings};

/// What every prompt begins with.
const PREAMBLE: &str = model::PREAMBLE;
/// A token has at least this many letters on average in English, also where much of it is names.
const LETTERS_A_TOKEN: usize = 3;
/// So much of an unusable answer is shown to the model again.
const SHOWN_AGAIN: usize = 4_000;

/// The body of a request, and its hash.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) body: Value,
    pub(crate) hash: String,
    /// Bytes of the body: no tokenizer makes more tokens of it.
    pub(crate) bytes: usize,
}

impl Request {
    fn of(body: Value) -> Self {
        let json = canonical::to_json(&body).unwrap_or_else(|_| body.to_string());
        let hash = Sha256::digest(json.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { bytes: json.len(), hash, body }
    }

    /// A question to a model.
    pub(crate) fn chat(
        settings: &ModelSettings,
        asked: &UseSettings,
        model: &str,
        prompt: &Prompt,
        enquiry: &Enquiry,
    ) -> Result<Self, ModelError> {
        let schema = enquiry.shape.schema();
        let mut told = format!("{PREAMBLE}\n{}", prompt.words);
        if settings.shape != ShapeWay::Strict {
            told.push_str("\nThe shape of your answer, as a JSON Schema:\n");
            told.push_str(&schema.to_string());
        }
        let shown: Vec<String> = enquiry.data.iter().map(model::Fenced::render).collect();
        let mut body = json!({
            "model": model,
            "messages": [
                { "role": "system", "content": told },
                { "role": "user", "content": shown.join("\n\n") },
            ],
            settings.tokens_member.as_str(): asked.answer_tokens,
        });
        if let Some(temperature) = settings.temperature.set() {
            body["temperature"] = json!(temperature);
        }
        if let Some(seed) = settings.seed.set() {
            body["seed"] = json!(seed);
        }
        match settings.shape {
            ShapeWay::Strict => {
                let name: &str = enquiry.purpose.into();
                let schema = json!({ "name": name, "strict": true, "schema": schema });
                body["response_format"] = json!({ "type": "json_schema", "json_schema": schema });
            }
            ShapeWay::Object => body["response_format"] = json!({ "type": "json_object" }),
            ShapeWay::Words => {}
        }
        let request = Self::of(body);
        request.fits(asked)?;
        Ok(request)
    }

    /// The same question with an answer that cannot be used, and what is wrong with it.
    pub(crate) fn mended(&self, asked: &UseSettings, answer: &str, fault: &str) -> Result<Self, ModelError> {
        let mut body = self.body.clone();
        let again = format!(
            "This answer cannot be used: {fault}. Answer the question above again, with one JSON object of the requested \
             shape and nothing else."
        );
        if let Value::Array(messages) = &mut body["messages"] {
            let answer: String = answer.chars().take(SHOWN_AGAIN).collect();
            messages.push(json!({ "role": "assistant", "content": answer }));
            messages.push(json!({ "role": "user", "content": again }));
        }
        let request = Self::of(body);
        request.fits(asked)?;
        Ok(request)
    }

    /// Texts to be made vectors of.
    pub(crate) fn embeddings(model: &str, texts: &[String]) -> Self {
        Self::of(json!({ "model": model, "input": texts, "encoding_format": "float" }))
    }

    fn fits(&self, asked: &UseSettings) -> Result<(), ModelError> {
        let letters: usize = self.body["messages"].as_array().map_or(0, |messages| {
            messages.iter().filter_map(|it| it["content"].as_str()).map(str::len).sum()
        });
        let tokens = letters / LETTERS_A_TOKEN + asked.answer_tokens as usize;
        if tokens > asked.context_tokens as usize {
            let most = asked.context_tokens;
            return Err(ModelError::TooLong(format!(
                "about {tokens} tokens with the answer, {most} are read"
            )));
        }
        Ok(())
    }
}

/// The prompt of a use that a run is pinned to; the newest where it is pinned to none.
pub(crate) fn prompt(purpose: ModelUse, version: Option<&String>) -> Result<Prompt, ModelError> {
    let found = match version {
        Some(version) => Prompt::named(purpose, version),
        None => Prompt::newest(purpose),
    };
    found.ok_or_else(|| ModelError::UnknownPrompt {
        name: purpose.into(),
        version: version.cloned().unwrap_or_default(),
    })
}
