//! Transactions that write: waiting for the turn, BEGIN IMMEDIATE, and the end.

use crate::connection::SqliteConnection;
use crate::raw::{Cursor, Failure, Slot};
use crate::shared::Shared;
use crate::writer_queue::Turn;
use crate::{checkpoint, offload};
use reprieve_core::driver::{Discard, Reply};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Compiled;
use std::sync::Arc;

/// A transaction that changed more than this ends on a blocking thread.
const ROWS: u64 = 500;
const BYTES: usize = 1024 * 1024;

/// How much a transaction has written.
#[derive(Debug, Default)]
pub(crate) struct Work {
    rows_before: u64,
    bytes: usize,
    heavy: bool,
}

impl Work {
    /// A statement is about to write.
    pub(crate) fn add(&mut self, bytes: usize, heavy: bool) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.heavy |= heavy;
    }
}

/// Runs a statement without values and rows.
pub(crate) fn execute(slot: &mut Slot, statement: &Compiled) -> Result<(), Failure> {
    let mut cursor = Cursor::open(slot, statement, &[]).map_err(|(_, failure)| failure)?;
    cursor.step().map(|_| ())
}

impl SqliteConnection {
    /// Opens a transaction: at once, when nobody else writes.
    pub(crate) fn begin_transaction(&mut self) -> Reply<'_, Result<()>> {
        match self.shared.writers.try_take() {
            Some(turn) => match self.begin_here(turn) {
                Ok(result) => Reply::ready(result),
                Err(turn) if self.shared.may_wait() => Reply::Pending(Box::pin(self.begin_elsewhere(turn))),
                Err(_) => Reply::ready(Err(self.shared.held())),
            },
            None if self.shared.may_wait() => Reply::Pending(Box::pin(self.begin_after_waiting())),
            None => Reply::ready(Err(self.shared.held())),
        }
    }

    /// Gives the turn back when another process holds the lock.
    fn begin_here(&mut self, turn: Turn) -> Result<Result<()>, Turn> {
        match execute(&mut self.slot, &self.shared.begin) {
            Err(failure) if failure.is_busy() => Err(turn),
            result => Ok(self.begun(result.map_err(|failure| self.shared.error(failure)), Some(turn))),
        }
    }

    async fn begin_after_waiting(&mut self) -> Result<()> {
        let turn = self.shared.writers.take(self.shared.options.timeout, &*self.shared.runtime).await?;
        match self.begin_here(turn) {
            Ok(result) => result,
            Err(turn) => self.begin_elsewhere(turn).await,
        }
    }

    async fn begin_elsewhere(&mut self, turn: Turn) -> Result<()> {
        let work = |shared: &Shared, slot: &mut Slot, _: &_| {
            execute(slot, &shared.begin).map(|()| 0).map_err(|failure| shared.error(failure))
        };
        // The turn goes with the connection: if nobody waits any more, it is given on when that is closed.
        if let Some(connection) = &mut self.slot {
            connection.turn = Some(turn);
        }
        let result = offload::job(&self.shared, &mut self.slot, &mut Discard, work).await;
        let turn = self.slot.as_mut().and_then(|connection| connection.turn.take());
        self.begun(result.map(|_| ()), turn)
    }

    fn begun(&mut self, result: Result<()>, turn: Option<Turn>) -> Result<()> {
        if let (Some(connection), true) = (&mut self.slot, result.is_ok()) {
            self.open = true;
            connection.turn = turn;
            self.work = Work { rows_before: connection.total_changes(), ..Work::default() };
        }
        result
    }

    /// Commits, on this thread when it is quick.
    pub(crate) fn commit_transaction(&mut self) -> Reply<'_, Result<()>> {
        if !self.is_small() || !self.shared.commits_at_once() {
            return Reply::Pending(Box::pin(self.commit_elsewhere()));
        }
        match execute(&mut self.slot, &self.shared.commit) {
            Err(failure) if failure.is_busy() => Reply::Pending(Box::pin(self.commit_elsewhere())),
            result => {
                let result = result.map_err(|failure| self.undo_after(failure));
                self.ended();
                Reply::ready(result.and_then(|()| self.log.check(&self.shared)))
            }
        }
    }

    async fn commit_elsewhere(&mut self) -> Result<()> {
        self.end_elsewhere(commit).await?;
        self.log.check(&self.shared)
    }

    /// Rolls back, on this thread when it is quick.
    pub(crate) fn roll_back_transaction(&mut self) -> Reply<'_, Result<()>> {
        if !self.is_small() {
            return Reply::Pending(Box::pin(self.end_elsewhere(roll_back)));
        }
        let result = roll_back(&self.shared, &mut self.slot);
        self.ended();
        Reply::ready(result)
    }

    fn undo_after(&mut self, failure: Failure) -> Error {
        let error = self.shared.error(failure);
        // What a failed rollback leaves is seen by `ended`.
        let _ = roll_back(&self.shared, &mut self.slot);
        error
    }

    async fn end_elsewhere(&mut self, end: fn(&Arc<Shared>, &mut Slot) -> Result<()>) -> Result<()> {
        let shared = self.shared.clone();
        let work = move |_: &Shared, slot: &mut Slot, _: &_| end(&shared, slot).map(|()| 0);
        let result = offload::job(&self.shared, &mut self.slot, &mut Discard, work).await;
        self.ended();
        result.map(|_| ())
    }

    /// The transaction is over: the next writer has the turn. A connection that could not end it is closed.
    pub(crate) fn ended(&mut self) {
        self.open = false;
        match &mut self.slot {
            Some(connection) if connection.is_idle() => {
                connection.turn = None;
                checkpoint::committed(&self.shared, connection);
            }
            _ => self.discard(),
        }
    }

    /// Whether ending the transaction holds a thread for a moment only.
    pub(crate) fn is_small(&self) -> bool {
        self.slot.as_ref().is_none_or(|connection| {
            let rows = connection.total_changes() - self.work.rows_before;
            !self.work.heavy && self.work.bytes <= BYTES && rows <= ROWS
        })
    }

    /// The error of a transaction that ended without its owner, rolled back by SQLite on a full disk for instance.
    #[cold]
    pub(crate) fn lost(&self) -> Error {
        Error::new(
            Kind::Session,
            "the transaction has ended already, by SQLite after an error that took all of it back, or by a statement of its own: roll back, and begin anew",
        )
    }
}

fn commit(shared: &Arc<Shared>, slot: &mut Slot) -> Result<()> {
    execute(slot, &shared.commit).map_err(|failure| {
        let error = shared.error(failure);
        // What a failed rollback leaves is closed by the caller.
        let _ = roll_back(shared, slot);
        error
    })
}

fn roll_back(shared: &Arc<Shared>, slot: &mut Slot) -> Result<()> {
    match slot {
        Some(connection) if connection.is_idle() => Ok(()),
        _ => execute(slot, &shared.rollback).map_err(|failure| shared.error(failure)),
    }
}
