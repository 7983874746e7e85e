//! Writing the log back into the database, off the threads that commit.
//!
//! SQLite does it in the commit that makes the log long, and that commit then takes milliseconds. Here a commit only
//! reads the length; past the limit a job on a blocking thread does the work, over a connection of its own.

use crate::open;
use crate::raw::{CheckpointMode, Connection, Failure};
use crate::shared::Shared;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Pages added to the log before they are written back (SQLite's own number).
const PAGES: u32 = 1000;
/// A log this long is cut down, not only written back.
const LONG: u32 = 20 * PAGES;

/// The checkpoints of one database.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    running: AtomicBool,
    /// The length of the log that the last checkpoint saw.
    seen: AtomicU32,
    /// The next commit may start the log anew, which waits for the disk once.
    restart: AtomicBool,
    connection: Mutex<Option<Connection>>,
}

impl Checkpoint {
    pub(crate) fn new() -> Self {
        Self {
            running: AtomicBool::new(false),
            seen: AtomicU32::new(0),
            restart: AtomicBool::new(true),
            connection: Mutex::new(None),
        }
    }

    /// Whether the next commit may start the log anew; asking forgets it.
    pub(crate) fn take_restart(&self) -> bool {
        self.restart.load(Relaxed) && self.restart.swap(false, Relaxed)
    }

    /// Closes its connection; with `last`, so that the log is written back and removed when nobody else is there.
    pub(crate) fn close(&self, last: bool) {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (true, Some(connection)) = (last, &mut connection) {
            connection.checkpoint_on_close();
        }
    }

    /// Leaves its connection open for good: it belongs to the process that this one was forked from. The lock may
    /// have been held at the fork, by a thread that is not here.
    pub(crate) fn forget(&self) {
        if let Ok(mut connection) = self.connection.try_lock() {
            std::mem::forget(connection.take());
        }
    }
}

/// Takes note of the log's length after a commit.
pub(crate) fn committed(shared: &Arc<Shared>, connection: &Connection) {
    let pages = connection.control().take_wal_pages();
    if pages == 0 {
        return;
    }
    let checkpoint = &shared.checkpoint;
    let mut seen = checkpoint.seen.load(Relaxed);
    if pages < seen {
        // The log has been started anew.
        checkpoint.seen.store(0, Relaxed);
        seen = 0;
    }
    if pages.saturating_sub(seen) <= PAGES || checkpoint.running.swap(true, Relaxed) {
        return;
    }
    let running = Running(shared.clone());
    shared.runtime.spawn_blocking(Box::new(move || running.run(pages)));
}

/// A job that is under way; it is not any more when this is dropped, panicking or not run at all.
struct Running(Arc<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.checkpoint.running.store(false, Relaxed);
    }
}

impl Running {
    fn run(&self, pages: u32) {
        let (shared, checkpoint) = (&self.0, &self.0.checkpoint);
        if shared.closed.load(Relaxed) || shared.is_forked() {
            return;
        }
        let mode = if pages > LONG { CheckpointMode::Truncate } else { CheckpointMode::Passive };
        let mut kept = checkpoint.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // A checkpoint that fails (a reader in the way, a full disk) is tried again some pages later, and loses
        // nothing: the log still has everything.
        if let Ok((log, copied)) = attempt(shared, &mut kept, mode) {
            checkpoint.seen.store(log, Relaxed);
            checkpoint.restart.store(log == copied, Relaxed);
        } else {
            checkpoint.seen.store(pages, Relaxed);
        }
    }
}

fn attempt(
    shared: &Shared,
    kept: &mut Option<Connection>,
    mode: CheckpointMode,
) -> Result<(u32, u32), Failure> {
    let connection = match kept {
        Some(connection) => connection,
        none => none.insert(open::plain(shared)?),
    };
    match connection.checkpoint(mode) {
        Err(failure) if failure.is_busy() && mode != CheckpointMode::Passive => {
            connection.checkpoint(CheckpointMode::Passive)
        }
        result => result,
    }
}

/// Closes the database: writes the log back, and removes what was in memory.
pub(crate) fn close(shared: &Shared) {
    if shared.memory.is_none() {
        let mut kept = shared.checkpoint.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // A database whose connections never wrote, or were never opened, has nothing to write back.
        if shared.file.exists() {
            let _ = attempt(shared, &mut kept, CheckpointMode::Passive);
        }
    }
    shared.checkpoint.close(true);
    if let Some(directory) = &shared.memory {
        directory.remove();
    }
}
