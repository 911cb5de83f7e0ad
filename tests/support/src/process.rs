//! The project's programs, started, watched and killed.

use rustix::process::Signal;
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::child::{Owned, stat};
use crate::wait::{answer, wait_for};

/// How many of the last lines of the standard error are kept.
const LINES: usize = 200;

/// How long one question over HTTP may take.
const ANSWER: Duration = Duration::from_secs(5);

/// A port of 127.0.0.1 that nobody listens on.
#[must_use]
pub fn free_port() -> u16 {
    let [port] = crate::programs::free_ports();
    port
}

/// The path of one of the workspace's programs: it lies beside the tests that were built with it.
///
/// # Panics
/// When it has not been built.
#[must_use]
pub fn bin(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(Path::parent).unwrap().join(name);
    assert!(path.is_file(), "{} is missing; build it first: cargo build --bins", path.display());
    path
}

/// A program that runs beside the test. Dropped, it is killed.
#[derive(Debug)]
pub struct Worker {
    process: Owned,
    stderr: Arc<Mutex<VecDeque<String>>>,
}

impl Worker {
    /// Starts a program with these arguments and settings. It inherits the environment except for `ROLEMILL_…`, so that no
    /// developer's settings get in; its standard output is not kept.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        program: &Path,
        arguments: &[&str],
        settings: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ROLEMILL_"))
        {
            command.env_remove(name);
        }
        command.envs(settings);
        let mut process = Owned::start(&mut command, None);
        let stderr = Arc::new(Mutex::new(VecDeque::with_capacity(LINES)));
        let (kept, lines) = (Arc::clone(&stderr), BufReader::new(process.stderr()));
        std::thread::spawn(move || {
            for line in lines.split(b'\n').map_while(Result::ok) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() == LINES {
                    kept.pop_front();
                }
                kept.push_back(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Self { process, stderr }
    }

    /// Its process number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.ended()
    }

    /// The last 200 lines of its standard error.
    #[must_use]
    pub fn stderr(&self) -> String {
        let lines = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Waits until a line of its standard error contains the words, and hands the line over.
    ///
    /// # Panics
    /// When none does within the deadline.
    pub async fn wait_for_line(&self, words: &str, deadline: Duration) -> String {
        let line = answer(deadline, async || {
            let lines = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
            lines.iter().find(|line| line.contains(words)).cloned()
        });
        line.await.unwrap_or_else(|| panic!("no line with {words:?} within {deadline:?}:\n{}", self.stderr()))
    }

    /// Waits until its health service says that it is ready: 200 on `/readyz`.
    ///
    /// # Panics
    /// When the deadline passes, or the program ends before.
    pub async fn wait_ready(&mut self, health: SocketAddr, deadline: Duration) {
        let ready = answer(deadline, async || match self.ended() {
            Some(status) => Some(Err(status)),
            None => (http_get(health, "/readyz").await.ok()?.0 == 200).then_some(Ok(())),
        });
        match ready.await {
            Some(Ok(())) => {}
            Some(Err(status)) => panic!("it ended ({status}) instead of being ready:\n{}", self.stderr()),
            None => panic!("it is not ready after {deadline:?}:\n{}", self.stderr()),
        }
    }

    /// Kills it (SIGKILL); it is gone when this returns.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// When the deadline passes before.
    pub async fn terminate(&mut self, deadline: Duration) -> ExitStatus {
        self.process.signal(Signal::TERM);
        self.wait(deadline).await
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// When the deadline passes before.
    pub async fn wait(&mut self, deadline: Duration) -> ExitStatus {
        let ended = self.process.wait(deadline).await;
        ended.unwrap_or_else(|| panic!("it has not ended within {deadline:?}:\n{}", self.stderr()))
    }

    /// Stops it in its tracks (SIGSTOP), until [`Worker::thaw`].
    pub fn freeze(&mut self) {
        self.process.signal(Signal::STOP);
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&mut self) {
        self.process.signal(Signal::CONT);
    }

    /// How much memory it has resident, in KiB; 0 once it has ended.
    #[must_use]
    pub fn rss_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }

    /// How much time it has spent on the processors, all its threads together, in seconds; 0 once it has ended.
    #[must_use]
    pub fn cpu_seconds(&self) -> f64 {
        // Fields 14 and 15 of the whole line are user and system time; ours begin with the third.
        let Some(fields) = stat(self.id()) else { return 0.0 };
        let ticks: f64 = fields[11..13].iter().filter_map(|field| field.parse::<f64>().ok()).sum();
        ticks / rustix::param::clock_ticks_per_second() as f64
    }
}

/// Waits until a health service says that its process is ready: 200 on `/readyz`.
///
/// # Panics
/// When the deadline passes before.
pub async fn wait_ready(health: SocketAddr, deadline: Duration) {
    let what = format!("{health} is ready");
    wait_for(&what, deadline, async || (http_get(health, "/readyz").await.ok()?.0 == 200).then_some(()))
        .await;
}

/// Asks for a page over plain HTTP; gives the status code and the body as it came.
///
/// # Errors
/// When nobody answers within 5 seconds, or the answer is not HTTP.
pub async fn http_get(server: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    let exchange = async {
        let mut stream = TcpStream::connect(server).await?;
        let question = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
        stream.write_all(question.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, io::Error>(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = tokio::time::timeout(ANSWER, exchange).await??;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let code = head.strip_prefix("HTTP/1.").and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
    match code {
        Some(code) => Ok((code, body.to_owned())),
        None => Err(io::Error::new(io::ErrorKind::InvalidData, format!("not HTTP: {head:?}"))),
    }
}
