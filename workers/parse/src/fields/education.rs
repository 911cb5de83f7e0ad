//! What the candidate should have learned: degrees, certificates, spoken languages.

mod certificates;
mod degrees;
mod languages;

pub(crate) use certificates::certifications;
pub(crate) use degrees::{asked, degrees, is_a_degree};
pub(crate) use languages::{is_a_language, spoken_languages};
