//! The end of the interpreter, and threads that wake its loop.
//!
//! A thread that asks for the interpreter while that ends is killed by it, in the middle of Rust code. So threads that
//! are about to ask say so, the end waits for them, and after it has begun nobody asks any more.

use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

static ENDING: AtomicBool = AtomicBool::new(false);
static ASKING: AtomicUsize = AtomicUsize::new(0);

/// Runs this with the interpreter, unless it is ending: nobody is left then who waits for the result.
pub fn unless_ending(work: impl FnOnce(Python<'_>)) {
    ASKING.fetch_add(1, Ordering::SeqCst);
    if !ENDING.load(Ordering::SeqCst) {
        // No interpreter, no work.
        let _ = Python::try_attach(work);
    }
    ASKING.fetch_sub(1, Ordering::SeqCst);
}

#[pyfunction]
fn end(py: Python<'_>) {
    ENDING.store(true, Ordering::SeqCst);
    py.detach(|| {
        while ASKING.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

/// In a forked child the parent's threads do not exist.
pub fn forked() {
    ASKING.store(0, Ordering::SeqCst);
}

/// Waits for the threads when the interpreter ends.
pub fn watch(py: Python<'_>) -> PyResult<()> {
    py.import("atexit")?.call_method1("register", (wrap_pyfunction!(end, py)?,)).map(drop)
}
