//! What begins and ends transactions and the blocks in them: in the database, and in the objects that it knows.

use super::flush::flush;
use super::past::Block;
use super::slot::{Slot, Work};
use crate::errors::{raise, to_python};
use pyo3::prelude::*;
use reprieve_core::error::{Error, Kind};
use std::sync::Arc;

/// Writes what is pending and commits.
pub async fn commit(slot: &Arc<Slot>) -> PyResult<()> {
    let mut work = slot.take_for_the_last_task()?;
    flush(slot, &mut work).await?;
    finish(slot, &mut work).await.map_err(|error| Python::attach(|py| to_python(py, "commit", error)))
}

async fn finish(slot: &Arc<Slot>, work: &mut Work) -> Result<(), Error> {
    let result = work.commit().await;
    match &result {
        Ok(()) => slot.settle(),
        Err(_) => Python::attach(|py| slot.undo_all(py)),
    }
    result
}

/// Undoes what was written since the last commit, and what was changed on objects.
pub async fn rollback(slot: &Arc<Slot>) -> PyResult<()> {
    let mut work = slot.take_to_end()?;
    let result = work.rollback().await;
    Python::attach(|py| {
        slot.undo_all(py);
        result.map_err(|error| to_python(py, "rollback", error))
    })
}

/// Begins a block and returns its id: the transaction, when none is open and none has to be, or a savepoint.
pub async fn enter(slot: &Arc<Slot>, nested: bool, guarded: bool) -> PyResult<u32> {
    let mut work = slot.take().await?;
    flush(slot, &mut work).await?;
    let begun = if nested || work.in_transaction() {
        work.savepoint().await.map(Some)
    } else {
        work.begin().await.map(|_| None)
    };
    match begun {
        Ok(savepoint) => Ok(slot.enter(savepoint, guarded)),
        Err(error) => Err(Python::attach(|py| to_python(py, "begin", error))),
    }
}

/// Ends a block: keeps its work, or undoes it. One that is over already, because its transaction was ended inside it, is
/// left without more ado. `inside`: it is ended by a call in it, and is yet to be left.
pub async fn leave(slot: &Arc<Slot>, id: u32, keep: bool, inside: bool) -> PyResult<()> {
    if !inside {
        slot.left(id);
    }
    let Some((block, innermost)) = slot.block(id) else { return Ok(()) };
    let mut work = slot.take_to_end()?;
    let result = if !keep {
        undo(slot, &mut work, block).await
    } else if innermost {
        keep_work(slot, &mut work, block).await
    } else {
        undo(slot, &mut work, block).await?;
        let message = "The block was left while a block inside it is open, and was rolled back: leave blocks in the \
                       opposite order, the inner one first";
        Err(Python::attach(|py| raise(py, "SessionError", (message,))))
    };
    if inside {
        slot.wait_for(block);
    }
    result
}

async fn keep_work(slot: &Arc<Slot>, work: &mut Work, block: Block) -> PyResult<()> {
    if let Err(error) = flush(slot, work).await {
        undo(slot, work, block).await?;
        return Err(error);
    }
    let Some(savepoint) = block.savepoint else {
        let Err(error) = finish(slot, work).await else { return Ok(()) };
        // A transaction that was rolled back under the session is over with its block.
        let _ = work.rollback().await;
        return Err(Python::attach(|py| failed(py, "could not be committed, and was rolled back", error)));
    };
    match work.release(savepoint).await {
        Ok(()) => {
            slot.keep(block);
            Ok(())
        }
        Err(error) => {
            undo(slot, work, block).await?;
            Err(Python::attach(|py| {
                failed(py, "could not keep a block's work, which was rolled back", error)
            }))
        }
    }
}

async fn undo(slot: &Arc<Slot>, work: &mut Work, block: Block) -> PyResult<()> {
    let result = match block.savepoint {
        // A transaction that was rolled back under the session has taken the savepoint along.
        Some(savepoint) if work.in_transaction() => work.rollback_to(savepoint).await,
        Some(_) => Ok(()),
        None => work.rollback().await,
    };
    let Err(error) = result else {
        Python::attach(|py| if block.savepoint.is_none() { slot.undo_all(py) } else { slot.undo(py, block) });
        return Ok(());
    };
    // What the block wrote must not stay: all goes.
    let _ = work.rollback().await;
    Err(Python::attach(|py| {
        slot.undo_all(py);
        failed(py, "could not undo a block's work alone, and was rolled back as a whole", error)
    }))
}

/// A block was not ended as it was asked to be. What the session itself refused says so in its own words, and so does what
/// can be run again or is in doubt, whose classes are `TransactionError`s.
fn failed(py: Python<'_>, what: &str, error: Error) -> PyErr {
    let refused =
        matches!(error.kind(), Kind::Session | Kind::Forked | Kind::Serialization | Kind::Disconnected);
    let original = to_python(py, "commit", error);
    if refused {
        return original;
    }
    let message = format!("The transaction {what}: {}", original.value(py));
    let raised = raise(py, "TransactionError", (message, original.value(py)));
    raised.set_cause(py, Some(original));
    raised
}
