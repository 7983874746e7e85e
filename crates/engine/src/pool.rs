//! The connections of a database that nobody uses at the moment, and the turn to use one.
//!
//! The connection used last is used next (its caches are warm); whoever waits is served in order of arrival.

use reprieve_core::driver::{Connection, ConnectionState, Discard, Driver, Runtime};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::Reach;
use reprieve_core::sql::Compiled;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

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
    epoch: u64,
    closed: AtomicBool,
    /// Whether a connection was ever opened.
    used: AtomicBool,
}

/// What a pool may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections kept open.
    pub(crate) size: usize,
    /// Connections opened beyond that under load.
    pub(crate) overflow: usize,
    /// How long to wait for a free one.
    pub(crate) timeout: Duration,
    /// After how long a connection to a server is replaced by a fresh one.
    pub(crate) recycle: Option<Duration>,
    /// Whether a connection that nobody used for a while is asked whether it is still there.
    pub(crate) pre_ping: bool,
}

/// A connection that nobody uses.
struct Idle {
    connection: Box<dyn Connection>,
    /// See [`Runtime::place`].
    place: u64,
    opened: Instant,
    used: Instant,
}

/// A server that went away has mostly said so, which is seen without asking; a connection that was used a moment ago is
/// not asked.
const UNASKED: Duration = Duration::from_secs(10);

/// A connection in use. Dropping it gives it back when nothing is open on it, after a rollback when that can be
/// done at once, and else closes it.
pub(crate) struct Lease {
    connection: Option<Box<dyn Connection>>,
    place: u64,
    opened: Instant,
    pool: Arc<Pool>,
    _turn: OwnedSemaphorePermit,
    _writer: Option<OwnedSemaphorePermit>,
}

impl Pool {
    pub(crate) fn new(driver: Arc<dyn Driver>, runtime: Arc<dyn Runtime>, limits: Limits) -> Arc<Self> {
        let remote = driver.capability().remote;
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

    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Lease> {
        self.check()?;
        let turn = match self.turns.clone().try_acquire_owned() {
            Ok(turn) => turn,
            Err(TryAcquireError::Closed) => return Err(closed()),
            Err(TryAcquireError::NoPermits) => {
                self.wait(&self.turns).await?.ok_or_else(|| self.no_connection())?
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

    fn lease(self: &Arc<Self>, idle: Idle, turn: OwnedSemaphorePermit) -> Lease {
        let Idle { connection, place, opened, .. } = idle;
        Lease { connection: Some(connection), place, opened, pool: self.clone(), _turn: turn, _writer: None }
    }

    /// The time, where it matters.
    fn now(&self) -> Instant {
        if self.remote { Instant::now() } else { self.begun }
    }

    /// The connection of this place that was used last.
    fn take(&self, place: u64) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let last = idle.iter().rposition(|idle| idle.place == place)?;
        Some(idle.remove(last))
    }

    /// The connection, if it is still good. A file is, always.
    async fn usable(&self, mut idle: Idle, now: Instant) -> Option<Idle> {
        if !self.remote {
            return Some(idle);
        }
        let old = self.limits.recycle.is_some_and(|age| now.duration_since(idle.opened) >= age);
        if old || idle.connection.state() != ConnectionState::Idle {
            return None;
        }
        if self.limits.pre_ping && now.duration_since(idle.used) >= UNASKED {
            let ping = Compiled::once("SELECT 1", Reach::Row);
            idle.connection.run(&ping, &[], &mut Discard).await.ok()?;
        }
        Some(idle)
    }

    /// Keeps a connection for the next one who needs it.
    fn give_back(&self, idle: Idle) {
        let mut list = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left = None;
        if list.len() >= self.limits.size.max(1) {
            // Connections of other places may be those of an event loop that has ended.
            match list.iter().position(|other| other.place != idle.place) {
                Some(other) => left = Some(list.remove(other)),
                None => return,
            }
        }
        list.push(idle);
        drop(list);
        drop(left);
    }

    /// A connection for a transaction that will write.
    pub(crate) async fn acquire_writer(self: &Arc<Self>) -> Result<Lease> {
        self.check()?;
        let writer = match &self.writers {
            None => None,
            Some(writers) => match writers.clone().try_acquire_owned() {
                Ok(writer) => Some(writer),
                Err(_) => Some(self.wait(writers).await?.ok_or_else(|| self.no_turn())?),
            },
        };
        let mut lease = self.acquire().await?;
        lease._writer = writer;
        Ok(lease)
    }

    /// Waits in order of arrival; `None` when the time allowed is over.
    async fn wait(&self, queue: &Arc<Semaphore>) -> Result<Option<OwnedSemaphorePermit>> {
        if !self.runtime.may_wait() {
            return Err(in_use());
        }
        let mut turn = pin!(queue.clone().acquire_owned());
        let mut limit = self.runtime.sleep(self.limits.timeout);
        let turn = std::future::poll_fn(|cx| {
            if let Poll::Ready(turn) = turn.as_mut().poll(cx) {
                return Poll::Ready(Some(turn));
            }
            limit.as_mut().poll(cx).map(|()| None)
        })
        .await;
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
                self.limits.timeout.as_secs_f64()
            ),
        )
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

#[cold]
fn in_use() -> Error {
    Error::new(Kind::Timeout, "other sessions hold what it needs, and it cannot wait for them here")
}

fn closed() -> Error {
    Error::new(Kind::Session, "The Database is closed: make a new one")
}

impl Lease {
    pub(crate) fn connection(&mut self) -> &mut dyn Connection {
        self.connection.as_deref_mut().expect("a lease holds its connection until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if connection.state() == ConnectionState::Transaction {
            connection.abort();
        }
        if connection.state() == ConnectionState::Idle && !self.pool.closed.load(Ordering::Acquire) {
            let (place, opened) = (self.place, self.opened);
            self.pool.give_back(Idle { connection, place, opened, used: self.pool.now() });
        }
    }
}
