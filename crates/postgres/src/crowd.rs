//! A connection that many use at once, each for one read. Nothing is open on it, so that a read that fails concerns nobody
//! else.

use crate::bind::Bind;
use crate::effect::Effect;
use crate::error;
use crate::fold;
use crate::link::Link;
use crate::run::{Failure, drain, name_columns};
use crate::shared::Shared;
use crate::statements::{Prepared, Statements};
use reprieve_core::driver::{Pipeline, Reply, RowSink};
use reprieve_core::error::Result;
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_postgres::types::Type;

/// The connection.
pub(crate) struct Crowd {
    /// Held until the end.
    link: Option<Link>,
    shared: Arc<Shared>,
    statements: Mutex<Statements>,
}

impl Crowd {
    pub(crate) fn new(link: Link, shared: Arc<Shared>) -> Self {
        let statements = Mutex::new(Statements::of(shared.options.statements));
        Self { link: Some(link), shared, statements }
    }

    fn link(&self) -> &Link {
        self.link.as_ref().expect("a connection in common is held until it is dropped")
    }

    fn statements(&self) -> MutexGuard<'_, Statements> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, statement: &Compiled, binds: &[Value], sink: &mut dyn RowSink) -> Result<()> {
        let mut known = self.statements().get(statement);
        loop {
            let reused = known.is_some();
            match self.attempt(statement, known, binds, sink).await {
                Ok(()) => return Ok(()),
                Err(Failure::Sink(error) | Failure::Unfit(error)) => return Err(error),
                Err(Failure::Statement(error)) if reused && error::is_stale(&error) => {
                    self.statements().forget(statement);
                    sink.restart();
                    known = None;
                }
                Err(Failure::Statement(error) | Failure::Control(error)) => {
                    return Err(error::translate(error, &statement.sql, &self.link().ending));
                }
            }
        }
    }

    async fn attempt(
        &self,
        statement: &Compiled,
        known: Option<Arc<Prepared>>,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<(), Failure> {
        let client = &self.link().client;
        let prepared = match known {
            Some(prepared) => prepared,
            None => {
                let sql = fold::text(&self.shared, client, statement).await.map_err(Failure::Statement)?;
                if !self.shared.options.prepares() {
                    let typed = binds.iter().map(|value| (Bind(value), Type::UNKNOWN));
                    let rows = client.query_typed_raw(&sql, typed).await.map_err(Failure::Statement)?;
                    return drain(&*self.shared.runtime, rows, None, Effect::Nothing, sink).await.map(drop);
                }
                let prepared = client.prepare(&sql).await.map_err(Failure::Statement)?;
                let prepared = Arc::new(Prepared::new(prepared, statement));
                self.statements().keep(statement, prepared.clone());
                prepared
            }
        };
        prepared.fits(binds).map_err(Failure::Unfit)?;
        name_columns(&prepared, sink);
        let rows = client.query_raw(&prepared.statement, binds.iter().map(Bind)).await;
        drain(
            &*self.shared.runtime,
            rows.map_err(Failure::Statement)?,
            Some(&prepared.reader),
            prepared.effect,
            sink,
        )
        .await
        .map(drop)
    }
}

impl Pipeline for Crowd {
    fn read<'a>(
        &'a self,
        statement: &'a Compiled,
        binds: &'a [Value],
        sink: &'a mut dyn RowSink,
    ) -> Reply<'a, Result<()>> {
        if self.shared.is_forked() {
            return Reply::ready(Err(self.shared.forked()));
        }
        Reply::Pending(Box::pin(self.run(statement, binds, sink)))
    }

    fn is_usable(&self) -> bool {
        let link = self.link();
        !self.shared.is_forked() && link.place == self.shared.runtime.place() && !link.client.is_closed()
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        if self.shared.is_forked() {
            // It belongs to the parent: nothing is sent over it.
            std::mem::forget(self.link.take());
        }
    }
}
