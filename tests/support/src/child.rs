//! Processes that end with the test that started them.

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::wait::answer;

/// Ends a process, its group and its children, and removes its folder, as soon as the standard input ends: the test at its other
/// end is gone then, and could not tidy up.
const GUARD: &str = r#"
read -r _
kill -s KILL -- "-$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null)
[ -z "$2" ] || rm -rf -- "$2" || { sleep 1; rm -rf -- "$2"; }
"#;

/// A process in a group of its own. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Owned {
    child: Child,
    guard: Child,
}

impl Owned {
    /// Starts it. Its folder is removed when the test is killed; otherwise that is the owner's business.
    pub(crate) fn start(command: &mut Command, folder: Option<&Path>) -> Self {
        let child = command
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", command.get_program().display()));
        let guard = Command::new("/bin/sh")
            .args(["-c", GUARD, "guard", &child.id().to_string()])
            .arg(folder.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        Self { child, guard }
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end, not for ever.
    pub(crate) async fn wait(&mut self, deadline: Duration) -> Option<ExitStatus> {
        answer(deadline, async || self.ended()).await
    }

    /// Waits for its end, however long it takes.
    pub(crate) fn wait_blocking(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Sends it a signal, unless it has ended.
    pub(crate) fn signal(&mut self, signal: Signal) {
        if self.ended().is_none() {
            kill_process(Pid::from_child(&self.child), signal).unwrap();
        }
    }

    /// Sends its children a signal.
    pub(crate) fn signal_children(&self, signal: Signal) {
        for child in children(self.id()) {
            // It may have ended since.
            kill_process(child, signal).ok();
        }
    }

    /// What it wrote to its standard error from now on; once.
    pub(crate) fn stderr(&mut self) -> impl Read + Send + 'static {
        self.child.stderr.take().unwrap()
    }

    /// What it wrote to its standard output from now on; once.
    pub(crate) fn stdout(&mut self) -> impl Read + Send + 'static {
        self.child.stdout.take().unwrap()
    }

    /// Kills it with its group and its children, and waits until it is gone.
    pub(crate) fn kill(&mut self) -> ExitStatus {
        if let Some(status) = self.ended() {
            return status;
        }
        let children = children(self.id());
        // Stopped processes die of it, too. Whoever is gone already needs no signal.
        kill_process_group(Pid::from_child(&self.child), Signal::KILL).ok();
        for child in children {
            kill_process(child, Signal::KILL).ok();
        }
        self.child.wait().unwrap()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.kill();
        // Killed while its input is open, so that it does not act on a number that may be another process's by now.
        self.guard.kill().ok();
        self.guard.wait().ok();
    }
}

/// The children of a process.
fn children(parent: u32) -> Vec<Pid> {
    let processes = Path::new("/proc").read_dir().unwrap().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers
        .filter(|number| stat(*number as u32).is_some_and(|fields| fields[1].parse() == Ok(parent)))
        .filter_map(Pid::from_raw)
        .collect()
}

/// What the system notes about a process, from its state on (the third field of `/proc/PID/stat`); none once it is gone.
pub(crate) fn stat(process: u32) -> Option<Vec<String>> {
    let line = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field, the name, is in brackets and may hold spaces and brackets itself.
    let (_, fields) = line.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// What a program that ran to its end has to show for it.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a program to its end.
///
/// # Panics
/// When it has not ended by the deadline; it is killed then.
pub(crate) async fn run(command: &mut Command, deadline: Duration) -> Finished {
    let mut owned =
        Owned::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()), None);
    let stdout = read_along(owned.stdout());
    let stderr = read_along(owned.stderr());
    let ended = owned.wait(deadline).await;
    // What still holds the pipes ends with it, and the readers with the pipes.
    drop(owned);
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    match ended {
        Some(status) => Finished { status, stdout, stderr },
        None => panic!("{command:?} has not ended within {deadline:?}\n{stdout}\n{stderr}"),
    }
}

fn read_along(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut read = Vec::new();
        from.read_to_end(&mut read).ok();
        String::from_utf8_lossy(&read).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const SOON: Duration = Duration::from_secs(10);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn when_the_test_is_gone_its_process_and_its_folder_follow() {
        let folder = TempDir::new().unwrap();
        let mut owned = Owned::start(&mut shell("sleep 1000"), Some(folder.path()));
        owned.signal(Signal::STOP);
        // The end of its input is all that a guard notices of the end of a test.
        drop(owned.guard.stdin.take());
        let status = owned.wait(SOON).await.unwrap();
        assert_eq!(status.code(), None);
        crate::wait_until("the folder is gone", SOON, async || !folder.path().exists()).await;
    }

    #[tokio::test]
    async fn what_a_program_printed_is_handed_over() {
        let finished = run(&mut shell("echo out; echo err >&2; exit 2"), SOON).await;
        assert_eq!(
            (finished.status.code(), finished.stdout, finished.stderr),
            (Some(2), "out\n".into(), "err\n".into())
        );
    }

    #[tokio::test]
    #[should_panic(expected = "has not ended within")]
    async fn a_program_that_hangs_is_given_up() {
        run(&mut shell("sleep 1000"), Duration::from_millis(50)).await;
    }
}
