use crate::support::{Database, Verbs, wait};
use reprieve_core::driver::{Connection, Driver, Isolation};

const PAGE: u64 = 4096;

fn write_pages(connection: &mut Box<dyn Connection>, pages: u64) {
    wait(connection.begin(Isolation::default())).unwrap();
    connection
        .exec_set(&format!("INSERT INTO t (name) VALUES (hex(zeroblob({})))", pages * PAGE / 2))
        .unwrap();
    wait(connection.commit()).unwrap();
}

#[test]
fn a_long_log_is_written_back_on_a_thread_and_used_again() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    write_pages(&mut connection, 1200);
    assert_eq!(database.runtime.jobs(), 3, "the write, the commit, the checkpoint");
    database.runtime.join();
    let length = database.wal_length();
    assert!(length > 1200 * PAGE);
    assert!(database.file().metadata().unwrap().len() > 1200 * PAGE, "it is in the database");
    for _ in 0..5 {
        write_pages(&mut connection, 900);
        database.runtime.join();
    }
    assert!(database.wal_length() < 2 * length, "the log starts anew after it was written back");
}

#[test]
fn a_log_that_a_reader_made_very_long_is_cut() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    let reader = database.stranger();
    reader.execute_batch("BEGIN; SELECT * FROM t").unwrap();
    write_pages(&mut connection, 21_000);
    database.runtime.join();
    assert!(database.wal_length() > 21_000 * PAGE);
    reader.execute_batch("COMMIT").unwrap();
    write_pages(&mut connection, 1100);
    database.runtime.join();
    assert_eq!(database.wal_length(), 0);
}

#[test]
fn a_short_log_starts_no_job() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    for _ in 0..20 {
        wait(connection.begin(Isolation::default())).unwrap();
        connection.exec("UPDATE t SET name = name || 'x'").unwrap();
        wait(connection.rollback()).unwrap();
        connection.exec("UPDATE t SET name = name || 'x'").unwrap();
    }
    assert_eq!(database.runtime.jobs(), 0);
}

#[test]
fn closing_writes_the_log_back_and_removes_it() {
    let database = Database::new();
    let connection = database.with_rows(1000);
    assert!(database.wal_length() > 0);
    drop(connection);
    wait(database.driver.close()).unwrap();
    let left: Vec<_> =
        std::fs::read_dir(database.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["test.db"]);
}
