//! All or nothing, for verbs of several statements.

use super::Session;
use reprieve_core::error::Result;

/// What to undo when the verb fails: the transaction it opened, or a savepoint in the one it found.
pub(crate) enum Scope {
    Transaction,
    Savepoint(usize),
}

impl Session {
    pub(crate) async fn enter(&mut self) -> Result<Scope> {
        if self.open().await? {
            return Ok(Scope::Transaction);
        }
        self.open_savepoint().await.map(Scope::Savepoint)
    }

    /// Ends the scope: keeps the work of a verb that succeeded, undoes that of one that failed.
    pub(crate) async fn leave<T>(&mut self, scope: Scope, result: Result<T>) -> Result<T> {
        if !self.in_transaction() {
            return result;
        }
        let (number, result) = match (scope, result) {
            (Scope::Transaction, Ok(value)) => return Ok(value),
            (Scope::Transaction, Err(error)) => {
                self.rollback().await?;
                return Err(error);
            }
            (Scope::Savepoint(number), Ok(value)) => match self.end_savepoint(number, false).await {
                Ok(()) => return Ok(value),
                // The verb is reported as failed: its work must not stay.
                Err(error) => (number, Err(error)),
            },
            (Scope::Savepoint(number), error) => (number, error),
        };
        if self.in_transaction() && self.end_savepoint(number, true).await.is_err() {
            self.abort("a failed call in it could not be undone alone");
        }
        result
    }
}
