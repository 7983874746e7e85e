//! Turns of the event loop: calls that are done at once never give the loop a chance to run.
//!
//! A task that makes many of them in a row would keep all other tasks waiting. So the first call of a turn notes the
//! time, and a call that finds the turn too long lets the loop run before it begins. Before, not after: a task that is
//! cancelled there has done nothing.
//!
//! When a turn ends is not told: asking the loop to call us then costs it a turn more. A coroutine that waits ends the
//! turn; else, half-way, the loop is asked, and the other half of the time is the turn's for certain.

use super::waker::running_loop;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::cell::Cell;
use std::time::{Duration, Instant};

const HALF: Duration = Duration::from_micros(1500);

#[derive(Clone, Copy)]
enum Turn {
    /// No call yet.
    Fresh,
    /// The first call that is known of began then, in this turn or an earlier one.
    Perhaps(Instant),
    /// The loop has not run since.
    Certainly(Instant),
}

thread_local! {
    static TURN: Cell<Turn> = const { Cell::new(Turn::Fresh) };
    /// The calls of this turn.
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

/// The clock is looked at once in so many calls: on some machines a look costs a tenth of a read by key.
const CALLS_BETWEEN_LOOKS: u32 = 4;

/// Whether the loop should run before another call begins.
pub fn is_over(py: Python<'_>) -> bool {
    let begun = match TURN.get() {
        Turn::Fresh => {
            TURN.set(Turn::Perhaps(Instant::now()));
            return false;
        }
        Turn::Perhaps(begun) | Turn::Certainly(begun) => begun,
    };
    CALLS.set(CALLS.get().wrapping_add(1));
    if !CALLS.get().is_multiple_of(CALLS_BETWEEN_LOOKS) || begun.elapsed() < HALF {
        return false;
    }
    if matches!(TURN.get(), Turn::Certainly(_)) {
        end();
        return true;
    }
    // Without a loop, a coroutine is driven by hand, and nobody waits.
    if running_loop(py).is_ok_and(|event_loop| note_end(&event_loop).is_ok()) {
        TURN.set(Turn::Certainly(Instant::now()));
    }
    false
}

/// The loop runs.
pub fn end() {
    TURN.set(Turn::Fresh);
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
    end();
}
