//! TLS for HTTP clients.

/// Has every TLS connection of this process use ring, unless something else was chosen before. An HTTP client that is made without
/// it panics, so whoever makes one calls this first.
pub fn use_ring() {
    // Refused where a choice was made: that one stays.
    rustls::crypto::ring::default_provider().install_default().ok();
}
