//! Logs, traces and measurements of a worker process.
//!
//! Logs go to standard error, for people or as JSON. Measurements are gathered for `/metrics`; with a collector
//! (`OTEL_EXPORTER_OTLP_ENDPOINT`) they and the traces are also sent there, over HTTP.

use opentelemetry::global;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prometheus::Registry;
use prometheus::proto::MetricFamily;
use std::io::Write as _;
use std::str::FromStr;
use std::sync::LazyLock;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry as Subscriber};

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("\"text\" or \"json\" is expected"),
        }
    }
}

impl std::fmt::Display for LogFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// What a process tells of itself, and to whom.
#[derive(Clone, Debug)]
pub struct TelemetrySettings {
    /// What is logged: a level, or directives.
    pub filter: String,
    /// How.
    pub format: LogFormat,
    /// Base URL of an OTLP collector over HTTP.
    pub collector: Option<String>,
}

/// Why telemetry was not started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter makes no sense.
    #[error("what is logged cannot be read")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The collector's address makes no sense.
    #[error("the collector cannot be used")]
    Collector(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The instruments clash.
    #[error("measurements cannot be gathered")]
    Metrics(#[from] opentelemetry_sdk::error::OTelSdkError),
    /// It was started before.
    #[error("logging was started before")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Keeps telemetry going; what is still buffered is sent when it is dropped.
#[derive(Debug)]
#[must_use = "telemetry stops when this is dropped"]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
    metrics: SdkMeterProvider,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // A collector that is away at the end loses the last spans; there is nobody left to be told.
        if let Some(traces) = &self.traces {
            traces.shutdown().ok();
        }
        self.metrics.shutdown().ok();
        std::io::stderr().flush().ok();
    }
}

static GATHERED: LazyLock<Registry> = LazyLock::new(Registry::new);

/// The measurements so far, as `/metrics` shows them.
#[must_use]
pub fn gathered() -> Vec<MetricFamily> {
    GATHERED.gather()
}

/// Starts logs, traces and measurements for the whole process, which is called `service`.
///
/// # Errors
/// When a setting makes no sense, or it was started before.
pub fn init(service: &'static str, settings: &TelemetrySettings) -> Result<Telemetry, TelemetryError> {
    let resource = Resource::builder().with_service_name(service).build();
    let shown = opentelemetry_prometheus::exporter()
        .with_registry(GATHERED.clone())
        .scope_info_enabled(false)
        .without_target_info()
        .build()?;
    let mut metrics = SdkMeterProvider::builder().with_resource(resource.clone()).with_reader(shown);
    let mut traces = None;
    if let Some(collector) = &settings.collector {
        // The client that sends to it has no cryptography of its own.
        crate::tls::use_ring();
        let collector = collector.trim_end_matches('/');
        let sent =
            MetricExporter::builder().with_http().with_endpoint(format!("{collector}/v1/metrics")).build()?;
        metrics = metrics.with_periodic_exporter(sent);
        let sent =
            SpanExporter::builder().with_http().with_endpoint(format!("{collector}/v1/traces")).build()?;
        traces = Some(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(sent).build());
    }
    let metrics = metrics.build();
    global::set_meter_provider(metrics.clone());
    global::set_text_map_propagator(TraceContextPropagator::new());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match settings.format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
        }
    };
    let spans =
        traces.as_ref().map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer("rolemill")));
    Subscriber::default()
        .with(lines.with_filter(EnvFilter::try_new(&settings.filter)?))
        .with(spans.map(|spans| spans.with_filter(tracing_subscriber::filter::LevelFilter::INFO)))
        .try_init()?;
    Ok(Telemetry { traces, metrics })
}
