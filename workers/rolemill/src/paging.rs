//! Lists a page at a time.

use clap::Args;
use contract::RunId;
use store::{Cursor as RunCursor, GroupCursor, ReviewCursor};
use time::OffsetDateTime;
use uuid::Uuid;

/// Which page of a list.
#[derive(Clone, Debug, Args)]
pub(crate) struct Paging<C: Cursor> {
    /// Entries of a page.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) limit: u64,
    /// Go on behind the page that ended with this cursor.
    #[arg(long, value_name = "CURSOR", value_parser = cursor::<C>)]
    pub(crate) after: Option<C>,
}

impl<C: Cursor> Paging<C> {
    /// What to name for the page that follows this one; nothing where it is the last.
    pub(crate) fn next<T>(&self, page: &[T], cursor: impl Fn(&T) -> C) -> Option<String> {
        let last = page.last().filter(|_| page.len() as u64 == self.limit)?;
        Some(cursor(last).written())
    }
}

/// Where a page ended.
pub(crate) trait Cursor: Clone + Send + Sync + 'static {
    /// As it is named on the command line.
    fn written(&self) -> String;
    /// From what [`Cursor::written`] gave.
    fn read(written: &str) -> Option<Self>;
}

fn cursor<C: Cursor>(written: &str) -> Result<C, String> {
    C::read(written).ok_or_else(|| "a cursor is what a list printed under its page".to_owned())
}

/// An entry's number.
impl Cursor for i64 {
    fn written(&self) -> String {
        self.to_string()
    }

    fn read(written: &str) -> Option<Self> {
        written.parse().ok()
    }
}

/// An item's place in its batch.
impl Cursor for u32 {
    fn written(&self) -> String {
        self.to_string()
    }

    fn read(written: &str) -> Option<Self> {
        written.parse().ok()
    }
}

/// Nanoseconds since 1970, and the run.
impl Cursor for RunCursor {
    fn written(&self) -> String {
        format!("{}.{}", self.created_at.unix_timestamp_nanos(), self.run_id)
    }

    fn read(written: &str) -> Option<Self> {
        let (time, run) = written.split_once('.')?;
        Some(Self {
            created_at: OffsetDateTime::from_unix_timestamp_nanos(time.parse().ok()?).ok()?,
            run_id: RunId(Uuid::parse_str(run).ok()?),
        })
    }
}

/// How many letters a group has, and its fingerprint.
impl Cursor for GroupCursor {
    fn written(&self) -> String {
        format!("{}.{}", self.count, self.fingerprint)
    }

    fn read(written: &str) -> Option<Self> {
        let (count, fingerprint) = written.split_once('.')?;
        Some(Self { count: count.parse().ok()?, fingerprint: fingerprint.to_owned() })
    }
}

/// The bits of an item's priority, and its number.
impl Cursor for ReviewCursor {
    fn written(&self) -> String {
        format!("{:x}.{}", self.priority.to_bits(), self.id)
    }

    fn read(written: &str) -> Option<Self> {
        let (bits, id) = written.split_once('.')?;
        let priority = f64::from_bits(u64::from_str_radix(bits, 16).ok()?);
        Some(Self { priority, id: id.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn again<C: Cursor + PartialEq + std::fmt::Debug>(cursor: C) {
        assert_eq!(C::read(&cursor.written()), Some(cursor));
    }

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        again(12_i64);
        again(7_u32);
        let created_at = datetime!(2026-03-01 12:00:00.123456 UTC);
        again(RunCursor { created_at, run_id: RunId::derived("board", "1") });
        again(GroupCursor { count: 3, fingerprint: "5f0c".to_owned() });
        again(ReviewCursor { priority: 1.0 / 3.0, id: 9 });
        assert!(GroupCursor::read("5f0c").is_none() && GroupCursor::read("x.5f0c").is_none());
        assert!(cursor::<i64>("next").is_err());
    }

    #[test]
    fn only_a_full_page_has_another_one_behind_it() {
        let paging = Paging { limit: 2, after: None };
        assert_eq!(paging.next(&[8, 7], |id: &i64| *id), Some("7".to_owned()));
        assert_eq!(paging.next(&[6], |id: &i64| *id), None);
        assert_eq!(paging.next(&[], |id: &i64| *id), None);
    }
}
