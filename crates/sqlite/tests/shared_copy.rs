//! A program that uses rusqlite too shares the driver's copy of SQLite, and may have opened its file before the driver.
//!
//! One test, in a binary of its own: the system calls are replaced once for the process. Other processes are this binary
//! again, told by an argument what to do.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

#[path = "driver/support.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with the other tests of the driver")]
mod support;

use reprieve_core::driver::{Driver, Isolation};
use reprieve_sqlite::{SqliteDriver, SqliteOptions};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use support::{Threads, Verbs, wait};

/// Names the file to another process of this test.
const FILE: &str = "REPRIEVE_TEST_FILE";

/// Whether another process finds the database locked for writing.
fn is_locked(file: &Path) -> bool {
    let test = "another_process_tries_to_write";
    let mut command = Command::new(std::env::current_exe().unwrap());
    let done = command.args(["--exact", test, "--ignored"]).env(FILE, file).output().unwrap();
    !done.status.success()
}

#[test]
#[ignore = "run by the test below, in a process of its own"]
fn another_process_tries_to_write() {
    let file = std::env::var_os(FILE).expect("the file to write to");
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK").unwrap();
}

#[test]
fn a_connection_that_was_open_before_the_driver_keeps_its_locks_and_gives_them_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.db");
    let first = rusqlite::Connection::open(&file).unwrap();
    first.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t (id INTEGER PRIMARY KEY)").unwrap();
    first.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").unwrap();

    let driver = SqliteDriver::new(SqliteOptions::file(&file), Arc::new(Threads::default())).unwrap();
    let mut connection = wait(driver.connect()).unwrap();
    assert_eq!(connection.ints("SELECT id FROM t"), []);
    assert!(is_locked(&file), "the first connection writes");
    first.execute_batch("COMMIT").unwrap();
    assert!(!is_locked(&file), "its lock was given back");
    assert_eq!(connection.ints("SELECT id FROM t"), [1]);

    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("INSERT INTO t VALUES (2)").unwrap();
    assert!(is_locked(&file), "the driver writes");
    wait(connection.commit()).unwrap();
    assert!(!is_locked(&file));
    drop(first);
    wait(connection.begin(Isolation::default())).unwrap();
    assert!(is_locked(&file));
    wait(connection.rollback()).unwrap();

    // A file that was not open then is locked by descriptors; a reader that came first does not stand in a writer's way.
    let file = folder.path().join("later.db");
    let maker = rusqlite::Connection::open(&file).unwrap();
    maker.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t (id INTEGER PRIMARY KEY)").unwrap();
    drop(maker);
    let reader =
        rusqlite::Connection::open_with_flags(&file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let count = || reader.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count(), 0);
    let driver = SqliteDriver::new(SqliteOptions::file(&file), Arc::new(Threads::default())).unwrap();
    let mut connection = wait(driver.connect()).unwrap();
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("INSERT INTO t VALUES (1)").unwrap();
    assert!(is_locked(&file));
    wait(connection.commit()).unwrap();
    assert!(!is_locked(&file));
    assert_eq!(count(), 1);
}
