//! Looking for an answer that is about to arrive, instead of going to sleep for it.
//!
//! A server on the same machine answers in less time than the system takes to put a thread to sleep and wake it again.
//! So when the loop has nothing else to do, and answers came that fast of late, the coroutine looks for the answer for a
//! moment before it lets the loop wait. Other threads may run meanwhile, as they may while the loop waits, and each look
//! offers the processor to the server. Who looks in vain stops looking for a while. Linux has the same for network cards,
//! whence the name.

use super::drain;
use super::home::Home;
use super::stream::Source;
use crate::awaitable::current_task::current;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// So long is looked at most.
const LONGEST: Duration = Duration::from_micros(150);

/// Waits a moment for the answer that is on its way. Whether something came.
pub fn wait(py: Python<'_>) -> bool {
    let Ok(home) = Home::of_running_loop(py) else { return false };
    let Some((source, end)) = home.due(LONGEST) else { return false };
    let (Some(event_loop), Some(others)) = (home.running(py), home.others()) else { return false };
    if !others.are_none(&event_loop) {
        return false;
    }
    let came = py.detach(|| arrives(&source, end));
    source.looked(came);
    if !came {
        return false;
    }
    drain::collect(|| source.ready_to_read());
    drain::serve(py);
    true
}

/// Looks for bytes until then; whether they came.
fn arrives(source: &Source, end: Instant) -> bool {
    while source.is_quiet() {
        if Instant::now() >= end {
            return false;
        }
        // Whoever else wants the processor has it: the server, where there is one only.
        std::thread::yield_now();
    }
    true
}

/// What is known of the other work of a loop.
pub(super) struct Others {
    /// asyncio's own loops show what they will call next.
    shows_ready: bool,
    /// The task that waited last, and how often in a row. Tells whether there are others where the loop does not.
    task: AtomicUsize,
    times: AtomicU32,
}

impl Others {
    /// A task that waited so often, and no other meanwhile, is taken for the only one.
    const ENOUGH: u32 = 8;

    pub(super) fn of(event_loop: &Bound<'_, PyAny>) -> Self {
        let ready = event_loop.getattr(pyo3::intern!(event_loop.py(), "_ready"));
        let shows_ready = ready.is_ok_and(|ready| ready.len().is_ok());
        Self { shows_ready, task: AtomicUsize::new(0), times: AtomicU32::new(0) }
    }

    /// Whether nobody else is to be called, as far as can be known.
    fn are_none(&self, event_loop: &Bound<'_, PyAny>) -> bool {
        let py = event_loop.py();
        if self.shows_ready {
            let ready = event_loop.getattr(pyo3::intern!(py, "_ready"));
            return ready.and_then(|ready| ready.len()).is_ok_and(|ready| ready == 0);
        }
        let Some(task) = current(py).map(|task| task.as_ptr() as usize) else { return false };
        // Only the loop's thread comes here.
        if self.task.swap(task, Ordering::Relaxed) != task {
            self.times.store(0, Ordering::Relaxed);
        }
        self.times.fetch_add(1, Ordering::Relaxed) >= Self::ENOUGH
    }
}
