//! Writes: of one row on the caller's thread, of a set of rows on a blocking thread.
//!
//! A write is never interrupted by a budget: SQLite rolls the whole transaction back when a write is interrupted.
//! Outside a transaction a write is one by itself, and takes the writer's turn for as long as it runs.

use crate::raw::{Cursor, Slot, size};
use crate::shared::Shared;
use crate::transaction::{Work, execute};
use crate::writer_queue::Turn;
use crate::{checkpoint, offload};
use reprieve_core::driver::{Reply, RowSink};
use reprieve_core::error::Result;
use reprieve_core::query::Reach;
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::sync::Arc;

/// A statement that carries more bytes than this is copied to another thread rather than run here.
const BYTES: usize = 256 * 1024;

/// A write, and what it has to run with.
pub(crate) struct Write<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) statement: &'a Compiled,
    pub(crate) binds: &'a [Value],
    pub(crate) sink: &'a mut dyn RowSink,
    pub(crate) in_transaction: bool,
}

impl<'a> Write<'a> {
    /// Runs it, or says who will.
    pub(crate) fn start(self, mut cursor: Cursor<'a>, work: &mut Work) -> Reply<'a, Result<u64>> {
        let bytes = size(self.binds);
        let heavy = self.statement.reach == Reach::Set || bytes > BYTES;
        work.add(bytes, heavy);
        if !self.in_transaction {
            let Some(turn) = self.shared.writers.try_take() else {
                return Reply::Pending(Box::pin(self.after_waiting(cursor.close())));
            };
            cursor.connection().turn = Some(turn);
        }
        if heavy || !self.in_transaction && !self.shared.commits_at_once() {
            return self.elsewhere(cursor.close());
        }
        self.here(cursor)
    }

    fn here(self, mut cursor: Cursor<'a>) -> Reply<'a, Result<u64>> {
        let before = cursor.connection().total_changes();
        let result = loop {
            match cursor.step() {
                Ok(true) => {
                    if let Err(error) = self.sink.row(&cursor) {
                        break Err(error);
                    }
                }
                Ok(false) => break Ok(cursor.finish(before)),
                Err(failure) if failure.is_busy() => return self.elsewhere(cursor.close()),
                Err(failure) => break Err(self.shared.error(failure)),
            }
        };
        self.settle(cursor.close(), before, result.is_err());
        Reply::ready(result)
    }

    /// Runs it on a blocking thread. A turn of its own travels in the future: if that is dropped before it is
    /// polled, the turn must not stay with an idle connection.
    fn elsewhere(self, slot: &'a mut Slot) -> Reply<'a, Result<u64>> {
        let turn = match slot {
            Some(connection) if !self.in_transaction => connection.turn.take(),
            _ => None,
        };
        Reply::Pending(Box::pin(self.on_a_thread(slot, turn)))
    }

    async fn on_a_thread(self, slot: &mut Slot, turn: Option<Turn>) -> Result<u64> {
        if let (Some(connection), Some(turn)) = (slot.as_mut(), turn) {
            connection.turn = Some(turn);
        }
        let before = slot.as_ref().map_or(0, |connection| connection.total_changes());
        let result = offload::statement(self.shared, slot, self.statement, self.binds, self.sink).await;
        self.settle(slot, before, result.is_err());
        result
    }

    async fn after_waiting(self, slot: &mut Slot) -> Result<u64> {
        let turn = self.shared.writers.take(self.shared.options.timeout, &*self.shared.runtime).await?;
        self.on_a_thread(slot, Some(turn)).await
    }

    /// Ends a write that was a transaction by itself. Inside one, takes care that a write that failed left nothing:
    /// when the sink failed on a returned row the rows are already written, and the transaction goes as a whole.
    fn settle(&self, slot: &mut Slot, before: u64, failed: bool) {
        let Some(connection) = slot else {
            return;
        };
        if !self.in_transaction {
            connection.turn = None;
            checkpoint::committed(self.shared, connection);
        } else if failed && connection.total_changes() != before {
            // If this fails too, the transaction stays open for its owner to roll back.
            let _ = execute(slot, &self.shared.rollback);
        }
    }
}
