//! What the engine and the drivers need from the world around their futures.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

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
