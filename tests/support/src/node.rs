//! A RabbitMQ node of the test's own, which it may stop, freeze and kill.
//!
//! It shares nothing with other nodes of the machine: its name, its ports, its folder, its cookie and its name service (epmd) are
//! its own, and it listens on 127.0.0.1 only.

use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

use crate::child::{Owned, run};
use crate::programs::{folder_of, free_ports, tail};
use crate::wait::{answer, wait_for};

/// Where its programs are. Debian's wrappers in `/usr/sbin` change the user and the folder: what they wrap is taken.
const USUAL: [&str; 4] = [
    "/opt/rabbitmq/sbin",
    "/opt/homebrew/opt/rabbitmq/sbin",
    "/usr/lib/rabbitmq/lib/*/sbin",
    "/usr/lib/rabbitmq/bin",
];

/// How long it may take to start.
const START: Duration = Duration::from_secs(90);

/// How long it may take to stop, and to answer its command line.
const STOP: Duration = Duration::from_secs(60);

/// Listening on the loopback interface only, for the traffic between Erlang nodes.
const LOOPBACK: &str = "-kernel inet_dist_use_interface {127,0,0,1}";

/// Asks every queue how many messages it holds: `list_queues` gives what a quorum queue last noted, up to five seconds ago, and
/// zeros after a start. The answer is JSON in hexadecimal digits, as long texts are printed in several parts.
const DEPTHS: &str = "binary:encode_hex(rabbit_json:encode(maps:from_list([{element(4, amqqueue:get_name(Q)),
    case amqqueue:get_type(Q) of
        rabbit_quorum_queue ->
            case ra:leader_query(amqqueue:get_pid(Q), fun rabbit_fifo:query_messages_total/1) of
                {ok, {_, Held}, _} -> Held;
                _ -> null
            end;
        _ -> proplists:get_value(messages, rabbit_amqqueue:info(Q, [messages]))
    end} || Q <- rabbit_amqqueue:list()]))).";

/// What may differ between nodes.
#[derive(Clone, Debug, Default)]
pub struct NodeOptions {
    /// How long a consumer may keep a message without acknowledging it, in milliseconds; it is looked at every quarter of that.
    /// By default what RabbitMQ has, 30 minutes.
    pub consumer_timeout_ms: Option<u64>,
    /// The share of the machine's memory beyond which it takes no more messages, 0 to 1; by default 0.6.
    pub vm_memory_high_watermark: Option<f64>,
}

/// A node. Dropped, it is killed and its folder removed.
#[derive(Debug)]
pub struct Node {
    beam: Option<Owned>,
    _epmd: Owned,
    place: Place,
}

/// What stays the same when a node is started again.
#[derive(Debug)]
struct Place {
    folder: TempDir,
    programs: PathBuf,
    name: String,
    amqp: u16,
    distribution: u16,
    epmd: u16,
    watermark: f64,
}

impl Node {
    /// Starts one and waits until it takes connections.
    ///
    /// # Panics
    /// When RabbitMQ is not installed, or the node is not up within 90 seconds; the end of its log is shown then.
    pub async fn start(options: NodeOptions) -> Self {
        let programs =
            folder_of("rabbitmq-server", &USUAL).expect("RabbitMQ is missing: install rabbitmq-server");
        let [amqp, distribution, epmd] = free_ports();
        let place = Place {
            folder: TempDir::new().unwrap(),
            programs,
            name: format!("t{}@localhost", &Uuid::new_v4().simple().to_string()[..12]),
            amqp,
            distribution,
            epmd,
            watermark: options.vm_memory_high_watermark.unwrap_or(0.6),
        };
        place.furnish(&options);
        let epmd = place.start_epmd().await;
        let mut node = Self { beam: None, _epmd: epmd, place };
        node.start_again().await;
        node
    }

    /// Starts it again after it was stopped or killed, on the same data and the same ports.
    ///
    /// # Panics
    /// When it runs, or is not up within 90 seconds.
    pub async fn start_again(&mut self) {
        assert!(self.beam.as_mut().is_none_or(|beam| beam.ended().is_some()), "{} runs", self.place.name);
        let mut beam = self.place.start_beam();
        // The port is the last thing that it opens, and looking at it is cheap.
        let up = answer(START, async || match beam.ended() {
            Some(status) => Some(Err(status)),
            None => TcpStream::connect(self.address()).is_ok().then_some(Ok(())),
        });
        match up.await {
            Some(Ok(())) => {}
            Some(Err(status)) => panic!("the node ended ({status}) instead of starting\n{}", self.log_tail()),
            None => panic!("the node is not up after {START:?}\n{}", self.log_tail()),
        }
        self.beam = Some(beam);
        self.ctl(&["await_startup"]).await;
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.place.amqp))
    }

    /// Where clients connect to.
    #[must_use]
    pub fn amqp_url(&self) -> String {
        format!("amqp://guest:guest@{}", self.address())
    }

    /// Stops it in an orderly manner; it closes its connections and writes what it has to.
    ///
    /// # Panics
    /// When that takes more than 60 seconds.
    pub async fn stop(&mut self) {
        let Some(beam) = &mut self.beam else { return };
        beam.signal(Signal::TERM);
        let ended = beam.wait(STOP).await;
        assert!(ended.is_some(), "the node has not stopped within {STOP:?}\n{}", self.log_tail());
    }

    /// Kills it (SIGKILL); it is gone when this returns.
    pub fn kill(&mut self) {
        if let Some(beam) = &mut self.beam {
            beam.kill();
        }
    }

    /// Stops it in its tracks (SIGSTOP): connections stay open, nothing is answered.
    pub fn freeze(&mut self) {
        if let Some(beam) = &mut self.beam {
            beam.signal(Signal::STOP);
        }
    }

    /// Lets it go on after [`Node::freeze`].
    pub fn thaw(&mut self) {
        if let Some(beam) = &mut self.beam {
            beam.signal(Signal::CONT);
        }
    }

    /// Has it believe that its memory is used up, or no longer: publishing connections are blocked meanwhile.
    pub async fn set_memory_alarm(&self, on: bool) {
        let watermark = if on { "0.0000001".to_owned() } else { self.place.watermark.to_string() };
        self.ctl(&["set_vm_memory_high_watermark", &watermark]).await;
    }

    /// Asks `rabbitmqctl` and hands over what it printed.
    ///
    /// # Panics
    /// When it fails, or does not end within 60 seconds.
    pub async fn ctl(&self, arguments: &[&str]) -> String {
        let finished = run(self.place.command("rabbitmqctl").arg("-q").args(arguments), STOP).await;
        assert!(
            finished.status.success(),
            "rabbitmqctl {arguments:?}: {}{}",
            finished.stdout,
            finished.stderr
        );
        finished.stdout
    }

    /// How many messages each queue holds at this moment, those included that are handed out and not acknowledged.
    ///
    /// # Panics
    /// When a queue does not say so within 30 seconds.
    pub async fn queue_depths(&self) -> BTreeMap<String, u64> {
        let all_answer = async || {
            let printed = self.ctl(&["eval", DEPTHS]).await;
            let digits: Vec<u8> = printed.bytes().filter(u8::is_ascii_hexdigit).collect();
            let digits =
                digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap());
            let depths: BTreeMap<String, Option<u64>> = serde_json::from_slice(&digits.collect::<Vec<_>>())
                .unwrap_or_else(|error| panic!("{error}: {printed}"));
            depths.into_iter().map(|(queue, depth)| Some((queue, depth?))).collect()
        };
        wait_for("every queue says what it holds", Duration::from_secs(30), all_answer).await
    }

    /// The end of what it printed and logged.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let folder = self.place.folder.path();
        let log = folder.join(format!("log/{}.log", self.place.name));
        format!("{}\n{}", tail(&folder.join("printed"), 30), tail(&log, 60))
    }
}

impl Place {
    /// Writes its settings.
    fn furnish(&self, options: &NodeOptions) {
        let folder = self.folder.path();
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        write(".erlang.cookie", &Uuid::new_v4().simple().to_string());
        // Erlang refuses a cookie that others may read.
        fs::set_permissions(folder.join(".erlang.cookie"), Permissions::from_mode(0o400)).unwrap();
        write("enabled_plugins", "[].\n");
        write("environment", "");
        let mut settings = format!(
            "listeners.tcp.1 = 127.0.0.1:{}\nvm_memory_high_watermark.relative = {}\n\
             disk_free_limit.absolute = 1MB\nraft.wal_max_size_bytes = 67108864\nlog.file.level = info\n",
            self.amqp, self.watermark
        );
        if let Some(ms) = options.consumer_timeout_ms {
            settings += &format!("consumer_timeout = {ms}\n");
            // How often a channel looks at the time has no name in the other file.
            write(
                "advanced.config",
                &format!("[{{rabbit, [{{channel_tick_interval, {}}}]}}].\n", ms.div_ceil(4)),
            );
        }
        write("rabbitmq.conf", &settings);
    }

    /// One of its programs, in an environment that holds only what is said here.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let folder = self.folder.path();
        let path = |name: &str| folder.join(name);
        let mut command = Command::new(self.programs.join(program));
        #[expect(clippy::disallowed_methods, reason = "tests have no settings")]
        let search = std::env::var("PATH").unwrap_or_default();
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", search)
            .env("LANG", "C.UTF-8")
            .env("HOME", folder)
            .env("ERL_EPMD_PORT", self.epmd.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("ERL_CRASH_DUMP_SECONDS", "0")
            .env("RABBITMQ_NODENAME", &self.name)
            .env("RABBITMQ_DIST_PORT", self.distribution.to_string())
            // Whatever port is free: several may run at once.
            .env("RABBITMQ_CTL_DIST_PORT_MIN", "0")
            .env("RABBITMQ_CTL_DIST_PORT_MAX", "0")
            .env("RABBITMQ_CTL_ERL_ARGS", format!("+S 1:1 {LOOPBACK}"))
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", format!("+S 2:2 +SDio 4 +sbwt none {LOOPBACK}"))
            .env("RABBITMQ_CONF_ENV_FILE", path("environment"))
            .env("RABBITMQ_CONFIG_FILE", path("rabbitmq.conf"))
            .env("RABBITMQ_CONFIG_FILES", path("conf.d/*.conf"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", path("advanced.config"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins"))
            .env("RABBITMQ_MNESIA_BASE", path("data"))
            .env("RABBITMQ_LOG_BASE", path("log"))
            .env("RABBITMQ_GENERATED_CONFIG_DIR", path("generated"))
            .env("RABBITMQ_PID_FILE", path("pid"));
        command
    }

    /// Erlang would start a name service by itself, which would stay for ever.
    async fn start_epmd(&self) -> Owned {
        let programs =
            folder_of("epmd", &["/usr/lib/erlang/erts-*/bin"]).expect("epmd is missing: install Erlang");
        let mut command = self.command(programs.join("epmd"));
        command.args(["-port", &self.epmd.to_string(), "-address", "127.0.0.1"]);
        let mut epmd = Owned::start(quiet(&mut command), None);
        let listens = answer(START, async || match epmd.ended() {
            Some(status) => Some(Err(status)),
            None => TcpStream::connect(("127.0.0.1", self.epmd)).is_ok().then_some(Ok(())),
        });
        match listens.await {
            Some(Ok(())) => epmd,
            ended => panic!("epmd does not listen on port {}: {ended:?}", self.epmd),
        }
    }

    fn start_beam(&self) -> Owned {
        let folder = self.folder.path();
        let printed = File::options().append(true).create(true).open(folder.join("printed")).unwrap();
        let mut command = self.command("rabbitmq-server");
        // Its script then becomes the Erlang machine instead of watching over it: signals reach the one that they are meant for.
        command.env("RUNNING_UNDER_SYSTEMD", "true");
        command.stdin(Stdio::null()).stdout(printed.try_clone().unwrap()).stderr(printed);
        Owned::start(&mut command, Some(folder))
    }
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}
