//! What the connections of one database share.

use crate::checkpoint::Checkpoint;
use crate::error::translate;
use crate::memory::MemoryDirectory;
use crate::options::{SqliteOptions, Synchronous};
use crate::raw::Failure;
use crate::writer_queue::WriterQueue;
use reprieve_core::driver::Runtime;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::Reach;
use reprieve_core::sql::Compiled;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

/// One database, as its connections see it.
pub(crate) struct Shared {
    pub(crate) options: SqliteOptions,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) file: PathBuf,
    /// How errors call the database.
    pub(crate) place: String,
    pub(crate) memory: Option<MemoryDirectory>,
    pub(crate) writers: WriterQueue,
    pub(crate) checkpoint: Checkpoint,
    /// Held while a connection is opened: the first one turns the file into a WAL database.
    pub(crate) opening: Mutex<()>,
    pub(crate) closed: AtomicBool,
    pub(crate) begin: Compiled,
    pub(crate) commit: Compiled,
    pub(crate) rollback: Compiled,
    epoch: u64,
}

impl Shared {
    /// Finds the file's absolute path, or makes the directory of a database in memory.
    pub(crate) fn new(options: SqliteOptions, runtime: Arc<dyn Runtime>) -> Result<Self> {
        let (file, place, memory) = match &options.path {
            Some(path) => {
                // Also keeps a name such as "file:x" or ":memory:" from meaning something else to SQLite.
                let file = std::path::absolute(path).map_err(|error| {
                    let message = format!("the path '{}' has no absolute form", path.display());
                    Error::new(Kind::Unavailable, message).because(error)
                })?;
                let place = file.display().to_string();
                (file, place, None)
            }
            None => {
                let directory = MemoryDirectory::create()?;
                (directory.file(), "the database in memory".to_owned(), Some(directory))
            }
        };
        let epoch = runtime.process_epoch();
        Ok(Self {
            options,
            runtime,
            file,
            place,
            memory,
            writers: WriterQueue::new(),
            checkpoint: Checkpoint::new(),
            opening: Mutex::new(()),
            closed: AtomicBool::new(false),
            begin: Compiled::new("BEGIN IMMEDIATE", Reach::Row),
            commit: Compiled::new("COMMIT", Reach::Row),
            rollback: Compiled::new("ROLLBACK", Reach::Row),
            epoch,
        })
    }

    /// Whether this is a child of the process that made the database: nothing of it may be touched.
    pub(crate) fn is_forked(&self) -> bool {
        self.runtime.process_epoch() != self.epoch
    }

    /// The error of every verb in a child process.
    #[cold]
    pub(crate) fn forked(&self) -> Error {
        Error::new(
            Kind::Forked,
            format!(
                "the database connection to {} was made before this process forked and belongs to its parent: make a new Database in the child",
                self.place
            ),
        )
    }

    /// Whether a commit that wrote little ends without waiting for a disk. Asking counts as the commit.
    pub(crate) fn commits_at_once(&self) -> bool {
        self.memory.is_some()
            || (self.options.synchronous == Synchronous::Normal && !self.checkpoint.take_restart())
    }

    /// Whether what others hold may be waited for.
    pub(crate) fn may_wait(&self) -> bool {
        self.runtime.may_wait()
    }

    /// The error of what would have to wait where nobody may.
    #[cold]
    pub(crate) fn held(&self) -> Error {
        let message =
            format!("another transaction holds the lock of {}, and it cannot be waited for here", self.place);
        Error::new(Kind::Timeout, message)
    }

    /// SQLite's failure as an error.
    #[cold]
    pub(crate) fn error(&self, failure: Failure) -> Error {
        if !failure.is_busy() {
            return translate(failure, &self.place);
        }
        let message = format!(
            "another process has held the lock of {} for {} s: let it commit, or raise the timeout",
            self.place,
            self.options.timeout.as_secs_f64()
        );
        translate(failure, &self.place).message(message)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if self.is_forked() {
            self.checkpoint.forget();
            return;
        }
        self.checkpoint.close(false);
        if let Some(directory) = &self.memory {
            directory.remove();
        }
    }
}
