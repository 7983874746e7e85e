use crate::support::{Database, Threads, Verbs, wait};
use reprieve_core::driver::Driver;
use reprieve_core::driver::Isolation;
use reprieve_core::error::{Error, Kind};
use reprieve_sqlite::{SqliteDriver, SqliteOptions};
use std::path::Path;
use std::sync::Arc;

fn refused(path: &Path) -> Error {
    let driver = SqliteDriver::new(SqliteOptions::file(path), Arc::new(Threads::default())).unwrap();
    let error = match wait(driver.connect()) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    };
    assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    error
}

#[test]
fn what_is_wrong_with_a_path_is_said() {
    let folder = tempfile::tempdir().unwrap();
    assert!(refused(folder.path()).to_string().contains("is a folder"));
    assert!(refused(&folder.path().join("no/such.db")).to_string().contains("does not exist"));
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "These are notes, and notes are not pages of a database. ".repeat(100)).unwrap();
    assert!(refused(&text).to_string().contains("not a SQLite database"));
    assert!(refused(&text.join("x.db")).to_string().contains("is not a folder"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was made");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_read_all_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let database = Database::new();
    rusqlite::Connection::open(database.file())
        .unwrap()
        .execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
        .unwrap();
    std::fs::set_permissions(database.file(), PermissionsExt::from_mode(0o444)).unwrap();
    let privileged = std::fs::OpenOptions::new().write(true).open(database.file()).is_ok();
    let mut connection = database.connect();
    assert_eq!(connection.ints("SELECT id FROM t"), [1]);
    // The administrator may write anything.
    if !privileged {
        assert_eq!(wait(connection.begin(Isolation::default())).unwrap_err().kind(), Kind::Unavailable);
    }
}

#[test]
fn a_missing_file_is_made_and_set_up() {
    let database = Database::new();
    let mut connection = database.connect();
    assert!(database.file().exists());
    assert_eq!(connection.int("PRAGMA foreign_keys"), 1);
    assert_eq!(connection.int("PRAGMA synchronous"), 1);
    let mode: String = database.stranger().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn many_connections_may_make_the_file_at_the_same_time() {
    let database = Database::new();
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(|| database.connect())).collect();
        all.into_iter().for_each(|one| drop(one.join().unwrap()));
    });
}

#[test]
fn a_closed_driver_opens_nothing() {
    let database = Database::new();
    drop(database.connect());
    wait(database.driver.close()).unwrap();
    wait(database.driver.close()).unwrap();
    assert_eq!(wait(database.driver.connect()).err().unwrap().kind(), Kind::Session);
}

#[test]
fn the_address_names_the_absolute_file() {
    let database = Database::new();
    assert_eq!(database.driver.address(), format!("sqlite:///{}", database.file().display()));
    let back = SqliteOptions::parse(&database.driver.address()).unwrap();
    assert_eq!(back.path(), Some(database.file().as_path()));
}
