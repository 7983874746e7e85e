//! The driver: hands out connections to one database.

use crate::connection::SqliteConnection;
use crate::options::SqliteOptions;
use crate::shared::Shared;
use crate::{checkpoint, open};
use reprieve_core::driver::{BoxFuture, Capability, Connection, Driver, Runtime};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Dialect;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::oneshot;

/// One SQLite database: a file, or one in memory that all connections share.
pub struct SqliteDriver {
    shared: Arc<Shared>,
}

impl SqliteDriver {
    /// A driver for this database. The file is not opened before the first connection.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] when there is no place for a database in memory.
    pub fn new(options: SqliteOptions, runtime: Arc<dyn Runtime>) -> Result<Self> {
        Ok(Self { shared: Arc::new(Shared::new(options, runtime)?) })
    }

    /// Runs a job on a blocking thread; its panic becomes an error.
    async fn elsewhere<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Shared) -> T + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let shared = self.shared.clone();
        self.shared.runtime.spawn_blocking(Box::new(move || {
            let answer = job(&shared);
            // Whoever has the answer may be the last to hold the database.
            drop(shared);
            // When nobody waits any more, what was made is dropped here.
            let _ = sender.send(answer);
        }));
        receiver
            .await
            .map_err(|_| Error::new(Kind::Internal, "a job of the SQLite driver ended without an answer"))
    }
}

impl Driver for SqliteDriver {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn capability(&self) -> Capability {
        Capability::SQLITE
    }

    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(async move {
            if self.shared.is_forked() {
                return Err(self.shared.forked());
            }
            if self.shared.closed.load(Relaxed) {
                return Err(Error::new(Kind::Session, format!("{} has been closed", self.shared.place)));
            }
            let raw = self.elsewhere(open::connection).await??;
            Ok(Box::new(SqliteConnection::new(raw, self.shared.clone())) as Box<dyn Connection>)
        })
    }

    fn address(&self) -> String {
        match self.shared.memory {
            Some(_) => "sqlite:///:memory:".to_owned(),
            None => format!("sqlite:///{}", self.shared.place),
        }
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            if self.shared.is_forked() || self.shared.closed.swap(true, Relaxed) {
                return Ok(());
            }
            self.elsewhere(checkpoint::close).await
        })
    }
}

impl fmt::Debug for SqliteDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteDriver").field("address", &self.address()).finish_non_exhaustive()
    }
}
