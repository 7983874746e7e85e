//! Statements that belong together: one round trip where the database is elsewhere.

use super::transaction::outside;
use super::{Session, State};
use crate::limit::Command;
use reprieve_core::driver::{Discard, RowSink, Step};
use reprieve_core::error::Result;
use reprieve_core::query::Statement;
use reprieve_core::sql::Compiled;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Session {
    /// Whether a statement costs a round trip.
    pub(crate) fn is_remote(&self) -> bool {
        self.database.capability().remote
    }

    /// Whether what is done to several tables goes out together.
    pub(crate) fn is_together(&self) -> bool {
        self.is_remote() && !self.database.inner.one_by_one.load(Ordering::Relaxed)
    }

    /// From now on it does not, because a table may be missing; `false` when it was so before.
    pub(crate) fn goes_one_by_one(&self) -> bool {
        self.is_remote() && !self.database.inner.one_by_one.swap(true, Ordering::Relaxed)
    }

    /// A write of the engine's own, as one of several.
    ///
    /// # Errors
    /// As [`Session::compile`].
    pub(crate) fn step<'a>(&self, statement: &Statement) -> Result<Step<'a>> {
        self.step_into(statement, nowhere())
    }

    /// A text, as one of several.
    pub(crate) fn step_of<'a>(&self, statement: Compiled) -> Step<'a> {
        Step { statement: Arc::new(statement), binds: Vec::new(), sink: nowhere(), changed: 0 }
    }

    /// An entry in the audit log, as one of several.
    pub(crate) fn step_of_log<'a>(&self, statement: &Statement) -> Result<Step<'a>> {
        let mut binds = Vec::new();
        let statement = self.compile_any(statement, &mut binds)?;
        Ok(Step { statement, binds, sink: nowhere(), changed: 0 })
    }

    /// A statement whose rows go to this sink, as one of several.
    pub(crate) fn step_into<'a>(&self, statement: &Statement, sink: &'a mut dyn RowSink) -> Result<Step<'a>> {
        let mut binds = Vec::new();
        let statement = self.compile(statement, &mut binds)?;
        Ok(Step { statement, binds, sink, changed: 0 })
    }

    /// Runs statements in the open transaction, in their order. When one fails, what the caller did since it entered
    /// its scope is to be undone: nothing else may be asked of the transaction before.
    pub(crate) async fn run_all(&mut self, steps: &mut [Step<'_>]) -> Result<()> {
        if let [step] = steps {
            step.changed = self.run(&step.statement, &step.binds, &mut *step.sink).await?;
            return Ok(());
        }
        for step in steps.iter() {
            self.trace(&step.statement);
        }
        let limit = self.limit();
        let State::Open(lease) = &mut self.state else { return Err(outside()) };
        let result = limit.keep(Command::Statement, lease.connection().run_all(steps)).await;
        self.notice_end(&result);
        result.map_err(|error| self.explained(error, steps.iter().flat_map(|step| step.binds.iter())))
    }

    /// As [`run_all`](Self::run_all); how many rows each step changed.
    pub(crate) async fn run_all_counted(&mut self, mut steps: Vec<Step<'_>>) -> Result<Vec<u64>> {
        self.run_all(&mut steps).await?;
        Ok(steps.iter().map(|step| step.changed).collect())
    }
}

/// For steps without rows. A value without size is not allocated.
fn nowhere<'a>() -> &'a mut Discard {
    Box::leak(Box::new(Discard))
}
