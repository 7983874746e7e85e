//! The suite on SQLite: on a file, and in memory.

use reprieve_conformance::{Fresh, conformance};
use reprieve_core::driver::Runtime;
use reprieve_sqlite::{SqliteDriver, SqliteOptions};
use std::sync::Arc;

fn fresh_file(runtime: Arc<dyn Runtime>) -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::file(folder.path().join("suite.db"));
    Fresh { driver: Arc::new(SqliteDriver::new(options, runtime).unwrap()), keep: Box::new(folder) }
}

fn fresh_memory(runtime: Arc<dyn Runtime>) -> Fresh {
    let driver = SqliteDriver::new(SqliteOptions::memory(), runtime).unwrap();
    Fresh { driver: Arc::new(driver), keep: Box::new(()) }
}

conformance!(file, crate::fresh_file);
conformance!(memory, crate::fresh_memory);
