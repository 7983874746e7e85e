//! Locks that survive another SQLite library in the process.
//!
//! POSIX record locks belong to the process. A second copy of SQLite in it (Python's `sqlite3`, for instance) does not
//! see ours, takes itself for the last user of the file and removes the log under us; and whichever copy closes a
//! descriptor of the file drops the other one's locks. Open-file-description locks belong to a descriptor instead, and
//! conflict with POSIX locks even within one process. SQLite's unix VFS lets a program replace its system calls
//! (`sqlite3_vfs.xSetSystemCall`), so this module replaces five of them for this copy of SQLite:
//!
//! - `fcntl` ([`calls`]): `F_SETLK` and `F_GETLK` become `F_OFD_SETLK` and `F_OFD_GETLK`, on one descriptor per file
//!   ([`files`]), because SQLite counts its locks per inode and may unlock through another descriptor than it locked
//!   through.
//! - `open`, `close`: closing any descriptor of a file drops the POSIX locks that the process has on it, which are the
//!   other library's. Descriptors are kept and reused while another part of the process has the file open
//!   ([`strangers`]), and closed afterwards.
//! - `stat`, `fstat`: after a fork the child must not use what SQLite remembers of the parent's files ([`fork`]).
//!
//! Always: one file has one representative descriptor while SQLite has any descriptor of it, and only that one is locked.
//!
//! Source: fcntl(2), "Open file description locks"; "How To Corrupt An SQLite Database File", section 2.2.

mod calls;
mod files;
mod fork;
mod strangers;

use rusqlite::ffi;
use std::ffi::{CStr, c_void};
use std::sync::OnceLock;

/// Replaces the system calls, once for the process and before this copy of SQLite opens its first file; whether locks
/// are open-file-description locks from then on.
pub(crate) fn install() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        if !calls::system_has_them() {
            return false;
        }
        // SAFETY: has no preconditions.
        let pristine = unsafe { ffi::sqlite3_memory_used() } == 0;
        if !pristine {
            // A program that shares this copy of SQLite opened connections before. Their POSIX locks have to be released
            // as POSIX locks, so the files that the process has open by now stay with them.
            files::leave_alone(&strangers::open_files());
        }
        replace() && fork::watch()
    })
}

fn replace() -> bool {
    // SAFETY: `sqlite3_vfs_find` initializes SQLite; the VFS named "unix" is static. The replacements have the
    // signatures of the calls they replace; `fcntl` is variadic in C, and on the 64-bit Linux targets this is compiled
    // for, one more integer or pointer argument is passed in the same register as a declared one.
    unsafe {
        let vfs = ffi::sqlite3_vfs_find(c"unix".as_ptr());
        let Some(set) = vfs.as_ref().and_then(|vfs| vfs.xSetSystemCall) else {
            return false;
        };
        let calls: [(&CStr, *const c_void); 5] = [
            (c"open", calls::open as *const c_void),
            (c"close", calls::close as *const c_void),
            (c"fcntl", calls::fcntl as *const c_void),
            (c"stat", calls::stat as *const c_void),
            (c"fstat", calls::fstat as *const c_void),
        ];
        calls.iter().all(|(name, call)| {
            let call = std::mem::transmute::<*const c_void, ffi::sqlite3_syscall_ptr>(*call);
            set(vfs, name.as_ptr(), call) == ffi::SQLITE_OK
        })
    }
}
