//! Empty SQLite databases.

use reprieve_conformance::Fresh;
use reprieve_core::driver::Runtime;
use reprieve_sqlite::{SqliteDriver, SqliteOptions};
use std::sync::Arc;

/// In a file in a folder of its own.
#[allow(dead_code, reason = "not every target uses both")]
pub(crate) fn file(runtime: Arc<dyn Runtime>) -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::file(folder.path().join("suite.db"));
    Fresh { driver: Arc::new(SqliteDriver::new(options, runtime).unwrap()), keep: Box::new(folder) }
}

/// In memory.
#[allow(dead_code, reason = "not every target uses both")]
pub(crate) fn memory(runtime: Arc<dyn Runtime>) -> Fresh {
    let driver = SqliteDriver::new(SqliteOptions::memory(), runtime).unwrap();
    Fresh { driver: Arc::new(driver), keep: Box::new(()) }
}
