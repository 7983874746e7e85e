//! The driver: hands out connections to one database.

use crate::crowd::Crowd;
use crate::link::Link;
use crate::options::PostgresOptions;
use crate::shared::Shared;
use crate::{connection::PostgresConnection, warm};
use futures_util::future::select;
use reprieve_core::driver::{BoxFuture, Capability, Connection, Driver, Pipeline, Runtime};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Dialect;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// How long closing waits for requests that statements be stopped.
const PATIENCE: Duration = Duration::from_secs(2);

/// One PostgreSQL database.
pub struct PostgresDriver {
    shared: Arc<Shared>,
}

impl PostgresDriver {
    /// A driver for this database. Nothing is opened before the first connection.
    pub fn new(options: PostgresOptions, runtime: Arc<dyn Runtime>) -> Self {
        Self { shared: Arc::new(Shared::new(options, runtime)) }
    }

    async fn open(&self) -> Result<Link> {
        if self.shared.is_forked() {
            return Err(self.shared.forked());
        }
        if self.shared.closed.load(Relaxed) {
            return Err(Error::new(Kind::Session, format!("{} has been closed", self.address())));
        }
        warm::open(&self.shared).await
    }
}

impl Driver for PostgresDriver {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn capability(&self) -> Capability {
        Capability::POSTGRES
    }

    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(async move {
            let link = self.open().await?;
            Ok(Box::new(PostgresConnection::new(link, self.shared.clone())) as Box<dyn Connection>)
        })
    }

    fn pipeline(&self) -> Option<BoxFuture<'_, Result<Arc<dyn Pipeline>>>> {
        Some(Box::pin(async move {
            let link = self.open().await?;
            Ok(Arc::new(Crowd::new(link, self.shared.clone())) as Arc<dyn Pipeline>)
        }))
    }

    fn address(&self) -> String {
        self.shared.options.to_string()
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        self.shared.closed.store(true, Relaxed);
        Box::pin(async move {
            // A child waits for none of its parent's threads.
            if !self.shared.is_forked() {
                let sent = pin!(self.shared.cancellations.wait());
                // On a network that is silent, a request may take longer than anybody who leaves will wait.
                select(sent, self.shared.runtime.sleep(PATIENCE)).await;
            }
            Ok(())
        })
    }
}

impl fmt::Debug for PostgresDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresDriver").field("address", &self.address()).finish_non_exhaustive()
    }
}
