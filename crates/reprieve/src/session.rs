//! A session: one caller's work on a database, in one transaction at a time.

use crate::{Isolation, Result};
use reprieve_core::sql::Raw;
use reprieve_engine::Session as Engine;
use std::time::Duration;

/// A session. Reads outside a transaction see what is committed; the first write opens the transaction, and from then on
/// reads see it too, until [`Session::commit`] or [`Session::rollback`]. A session that is dropped rolls back.
///
/// A verb that fails leaves nothing of itself behind, and the transaction usable. A verb whose future is dropped half-way
/// rolls the transaction back at once, and the session says so at its next use.
#[derive(Debug)]
pub struct Session {
    engine: Engine,
    /// What a dropped [`Transaction`](crate::Transaction) left to be undone, before anything else happens.
    undo: Option<Undo>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Undo {
    /// Everything since the last commit.
    All,
    /// Everything since this savepoint.
    To(usize),
}

impl Session {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, undo: None }
    }

    /// What its transactions see of others, from the next one on. Stricter than the default, a transaction begins with the
    /// first read: what is decided by what was read holds when it is written. On SQLite, where one transaction writes at
    /// a time, it takes the turn to write then; on a server it may fail because others were in its way
    /// ([`Error::is_retryable`](crate::Error::is_retryable)), and can be run again ([`Database::atomic`](crate::Database::atomic)).
    ///
    /// ```
    /// # use reprieve::{Database, Isolation};
    /// # let database = Database::builder("sqlite::memory:").connect()?;
    /// let session = database.session()?.isolation(Isolation::Serializable);
    /// # Ok::<(), reprieve::Error>(())
    /// ```
    #[must_use]
    pub fn isolation(self, isolation: Isolation) -> Self {
        Self { engine: self.engine.with_isolation(isolation), undo: self.undo }
    }

    /// How long the database may take for a statement, or for the beginning or the end of a transaction, instead of
    /// [what its database says](crate::database::Builder::command_timeout); `None`: any time.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # let database = reprieve::Database::builder("sqlite::memory:").connect()?;
    /// let session = database.session()?.command_timeout(Duration::from_secs(5));
    /// # Ok::<(), reprieve::Error>(())
    /// ```
    #[must_use]
    pub fn command_timeout(self, time: impl Into<Option<Duration>>) -> Self {
        Self { engine: self.engine.with_command_timeout(time.into()), undo: self.undo }
    }

    /// Commits what was written since the last commit. Nothing to commit is fine.
    ///
    /// # Errors
    /// When the database refuses; everything since the last commit is then rolled back.
    pub async fn commit(&mut self) -> Result<()> {
        self.engine().await?.commit().await
    }

    /// Undoes what was written since the last commit. Also makes a session usable again whose transaction was rolled
    /// back under it.
    ///
    /// # Errors
    /// When the session is closed.
    pub async fn rollback(&mut self) -> Result<()> {
        self.undo = None;
        self.engine.rollback().await
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        self.engine.in_transaction() && !matches!(self.undo, Some(Undo::All))
    }

    /// A user's statement for the database.
    pub(crate) fn raw(&self, sql: &str) -> Raw {
        self.engine.raw(sql)
    }

    /// The engine's session, when nothing is left to be undone.
    pub(crate) async fn engine(&mut self) -> Result<&mut Engine> {
        match self.undo.take() {
            None => {}
            Some(Undo::All) => self.engine.rollback().await?,
            Some(Undo::To(savepoint)) => self.engine.rollback_to(savepoint).await?,
        }
        Ok(&mut self.engine)
    }

    /// Leaves this to be undone before the next verb. The outermost of several counts.
    pub(crate) fn leave(&mut self, undo: Undo) {
        self.undo = Some(match (self.undo, undo) {
            (Some(Undo::All), _) | (_, Undo::All) => Undo::All,
            (Some(Undo::To(left)), Undo::To(now)) => Undo::To(left.min(now)),
            (None, undo) => undo,
        });
    }
}
