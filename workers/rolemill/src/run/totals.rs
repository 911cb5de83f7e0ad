//! What several answers come to, for people.

use anstyle::Style;
use contract::ConfidenceBand;
use indicatif::HumanCount;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use super::layout::{Item, Page, own};
use super::pretty::{BOLD, DIM, PLAIN, band};
use super::tally::Tally;

/// The totals under a rule.
pub(crate) fn lines(tally: &Tally, elapsed: Duration, width: usize) -> String {
    let mut page = Page::new(width);
    let seconds = elapsed.as_secs_f64();
    let rate = tally.total as f64 / seconds.max(1e-9);
    page.rule(
        DIM,
        own(BOLD, format!("{} JDs", HumanCount(tally.total))),
        &format!("{seconds:.1} s · {rate:.0} JDs/s"),
    );
    let ends = [("completed", tally.completed()), ("rejected", tally.rejected()), ("failed", tally.failed)];
    let ends: Vec<Item> = ends
        .into_iter()
        .filter(|&(_, count)| count > 0)
        .map(|(name, count)| counted(PLAIN, name, count))
        .collect();
    let between = own(DIM, " · ");
    page.flow(own(DIM, "Ends"), &between, &ends, 1);
    if !tally.bands.is_empty() {
        let style = |known: &ConfidenceBand| band(*known).0;
        let bands: Vec<Item> =
            tally.bands.iter().map(|(known, &count)| counted(style(known), known, count)).collect();
        page.flow(own(DIM, "Bands"), &between, &bands, 1);
        page.flow(own(DIM, "Cases"), &between, &most_first(&tally.cases), 3);
    }
    if !tally.rejects.is_empty() {
        page.flow(own(DIM, "Rejects"), &between, &most_first(&tally.rejects), 2);
    }
    page.into_text()
}

fn counted(style: Style, name: impl Display, count: u64) -> Item {
    vec![own(style, name.to_string()), own(PLAIN, format!(" {}", HumanCount(count)))]
}

fn most_first<K: Display + Ord>(counts: &BTreeMap<K, u64>) -> Vec<Item> {
    let mut counts: Vec<(&K, u64)> = counts.iter().map(|(name, &count)| (name, count)).collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    counts.into_iter().map(|(name, count)| counted(PLAIN, name, count)).collect()
}
