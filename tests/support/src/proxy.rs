//! What stands between a client and a server, for when the network is to blame.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

/// How long a server whose answer is to be lost is given to answer, and then to hang up.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What is lost of the exchange that a trap waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The client's bytes: the server does not get them.
    Question,
    /// The server's: it has had what the client sent and acted on it, and the client does not hear of it.
    Answer,
}

/// A connection on which the client sends certain bytes, the first such one, is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The bytes, 256 at most.
    pub bytes: Vec<u8>,
    /// What is lost with it.
    pub lost: Lost,
    /// Whether all others are cut with it and new ones refused, until [`Proxy::heal`].
    pub cuts_all: bool,
}

/// A trap that has been laid.
#[derive(Debug)]
pub struct Laid(oneshot::Receiver<()>);

impl Laid {
    /// Waits until it has caught a connection. Where the answer is lost, the server has given it by then.
    ///
    /// # Panics
    /// When it has not by the deadline.
    pub async fn caught(self, deadline: Duration) {
        let caught = timeout(deadline, self.0).await;
        assert!(matches!(caught, Ok(Ok(()))), "the trap has caught nothing within {deadline:?}");
    }
}

/// A proxy. It runs on the test's runtime; dropped, it is gone with all its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    orders: mpsc::Sender<(Order, oneshot::Sender<()>)>,
    trap: SharedTrap,
    task: JoinHandle<()>,
}

type SharedTrap = Arc<Mutex<Option<(Trap, oneshot::Sender<()>)>>>;

#[derive(Clone, Copy, Debug)]
enum Order {
    Cut,
    Heal,
    Stall,
}

impl Proxy {
    /// Starts one before a server, on a port of 127.0.0.1.
    ///
    /// # Panics
    /// When it gets no port.
    pub async fn start(server: SocketAddr) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], crate::process::free_port()));
        let listener = TcpListener::bind(address).await.unwrap();
        let (orders, received) = mpsc::channel(1);
        let trap = SharedTrap::default();
        let task = tokio::spawn(serve(listener, address, server, received, Arc::clone(&trap)));
        Self { address, orders, trap, task }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same address by way of the proxy: host and port are replaced.
    #[must_use]
    pub fn url(&self, direct: &str) -> String {
        let (scheme, rest) = direct.split_once("://").unwrap_or(("", direct));
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let user = authority.rsplit_once('@').map(|(user, _)| format!("{user}@")).unwrap_or_default();
        format!("{scheme}://{user}{}{path}", self.address)
    }

    /// Drops all connections and refuses new ones, until [`Proxy::heal`].
    pub async fn cut(&self) {
        self.order(Order::Cut).await;
    }

    /// Takes and makes connections, and passes on what stalled ones have to say.
    pub async fn heal(&self) {
        self.order(Order::Heal).await;
    }

    /// Keeps the connections there are and takes new ones, and passes nothing on, until [`Proxy::heal`].
    pub async fn stall(&self) {
        self.order(Order::Stall).await;
    }

    /// Lays a trap, in place of the one that there was.
    #[must_use]
    pub fn lay(&self, trap: Trap) -> Laid {
        assert!((1..=KEPT).contains(&trap.bytes.len()), "a trap waits for 1 to {KEPT} bytes");
        let (caught, laid) = oneshot::channel();
        *self.trap.lock().unwrap_or_else(PoisonError::into_inner) = Some((trap, caught));
        Laid(laid)
    }

    /// Cuts the first connection on which the client sends these bytes, right after the server has answered them.
    #[must_use]
    pub fn cut_after(&self, bytes: &[u8]) -> Laid {
        self.lay(Trap { bytes: bytes.to_vec(), lost: Lost::Answer, cuts_all: false })
    }

    /// Cuts the first connection on which the client sends these bytes, before the server gets them.
    #[must_use]
    pub fn cut_before(&self, bytes: &[u8]) -> Laid {
        self.lay(Trap { bytes: bytes.to_vec(), lost: Lost::Question, cuts_all: false })
    }

    async fn order(&self, order: Order) {
        let (done, obeyed) = oneshot::channel();
        self.orders.send((order, done)).await.unwrap();
        obeyed.await.unwrap();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection that ran into the trap: its client has been cut off, its server has not yet.
struct Catch {
    trap: Trap,
    caught: oneshot::Sender<()>,
    from_server: OwnedReadHalf,
    to_server: OwnedWriteHalf,
}

async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    server: SocketAddr,
    mut orders: mpsc::Receiver<(Order, oneshot::Sender<()>)>,
    trap: SharedTrap,
) {
    let mut open = Some(listener);
    let mut connections: JoinSet<Option<Catch>> = JoinSet::new();
    let mut last_words: JoinSet<()> = JoinSet::new();
    let (stalled, stall) = watch::channel(false);
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some((order, done)) = order else { return };
                match order {
                    Order::Cut => {
                        open = None;
                        connections.shutdown().await;
                    }
                    Order::Heal => {
                        if open.is_none() {
                            open = Some(TcpListener::bind(address).await.unwrap());
                        }
                        stalled.send_replace(false);
                    }
                    Order::Stall => {
                        stalled.send_replace(true);
                    }
                }
                // Whoever gave the order may have given it up.
                done.send(()).ok();
            }
            Some(client) = accept(open.as_ref()) => {
                connections.spawn(carry(client, server, stall.clone(), Arc::clone(&trap)));
            }
            Some(ended) = connections.join_next() => {
                let Some(catch) = ended.ok().flatten() else { continue };
                if catch.trap.cuts_all {
                    open = None;
                    connections.shutdown().await;
                }
                last_words.spawn(catch.end());
            }
            Some(_) = last_words.join_next() => {}
        }
    }
}

/// The next client; none while nobody may come.
async fn accept(listener: Option<&TcpListener>) -> Option<TcpStream> {
    listener?.accept().await.ok().map(|(client, _)| client)
}

/// Carries bytes to and fro until one side has ended, or the client has run into the trap.
async fn carry(
    client: TcpStream,
    server: SocketAddr,
    mut stall: watch::Receiver<bool>,
    trap: SharedTrap,
) -> Option<Catch> {
    flowing(&mut stall).await;
    // Where there is no server, the client finds its connection closed.
    let server = TcpStream::connect(server).await.ok()?;
    client.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut stall_back = stall.clone();
    let asked = tokio::select! {
        asked = pass(&mut from_client, &mut to_server, &mut stall, Some(&trap)) => asked,
        answered = pass(&mut from_server, &mut to_client, &mut stall_back, None) => answered,
    };
    let (trap, caught) = asked.ok().flatten()?;
    Some(Catch { trap, caught, from_server, to_server })
}

impl Catch {
    /// Lets the server finish where it has been asked, and tells whoever laid the trap.
    async fn end(mut self) {
        if self.trap.lost == Lost::Answer {
            let mut unheard = [0; 4096];
            timeout(LAST_WORDS, self.from_server.read(&mut unheard)).await.ok();
            self.to_server.shutdown().await.ok();
            let to_its_end =
                async { while self.from_server.read(&mut unheard).await.is_ok_and(|count| count > 0) {} };
            timeout(LAST_WORDS, to_its_end).await.ok();
        }
        self.caught.send(()).ok();
    }
}

/// Passes bytes on until there are no more, or some run into the trap.
async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    stall: &mut watch::Receiver<bool>,
    trap: Option<&SharedTrap>,
) -> io::Result<Option<(Trap, oneshot::Sender<()>)>> {
    let mut chunk = vec![0; 64 * 1024];
    // The end of what was passed on, as the bytes may be split over two chunks.
    let mut seen: Vec<u8> = Vec::new();
    loop {
        let count = from.read(&mut chunk).await?;
        if count == 0 {
            return Ok(None);
        }
        flowing(stall).await;
        let fresh = &chunk[..count];
        let caught = trap.and_then(|trap| {
            seen.extend_from_slice(fresh);
            let caught = spring(trap, &seen);
            seen.drain(..seen.len().saturating_sub(KEPT));
            caught
        });
        if caught.as_ref().is_none_or(|(trap, _)| trap.lost == Lost::Answer) {
            to.write_all(fresh).await?;
        }
        if caught.is_some() {
            return Ok(caught);
        }
    }
}

/// How many of the bytes that were passed on are kept to be looked at together with the next.
const KEPT: usize = 256;

/// Takes the trap away if it waits for something in these bytes.
fn spring(trap: &SharedTrap, bytes: &[u8]) -> Option<(Trap, oneshot::Sender<()>)> {
    let mut trap = trap.lock().unwrap_or_else(PoisonError::into_inner);
    trap.take_if(|(trap, _)| bytes.windows(trap.bytes.len()).any(|window| window == trap.bytes))
}

/// Waits until nothing is stalled.
async fn flowing(stall: &mut watch::Receiver<bool>) {
    // It ends with an error only when the proxy is gone, which ends this, too.
    stall.wait_for(|stalled| !stalled).await.ok();
}
