//! The end of the interpreter, and threads that wake its loop.
//!
//! A thread that asks for the interpreter while that ends is killed by it, in the middle of Rust code. So threads that
//! are about to ask say so, the end waits for them, and after it has begun none of our own threads asks any more.
//!
//! It begins with our handler of `atexit`, after which Python still calls those that were registered before ours. A loop
//! that runs in one of them looks for itself whether a thread has something for it: `runtime::last_turns`.

use crate::runtime::last_turns;
use pyo3::prelude::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

static ENDING: AtomicBool = AtomicBool::new(false);
static ASKING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether this thread is one of our own, which has the interpreter only for as long as it asks for it.
    static OURS: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread is one of our own.
pub fn begin_thread() {
    OURS.set(true);
}

/// Whether the interpreter ends: our own threads do not ask for it any more.
pub fn has_begun() -> bool {
    ENDING.load(Ordering::SeqCst)
}

/// Runs this with the interpreter, unless that ends and this thread is one of our own. Whether it ran.
pub fn unless_ending(work: impl FnOnce(Python<'_>)) -> bool {
    if !OURS.get() {
        // No interpreter, no work.
        return Python::try_attach(work).is_some();
    }
    ASKING.fetch_add(1, Ordering::SeqCst);
    let runs = !has_begun() && Python::try_attach(work).is_some();
    ASKING.fetch_sub(1, Ordering::SeqCst);
    runs
}

#[pyfunction]
fn end(py: Python<'_>) {
    ENDING.store(true, Ordering::SeqCst);
    py.detach(|| {
        while ASKING.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    last_turns::begin_all(py);
}

/// In a forked child the parent's threads do not exist.
pub fn forked() {
    ASKING.store(0, Ordering::SeqCst);
}

/// Waits for the threads when the interpreter ends.
pub fn watch(py: Python<'_>) -> PyResult<()> {
    py.import("atexit")?.call_method1("register", (wrap_pyfunction!(end, py)?,)).map(drop)
}
