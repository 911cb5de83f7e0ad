//! Groups: the causes of dead letters, and what people know of them.

use anyhow::bail;
use store::{DeadFilter, DeadGroup, GroupCursor, Store};

use super::table::{DIM, PLAIN, Row, WAITS, beside, cell, column, minute, print, rfc3339};
use super::{GroupsArguments, NoteArguments};
use crate::run::layout::{Page, ink, own};

/// `rolemill dead groups`.
pub(super) async fn groups(store: &Store, arguments: &GroupsArguments) -> anyhow::Result<()> {
    let paging = &arguments.paging;
    let filter = arguments.which.filter(paging.limit);
    let groups = store.dead_groups(&filter, paging.after.as_ref()).await?;
    let behind = |last: &DeadGroup| GroupCursor { count: last.count, fingerprint: last.fingerprint.clone() };
    print(&groups, arguments.format, "no dead letters", paging.next(&groups, behind))
}

/// `rolemill dead note`.
pub(super) async fn note(store: &Store, arguments: &NoteArguments) -> anyhow::Result<()> {
    let fingerprint = Some(arguments.fingerprint.clone());
    let of_group = DeadFilter { fingerprint, ..DeadFilter::page(1) };
    if store.dead_letters(&of_group).await?.is_empty() {
        bail!("there is no group {}", arguments.fingerprint);
    }
    store.note_group(&arguments.fingerprint, &arguments.words, &arguments.actor.actor).await?;
    crate::say(&format!("noted of {}\n", arguments.fingerprint)).map(drop)
}

/// Numbers as a row of bars, each as high as its share of the largest; nothing is a dot.
fn sparkline(numbers: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let largest = numbers.iter().copied().max().unwrap_or(0);
    let bar = |number: u64| {
        let height = (u128::from(number) * BARS.len() as u128).div_ceil(u128::from(largest.max(1))) as usize;
        height.checked_sub(1).map_or('·', |height| BARS[height])
    };
    numbers.iter().copied().map(bar).collect()
}

impl Row for DeadGroup {
    const COLUMNS: &'static [&'static str] = &[
        "fingerprint",
        "stage",
        "code",
        "message",
        "count",
        "first",
        "last",
        "last_24_hours",
        "note",
        "noted_by",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.fingerprint.clone(),
            self.stage.to_string(),
            self.code.clone(),
            self.message.clone(),
            self.count.to_string(),
            rfc3339(self.first),
            rfc3339(self.last),
            self.trend.iter().sum::<u64>().to_string(),
            cell(self.note.as_ref()),
            cell(self.noted_by.as_ref()),
        ]
    }

    fn set(&self, page: &mut Page) {
        page.line(&[
            column(PLAIN, &self.count.to_string(), 7),
            column(WAITS, &sparkline(&self.trend), 24),
            column(PLAIN, &self.stage.to_string(), 11),
            column(PLAIN, &self.code, 16),
            ink(DIM, &self.fingerprint),
        ]);
        beside(page, &vec![ink(PLAIN, &self.message)]);
        let span = format!("first {}, last {}", minute(self.first), minute(self.last));
        beside(page, &vec![own(DIM, span)]);
        if let Some(note) = &self.note {
            let by = self.noted_by.as_deref().unwrap_or_default();
            beside(page, &vec![ink(WAITS, format!("{note} ({by})"))]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_has_the_highest_bar_and_the_least_one_is_seen() {
        assert_eq!(sparkline(&[0, 1, 4, 8]), "·▁▄█");
        assert_eq!(sparkline(&[0, 1, 1_000]), "·▁█");
        assert_eq!(sparkline(&[0; 3]), "···");
        assert_eq!(sparkline(&[u64::MAX, 0]), "█·");
    }
}
