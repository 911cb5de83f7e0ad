//! The starter library, compiled in.

use crate::source::LibraryFile;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(LibraryFile {
            name: concat!($name, ".toml"),
            content: include_str!(concat!("../../../schema/library/", $name, ".toml")),
        }),*]
    };
}

/// The files of the starter library, clusters and dimensions before those who name them.
#[must_use]
pub fn shipped() -> &'static [LibraryFile<'static>] {
    files![
        "software",
        "web",
        "data",
        "ai",
        "cloud",
        "security",
        "qa",
        "hardware",
        "project",
        "product",
        "business",
        "marketing",
        "sales",
        "finance",
        "office",
        "support",
        "hr",
        "legal",
        "operations",
        "healthcare",
        "education",
        "trades",
        "foundation",
        "background",
        "companies",
        "exposure",
        "technologies",
    ]
}
