//! What SQLite asks while it works: may the statement go on, shall it wait for a lock, how long is the log.
//!
//! One [`Control`] per connection, installed once. Its fields are atomic because the thread that waits for a job
//! writes them while another one runs the statement. The clock is looked at from the callback only, so that a
//! read by key, which ends before the first callback, never asks for the time. Our own functions, one call of which may
//! take longer than a thousand steps, count what they read and look at the clock by themselves.

use rusqlite::ffi;
use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// VM steps between two looks at the clock: some tens of microseconds.
const STEPS: c_int = 1000;
/// Bytes that functions read between two looks at the clock: about as long.
const BYTES: u64 = 32 * 1024;
/// No deadline.
const NEVER: u64 = u64::MAX;
/// The deadline is set by the first callback.
const ARMED: u64 = 0;

/// The callbacks' state.
#[derive(Debug)]
pub(crate) struct Control {
    start: Instant,
    budget: u64,
    deadline: AtomicU64,
    given_up: AtomicBool,
    read: AtomicU64,
    patience: AtomicU64,
    waiting_since: AtomicU64,
    wal_pages: AtomicU32,
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(NEVER - 1)
}

impl Control {
    /// Nothing is limited, nothing waits.
    pub(crate) fn new(budget: Duration) -> Self {
        Self {
            start: Instant::now(),
            budget: nanoseconds(budget),
            deadline: AtomicU64::new(NEVER),
            given_up: AtomicBool::new(false),
            read: AtomicU64::new(0),
            patience: AtomicU64::new(0),
            waiting_since: AtomicU64::new(0),
            wal_pages: AtomicU32::new(0),
        }
    }

    /// Starts the budget (again): a statement that goes on for longer without a row is interrupted.
    pub(crate) fn arm(&self) {
        self.deadline.store(ARMED, Relaxed);
    }

    /// Lifts the budget.
    pub(crate) fn disarm(&self) {
        self.deadline.store(NEVER, Relaxed);
    }

    /// How long a statement waits for a lock of another process; zero on the caller's thread.
    pub(crate) fn wait_for_locks(&self, patience: Duration) {
        self.patience.store(nanoseconds(patience), Relaxed);
    }

    /// Nobody waits for what the connection does any more (`true`), or somebody does again.
    pub(crate) fn set_given_up(&self, given_up: bool) {
        self.given_up.store(given_up, Relaxed);
    }

    /// Whether nobody waits any more.
    pub(crate) fn given_up(&self) -> bool {
        self.given_up.load(Relaxed)
    }

    /// The pages in the write-ahead log after the connection's last commit; asking forgets them.
    pub(crate) fn take_wal_pages(&self) -> u32 {
        self.wal_pages.swap(0, Relaxed)
    }

    fn now(&self) -> u64 {
        nanoseconds(self.start.elapsed())
    }

    /// Counts what a function is about to read; whether it may.
    pub(super) fn may_read(&self, bytes: usize) -> bool {
        // One thread at a time runs statements, so that nothing is lost between the two.
        let read = self.read.load(Relaxed).saturating_add(bytes as u64);
        let look = read >= BYTES;
        self.read.store(if look { 0 } else { read }, Relaxed);
        !look || !self.must_stop()
    }

    fn must_stop(&self) -> bool {
        if self.given_up() {
            return true;
        }
        match self.deadline.load(Relaxed) {
            NEVER => false,
            ARMED => {
                self.deadline.store(self.now().saturating_add(self.budget).max(1), Relaxed);
                false
            }
            deadline => self.now() >= deadline,
        }
    }

    /// Sleeps a little; `false` when the wait is over.
    fn wait(&self, attempt: u32) -> bool {
        const DELAYS: [u64; 10] = [1, 1, 2, 2, 5, 5, 10, 10, 15, 20];
        let (patience, now) = (self.patience.load(Relaxed), self.now());
        if attempt == 0 {
            self.waiting_since.store(now, Relaxed);
        }
        let left = patience.saturating_sub(now - self.waiting_since.load(Relaxed).min(now));
        if left == 0 || self.given_up() {
            return false;
        }
        let delay = Duration::from_millis(DELAYS[(attempt as usize).min(DELAYS.len() - 1)]);
        std::thread::sleep(delay.min(Duration::from_nanos(left)));
        true
    }

    /// Puts the callbacks into a connection.
    ///
    /// # Safety
    /// `db` is open and used by nobody else; `self` outlives it.
    pub(super) unsafe fn install(&self, db: *mut ffi::sqlite3) {
        let context = std::ptr::from_ref(self).cast_mut().cast::<c_void>();
        // SAFETY: the callbacks get `context` back, a `Control` that outlives the connection (the caller's
        // promise) and is only used by shared reference.
        unsafe {
            ffi::sqlite3_progress_handler(db, STEPS, Some(progress), context);
            ffi::sqlite3_busy_handler(db, Some(busy), context);
            // This also takes the place of SQLite's own checkpoint at commit, which would hold the caller.
            ffi::sqlite3_wal_hook(db, Some(committed), context);
        }
    }
}

unsafe extern "C" fn progress(context: *mut c_void) -> c_int {
    // SAFETY: `context` is the `Control` given to `install`.
    c_int::from(unsafe { &*context.cast::<Control>() }.must_stop())
}

unsafe extern "C" fn busy(context: *mut c_void, attempt: c_int) -> c_int {
    // SAFETY: `context` is the `Control` given to `install`.
    c_int::from(unsafe { &*context.cast::<Control>() }.wait(attempt.unsigned_abs()))
}

unsafe extern "C" fn committed(
    context: *mut c_void,
    _: *mut ffi::sqlite3,
    _: *const c_char,
    pages: c_int,
) -> c_int {
    // SAFETY: `context` is the `Control` given to `install`.
    unsafe { &*context.cast::<Control>() }.wal_pages.store(pages.unsigned_abs(), Relaxed);
    ffi::SQLITE_OK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_reads_much_is_told_to_stop() {
        let control = Control::new(Duration::ZERO);
        let much = BYTES as usize;
        assert!(control.may_read(much) && control.may_read(usize::MAX), "without a budget it may read on");
        control.arm();
        assert!(control.may_read(much), "the first look starts the budget");
        assert!(control.may_read(much - 1), "it is not looked for little");
        assert!(!control.may_read(1));
        control.disarm();
        control.set_given_up(true);
        assert!(!control.may_read(much), "nobody waits");
    }
}
