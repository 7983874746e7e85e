//! Turns of the event loop: calls that are done at once never give the loop a chance to run.
//!
//! A task that makes many of them in a row would keep all other tasks waiting. So the first call of a turn notes the
//! time, and a call that finds the turn too long lets the loop run before it begins. Before, not after: a task that is
//! cancelled there has done nothing.

use super::waker::running_loop;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::cell::Cell;
use std::time::{Duration, Instant};

const LONGEST: Duration = Duration::from_millis(3);

thread_local! {
    /// When the first call of this turn of the thread's loop began.
    static BEGUN: Cell<Option<Instant>> = const { Cell::new(None) };
    /// The calls of this turn.
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// The clock is looked at once in so many calls: on some machines a look costs a tenth of a read by key.
const CALLS_BETWEEN_LOOKS: u32 = 4;

/// Whether the loop should run before another call begins.
pub fn is_over(py: Python<'_>) -> bool {
    match BEGUN.get() {
        None => {
            // Without a loop, a coroutine is driven by hand, and nobody waits.
            if let Ok(event_loop) = running_loop(py)
                && note_end(&event_loop).is_ok()
            {
                BEGUN.set(Some(Instant::now()));
            }
            false
        }
        Some(begun) => {
            CALLS.set(CALLS.get().wrapping_add(1));
            if !CALLS.get().is_multiple_of(CALLS_BETWEEN_LOOKS) || begun.elapsed() < LONGEST {
                return false;
            }
            BEGUN.set(None);
            true
        }
    }
}

fn note_end(event_loop: &Bound<'_, PyAny>) -> PyResult<()> {
    static END: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = event_loop.py();
    let end =
        END.get_or_try_init(py, || Ok::<_, PyErr>(wrap_pyfunction!(end_turn, py)?.into_any().unbind()))?;
    event_loop.call_method1(pyo3::intern!(py, "call_soon"), (end,)).map(drop)
}

#[pyfunction]
fn end_turn() {
    BEGUN.set(None);
}
