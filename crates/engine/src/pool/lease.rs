//! A connection in use.

use super::Pool;
use super::idle::Idle;
use reprieve_core::driver::{Connection, ConnectionState};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Leaves;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;

/// A connection in use. Dropping it gives it back when nothing is open on it, after a rollback when that can be
/// done at once, and else closes it.
pub(crate) struct Lease {
    connection: Option<Box<dyn Connection>>,
    place: u64,
    opened: Instant,
    pool: Arc<Pool>,
    /// It holds what ends with it only.
    spent: bool,
    _turn: OwnedSemaphorePermit,
    pub(super) writer: Option<OwnedSemaphorePermit>,
}

impl Pool {
    pub(super) fn lease(self: &Arc<Self>, idle: Idle, turn: OwnedSemaphorePermit) -> Lease {
        let Idle { connection, place, opened, .. } = idle;
        Lease {
            connection: Some(connection),
            place,
            opened,
            pool: self.clone(),
            spent: false,
            _turn: turn,
            writer: None,
        }
    }
}

impl Lease {
    pub(crate) fn connection(&mut self) -> &mut dyn Connection {
        self.connection.as_deref_mut().expect("a lease holds its connection until it is dropped")
    }

    /// A statement is about to run that may leave something on the connection: no other session will meet it.
    pub(crate) fn taint(&mut self, leaves: Leaves) {
        match leaves {
            Leaves::Nothing => {}
            Leaves::Session => self.connection().taint(),
            Leaves::Connection => self.spent = true,
        }
    }

    /// Refuses the use of a connection in another place than its own, which leaves it as it is.
    pub(crate) fn check_place(&self) -> Result<()> {
        if !self.pool.remote || self.place == self.pool.runtime.place() {
            return Ok(());
        }
        Err(Error::new(
            Kind::Session,
            "the session's transaction is open in another event loop: use the session in that loop",
        ))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if connection.state() == ConnectionState::Transaction {
            connection.abort();
        }
        if self.spent {
            return self.pool.discard(connection);
        }
        connection.cleanse();
        let is_over = self.pool.remote && self.pool.runtime.is_passing();
        if connection.state() == ConnectionState::Idle
            && !is_over
            && !self.pool.closed.load(Ordering::Acquire)
        {
            let (place, opened) = (self.place, self.opened);
            self.pool.give_back(Idle { connection, place, opened, used: self.pool.now() });
        }
    }
}
