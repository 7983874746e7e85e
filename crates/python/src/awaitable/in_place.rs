//! A future that is driven to its end where it is asked for, because an attribute is read, which nobody can await.
//!
//! Nearly always it is ready at the first poll. Else the thread, and its loop with it, stands still until the future's
//! own work is done: a job on another thread, which needs neither the interpreter nor the loop, or more rows. What
//! others hold is not waited for, since they may be tasks of the loop that stands still; [`may_wait`] says so to the
//! engine, which then fails at once.

use pyo3::prelude::*;
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

/// Between two looks at signals: control-C ends a long read.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Elsewhere,
    Here,
    /// Here, and something would have had to wait.
    Refused,
}

thread_local! {
    static PLACE: Cell<Place> = const { Cell::new(Place::Elsewhere) };
}

/// Whether this thread drives a future in place.
pub fn is_here() -> bool {
    PLACE.get() != Place::Elsewhere
}

/// Whether a future may wait for what others hold.
pub fn may_wait() -> bool {
    if is_here() {
        PLACE.set(Place::Refused);
        return false;
    }
    true
}

/// How a future that was driven in place ended.
pub struct End {
    pub result: PyResult<Py<PyAny>>,
    /// It failed because it would have had to wait.
    pub refused: bool,
}

/// Drives a future to its end.
pub fn drive(py: Python<'_>, future: impl Future<Output = PyResult<Py<PyAny>>> + Send) -> End {
    struct Back(Place);
    impl Drop for Back {
        fn drop(&mut self) {
            PLACE.set(self.0);
        }
    }
    let back = Back(PLACE.replace(Place::Here));
    let result = poll_to_end(py, future);
    let refused = result.is_err() && PLACE.get() == Place::Refused;
    drop(back);
    End { result, refused }
}

fn poll_to_end(
    py: Python<'_>,
    future: impl Future<Output = PyResult<Py<PyAny>>> + Send,
) -> PyResult<Py<PyAny>> {
    let parked = Arc::new(Parked { thread: std::thread::current(), woken: AtomicBool::new(false) });
    let waker = Waker::from(parked.clone());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return result;
        }
        while !parked.woken.swap(false, Ordering::Acquire) {
            py.detach(|| std::thread::park_timeout(LOOK));
            py.check_signals()?;
        }
    }
}

struct Parked {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
