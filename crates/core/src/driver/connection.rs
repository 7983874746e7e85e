//! Drivers and their connections.

use super::{BoxFuture, Capability, Reply, RowSink};
use crate::error::Result;
use crate::sql::{Compiled, Dialect};
use crate::value::Value;

/// A database that can be connected to.
pub trait Driver: Send + Sync + 'static {
    /// How its SQL is written.
    fn dialect(&self) -> Dialect;

    /// What it can do.
    fn capability(&self) -> Capability;

    /// Opens a connection. Errors say what is wrong with the address, never the password.
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>>;

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

    /// Opens a transaction that will write. Waits for its turn when the database has one writer at a time, and
    /// takes the turn before the first read, so that the transaction cannot fail later for having read too early.
    fn begin(&mut self) -> Reply<'_, Result<()>>;

    /// Commits. When it fails, the transaction has been rolled back.
    fn commit(&mut self) -> Reply<'_, Result<()>>;

    /// Rolls back. The connection is idle afterwards, or broken.
    fn rollback(&mut self) -> Reply<'_, Result<()>>;

    /// What it can be used for now.
    fn state(&self) -> ConnectionState;

    /// Rolls back at once, without waiting; makes itself broken if that cannot be done.
    fn abort(&mut self);
}
