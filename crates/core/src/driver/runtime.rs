//! What the engine and the drivers need from the world around their futures.

use super::Opened;
use std::future::{Future, poll_fn};
use std::io;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant};

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Given at `Database::connect`: tokio in the Rust face, the asyncio loop in the Python face. Reprieve's futures
/// spawn nothing and assume no reactor; whatever needs one is asked for here.
pub trait Runtime: Send + Sync + 'static {
    /// Runs a job that may block on another thread. MUST NOT run it on the calling thread, and MUST NOT wait for
    /// it. A job MUST be run sometime, even when nobody waits for its result any more.
    fn spawn_blocking(&self, job: Box<dyn FnOnce() + Send>);

    /// Completes after this time. Polled on the thread that polls the engine's future.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Lets other tasks of the thread run before the caller goes on.
    fn yield_now(&self) -> BoxFuture<'static, ()>;

    /// Polls a task until it is done, on the thread (and the loop) that polls the caller. Nobody waits for it: it is a
    /// connection that a driver keeps going, or a request that a cancelled statement be stopped.
    fn spawn(&self, task: BoxFuture<'static, ()>);

    /// Opens a stream of bytes to a server. Looking a name up MUST NOT block the calling thread. A stream MUST be used
    /// in the [place](Self::place) where it was opened.
    fn open(&self, endpoint: Endpoint) -> BoxFuture<'static, io::Result<Opened>>;

    /// Where the calling future is polled. Streams belong to one event loop; a connection is used in no other place
    /// than the one it was opened in.
    fn place(&self) -> u64 {
        0
    }

    /// Whether that place ends with the calling future: what is opened there is of no use to anybody afterwards.
    fn is_passing(&self) -> bool {
        false
    }

    /// Drops what futures of an ended place still hold, such as those of an event loop that was closed. The engine calls
    /// it before a future waits for what others hold. Returns how long the future may wait before the next call; `None`
    /// when no place ends unnoticed.
    fn let_go_of_ended_places(&self) -> Option<Duration> {
        None
    }

    /// A number that changes when the process forks: connections of the parent are refused in the child, and are
    /// neither used nor closed there.
    fn process_epoch(&self) -> u64;

    /// Whether a future may wait for what others hold: a connection, the turn to write, a lock. A face that drives a
    /// future to its end in place answers no meanwhile, because whoever would let go may be a task of that very
    /// thread. What would have to wait then MUST fail at once with [`Kind::Timeout`](crate::error::Kind::Timeout),
    /// having done nothing. Waiting for work of the future's own (a job on another thread, a slice of rows) is
    /// always allowed.
    fn may_wait(&self) -> bool {
        true
    }
}

/// Waits for what others hold, and no longer than that; `None` when the time is over.
pub async fn wait_for<T>(
    what: impl Future<Output = T> + Send,
    patience: Duration,
    runtime: &dyn Runtime,
) -> Option<T> {
    let mut what = pin!(what);
    let end = Instant::now().checked_add(patience);
    loop {
        // Whoever holds it may never go on.
        let look = runtime.let_go_of_ended_places();
        let left = end.map_or(patience, |end| end.saturating_duration_since(Instant::now()));
        let mut sleep = runtime.sleep(look.map_or(left, |look| look.min(left)));
        let come = poll_fn(|cx| match what.as_mut().poll(cx) {
            Poll::Ready(come) => Poll::Ready(Some(come)),
            Poll::Pending => sleep.as_mut().poll(cx).map(|()| None),
        });
        let come = come.await;
        if come.is_some() || look.is_none() || left.is_zero() {
            return come;
        }
    }
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A TCP port; delays for small packets are switched off.
    Tcp {
        /// A name or an address.
        host: String,
        /// The port.
        port: u16,
        /// After how long without a packet the system asks whether the other side is there; never, when `None`.
        keepalive: Option<Duration>,
    },
    /// A socket in the file system.
    Unix(PathBuf),
}
