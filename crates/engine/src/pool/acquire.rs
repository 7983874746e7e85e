//! Waiting for a turn, and taking a connection.

use super::idle::Idle;
use super::{Lease, Pool, closed};
use reprieve_core::driver::wait_for;
use reprieve_core::error::{Error, Kind, Result};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

impl Pool {
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Lease> {
        self.check()?;
        let turn = match self.turns.clone().try_acquire_owned() {
            Ok(turn) => turn,
            Err(TryAcquireError::Closed) => return Err(closed()),
            Err(TryAcquireError::NoPermits) => {
                self.wait(&self.turns, self.limits.timeout).await?.ok_or_else(|| self.no_connection())?
            }
        };
        let place = if self.remote { self.runtime.place() } else { 0 };
        let now = self.now();
        while let Some(idle) = self.take(place) {
            if let Some(idle) = self.usable(idle, now).await {
                return Ok(self.lease(idle, turn));
            }
        }
        self.used.store(true, Ordering::Release);
        let connection = self.driver.connect().await?;
        Ok(self.lease(Idle { connection, place, opened: now, used: now }, turn))
    }

    /// A connection for a transaction that will write.
    pub(crate) async fn acquire_writer(self: &Arc<Self>) -> Result<Lease> {
        self.check()?;
        let writer = match &self.writers {
            None => None,
            Some(writers) => match writers.clone().try_acquire_owned() {
                Ok(writer) => Some(writer),
                Err(_) => {
                    let turn = self.wait(writers, self.limits.writer_timeout).await?;
                    Some(turn.ok_or_else(|| self.no_turn())?)
                }
            },
        };
        let mut lease = self.acquire().await?;
        lease.writer = writer;
        Ok(lease)
    }

    /// Waits in order of arrival; `None` when the time allowed is over.
    async fn wait(&self, queue: &Arc<Semaphore>, patience: Duration) -> Result<Option<OwnedSemaphorePermit>> {
        if !self.runtime.may_wait() {
            return Err(in_use());
        }
        let turn = wait_for(queue.clone().acquire_owned(), patience, &*self.runtime).await;
        turn.transpose().map_err(|_| closed())
    }

    #[cold]
    fn no_connection(&self) -> Error {
        Error::new(
            Kind::Timeout,
            format!(
                "No connection became free within {} s: every connection of the pool is held by an open session. Close \
                 sessions sooner, or raise pool_size / max_overflow",
                self.limits.timeout.as_secs_f64()
            ),
        )
    }

    #[cold]
    fn no_turn(&self) -> Error {
        Error::new(
            Kind::Timeout,
            format!(
                "Another session of this process has held its write transaction for more than {} s: commit it or roll \
                 it back as soon as it has written",
                self.limits.writer_timeout.as_secs_f64()
            ),
        )
    }
}

#[cold]
fn in_use() -> Error {
    Error::new(Kind::Timeout, "other sessions hold what it needs, and it cannot wait for them here")
}
