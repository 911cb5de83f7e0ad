//! Members of closed vocabularies on the command line.

use std::str::FromStr;

/// A member of a closed vocabulary, letter case apart.
pub(crate) fn word<T: FromStr + strum::VariantArray + Copy + Into<&'static str> + 'static>(
    written: &str,
) -> Result<T, String> {
    T::VARIANTS.iter().copied().find(|&variant| name(variant).eq_ignore_ascii_case(written)).ok_or_else(
        || {
            let known: Vec<&str> = T::VARIANTS.iter().map(|&variant| name(variant)).collect();
            format!("it is one of {}", known.join(", "))
        },
    )
}

fn name<T: Into<&'static str>>(variant: T) -> &'static str {
    variant.into()
}
