//! Work on a blocking thread: the connection goes there, rows come back in batches, then the connection.
//!
//! When the caller goes away the work is interrupted, and the thread, to which nobody listens any more, closes the
//! connection; what was open on it is rolled back, and only then the writer's turn is given on.

use crate::batch::Batch;
use crate::raw::{Connection, Cursor, Failure, Slot, Stop};
use crate::shared::Shared;
use reprieve_core::driver::RowSink;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Batches that wait for the sink; then the thread waits.
const AHEAD: usize = 4;

/// From the thread to the caller.
pub(crate) enum Message {
    Columns(Vec<String>),
    Rows(Batch),
    Done(Box<Connection>, Result<u64>),
}

/// Runs a statement on a blocking thread, waiting for locks of other processes.
pub(crate) async fn statement(
    shared: &Arc<Shared>,
    slot: &mut Slot,
    statement: &Compiled,
    binds: &[Value],
    sink: &mut dyn RowSink,
) -> Result<u64> {
    let (statement, binds) = (statement.clone(), binds.to_vec());
    let named = sink.columns().is_some();
    job(shared, slot, sink, move |shared, slot, sender| {
        execute(shared, slot, &statement, &binds, named, sender)
    })
    .await
}

/// Runs a job on the connection. It is back in its slot when this is ready; the slot stays empty when the job
/// panicked, or when this is dropped.
pub(crate) async fn job(
    shared: &Arc<Shared>,
    slot: &mut Slot,
    sink: &mut dyn RowSink,
    work: impl FnOnce(&Shared, &mut Slot, &mpsc::Sender<Message>) -> Result<u64> + Send + 'static,
) -> Result<u64> {
    let Some(connection) = slot.take() else {
        return Err(gone());
    };
    let (sender, receiver) = mpsc::channel(AHEAD);
    let mut waiting = Waiting { shared, receiver, stop: connection.stop().clone(), done: false };
    let theirs = shared.clone();
    shared.runtime.spawn_blocking(Box::new(move || {
        // A panic drops the connection, which closes it, and the sender, which ends the wait.
        let _ = catch_unwind(AssertUnwindSafe(move || on_the_thread(theirs, connection, &sender, work)));
    }));
    let mut failed = None;
    let mut slice = None;
    loop {
        let message = match waiting.receiver.try_recv() {
            Ok(message) => Some(message),
            Err(_) => {
                slice = None;
                waiting.receiver.recv().await
            }
        };
        match message {
            Some(Message::Rows(batch)) if failed.is_none() => {
                failed = feed(shared, &batch, sink, &mut slice).await.err();
                if failed.is_some() {
                    waiting.stop.give_up();
                }
            }
            Some(Message::Rows(_)) => {}
            Some(Message::Columns(names)) => {
                if let Some(columns) = sink.columns() {
                    *columns = names;
                }
            }
            Some(Message::Done(connection, result)) => {
                waiting.done = true;
                waiting.stop.resume();
                *slot = Some(connection);
                return failed.map_or(result, Err);
            }
            None => {
                waiting.done = true;
                return Err(failed.unwrap_or_else(|| {
                    Error::new(Kind::Internal, "a job on a blocking thread ended without an answer")
                }));
            }
        }
    }
}

/// The caller's end of a job.
struct Waiting<'s> {
    shared: &'s Arc<Shared>,
    receiver: mpsc::Receiver<Message>,
    stop: Arc<Stop>,
    done: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let forked = self.shared.is_forked();
        if !forked {
            self.stop.give_up();
            // From here on the thread keeps what it has, and closes it.
            self.receiver.close();
        }
        while let Ok(message) = self.receiver.try_recv() {
            match message {
                message if forked => std::mem::forget(message),
                // It crossed with us; closing may take a while, and is not for this thread.
                Message::Done(connection, _) => {
                    self.shared.runtime.spawn_blocking(Box::new(move || drop(connection)));
                }
                Message::Rows(_) | Message::Columns(_) => {}
            }
        }
    }
}

fn on_the_thread(
    shared: Arc<Shared>,
    connection: Box<Connection>,
    sender: &mpsc::Sender<Message>,
    work: impl FnOnce(&Shared, &mut Slot, &mpsc::Sender<Message>) -> Result<u64>,
) {
    let mut slot = Some(connection);
    let result = match &slot {
        Some(connection) if connection.stop().given_up() => Err(interrupted(&shared)),
        Some(connection) => {
            connection.control().wait_for_locks(shared.options.timeout);
            work(&shared, &mut slot, sender)
        }
        None => Err(gone()),
    };
    if let Some(connection) = slot {
        connection.control().wait_for_locks(Duration::ZERO);
        // Whoever has the answer may be the last to hold the database.
        drop(shared);
        // When nobody is there to take it, it is dropped here.
        let _ = sender.blocking_send(Message::Done(connection, result));
    }
}

fn execute(
    shared: &Shared,
    slot: &mut Slot,
    statement: &Compiled,
    binds: &[Value],
    named: bool,
    sender: &mpsc::Sender<Message>,
) -> Result<u64> {
    let start = Instant::now();
    let mut cursor = Cursor::open(slot, statement, binds).map_err(|(_, failure)| shared.error(failure))?;
    let before = cursor.connection().total_changes();
    let (readonly, columns) = (cursor.readonly(), cursor.columns());
    if named {
        let names = Message::Columns(cursor.column_names());
        sender.blocking_send(names).map_err(|_| interrupted(shared))?;
    }
    let send = |batch| sender.blocking_send(Message::Rows(batch)).map_err(|_| interrupted(shared));
    let mut batch = Batch::new(columns);
    let mut short = true;
    while cursor.step().map_err(|failure| shared.error(failure))? {
        batch.push(&cursor)?;
        if batch.is_full() {
            send(std::mem::replace(&mut batch, Batch::new(columns)))?;
            short = false;
        }
    }
    let changed = cursor.finish(before);
    // Quick this time: the next run may stay on its caller's thread.
    if readonly && short && start.elapsed() < shared.options.budget {
        cursor.connection().set_slow(statement.id, false);
    }
    drop(cursor);
    if batch.len() > 0 {
        send(batch)?;
    }
    Ok(changed)
}

/// Gives the rows of a batch to the sink, in slices.
async fn feed(
    shared: &Shared,
    batch: &Batch,
    sink: &mut dyn RowSink,
    slice: &mut Option<Instant>,
) -> Result<()> {
    for row in 0..batch.len() {
        batch.feed(row, sink)?;
        if row % crate::read::ROWS_BETWEEN_LOOKS as usize == 0 {
            let begun = slice.get_or_insert_with(Instant::now);
            if begun.elapsed() >= crate::read::slice_limit(shared) {
                shared.runtime.yield_now().await;
                *slice = None;
            }
        }
    }
    Ok(())
}

fn interrupted(shared: &Shared) -> Error {
    shared.error(Failure::of(rusqlite::ffi::SQLITE_INTERRUPT))
}

/// The error of a connection that was lost.
pub(crate) fn gone() -> Error {
    Error::new(
        Kind::Session,
        "the connection was lost when a statement on it was given up half-way: use another one",
    )
}
