//! What a coroutine yields while it waits: to a task, a future.
//!
//! It is not `asyncio.Future`, because of how it ends. A future hands its callbacks to the loop, which comes to them in
//! its next turn, after asking the system once more for events. When a server's answer arrives, the loop is calling us
//! and no task is running: [`resumed`] runs the task in that very turn.

use super::waker::in_one_loop;
use pyo3::exceptions::asyncio::{CancelledError, InvalidStateError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{PyTraverseError, PyVisit};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long tasks may keep the loop that are run in one callback.
const SLICE: Duration = Duration::from_micros(2500);

/// Tasks of this loop wait for it. Its methods are those of `asyncio.Future` that a task calls.
#[pyclass(frozen, module = "fastapi_orm._engine", weakref)]
pub struct Wait {
    event_loop: Py<PyAny>,
    /// A task that was yielded this has to wait; it takes the mark away when it has seen it.
    blocking: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    end: Option<End>,
    callbacks: Vec<Callback>,
}

enum End {
    Over,
    Cancelled(Option<Py<PyAny>>),
}

/// A function, and the context in which it runs.
struct Callback(Py<PyAny>, Option<Py<PyAny>>);

thread_local! {
    /// What was woken in the callback of the loop that runs on this thread; `None` when none does, or a task runs in it.
    static WOKEN: RefCell<Option<Vec<Py<Wait>>>> = const { RefCell::new(None) };
}

/// Does the work of a callback of the loop, then runs the tasks that it woke.
pub fn resumed(py: Python<'_>, work: impl FnOnce()) {
    let before = WOKEN.replace(Some(Vec::new()));
    in_one_loop(work);
    let woken = WOKEN.replace(before).unwrap_or_default();
    let mut goes_on = true;
    let mut begun = None;
    for wait in woken {
        let wait = wait.bind(py);
        goes_on = goes_on && begun.get_or_insert_with(Instant::now).elapsed() <= SLICE;
        goes_on &= wait.get().end(wait, goes_on);
    }
}

impl Wait {
    pub fn new(event_loop: Bound<'_, PyAny>) -> Self {
        Self { event_loop: event_loop.unbind(), blocking: AtomicBool::new(true), state: Mutex::default() }
    }

    /// It is over. On the loop's thread.
    pub fn wake(slf: &Bound<'_, Self>) {
        let is_resumed = WOKEN
            .with_borrow_mut(|woken| woken.as_mut().map(|woken| woken.push(slf.clone().unbind())).is_some());
        if !is_resumed {
            slf.get().end(slf, false);
        }
    }

    /// It is over. From any thread; an error when the loop is closed.
    pub fn wake_from_afar(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let call = pyo3::intern!(py, "call_soon_threadsafe");
        let end = Over(slf.clone().unbind());
        slf.get().event_loop.bind(py).call_method1(call, (end,)).map(drop)
    }

    /// Nobody will end it: what waits for it is let go.
    pub fn give_up(&self) {
        // A task and what it waits for hold each other.
        let callbacks = std::mem::take(&mut self.state().callbacks);
        drop(callbacks);
    }

    /// Ends it, and calls back: now, in this turn of the loop, or in its next. Whether nothing was raised.
    fn end(&self, slf: &Bound<'_, Self>, now: bool) -> bool {
        let callbacks = {
            let mut state = self.state();
            if state.end.is_some() {
                return true;
            }
            state.end = Some(End::Over);
            std::mem::take(&mut state.callbacks)
        };
        match self.call(slf, callbacks, now) {
            Ok(()) => true,
            Err(error) => {
                // A task raises what stops the loop: control-C. Loops do not all let it pass in every callback, but they do
                // in those that they were asked for. A closed loop refuses, and has nobody left who waits.
                let stop = Stop(Mutex::new(Some(error)));
                let call = pyo3::intern!(slf.py(), "call_soon");
                let _ = self.event_loop.bind(slf.py()).call_method1(call, (stop,));
                false
            }
        }
    }

    /// Calls back. An error keeps no other callback from being called.
    fn call(&self, slf: &Bound<'_, Self>, callbacks: Vec<Callback>, mut now: bool) -> PyResult<()> {
        let py = slf.py();
        let mut called = Ok(());
        for Callback(function, context) in callbacks {
            if !now {
                self.call_soon(slf, function, context)?;
                continue;
            }
            called = match context {
                Some(context) => {
                    context.bind(py).call_method1(pyo3::intern!(py, "run"), (function, slf)).map(drop)
                }
                None => function.bind(py).call1((slf,)).map(drop),
            };
            now = called.is_ok();
        }
        called
    }

    fn call_soon(
        &self,
        slf: &Bound<'_, Self>,
        function: Py<PyAny>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let py = slf.py();
        let arguments = PyDict::new(py);
        arguments.set_item(pyo3::intern!(py, "context"), context)?;
        let call = pyo3::intern!(py, "call_soon");
        self.event_loop.bind(py).call_method(call, (function, slf), Some(&arguments)).map(drop)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Wait {
    #[getter(_asyncio_future_blocking)]
    fn blocking(&self) -> bool {
        self.blocking.load(Ordering::Relaxed)
    }

    #[setter(_asyncio_future_blocking)]
    fn set_blocking(&self, blocking: bool) {
        self.blocking.store(blocking, Ordering::Relaxed);
    }

    fn get_loop(&self, py: Python<'_>) -> Py<PyAny> {
        self.event_loop.clone_ref(py)
    }

    #[pyo3(signature = (function, /, *, context=None))]
    fn add_done_callback(
        slf: &Bound<'_, Self>,
        function: Py<PyAny>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let wait = slf.get();
        let mut state = wait.state();
        if state.end.is_some() {
            drop(state);
            return wait.call_soon(slf, function, context);
        }
        state.callbacks.push(Callback(function, context));
        Ok(())
    }

    fn remove_done_callback(&self, function: &Bound<'_, PyAny>) -> PyResult<usize> {
        let callbacks = std::mem::take(&mut self.state().callbacks);
        let mut kept = Vec::new();
        let mut removed = 0;
        for callback in callbacks {
            // Compared without the lock: it is Python's to say what is equal.
            if function.eq(&callback.0)? {
                removed += 1;
            } else {
                kept.push(callback);
            }
        }
        self.state().callbacks.extend(kept);
        Ok(removed)
    }

    #[pyo3(signature = (msg=None))]
    fn cancel(slf: &Bound<'_, Self>, msg: Option<Py<PyAny>>) -> PyResult<bool> {
        let wait = slf.get();
        let callbacks = {
            let mut state = wait.state();
            if state.end.is_some() {
                return Ok(false);
            }
            state.end = Some(End::Cancelled(msg));
            std::mem::take(&mut state.callbacks)
        };
        wait.call(slf, callbacks, false)?;
        Ok(true)
    }

    fn done(&self) -> bool {
        self.state().end.is_some()
    }

    fn cancelled(&self) -> bool {
        matches!(self.state().end, Some(End::Cancelled(_)))
    }

    fn result(&self, py: Python<'_>) -> PyResult<()> {
        match &self.state().end {
            Some(End::Over) => Ok(()),
            Some(End::Cancelled(None)) => Err(CancelledError::new_err(())),
            Some(End::Cancelled(Some(message))) => Err(CancelledError::new_err((message.clone_ref(py),))),
            None => Err(InvalidStateError::new_err("Result is not set.")),
        }
    }

    fn exception(&self, py: Python<'_>) -> PyResult<()> {
        self.result(py)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.event_loop)?;
        let Ok(state) = self.state.try_lock() else { return Ok(()) };
        if let Some(End::Cancelled(message)) = &state.end {
            visit.call(message)?;
        }
        state.callbacks.iter().try_for_each(|Callback(function, context)| {
            visit.call(function)?;
            visit.call(context)
        })
    }

    fn __clear__(&self) {
        self.give_up();
    }
}

/// Called by the loop when another thread has ended a wait.
#[pyclass(frozen)]
struct Over(Py<Wait>);

#[pymethods]
impl Over {
    fn __call__(&self, py: Python<'_>) {
        let wait = self.0.bind(py);
        wait.get().end(wait, true);
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.0)
    }
}

/// Raises in the loop what a task raised to stop it.
#[pyclass(frozen)]
struct Stop(Mutex<Option<PyErr>>);

#[pymethods]
impl Stop {
    fn __call__(&self) -> PyResult<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}
