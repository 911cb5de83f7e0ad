//! One trace a run: from the headers of what comes in to the headers of what goes out.

use contract::{RunId, Stage};
use opentelemetry::propagation::{Extractor, Injector};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, global};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::wire::Way;

/// The span of one delivery, as a child of what its headers name.
pub(crate) fn span(stage: Stage, run: RunId, attempt: u32, way: &Way) -> Span {
    let span = tracing::info_span!(
        "process",
        otel.kind = "consumer",
        otel.name = format!("process {stage}"),
        messaging.system = "rabbitmq",
        messaging.operation.type = "process",
        run_id = %run,
        attempt,
        "try" = way.tries,
        stage = %stage,
    );
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&Headers(way)));
    // Without a collector no layer keeps contexts; the headers are carried on as they came then.
    span.set_parent(parent).ok();
    span
}

/// The way of what follows from a span: its trace goes on from there.
pub(crate) fn onward(way: &mut Way, span: &Span) {
    let context: Context = span.context();
    if context.span().span_context().is_valid() {
        global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut Written(way)));
    }
}

struct Headers<'a>(&'a Way);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.0.trace_parent.as_deref(),
            "tracestate" => self.0.trace_state.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

struct Written<'a>(&'a mut Way);

impl Injector for Written<'_> {
    fn set(&mut self, key: &str, value: String) {
        match key {
            "traceparent" => self.0.trace_parent = Some(value),
            "tracestate" => self.0.trace_state = Some(value).filter(|value| !value.is_empty()),
            _ => {}
        }
    }
}
