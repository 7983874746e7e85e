//! Systems without open-file-description locks: SQLite locks as it does by itself.
//!
//! On Windows that is safe, because locks belong to a handle there. On other systems a second SQLite library in the process
//! can remove the log under us, which [`crate::log_watch`] notices.

/// Replaces nothing; whether another SQLite library in the process is kept from breaking our locks.
pub(crate) fn install() -> bool {
    cfg!(windows)
}
