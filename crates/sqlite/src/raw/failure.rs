//! What SQLite says when something fails, before it is translated.

use rusqlite::ffi;
use std::ffi::{CStr, c_int};
use std::fmt;

/// A result code with SQLite's words. It stays the source of the error a caller sees.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The extended result code.
    pub(crate) code: c_int,
    /// SQLite's message.
    pub(crate) message: String,
    /// The system's `errno`, where a system call failed; else zero.
    pub(crate) errno: c_int,
}

impl Failure {
    /// A failure without a connection to ask.
    pub(crate) fn of(code: c_int) -> Self {
        // SAFETY: sqlite3_errstr accepts any code and returns a static, NUL-terminated string.
        let message = unsafe { CStr::from_ptr(ffi::sqlite3_errstr(code)) };
        Self { code, message: message.to_string_lossy().into_owned(), errno: 0 }
    }

    /// A statement that is refused before SQLite sees it.
    pub(crate) fn refused(message: String) -> Self {
        Self { code: ffi::SQLITE_MISUSE, message, errno: 0 }
    }

    /// The last failure of a connection.
    ///
    /// # Safety
    /// `db` is an open connection that nobody else uses now.
    pub(super) unsafe fn last(db: *mut ffi::sqlite3, code: c_int) -> Self {
        // SAFETY: `db` is open (the caller's promise); the message is copied before the connection is used again.
        let (extended, errno, message) = unsafe {
            let message = CStr::from_ptr(ffi::sqlite3_errmsg(db)).to_string_lossy();
            (ffi::sqlite3_extended_errcode(db), ffi::sqlite3_system_errno(db), message)
        };
        // The connection's code can be of an earlier call when this one failed before it reached it.
        if extended & 0xff == code & 0xff {
            Self { code: extended, message: message.into_owned(), errno }
        } else {
            Self::of(code)
        }
    }

    /// The result code without its extension.
    pub(crate) fn primary(&self) -> c_int {
        self.code & 0xff
    }

    /// The system does not let this process open the file.
    pub(crate) fn is_permission_denied(&self) -> bool {
        std::io::Error::from_raw_os_error(self.errno).kind() == std::io::ErrorKind::PermissionDenied
    }

    /// Somebody else holds a lock.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.primary(), ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED)
    }

    /// The statement was stopped, by its budget or because nobody waits for it.
    pub(crate) fn is_interrupt(&self) -> bool {
        self.primary() == ffi::SQLITE_INTERRUPT
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SQLite: {} (code {})", self.message, self.code)
    }
}

impl std::error::Error for Failure {}
