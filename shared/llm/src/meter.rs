//! What calls are measured and traced as, by OpenTelemetry's conventions for generative AI. What is asked and answered is no part
//! of it.

use contract::{CallOutcome, ModelUse};
use opentelemetry::metrics::{Counter, Histogram, Meter};
use opentelemetry::{KeyValue, global};
use std::time::Duration;
use tracing::Span;

use crate::said::Usage;
use crate::server::Endpoint;

/// Upper bounds of the histogram's buckets, in seconds, as the conventions have them.
const SECONDS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// The same of tokens.
const TOKENS: [f64; 10] = [1.0, 4.0, 16.0, 64.0, 256.0, 1_024.0, 4_096.0, 16_384.0, 65_536.0, 262_144.0];

/// The instruments.
pub(crate) struct MeterOf {
    took: Histogram<f64>,
    tokens: Histogram<u64>,
    usd: Counter<f64>,
    calls: Counter<u64>,
    cached: Counter<u64>,
    fell_back: Counter<u64>,
}

impl MeterOf {
    /// Measures go to the meter provider that is in effect now.
    pub(crate) fn new() -> Self {
        let meter: Meter = global::meter("rolemill");
        let counter = |name: &'static str, meaning: &'static str| {
            meter.u64_counter(name).with_description(meaning).build()
        };
        Self {
            took: meter
                .f64_histogram("gen_ai.client.operation.duration")
                .with_description("How long a call of a language model took.")
                .with_unit("s")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            tokens: meter
                .u64_histogram("gen_ai.client.token.usage")
                .with_description("Tokens of a call.")
                .with_unit("{token}")
                .with_boundaries(TOKENS.to_vec())
                .build(),
            usd: meter
                .f64_counter("rolemill.model.cost")
                .with_description("US dollars spent on language models.")
                .build(),
            calls: counter("rolemill.model.calls", "Calls of language models, by what became of them."),
            cached: counter("rolemill.model.cached", "Questions that a stored answer served."),
            fell_back: counter(
                "rolemill.model.fallbacks",
                "Questions that were left to the built-in engine.",
            ),
        }
    }

    /// The span of a call.
    pub(crate) fn span(endpoint: Endpoint, purpose: ModelUse, model: &str, base_url: &str) -> Span {
        let operation = operation(endpoint);
        tracing::info_span!(
            "model",
            otel.kind = "client",
            otel.name = format!("{operation} {model}"),
            gen_ai.operation.name = operation,
            gen_ai.provider.name = "openai",
            gen_ai.request.model = model,
            gen_ai.usage.input_tokens = tracing::field::Empty,
            gen_ai.usage.output_tokens = tracing::field::Empty,
            server.address = base_url,
            error.type = tracing::field::Empty,
            purpose = %purpose,
        )
    }

    /// Counts a call.
    pub(crate) fn called(
        &self,
        (endpoint, purpose, model): (Endpoint, ModelUse, &str),
        took: Duration,
        outcome: CallOutcome,
        usage: Usage,
        usd: Option<f64>,
    ) {
        let labels = [
            KeyValue::new("gen_ai.operation.name", operation(endpoint)),
            KeyValue::new("gen_ai.request.model", model.to_owned()),
            KeyValue::new("purpose", <&str>::from(purpose)),
        ];
        self.took.record(took.as_secs_f64(), &labels);
        for (kind, count) in [("input", usage.input), ("output", usage.output)] {
            if let Some(count) = count {
                let [operation, model, purpose] = labels.clone();
                let kind = KeyValue::new("gen_ai.token.type", kind);
                self.tokens.record(u64::from(count), &[operation, model, purpose, kind]);
            }
        }
        if let Some(usd) = usd.filter(|usd| *usd > 0.0) {
            self.usd.add(usd, &labels);
        }
        let [operation, model, purpose] = labels;
        let outcome = KeyValue::new("outcome", <&str>::from(outcome));
        self.calls.add(1, &[operation, model, purpose, outcome]);
    }

    pub(crate) fn cached(&self, purpose: ModelUse) {
        self.cached.add(1, &[KeyValue::new("purpose", <&str>::from(purpose))]);
    }

    pub(crate) fn fell_back(&self, purpose: ModelUse) {
        self.fell_back.add(1, &[KeyValue::new("purpose", <&str>::from(purpose))]);
    }
}

const fn operation(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Chat => "chat",
        Endpoint::Embeddings => "embeddings",
    }
}
