//! One connection: which verb may be used when.

use crate::link::{Ending, Link};
use crate::shared::Shared;
use crate::statements::Statements;
use crate::transaction::Transaction;
use crate::{cancel, error};
use reprieve_core::driver::{Connection, ConnectionState, Isolation, Reply, RowSink, Savepoint, Step};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Who answered so little ago is not looked at, which costs a call of the system: nobody can know what happens in the time
/// that a statement takes to arrive.
const JUST_NOW: Duration = Duration::from_micros(50);

/// A connection to a PostgreSQL server.
#[derive(Debug)]
pub(crate) struct PostgresConnection {
    pub(crate) shared: Arc<Shared>,
    /// None when it was lost or given up.
    pub(crate) link: Option<Link>,
    /// Why it was lost.
    ending: Ending,
    pub(crate) statements: Statements,
    pub(crate) transaction: Transaction,
    /// A statement of a user's has left something, or may have.
    pub(crate) tainted: bool,
    /// Something was sent, and its answer has not been read.
    unheard: bool,
    /// When the server answered last.
    heard: Option<Instant>,
    /// It does not know what it would have to know, and is not used again.
    pub(crate) worn: bool,
}

impl PostgresConnection {
    pub(crate) fn new(link: Link, shared: Arc<Shared>) -> Self {
        Self {
            statements: Statements::of(shared.options.statements),
            shared,
            ending: link.ending.clone(),
            link: Some(link),
            transaction: Transaction::default(),
            tainted: false,
            unheard: false,
            heard: None,
            worn: false,
        }
    }

    /// Refuses a connection of another process or event loop, and one that was lost.
    pub(crate) fn check(&self) -> Result<()> {
        if self.shared.is_forked() {
            return Err(self.shared.forked());
        }
        match &self.link {
            None => Err(error::gone(self.ending.why())),
            // Nothing was sent.
            Some(link) if link.client.is_closed() => Err(error::gone(self.ending.why())),
            Some(link) if link.place != self.shared.runtime.place() => Err(Error::new(
                Kind::Session,
                "the connection was opened in another event loop: use the session in the loop that opened it",
            )),
            Some(_) => Ok(()),
        }
    }

    /// What leads to the server.
    pub(crate) fn link(&self) -> Result<&Link> {
        self.link.as_ref().ok_or_else(|| error::gone(self.ending.why()))
    }

    /// The server has answered all that it was asked.
    pub(crate) fn is_heard(&mut self) {
        self.unheard = false;
        self.heard = Some(Instant::now());
    }

    /// Something was sent, and its answer has not been read.
    pub(crate) fn is_unheard(&mut self) {
        self.unheard = true;
    }

    /// It cannot be used any more; a statement under way is stopped.
    pub(crate) fn give_up(&mut self) {
        self.transaction.end();
        match self.link.take() {
            // It belongs to the parent: nothing is sent over it.
            Some(link) if self.shared.is_forked() => std::mem::forget(link),
            Some(link) => cancel::stop(link, &self.shared),
            None => {}
        }
    }

    /// It was lost: why, as far as anybody said. Where the other side may still be at work, that is stopped.
    pub(crate) fn lose(&mut self, ended: bool) -> Ending {
        match ended {
            true => self.link = None,
            false => self.give_up(),
        }
        self.transaction.end();
        self.ending.clone()
    }
}

/// A verb under way. Dropped before it is finished, it gives the connection up.
pub(crate) struct Underway<'a> {
    connection: &'a mut PostgresConnection,
    finished: bool,
}

impl<'a> Underway<'a> {
    pub(crate) fn start(connection: &'a mut PostgresConnection) -> Self {
        Self { connection, finished: false }
    }

    pub(crate) fn finish<T>(mut self, result: T) -> T {
        self.finished = true;
        result
    }
}

impl Deref for Underway<'_> {
    type Target = PostgresConnection;

    fn deref(&self) -> &PostgresConnection {
        self.connection
    }
}

impl DerefMut for Underway<'_> {
    fn deref_mut(&mut self) -> &mut PostgresConnection {
        self.connection
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.connection.give_up();
        }
    }
}

impl Connection for PostgresConnection {
    fn run<'a>(
        &'a mut self,
        statement: &'a Compiled,
        binds: &'a [Value],
        sink: &'a mut dyn RowSink,
    ) -> Reply<'a, Result<u64>> {
        Reply::Pending(Box::pin(async move {
            self.check()?;
            let mut verb = Underway::start(self);
            let result = verb.run_one(statement, binds, sink).await;
            verb.finish(result)
        }))
    }

    fn run_all<'a>(&'a mut self, steps: &'a mut [Step<'_>]) -> Reply<'a, Result<()>> {
        Reply::Pending(Box::pin(async move {
            self.check()?;
            let mut verb = Underway::start(self);
            let result = verb.run_steps(steps).await;
            verb.finish(result)
        }))
    }

    fn begin(&mut self, isolation: Isolation) -> Reply<'_, Result<()>> {
        Reply::ready(match self.check() {
            Ok(()) if self.transaction.is_open() => {
                Err(Error::new(Kind::Session, "a transaction is open on this connection already"))
            }
            Ok(()) => {
                self.transaction.begin(isolation);
                Ok(())
            }
            Err(error) => Err(error),
        })
    }

    fn savepoint(&mut self, what: Savepoint) -> Reply<'_, Result<()>> {
        if let Err(error) = self.check() {
            return Reply::ready(Err(error));
        }
        if !self.transaction.is_open() {
            return Reply::ready(Err(no_transaction()));
        }
        match what {
            Savepoint::Set(number) => {
                self.transaction.set(number);
                Reply::ready(Ok(()))
            }
            Savepoint::Release(number) => Reply::ready(match self.transaction.release(number) {
                true => Ok(()),
                false => Err(no_savepoint()),
            }),
            Savepoint::Undo(number) => match self.transaction.undo(number) {
                None => Reply::ready(Err(no_savepoint())),
                Some(None) => Reply::ready(Ok(())),
                Some(Some(commands)) => Reply::Pending(Box::pin(async move {
                    let mut verb = Underway::start(self);
                    let result = verb.control(commands).await;
                    verb.finish(result)
                })),
            },
        }
    }

    fn commit(&mut self) -> Reply<'_, Result<()>> {
        if let Err(error) = self.check() {
            self.transaction.end();
            return Reply::ready(Err(error));
        }
        if !self.transaction.is_open() {
            return Reply::ready(Err(no_transaction()));
        }
        if self.transaction.is_unsent() {
            self.transaction.end();
            return Reply::ready(Ok(()));
        }
        Reply::Pending(Box::pin(async move {
            let mut verb = Underway::start(self);
            let result = verb.commit_transaction().await;
            verb.finish(result)
        }))
    }

    fn rollback(&mut self) -> Reply<'_, Result<()>> {
        if let Err(error) = self.check() {
            self.transaction.end();
            return Reply::ready(Err(error));
        }
        if !self.transaction.is_open() || self.transaction.is_unsent() {
            self.transaction.end();
            return Reply::ready(Ok(()));
        }
        Reply::Pending(Box::pin(async move {
            let mut verb = Underway::start(self);
            verb.transaction.end();
            let commands = verb.with_cleansing("ROLLBACK");
            let result = verb.control(commands).await;
            verb.finish(result)
        }))
    }

    fn state(&self) -> ConnectionState {
        let Some(link) = &self.link else { return ConnectionState::Broken };
        let elsewhere = self.shared.is_forked() || link.place != self.shared.runtime.place();
        if elsewhere || link.client.is_closed() {
            ConnectionState::Broken
        } else if self.transaction.is_open() {
            ConnectionState::Transaction
        } else {
            ConnectionState::Idle
        }
    }

    fn is_alive(&self) -> bool {
        let Some(link) = &self.link else { return false };
        // An idle server says nothing but that it leaves.
        !self.worn
            && (self.unheard || self.heard.is_some_and(|at| at.elapsed() < JUST_NOW) || link.probe.is_quiet())
    }

    fn abort(&mut self) {
        if self.check().is_err() {
            return self.give_up();
        }
        if self.transaction.is_open() && !self.transaction.is_unsent() {
            let commands = self.with_cleansing("ROLLBACK");
            self.send(&commands);
        }
        self.transaction.end();
    }

    fn taint(&mut self) {
        self.tainted = true;
    }

    fn cleanse(&mut self) {
        if self.tainted && self.check().is_ok() {
            self.cleanse_now();
        }
    }
}

impl Drop for PostgresConnection {
    fn drop(&mut self) {
        if self.shared.is_forked() {
            // It belongs to the parent: nothing is sent over it.
            std::mem::forget(self.link.take());
        }
    }
}

#[cold]
fn no_transaction() -> Error {
    Error::new(Kind::Session, "no transaction is open on this connection")
}

#[cold]
fn no_savepoint() -> Error {
    Error::new(Kind::Session, "the savepoint is not open any more")
}
