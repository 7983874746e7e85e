//! Drivers and their connections.

use super::{BoxFuture, Capability, Isolation, Pipeline, Reply, RowSink, Savepoint, Step};
use crate::error::Result;
use crate::sql::{Compiled, Dialect};
use crate::value::Value;
use std::sync::Arc;

/// A database that can be connected to.
pub trait Driver: Send + Sync + 'static {
    /// How its SQL is written.
    fn dialect(&self) -> Dialect;

    /// What it can do.
    fn capability(&self) -> Capability;

    /// Opens a connection. Errors say what is wrong with the address, never the password.
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>>;

    /// Opens a connection that many use at once; `None` when the database has no use for one.
    fn pipeline(&self) -> Option<BoxFuture<'_, Result<Arc<dyn Pipeline>>>> {
        None
    }

    /// Where it connects to, for people: the password is masked.
    fn address(&self) -> String;

    /// Releases what the driver holds beside its connections, which are closed by then. Idempotent.
    fn close(&self) -> BoxFuture<'_, Result<()>>;
}

/// What a connection can be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// No transaction is open.
    Idle,
    /// A transaction is open.
    Transaction,
    /// It cannot be used any more: the server went away, or a statement was given up half-way. It is dropped,
    /// and whatever was open on it is rolled back.
    Broken,
}

/// One connection.
///
/// All verbs MUST be safe to give up: when a returned future is dropped before it is ready, the connection is
/// [`ConnectionState::Broken`] unless it knows that nothing is under way. Dropping a connection MUST roll back
/// what is open on it, and MUST NOT block on the database.
pub trait Connection: Send {
    /// Runs a statement; each row goes to the sink. Returns the number of rows changed (0 for a read).
    /// A failed write leaves the transaction usable, with nothing of the statement in it.
    fn run<'a>(
        &'a mut self,
        statement: &'a Compiled,
        binds: &'a [Value],
        sink: &'a mut dyn RowSink,
    ) -> Reply<'a, Result<u64>>;

    /// Runs statements that belong together, in their order; where the database is elsewhere, they go out together
    /// and cost one round trip. Called in a transaction only. The first that fails is the result, and none after it has an
    /// effect; what came before it may stay, and the transaction may be unusable until the caller undoes the savepoint
    /// that it set before, or the whole transaction.
    fn run_all<'a>(&'a mut self, steps: &'a mut [Step<'_>]) -> Reply<'a, Result<()>>;

    /// Opens a transaction that will write. Waits for its turn when the database has one writer at a time, and
    /// takes the turn before the first read, so that the transaction cannot fail later for having read too early.
    /// A driver MAY send it together with the first statement.
    fn begin(&mut self, isolation: Isolation) -> Reply<'_, Result<()>>;

    /// Sets, releases or undoes a savepoint of the open transaction. A driver MAY send it together with the statement
    /// that follows; undoing makes a transaction usable again in which a statement failed.
    fn savepoint(&mut self, what: Savepoint) -> Reply<'_, Result<()>>;

    /// Commits. When it fails, the transaction has been rolled back.
    fn commit(&mut self) -> Reply<'_, Result<()>>;

    /// Rolls back. The connection is idle afterwards, or broken.
    fn rollback(&mut self) -> Reply<'_, Result<()>>;

    /// A statement is about to run that may leave something on the connection beyond its transaction: settings, a role,
    /// temporary tables, locks of the session. When the transaction ends, or with [`cleanse`](Self::cleanse), the driver
    /// MUST take all of it back.
    fn taint(&mut self) {}

    /// Takes back what is left since [`taint`](Self::taint), without waiting; makes itself broken if that cannot be done.
    /// Called when no transaction is open, before another session gets the connection.
    fn cleanse(&mut self) {}

    /// What it can be used for now.
    fn state(&self) -> ConnectionState;

    /// Whether an idle connection can be used again, as far as it can be told at once: one whose other side went away
    /// cannot.
    fn is_alive(&self) -> bool {
        true
    }

    /// Rolls back at once, without waiting; makes itself broken if that cannot be done.
    fn abort(&mut self);
}
