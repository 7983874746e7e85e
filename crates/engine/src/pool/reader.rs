//! Reads of one row: on a connection of their own, or on one that a crowd of them has in common.

use super::{Lease, Pool};
use crate::limit::{Command, Limit};
use reprieve_core::driver::{Pipeline, RowSink};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::sync::{Arc, PoisonError};

/// What a read of one row goes by: a connection of its own, or one that a crowd of such reads has in common.
pub(crate) enum Reader {
    Own(Lease),
    Shared(Arc<dyn Pipeline>),
}

impl Pool {
    /// For a read of one row outside of a transaction. A crowd of them waits neither for connections nor in line.
    pub(crate) async fn acquire_reader(self: &Arc<Self>) -> Result<Reader> {
        let total = self.limits.size + self.limits.overflow;
        let in_use = total.saturating_sub(self.turns.available_permits());
        // Whoever must not wait for others cannot wait for the one that opens it either.
        if !self.pipelines || in_use < self.limits.size || !self.runtime.may_wait() {
            return self.acquire().await.map(Reader::Own);
        }
        self.check()?;
        self.shared().await.map(Reader::Shared)
    }

    /// The connection of this place that many use at once.
    async fn shared(&self) -> Result<Arc<dyn Pipeline>> {
        let place = self.runtime.place();
        if let Some(shared) = self.open_pipeline(place) {
            return Ok(shared);
        }
        let _opening = self.opening.lock().await;
        if let Some(shared) = self.open_pipeline(place) {
            return Ok(shared);
        }
        let Some(opening) = self.driver.pipeline() else {
            return Err(Error::new(Kind::Internal, "A driver opens no pipeline: please report this"));
        };
        let shared = opening.await?;
        let mut pipelines = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        pipelines.retain(|(_, other)| other.is_usable());
        pipelines.push((place, shared.clone()));
        Ok(shared)
    }

    /// Answers do not come by it any more, for all that is known: those who come next get another.
    fn forget(&self, pipeline: &Arc<dyn Pipeline>) {
        let mut pipelines = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        pipelines.retain(|(_, other)| !Arc::ptr_eq(other, pipeline));
    }

    fn open_pipeline(&self, place: u64) -> Option<Arc<dyn Pipeline>> {
        let pipelines = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, shared) = pipelines.iter().find(|(other, _)| *other == place)?;
        shared.is_usable().then(|| shared.clone())
    }
}

impl Reader {
    /// Runs a read by itself.
    pub(crate) async fn read(
        &mut self,
        pool: &Pool,
        limit: &Limit,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        match self {
            Self::Own(lease) => {
                let reply = lease.connection().run(statement, binds, sink);
                limit.keep(Command::Statement, reply).await.map(drop)
            }
            Self::Shared(pipeline) => {
                let result = limit.keep(Command::Statement, pipeline.read(statement, binds, sink)).await;
                if result.as_ref().is_err_and(|error| error.kind() == Kind::Timeout) {
                    pool.forget(pipeline);
                }
                result
            }
        }
    }
}
