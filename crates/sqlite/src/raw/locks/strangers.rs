//! What else the process has open: descriptors that are not this copy of SQLite's.

use super::files::FileId;
use std::os::fd::RawFd;

/// Whether another part of the process has the file open. It may hold locks then, or be about to take them.
///
/// A POSIX lock needs an open descriptor: a process without one holds none.
pub(super) fn have(id: FileId, own: &[RawFd]) -> bool {
    match descriptors() {
        Some(all) => all.iter().any(|fd| !own.contains(fd) && FileId::of(*fd) == Some(id)),
        None => own.first().is_some_and(|&fd| is_locked(fd)),
    }
}

/// The regular files that the process has open.
pub(super) fn open_files() -> Vec<FileId> {
    descriptors().unwrap_or_default().into_iter().filter_map(FileId::of).collect()
}

/// The process's descriptors; `None` where the system does not show them.
fn descriptors() -> Option<Vec<RawFd>> {
    let entries = std::fs::read_dir("/proc/self/fd").ok()?;
    Some(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// Whether the file is locked by anybody.
fn is_locked(fd: RawFd) -> bool {
    // SAFETY: `flock` is plain data; the question has no effect.
    unsafe {
        let mut lock: libc::flock = std::mem::zeroed();
        lock.l_type = libc::F_WRLCK as _;
        lock.l_whence = libc::SEEK_SET as _;
        libc::fcntl(fd, libc::F_OFD_GETLK, &mut lock) != 0 || lock.l_type != libc::F_UNLCK as libc::c_short
    }
}
