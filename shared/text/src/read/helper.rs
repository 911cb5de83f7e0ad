//! The child process that reads one PDF under limits, from both sides.
//!
//! The parent writes the file to its standard input and waits for one line of JSON, at most ten seconds.
//! The child limits itself before it reads a byte; what kills it is told apart by the signal and by what the
//! runtime wrote to standard error.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;

use contract::{MAX_DOCUMENT_BYTES, MAX_TEXT_BYTES};

use super::error::{ReadError, detail};
use super::pdf::{Answer, TIME, answer};

/// The child's address space.
const MEMORY_MIB: u64 = 512;
/// The longest answer: text whose every byte is escaped.
const MAX_ANSWER: u64 = 6 * MAX_TEXT_BYTES as u64 + 4096;
/// As much of the child's last words as is read.
const MAX_LAST_WORDS: u64 = 4096;

/// What a helper process does: limits its own memory (512 MiB of address space) and processor time (ten
/// seconds), reads a PDF from standard input and writes its text, or why there is none, to standard output
/// as one line of JSON. To be called first thing in `main`, before any thread is started.
#[must_use]
pub fn helper_main() -> ExitCode {
    if let Err(error) = limit_itself() {
        eprintln!("no limits: {error}");
        return ExitCode::FAILURE;
    }
    // The answer says what a panic said.
    std::panic::set_hook(Box::new(|_| {}));
    let mut bytes = Vec::new();
    let limit = MAX_DOCUMENT_BYTES as u64 + 1;
    if let Err(error) = std::io::stdin().lock().take(limit).read_to_end(&mut bytes) {
        eprintln!("no input: {error}");
        return ExitCode::FAILURE;
    }
    let written = serde_json::to_string(&answer(&bytes))
        .map_err(std::io::Error::from)
        .and_then(|line| writeln!(std::io::stdout(), "{line}"));
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(unix)]
fn limit_itself() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let at_most = |resource, most| {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).map_err(std::io::Error::from)
    };
    at_most(Resource::As, MEMORY_MIB << 20)?;
    at_most(Resource::Cpu, TIME.as_secs())?;
    // A core would be a copy of the document.
    at_most(Resource::Core, 0)
}

/// Elsewhere the parent's clock is the only limit.
#[cfg(not(unix))]
fn limit_itself() -> std::io::Result<()> {
    Ok(())
}

/// Has a PDF read by `program`.
pub(super) fn read(program: &Path, args: &[String], bytes: &[u8]) -> Result<String, ReadError> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // What reads a hostile file has no business with our secrets.
    #[cfg(unix)]
    command.env_clear();
    let mut child = command.spawn().map_err(no_helper)?;
    let heard = listen(&mut child, bytes.to_vec());
    // Both pipes are closed, or time is up: in either case it has nothing left to do.
    child.kill().ok();
    let status = child.wait().map_err(no_helper)?;
    let (said, last_words) = heard?;
    match serde_json::from_slice::<Answer>(&said) {
        Ok(answer) => answer.text(),
        Err(error) => Err(death(status, &last_words, &error)),
    }
}

/// What the child says on both its outputs until it closes them.
fn listen(child: &mut Child, bytes: Vec<u8>) -> Result<(Vec<u8>, String), ReadError> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(ReadError::NoHelper { detail: "it has no pipes".to_owned() });
    };
    let (give, take) = mpsc::channel();
    let give_words = give.clone();
    let threads = [
        // A child that dies early closes its input: then its last words say why.
        std::thread::Builder::new().spawn(move || drop(stdin.write_all(&bytes))),
        std::thread::Builder::new().spawn(move || drop(give.send((true, hear(stdout, MAX_ANSWER))))),
        std::thread::Builder::new()
            .spawn(move || drop(give_words.send((false, hear(stderr, MAX_LAST_WORDS))))),
    ];
    for thread in threads {
        thread.map_err(no_helper)?;
    }
    let deadline = std::time::Instant::now() + TIME;
    let (mut said, mut last_words) = (Vec::new(), String::new());
    for _ in 0..2 {
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        match take.recv_timeout(left) {
            Ok((true, bytes)) => said = bytes,
            Ok((false, bytes)) => last_words = String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => return Err(ReadError::TookTooLong { seconds: TIME.as_secs() }),
        }
    }
    Ok((said, last_words))
}

/// Up to `limit` bytes are kept; the rest is read too, so that the child never waits for us.
fn hear(mut pipe: impl Read, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if pipe.by_ref().take(limit).read_to_end(&mut bytes).is_ok() {
        std::io::copy(&mut pipe, &mut std::io::sink()).ok();
    }
    bytes
}

/// Why a child ended without an answer.
fn death(status: ExitStatus, last_words: &str, error: &serde_json::Error) -> ReadError {
    if last_words.contains("memory allocation of") {
        return ReadError::OutOfMemory { limit_mib: MEMORY_MIB };
    }
    if last_words.contains("overflowed its stack") {
        return ReadError::PdfCrash { detail: "it is nested too deeply".to_owned() };
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        use rustix::process::Signal;
        return match Signal::from_named_raw(signal) {
            // The processor's time is up, softly or hard.
            Some(Signal::XCPU | Signal::KILL) => ReadError::TookTooLong { seconds: TIME.as_secs() },
            Some(_) | None => ReadError::PdfCrash { detail: format!("it died of signal {signal}") },
        };
    }
    let words = if last_words.is_empty() { error.to_string() } else { last_words.to_owned() };
    ReadError::NoHelper { detail: detail(format!("{status}, {words}")) }
}

fn no_helper(error: std::io::Error) -> ReadError {
    ReadError::NoHelper { detail: detail(error) }
}
