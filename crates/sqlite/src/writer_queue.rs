//! Writers of one process take turns, in the order in which they came.
//!
//! SQLite has one writer at a time and lets the others poll for the lock. Here they queue instead, so that none
//! starves and none sees SQLITE_BUSY; the database's own lock is then only contended by other processes.

use reprieve_core::driver::{Runtime, wait_for};
use reprieve_core::error::{Error, Kind, Result};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The queue of one database.
#[derive(Debug)]
pub(crate) struct WriterQueue {
    turn: Arc<Semaphore>,
    since: Mutex<Instant>,
}

/// The right to write; the next writer has it when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl WriterQueue {
    pub(crate) fn new() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), since: Mutex::new(Instant::now()) }
    }

    fn taken(&self, permit: OwnedSemaphorePermit) -> Turn {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Turn { _permit: permit }
    }

    /// The turn, when nobody has it and nobody waits for it.
    pub(crate) fn try_take(&self) -> Option<Turn> {
        self.turn.clone().try_acquire_owned().ok().map(|permit| self.taken(permit))
    }

    /// Waits for the turn. Giving up the wait leaves the queue.
    pub(crate) async fn take(&self, patience: Duration, runtime: &dyn Runtime) -> Result<Turn> {
        let permit = wait_for(self.turn.clone().acquire_owned(), patience, runtime).await;
        let permit = permit.ok_or_else(|| self.too_long())?;
        Ok(self.taken(permit.expect("the queue is never closed")))
    }

    #[cold]
    fn too_long(&self) -> Error {
        let held = self.since.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
        let message = format!(
            "another session of this process has held its write transaction for {:.1} s: commit it or roll it back as soon as it has written",
            held.as_secs_f64()
        );
        Error::new(Kind::Timeout, message)
    }
}
