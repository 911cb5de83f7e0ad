//! `/livez`, `/readyz` and `/metrics`.

use anyhow::Context as _;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use broker::{Health, Readiness};
use prometheus::TextEncoder;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Answers at an address from now on; nothing is answered without one.
pub(crate) async fn serve(address: Option<SocketAddr>, health: Health) -> anyhow::Result<JoinHandle<()>> {
    let Some(address) = address else { return Ok(tokio::spawn(async {})) };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("the health address {address} cannot be had"))?;
    let router = Router::new()
        .route("/livez", get(async || "live\n"))
        .route("/readyz", get(async move || readiness(&health)))
        .route("/metrics", get(async || metrics()));
    Ok(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "health is not answered any more");
        }
    }))
}

fn readiness(health: &Health) -> (StatusCode, String) {
    match health.readiness() {
        Readiness::Ready => (StatusCode::OK, "ready\n".to_owned()),
        Readiness::NotReady(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}

fn metrics() -> impl IntoResponse {
    match TextEncoder::new().encode_to_string(&runtime::telemetry::gathered()) {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text),
        Err(error) => {
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain")], error.to_string())
        }
    }
}
