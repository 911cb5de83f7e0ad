//! The wish to stop, as a signal brings it.

use std::io;
use tokio::runtime::Builder;
use tokio::sync::watch;

/// Turns true at the first Ctrl-C (or SIGTERM): take nothing new and finish what has begun. The second one ends the process
/// at once, with exit code 130. It listens on a thread of its own, so that it answers however busy the process is.
///
/// # Errors
/// When the system refuses the thread or the signal handlers.
pub fn on_signal() -> io::Result<watch::Receiver<bool>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut signals = {
        let _entered = runtime.enter();
        Signals::listen()?
    };
    let (stop, stopped) = watch::channel(false);
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            signals.next().await;
            stop.send_replace(true);
            signals.next().await;
            std::process::exit(130)
        })
    })?;
    Ok(stopped)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
