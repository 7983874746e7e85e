//! Wakes a coroutine: resolves the asyncio future that it yielded.
//!
//! On the loop's own thread the future is resolved directly, from another one through `call_soon_threadsafe`. A wake
//! that comes while the coroutine is being polled is remembered; the coroutine then lets the loop run once.

use super::ending;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Wake;
use std::thread::ThreadId;

pub struct LoopWaker {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    woken: bool,
    waiting: Option<Waiting>,
}

struct Waiting {
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
    thread: ThreadId,
}

/// What a pending coroutine yields.
pub enum Suspension {
    /// It was woken meanwhile: let the loop run once.
    Awake,
    /// Wait for this future.
    Waits(Py<PyAny>),
}

impl LoopWaker {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State::default()) })
    }

    /// Before a poll: wakes from now on count.
    pub fn arm(&self) {
        *self.lock() = State::default();
    }

    /// Whether it was woken since it was armed.
    pub fn is_woken(&self) -> bool {
        self.lock().woken
    }

    /// After a poll that is pending.
    pub fn suspend(&self, py: Python<'_>) -> PyResult<Suspension> {
        if self.lock().woken {
            return Ok(Suspension::Awake);
        }
        let event_loop = running_loop(py)?;
        let future = event_loop.call_method0(pyo3::intern!(py, "create_future"))?;
        future.setattr(pyo3::intern!(py, "_asyncio_future_blocking"), true)?;
        let thread = std::thread::current().id();
        let waiting = Waiting { event_loop: event_loop.unbind(), future: future.clone().unbind(), thread };
        let mut state = self.lock();
        if state.woken {
            // Woken between the two looks: the future is not needed.
            return Ok(Suspension::Awake);
        }
        state.waiting = Some(waiting);
        Ok(Suspension::Waits(future.unbind()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for LoopWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let waiting = {
            let mut state = self.lock();
            state.woken = true;
            state.waiting.take()
        };
        // The lock is free again: whoever holds the interpreter may take it meanwhile.
        if let Some(waiting) = waiting {
            ending::unless_ending(|py| waiting.resolve(py));
        }
    }
}

impl Waiting {
    fn resolve(self, py: Python<'_>) {
        let result = if self.thread == std::thread::current().id() {
            set_result(self.future.bind(py))
        } else {
            resolver(py).and_then(|resolver| {
                let call = pyo3::intern!(py, "call_soon_threadsafe");
                self.event_loop.bind(py).call_method1(call, (resolver, self.future)).map(drop)
            })
        };
        // The loop was closed: nobody waits any more.
        drop(result);
    }
}

fn set_result(future: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = future.py();
    if !future.call_method0(pyo3::intern!(py, "done"))?.is_truthy()? {
        future.call_method1(pyo3::intern!(py, "set_result"), (py.None(),))?;
    }
    Ok(())
}

#[pyfunction]
fn resolve_future(future: &Bound<'_, PyAny>) -> PyResult<()> {
    set_result(future)
}

fn resolver(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static RESOLVER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let resolver = RESOLVER
        .get_or_try_init(py, || Ok::<_, PyErr>(wrap_pyfunction!(resolve_future, py)?.into_any().unbind()))?;
    Ok(resolver.bind(py).clone())
}

/// The event loop that runs on this thread.
pub fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static GET: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    GET.import(py, "asyncio", "get_running_loop")?.call0()
}
