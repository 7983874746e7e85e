//! Loops that run while the interpreter ends, in handlers of `atexit` that were registered before this library was
//! loaded.
//!
//! None of our own threads may ask for the interpreter any more. What one of them has for a loop it notes at the loop's
//! home, and the loop looks there by its own timer for as long as a task waits.

use super::drain;
use super::home::Home;
use crate::awaitable::wait::{self, Wait};
use pyo3::prelude::*;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Between two looks, in seconds.
const PERIOD: f64 = 0.001;

/// Lets all loops look that may still run.
pub fn begin_all(py: Python<'_>) {
    for home in Home::all() {
        if let Some(event_loop) = home.event_loop(py)
            && !home.looks.swap(true, Ordering::AcqRel)
        {
            // A closed loop refuses, and no task of it waits any more.
            let _ = event_loop.call_method1(pyo3::intern!(py, "call_soon_threadsafe"), (Look(home.clone()),));
        }
    }
}

/// Lets a loop look, on its own thread.
pub fn begin(py: Python<'_>, home: &Arc<Home>) -> PyResult<()> {
    match home.event_loop(py) {
        Some(event_loop) if !home.looks.swap(true, Ordering::AcqRel) => {
            let look = (PERIOD, Look(home.clone()));
            event_loop.call_method1(pyo3::intern!(py, "call_later"), look).map(drop)
        }
        _ => Ok(()),
    }
}

#[pyclass(frozen)]
struct Look(Arc<Home>);

#[pymethods]
impl Look {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let home = &self.0;
        wait::resumed(py, || {
            for woken in home.take_noted_waits() {
                Wait::wake(woken.bind(py));
            }
            drain::turn(py, home);
        });
        home.looks.store(false, Ordering::Release);
        if home.is_waited_for() { begin(py, home) } else { Ok(()) }
    }
}
