//! Reads: on the caller's thread in slices, under a budget, else on a blocking thread.
//!
//! Two clocks bound a slice. SQLite's progress callback interrupts a statement that searches for long; the row loop
//! puts a statement that has many rows to give aside, open, and lets the thread's other tasks run.

use crate::offload;
use crate::raw::{Cursor, Slot};
use crate::shared::Shared;
use reprieve_core::driver::{Reply, RowSink};
use reprieve_core::error::Result;
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rows between two looks at the clock.
pub(crate) const ROWS_BETWEEN_LOOKS: u64 = 16;

/// How long the row loop may hold the thread: less than the budget, so that rows that come steadily end a slice
/// before the budget interrupts the statement.
pub(crate) fn slice_limit(shared: &Shared) -> Duration {
    shared.options.budget * 4 / 5
}

/// How a slice ended.
enum Slice {
    /// With the statement, or its error.
    End(Result<u64>),
    /// With more rows to come.
    More,
    /// Over its budget.
    Over,
    /// At a lock that another process holds.
    Locked,
}

/// A read, and what it has to run with.
pub(crate) struct Read<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) statement: &'a Compiled,
    pub(crate) binds: &'a [Value],
    pub(crate) sink: &'a mut dyn RowSink,
}

impl<'a> Read<'a> {
    /// Runs the first slice; the rest, if there is one, is the future.
    pub(crate) fn start(self, mut cursor: Cursor<'a>) -> Reply<'a, Result<u64>> {
        if cursor.slow() {
            return self.elsewhere(cursor.close());
        }
        let mut rows = 0;
        match first_slice(self.shared, &mut cursor, self.statement, self.sink, &mut rows) {
            Slice::End(result) => Reply::ready(result),
            Slice::More => Reply::Pending(Box::pin(self.go_on(cursor, rows))),
            end => self.restart(cursor, rows, &end),
        }
    }

    /// Runs it on a blocking thread.
    pub(crate) fn elsewhere(self, slot: &'a mut Slot) -> Reply<'a, Result<u64>> {
        let Self { shared, statement, binds, sink } = self;
        Reply::Pending(Box::pin(offload::statement(shared, slot, statement, binds, sink)))
    }

    fn restart(self, mut cursor: Cursor<'a>, rows: u64, end: &Slice) -> Reply<'a, Result<u64>> {
        match end {
            Slice::Over => cursor.connection().set_slow(self.statement.id, true),
            Slice::Locked if !self.shared.may_wait() => return Reply::ready(Err(self.shared.held())),
            _ => {}
        }
        if rows > 0 {
            self.sink.restart();
        }
        self.elsewhere(cursor.close())
    }

    async fn go_on(self, mut cursor: Cursor<'a>, mut rows: u64) -> Result<u64> {
        loop {
            self.shared.runtime.yield_now().await;
            match slice(self.shared, &mut cursor, self.sink, &mut rows) {
                Slice::End(result) => return result,
                Slice::More => {}
                end => return self.restart(cursor, rows, &end).await,
            }
        }
    }
}

/// Also watches a count, which no budget can stop: it stays here for as long as it is quick.
fn first_slice(
    shared: &Shared,
    cursor: &mut Cursor<'_>,
    statement: &Compiled,
    sink: &mut dyn RowSink,
    rows: &mut u64,
) -> Slice {
    if !cursor.sweeps() {
        return slice(shared, cursor, sink, rows);
    }
    let start = Instant::now();
    let end = slice(shared, cursor, sink, rows);
    if start.elapsed() * 2 > shared.options.budget {
        cursor.connection().set_slow(statement.id, true);
    }
    end
}

fn slice(shared: &Shared, cursor: &mut Cursor<'_>, sink: &mut dyn RowSink, rows: &mut u64) -> Slice {
    cursor.connection().control().arm();
    let mut begun: Option<Instant> = None;
    let end = loop {
        match cursor.step() {
            Ok(true) => {
                if let Err(error) = sink.row(cursor) {
                    break Slice::End(Err(error));
                }
                *rows += 1;
                if rows.is_multiple_of(ROWS_BETWEEN_LOOKS)
                    && begun.get_or_insert_with(Instant::now).elapsed() >= slice_limit(shared)
                {
                    break Slice::More;
                }
            }
            Ok(false) => break Slice::End(Ok(0)),
            Err(failure) if failure.is_interrupt() => break Slice::Over,
            Err(failure) if failure.is_busy() => break Slice::Locked,
            Err(failure) => break Slice::End(Err(shared.error(failure))),
        }
    };
    cursor.connection().control().disarm();
    end
}
