use crate::support::{Threads, Verbs, wait};
use reprieve_core::driver::{Connection, Driver, Isolation};
use reprieve_sqlite::{SqliteDriver, SqliteOptions};
use std::path::PathBuf;
use std::sync::Arc;

fn memory() -> SqliteDriver {
    SqliteDriver::new(SqliteOptions::memory(), Arc::new(Threads::default())).unwrap()
}

/// Where the database is, asked of SQLite.
fn folder(connection: &mut Box<dyn Connection>) -> PathBuf {
    use crate::support::{Rows, once};
    use reprieve_core::{query::Reach, value::Value};
    let mut rows = Rows::of(3);
    wait(connection.run(&once("PRAGMA database_list", Reach::Set), &[], &mut rows)).unwrap();
    let Value::Text(file) = &rows.rows[0][2] else { panic!("no file") };
    PathBuf::from(file).parent().unwrap().to_owned()
}

#[test]
fn connections_share_a_database_in_memory_and_readers_pass_the_writer() {
    let driver = memory();
    let mut writer = wait(driver.connect()).unwrap();
    let mut reader = wait(driver.connect()).unwrap();
    writer.exec("CREATE TABLE t (id INTEGER PRIMARY KEY)").unwrap();
    wait(writer.begin(Isolation::default())).unwrap();
    writer.exec("INSERT INTO t VALUES (1)").unwrap();
    assert_eq!(reader.ints("SELECT id FROM t"), []);
    wait(writer.commit()).unwrap();
    assert_eq!(reader.ints("SELECT id FROM t"), [1]);
    let mut stranger = wait(memory().connect()).unwrap();
    assert!(stranger.exec("SELECT id FROM t").is_err(), "each driver has a database of its own");
}

#[test]
fn a_database_in_memory_leaves_nothing_behind() {
    for close in [true, false] {
        let driver = memory();
        let mut connection = wait(driver.connect()).unwrap();
        let folder = folder(&mut connection);
        assert!(folder.exists());
        drop(connection);
        if close {
            wait(driver.close()).unwrap();
            assert!(!folder.exists());
        }
        drop(driver);
        assert!(!folder.exists());
    }
}

#[test]
fn a_database_in_memory_lives_as_long_as_its_last_connection() {
    let driver = memory();
    let mut connection = wait(driver.connect()).unwrap();
    let folder = folder(&mut connection);
    drop(driver);
    connection.exec("CREATE TABLE t (id)").unwrap();
    drop(connection);
    assert!(!folder.exists());
}
