//! Stopping a statement from another thread.

use super::Control;
use rusqlite::ffi;
use std::sync::{Arc, Mutex, PoisonError};

/// Stops what a connection does; safe to use from any thread, also after the connection is closed.
#[derive(Debug)]
pub(crate) struct Stop {
    control: Arc<Control>,
    db: Mutex<Handle>,
}

#[derive(Debug)]
struct Handle(*mut ffi::sqlite3);

// SAFETY: the pointer is used for sqlite3_interrupt only, which may be called from any thread while the connection
// is open; `Stop::closed` takes it away, under the mutex, before it is closed.
unsafe impl Send for Handle {}

impl Stop {
    /// For this connection.
    pub(super) fn new(control: Arc<Control>, db: *mut ffi::sqlite3) -> Self {
        Self { control, db: Mutex::new(Handle(db)) }
    }

    /// Ends what the connection does now and whatever it starts, until [`Self::resume`].
    pub(crate) fn give_up(&self) {
        self.control.set_given_up(true);
        let handle = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        if !handle.0.is_null() {
            // SAFETY: the connection is open as long as the pointer is here, and the mutex is held.
            unsafe { ffi::sqlite3_interrupt(handle.0) };
        }
    }

    /// Lets the connection be used again.
    pub(crate) fn resume(&self) {
        self.control.set_given_up(false);
    }

    /// Whether the work was given up.
    pub(crate) fn given_up(&self) -> bool {
        self.control.given_up()
    }

    /// The connection is about to be closed.
    pub(super) fn closed(&self) {
        self.db.lock().unwrap_or_else(PoisonError::into_inner).0 = std::ptr::null_mut();
    }
}
