//! A user's own SQL.

use super::{Session, Verb};
use reprieve_core::driver::RowSink;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::{Dialect, Raw, RawKind};
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
    /// rows changed. What may write opens the transaction, as every verb does; nothing is added to the text: it sees
    /// deleted rows, and what it changes is neither audited nor in the journal.
    ///
    /// # Errors
    /// When it is one that begins or ends transactions, the database refuses it, or the sink does.
    pub async fn execute_raw(&mut self, raw: &Raw, binds: &[Value], sink: &mut dyn RowSink) -> Result<u64> {
        self.check_named(raw.names.iter().map(String::as_str).zip(binds))?;
        let mut verb = Verb::start(self)?;
        verb.open_for_read().await?;
        let result = match raw.kind {
            RawKind::Control => Err(control()),
            RawKind::Read if !verb.in_transaction() => verb.run_outside(raw, binds, sink).await,
            _ => verb.run_inside(raw, binds, sink).await,
        };
        verb.finish(result)
    }

    async fn run_outside(&mut self, raw: &Raw, binds: &[Value], sink: &mut dyn RowSink) -> Result<u64> {
        self.trace(&raw.statement);
        let mut lease = self.database.inner.pool.acquire().await?;
        let result = lease.connection().run(&raw.statement, binds, sink).await;
        result.map_err(|error| self.name_model(error))
    }

    async fn run_inside(&mut self, raw: &Raw, binds: &[Value], sink: &mut dyn RowSink) -> Result<u64> {
        let opened = self.open().await?;
        let result = self.run(&raw.statement, binds, sink).await;
        if result.is_err() && opened {
            // Nobody else's work is in it: do not keep the writer's turn for nothing.
            self.rollback().await?;
        }
        result
    }
}

fn control() -> Error {
    Error::new(
        Kind::Session,
        "Transactions are begun and ended by the session, which has to know of them: use begin(), commit() and \
         rollback() instead of the statement",
    )
}
