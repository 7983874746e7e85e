//! Wakes a coroutine: ends the wait that it yielded.
//!
//! Where the loop runs that is done directly, elsewhere through `call_soon_threadsafe`. A wake that comes while the
//! coroutine is being polled is remembered; the coroutine then lets the loop run once.
//!
//! A waker may lie anywhere, such as in a thread, and holds no Python object: the loop's home holds what is waited for.

use super::ending;
use super::wait::Wait;
use crate::errors;
use crate::runtime::home::Home;
use crate::runtime::{graveyard, last_turns};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Wake;

pub struct LoopWaker {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    woken: bool,
    waiting: Option<Waiting>,
}

/// A wait that the loop's home holds. Dropped, it is given up.
struct Waiting {
    home: Arc<Home>,
    address: usize,
    is_over: bool,
}

impl Waiting {
    /// Ends the wait.
    fn end(mut self) {
        self.is_over = true;
        let told = ending::unless_ending(|py| {
            let Some(wait) = self.home.take_wait(self.address) else { return };
            // A session that ends wakes who waits for its turn.
            errors::aside(py, || {
                if self.home.running(py).is_some() {
                    Wait::wake(wait.bind(py));
                } else if Wait::wake_from_afar(wait.bind(py)).is_err() {
                    // The loop is closed. What the task holds must not be dropped here: it may be what wakes it.
                    self.home.hold_wait(wait);
                    graveyard::bury(py, &self.home);
                }
            });
        });
        if !told {
            self.home.note_wait(self.address);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.is_over {
            drop(self.home.take_wait(self.address));
        }
    }
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
        let home = Home::of_running_loop(py)?;
        let wait = Bound::new(py, Wait::new(running_loop(py)?))?;
        if ending::has_begun() {
            last_turns::begin(py, &home)?;
        }
        let address = home.hold_wait(wait.clone().unbind());
        let waiting = Waiting { home, address, is_over: false };
        let mut state = self.lock();
        if state.woken {
            // Woken between the two looks: there is nothing to wait for.
            drop(state);
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
        if let Some(waiting) = waiting {
            waiting.end();
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
