//! A PostgreSQL cluster of the test's own, which it may stop and freeze.

use rustix::process::Signal;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

use crate::child::{Owned, run};
use crate::process::free_port;
use crate::programs::{folder_of, tail};
use crate::wait::answer;

/// Where its programs are.
const USUAL: [&str; 4] =
    ["/opt/homebrew/opt/*/bin", "/usr/local/pgsql/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql/*/bin"];

/// How long it may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// What may differ between clusters.
#[derive(Clone, Debug, Default)]
pub struct ClusterOptions {
    /// Whether what is committed is on the disk before the client hears of it. By default it is not, which is faster; it survives
    /// whatever a test does to the cluster all the same, as only the machine's end would lose it.
    pub fsync: bool,
    /// How many connections it takes; by default 100.
    pub max_connections: Option<u16>,
}

/// How a cluster is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Open transactions are rolled back and connections closed; everything is written.
    Fast,
    /// Everything ends at once, as in a crash; what was committed is recovered at the next start.
    Immediate,
}

/// A cluster. Dropped, it is stopped and its folder removed.
#[derive(Debug)]
pub struct Cluster {
    postmaster: Option<Owned>,
    place: Place,
}

/// What stays the same when a cluster is started again.
#[derive(Debug)]
struct Place {
    folder: TempDir,
    programs: PathBuf,
    user: Option<User>,
    port: u16,
    options: ClusterOptions,
}

/// Whom PostgreSQL runs as when the test runs as root, whom it refuses.
#[derive(Clone, Copy, Debug)]
struct User {
    uid: u32,
    gid: u32,
}

impl Cluster {
    /// Makes one and waits until it takes connections. Everybody on 127.0.0.1 may come in as `postgres`.
    ///
    /// # Panics
    /// When PostgreSQL is not installed, or the cluster is not up within 60 seconds; the end of its log is shown then.
    pub async fn start(options: ClusterOptions) -> Self {
        let programs = folder_of("initdb", &USUAL).expect("PostgreSQL is missing: install postgresql");
        let folder = TempDir::new().unwrap();
        let user = rustix::process::geteuid().is_root().then(User::postgres);
        if let Some(user) = user {
            chown(folder.path(), Some(user.uid), Some(user.gid)).unwrap();
        }
        let mut cluster =
            Self { postmaster: None, place: Place { folder, programs, user, port: free_port(), options } };
        let mut command = cluster.place.command("initdb");
        command.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        let finished = run(command.arg("-D").arg(cluster.place.data()), PATIENCE).await;
        assert!(finished.status.success(), "initdb: {}{}", finished.stdout, finished.stderr);
        cluster.start_again().await;
        cluster
    }

    /// Starts it again after it was stopped, on the same data and the same port.
    ///
    /// # Panics
    /// When it runs, or is not up within 60 seconds.
    pub async fn start_again(&mut self) {
        assert!(
            self.postmaster.as_mut().is_none_or(|postmaster| postmaster.ended().is_some()),
            "the cluster runs"
        );
        let mut postmaster = self.place.start_postmaster();
        let up = answer(PATIENCE, async || match postmaster.ended() {
            Some(status) => Some(Err(status)),
            None => self.place.says_ready(postmaster.id()).then_some(Ok(())),
        });
        match up.await {
            Some(Ok(())) => {}
            Some(Err(status)) => {
                panic!("the cluster ended ({status}) instead of starting\n{}", self.log_tail())
            }
            None => panic!("the cluster is not up after {PATIENCE:?}\n{}", self.log_tail()),
        }
        self.postmaster = Some(postmaster);
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.place.port))
    }

    /// The address of its database, which is empty.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address())
    }

    /// Stops it.
    ///
    /// # Panics
    /// When that takes more than 60 seconds.
    pub async fn stop(&mut self, how: Stop) {
        let Some(postmaster) = &mut self.postmaster else { return };
        postmaster.signal(match how {
            Stop::Fast => Signal::INT,
            Stop::Immediate => Signal::QUIT,
        });
        let ended = postmaster.wait(PATIENCE).await;
        assert!(ended.is_some(), "the cluster has not stopped within {PATIENCE:?}\n{}", self.log_tail());
    }

    /// Stops it in its tracks (SIGSTOP), all its processes: connections stay open and new ones are made, nothing is answered.
    pub fn freeze(&mut self) {
        if let Some(postmaster) = &mut self.postmaster {
            postmaster.signal(Signal::STOP);
            // Twice, for the one that it was about to start when it was stopped.
            postmaster.signal_children(Signal::STOP);
            postmaster.signal_children(Signal::STOP);
        }
    }

    /// Lets it go on after [`Cluster::freeze`].
    pub fn thaw(&mut self) {
        if let Some(postmaster) = &mut self.postmaster {
            postmaster.signal_children(Signal::CONT);
            postmaster.signal(Signal::CONT);
        }
    }

    /// The end of its log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        tail(&self.place.log(), 60)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Stopped rather than killed, so that it gives back what the system lends beyond the process. It takes five seconds at most:
        // whatever has not ended by then is killed by the postmaster.
        self.thaw();
        if let Some(postmaster) = &mut self.postmaster {
            postmaster.signal(Signal::QUIT);
            postmaster.wait_blocking();
        }
    }
}

impl User {
    fn postgres() -> Self {
        let users = fs::read_to_string("/etc/passwd").unwrap();
        let line = users.lines().find_map(|line| line.strip_prefix("postgres:"));
        let mut numbers = line.expect("there is no user postgres").split(':').skip(1).map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(uid)), Some(Ok(gid))) => Self { uid, gid },
            _ => panic!("the user postgres has no number"),
        }
    }
}

impl Place {
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(self.programs.join(program));
        // The test's own folder may be one that the other user cannot enter.
        command.current_dir("/").env("LANG", "C.UTF-8");
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    fn start_postmaster(&self) -> Owned {
        let log = File::options().append(true).create(true).open(self.log()).unwrap();
        let fsync = if self.options.fsync { "on" } else { "off" };
        let settings = [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            // Shared memory in files of its own folder: nothing is left elsewhere.
            "dynamic_shared_memory_type=mmap".to_owned(),
            "shared_buffers=16MB".to_owned(),
            format!("max_connections={}", self.options.max_connections.unwrap_or(100)),
            format!("fsync={fsync}"),
            format!("full_page_writes={fsync}"),
        ];
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data());
        command.args(settings.iter().flat_map(|setting| ["-c", setting]));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Owned::start(&mut command, Some(self.folder.path()))
    }

    /// Whether the file that the postmaster keeps says so: its number comes first, its state eighth.
    fn says_ready(&self, postmaster: u32) -> bool {
        let noted = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let mut lines = noted.lines();
        lines.next() == Some(&postmaster.to_string())
            && lines.nth(6).is_some_and(|state| state.trim() == "ready")
    }
}
