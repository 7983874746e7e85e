//! Forks: a child starts without the parent's files.
//!
//! Two things would go wrong. Open-file-description locks are shared with the child, which would keep a killed parent's
//! locks alive, and whose unlocking would be the parent's. And SQLite's own memory says which locks the process has: a
//! child that opens the file would believe that it holds the parent's. So the child gives its copies of the descriptors
//! up without unlocking, and files have another identity in it ([`generation`]), so that SQLite finds nothing that it
//! remembers of them.

use super::files;
use rusqlite::ffi;
use std::cell::RefCell;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Changes the number of the device; the kernel's has fewer than 48 bits.
static GENERATION: AtomicU64 = AtomicU64::new(0);
const STEP: u64 = 1 << 48;

/// SQLite's own mutexes that a thread may hold while another one forks, in the order in which it takes them.
const MUTEXES: [i32; 7] = [
    ffi::SQLITE_MUTEX_STATIC_OPEN,
    ffi::SQLITE_MUTEX_STATIC_MAIN,
    ffi::SQLITE_MUTEX_STATIC_VFS1,
    ffi::SQLITE_MUTEX_STATIC_PRNG,
    ffi::SQLITE_MUTEX_STATIC_LRU,
    ffi::SQLITE_MUTEX_STATIC_PMEM,
    ffi::SQLITE_MUTEX_STATIC_MEM,
];

thread_local! {
    /// Held by the thread that forks, in the parent and in the child.
    static HELD: RefCell<Option<MutexGuard<'static, files::Files>>> = const { RefCell::new(None) };
}

/// What is mixed into the device of every file: zero until the process is a child.
pub(super) fn generation() -> u64 {
    GENERATION.load(Relaxed)
}

/// Runs the three functions below at every fork from now on.
pub(super) fn watch() -> bool {
    // SAFETY: the handlers live as long as the program, and do what is allowed between fork and exec: system calls, and
    // the release of mutexes that the same thread took.
    unsafe { libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child)) == 0 }
}

/// Waits until no thread is amid a change, so that the child inherits none half made.
unsafe extern "C" fn before() {
    for mutex in MUTEXES {
        // SAFETY: static mutexes always exist; SQLite has been initialized.
        unsafe { ffi::sqlite3_mutex_enter(ffi::sqlite3_mutex_alloc(mutex)) };
    }
    let _ = HELD.try_with(|held| *held.borrow_mut() = Some(files::lock()));
}

unsafe extern "C" fn after_in_parent() {
    release();
}

unsafe extern "C" fn after_in_child() {
    GENERATION.fetch_add(STEP, Relaxed);
    let _ = HELD.try_with(|held| {
        if let Some(files) = held.borrow_mut().as_mut() {
            // SAFETY: the path is NUL-terminated; a descriptor of this kind can neither be read, written nor locked.
            let placeholder = unsafe { libc::open(c"/".as_ptr(), libc::O_PATH | libc::O_CLOEXEC) };
            files.abandon(placeholder);
            // SAFETY: opened above; closing what could not be opened is an error without effect.
            unsafe { libc::close(placeholder) };
        }
    });
    release();
}

fn release() {
    let _ = HELD.try_with(|held| drop(held.borrow_mut().take()));
    for mutex in MUTEXES.iter().rev() {
        // SAFETY: this thread entered them in `before`.
        unsafe { ffi::sqlite3_mutex_leave(ffi::sqlite3_mutex_alloc(*mutex)) };
    }
}
