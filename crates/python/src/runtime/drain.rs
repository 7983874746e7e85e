//! When tasks are polled: after the poll of a coroutine, in a callback of the loop, or in a turn of it that was asked
//! for; never within a wake.

use super::graveyard;
use super::home::Home;
use crate::awaitable::{ending, in_place, wait};
use crate::errors;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long tasks may keep the loop.
const SLICE: Duration = Duration::from_micros(2500);

thread_local! {
    /// Whether somebody on this thread will drain the homes that are called for.
    static ATTENDED: Cell<bool> = const { Cell::new(false) };
    static CALLED: RefCell<Vec<Arc<Home>>> = const { RefCell::new(Vec::new()) };
}

/// Runs this; whether it made tasks ready, which [`serve`] polls.
pub fn collect<T>(work: impl FnOnce() -> T) -> (T, bool) {
    struct Back(bool);
    impl Drop for Back {
        fn drop(&mut self) {
            ATTENDED.set(self.0);
        }
    }
    let back = Back(ATTENDED.replace(true));
    let result = work();
    drop(back);
    (result, CALLED.with_borrow(|called| !called.is_empty()))
}

/// Polls the tasks that were made ready on this thread.
pub fn serve(py: Python<'_>) {
    while let Some(home) = CALLED.with_borrow_mut(Vec::pop) {
        if home.is_served_here(py) {
            drain(py, &home);
        } else {
            ask(py, &home);
        }
    }
    graveyard::clear();
}

/// Polls the tasks of the loop that runs here, also those that let it run first: it stands still. Or those of the future that
/// is driven here without a loop.
pub fn serve_in_place(py: Python<'_>) {
    if let Ok(home) = Home::here(py) {
        home.begin_turn();
        drain(py, &home);
    }
    serve(py);
}

/// A task was queued.
pub(super) fn call_for(home: &Arc<Home>, later: bool) {
    if ATTENDED.get() && !later {
        CALLED.with_borrow_mut(|called| {
            if !called.iter().any(|known| Arc::ptr_eq(known, home)) {
                called.push(home.clone());
            }
        });
    } else if !home.asked.load(Ordering::Acquire) {
        ending::unless_ending(|py| ask(py, home));
    }
}

/// Asks the loop for a turn.
fn ask(py: Python<'_>, home: &Arc<Home>) {
    // Without a loop, whoever drives the future looks by itself.
    if !home.has_loop() || home.asked.swap(true, Ordering::AcqRel) {
        return;
    }
    errors::aside(py, || {
        if schedule(py, home).is_err() {
            // Closed, or freed. The flag stays set: there is no reason to ask again.
            graveyard::bury(py, home);
        }
    });
}

fn schedule(py: Python<'_>, home: &Arc<Home>) -> PyResult<()> {
    // The turn is nobody's: it must not keep the context of the request that happened to ask.
    let context = PyDict::new(py);
    context.set_item(pyo3::intern!(py, "context"), empty_context(py)?)?;
    let (event_loop, method) = match home.running(py) {
        Some(event_loop) => (event_loop, pyo3::intern!(py, "call_soon")),
        None => match home.event_loop(py) {
            Some(event_loop) => (event_loop, pyo3::intern!(py, "call_soon_threadsafe")),
            None => return Err(pyo3::exceptions::PyRuntimeError::new_err("the event loop is gone")),
        },
    };
    event_loop.call_method(method, (Turn(home.clone()),), Some(&context)).map(drop)
}

/// A context without variables.
pub(super) fn empty_context(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static CONTEXT: pyo3::sync::PyOnceLock<Py<PyAny>> = pyo3::sync::PyOnceLock::new();
    CONTEXT.import(py, "contextvars", "Context")?.call0()
}

#[pyclass(frozen)]
struct Turn(Arc<Home>);

#[pymethods]
impl Turn {
    fn __call__(&self, py: Python<'_>) {
        self.0.asked.store(false, Ordering::Release);
        wait::resumed(py, || turn(py, &self.0));
    }
}

/// Polls the tasks of a loop in a turn of its own.
pub(super) fn turn(py: Python<'_>, home: &Arc<Home>) {
    home.begin_turn();
    drain(py, home);
    serve(py);
}

/// Polls tasks until none is ready, or the loop should run.
fn drain(py: Python<'_>, home: &Arc<Home>) {
    let mut begun = None;
    while let Some(task) = home.pop() {
        // A task is no part of a future that is driven in place: it may wait.
        in_place::elsewhere(|| collect(|| task.poll()));
        if begun.get_or_insert_with(Instant::now).elapsed() > SLICE {
            ask(py, home);
            break;
        }
    }
    CALLED.with_borrow_mut(|called| called.retain(|known| !Arc::ptr_eq(known, home)));
}
