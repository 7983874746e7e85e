//! A connection around a connection.

use super::log::{Fault, How, Log, injected};
use reprieve_core::driver::{Connection, ConnectionState, Isolation, Reply, RowSink, Savepoint, Step};
use reprieve_core::error::{Kind, Result};
use reprieve_core::query::Reach;
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::sync::Arc;

pub(super) struct Observed {
    inner: Box<dyn Connection>,
    log: Arc<Log>,
    broken: bool,
}

impl Observed {
    pub(super) fn new(inner: Box<dyn Connection>, log: Arc<Log>) -> Self {
        Self { inner, log, broken: false }
    }

    fn lost<'a, T: Send + 'a>(&mut self) -> Reply<'a, Result<T>> {
        self.broken = true;
        Reply::ready(Err(injected(Kind::Unavailable)))
    }

    /// A step that fails.
    async fn fail(&mut self, how: How, step: &mut Step<'_>) -> Result<()> {
        match how {
            How::Refuse => Err(injected(Kind::Database)),
            How::LoseAnswer => {
                self.inner.run(&step.statement, &step.binds, &mut *step.sink).await?;
                self.lost().await
            }
            How::EndTransaction => self.end().await,
            How::Break => self.lost().await,
            How::Hang => {
                self.broken = true;
                std::future::pending().await
            }
        }
    }

    /// Rolls back, as a database does that ends the transaction itself.
    async fn end(&mut self) -> Result<()> {
        if self.inner.state() == ConnectionState::Transaction {
            self.inner.rollback().await?;
        }
        Err(injected(Kind::Database))
    }
}

impl Connection for Observed {
    fn run<'a>(
        &'a mut self,
        statement: &'a Compiled,
        binds: &'a [Value],
        sink: &'a mut dyn RowSink,
    ) -> Reply<'a, Result<u64>> {
        let fault = self.log.statement(statement, binds);
        match fault {
            _ if self.broken => self.lost(),
            None => self.inner.run(statement, binds, sink),
            Some(How::Refuse) => Reply::ready(Err(injected(Kind::Database))),
            Some(How::LoseAnswer) => Reply::Pending(Box::pin(async move {
                self.inner.run(statement, binds, sink).await?;
                self.lost().await
            })),
            Some(How::EndTransaction) => {
                Reply::Pending(Box::pin(async move { self.end().await.map(|()| 0) }))
            }
            Some(How::Break) => self.lost(),
            Some(How::Hang) => {
                self.broken = true;
                Reply::Pending(Box::pin(std::future::pending()))
            }
        }
    }

    /// What runs before the fault that waits runs together.
    fn run_all<'a>(&'a mut self, steps: &'a mut [Step<'_>]) -> Reply<'a, Result<()>> {
        let mut fault = None;
        let mut whole = 0;
        for step in steps.iter() {
            fault = self.log.statement(&step.statement, &step.binds);
            if fault.is_some() {
                break;
            }
            whole += 1;
        }
        Reply::Pending(Box::pin(async move {
            if self.broken {
                return self.lost().await;
            }
            let (before, after) = steps.split_at_mut(whole);
            self.inner.run_all(before).await?;
            match (fault, after.first_mut()) {
                (Some(how), Some(step)) => self.fail(how, step).await,
                _ => Ok(()),
            }
        }))
    }

    fn begin(&mut self, isolation: Isolation) -> Reply<'_, Result<()>> {
        match self.log.control("BEGIN", Some(Fault::Begin)) {
            _ if self.broken => self.lost(),
            None => self.inner.begin(isolation),
            Some(How::Refuse | How::EndTransaction) => Reply::ready(Err(injected(Kind::Timeout))),
            Some(How::LoseAnswer) => Reply::Pending(Box::pin(async move {
                self.inner.begin(isolation).await?;
                self.lost().await
            })),
            Some(How::Break) => self.lost(),
            Some(How::Hang) => {
                self.broken = true;
                Reply::Pending(Box::pin(std::future::pending()))
            }
        }
    }

    fn savepoint(&mut self, what: Savepoint) -> Reply<'_, Result<()>> {
        let mut fault = None;
        for sql in what.sql() {
            fault = fault.or(self.log.statement(&Compiled::once(sql, Reach::Row), &[]));
        }
        Reply::Pending(Box::pin(async move {
            match fault {
                _ if self.broken => self.lost().await,
                None => self.inner.savepoint(what).await,
                Some(How::Refuse) => Err(injected(Kind::Database)),
                Some(How::LoseAnswer) => {
                    self.inner.savepoint(what).await?;
                    self.lost().await
                }
                Some(How::EndTransaction) => self.end().await,
                Some(How::Break) => self.lost().await,
                Some(How::Hang) => {
                    self.broken = true;
                    std::future::pending().await
                }
            }
        }))
    }

    fn commit(&mut self) -> Reply<'_, Result<()>> {
        match self.log.control("COMMIT", Some(Fault::Commit)) {
            _ if self.broken => self.lost(),
            None => self.inner.commit(),
            Some(How::Refuse | How::EndTransaction) => {
                Reply::Pending(Box::pin(async move { self.end().await }))
            }
            Some(How::LoseAnswer) => Reply::Pending(Box::pin(async move {
                self.inner.commit().await?;
                self.lost().await
            })),
            Some(How::Break) => self.lost(),
            Some(How::Hang) => {
                self.broken = true;
                Reply::Pending(Box::pin(std::future::pending()))
            }
        }
    }

    fn rollback(&mut self) -> Reply<'_, Result<()>> {
        self.log.control("ROLLBACK", None);
        if self.broken { self.lost() } else { self.inner.rollback() }
    }

    fn state(&self) -> ConnectionState {
        if self.broken { ConnectionState::Broken } else { self.inner.state() }
    }

    fn is_alive(&self) -> bool {
        !self.broken && self.inner.is_alive()
    }

    fn taint(&mut self) {
        self.inner.taint();
    }

    fn cleanse(&mut self) {
        self.inner.cleanse();
    }

    fn abort(&mut self) {
        self.log.control("ABORT", None);
        if !self.broken {
            self.inner.abort();
        }
    }
}
