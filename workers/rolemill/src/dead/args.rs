//! Which dead letters are meant, and how they are written.

use clap::{Args, ValueEnum};
use contract::{DeadState, RunId, Stage};
use store::{DeadFilter, DeadPick};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

use crate::args::DbFlags;
use crate::config::Problems;
use crate::runs::run_id;
use crate::words::word;

/// Which dead letters. Nothing named is no restriction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub(crate) struct Which {
    /// The stage that gave them up: parse, signals, decision, enrichment, persistence.
    #[arg(long, value_parser = word::<Stage>)]
    stage: Option<Stage>,
    /// The cause: stage_failed, malformed …
    #[arg(long)]
    code: Option<String>,
    /// The group, as `dead groups` names it.
    #[arg(long, value_name = "PRINT")]
    fingerprint: Option<String>,
    /// Where they stand: parked, queued, replayed, archived.
    #[arg(long, value_parser = word::<DeadState>)]
    state: Option<DeadState>,
    /// Who sent the postings.
    #[arg(long, value_name = "SYSTEM")]
    source: Option<String>,
    /// Words of the error message, letter case apart.
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// Given up at this time or later: 2026-03-01, 2026-03-01T12:00:00Z, or 90m, 24h, 7d ago.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<OffsetDateTime>,
    /// Given up before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<OffsetDateTime>,
    /// Of this run.
    #[arg(long, value_name = "RUN", value_parser = run_id)]
    run: Option<RunId>,
}

impl Which {
    /// As the store is asked.
    pub(crate) fn filter(&self, limit: u64) -> DeadFilter {
        DeadFilter {
            stage: self.stage,
            code: self.code.clone(),
            fingerprint: self.fingerprint.clone(),
            state: self.state,
            source: self.source.clone(),
            text: self.text.clone(),
            from: self.since,
            until: self.until,
            run_id: self.run,
            ..DeadFilter::page(limit)
        }
    }
}

/// Dead letters by their numbers, or all that a filter matches.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Picked {
    /// These, by their numbers.
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<i64>,
    /// All of them.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    which: Which,
}

impl Picked {
    /// What is meant.
    ///
    /// # Errors
    /// When nothing is named, or the one contradicts the other.
    pub(crate) fn pick(&self) -> Result<DeadPick, Problems> {
        let is_filtered = self.which != Which::default();
        match (self.ids.is_empty(), self.all, is_filtered) {
            (false, false, false) => Ok(DeadPick::Ids(self.ids.clone())),
            (true, true, false) | (true, false, true) => Ok(DeadPick::Matching(self.which.filter(0))),
            (true, false, false) => {
                Err(Problems(vec!["name dead letters: their numbers, a filter, or --all".to_owned()]))
            }
            (_, _, _) => {
                let problem = "name dead letters by one of: their numbers, a filter, --all";
                Err(Problems(vec![problem.to_owned()]))
            }
        }
    }
}

/// Settings of a command that reads and writes the database, and no library.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Place {
    /// The database: a file, or postgres://… [default: rolemill.db in the user's data folder].
    #[arg(long, value_name = "URL")]
    db: Option<String>,
    /// What is logged to standard error: off, error, warn, info, debug or directives [default: warn, of ours].
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
}

impl Place {
    /// As the settings are read.
    pub(crate) fn flags(&self) -> DbFlags {
        DbFlags { db: self.db.clone(), log: self.log.clone(), library: None }
    }
}

/// Who does it.
#[derive(Clone, Debug, Args)]
pub(crate) struct Actor {
    /// Who wants it, for the audit log [default: the user's name].
    #[arg(long, value_name = "NAME", env = "USER", hide_env_values = true, default_value = "unknown")]
    pub(crate) actor: String,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Pretty,
    /// An object a line.
    Jsonl,
    /// A row each, with a line of names first.
    Csv,
}

/// How one thing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OneFormat {
    /// For people.
    Pretty,
    /// One JSON object.
    Json,
}

/// A moment: a day, a time with its offset, or an age.
fn time(written: &str) -> Result<OffsetDateTime, String> {
    let wrong =
        || "it is a day (2026-03-01), a time (2026-03-01T12:00:00Z), or an age (90m, 24h, 7d)".to_owned();
    if let Ok(time) = OffsetDateTime::parse(written, &Rfc3339) {
        return Ok(time);
    }
    if let Ok(day) = Date::parse(written, format_description!("[year]-[month]-[day]")) {
        return Ok(day.midnight().assume_utc());
    }
    let (number, unit) =
        written.split_at(written.find(|c: char| !c.is_ascii_digit()).unwrap_or(written.len()));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let age = number.parse::<i64>().ok().and_then(|number| number.checked_mul(seconds)).ok_or_else(wrong)?;
    OffsetDateTime::now_utc().checked_sub(Duration::seconds(age)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::time::macros::datetime;

    #[test]
    fn a_moment_is_a_day_a_time_or_an_age() {
        assert_eq!(time("2026-03-01").unwrap(), datetime!(2026-03-01 0:00 UTC));
        assert_eq!(time("2026-03-01T12:30:00+02:00").unwrap(), datetime!(2026-03-01 10:30 UTC));
        let then = time("24h").unwrap();
        let ago = OffsetDateTime::now_utc() - then;
        assert!((Duration::hours(24)..Duration::hours(25)).contains(&ago), "{ago}");
        for wrong in ["yesterday", "7", "d", "", "99999999999999999999d", "2026-13-01"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_selection_is_named_in_one_way() {
        let picked = |ids: &[i64], all, code: Option<&str>| {
            let which = Which { code: code.map(str::to_owned), ..Which::default() };
            Picked { ids: ids.to_vec(), all, which }.pick()
        };
        assert_eq!(picked(&[3, 4], false, None), Ok(DeadPick::Ids(vec![3, 4])));
        assert_eq!(picked(&[], true, None), Ok(DeadPick::Matching(DeadFilter::default())));
        let malformed = DeadFilter { code: Some("malformed".to_owned()), ..DeadFilter::default() };
        assert_eq!(picked(&[], false, Some("malformed")), Ok(DeadPick::Matching(malformed)));
        for wrong in
            [picked(&[], false, None), picked(&[1], true, None), picked(&[1], false, Some("malformed"))]
        {
            assert!(wrong.is_err(), "{wrong:?}");
        }
    }
}
