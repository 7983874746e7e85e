//! Homes of loops that turned out to be closed. A wake finds that out, and a wake must not drop what a task holds: it
//! may come from within it. So they are put here, and dropped when the next loop asks, or the next call begins.
//!
//! What a closed loop was to do will never be done, and may hold what others wait for: the turn to write, for one. A loop
//! whose tasks all wait for something else is never woken by the engine, so a call that waits for the turn checks for
//! closed loops itself.

use super::home::Home;
use crate::errors;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often a waiting call checks for closed loops.
pub const PERIOD: Duration = Duration::from_millis(500);

static HOMES: Mutex<Vec<Arc<Home>>> = Mutex::new(Vec::new());
static ANY: AtomicBool = AtomicBool::new(false);

/// The loop of this home is closed. Another one that runs is asked to see to it.
pub fn bury(py: Python<'_>, home: &Arc<Home>) {
    HOMES.lock().unwrap_or_else(PoisonError::into_inner).push(home.clone());
    ANY.store(true, Ordering::Release);
    let others = Home::all().into_iter().filter(|other| !Arc::ptr_eq(other, home));
    for event_loop in others.filter_map(|other| other.event_loop(py)) {
        if event_loop.call_method1(pyo3::intern!(py, "call_soon_threadsafe"), (Undertaker,)).is_ok() {
            return;
        }
    }
}

/// Buries the loops that were closed without anybody noticing.
pub fn find(py: Python<'_>) {
    for home in Home::all() {
        let is_closed = home.event_loop(py).is_some_and(|event_loop| {
            let closed = event_loop.call_method0(pyo3::intern!(py, "is_closed"));
            closed.and_then(|closed| closed.is_truthy()).unwrap_or(false)
        });
        if is_closed {
            HOMES.lock().unwrap_or_else(PoisonError::into_inner).push(home);
            ANY.store(true, Ordering::Release);
        }
    }
}

/// Looks for loops that were closed, and lets go of what is theirs.
pub fn look(py: Python<'_>) {
    errors::aside(py, || {
        find(py);
        clear();
    });
}

#[pyclass(frozen)]
struct Undertaker;

#[pymethods]
impl Undertaker {
    #[allow(clippy::unused_self, reason = "called by a loop")]
    fn __call__(&self) {
        clear();
    }
}

/// Drops the tasks and the streams of closed loops, and rolls their transactions back.
pub fn clear() {
    if ANY.load(Ordering::Relaxed) && ANY.swap(false, Ordering::AcqRel) {
        let homes = std::mem::take(&mut *HOMES.lock().unwrap_or_else(PoisonError::into_inner));
        for home in homes {
            home.close();
        }
    }
}
