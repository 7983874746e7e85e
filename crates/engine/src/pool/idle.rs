//! Connections that nobody uses.

use super::Pool;
use crate::limit::{Command, Limit};
use reprieve_core::driver::{Connection, ConnectionState, Discard};
use reprieve_core::query::Reach;
use reprieve_core::sql::Compiled;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// A connection that nobody uses.
pub(super) struct Idle {
    pub(super) connection: Box<dyn Connection>,
    /// See [`Runtime::place`].
    pub(super) place: u64,
    pub(super) opened: Instant,
    pub(super) used: Instant,
}

/// A server that went away has mostly said so, which is seen without asking; a connection that was used a moment ago is
/// not asked.
const UNASKED: Duration = Duration::from_secs(10);

/// One that has not answered by then is taken for lost: a network that forgot the connection says nothing.
const ANSWER: Duration = Duration::from_secs(5);

impl Pool {
    /// The connection of this place that was used last.
    pub(super) fn take(&self, place: u64) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let last = idle.iter().rposition(|idle| idle.place == place)?;
        Some(idle.remove(last))
    }

    /// The connection, if it is still good. A file is, always.
    pub(super) async fn usable(&self, mut idle: Idle, now: Instant) -> Option<Idle> {
        if !self.remote {
            return Some(idle);
        }
        let old = self.limits.recycle.is_some_and(|age| now.duration_since(idle.opened) >= age);
        if old || idle.connection.state() != ConnectionState::Idle || !idle.connection.is_alive() {
            return None;
        }
        if self.limits.pre_ping && now.duration_since(idle.used) >= UNASKED {
            let ping = Compiled::once("SELECT 1", Reach::Row);
            let mut nowhere = Discard;
            let answer = idle.connection.run(&ping, &[], &mut nowhere);
            Limit::new(&self.runtime, Some(ANSWER)).keep(Command::Statement, answer).await.ok()?;
        }
        Some(idle)
    }

    /// Keeps a connection for the next one who needs it.
    pub(super) fn give_back(&self, idle: Idle) {
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

    /// Closes a connection. That of a file may be the last, whose log is then looked after: not on this thread. A parent's is
    /// left alone by its driver.
    pub(super) fn discard(&self, connection: Box<dyn Connection>) {
        match self.remote || self.runtime.process_epoch() != self.epoch {
            true => drop(connection),
            false => self.runtime.spawn_blocking(Box::new(move || drop(connection))),
        }
    }
}
