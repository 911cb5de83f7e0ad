//! What comes in: files, folders, lines of JSONL and standard input, taken one by one by a thread of its own.

use contract::MAX_DOCUMENT_BYTES;
use serde::Serialize;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use walkdir::WalkDir;

use super::lines::{Line, Lines};

/// How an input is called in its answer: the row's id, the line's number, or the path.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Id {
    /// A row's own id, a file's path, or `-`.
    Text(String),
    /// A row's own id, or the number of its line.
    Number(serde_json::Number),
}

/// One JD that is to be read.
#[derive(Debug)]
pub(crate) struct Input {
    /// Its name until a row says another.
    pub(crate) id: Id,
    /// How many bytes of the input it is, for the progress bar.
    pub(crate) weight: u64,
    /// Where its content is.
    pub(crate) what: What,
}

/// Where the content of an input is.
#[derive(Debug)]
pub(crate) enum What {
    /// A file, not opened yet.
    File(PathBuf),
    /// One document.
    Document(Vec<u8>),
    /// A line of JSONL.
    Row {
        /// Its bytes without the line's end.
        bytes: Vec<u8>,
        /// Which line of which input.
        place: Place,
    },
    /// Nothing: it could not be taken.
    Failed(InputError),
}

/// A line of an input.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    origin: Arc<str>,
    line: u64,
}

#[cfg(test)]
impl Place {
    /// The first line of nothing in particular.
    pub(crate) fn first() -> Self {
        Self { origin: Arc::from("a test"), line: 1 }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} of {}", self.line, self.origin)
    }
}

/// Why an input never became a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("there is no such file")]
    NotFound,
    #[error("it cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("{0} is longer than {MAX_DOCUMENT_BYTES} bytes")]
    LineTooLong(Place),
    #[error("{0} is not UTF-8 from its byte {1} on")]
    NotUtf8(Place, usize),
    #[error("{0} is not a JSON object: {1}")]
    BrokenJson(Place, String),
    #[error("{0} has a member of the wrong kind: {1}")]
    Member(Place, String),
    #[error("{0} has neither \"text\" nor \"html\" nor \"title\"")]
    NothingToRead(Place),
    #[error("it has {0} bytes, more than a document may have")]
    TooLarge(usize),
    #[error("it was answered, but the answer cannot be stored: {0}")]
    NotStored(String),
    #[error("answering it panicked, which is a defect of Rolemill; standard error says where")]
    Defect,
}

impl InputError {
    /// What the system said.
    pub(crate) fn of(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::NotFound } else { Self::Unreadable(error) }
    }

    /// A stable name of the cause.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "file_not_found",
            Self::Unreadable(_) => "file_unreadable",
            Self::TooLarge(_) => "document_too_large",
            Self::NotStored(_) => "not_stored",
            Self::LineTooLong(_) => "line_too_long",
            Self::NotUtf8(..) => "invalid_encoding",
            Self::BrokenJson(..) => "broken_json",
            Self::Member(..) => "json_member",
            Self::NothingToRead(_) => "json_without_text",
            Self::Defect => "defect",
        }
    }
}

/// Whether a path is read as one JD a line.
pub(crate) fn is_jsonl(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|name| ["jsonl", "ndjson"].iter().any(|known| name.eq_ignore_ascii_case(known)))
}

/// The path that means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// How many bytes the inputs have together, when that is known before they are read.
pub(crate) fn total_weight(inputs: &[PathBuf]) -> Option<u64> {
    inputs
        .iter()
        .map(|path| {
            std::fs::metadata(path)
                .ok()
                .filter(|found| found.is_file() && !is_stdin(path))
                .map(|found| found.len())
        })
        .sum()
}

/// What became of the inputs that a stop kept from being taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Left {
    /// How many were handed over before.
    pub(crate) given: u64,
    /// How many were seen after.
    pub(crate) left: u64,
    /// Whether there are more that nobody counted.
    pub(crate) and_more: bool,
}

/// Starts to read `inputs` on a thread of its own, at most `ahead` before they are worked on. What was left when the
/// receiver went away is told at the end.
pub(crate) fn read(
    inputs: Vec<PathBuf>,
    ahead: usize,
) -> io::Result<(mpsc::Receiver<Input>, oneshot::Receiver<Left>)> {
    let (send, receive) = mpsc::channel(ahead);
    let (tell, told) = oneshot::channel();
    std::thread::Builder::new().name("inputs".to_owned()).spawn(move || {
        let mut intake = Intake { send, counted: Left::default(), stopped: None };
        let finished = inputs.iter().all(|path| intake.path(path));
        intake.counted.and_more = !finished;
        // Nobody asks when all was taken.
        tell.send(intake.counted).ok();
    })?;
    Ok((receive, told))
}

/// How long what was not taken is counted after a stop.
const COUNTING: Duration = Duration::from_millis(500);

struct Intake {
    send: mpsc::Sender<Input>,
    counted: Left,
    /// When the receiver was found to be gone.
    stopped: Option<Instant>,
}

/// The methods say whether to go on.
impl Intake {
    fn path(&mut self, path: &Path) -> bool {
        if is_stdin(path) {
            return self.stdin();
        }
        if path.is_dir() {
            return self.folder(path);
        }
        self.file(path)
    }

    fn give(&mut self, id: Id, weight: u64, what: What) -> bool {
        if let Some(stopped) = self.stopped {
            self.counted.left += 1;
            return stopped.elapsed() < COUNTING;
        }
        match self.send.blocking_send(Input { id, weight, what }) {
            Ok(()) => self.counted.given += 1,
            Err(_) => {
                self.stopped = Some(Instant::now());
                self.counted.left += 1;
            }
        }
        true
    }

    fn fail(&mut self, path: &Path, error: InputError) -> bool {
        self.give(Id::Text(path.display().to_string()), 0, What::Failed(error))
    }

    /// A folder's files, by name, the hidden ones left out. Links to files are followed, links to folders are not.
    fn folder(&mut self, folder: &Path) -> bool {
        let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
        let entries = WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(move |entry| entry.depth() == 0 || !is_hidden(entry.file_name()));
        for entry in entries {
            let goes_on = match entry {
                Ok(entry) if entry.file_type().is_file() => self.file(entry.path()),
                Ok(entry) if entry.path_is_symlink() => match std::fs::metadata(entry.path()) {
                    Ok(target) if target.is_file() => self.file(entry.path()),
                    Ok(_) => true,
                    Err(error) => self.fail(entry.path(), InputError::of(error)),
                },
                Ok(_) => true,
                Err(error) => {
                    let path = error.path().unwrap_or(folder).to_owned();
                    let words = error.to_string();
                    self.fail(
                        &path,
                        InputError::of(error.into_io_error().unwrap_or_else(|| io::Error::other(words))),
                    )
                }
            };
            if !goes_on {
                return false;
            }
        }
        true
    }

    fn file(&mut self, path: &Path) -> bool {
        let name = path.display().to_string();
        if !is_jsonl(path) {
            let weight = std::fs::metadata(path).map_or(0, |found| found.len());
            return self.give(Id::Text(name), weight, What::File(path.to_owned()));
        }
        match File::open(path) {
            Ok(file) => self.rows(BufReader::with_capacity(1 << 16, file), &name),
            Err(error) => self.fail(path, InputError::of(error)),
        }
    }

    /// Standard input: rows when it begins as an object does, else one document.
    fn stdin(&mut self) -> bool {
        let mut stdin = io::stdin().lock();
        let mut head = Vec::new();
        if let Err(error) = first_line(&mut stdin, &mut head) {
            return self.fail(Path::new("-"), InputError::of(error));
        }
        let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
        // A line of nothing but a brace opens an object that is spread over lines: one document.
        if start.starts_with(b"{") && !start.trim_ascii_end().eq(b"{") {
            return self
                .rows(BufReader::with_capacity(1 << 16, Cursor::new(head).chain(stdin)), "standard input");
        }
        let limit = MAX_DOCUMENT_BYTES as u64 + 1;
        match stdin.take(limit.saturating_sub(head.len() as u64)).read_to_end(&mut head) {
            Ok(_) => self.give(Id::Text("-".to_owned()), head.len() as u64, What::Document(head)),
            Err(error) => self.fail(Path::new("-"), InputError::of(error)),
        }
    }

    fn rows(&mut self, content: impl BufRead, name: &str) -> bool {
        let origin: Arc<str> = Arc::from(name);
        let mut lines = Lines::new(content, MAX_DOCUMENT_BYTES);
        loop {
            let (line, weight) = match lines.next() {
                Ok(next) => next,
                Err(error) => return self.fail(Path::new(name), InputError::of(error)),
            };
            let place = Place { origin: Arc::clone(&origin), line: lines.number() };
            let what = match line {
                Line::End => return true,
                Line::Blank => continue,
                Line::TooLong => What::Failed(InputError::LineTooLong(place)),
                Line::Full(bytes) => What::Row { bytes, place },
            };
            if !self.give(Id::Number(lines.number().into()), weight, what) {
                return false;
            }
        }
    }
}

/// Reads the first line that is not blank, or as much of it as tells what the rest is.
fn first_line(content: &mut impl BufRead, head: &mut Vec<u8>) -> io::Result<()> {
    const ENOUGH: usize = 4 << 10;
    while head.trim_ascii().is_empty() && head.len() < ENOUGH {
        if content.by_ref().take(ENOUGH as u64).read_until(b'\n', head)? == 0 {
            break;
        }
    }
    Ok(())
}
