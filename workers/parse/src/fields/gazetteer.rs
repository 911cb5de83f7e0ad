//! The table of place names: what each of them can mean.

use std::collections::HashMap;
use std::sync::LazyLock;

/// One meaning of a name; the empty string where the table says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) city: &'static str,
    pub(super) region: &'static str,
    pub(super) country: &'static str,
}

impl Meaning {
    /// 0 for a town, 1 for a region, 2 for a country.
    pub(super) const fn rank(self) -> u8 {
        if !self.city.is_empty() {
            0
        } else if !self.region.is_empty() {
            1
        } else {
            2
        }
    }

    /// Whether `wider` may stand behind this name.
    pub(super) fn lies_in(self, wider: Self) -> bool {
        wider.rank() > self.rank()
            && (wider.country == self.country)
            && (wider.region.is_empty() || self.region.is_empty() || wider.region == self.region)
    }
}

/// The meanings of every name.
pub(super) struct Table {
    pub(super) names: HashMap<String, Vec<Meaning>>,
    /// Names that are no words of English only when something stands before or behind them: "IN", "OR", "US".
    pub(super) short: HashMap<&'static str, Meaning>,
}

/// The longest name, in words.
pub(super) const LONGEST: usize = 4;

/// The table, read once.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { names: HashMap::new(), short: HashMap::new() };
    for line in include_str!("places.txt").lines().filter(|line| !line.starts_with('#')) {
        let (head, towns) = line.split_once(" :").unwrap_or((line, ""));
        let (area, aliases) = head.split_once(';').unwrap_or((head, ""));
        let (country, region) = area.split_once('|').unwrap_or((area, ""));
        let (country, region) = (country.trim(), region.trim());
        let meaning = Meaning { city: "", region, country };
        if region.is_empty() != head.contains('|') {
            let name = if region.is_empty() { country } else { region };
            table.add(name, meaning);
            for alias in aliases.split(',').map(str::trim).filter(|alias| !alias.is_empty()) {
                if alias.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase) && alias.len() <= 6 {
                    table.short.insert(alias, meaning);
                } else {
                    table.add(alias, meaning);
                }
            }
        }
        for town in towns.split(',').map(str::trim).filter(|town| !town.is_empty()) {
            let name = town.split('/').next().unwrap_or(town);
            for spelling in town.split('/') {
                table.add(spelling, Meaning { city: name, region, country });
            }
        }
    }
    table
});

impl Table {
    fn add(&mut self, name: &str, meaning: Meaning) {
        self.names.entry(folded(name)).or_default().push(meaning);
    }
}

/// A name without case and the kind of its apostrophe.
pub(super) fn folded(name: &str) -> String {
    name.to_lowercase().replace('’', "'").trim_end_matches('.').to_owned()
}
