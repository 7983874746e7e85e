//! The event loop watches a socket, by `add_reader` and `add_writer`; where it cannot, a thread does.

use super::source::Source;
use super::watcher::Watcher;
use crate::awaitable::{ending, wait};
use crate::errors;
use crate::runtime::drain;
use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::*;
use std::io::{Error, Result};
use std::sync::Arc;

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    Read,
    Write,
}

/// Asks the loop to watch. On its own thread.
pub(super) fn begin(source: &Arc<Source>, direction: Direction) -> Result<()> {
    let home = source.home();
    if !home.has_loop() {
        // Whoever drives the future waits for its sockets.
        return Ok(());
    }
    if let Some(watcher) = home.watcher().get() {
        return watcher.watch(source, direction);
    }
    Python::attach(|py| {
        let event_loop = home.running(py).ok_or_else(|| {
            Error::other("the connection belongs to another event loop than the one that runs here")
        })?;
        let method = match direction {
            Direction::Read => pyo3::intern!(py, "add_reader"),
            Direction::Write => pyo3::intern!(py, "add_writer"),
        };
        match add(&event_loop, method, source, direction) {
            Ok(()) => Ok(()),
            Err(error) if error.is_instance_of::<PyNotImplementedError>(py) => {
                let watcher = Watcher::new()?;
                home.watcher().get_or_init(|| watcher).watch(source, direction)
            }
            Err(error) => {
                Err(Error::other(format!("the event loop does not watch the connection's socket: {error}")))
            }
        }
    })
}

fn add(
    event_loop: &Bound<'_, PyAny>,
    method: &Bound<'_, pyo3::types::PyString>,
    source: &Arc<Source>,
    direction: Direction,
) -> PyResult<()> {
    let py = event_loop.py();
    let ready = Ready { source: source.clone(), direction, is_once: false };
    // The loop remembers the context, and that of a request would be kept as long as the connection.
    let context = drain::empty_context(py)?;
    let add = event_loop.getattr(method)?;
    #[cfg(target_os = "linux")]
    source.lookout.prepare(event_loop, source.socket(), direction)?;
    context.call_method1(pyo3::intern!(py, "run"), (add, descriptor(source, direction), ready)).map(drop)
}

/// The loop has to forget a socket. A closed loop has forgotten it, and a parent's loop is left alone: what watches
/// sockets there is shared with this process.
pub(super) fn end(source: &Arc<Source>, read: bool, write: bool) {
    if !source.is_of_this_process() {
        return;
    }
    if let Some(watcher) = source.home().watcher().get() {
        return watcher.leave(source);
    }
    if !source.home().is_here_to_stay() {
        return;
    }
    ending::unless_ending(|py| {
        let leaving = Leaving { source: source.clone(), read, write };
        errors::aside(py, || match source.home().running(py) {
            Some(event_loop) => leaving.remove(&event_loop),
            None => {
                if let Some(event_loop) = source.home().event_loop(py) {
                    let call = pyo3::intern!(py, "call_soon_threadsafe");
                    // Closed: there is nothing to forget.
                    let _ = event_loop.call_method1(call, (leaving,));
                }
            }
        });
    });
}

/// What the loop calls when a socket is ready.
#[pyclass(frozen)]
pub(super) struct Ready {
    source: Arc<Source>,
    direction: Direction,
    /// The watcher tells, which has stopped watching.
    is_once: bool,
}

impl Ready {
    /// What is called once.
    pub(super) fn once(source: Arc<Source>, direction: Direction) -> Self {
        Self { source, direction, is_once: true }
    }
}

#[pymethods]
impl Ready {
    fn __call__(&self, py: Python<'_>) {
        wait::resumed(py, || self.tell(py));
    }
}

impl Ready {
    fn tell(&self, py: Python<'_>) {
        let source = &self.source;
        if self.is_once {
            source.unwatched(self.direction);
        }
        let (is_done, called) = drain::collect(|| match self.direction {
            // Bytes that nobody wants would call for ever.
            Direction::Read => !source.ready_to_read(),
            Direction::Write => {
                source.ready_to_write();
                true
            }
        });
        if is_done
            && !self.is_once
            && let Some(event_loop) = source.home().running(py)
        {
            source.unwatched(self.direction);
            let read = self.direction == Direction::Read;
            Leaving { source: source.clone(), read, write: !read }.remove(&event_loop);
        }
        if called {
            drain::serve(py);
        }
    }
}

/// Keeps the socket open until the loop has forgotten it: its number would else be another's.
#[pyclass(frozen)]
struct Leaving {
    source: Arc<Source>,
    read: bool,
    write: bool,
}

impl Leaving {
    fn remove(&self, event_loop: &Bound<'_, PyAny>) {
        let py = event_loop.py();
        // A loop that is being closed refuses; it has nothing to forget then.
        if self.read {
            let _ = event_loop.call_method1(
                pyo3::intern!(py, "remove_reader"),
                (descriptor(&self.source, Direction::Read),),
            );
        }
        if self.write {
            let _ = event_loop.call_method1(
                pyo3::intern!(py, "remove_writer"),
                (descriptor(&self.source, Direction::Write),),
            );
        }
    }
}

#[pymethods]
impl Leaving {
    fn __call__(&self, py: Python<'_>) {
        if let Some(event_loop) = self.source.home().running(py) {
            self.remove(&event_loop);
        }
    }
}

#[cfg(target_os = "linux")]
fn descriptor(source: &Source, direction: Direction) -> i32 {
    source.lookout.descriptor(source.socket(), direction)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn descriptor(source: &Source, _: Direction) -> i32 {
    std::os::fd::AsRawFd::as_raw_fd(source.socket())
}

#[cfg(not(unix))]
fn descriptor(source: &Source, _: Direction) -> u64 {
    std::os::windows::io::AsRawSocket::as_raw_socket(source.socket())
}
