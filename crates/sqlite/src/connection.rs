//! One connection: which verb may be used when, and who does it.

use crate::log_watch::LogWatch;
use crate::offload::gone;
use crate::raw::{self, Cursor, Slot};
use crate::read::Read;
use crate::shared::Shared;
use crate::transaction::Work;
use crate::write::Write;
use reprieve_core::driver::{
    Connection, ConnectionState, Discard, Isolation, Reply, RowSink, Savepoint, Step,
};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::Reach;
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::sync::Arc;

/// A connection to a SQLite database.
pub(crate) struct SqliteConnection {
    pub(crate) slot: Slot,
    pub(crate) shared: Arc<Shared>,
    /// A transaction was begun and not yet ended by its owner.
    pub(crate) open: bool,
    pub(crate) work: Work,
    pub(crate) log: LogWatch,
}

impl SqliteConnection {
    pub(crate) fn new(connection: raw::Connection, shared: Arc<Shared>) -> Self {
        let log = LogWatch::of(&shared);
        Self { slot: Some(Box::new(connection)), shared, open: false, work: Work::default(), log }
    }

    /// Whether anything is open: a transaction, or one that a statement of the user opened.
    fn is_open(&self) -> bool {
        self.open || self.slot.as_ref().is_some_and(|connection| !connection.is_idle())
    }

    /// Refuses a connection of another process, one that was lost, and a transaction that SQLite ended.
    fn check(&self) -> Result<()> {
        if self.shared.is_forked() {
            return Err(self.shared.forked());
        }
        match &self.slot {
            None => Err(gone()),
            Some(connection) if self.open && connection.is_idle() => Err(self.lost()),
            Some(_) => Ok(()),
        }
    }

    /// Closes the connection, elsewhere when that may take long.
    pub(crate) fn discard(&mut self) {
        if self.shared.is_forked() {
            // The handle belongs to the parent: neither closed nor freed here.
            std::mem::forget(self.slot.take());
            return;
        }
        let small = !self.is_open() || self.is_small();
        self.open = false;
        match self.slot.take() {
            Some(connection) if !small => {
                self.shared.runtime.spawn_blocking(Box::new(move || drop(connection)));
            }
            connection => drop(connection),
        }
    }
}

impl Connection for SqliteConnection {
    fn run<'a>(
        &'a mut self,
        statement: &'a Compiled,
        binds: &'a [Value],
        sink: &'a mut dyn RowSink,
    ) -> Reply<'a, Result<u64>> {
        if let Err(error) = self.check() {
            return Reply::ready(Err(error));
        }
        let Self { slot, shared, open, work, .. } = self;
        match Cursor::open(slot, statement, binds) {
            Ok(cursor) => {
                cursor.name_columns(sink);
                if cursor.readonly() {
                    Read { shared, statement, binds, sink }.start(cursor)
                } else {
                    Write { shared, statement, binds, sink, in_transaction: *open }.start(cursor, work)
                }
            }
            // Reading the schema met a lock. What kind of statement it is will be known on the other thread.
            Err((_, failure)) if failure.is_busy() && !shared.may_wait() => Reply::ready(Err(shared.held())),
            Err((slot, failure)) if failure.is_busy() => {
                Read { shared, statement, binds, sink }.elsewhere(slot)
            }
            Err((_, failure)) => Reply::ready(Err(shared.error(failure))),
        }
    }

    fn run_all<'a>(&'a mut self, steps: &'a mut [Step<'_>]) -> Reply<'a, Result<()>> {
        Reply::Pending(Box::pin(async move {
            for step in steps {
                step.changed = self.run(&step.statement, &step.binds, &mut *step.sink).await?;
            }
            Ok(())
        }))
    }

    /// Transactions of SQLite are serializable, whatever is asked for.
    fn begin(&mut self, _: Isolation) -> Reply<'_, Result<()>> {
        match self.check() {
            Err(error) => Reply::ready(Err(error)),
            Ok(()) if self.is_open() => Reply::ready(Err(Error::new(
                Kind::Session,
                "a transaction is open on this connection already",
            ))),
            Ok(()) => self.begin_transaction(),
        }
    }

    fn commit(&mut self) -> Reply<'_, Result<()>> {
        match self.check() {
            Err(error) => {
                // Nothing is open any more when SQLite has ended the transaction: the owner has heard of it now.
                if self.open && !self.shared.is_forked() {
                    self.ended();
                }
                Reply::ready(Err(error))
            }
            Ok(()) if !self.is_open() => {
                Reply::ready(Err(Error::new(Kind::Session, "no transaction is open on this connection")))
            }
            Ok(()) => self.commit_transaction(),
        }
    }

    fn rollback(&mut self) -> Reply<'_, Result<()>> {
        if self.shared.is_forked() {
            return Reply::ready(Err(self.shared.forked()));
        }
        if self.slot.is_none() {
            return Reply::ready(Err(gone()));
        }
        if !self.is_open() {
            return Reply::ready(Ok(()));
        }
        self.roll_back_transaction()
    }

    fn savepoint(&mut self, what: Savepoint) -> Reply<'_, Result<()>> {
        Reply::Pending(Box::pin(async move {
            for sql in what.sql() {
                self.run(&Compiled::once(sql, Reach::Row), &[], &mut Discard).await?;
            }
            Ok(())
        }))
    }

    fn state(&self) -> ConnectionState {
        match &self.slot {
            None => ConnectionState::Broken,
            Some(_) if self.is_open() => ConnectionState::Transaction,
            Some(_) => ConnectionState::Idle,
        }
    }

    fn abort(&mut self) {
        if self.shared.is_forked() || self.is_open() && !self.is_small() {
            self.discard();
        } else if self.is_open() {
            drop(self.roll_back_transaction());
        }
    }
}

impl Drop for SqliteConnection {
    fn drop(&mut self) {
        self.discard();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_and_its_futures_may_move_between_threads() {
        fn is_send<T: Send>(_: &T) {}
        fn check(connection: &mut SqliteConnection, statement: &Compiled, sink: &mut dyn RowSink) {
            is_send(connection);
            is_send(&connection.run(statement, &[], sink));
            is_send(&connection.begin(Isolation::default()));
            is_send(&connection.commit());
            is_send(&connection.rollback());
        }
        let _: fn(&mut SqliteConnection, &Compiled, &mut dyn RowSink) = check;
    }
}
