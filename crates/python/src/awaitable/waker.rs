//! Wakes a coroutine: ends the wait that it yielded.
//!
//! On the loop's own thread that is done directly, from another one through `call_soon_threadsafe`. A wake that comes
//! while the coroutine is being polled is remembered; the coroutine then lets the loop run once.

use super::ending;
use super::wait::Wait;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::cell::RefCell;
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
    wait: Py<Wait>,
    thread: ThreadId,
}

/// What a pending coroutine yields.
pub enum Suspension {
    /// It was woken meanwhile: let the loop run once.
    Awake,
    /// Wait for this.
    Waits(Py<PyAny>),
}

impl LoopWaker {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State::default()) })
    }

    /// Before a poll: wakes from now on count.
    pub fn arm(&self) {
        let before = std::mem::take(&mut *self.lock());
        drop(before);
    }

    /// Whether it was woken since it was armed.
    pub fn is_woken(&self) -> bool {
        self.lock().woken
    }

    /// After a poll that is pending.
    pub fn suspend(&self, py: Python<'_>) -> PyResult<Suspension> {
        if self.is_woken() {
            return Ok(Suspension::Awake);
        }
        let wait = Bound::new(py, Wait::new(running_loop(py)?))?;
        let waiting = Waiting { wait: wait.clone().unbind(), thread: std::thread::current().id() };
        let mut state = self.lock();
        if state.woken {
            // Woken between the two looks: there is nothing to wait for.
            return Ok(Suspension::Awake);
        }
        state.waiting = Some(waiting);
        Ok(Suspension::Waits(wait.into_any().unbind()))
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
        if let Some(Waiting { wait, thread }) = waiting {
            ending::unless_ending(|py| {
                if thread == std::thread::current().id() {
                    Wait::wake(wait.bind(py));
                } else {
                    Wait::wake_from_afar(wait.bind(py));
                }
            });
        }
    }
}

thread_local! {
    /// The running loop, once it was asked for: while a step or a callback of the loop runs, no other can.
    static RUNNING: RefCell<Option<Option<Py<PyAny>>>> = const { RefCell::new(None) };
}

/// Runs a step of a coroutine or a callback of the loop. asyncio is asked at most once for the loop meanwhile; on some
/// versions it asks the system for the process each time.
pub fn in_one_loop<T>(work: impl FnOnce() -> T) -> T {
    struct Back(Option<Option<Py<PyAny>>>);
    impl Drop for Back {
        fn drop(&mut self) {
            let over = RUNNING.replace(self.0.take());
            drop(over);
        }
    }
    let _back = Back(RUNNING.replace(Some(None)));
    work()
}

/// The event loop that runs on this thread.
pub fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static GET: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let known = RUNNING.with_borrow(|running| Some(running.as_ref()?.as_ref()?.bind(py).clone()));
    if let Some(known) = known {
        return Ok(known);
    }
    let event_loop = GET.import(py, "asyncio", "get_running_loop")?.call0()?;
    RUNNING.with_borrow_mut(|running| {
        if let Some(running) = running {
            *running = Some(event_loop.clone().unbind());
        }
    });
    Ok(event_loop)
}
