//! A session: one caller's work on a database, in one transaction at a time.
//!
//! Reads outside a transaction see what is committed, each statement anew. The first write opens the transaction;
//! from then on reads see it too, until [`Session::commit`] or [`Session::rollback`]. A verb that fails leaves
//! nothing of itself behind and the transaction usable; a verb that is given up half-way rolls the transaction
//! back at once, and the session says so at its next use.

mod batch;
mod characters;
mod foreign_key;
mod get;
mod guard;
mod insert;
mod insert_many;
mod links;
mod lock;
mod made_key;
mod raw;
mod read;
mod read_on;
mod relation;
mod scope;
mod taken;
mod together;
mod transaction;
mod unwritten;
mod update;
mod update_many;
mod update_where;
mod upsert;
mod verb;

pub use insert::Written;
pub use links::Link;
pub use read_on::Place;
pub use relation::PlanSink;
pub use update::Change;
pub use upsert::{Outcome, Values, Writing};

use crate::database::Database;
use crate::limit::Limit;
use crate::pool::Lease;
use reprieve_core::driver::Isolation;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::schema::Graph;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use get::Gets;
pub(crate) use insert::display;
pub(crate) use read::Rows;
pub(crate) use update::check as check_changes;
pub(crate) use verb::Verb;

/// A session. See the module.
pub struct Session {
    pub(crate) database: Database,
    pub(crate) graph: Arc<Graph>,
    state: State,
    savepoints: usize,
    lives: u64,
    isolation: Isolation,
    /// How long the database may take for a command.
    command_timeout: Option<Duration>,
}

enum State {
    /// No transaction.
    Idle,
    /// A transaction is open on this connection.
    Open(Lease),
    /// The transaction was rolled back under the caller: why.
    Aborted(&'static str),
    Closed,
}

impl Session {
    pub(crate) fn new(database: Database) -> Result<Self> {
        let graph = database.inner.schema.graph()?;
        Ok(Self {
            command_timeout: database.inner.command_timeout,
            database,
            graph,
            state: State::Idle,
            savepoints: 0,
            lives: 0,
            isolation: Isolation::default(),
        })
    }

    /// The database it works on.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// What its transactions see of others, from the next one on. Stricter than the default, a transaction begins with
    /// the first read: what is decided by what was read holds when it is written.
    #[must_use]
    pub fn with_isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = isolation;
        self
    }

    /// How long the database may take for a statement, or for the beginning or the end of a transaction; `None`: any time.
    /// What takes longer is stopped, and is an error of the kind [`Kind::Timeout`]; its transaction is rolled back.
    #[must_use]
    pub fn with_command_timeout(mut self, time: Option<Duration>) -> Self {
        self.command_timeout = time;
        self
    }

    /// How long the database may take for a command.
    pub(crate) fn limit(&self) -> Limit {
        Limit::new(self.database.inner.pool.runtime(), self.command_timeout)
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// A number that grows whenever the session deleted or restored rows, or undid what it wrote: rows of a relation
    /// that were read before may not be the live ones any more.
    pub fn lives(&self) -> u64 {
        self.lives
    }

    /// Notes that other rows may be live from here on.
    pub(crate) fn turn_lives(&mut self) {
        self.lives += 1;
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    fn check(&self) -> Result<()> {
        match self.state {
            State::Idle | State::Open(_) => Ok(()),
            State::Aborted(why) => Err(Error::new(
                Kind::Session,
                format!(
                    "The session's transaction was rolled back because {why}: call rollback() to start anew"
                ),
            )),
            State::Closed => Err(Error::new(Kind::Session, "The session is closed: open a new one")),
        }
    }

    /// Rolls back and remembers why; the next use of the session is told. Nothing happens without a transaction.
    pub fn abort(&mut self, why: &'static str) {
        if self.in_transaction() {
            // The lease rolls back, or closes the connection, when it is dropped.
            self.state = State::Aborted(why);
            self.turn_lives();
            self.savepoints = 0;
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("database", &self.database)
            .field("in_transaction", &self.in_transaction())
            .finish()
    }
}
