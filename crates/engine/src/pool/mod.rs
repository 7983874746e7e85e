//! The connections of a database that nobody uses at the moment, and the turn to use one.
//!
//! The connection used last is used next (its caches are warm); whoever waits is served in order of arrival.

mod acquire;
mod idle;
mod lease;
mod limits;
mod reader;

pub(crate) use lease::Lease;
pub(crate) use limits::Limits;
pub(crate) use reader::Reader;

use idle::Idle;
use reprieve_core::driver::{Driver, Pipeline, Runtime};
use reprieve_core::error::{Error, Kind, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::Semaphore;

pub(crate) struct Pool {
    driver: Arc<dyn Driver>,
    runtime: Arc<dyn Runtime>,
    turns: Arc<Semaphore>,
    /// Where one transaction writes at a time, writers queue here, before they take a connection: a crowd of them
    /// must not leave readers without one.
    writers: Option<Arc<Semaphore>>,
    idle: Mutex<Vec<Idle>>,
    limits: Limits,
    /// When connections can be lost or grow old: they are opened to a server.
    remote: bool,
    begun: Instant,
    /// Whether there are connections that many use at once; those of each place.
    pipelines: bool,
    shared: Mutex<Vec<(u64, Arc<dyn Pipeline>)>>,
    opening: tokio::sync::Mutex<()>,
    epoch: u64,
    closed: AtomicBool,
    /// Whether a connection was ever opened.
    used: AtomicBool,
}

impl Pool {
    pub(crate) fn new(driver: Arc<dyn Driver>, runtime: Arc<dyn Runtime>, limits: Limits) -> Arc<Self> {
        let remote = driver.capability().remote;
        // Nothing is opened before it is waited for.
        let pipelines = driver.pipeline().is_some();
        let epoch = runtime.process_epoch();
        let turns = Arc::new(Semaphore::new((limits.size + limits.overflow).max(1)));
        let idle = Mutex::new(Vec::new());
        let closed = AtomicBool::new(false);
        let used = AtomicBool::new(false);
        let writers = driver.capability().single_writer.then(|| Arc::new(Semaphore::new(1)));
        Arc::new(Self {
            driver,
            runtime,
            turns,
            writers,
            idle,
            limits,
            remote,
            begun: Instant::now(),
            pipelines,
            shared: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            epoch,
            closed,
            used,
        })
    }

    /// Refuses the use of a parent's connections in a forked child, and of a closed database.
    pub(crate) fn check(&self) -> Result<()> {
        if self.runtime.process_epoch() != self.epoch {
            return Err(Error::new(
                Kind::Forked,
                "This Database was made before the process forked; its connections belong to the parent. Make a new \
                 Database in the child process (under gunicorn --preload: in the post_fork hook or at startup)",
            ));
        }
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(Kind::Session, "The Database is closed: make a new one"));
        }
        Ok(())
    }

    /// Whether this is the copy of a forked child, and the parent never opened a connection.
    pub(crate) fn is_unused_copy(&self) -> bool {
        self.runtime.process_epoch() != self.epoch && !self.used.load(Ordering::Acquire)
    }

    /// What the engine runs in.
    pub(crate) fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    /// The time, where it matters.
    fn now(&self) -> Instant {
        if self.remote { Instant::now() } else { self.begun }
    }

    pub(crate) async fn close(&self) -> Result<()> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.turns.close();
        if let Some(writers) = &self.writers {
            writers.close();
        }
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        drop(std::mem::take(&mut *self.shared.lock().unwrap_or_else(PoisonError::into_inner)));
        if self.remote {
            drop(idle);
        } else {
            self.drop_elsewhere(idle).await;
        }
        self.driver.close().await
    }

    /// Closing the last connection of an SQLite file writes its log back: not on the caller's thread.
    async fn drop_elsewhere(&self, idle: Vec<Idle>) {
        let (done, closed) = tokio::sync::oneshot::channel();
        self.runtime.spawn_blocking(Box::new(move || {
            drop(idle);
            // Nobody waits any more when the caller was cancelled.
            let _ = done.send(());
        }));
        // An error means that the job was dropped, and the connections with it.
        let _ = closed.await;
    }
}

fn closed() -> Error {
    Error::new(Kind::Session, "The Database is closed: make a new one")
}
