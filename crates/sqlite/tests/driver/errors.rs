use crate::support::{Database, Verbs, wait};
use reprieve_core::driver::{Connection, ConnectionState, Isolation};
use reprieve_core::error::{Error, Kind};

fn failing(connection: &mut Box<dyn Connection>, sql: &str) -> Error {
    connection.exec(sql).unwrap_err()
}

#[test]
fn violations_are_told_apart_and_name_their_columns() {
    let database = Database::new();
    let mut c = database.connect();
    c.exec("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT NOT NULL CHECK (name <> ''))").unwrap();
    c.exec("CREATE TABLE posts (author INTEGER REFERENCES users (id))").unwrap();
    c.exec("INSERT INTO users VALUES (1, 'a@b', 'A')").unwrap();
    for (sql, kind, field) in [
        ("INSERT INTO users VALUES (1, 'x', 'A')", Kind::UniqueViolation, Some("id")),
        ("INSERT INTO users VALUES (2, 'a@b', 'A')", Kind::UniqueViolation, Some("email")),
        ("INSERT INTO users VALUES (2, 'x', NULL)", Kind::InvalidValue, Some("name")),
        ("INSERT INTO users VALUES (2, 'x', '')", Kind::ConstraintViolation, None),
        ("INSERT INTO users VALUES ('two', 'x', 'A')", Kind::InvalidValue, None),
        ("INSERT INTO posts VALUES (9)", Kind::ConstraintViolation, None),
        ("INSERT INTO comments VALUES (9)", Kind::MissingTable, None),
        ("SELECT nothing FROM users", Kind::Database, None),
        // A column that does not exist is not silently a text.
        ("SELECT \"nothing\" FROM users", Kind::Database, None),
        ("SELEC 1", Kind::Database, None),
    ] {
        let error = failing(&mut c, sql);
        assert_eq!((error.kind(), error.context().field().as_deref()), (kind, field), "{sql}: {error:?}");
        assert!(std::error::Error::source(&error).is_some(), "{sql}");
        assert_eq!(error.context().model, None);
    }
    assert_eq!(failing(&mut c, "DELETE FROM comments").context().table.as_deref(), Some("comments"));
}

#[test]
fn a_full_disk_is_unavailable_and_nothing_half_done_is_committed() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    connection.ints("PRAGMA max_page_count = 10");
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("UPDATE t SET name = 'before'").unwrap();
    let error = connection.exec_set("INSERT INTO t (name) VALUES (hex(zeroblob(100000)))").unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
    assert!(error.to_string().contains("no space left"), "{error}");
    assert_eq!(connection.state(), ConnectionState::Transaction);
    wait(connection.rollback()).unwrap();
    assert_eq!(connection.ints("SELECT id FROM t WHERE name = 'name 1'"), [1]);
    assert_eq!(connection.exec("UPDATE t SET name = 'after'").unwrap(), 1);
}

#[test]
fn a_database_that_cannot_be_written_is_unavailable() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    connection.exec("PRAGMA query_only = 1").unwrap();
    let error = failing(&mut connection, "DELETE FROM t");
    assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
    assert!(error.to_string().contains("read-only") && error.to_string().contains("test.db"), "{error}");
}
