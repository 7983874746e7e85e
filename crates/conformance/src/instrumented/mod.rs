//! A driver around a driver: writes down what runs, and lets one chosen call fail in a chosen way.

mod connection;
mod log;

pub use log::{Fault, How, Log, Ran};

use connection::Observed;
use reprieve_core::driver::{BoxFuture, Capability, Connection, Driver};
use reprieve_core::error::Result;
use reprieve_core::sql::Dialect;
use std::sync::Arc;

/// A driver whose connections report to a [`Log`] and take their faults from it.
pub struct Instrumented {
    inner: Arc<dyn Driver>,
    log: Arc<Log>,
}

impl Instrumented {
    /// Around this driver.
    pub fn new(inner: Arc<dyn Driver>) -> Self {
        Self { inner, log: Arc::default() }
    }

    /// What ran, and what will fail.
    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }
}

impl Driver for Instrumented {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn capability(&self) -> Capability {
        self.inner.capability()
    }

    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Connection>>> {
        Box::pin(async {
            let inner = self.inner.connect().await?;
            Ok(Box::new(Observed::new(inner, self.log.clone())) as Box<dyn Connection>)
        })
    }

    fn address(&self) -> String {
        self.inner.address()
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        self.inner.close()
    }
}

impl std::fmt::Debug for Instrumented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Instrumented({})", self.address())
    }
}
