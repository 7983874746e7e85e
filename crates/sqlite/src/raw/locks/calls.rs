//! The system calls that SQLite makes in place of the C library's.
//!
//! Each one leaves `errno` as the real call set it, and none calls back into SQLite.

use super::{files, fork};
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Files beside a database that no SQLite library locks.
const UNLOCKED: [&[u8]; 2] = [b"-wal", b"-journal"];

/// Whether the kernel knows open-file-description locks (Linux 3.15; some sandboxes do not).
pub(super) fn system_has_them() -> bool {
    // SAFETY: the name is NUL-terminated; the descriptor is ours and closed here; `lock` is a valid description of one.
    unsafe {
        let fd = libc::memfd_create(c"reprieve".as_ptr(), libc::MFD_CLOEXEC);
        if fd < 0 {
            return false;
        }
        let mut lock: libc::flock = std::mem::zeroed();
        lock.l_type = libc::F_WRLCK as _;
        lock.l_whence = libc::SEEK_SET as _;
        let known = libc::fcntl(fd, libc::F_OFD_SETLK, &mut lock) == 0;
        libc::close(fd);
        known
    }
}

/// `open`: a descriptor that was kept, or a new one.
pub(super) unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    // SAFETY: SQLite passes a NUL-terminated path.
    let name = unsafe { CStr::from_ptr(path) };
    let lockable = flags & (libc::O_EXCL | libc::O_DIRECTORY) == 0
        && !UNLOCKED.iter().any(|suffix| name.to_bytes().ends_with(suffix));
    let path_of_file = Path::new(OsStr::from_bytes(name.to_bytes()));
    if lockable && let Some(kept) = files::reuse(path_of_file, flags) {
        return kept;
    }
    // SAFETY: as the caller promised for the call this one replaces.
    let fd = unsafe { libc::open(path, flags, mode) };
    if fd >= 0 && lockable {
        files::register(fd, Some(path_of_file));
    }
    fd
}

/// `close`: at once, unless the descriptor belongs to a file that may be locked.
pub(super) unsafe extern "C" fn close(fd: c_int) -> c_int {
    if files::release(fd) {
        return 0;
    }
    // SAFETY: SQLite gives up a descriptor that it opened.
    unsafe { libc::close(fd) }
}

/// `fcntl`: locks go to the file's representative descriptor, everything else through.
pub(super) unsafe extern "C" fn fcntl(fd: c_int, command: c_int, argument: *mut c_void) -> c_int {
    let own = match command {
        libc::F_SETLK => libc::F_OFD_SETLK,
        libc::F_SETLKW => libc::F_OFD_SETLKW,
        libc::F_GETLK => libc::F_OFD_GETLK,
        // SAFETY: as the caller promised for the call this one replaces.
        _ => return unsafe { libc::fcntl(fd, command, argument) },
    };
    match files::representative(fd) {
        // SAFETY: for these commands the argument is a lock description, which the caller lent us. The system wants its
        // `l_pid` to be zero.
        Some(representative) => unsafe {
            (*argument.cast::<libc::flock>()).l_pid = 0;
            libc::fcntl(representative, own, argument)
        },
        // SAFETY: as the caller promised for the call this one replaces.
        None => unsafe { libc::fcntl(fd, command, argument) },
    }
}

/// `stat`: a file opened before a fork is another file than the same one opened after it.
pub(super) unsafe extern "C" fn stat(path: *const c_char, status: *mut libc::stat) -> c_int {
    // SAFETY: as the caller promised for the call this one replaces; on success the place is filled.
    unsafe {
        let code = libc::stat(path, status);
        if code == 0 {
            (*status).st_dev ^= fork::generation();
        }
        code
    }
}

/// `fstat`: as [`stat`].
pub(super) unsafe extern "C" fn fstat(fd: c_int, status: *mut libc::stat) -> c_int {
    // SAFETY: as the caller promised for the call this one replaces; on success the place is filled.
    unsafe {
        let code = libc::fstat(fd, status);
        if code == 0 {
            (*status).st_dev ^= fork::generation();
        }
        code
    }
}
