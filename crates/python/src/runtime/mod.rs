//! What the engine asks of the world, answered by the event loop and a few threads of the database's own.

pub mod busy_poll;
pub mod drain;
pub mod graveyard;
pub mod home;
pub mod last_turns;
mod sleep;
pub mod stream;
mod task;
mod threads;
mod yielding;

use crate::awaitable::in_place;
use home::Home;
use pyo3::prelude::*;
use reprieve_core::driver::{BoxFuture, Endpoint, Opened, Runtime};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use threads::Threads;
pub use yielding::Yield;

/// How often this process forked since the library was loaded. It tells a child that connections are its parent's.
static FORKS: AtomicU64 = AtomicU64::new(0);

/// The runtime of one database.
pub struct LoopRuntime {
    threads: Threads,
    busy_poll: bool,
}

impl LoopRuntime {
    /// Whether answers of a server may be looked for instead of waited for, see [`busy_poll`].
    pub fn new(busy_poll: bool) -> Self {
        Self { threads: Threads::default(), busy_poll }
    }
}

impl Runtime for LoopRuntime {
    fn spawn_blocking(&self, job: Box<dyn FnOnce() + Send>) {
        self.threads.run(job);
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(sleep::Sleep::new(duration))
    }

    fn yield_now(&self) -> BoxFuture<'static, ()> {
        Box::pin(Yield::default())
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        match Python::attach(Home::here) {
            Ok(home) => home.spawn(task),
            // Where nothing is driven: what the task holds is closed.
            Err(_) => drop(task),
        }
    }

    fn open(&self, endpoint: Endpoint) -> BoxFuture<'static, io::Result<Opened>> {
        Box::pin(stream::open(self.threads.clone(), endpoint, self.busy_poll))
    }

    fn place(&self) -> u64 {
        Python::attach(Home::here).map_or(0, |home| home.number)
    }

    fn is_passing(&self) -> bool {
        in_place::is_without_loop()
    }

    fn let_go_of_ended_places(&self) -> Option<Duration> {
        Python::attach(graveyard::look);
        Some(graveyard::PERIOD)
    }

    fn process_epoch(&self) -> u64 {
        fork_epoch()
    }

    fn may_wait(&self) -> bool {
        in_place::may_wait()
    }
}

/// How often this process forked.
fn fork_epoch() -> u64 {
    FORKS.load(Ordering::Relaxed)
}

#[pyfunction]
fn forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
    crate::awaitable::ending::forked();
}

/// Counts forks from now on. Processes are forked through `os.fork` in Python.
pub fn watch_forks(py: Python<'_>) -> PyResult<()> {
    let os = py.import("os")?;
    if !os.hasattr("register_at_fork")? {
        return Ok(());
    }
    let arguments = pyo3::types::PyDict::new(py);
    arguments.set_item("after_in_child", wrap_pyfunction!(forked, py)?)?;
    os.call_method("register_at_fork", (), Some(&arguments)).map(drop)
}
