//! What the connections of a driver share.

use crate::cancel;
use crate::options::PostgresOptions;
use reprieve_core::driver::Runtime;
use reprieve_core::error::{Error, Kind};
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

pub(crate) struct Shared {
    pub(crate) options: PostgresOptions,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) epoch: u64,
    pub(crate) closed: AtomicBool,
    /// The statements that the server is being asked to stop.
    pub(crate) cancellations: Arc<cancel::Pending>,
    /// The collation that stands for [`reprieve_core::sql::FOLD_COLLATION`] on this server, once it was asked for.
    pub(crate) folding: OnceLock<Arc<str>>,
}

impl Shared {
    pub(crate) fn new(options: PostgresOptions, runtime: Arc<dyn Runtime>) -> Self {
        let epoch = runtime.process_epoch();
        Self {
            options,
            runtime,
            epoch,
            closed: AtomicBool::new(false),
            cancellations: Arc::default(),
            folding: OnceLock::new(),
        }
    }

    /// Whether this is a child of the process that made the driver.
    pub(crate) fn is_forked(&self) -> bool {
        self.runtime.process_epoch() != self.epoch
    }

    #[cold]
    pub(crate) fn forked(&self) -> Error {
        Error::new(
            Kind::Forked,
            "the connection belongs to the process that this one was forked from: make a new Database here",
        )
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}
