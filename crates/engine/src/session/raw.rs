//! A user's own SQL.

use super::{Session, State, Verb};
use crate::limit::{Command, Limit};
use reprieve_core::driver::{Capability, RowSink};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::{Compiled, Dialect, Leaves, Raw, RawKind};
use reprieve_core::value::Value;

impl Session {
    /// How the database wants its SQL.
    pub fn dialect(&self) -> Dialect {
        self.database.inner.driver.dialect()
    }

    /// A user's statement for this database.
    pub fn raw(&self, sql: &str) -> Raw {
        Raw::parse(sql, self.dialect())
    }

    /// Runs a user's statement with a value for each of its names; each row goes to the sink. Returns the number of
    /// rows changed. What may write opens the transaction, as every verb does: also a read that may call functions that
    /// write, unless it says that it only reads. Nothing is added to the text: it sees deleted rows, and what it changes is
    /// neither audited nor in the journal. What it leaves on its connection ends with the transaction.
    ///
    /// # Errors
    /// When it is one that begins or ends transactions, or writes and says that it does not, a list has no place in it, the
    /// database refuses it, or the sink does.
    pub async fn execute_raw(&mut self, raw: &Raw, binds: &[Value], sink: &mut dyn RowSink) -> Result<u64> {
        self.check_named(raw.names.iter().map(String::as_str).zip(binds))?;
        let may_write = raw.kind == RawKind::Write;
        match raw.kind {
            RawKind::Control => return Err(control()),
            RawKind::Write if raw.read_only => return Err(not_read_only()),
            _ => {}
        }
        let (statement, binds) = raw.statement(binds)?;
        let mut verb = Verb::start(self)?;
        verb.open_for_read().await?;
        let functions = raw.kind == RawKind::Read && !raw.read_only && verb.capability().functions_write;
        let result = match verb.in_transaction() || may_write || functions {
            true => verb.run_inside(raw, &statement, &binds, sink).await,
            false => verb.run_outside(raw, &statement, &binds, sink).await,
        };
        verb.finish(result)
    }

    fn capability(&self) -> Capability {
        self.database.capability()
    }

    /// How long a statement may take: as long as it says, else as long as any of the session.
    fn limit_of(&self, raw: &Raw) -> Limit {
        match raw.command_timeout {
            Some(time) => Limit::new(self.database.inner.pool.runtime(), time),
            None => self.limit(),
        }
    }

    async fn run_outside(
        &mut self,
        raw: &Raw,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<u64> {
        self.trace(statement);
        let mut lease = self.database.inner.pool.acquire().await?;
        lease.taint(leaves(raw));
        let command = if raw.kind == RawKind::Read { Command::Statement } else { Command::Write };
        let result = self.limit_of(raw).keep(command, lease.connection().run(statement, binds, sink)).await;
        result.map_err(|error| self.explained(error, binds.iter()))
    }

    async fn run_inside(
        &mut self,
        raw: &Raw,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<u64> {
        let opened = self.open().await?;
        if let State::Open(lease) = &mut self.state {
            lease.taint(leaves(raw));
        }
        let result = self.run_within(&self.limit_of(raw), statement, binds, sink).await;
        if result.is_err() && opened {
            // Nobody else's work is in it: do not keep the writer's turn for nothing.
            self.rollback().await?;
        }
        result
    }
}

/// What is to be taken back after a statement.
fn leaves(raw: &Raw) -> Leaves {
    match raw.kind {
        RawKind::Read if raw.read_only => Leaves::Nothing,
        _ => raw.leaves,
    }
}

#[cold]
fn not_read_only() -> Error {
    Error::new(
        Kind::InvalidValue,
        "The statement is said to read only, and may write by its own words: run it without read_only",
    )
    .field("read_only")
}

#[cold]
fn control() -> Error {
    Error::new(
        Kind::Session,
        "Transactions are begun and ended by the session, which has to know of them: use begin(), commit() and \
         rollback() instead of the statement",
    )
}
