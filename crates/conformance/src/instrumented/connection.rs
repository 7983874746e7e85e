//! A connection around a connection.

use super::log::{Fault, How, Log, injected};
use reprieve_core::driver::{Connection, ConnectionState, Reply, RowSink};
use reprieve_core::error::{Kind, Result};
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

    fn begin(&mut self) -> Reply<'_, Result<()>> {
        match self.log.control("BEGIN", Some(Fault::Begin)) {
            _ if self.broken => self.lost(),
            None => self.inner.begin(),
            Some(How::Refuse | How::EndTransaction) => Reply::ready(Err(injected(Kind::Timeout))),
            Some(How::LoseAnswer) => Reply::Pending(Box::pin(async move {
                self.inner.begin().await?;
                self.lost().await
            })),
            Some(How::Break) => self.lost(),
            Some(How::Hang) => {
                self.broken = true;
                Reply::Pending(Box::pin(std::future::pending()))
            }
        }
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

    fn abort(&mut self) {
        self.log.control("ABORT", None);
        if !self.broken {
            self.inner.abort();
        }
    }
}
