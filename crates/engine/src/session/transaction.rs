//! The session's transaction: opened by the first write, ended by commit or rollback; savepoints inside.

use super::{Session, State, Verb};
use crate::limit::{Command, Limit};
use reprieve_core::driver::{ConnectionState, Isolation, RowSink, Savepoint};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;

impl Session {
    /// Commits what was written since the last commit. Nothing to commit is fine.
    ///
    /// # Errors
    /// When the database refuses; everything since the last commit is then rolled back.
    pub async fn commit(&mut self) -> Result<()> {
        let mut verb = Verb::start(self)?;
        let limit = verb.limit();
        let result = match &mut verb.state {
            State::Open(lease) => limit.keep(Command::Commit, lease.connection().commit()).await,
            _ => Ok(()),
        };
        verb.state = State::Idle;
        verb.savepoints = 0;
        // A constraint that is deferred is checked only now.
        let result = result.map_err(|error| verb.explained(error, [].iter()));
        verb.finish(result)
    }

    /// Undoes what was written since the last commit. Also makes a session usable again whose transaction was
    /// rolled back under it.
    ///
    /// # Errors
    /// When the session is closed. A connection that cannot roll back is closed, which rolls back.
    pub async fn rollback(&mut self) -> Result<()> {
        if let State::Closed = self.state {
            return self.check();
        }
        let limit = self.limit();
        if let State::Open(lease) = &mut self.state {
            // A connection that fails here is broken, and closed when the lease ends: that rolls back too.
            let _ = limit.keep(Command::Rollback, lease.connection().rollback()).await;
        }
        self.state = State::Idle;
        self.savepoints = 0;
        self.turn_lives();
        Ok(())
    }

    /// Ends the session; what is not committed is rolled back. Idempotent.
    pub fn close(&mut self) {
        self.state = State::Closed;
        self.savepoints = 0;
    }

    /// Opens the transaction before anything is written, so that what is read in it still holds when it writes; `true`
    /// when there was none.
    ///
    /// # Errors
    /// When the transaction cannot be opened.
    pub async fn begin(&mut self) -> Result<bool> {
        let mut verb = Verb::start(self)?;
        let result = verb.open().await;
        verb.finish(result)
    }

    /// Opens a savepoint (and the transaction, when there is none) and returns its number.
    ///
    /// # Errors
    /// When the transaction cannot be opened.
    pub async fn savepoint(&mut self) -> Result<usize> {
        let mut verb = Verb::start(self)?;
        let result = verb.open_savepoint().await;
        verb.finish(result)
    }

    /// Keeps what was written since the savepoint, as part of what surrounds it.
    ///
    /// # Errors
    /// When the savepoint is not open any more.
    pub async fn release(&mut self, savepoint: usize) -> Result<()> {
        let mut verb = Verb::start(self)?;
        let result = verb.end_savepoint(savepoint, false).await;
        verb.finish(result)
    }

    /// Undoes what was written since the savepoint.
    ///
    /// # Errors
    /// When the savepoint is not open any more.
    pub async fn rollback_to(&mut self, savepoint: usize) -> Result<()> {
        let mut verb = Verb::start(self)?;
        let result = verb.end_savepoint(savepoint, true).await;
        verb.turn_lives();
        verb.finish(result)
    }

    /// Opens the transaction for a read that is to hold when it is written.
    pub(super) async fn open_for_read(&mut self) -> Result<()> {
        if self.isolation != Isolation::default() {
            self.open().await?;
        }
        Ok(())
    }

    /// Opens the transaction; `true` when there was none.
    pub(crate) async fn open(&mut self) -> Result<bool> {
        if self.in_transaction() {
            return Ok(false);
        }
        let mut lease = self.database.inner.pool.acquire_writer().await?;
        self.limit().keep(Command::Begin, lease.connection().begin(self.isolation)).await?;
        self.state = State::Open(lease);
        Ok(true)
    }

    pub(crate) async fn open_savepoint(&mut self) -> Result<usize> {
        let opened = self.open().await?;
        let number = self.savepoints + 1;
        let result = self.control(Savepoint::Set(number)).await;
        if result.is_err() && opened && self.in_transaction() {
            // Nobody's work is in it: do not keep the writer's turn for nothing.
            self.rollback().await?;
        }
        result?;
        self.savepoints = number;
        Ok(number)
    }

    pub(crate) async fn end_savepoint(&mut self, number: usize, undo: bool) -> Result<()> {
        if number == 0 || number > self.savepoints {
            return Err(Error::new(
                Kind::Session,
                "The savepoint is not open any more: its transaction was committed or rolled back meanwhile",
            ));
        }
        let what = if undo { Savepoint::Undo(number) } else { Savepoint::Release(number) };
        self.control(what).await?;
        self.savepoints = number - 1;
        Ok(())
    }

    async fn control(&mut self, what: Savepoint) -> Result<()> {
        let limit = self.limit();
        let State::Open(lease) = &mut self.state else { return Err(outside()) };
        if let Some(trace) = &self.database.inner.trace {
            what.sql().iter().for_each(|sql| trace(sql));
        }
        let result = limit.keep(Command::Savepoint, lease.connection().savepoint(what)).await;
        self.notice_end(&result);
        result
    }

    /// Some failures, a full disk for one, end the whole transaction. A connection that was lost after an answer about
    /// something else stays: whatever is asked of it next says why it was lost.
    pub(super) fn notice_end<T>(&mut self, answer: &Result<T>) {
        let State::Open(lease) = &mut self.state else { return };
        let is_of_the_statement = |error: &Error| {
            matches!(
                error.kind(),
                Kind::UniqueViolation
                    | Kind::ConstraintViolation
                    | Kind::InvalidValue
                    | Kind::MissingTable
                    | Kind::Database
                    | Kind::Sink
            )
        };
        match lease.connection().state() {
            ConnectionState::Transaction => {}
            ConnectionState::Broken if answer.as_ref().err().is_none_or(is_of_the_statement) => {}
            ConnectionState::Idle | ConnectionState::Broken => {
                self.abort("the database ended it after an error");
            }
        }
    }

    /// Runs a statement in the open transaction.
    pub(crate) async fn run(
        &mut self,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<u64> {
        self.run_within(&self.limit(), statement, binds, sink).await
    }

    /// [`Session::run`], with a limit of the statement's own.
    pub(super) async fn run_within(
        &mut self,
        limit: &Limit,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<u64> {
        self.trace(statement);
        let State::Open(lease) = &mut self.state else { return Err(outside()) };
        let reply = lease.connection().run(statement, binds, sink);
        let result = limit.keep(Command::Statement, reply).await;
        self.notice_end(&result);
        result.map_err(|error| self.explained(error, binds.iter()))
    }
}

#[cold]
pub(super) fn outside() -> Error {
    Error::new(Kind::Internal, "A write ran outside a transaction: please report this")
}
