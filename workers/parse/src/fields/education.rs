//! What the candidate should have learned: degrees, certificates, spoken languages.

mod certificates;
mod degrees;
mod languages;

pub(crate) use certificates::certifications;
pub(crate) use degrees::degrees;
pub(crate) use languages::spoken_languages;
