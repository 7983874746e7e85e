//! The files that this copy of SQLite has open, each with the one descriptor that carries its locks.

use super::strangers;
use std::collections::{HashMap, HashSet};
use std::ffi::CString;
use std::fs::OpenOptions;
use std::os::fd::{IntoRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// Descriptors below this number find their representative without a lock; there are seldom more.
const FAST: usize = 4096;
/// The descriptor is not known.
const UNKNOWN: i32 = 0;
/// The descriptor's file keeps POSIX locks.
const POSIX: i32 = -1;

/// For each descriptor in use the representative of its file, plus one. A lock of a reader asks here.
static REPRESENTATIVES: [AtomicI32; FAST] = [const { AtomicI32::new(UNKNOWN) }; FAST];
static FILES: LazyLock<Mutex<Files>> = LazyLock::new(Mutex::default);

/// What makes a file the same file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// That of an open descriptor; `None` when it is not one of a regular file.
    pub(super) fn of(fd: RawFd) -> Option<Self> {
        // SAFETY: `stat` is plain data, and the place is valid; a descriptor that is not open is an error.
        let status = unsafe {
            let mut status: libc::stat = std::mem::zeroed();
            (libc::fstat(fd, &mut status) == 0).then_some(status)?
        };
        Self::of_status(&status)
    }

    fn of_status(status: &libc::stat) -> Option<Self> {
        let regular = status.st_mode & libc::S_IFMT == libc::S_IFREG;
        regular.then_some(Self { device: status.st_dev, inode: status.st_ino })
    }

    /// That of a path, which is not followed when `flags` say so.
    fn of_path(path: &Path, flags: i32) -> Option<Self> {
        let path = CString::new(path.as_os_str().as_bytes()).ok()?;
        // SAFETY: `stat` is plain data, the path is NUL-terminated, and the place is valid.
        let status = unsafe {
            let mut status: libc::stat = std::mem::zeroed();
            let code = match flags & libc::O_NOFOLLOW {
                0 => libc::stat(path.as_ptr(), &mut status),
                _ => libc::lstat(path.as_ptr(), &mut status),
            };
            (code == 0).then_some(status)?
        };
        Self::of_status(&status)
    }
}

/// One open file.
#[derive(Debug)]
struct File {
    representative: RawFd,
    /// The descriptors that SQLite has.
    used: Vec<RawFd>,
    /// Those that SQLite has closed and that are still open, so as not to drop another library's locks.
    kept: Vec<RawFd>,
}

impl File {
    /// Every descriptor, each once.
    fn descriptors(&self) -> impl Iterator<Item = RawFd> + '_ {
        let apart = !self.used.contains(&self.representative) && !self.kept.contains(&self.representative);
        self.used.iter().chain(&self.kept).copied().chain(apart.then_some(self.representative))
    }

    /// Closes everything, when SQLite has none of it and no other part of the process has the file open.
    fn close_if_alone(&self, id: FileId) -> bool {
        let own: Vec<RawFd> = self.descriptors().collect();
        if !self.used.is_empty() || strangers::have(id, &own) {
            return false;
        }
        for fd in own {
            // SAFETY: the descriptor is ours, and SQLite has closed it.
            unsafe { libc::close(fd) };
        }
        true
    }
}

/// All open files.
#[derive(Debug, Default)]
pub(super) struct Files {
    open: HashMap<FileId, File>,
    by_descriptor: HashMap<RawFd, FileId>,
    posix: HashSet<FileId>,
}

pub(super) fn lock() -> MutexGuard<'static, Files> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Leaves POSIX locks to these files, for good.
pub(super) fn leave_alone(files: &[FileId]) {
    lock().posix.extend(files);
}

/// The descriptor that carries the locks of `fd`'s file; `None` when they stay POSIX locks of `fd`.
pub(super) fn representative(fd: RawFd) -> Option<RawFd> {
    let known = usize::try_from(fd).ok().and_then(|index| REPRESENTATIVES.get(index));
    match known.map_or(UNKNOWN, |known| known.load(Relaxed)) {
        POSIX => None,
        UNKNOWN => {
            let mut files = lock();
            // A file whose name looks like that of a log, or a descriptor with a high number.
            files.register(fd, None);
            let id = files.by_descriptor.get(&fd)?;
            files.open.get(id).map(|file| file.representative)
        }
        found => Some(found - 1),
    }
}

/// A kept descriptor of the file at `path` that was opened in the same way.
pub(super) fn reuse(path: &Path, flags: i32) -> Option<RawFd> {
    let mut files = lock();
    if files.open.values().all(|file| file.kept.is_empty()) {
        return None;
    }
    files.close_what_can_be();
    let id = FileId::of_path(path, flags)?;
    let file = files.open.get_mut(&id)?;
    let place = file.kept.iter().position(|&fd| access(fd) == flags & libc::O_ACCMODE)?;
    let fd = file.kept.swap_remove(place);
    file.used.push(fd);
    let representative = file.representative;
    files.remember(fd, id, representative + 1);
    Some(fd)
}

/// Takes note of a descriptor that SQLite opened.
pub(super) fn register(fd: RawFd, path: Option<&Path>) {
    lock().register(fd, path);
}

/// Takes a descriptor back from SQLite; `false` when it is not one of a file that may be locked.
pub(super) fn release(fd: RawFd) -> bool {
    let known = usize::try_from(fd).ok().and_then(|index| REPRESENTATIVES.get(index));
    if known.is_some_and(|known| known.load(Relaxed) == UNKNOWN) {
        return false;
    }
    lock().release(fd)
}

impl Files {
    fn register(&mut self, fd: RawFd, path: Option<&Path>) {
        let Some(id) = FileId::of(fd) else {
            return;
        };
        if self.by_descriptor.contains_key(&fd) {
            return;
        }
        if self.posix.contains(&id) {
            remember_fast(fd, POSIX);
            return;
        }
        let file = self.open.entry(id).or_insert_with(|| File {
            representative: path.and_then(|path| carrier(path, id)).unwrap_or(fd),
            used: Vec::new(),
            kept: Vec::new(),
        });
        file.used.push(fd);
        let representative = file.representative;
        self.remember(fd, id, representative + 1);
    }

    fn remember(&mut self, fd: RawFd, id: FileId, representative: i32) {
        self.by_descriptor.insert(fd, id);
        remember_fast(fd, representative);
    }

    fn release(&mut self, fd: RawFd) -> bool {
        remember_fast(fd, UNKNOWN);
        let Some(id) = self.by_descriptor.remove(&fd) else {
            return false;
        };
        if let Some(file) = self.open.get_mut(&id) {
            file.used.retain(|&used| used != fd);
            file.kept.push(fd);
        }
        self.close_what_can_be();
        true
    }

    /// Closes the files that SQLite has closed, as far as nothing else in the process has them open.
    fn close_what_can_be(&mut self) {
        self.open.retain(|&id, file| !file.close_if_alone(id));
    }

    /// Forgets everything, in a child: SQLite's descriptors refer to `placeholder` from now on, the others are closed.
    pub(super) fn abandon(&mut self, placeholder: RawFd) {
        let files = std::mem::take(&mut self.open);
        for file in files.values() {
            for fd in file.descriptors() {
                remember_fast(fd, UNKNOWN);
                // SAFETY: the descriptors are ours; what SQLite still holds of them stays a valid descriptor, so that it
                // can neither use the parent's file nor close a descriptor that is not its own.
                unsafe {
                    if !file.used.contains(&fd) || libc::dup3(placeholder, fd, libc::O_CLOEXEC) < 0 {
                        libc::close(fd);
                    }
                }
            }
        }
        // Another thread may have held the allocator when this process forked: nothing is freed here.
        std::mem::forget(files);
        std::mem::forget(std::mem::take(&mut self.by_descriptor));
        std::mem::forget(std::mem::take(&mut self.posix));
    }
}

/// What the descriptor was opened for: reading, writing or both.
fn access(fd: RawFd) -> i32 {
    // SAFETY: asking for the flags of a descriptor has no effect.
    unsafe { libc::fcntl(fd, libc::F_GETFL) & libc::O_ACCMODE }
}

fn remember_fast(fd: RawFd, representative: i32) {
    if let Some(known) = usize::try_from(fd).ok().and_then(|index| REPRESENTATIVES.get(index)) {
        known.store(representative, Relaxed);
    }
}

/// A descriptor of the file for its locks alone. It can carry a writer's lock where the file can be written, though the
/// first connection may only read: the locks cannot move later. And no memory is mapped from it: a mapping keeps the locks
/// alive, that of a child which inherited the log's index for instance.
fn carrier(path: &Path, id: FileId) -> Option<RawFd> {
    let open = |write| OpenOptions::new().read(true).write(write).custom_flags(libc::O_NONBLOCK).open(path);
    let carrier = open(true).or_else(|_| open(false)).ok()?.into_raw_fd();
    if FileId::of(carrier) == Some(id) {
        return Some(carrier);
    }
    // The path leads to another file by now.
    // SAFETY: the descriptor was opened here.
    unsafe { libc::close(carrier) };
    None
}
