//! Empty SQLite databases.

use proptest::test_runner::{Config, TestRunner};
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

/// Runs a property on random lives; of all the lives that fail while the shortest is searched, only that is shown.
#[allow(dead_code, reason = "not every target uses it")]
pub(crate) fn property<S: proptest::strategy::Strategy>(lives: u32, lived: &S, life: impl Fn(S::Value)) {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string();
        if text.contains("minimal failing input") {
            eprintln!("{text}");
        }
    }));
    let config = Config { cases: lives, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(lived, |lived| {
        life(lived);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
